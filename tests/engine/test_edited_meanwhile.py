"""An engine whose network is edited in the middle of a run."""

from __future__ import annotations

import msgspec
import numpy as np

from cnnviz.engine.protocol import (
    Failed,
    Probed,
    Progress,
    Snapshot,
)
from cnnviz.layers import Conv2d, Dense, Size
from tests.engine.desk import (
    QUICK,
    RESTLESS,
    Desk,
    begin,
    keys,
    points,
    same,
    small_network,
    start_of,
)


# --- edits ------------------------------------------------------------------------------------
def test_an_edit_in_the_middle_of_a_run_keeps_what_fits(desk: Desk) -> None:
    begin(desk)
    wider = RESTLESS.replace("dense", Dense(uid="dense", units=10, bias=False))
    wider = wider.insert(1, Conv2d(uid="new", filters=3, kernel=Size(3, 3), padding="same"))
    desk.load(wider, keep=keys(RESTLESS, wider))
    assert not desk.engine.busy
    snapshot = desk.last(Snapshot)
    assert (snapshot.revision, snapshot.final) == (1, True)
    progress = desk.last(Progress)
    assert (progress.revision, progress.state) == (1, "stopped")
    assert len(points(desk)) == 4
    learned, fresh = snapshot.weights(), start_of(wider)
    desk.train(msgspec.structs.replace(QUICK, learning_rate=0.0), steps=1)
    desk.work()
    now = desk.weights()
    assert set(now) == set(fresh)
    for key, value in now.items():
        if key[1].startswith("running"):
            continue  # a step moves it at any rate
        expected = learned if key in learned else fresh
        assert np.array_equal(value, expected[key]), key
    assert any(key[0] == "new" for key in now)
    assert desk.last(Progress).run == 2


def test_a_load_sets_what_it_brings_and_starts_the_rest_afresh(desk: Desk) -> None:
    begin(desk)
    brought = {key: np.full(key[2], 3, np.float32) for key in keys(RESTLESS)[:1]}
    desk.load(RESTLESS, brought, seed=9)
    desk.train(msgspec.structs.replace(QUICK, learning_rate=0.0), steps=1)
    desk.work()
    fresh = start_of(RESTLESS, seed=9)
    for key, value in desk.weights().items():
        if not key[1].startswith("running"):
            assert np.array_equal(value, brought.get(key, fresh[key])), key


def test_kept_tensors_that_do_not_exist_are_no_trouble(desk: Desk) -> None:
    desk.load(small_network(), keep=[("nobody", "weight", (1,)), ("conv", "bias", (99,))])
    desk.load(small_network(filters=5), keep=keys(small_network()))
    assert not desk.all(Failed)
    desk.probe()
    assert len(desk.last(Probed).probabilities) == 10


def test_tensors_that_a_message_brought_are_the_engines_own(desk: Desk) -> None:
    """Training them does not write into the message."""
    weights = start_of(small_network())
    desk.load(small_network(), weights)
    desk.train()
    desk.work()
    assert same(weights, start_of(small_network()))
