"""The binary version of CIFAR, read strictly."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from cnnviz.data.cifar import read_steps
from cnnviz.data.errors import DataError
from cnnviz.data.idx import drain
from tests.data.published import cifar

if TYPE_CHECKING:
    from pathlib import Path

COUNT = 7
IMAGES = np.random.default_rng(1).integers(0, 256, (COUNT, 32, 32, 3), np.uint8)
LABELS = np.arange(COUNT) % 5


def test_planes_become_colours(tmp_path: Path) -> None:
    path = tmp_path / "data_batch_1.bin"
    path.write_bytes(cifar(IMAGES, LABELS))
    images, labels = drain(read_steps([path], COUNT, 10))
    assert np.array_equal(images, IMAGES)
    assert labels.tolist() == LABELS.tolist()
    assert not images.flags.writeable
    assert not labels.flags.writeable


def test_files_follow_each_other_and_the_fine_label_counts(tmp_path: Path) -> None:
    paths = [tmp_path / "a.bin", tmp_path / "b.bin"]
    for path, shift in zip(paths, (0, 50), strict=True):
        path.write_bytes(cifar(IMAGES, LABELS, LABELS + shift))
    images, labels = drain(read_steps(paths, COUNT, 100, labels=2))
    assert np.array_equal(images, np.concatenate([IMAGES, IMAGES]))
    assert labels.tolist() == [*LABELS, *(LABELS + 50)]


@pytest.mark.parametrize(("change", "said"), [(-1, "21,510 bytes"), (1, "21,512 bytes")])
def test_a_file_of_another_length_is_refused(tmp_path: Path, change: int, said: str) -> None:
    path = tmp_path / "test_batch.bin"
    path.write_bytes((cifar(IMAGES, LABELS) + b"\0")[: COUNT * 3073 + change])
    with pytest.raises(DataError, match=f"test_batch.bin has {said} instead of 21,511"):
        drain(read_steps([path], COUNT, 10))


def test_a_label_out_of_range_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "test_batch.bin"
    labels = LABELS.copy()
    labels[4] = 10
    path.write_bytes(cifar(IMAGES, labels))
    with pytest.raises(DataError, match="item 4 the label 10, but labels go from 0 to 9"):
        drain(read_steps([path], COUNT, 10))


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"no file train\.bin"):
        drain(read_steps([tmp_path / "train.bin"], COUNT, 10))
