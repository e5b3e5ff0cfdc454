"""An autosave is offered when its program is gone, and never while it runs."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest

from cnnviz.analysis import analyze
from cnnviz.layers import Dense, Flatten
from cnnviz.message import UserError
from cnnviz.network import Network, named_by_place
from cnnviz.project import Project, Weights
from cnnviz.recovery import Recovery

PROJECT = Project(named_by_place(Network(name="mine", layers=(Flatten(), Dense(units=10)))))
WEIGHTS: Weights = {
    key: np.full(key[2], 0.5, np.float32) for key in analyze(PROJECT.network).tensor_keys()
}

PROGRAM = """
import sys
from pathlib import Path
from tests.test_recovery import PROJECT, WEIGHTS, Recovery
recovery = Recovery(Path(sys.argv[1]))
original = Path(sys.argv[2]) if len(sys.argv) > 2 else None
recovery.write(PROJECT, WEIGHTS, original)
print("written", flush=True)
sys.stdin.readline()
recovery.discard()
"""


@contextmanager
def program(folder: Path, *original: Path) -> Iterator[subprocess.Popen[str]]:
    """A program that has autosaved and runs on; it discards its save when told to go on."""
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, str(folder), *map(str, original)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parent.parent,
    )
    with process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == "written\n"
            yield process
        finally:
            process.kill()


def crashed(folder: Path, *original: Path) -> None:
    with program(folder, *original) as process:
        process.kill()


def test_a_save_is_left_behind_by_a_program_that_was_killed(tmp_path: Path) -> None:
    original = tmp_path / "mine.cnnviz"
    recovery = Recovery(tmp_path / "recovery")
    with program(tmp_path / "recovery", original) as process:
        assert recovery.orphans() == ()
        process.kill()
        process.wait()
        (orphan,) = recovery.orphans()
    assert orphan.original == original
    assert orphan.time == orphan.file.stat().st_mtime
    opened = recovery.open(orphan)
    assert opened.project == PROJECT
    assert {key: values.tolist() for key, values in opened.weights.items()} == {
        key: values.tolist() for key, values in WEIGHTS.items()
    }
    assert opened.note is None


def test_a_program_that_ends_well_leaves_nothing(tmp_path: Path) -> None:
    with program(tmp_path) as process:
        process.communicate("\n")
        assert process.returncode == 0
    assert list(tmp_path.iterdir()) == []


def test_a_recovered_save_belongs_to_the_program_that_recovered_it(tmp_path: Path) -> None:
    crashed(tmp_path)
    first, second = Recovery(tmp_path), Recovery(tmp_path)
    (orphan,) = second.orphans()
    first.open(first.orphans()[0])
    assert first.orphans() == second.orphans() == ()
    with pytest.raises(UserError):
        second.open(orphan)
    # The one who failed can still autosave, and the other's save is not lost by it.
    second.write(PROJECT, {}, None)
    assert len(list(tmp_path.glob("*.cnnviz"))) == 2
    first.discard()
    second.discard()
    assert list(tmp_path.iterdir()) == []


def test_a_recovered_save_survives_the_next_crash(tmp_path: Path) -> None:
    original = tmp_path / "work" / "mine.cnnviz"
    folder = tmp_path / "recovery"
    crashed(folder, original)
    again = (
        "import sys; from pathlib import Path; from cnnviz.recovery import Recovery\n"
        "r = Recovery(Path(sys.argv[1])); r.open(r.orphans()[0]); import os; os._exit(1)"
    )
    root = Path(__file__).parent.parent
    subprocess.run([sys.executable, "-c", again, str(folder)], check=False, cwd=root)
    (orphan,) = Recovery(folder).orphans()
    assert orphan.original == original


def test_only_the_last_write_counts(tmp_path: Path) -> None:
    recovery = Recovery(tmp_path)
    for seed in range(3):
        recovery.write(Project(Network(), seed=seed), {}, None)
    assert len(list(tmp_path.glob("*.cnnviz"))) == 1
    recovery.discard()
    recovery.discard()
    recovery.write(PROJECT, WEIGHTS, None)
    assert recovery.orphans() == ()
    recovery.discard()
    assert list(tmp_path.iterdir()) == []


def test_the_newest_comes_first_and_each_can_be_deleted(tmp_path: Path) -> None:
    for name in ("a", "b", "c"):
        crashed(tmp_path, Path(name))
    recovery = Recovery(tmp_path)
    for age, orphan in enumerate(sorted(recovery.orphans(), key=lambda orphan: orphan.file)):
        os.utime(orphan.file, (1e9 - age, 1e9 - age))
    orphans = recovery.orphans()
    assert [orphan.time for orphan in orphans] == [1e9, 1e9 - 1, 1e9 - 2]
    assert {str(orphan.original) for orphan in orphans} == {"a", "b", "c"}
    recovery.delete(orphans[1])
    assert recovery.orphans() == (orphans[0], orphans[2])
    recovery.delete(orphans[0])
    recovery.delete(orphans[2])
    assert list(tmp_path.iterdir()) == []


def test_a_damaged_save_is_said_so_and_stays_until_it_is_deleted(tmp_path: Path) -> None:
    crashed(tmp_path)
    recovery = Recovery(tmp_path)
    (orphan,) = recovery.orphans()
    orphan.file.write_bytes(orphan.file.read_bytes()[:300])
    (orphan,) = recovery.orphans()
    assert orphan.original is None
    with pytest.raises(UserError):
        recovery.open(orphan)
    assert len(recovery.orphans()) == 1
    recovery.delete(orphan)
    assert recovery.orphans() == ()


def test_names_of_files_that_are_no_text(tmp_path: Path) -> None:
    original = Path(os.fsdecode(b"/tmp/\xff\xfe \xe4\xb8\xad.cnnviz"))
    crashed(tmp_path, original)
    assert Recovery(tmp_path).orphans()[0].original == original


def test_without_a_folder_there_is_nothing_and_one_that_cannot_be_made_is_said_so(
    tmp_path: Path,
) -> None:
    assert Recovery(tmp_path / "none").orphans() == ()
    assert not (tmp_path / "none").exists()
    (tmp_path / "file").write_bytes(b"")
    recovery = Recovery(tmp_path / "file")
    assert recovery.orphans() == ()
    with pytest.raises(UserError, match="no autosave"):
        recovery.write(PROJECT, WEIGHTS, None)
    recovery.discard()
