"""Hostile and broken IDX files: each gets its own sentence, and none gets far."""

from __future__ import annotations

import gzip
import math
import tracemalloc
from pathlib import Path

import numpy as np
import psutil
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cnnviz.data.errors import DataError
from cnnviz.data.idx import MAX_BYTES, drain, read_idx, read_idx_steps, read_labelled_steps

IMAGES = (3, 4, 5)


def idx(shape: tuple[int, ...], values: bytes | None = None, magic: int | None = None) -> bytes:
    magic = 0x800 + len(shape) if magic is None else magic
    header = magic.to_bytes(4, "big") + b"".join(size.to_bytes(4, "big") for size in shape)
    if values is None:
        values = bytes(i % 251 for i in range(math.prod(shape)))
    return header + values


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "digits-images.gz"


def refused(path: Path, shape: tuple[int | None, ...] = IMAGES) -> str:
    with pytest.raises(DataError) as caught:
        read_idx(path, shape)
    assert str(caught.value) == str(caught.value.message)
    return str(caught.value)


@given(
    shape=st.lists(st.integers(1, 9), min_size=1, max_size=4).map(tuple),
    exact=st.booleans(),
)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30)
def test_round_trip(file: Path, shape: tuple[int, ...], exact: bool) -> None:
    file.write_bytes(gzip.compress(idx(shape)))
    array = read_idx(file, shape if exact else (None,) * len(shape))
    assert array.shape == shape
    assert array.tobytes() == idx(shape)[4 + 4 * len(shape) :]
    assert not array.flags.writeable


def test_no_file(file: Path) -> None:
    message = refused(file)
    assert message.startswith("digits-images.gz is missing. Put it into ")
    assert str(file.parent) in message


def test_folder(tmp_path: Path) -> None:
    assert "cannot be read (" in refused(tmp_path)


@pytest.mark.parametrize("content", [b"", b"\x1f", idx(IMAGES), b"<html>not found</html>"])
def test_not_gzip(file: Path, content: bytes) -> None:
    file.write_bytes(content)
    assert "is not compressed with gzip" in refused(file)


def test_every_truncation_is_noticed(file: Path) -> None:
    whole = gzip.compress(idx(IMAGES))
    for length in range(2, len(whole)):
        file.write_bytes(whole[:length])
        assert "is cut off in the middle" in refused(file)


def test_no_flipped_bit_changes_the_values_unnoticed(file: Path) -> None:
    whole = gzip.compress(idx(IMAGES))
    right = idx(IMAGES)[16:]
    unnoticed = 0
    for place in range(10, len(whole)):  # behind gzip's own header
        file.write_bytes(whole[:place] + bytes([whole[place] ^ 0x10]) + whole[place + 1 :])
        try:
            assert read_idx(file, IMAGES).tobytes() == right
            unnoticed += 1
        except DataError:
            continue
    assert unnoticed <= 1  # the bits that fill up the last byte before the checksum


def test_wrong_checksum(file: Path) -> None:
    whole = bytearray(gzip.compress(idx(IMAGES)))
    whole[-8] ^= 1
    file.write_bytes(whole)
    assert "is damaged" in refused(file)


def test_rubbish_behind_the_compressed_data(file: Path) -> None:
    file.write_bytes(gzip.compress(idx(IMAGES)) + b"rubbish")
    assert "is damaged" in refused(file)


def test_labels_where_images_are_expected(file: Path) -> None:
    file.write_bytes(gzip.compress(idx((60,))))
    message = refused(file)
    assert "magic number 0x00000801, but 0x00000803 was expected" in message


def test_values_that_are_not_bytes(file: Path) -> None:
    file.write_bytes(gzip.compress(idx(IMAGES, magic=0x00000D03)))
    assert "magic number 0x00000d03" in refused(file)


@pytest.mark.parametrize("length", [0, 3, 4, 15])
def test_ends_inside_the_header(file: Path, length: int) -> None:
    file.write_bytes(gzip.compress(idx(IMAGES)[:length]))
    assert "ends inside its header" in refused(file)


def test_wrong_count(file: Path) -> None:
    file.write_bytes(gzip.compress(idx((2, 4, 5))))
    assert "announces data of 2×4×5, but 3×4×5 was expected" in refused(file)


def test_wrong_size(file: Path) -> None:
    file.write_bytes(gzip.compress(idx((3, 5, 4))))
    assert "3×5×4, but n×4×5 was expected" in refused(file, (None, 4, 5))


def test_nothing_in_it(file: Path) -> None:
    file.write_bytes(gzip.compress(idx((0, 4, 5))))
    assert "announces data of 0×4×5" in refused(file, (None, 4, 5))


def test_too_short(file: Path) -> None:
    file.write_bytes(gzip.compress(idx(IMAGES)[:-1]))
    assert "holds 59 values, but its header announces 60" in refused(file)


def test_too_long(file: Path) -> None:
    file.write_bytes(gzip.compress(idx(IMAGES) + b"\0"))
    assert "goes on after the 60 values" in refused(file)


def test_a_bomb_is_left_alone(file: Path) -> None:
    with gzip.open(file, "wb") as stream:
        stream.write(idx(IMAGES))
        for _ in range(64):
            stream.write(bytes(1 << 20))
    assert file.stat().st_size < 100_000
    tracemalloc.start()
    try:
        assert "goes on after the 60 values" in refused(file)
        assert tracemalloc.get_traced_memory()[1] < 4 << 20
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(
    "shape", [(MAX_BYTES + 1, 1, 1), (1 << 16, 1 << 16, 1 << 16), ((1 << 32) - 1,) * 3]
)
def test_an_announced_giant_is_refused_before_memory_is_asked_for(
    file: Path, shape: tuple[int, ...]
) -> None:
    file.write_bytes(gzip.compress(idx(shape, b"\1")))
    tracemalloc.start()
    try:
        message = refused(file, (None, None, None))
        assert tracemalloc.get_traced_memory()[1] < 4 << 20
    finally:
        tracemalloc.stop()
    assert f"announces {math.prod(shape):,} values, more than the {MAX_BYTES:,}" in message


def test_steps_can_be_left_halfway(file: Path) -> None:
    file.write_bytes(gzip.compress(idx((5, 600, 700))))
    before = psutil.Process().open_files()
    steps = read_idx_steps(file, (5, 600, 700))
    next(steps)
    next(steps)
    assert len(psutil.Process().open_files()) == len(before) + 1
    steps.close()
    assert psutil.Process().open_files() == before


class TestLabelled:
    @pytest.fixture
    def labels(self, tmp_path: Path) -> Path:
        return tmp_path / "digits-labels.gz"

    def test_fits(self, file: Path, labels: Path) -> None:
        file.write_bytes(gzip.compress(idx(IMAGES)))
        labels.write_bytes(gzip.compress(idx((3,), bytes([0, 9, 4]))))
        images, numbers = drain(read_labelled_steps(file, labels, IMAGES, 10))
        assert images.shape == IMAGES
        assert np.array_equal(numbers, [0, 9, 4])

    def test_label_out_of_range(self, file: Path, labels: Path) -> None:
        file.write_bytes(gzip.compress(idx(IMAGES)))
        labels.write_bytes(gzip.compress(idx((3,), bytes([0, 9, 10]))))
        with pytest.raises(DataError, match="gives item 2 the label 10, but labels go from 0 to 9"):
            drain(read_labelled_steps(file, labels, IMAGES, 10))

    def test_counts_differ(self, file: Path, labels: Path) -> None:
        file.write_bytes(gzip.compress(idx(IMAGES)))
        labels.write_bytes(gzip.compress(idx((4,), bytes(4))))
        with pytest.raises(
            DataError, match=r"images\.gz holds 3 images but digits-labels\.gz 4 labels"
        ):
            drain(read_labelled_steps(file, labels, IMAGES, 10))
