"""Archives from strangers: nothing of them comes to lie outside its folder."""

from __future__ import annotations

import io
import tarfile
import zipfile
from typing import TYPE_CHECKING

import pytest

from cnnviz.data import unpacking
from cnnviz.data.errors import DataError
from cnnviz.data.published import Kept
from cnnviz.data.unpacking import unpack_steps
from tests.data.published import tar_gz, zipped

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

DATA = bytes(range(256)) * 40
KEPT = (Kept("set", "train.bin", "top/train.bin", len(DATA)),)

EVIL = ("../evil", "../../evil", "/tmp/evil", "top/../../evil", "top\\..\\evil", "C:\\evil", "evil")
PACK = pytest.mark.parametrize("pack", [tar_gz, zipped])


def unpack(tmp_path: Path, data: bytes, kept: tuple[Kept, ...] = KEPT) -> list[str]:
    """Unpack it and return all files that there are then."""
    archive = tmp_path / "archive"
    archive.write_bytes(data)
    list(unpack_steps(archive, kept, tmp_path / "data"))
    return everything(tmp_path)


def everything(tmp_path: Path) -> list[str]:
    files = (path for path in tmp_path.rglob("*") if path.is_file() or path.is_symlink())
    return sorted(str(path.relative_to(tmp_path)) for path in files if path.name != "archive")


@PACK
def test_what_is_wanted_and_nothing_else(
    tmp_path: Path, pack: Callable[[dict[str, bytes]], bytes]
) -> None:
    found = unpack(tmp_path, pack(dict.fromkeys(EVIL, b"evil") | {"top/train.bin": DATA}))
    assert found == ["data/set/train.bin"]
    assert (tmp_path / "data" / "set" / "train.bin").read_bytes() == DATA


@PACK
@pytest.mark.parametrize(
    "name", ["../top/train.bin", "./top/train.bin", "train.bin", "Top/train.bin"]
)
def test_a_name_must_be_the_very_one(
    tmp_path: Path, pack: Callable[[dict[str, bytes]], bytes], name: str
) -> None:
    with pytest.raises(DataError, match=r"holds no top/train\.bin"):
        unpack(tmp_path, pack({name: DATA}))
    assert everything(tmp_path) == []


@PACK
@pytest.mark.parametrize("data", [DATA[:-1], DATA + b"x", b""])
def test_another_size_is_refused(
    tmp_path: Path, pack: Callable[[dict[str, bytes]], bytes], data: bytes
) -> None:
    with pytest.raises(DataError, match="not packed as this data set is"):
        unpack(tmp_path, pack({"top/train.bin": data}))
    assert everything(tmp_path) == []


@pytest.mark.parametrize(
    "kind",
    [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.DIRTYPE, tarfile.FIFOTYPE, tarfile.CHRTYPE],
)
def test_links_and_devices_are_refused(tmp_path: Path, kind: bytes) -> None:
    secret = tmp_path / "secret"
    secret.write_bytes(DATA)
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as archive:
        entry = tarfile.TarInfo("top/train.bin")
        entry.type, entry.linkname = kind, str(secret)
        archive.addfile(entry)
    with pytest.raises(DataError, match="not packed as this data set is"):
        unpack(tmp_path, out.getvalue())
    assert everything(tmp_path) == ["secret"]


def test_a_link_in_a_zip_is_refused(tmp_path: Path) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        entry = zipfile.ZipInfo("top/train.bin")
        entry.external_attr = 0o120777 << 16
        archive.writestr(entry, "/etc/passwd")
    with pytest.raises(DataError, match="not packed as this data set is"):
        unpack(tmp_path, out.getvalue(), (Kept("set", "train.bin", "top/train.bin"),))
    assert everything(tmp_path) == []


@PACK
def test_a_bomb_is_not_unpacked(
    tmp_path: Path, pack: Callable[[dict[str, bytes]], bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(unpacking, "LARGEST_MEMBER", 1 << 20)
    open_size = (Kept("set", "train.bin", "top/train.bin"),)
    with pytest.raises(DataError, match="not packed as this data set is"):
        unpack(tmp_path, pack({"top/train.bin": bytes(1 << 21)}), open_size)
    assert everything(tmp_path) == []


def test_a_tar_that_never_ends_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unpacking, "LARGEST_ARCHIVE", 1 << 20)
    with pytest.raises(DataError, match="not packed as this data set is"):
        unpack(tmp_path, tar_gz({"bomb": bytes(1 << 22), "top/train.bin": DATA}))
    assert everything(tmp_path) == []


@PACK
def test_too_many_members(
    tmp_path: Path, pack: Callable[[dict[str, bytes]], bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(unpacking, "MOST_MEMBERS", 10)
    with pytest.raises(DataError, match="not packed as this data set is"):
        unpack(tmp_path, pack({f"{n}": b"" for n in range(20)} | {"top/train.bin": DATA}))


@PACK
def test_a_damaged_archive_is_said_to_be(
    tmp_path: Path, pack: Callable[[dict[str, bytes]], bytes]
) -> None:
    data = pack({"top/train.bin": DATA})
    for bad in (data[: len(data) // 2], b"", b"no archive", data[:60] + bytes(40) + data[100:]):
        with pytest.raises(DataError, match="archive"):
            unpack(tmp_path, bad)
        assert everything(tmp_path) == []
