"""Kept runs as values: names, notes, deleting, budgets, and beginning again."""

from __future__ import annotations

from typing import Any

import msgspec
import numpy as np
import pytest

from cnnviz.layers import Conv2d, Dense, Flatten
from cnnviz.message import Message
from cnnviz.network import Network
from cnnviz.presets import preset
from cnnviz.project import Project, RunNote, Weights
from cnnviz.runs import (
    RUN_BYTES,
    KeptRun,
    Moment,
    begun_again,
    can_begin_again,
    deleted,
    next_id,
    noted,
    present,
    renamed,
    weights_again,
    within_budget,
)
from cnnviz.runs import moments as budget
from cnnviz.training import Training

PROJECT = Project(Network(layers=(Flatten(uid="f"), Dense(uid="d", units=10))), seed=3)
KEY = ("d", "weight", (10, 784))


def weights(value: float = 0.0, megabytes: float = 0.0) -> Weights:
    count = int(megabytes * (1 << 20) / 4) or 1
    return {("d", "weight", (count,)): np.full(count, value, np.float32)}


def run(number: int = 1, **more: Any) -> KeptRun:
    return KeptRun(f"r{number}", 1e9 + number, PROJECT, **more)


def test_a_run_is_called_by_its_number_until_it_has_a_name() -> None:
    assert run(3).title == Message("Run {n}", n=3)
    assert run(3).titled(RunNote("r3", "Slow")).title == "Slow"
    assert run(3).titled(None).title == Message("Run {n}", n=3)


def test_ids_are_never_given_twice() -> None:
    assert next_id([]) == "r1"
    assert next_id(["r1", "r10", "r9"]) == "r11"


def test_names_and_notes_are_said_in_the_project() -> None:
    named = noted(renamed(PROJECT, "r1", "Slow"), "r1", "too slow")

    [shown] = present(named, {"r1": run(1)})

    assert (shown.name, shown.note) == ("Slow", "too slow")
    assert present(PROJECT, {"r1": run(1)})[0].name == ""


def test_taking_back_a_name_leaves_nothing_behind() -> None:
    assert renamed(renamed(PROJECT, "r1", "Slow"), "r1", "") == PROJECT


def test_deleting_hides_runs_and_the_project_before_has_them_still() -> None:
    runs = {one.id: one for one in (run(1), run(2), run(3))}

    without = deleted(renamed(PROJECT, "r2", "Slow"), "r1", "r2")

    assert [one.id for one in present(without, runs)] == ["r3"]
    assert [one.id for one in present(PROJECT, runs)] == ["r1", "r2", "r3"]


def test_moments_come_in_and_the_first_are_the_initial_weights() -> None:
    kept = run().with_moment(Moment(0, weights(1))).with_moment(Moment(10, weights(2)))

    assert kept.kept_steps == (0, 10)
    assert kept.initial is kept.moment(0).weights
    assert kept.moment(10).weights[("d", "weight", (1,))][0] == 2
    with pytest.raises(KeyError):
        kept.moment(5)


def test_a_step_that_is_not_log_spaced_is_kept_while_it_is_the_newest() -> None:
    kept = run().with_moment(Moment(10, weights())).with_moment(Moment(12, weights()))
    assert kept.kept_steps == (10, 12)

    assert kept.with_moment(Moment(15, weights())).kept_steps == (10, 15)


def test_going_back_to_an_earlier_step_drops_what_came_after() -> None:
    kept = run()
    for step in (0, 10, 15, 20):
        kept = kept.with_moment(Moment(step, weights()))

    assert kept.with_moment(Moment(15, weights(5))).kept_steps == (0, 10, 15)


def test_the_weights_of_one_run_stay_within_its_budget() -> None:
    kept = run()
    for step in (0, 1, 2, 3, 5, 7, 10, 15, 20, 30, 50, 70, 100):
        kept = kept.with_moment(Moment(step, weights(megabytes=RUN_BYTES / (1 << 20) / 5)))

    assert kept.bytes <= RUN_BYTES
    assert len(kept.moments) == 4
    assert {0, 10, 100} <= set(kept.kept_steps)


def test_a_network_that_is_too_large_has_no_moments_and_says_so() -> None:
    large = msgspec.structs.replace(PROJECT, network=preset("vgg-16"))

    assert msgspec.structs.replace(run(), project=large).too_large
    assert not run().too_large
    kept = run().with_moment(Moment(0, weights(megabytes=RUN_BYTES / (1 << 20) + 1)))
    assert kept.moments == ()
    assert not kept.initial


def test_all_runs_together_stay_within_theirs_and_the_oldest_give_way(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("cnnviz.runs.model.ALL_BYTES", 10 << 20)
    runs = {}
    for number in (1, 2, 3, 10):
        one = run(number)
        for step in (0, 1, 2, 3):
            one = one.with_moment(Moment(step, weights(megabytes=1)))
        runs[one.id] = one

    kept = within_budget(runs)

    assert budget.total_bytes([m.weights for one in kept.values() for m in one.moments]) <= 10 << 20
    assert kept["r10"] is runs["r10"]
    assert len(kept["r1"].moments) < len(kept["r3"].moments)
    assert all(one.initial for one in kept.values())
    assert list(kept) == list(runs)


def test_initial_weights_go_where_nothing_else_can(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cnnviz.runs.model.ALL_BYTES", 1)
    runs = {f"r{n}": run(n).with_moment(Moment(0, weights(n))) for n in (1, 2)}

    kept = within_budget(runs)

    assert not kept["r1"].initial
    assert kept["r2"].initial


def test_a_run_begins_again_with_one_thing_changed() -> None:
    present_project = renamed(
        Project(Network(layers=(Conv2d(uid="c"),)), seed=9, training=Training(epochs=7)), "r1", "A"
    )

    again = begun_again(run(), present_project, learning_rate=0.1)

    assert again.training == Training(learning_rate=0.1)
    assert (again.network, again.seed) == (PROJECT.network, 3)
    assert again.runs == present_project.runs
    assert begun_again(run(), present_project, seed=4).seed == 4


def test_initial_weights_are_known_from_the_run_or_from_the_seed() -> None:
    kept = run(initial=weights(4), from_seed=False)
    assert weights_again(kept) is kept.initial

    assert weights_again(run(from_seed=True)) == {}
    assert weights_again(run(initial=weights(4), from_seed=True)) == {}  # another seed counts

    lost = run(from_seed=False)
    assert not can_begin_again(lost)
    with pytest.raises(KeyError):
        weights_again(lost)
