"""Runs beside an autosave: little is written again, and a full disk loses nothing."""

from __future__ import annotations

from pathlib import Path

import msgspec
import numpy as np
import pytest

from cnnviz.analysis import analyze
from cnnviz.files import open_project, save_project
from cnnviz.layers import Dense, Flatten
from cnnviz.message import UserError
from cnnviz.network import Input, Network
from cnnviz.project import Project, Weights
from cnnviz.recovery import Recovery
from cnnviz.run_folder import RunFolder, runs_in
from cnnviz.runs import Curve, KeptRun, Moment, Place, Point, Standing
from tests.support.full_disk import leave_room

NETWORK = Network(input=Input(8, 8), layers=(Flatten(uid="f"), Dense(uid="d", units=50)))
PROJECT = Project(NETWORK)


def weights(value: float) -> Weights:
    keys = analyze(NETWORK).tensor_keys()
    return {key: np.full(key[2], value, np.float32) for key in keys}


def run(number: int = 1, *steps: int) -> KeptRun:
    kept = KeptRun(f"r{number}", 1.0, PROJECT, train=Curve.of([Point(1, 0.5, 0.5)]))
    for step in steps or (0, 1):
        kept = kept.with_moment(Moment(step, weights(step)))
    return kept


STANDING = Standing("r1", Place(PROJECT.training, seed=0, step=1, epoch=0, batch=1), {})


def files(folder: Path) -> dict[str, int]:
    """All files below, and when each was written."""
    return {
        str(file.relative_to(folder)): file.stat().st_mtime_ns
        for file in folder.rglob("*")
        if file.is_file()
    }


def left_behind(recovery: Recovery, *runs: KeptRun, standing: Standing | None = None) -> None:
    """As when the process has died: the lock is free, the save is there."""
    recovery.write(PROJECT, weights(7), None, runs, standing)
    recovery._release()


def test_only_what_is_new_is_written_again(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path)
    first = run(1, 0, 1)
    folder.write([first])
    before = files(tmp_path)
    assert set(before) == {
        f"runs/r1/{name}"
        for name in ("run.json", "curves.csv", "moments/0.safetensors", "moments/1.safetensors")
    }

    longer = first.with_moment(Moment(2, weights(2)))
    folder.write([longer, run(2)])
    after = files(tmp_path)

    same = {name for name in before if before[name] == after[name]}
    assert same == {"runs/r1/moments/0.safetensors", "runs/r1/moments/1.safetensors"}
    assert "runs/r1/moments/2.safetensors" in after
    assert sorted(runs_in(tmp_path)) == ["r1", "r2"]


def test_what_has_given_way_or_was_deleted_goes(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path)
    kept = run(1, 0, 1, 2)
    folder.write([kept, run(2)])
    fewer = msgspec.structs.replace(kept, moments=kept.moments[1:])

    folder.write([fewer])

    assert "runs/r1/moments/0.safetensors" not in files(tmp_path)
    assert runs_in(tmp_path) == ["r1"]


def test_runs_of_a_program_that_died_are_brought_back(tmp_path: Path) -> None:
    left_behind(Recovery(tmp_path), run(1, 0, 1), run(2), standing=STANDING)
    recovery = Recovery(tmp_path)
    (orphan,) = recovery.orphans()

    opened = recovery.open(orphan)

    assert [(one.id, one.kept_steps) for one in opened.runs] == [("r1", (0, 1)), ("r2", (0, 1))]
    assert opened.runs[0].train.points() == [Point(1, 0.5, 0.5)]
    assert opened.standing is not None
    assert opened.runs[0].state == "paused"
    assert opened.note is None
    recovery.write(PROJECT, {}, None, [opened.runs[1]])  # the other was deleted
    recovery._release()
    (orphan,) = Recovery(tmp_path).orphans()
    again = Recovery(tmp_path)
    assert [one.id for one in again.open(orphan).runs] == ["r2"]
    again.discard()
    assert list(tmp_path.iterdir()) == []


def test_an_unwanted_save_goes_with_its_runs(tmp_path: Path) -> None:
    left_behind(Recovery(tmp_path), run())
    recovery = Recovery(tmp_path)
    recovery.delete(recovery.orphans()[0])
    assert list(tmp_path.iterdir()) == []


def test_a_damaged_run_of_an_autosave_costs_nothing_but_itself(tmp_path: Path) -> None:
    left_behind(Recovery(tmp_path), run(1), run(2))
    (bad,) = tmp_path.glob("*.parts/runs/r1/run.json")
    bad.write_bytes(b"{")
    recovery = Recovery(tmp_path)

    opened = recovery.open(recovery.orphans()[0])

    assert [one.id for one in opened.runs] == ["r2"]
    assert "r1/run.json" in str(opened.note)
    recovery.discard()


# --- a full disk --------------------------------------------------------------------------------


@pytest.mark.parametrize("room", [0, 300, 4000, 14_000, 27_000])
def test_saving_on_a_full_disk_leaves_the_old_file_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, room: int
) -> None:
    path = tmp_path / "mine.cnnviz"
    save_project(path, PROJECT, weights(1), runs=[run(1)], standing=STANDING)
    before = path.read_bytes()
    leave_room(monkeypatch, room)

    with pytest.raises(UserError, match="No space left on device"):
        save_project(path, PROJECT, weights(2), runs=[run(1), run(2)], standing=STANDING)

    monkeypatch.undo()
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]
    assert open_project(path).note is None


def test_where_there_is_no_room_for_runs_the_network_is_kept_still(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    recovery = Recovery(tmp_path)
    recovery.write(PROJECT, weights(1), None, [run(1)])
    leave_room(monkeypatch, 60_000)
    large = NETWORK.replace("d", Dense(uid="d", units=500))
    key, values = ("d", "weight", (500, 64)), np.zeros((500, 64), np.float32)
    other = KeptRun("r2", 2.0, Project(large), moments=(Moment(0, {key: values}),))

    with pytest.raises(UserError, match="No space left on device"):
        recovery.write(PROJECT, weights(2), None, [run(1), other])

    monkeypatch.undo()
    recovery._release()
    again = Recovery(tmp_path)
    opened = again.open(again.orphans()[0])
    assert float(opened.weights["d", "bias", (50,)][0]) == 2
    assert opened.runs[0].kept_steps[:2] == (0, 1)
    again.discard()
