"""Projects come back from files as they went in, and saving is all or nothing."""

from __future__ import annotations

import errno
import json
import os
import stat
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import safetensors.numpy

from cnnviz import files
from cnnviz.analysis import analyze
from cnnviz.archive import archive_of, part_of
from cnnviz.data.folders import ImageFolder
from cnnviz.files import (
    MAX_RUNS,
    Opened,
    open_any,
    open_project,
    save_network,
    save_project,
)
from cnnviz.layers import Conv2d, Flatten, Size
from cnnviz.message import UserError
from cnnviz.network import Network, named_by_place
from cnnviz.project import Project, Weights
from cnnviz.project_file import decode_project, encode_project
from cnnviz.runs import KeptRun
from cnnviz.weights_file import encode_weights
from tests.support.projects import (
    NETWORK,
    PROJECT,
    WEIGHTS,
    pack,
    parts_of,
    same,
    sentence,
)

# --- there and back --------------------------------------------------------------------------


def test_a_project_comes_back_with_what_it_has_learned(tmp_path: Path) -> None:
    path = tmp_path / "mine.cnnviz"
    save_project(path, PROJECT, WEIGHTS)
    opened = open_project(path)
    assert opened.project == PROJECT
    assert same(opened.weights, WEIGHTS)
    assert opened.note is None
    assert not any(values.flags.writeable for values in opened.weights.values())


def test_the_archive_holds_readable_json_and_plain_safetensors(tmp_path: Path) -> None:
    path = tmp_path / "mine.cnnviz"
    save_project(path, PROJECT, WEIGHTS)
    parts = parts_of(path)
    assert set(parts) == {"project.json", "weights.safetensors"}
    text = parts["project.json"].decode()
    document = json.loads(text)
    assert (document["format"], document["version"]) == ("cnnviz-project", 1)
    assert document["network"]["layers"][0]["kernel"] == [5, 3]
    assert max(map(len, text.splitlines())) < 200
    assert len(text.splitlines()) > len(NETWORK.layers)
    tensors = safetensors.numpy.load(parts["weights.safetensors"])
    assert {name: values.shape for name, values in tensors.items()} == {
        f"{uid}.{name}": shape for uid, name, shape in WEIGHTS
    }


def test_weights_are_written_as_the_library_writes_them() -> None:
    """Byte for byte, so that nothing but the time that it takes is ours."""
    report = analyze(PROJECT.network)
    weights = {key: WEIGHTS[key] for key in report.tensor_keys() if key in WEIGHTS}
    expected = safetensors.numpy.save({f"{key[0]}.{key[1]}": weights[key] for key in weights})
    assert encode_weights(report, weights) == expected


def test_the_same_project_gives_the_same_bytes(tmp_path: Path) -> None:
    for name in ("a", "b"):
        save_project(tmp_path / name, PROJECT, WEIGHTS)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_what_the_present_network_lacks_is_not_saved(tmp_path: Path) -> None:
    path = tmp_path / "mine.cnnviz"
    gone: Weights = {("gone", "weight", (2,)): np.ones(2, np.float32)}
    earlier: Weights = {("u.7", "bias", (9,)): np.ones(9, np.float32)}
    save_project(path, PROJECT, {**gone, **WEIGHTS, **earlier})
    opened = open_project(path)
    assert same(opened.weights, WEIGHTS)
    assert opened.note is None


def test_a_broken_network_keeps_what_its_waiting_layers_have_learned(tmp_path: Path) -> None:
    path = tmp_path / "broken.cnnviz"
    broken = NETWORK.insert(0, Conv2d(uid="b", kernel=Size(99, 99)))
    assert analyze(broken).problem is not None
    save_project(path, Project(broken), WEIGHTS)
    opened = open_project(path)
    assert same(opened.weights, WEIGHTS)
    assert opened.note is None


def test_a_project_without_learning_has_no_weights(tmp_path: Path) -> None:
    path = tmp_path / "new.cnnviz"
    save_project(path, Project(Network()), {})
    assert open_project(path) == Opened(Project(Network()), {})
    assert set(parts_of(path)) == {"project.json"}


def test_as_many_runs_as_are_kept_can_be_opened_again(tmp_path: Path) -> None:
    """Their table of contents has more than a megabyte, and each part is found at once."""
    path = tmp_path / "mine.cnnviz"
    parts = {f"runs/r{run}/moments/{step}000.safetensors": b"" for run in range(1, MAX_RUNS + 1)
             for step in range(16)}  # fmt: skip
    save_project(path, PROJECT, WEIGHTS, parts)
    opened = open_project(path)
    assert opened.project == PROJECT
    assert same(opened.weights, WEIGHTS)
    with archive_of(path) as archive:
        assert not any(part_of(archive, path, name, 0) for name in parts)


def test_of_very_many_runs_the_newest_are_saved(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "MAX_RUNS", 2)
    path = tmp_path / "mine.cnnviz"
    runs = [KeptRun(f"r{number}", 0.0, PROJECT) for number in range(1, 5)]
    save_project(path, PROJECT, WEIGHTS, runs=runs)
    assert {name.split("/")[1] for name in parts_of(path) if "/" in name} == {"r3", "r4"}
    assert [run.id for run in open_project(path).runs] == ["r3", "r4"]


def test_a_network_alone_opens_as_a_project_with_defaults(tmp_path: Path) -> None:
    path = tmp_path / "net.json"
    save_network(path, NETWORK)
    assert open_any(path) == Opened(Project(NETWORK), {})
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())  # as Windows' editors save it
    assert open_any(path).project.network == NETWORK


def test_open_any_goes_by_what_is_in_the_file(tmp_path: Path) -> None:
    path = tmp_path / "project.json"
    save_project(path, PROJECT, WEIGHTS)
    assert open_any(path).project == PROJECT


def test_unpacked_and_packed_again_by_hand(tmp_path: Path) -> None:
    path = tmp_path / "mine.cnnviz"
    save_project(path, PROJECT, WEIGHTS)
    parts = [*parts_of(path).items(), ("notes.txt", b"hello"), ("runs/1/curve.csv", b"1,2")]
    opened = open_project(pack(tmp_path / "again.cnnviz", *parts))
    assert opened.project == PROJECT
    assert same(opened.weights, WEIGHTS)


def test_optional_fields_may_be_missing(tmp_path: Path) -> None:
    document = {
        "format": "cnnviz-project",
        "version": 1,
        "network": {"format": "cnnviz-network", "version": 1, "layers": [{"type": "flatten"}]},
    }
    project = decode_project(json.dumps(document).encode())
    assert project == Project(named_by_place(Network(layers=(Flatten(),))))


# --- saving is all or nothing ----------------------------------------------------------------


@pytest.mark.parametrize("at", ["fsync", "replace"])
def test_a_failure_while_saving_leaves_the_old_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, at: str
) -> None:
    path = tmp_path / "mine.cnnviz"
    save_project(path, PROJECT, WEIGHTS)
    before = path.read_bytes()

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full) if at == "fsync" else monkeypatch.setattr(
        Path, "replace", full
    )
    assert os.strerror(errno.ENOSPC) in sentence(lambda: save_project(path, PROJECT, {}))
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


LIMITED = """
import resource, signal, sys
from pathlib import Path
from cnnviz.files import save_project
from cnnviz.message import UserError
from tests.support.projects import PROJECT, WEIGHTS
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]), -1))
try:
    save_project(Path(sys.argv[1]), PROJECT, WEIGHTS)
except UserError as error:
    print(error)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="there are no such limits")
def test_no_room_for_all_of_it(tmp_path: Path) -> None:
    """The system itself stops the write half-way, as on a full disk."""
    path = tmp_path / "mine.cnnviz"
    save_project(path, Project(Network()), {})
    before = path.read_bytes()
    for room in ("0", "100", "3000"):
        done = subprocess.run(
            [sys.executable, "-c", LIMITED, str(path), room],
            capture_output=True,
            text=True,
            check=True,
            cwd=Path(__file__).parent.parent,
        )
        assert os.strerror(errno.EFBIG) in done.stdout
        assert path.read_bytes() == before
        assert list(tmp_path.iterdir()) == [path]


def test_a_bug_while_saving_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "mine.cnnviz"
    save_project(path, PROJECT, WEIGHTS)
    before = path.read_bytes()
    with pytest.raises(TypeError):
        save_project(path, PROJECT, WEIGHTS, {"more": 1})  # type: ignore[dict-item]
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX permissions")
def test_permissions_are_kept_and_new_files_get_the_usual_ones(tmp_path: Path) -> None:
    path = tmp_path / "mine.cnnviz"
    mask = os.umask(0o027)
    try:
        save_project(path, PROJECT, {})
        assert stat.S_IMODE(path.stat().st_mode) == 0o640
        path.chmod(0o604)
        save_project(path, PROJECT, {})
        assert stat.S_IMODE(path.stat().st_mode) == 0o604
    finally:
        os.umask(mask)


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    target = tmp_path / "there" / "mine.cnnviz"
    target.write_bytes(b"old")
    link = tmp_path / "link.cnnviz"
    try:
        link.symlink_to(target)
    except OSError:
        pytest.skip("links are not allowed here")
    save_project(link, PROJECT, WEIGHTS)
    assert link.is_symlink()
    assert open_project(target).project == PROJECT
    assert open_project(link).project == PROJECT


def test_places_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").write_bytes(b"")
    circle = tmp_path / "circle"
    circle.symlink_to(circle)
    long = tmp_path / ("x" * 300)
    for path in (tmp_path / "folder", tmp_path / "no" / "x", tmp_path / "file" / "x", circle, long):
        assert path.name in sentence(lambda path=path: save_project(path, PROJECT, WEIGHTS))  # type: ignore[misc]
    assert {entry.name for entry in tmp_path.iterdir()} == {"folder", "file", "circle"}


def test_a_write_protected_file_is_not_replaced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "mine.cnnviz"
    path.write_bytes(b"mine")
    monkeypatch.setattr(os, "access", lambda *_: False)  # root may write everywhere
    assert "write-protected" in sentence(lambda: save_project(path, PROJECT, WEIGHTS))
    assert path.read_bytes() == b"mine"


def test_the_longest_name_can_be_saved(tmp_path: Path) -> None:
    path = tmp_path / ("x" * 248 + ".cnnviz")
    save_project(path, PROJECT, WEIGHTS)
    assert open_project(path).project == PROJECT


FOLDER = ImageFolder("/pictures/pets", 24, 32, 3, ("cat", "dog"), 100, 20)


def test_a_folder_of_pictures_is_a_part_of_the_project(tmp_path: Path) -> None:
    """Also where it does not exist: what a network must know of it stands in the file."""
    project = Project(Network(), dataset=FOLDER)
    save_project(tmp_path / "pets.cnnviz", project, {})
    assert open_project(tmp_path / "pets.cnnviz").project == project


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"height": 0}, r"\$\.dataset\.height"),
        ({"width": 10**9}, r"\$\.dataset\.width"),
        ({"channels": 2}, r"\$\.dataset\.channels"),
        ({"classes": []}, r"\$\.dataset\.classes"),
        ({"classes": ["a"] * 257}, r"\$\.dataset\.classes"),
        ({"classes": ["a" * 256]}, r"\$\.dataset\.classes"),
        ({"path": ""}, r"\$\.dataset\.path"),
        ({"train_count": -1}, r"\$\.dataset\.train_count"),
        ({"run": "rm"}, "run"),
    ],
)
def test_a_strange_folder_is_refused_in_a_sentence(changes: dict[str, object], said: str) -> None:
    document = json.loads(encode_project(Project(Network(), dataset=FOLDER)))
    document["dataset"] |= changes
    with pytest.raises(UserError, match=said):
        decode_project(json.dumps(document).encode())
