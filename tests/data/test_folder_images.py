"""Pictures of a folder as arrays, and their cache."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from PIL import Image

from cnnviz.data import folder_images
from cnnviz.data.errors import DataError
from cnnviz.data.folder_images import Decoded, read_steps
from cnnviz.data.folders import ImageFolder, Part
from cnnviz.data.idx import drain
from cnnviz.data.storage import VARIABLE

if TYPE_CHECKING:
    from collections.abc import Callable

RED, GREEN = (255, 0, 0), (0, 255, 0)


@pytest.fixture
def pictures(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Red and green pictures of different sizes and kinds."""
    monkeypatch.setenv(VARIABLE, str(tmp_path / "data"))
    folder = tmp_path / "pictures"
    for name, colour in (("green", GREEN), ("red", RED)):
        (folder / name).mkdir(parents=True)
        for number in range(6):
            size = (20 + 9 * number, 40 - 5 * number)
            kind = ("png", "jpg", "bmp")[number % 3]
            Image.new("RGB", size, colour).save(folder / name / f"{number}.{kind}")
    return folder


def source(folder: Path, side: int = 16, channels: int = 3) -> ImageFolder:
    assert channels in (1, 3)
    return ImageFolder(str(folder), side, side, 3 if channels == 3 else 1, ("green", "red"))


def read(folder: ImageFolder, part: Part = "train") -> Decoded:
    return drain(read_steps(folder, part))


def test_every_size_becomes_the_one(pictures: Path) -> None:
    found = read(source(pictures))
    assert found.images.shape == (10, 16, 16, 3)
    assert found.labels.tolist() == [0] * 5 + [1] * 5
    assert found.skipped is None
    assert (abs(found.images[:5].astype(int) - GREEN) < 4).all()  # JPEG is not exact
    assert (abs(found.images[5:].astype(int) - RED) < 4).all()
    assert not found.images.flags.writeable


def test_grey_has_no_channels(pictures: Path) -> None:
    found = read(source(pictures, channels=1), "test")
    assert found.images.shape == (2, 16, 16)
    assert (abs(found.images[1].astype(int) - 76) < 3).all()  # how light red is


def test_both_are_the_same_the_second_time_without_decoding(
    pictures: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = read(source(pictures))

    def refuse(*_: object) -> None:
        raise AssertionError("it was kept")

    monkeypatch.setattr("cnnviz.data.images.fitted_image", refuse)
    again = read(source(pictures))
    assert np.array_equal(again.images, first.images)
    assert np.array_equal(again.labels, first.labels)
    base = again.images
    while base.base is not None and not isinstance(base, np.memmap):
        base = base.base
    assert isinstance(base, np.memmap)  # mapped, not read


def change_one(pictures: Path) -> None:
    file = pictures / "red" / "0.png"
    Image.new("RGB", (30, 30), GREEN).save(file)
    os.utime(file, (1, 1))


def add_one(pictures: Path) -> None:
    for name in ("z1", "z2", "z3", "z4"):
        Image.new("RGB", (30, 30), RED).save(pictures / "red" / f"{name}.png")


def damage_cache(pictures: Path) -> None:
    for file in (pictures.parent / "data" / "cache").glob("*.images"):
        file.write_bytes(file.read_bytes()[:-1])


def damage_labels(pictures: Path) -> None:
    for file in (pictures.parent / "data" / "cache").glob("*.about"):
        file.write_bytes(b"\xc1")


@pytest.mark.parametrize("change", [change_one, add_one, damage_cache, damage_labels])
def test_what_has_changed_is_decoded_anew(pictures: Path, change: Callable[[Path], None]) -> None:
    read(source(pictures))
    change(pictures)
    fresh = ImageFolder(str(pictures), 16, 16, 3, ("green", "red"))
    found = read(fresh)
    for file in (pictures.parent / "data" / "cache").iterdir():
        file.unlink()
    assert np.array_equal(found.images, read(fresh).images)


def test_bad_files_are_left_out_and_told_also_from_the_cache(pictures: Path) -> None:
    whole = (pictures / "green" / "1.jpg").read_bytes()
    (pictures / "green" / "1.jpg").write_bytes(whole[: len(whole) // 3])
    (pictures / "red" / "nothing.png").touch()
    for _ in range(2):
        parts = [read(source(pictures), part) for part in ("train", "test")]
        assert sum(len(part.labels) for part in parts) == 11
        skipped = [part.skipped for part in parts if part.skipped]
        assert sum(each.count for each in skipped) == 2
        assert "could not be read and were left out" in str(skipped[0].said)


def test_only_bad_files_are_an_error(pictures: Path) -> None:
    for file in pictures.glob("*/*"):
        file.write_bytes(b"no picture at all")
    with pytest.raises(DataError, match="no picture that can be read"):
        read(source(pictures))


def test_too_much_memory_is_refused_before_it_is_asked_for(
    pictures: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(folder_images, "MAX_BYTES", 5000)
    with pytest.raises(DataError, match=r"10 pictures of 16×16 need 7,680 bytes.*smaller size"):
        read(source(pictures))
    assert read(source(pictures), "test").images.nbytes < 5000


def test_without_room_for_the_cache_it_works_all_the_same(
    pictures: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(path: Path) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(folder_images, "replacing", full)
    assert len(read(source(pictures)).labels) == 10


def test_the_cache_forgets_what_was_used_longest_ago(
    pictures: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache = pictures.parent / "data" / "cache"
    read(source(pictures, 16))
    (first,) = cache.glob("*.images")
    os.utime(first, (1, 1))
    monkeypatch.setattr(folder_images, "CACHED_BYTES", 10 * 12 * 12 * 3 + 100)
    read(source(pictures, 12))
    assert not first.exists()
    assert not first.with_suffix(".about").exists()
    assert len(list(cache.iterdir())) == 2


def test_it_tells_how_far_it_is(pictures: Path) -> None:
    told = list(read_steps(source(pictures), "train"))
    assert [step for step in told if step[1]][:10] == [(n, 10) for n in range(1, 11)]
