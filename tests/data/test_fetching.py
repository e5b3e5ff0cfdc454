"""Data sets from a web server that fails in every way, and from files."""

from __future__ import annotations

import errno
import gzip
import hashlib
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from cnnviz.data import fetching
from cnnviz.data.errors import DataError
from cnnviz.data.fetching import add_steps, fetch_steps, missing, package_of
from cnnviz.data.published import PACKAGES, Kept, Package, Published
from cnnviz.data.storage import VARIABLE, data_folder
from tests.data.published import idx, tar_gz, zipped
from tests.data.web import Web, serving

if TYPE_CHECKING:
    from collections.abc import Iterator

CHANCE = np.random.default_rng(3)
PLAIN = {name: CHANCE.bytes(size) for name, size in (("a.gz", 700_000), ("b.gz", 5_000))}
INSIDE = {"top/train.bin": CHANCE.bytes(900_000), "top/test.bin": CHANCE.bytes(300_000)}


@pytest.fixture(autouse=True)
def _quickly(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, str(tmp_path / "data"))
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    monkeypatch.setattr(fetching, "PAUSE_SECONDS", 0.0)
    monkeypatch.setattr(fetching, "TIMEOUT_SECONDS", 5.0)


@pytest.fixture
def web() -> Iterator[Web]:
    with serving() as found:
        yield found


def published(web: Web, name: str, data: bytes, *bases: str) -> Published:
    """A file that the server has."""
    web.files[f"/{name}"] = data
    addresses = tuple(f"{web.address}{base}/{name}" for base in bases or ("",))
    return Published(name, len(data), hashlib.sha256(data).hexdigest(), addresses)


def plain(web: Web, *bases: str) -> Package:
    """Two files that are kept as they are."""
    files = tuple(published(web, name, data, *bases) for name, data in PLAIN.items())
    return Package("plain", files, tuple(Kept("plain", name) for name in PLAIN))


def packed(web: Web, data: bytes, name: str = "all.tar.gz") -> Package:
    """An archive of which two files are kept."""
    kept = tuple(Kept("packed", Path(each).name, each, len(INSIDE[each])) for each in INSIDE)
    return Package("packed", (published(web, name, data),), kept)


def fetch(package: Package) -> list[fetching.Step]:
    return list(fetch_steps(package))


def kept(name: str) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in (data_folder() / name).iterdir()}


def left_behind() -> list[Path]:
    return [path for path in data_folder().rglob("*") if path.is_file() and "incoming" in str(path)]


# --- from the network ------------------------------------------------------------------------


def test_files_are_kept_as_they_are(web: Web) -> None:
    package = plain(web)
    assert len(missing(package)) == 2
    steps = fetch(package)
    assert kept("plain") == PLAIN
    assert missing(package) == ()
    assert left_behind() == []
    shares = [step.done / step.total for step in steps if step.file == "a.gz"]
    assert {step.doing for step in steps} == {"fetching", "checking"}
    assert shares[0] == 0
    assert shares[-1] == 1


def test_what_is_there_is_not_fetched_again(web: Web) -> None:
    package = plain(web)
    fetch(package)
    (data_folder() / "plain" / "b.gz").unlink()
    web.asked.clear()
    fetch(package)
    assert [path for path, _ in web.asked] == ["/b.gz"]


@pytest.mark.parametrize("pack", [tar_gz, zipped])
def test_of_an_archive_only_what_is_wanted_is_kept(web: Web, pack: type) -> None:
    members = {"top/read me.txt": b"no", **INSIDE, "other/train.bin": b"no"}
    steps = fetch(packed(web, pack(members)))
    assert kept("packed") == {Path(name).name: data for name, data in INSIDE.items()}
    assert left_behind() == []
    assert steps[-1].doing == "unpacking"
    assert steps[-1].done == steps[-1].total


def test_a_connection_that_is_cut_is_gone_on_with(web: Web) -> None:
    web.cut_after = [200_000, 300_000]
    fetch(plain(web))
    assert kept("plain") == PLAIN
    assert web.ranges_asked()[:3] == ["", "bytes=200000-", "bytes=500000-"]


def test_another_try_goes_on_where_the_last_has_ended(web: Web) -> None:
    package = plain(web)
    web.cut_after = [100_000, 0, 0, 0]
    with pytest.raises(DataError, match="was cut after 100,000 of 700,000 bytes"):
        fetch(package)
    web.asked.clear()
    fetch(package)
    assert kept("plain") == PLAIN
    assert web.ranges_asked()[0] == "bytes=100000-"


def test_a_server_without_ranges_sends_all_anew(web: Web) -> None:
    web.ranges = False
    web.cut_after = [200_000]
    fetch(plain(web))
    assert kept("plain") == PLAIN


def test_cancelled_and_gone_on_with(web: Web) -> None:
    package = plain(web)
    steps = fetch_steps(package)
    while next(steps).done < 300_000:
        pass
    steps.close()
    assert kept_nothing("plain")
    web.asked.clear()
    fetch(package)
    assert int(web.ranges_asked()[0].removeprefix("bytes=").removesuffix("-")) >= 300_000
    assert kept("plain") == PLAIN


def kept_nothing(name: str) -> bool:
    return not (data_folder() / name).exists()


def test_a_wrong_checksum_is_refused_and_nothing_kept(web: Web) -> None:
    package = plain(web)
    web.files["/a.gz"] = bytes(len(PLAIN["a.gz"]))
    with pytest.raises(DataError, match=r"a\.gz from 127.* its checksum differs\. Nothing"):
        fetch(package)
    assert kept_nothing("plain")
    assert left_behind() == []
    assert len(web.asked) == 1


def test_a_spoilt_beginning_is_fetched_anew(web: Web) -> None:
    package = plain(web)
    steps = fetch_steps(package)
    while next(steps).done < 300_000:
        pass
    steps.close()
    (part,) = left_behind()
    part.write_bytes(bytes(part.stat().st_size))
    fetch(package)
    assert kept("plain") == PLAIN


def test_the_next_address_is_tried(web: Web) -> None:
    package = plain(web, "/gone", "/busy", "/wrong", "")
    web.statuses["/busy/a.gz"] = web.statuses["/busy/b.gz"] = 503
    web.files["/wrong/a.gz"] = bytes(len(PLAIN["a.gz"]))
    fetch(package)
    assert kept("plain") == PLAIN
    tried = [path for path, _ in web.asked if path.endswith("a.gz")]
    assert tried == ["/gone/a.gz", *["/busy/a.gz"] * 3, "/wrong/a.gz", "/a.gz"]


def test_a_login_page_is_no_data_set(web: Web) -> None:
    package = plain(web)
    web.files["/a.gz"] = b"<html>Please log in</html>"
    with pytest.raises(DataError, match=r"sends something else in the place of a\.gz"):
        fetch(package)
    assert left_behind() == []


def test_no_network(web: Web) -> None:
    package = plain(web)
    web.address = ""
    nowhere = Published("a.gz", 10, "", ("http://127.0.0.1:9/a.gz",))
    with pytest.raises(DataError, match=r"127\.0\.0\.1:9 could not be reached \(Connection refus"):
        fetch(Package("plain", (nowhere,), package.kept))


def test_an_answer_never_leads_to_a_file_of_this_disk(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_bytes(b"0123456789")
    digest = hashlib.sha256(secret.read_bytes()).hexdigest()
    file = Published("a.gz", 10, digest, (secret.as_uri(),))
    with pytest.raises(DataError, match="could not be reached"):
        fetch(Package("plain", (file,), (Kept("plain", "a.gz"),)))


def test_a_full_disk_is_found_out_beforehand(web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = shutil.disk_usage("/")._replace(free=100_000)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage)
    with pytest.raises(DataError, match="no room for 700,000 bytes"):
        fetch(plain(web))
    assert web.asked == []


def test_a_disk_that_fills_up_keeps_what_was_fetched(
    web: Web, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = plain(web)
    steps = fetch_steps(package)
    while next(steps).done < 300_000:
        pass
    with pytest.raises(DataError, match="There is no room for"):
        steps.throw(OSError(errno.ENOSPC, "No space left on device"))
    (part,) = left_behind()
    assert part.stat().st_size >= 300_000


def test_names() -> None:
    assert package_of("emnist").name == package_of("emnist_letters").name == "emnist"
    with pytest.raises(DataError, match=r"nothing to fetch for “mnist”.*fashion_mnist, kmnist"):
        package_of("mnist")


def test_every_address_is_secure_or_has_one_that_is() -> None:
    for package in PACKAGES.values():
        for file in package.files:
            assert file.addresses[0].startswith("https://")
            assert len(file.sha256) == 64
            assert all(address.endswith(file.name) for address in file.addresses)


# --- from files ------------------------------------------------------------------------------


def on_a_stick(tmp_path: Path, files: dict[str, bytes]) -> Path:
    folder = tmp_path / "stick"
    folder.mkdir()
    for name, data in files.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_bytes(data)
    return folder


@pytest.mark.parametrize("chosen", [".", "a.gz", "b.gz"])
def test_a_folder_or_one_of_its_files(web: Web, tmp_path: Path, chosen: str) -> None:
    stick = on_a_stick(tmp_path, PLAIN)
    list(add_steps(plain(web), stick / chosen))
    assert kept("plain") == PLAIN
    assert web.asked == []
    assert sorted(file.name for file in stick.iterdir()) == ["a.gz", "b.gz"]


def test_files_in_a_folder_of_the_folder(web: Web, tmp_path: Path) -> None:
    stick = on_a_stick(tmp_path, {f"raw/{name.upper()}": data for name, data in PLAIN.items()})
    list(add_steps(plain(web), stick))
    assert kept("plain") == PLAIN


def test_an_archive_whatever_it_is_called(web: Web, tmp_path: Path) -> None:
    data = tar_gz(INSIDE)
    stick = on_a_stick(tmp_path, {"all.tar(1).gz": data})
    list(add_steps(packed(web, data), stick / "all.tar(1).gz"))
    assert set(kept("packed")) == {"train.bin", "test.bin"}
    assert (stick / "all.tar(1).gz").exists()


def test_another_file_is_refused(web: Web, tmp_path: Path) -> None:
    stick = on_a_stick(tmp_path, PLAIN | {"a.gz": PLAIN["a.gz"][:-1]})
    with pytest.raises(DataError, match=r"a\.gz is not what was published: its checksum differs"):
        list(add_steps(plain(web), stick))
    assert kept_nothing("plain")


def test_a_missing_file_is_named(web: Web, tmp_path: Path) -> None:
    stick = on_a_stick(tmp_path, {"a.gz": PLAIN["a.gz"]})
    with pytest.raises(DataError, match=r"no b\.gz in .*stick.*: a\.gz, b\.gz"):
        list(add_steps(plain(web), stick))
    with pytest.raises(DataError, match=r"no file|cannot be read"):
        list(add_steps(plain(web), tmp_path / "nowhere" / "at all"))


def test_a_gzip_that_was_packed_anew_is_known_by_what_is_in_it(tmp_path: Path) -> None:
    values = CHANCE.integers(0, 255, (50, 28, 28))
    data = idx(values)
    content = gzip.decompress(data)
    digest = hashlib.sha256(content).hexdigest()
    file = Published("a.gz", 7, hashlib.sha256(b"as published").hexdigest(), (), digest)
    package = Package("plain", (file,), (Kept("plain", "a.gz"),))
    anew = gzip.compress(content, 1)
    stick = on_a_stick(tmp_path, {"a.gz": anew})
    list(add_steps(package, stick))
    assert kept("plain") == {"a.gz": anew}
    (data_folder() / "plain" / "a.gz").unlink()
    for bad in (gzip.compress(content[:-1]), anew[:-1], anew + b"more", b"not gzip", b""):
        (stick / "a.gz").write_bytes(bad)
        with pytest.raises(DataError, match="its checksum differs"):
            list(add_steps(package, stick))
