"""Runs in a project's file: what comes back, and what bad parts cost."""

from __future__ import annotations

import zipfile
from typing import TYPE_CHECKING

import msgspec
import numpy as np
import pytest
import safetensors.numpy
from hypothesis import given
from hypothesis import strategies as st

from cnnviz.analysis import analyze
from cnnviz.confusion import Examination
from cnnviz.files import open_project, save_project
from cnnviz.layers import Dense, Flatten
from cnnviz.message import Message
from cnnviz.network import Input, Network
from cnnviz.project import Project, Weights
from cnnviz.runs import (
    MAX_POINTS,
    NO_POINTS,
    Changed,
    Curve,
    KeptRun,
    Moment,
    Place,
    Point,
    Standing,
)
from cnnviz.runs.storage import Damage, parts_of, read_run
from cnnviz.training import Training

if TYPE_CHECKING:
    from pathlib import Path

NETWORK = Network(input=Input(4, 4), layers=(Flatten(uid="f.x"), Dense(uid="d.1", units=3)))
PROJECT = Project(NETWORK, training=Training(learning_rate=0.1), seed=5)


def weights(value: float) -> Weights:
    keys = analyze(NETWORK).tensor_keys()
    return {key: np.full(key[2], value, np.float32) for key in keys}


def kept(number: int = 1) -> KeptRun:
    run = KeptRun(
        f"r{number}",
        1.7e9 + 0.25,
        PROJECT,
        device="cpu",
        threads=2,
        state="finished",
        explanation=Message("Over at {n}.", n=3),
        step=10,
        steps=20,
        seconds=1.5,
        train=Curve.of([Point(1, 2.302585092994046, 0.1), Point(2, 1 / 3, 1.0)]),
        test=Curve.of([Point(10, 0.5, 0.9)]),
        changes=(Changed(4, "learning_rate", 0.1, 0.2), Changed(5, "nesterov", False, True)),
        examination=Examination(
            10,
            np.array([0, 1, 2], np.uint8),
            np.array([0, 2, 2], np.uint8),
            np.array([0.5, 1 / 3, 1.0], np.float32),
        ),
    )
    for step in (0, 1, 10):
        run = run.with_moment(Moment(step, weights(step / 3)))
    return run


PLACE = Place(
    PROJECT.training,
    seed=5,
    step=2,
    epoch=1,
    batch=1,
    epoch_losses=(0.25,),
    changes=(Changed(1, "learning_rate", 0.2, 0.1),),
    seconds=0.75,
    loss=0.5,
    test=Point(1, 0.25, 0.5),
)
STANDING = Standing(
    "r1",
    PLACE,
    {
        ("d.1", "weight.exp_avg", (3, 16)): np.ones((3, 16), np.float32),
        ("d.1", "weight.step", ()): np.float32(2) * np.ones((), np.float32),
    },
)


def saved(tmp_path: Path, *runs: KeptRun, standing: Standing | None = None) -> Path:
    path = tmp_path / "x.cnnviz"
    save_project(path, PROJECT, weights(7), runs=runs or (kept(),), standing=standing)
    return path


def equal(one: Weights, other: Weights) -> bool:
    return one.keys() == other.keys() and all(np.array_equal(one[k], other[k]) for k in one)


def same(one: KeptRun, other: KeptRun) -> None:
    for name in ("train", "validation", "test"):
        assert getattr(one, name).points() == getattr(other, name).points()
    assert one.kept_steps == other.kept_steps
    for mine, theirs in zip(one.moments, other.moments, strict=True):
        assert equal(mine.weights, theirs.weights)
    assert equal(one.initial, other.initial)
    for name in ("id", "began", "project", "from_seed", "device", "threads", "state", "step",
                 "steps", "seconds", "changes"):  # fmt: skip
        assert getattr(one, name) == getattr(other, name), name


def test_a_run_comes_back_as_it_was(tmp_path: Path) -> None:
    opened = open_project(saved(tmp_path, kept(1), kept(12)))

    assert opened.note is None
    assert [run.id for run in opened.runs] == ["r1", "r12"]
    for run, before in zip(opened.runs, (kept(1), kept(12)), strict=True):
        same(run, before)
    found, answers = opened.runs[0].examination, kept().examination
    assert found is not None
    assert answers is not None
    assert found.step == 10
    assert found.confidence.tolist() == answers.confidence.tolist()
    assert found.confusion(3).tolist() == answers.confusion(3).tolist()
    assert str(opened.runs[0].explanation) == "Over at 3."


def test_a_run_without_anything_yet_comes_back(tmp_path: Path) -> None:
    [run] = open_project(saved(tmp_path, KeptRun("r1", 0.0, PROJECT, from_seed=False))).runs

    assert len(run.train) == 0
    assert not run.initial
    assert not run.from_seed


def test_initial_weights_stay_where_their_moment_gave_way(tmp_path: Path) -> None:
    run = msgspec.structs.replace(kept(), moments=kept().moments[1:])

    [back] = open_project(saved(tmp_path, run)).runs

    assert back.kept_steps == (1, 10)
    assert equal(back.initial, weights(0))


def test_the_parts_are_open_to_other_programs(tmp_path: Path) -> None:
    with zipfile.ZipFile(saved(tmp_path)) as archive:
        curves = archive.read("runs/r1/curves.csv").decode()
        tensors = safetensors.numpy.load(archive.read("runs/r1/moments/10.safetensors"))
        run = msgspec.json.decode(archive.read("runs/r1/run.json"))

    assert curves.splitlines()[:2] == ["curve,step,loss,accuracy", "train,1,2.302585092994046,0.1"]
    assert np.allclose(tensors["d.1.weight"], 10 / 3)
    assert run["project"]["training"]["learning_rate"] == 0.1


@given(
    st.lists(
        st.tuples(st.floats(-1e300, 1e300, allow_nan=False), st.floats(0, 1, allow_nan=False)),
        max_size=20,
    )
)
def test_points_come_back_to_the_last_bit(values: list[tuple[float, float]]) -> None:
    points = [Point(step, *value) for step, value in enumerate(values)]
    run = msgspec.structs.replace(kept(), train=Curve.of(points))
    parts = {name: b"".join(part.make()) for name, part in parts_of(run).items()}

    damage = Damage()
    back = read_run("r1", lambda name, _: parts.get(name), damage)

    assert back is not None
    assert back.train.points() == points
    assert damage.message("x") is None


def test_of_a_long_curve_the_means_come_back_and_bad_ones_are_damage() -> None:
    random = np.random.default_rng(0)
    losses = random.lognormal(0, 1, MAX_POINTS + 1).tolist()
    points = [Point(step, loss, min(loss / 90, 1)) for step, loss in enumerate(losses, 1)]
    curve = NO_POINTS.extended(points)
    assert curve.has_means
    run = msgspec.structs.replace(kept(), train=curve)
    parts = {name: b"".join(part.make()) for name, part in parts_of(run).items()}
    good = parts["curves.csv"]

    back = read_run("r1", lambda name, _: parts.get(name), damage := Damage())
    assert back is not None
    assert damage.message("x") is None
    for name in ("steps", "loss", "accuracy", "mean_loss", "mean_accuracy"):
        assert np.array_equal(getattr(back.train, name), getattr(curve, name))
    assert back.test.points() == kept().test.points()

    head, *rows = good.decode().splitlines()
    for spoilt in ("train,1,0.5,0.5", "train,1,0.5,0.5,nan,0.5", "train,1,0.5,0.5,0.5,2.0"):
        parts["curves.csv"] = "\n".join([head, spoilt, *rows[1:]]).encode()
        back = read_run("r1", lambda name, _: parts.get(name), damage := Damage())
        assert back is not None
        assert len(back.train) == 0
        assert damage.parts == ["r1/curves.csv"]


# --- going on -----------------------------------------------------------------------------------


def test_how_a_run_stands_comes_back(tmp_path: Path) -> None:
    opened = open_project(saved(tmp_path, standing=STANDING))

    assert opened.standing is not None
    assert opened.standing.place == PLACE
    assert equal(opened.standing.memory, STANDING.memory)


def test_a_run_that_stands_is_paused_and_ends_there(tmp_path: Path) -> None:
    """The file may have been written some steps after the weights were told."""
    [run] = open_project(saved(tmp_path, standing=STANDING)).runs

    assert (run.state, run.step) == ("paused", 2)
    assert run.train.steps.tolist() == [1, 2]
    assert len(run.test) == 0
    assert run.kept_steps == (0, 1)
    assert run.changes == PLACE.changes


def test_a_run_that_went_on_and_does_not_stand_has_stopped(tmp_path: Path) -> None:
    running = msgspec.structs.replace(kept(), state="running")

    [run] = open_project(saved(tmp_path, running)).runs

    assert run.state == "stopped"


# --- files of others ----------------------------------------------------------------------------


def tampered(path: Path, **parts: bytes | None) -> Path:
    """The file with other parts; None leaves one out. A dot in a name is written as _DOT_."""
    with zipfile.ZipFile(path) as archive:
        known = {name: archive.read(name) for name in archive.namelist()}
    changed = {name.replace("__", "/").replace("_DOT_", "."): data for name, data in parts.items()}
    other = path.with_name("other.cnnviz")
    with zipfile.ZipFile(other, "w") as archive:
        for name, data in {**known, **changed}.items():
            if data is not None:
                archive.writestr(name, data)
    return other


BAD_CURVES = [
    b"\xff\xfe",
    b"step,loss\n1,2\n",
    b"curve,step,loss,accuracy\ntrain,1,2\n",
    b"curve,step,loss,accuracy\ntrain,1,nan,0\n",
    b"curve,step,loss,accuracy\ntrain,1,1e999,0\n",
    b"curve,step,loss,accuracy\ntrain,2,1,0\ntrain,1,1,0\n",
    b"curve,step,loss,accuracy\nother,2,1,0\n",
    b"curve,step,loss,accuracy\ntrain," + b"9" * 5000 + b",1,0\n",
    b"curve,step,loss,accuracy\ntrain,1,1,2\n",
]


@pytest.mark.parametrize("data", BAD_CURVES)
def test_bad_curves_cost_nothing_but_themselves(tmp_path: Path, data: bytes) -> None:
    opened = open_project(tampered(saved(tmp_path), runs__r1__curves_DOT_csv=data))

    [run] = opened.runs
    assert len(run.train) == 0
    assert run.kept_steps == (0, 1, 10)
    assert equal(opened.weights, weights(7))
    assert "1 parts are damaged" in str(opened.note)
    assert "r1/curves.csv" in str(opened.note)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{",
        b"[" * 100_000,
        b'{"format": "cnnviz-run", "version": 1, "id": "r2", "began": 0, "project": {}}',
        b'{"format": "cnnviz-run", "version": 9, "id": "r1", "began": 0, "project": {}}',
        b'{"format": "other", "id": "r1", "began": 0, "project": {}}',
        b'{"format": "cnnviz-run", "id": "r1", "began": 1e999, "project": {}}',
    ],
)
def test_a_bad_run_costs_nothing_but_itself(tmp_path: Path, data: bytes) -> None:
    path = saved(tmp_path, kept(1), kept(2))

    opened = open_project(tampered(path, runs__r1__run_DOT_json=data))

    assert [run.id for run in opened.runs] == ["r2"]
    assert "r1/run.json" in str(opened.note)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\0" * 40,
        safetensors.numpy.save({"d.1.weight": np.ones((3, 16), np.float32)}),
        safetensors.numpy.save({"d.1.weight": np.ones((3, 16)), "d.1.bias": np.ones(3)}),
        safetensors.numpy.save(
            {
                "d.1.weight": np.full((3, 16), np.nan, np.float32),
                "d.1.bias": np.ones(3, np.float32),
            }
        ),
    ],
)
def test_bad_weights_cost_their_moment(tmp_path: Path, data: bytes) -> None:
    opened = open_project(tampered(saved(tmp_path), runs__r1__moments__1_DOT_safetensors=data))

    assert opened.runs[0].kept_steps == (0, 10)
    assert "moments/1.safetensors" in str(opened.note)


def test_a_missing_moment_is_no_trouble(tmp_path: Path) -> None:
    opened = open_project(tampered(saved(tmp_path), runs__r1__moments__1_DOT_safetensors=None))

    assert opened.runs[0].kept_steps == (0, 10)
    assert opened.note is None


@pytest.mark.parametrize("data", [b"label,predicted,confidence\n1,2\n", b"x\n", b"\xff"])
def test_bad_answers_cost_nothing_but_themselves(tmp_path: Path, data: bytes) -> None:
    opened = open_project(tampered(saved(tmp_path), runs__r1__examination_DOT_csv=data))

    assert opened.runs[0].examination is None
    assert len(opened.runs[0].train) == 2
    assert "examination.csv" in str(opened.note)


@pytest.mark.parametrize("data", [b"", b"\0" * 8, b"\xff" * 100])
def test_a_bad_state_costs_only_going_on(tmp_path: Path, data: bytes) -> None:
    opened = open_project(tampered(saved(tmp_path, standing=STANDING), state_DOT_safetensors=data))

    assert opened.standing is None
    assert opened.runs[0].state == "finished"
    assert "cannot be resumed" in str(opened.note)


def test_a_state_of_a_run_that_is_not_there_is_left_out(tmp_path: Path) -> None:
    other = msgspec.structs.replace(STANDING, run="r9")

    opened = open_project(saved(tmp_path, standing=other))

    assert opened.standing is None
    assert "there is no such run" in str(opened.note)


def test_a_damaged_member_of_the_archive_costs_nothing_but_itself(tmp_path: Path) -> None:
    path = saved(tmp_path)
    with zipfile.ZipFile(path) as archive:
        entry = archive.getinfo("runs/r1/moments/10.safetensors")
    data = bytearray(path.read_bytes())
    data[entry.header_offset + 200] ^= 0xFF  # its checksum is wrong now
    path.write_bytes(data)

    opened = open_project(path)

    assert opened.runs[0].kept_steps == (0, 1)
    assert equal(opened.weights, weights(7))


def test_names_outside_the_folder_are_no_runs(tmp_path: Path) -> None:
    path = saved(tmp_path)
    with zipfile.ZipFile(path, "a") as archive:
        for name in (
            "runs/../r2/run.json",
            "runs/r0/run.json",
            "runs/r2\n/run.json",
            "r3/run.json",
        ):
            archive.writestr(name, b"{}")

    opened = open_project(path)

    assert [run.id for run in opened.runs] == ["r1"]
    assert opened.note is None
