"""Studies: in slices, beside a run that does not notice, each told or explained."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from cnnviz.engine import bench, studies
from cnnviz.engine.protocol import Forget, Studied, Study
from cnnviz.engine.protocol.studies import Average, Averaged
from cnnviz.engine.studies.found import Work
from cnnviz.layers import Dense
from tests.engine.desk import (
    LONG,
    QUICK,
    RESTLESS,
    TEST,
    Desk,
    load_slowly,
    same,
    samples,
    small_network,
)


def ask(desk: Desk, subject: Average, slot: str = "a", number: int = 1) -> None:
    desk.tell(Study(number, slot, subject))


@pytest.mark.parametrize("label", [None, 3])
@pytest.mark.parametrize("uid", ["input", "conv", "dense"])
def test_the_average_is_that_of_the_maps_of_all_images(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, label: int | None, uid: str
) -> None:
    monkeypatch.setattr(studies.averages, "images_a_slice", lambda model: 3)
    desk.load(RESTLESS)
    ask(desk, Average(uid, label))
    desk.work()
    answers = desk.all(Studied)
    assert [answer.done for answer in answers] == sorted(answer.done for answer in answers)
    assert answers[-1].done == 1
    finding = answers[-1].finding
    assert isinstance(finding, Averaged)
    shown = samples()
    chosen = [
        image
        for image, truth in zip(shown.test_images, shown.test_labels, strict=True)
        if label is None or truth == label
    ]
    assert finding.images == len(chosen) == (TEST if label is None else TEST // 10)
    model = desk.engine.bench.model
    assert model is not None
    images = torch.from_numpy(np.stack(chosen)).float().div(255).unsqueeze(1)
    outputs = {"input": images}
    model.eval()
    with torch.inference_mode():
        model.look(images, outputs.__setitem__)
    np.testing.assert_allclose(finding.maps.array(), outputs[uid].mean(0).numpy(), atol=1e-5)


def test_a_run_does_not_notice(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(studies, "SHARE", 1.0)  # no waiting for a clock
    desk.load(RESTLESS)
    desk.train(QUICK)
    desk.work()
    alone = desk.weights()
    other = Desk()
    other.load(RESTLESS)
    other.train(QUICK)
    number = 0
    while other.engine.runner.busy:
        number += 1
        ask(other, Average("conv", number % 10), number=number)
        other.work(2)
    other.work()
    assert len(other.all(Studied)) > 3
    assert same(alone, other.weights())


def test_beside_a_run_it_takes_a_share_of_the_time(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = [0.0]
    monkeypatch.setattr("cnnviz.engine.studies.time.perf_counter", lambda: clock[0])

    def slowly(subject: Average, bench: object) -> Work:
        while True:
            clock[0] += 1.0
            yield None

    monkeypatch.setitem(studies._STUDIES, Average, slowly)
    desk.load(RESTLESS)
    desk.train(LONG)
    ask(desk, Average("conv"))
    busy = clock[0]
    for _ in range(400):  # of training take 0.1 seconds each
        clock[0] += 0.1
        desk.work(1)
    passed = clock[0] - busy
    assert passed - 40 == pytest.approx(passed * studies.SHARE, abs=2)


def test_each_slot_has_one_and_all_have_their_turn(desk: Desk) -> None:
    desk.load(RESTLESS)
    ask(desk, Average("conv"), "a", 1)
    ask(desk, Average("relu"), "b", 2)
    ask(desk, Average("pool"), "a", 3)
    ask(desk, Average("norm"), "c", 4)
    desk.tell(Forget("c"), Forget("d"))
    desk.work()
    assert {(answer.slot, answer.id) for answer in desk.all(Studied)} == {("a", 3), ("b", 2)}


def test_a_network_that_is_loaded_ends_them(desk: Desk) -> None:
    desk.load(RESTLESS)
    ask(desk, Average("conv"))
    desk.load(small_network())
    assert not desk.engine.busy
    assert not desk.all(Studied)


def test_what_cannot_be_looked_into_is_explained(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.load(small_network(Dense(uid="broken", units=10)))  # maps where a vector is wanted
    ask(desk, Average("conv"))
    desk.load(RESTLESS)
    ask(desk, Average("nobody"), number=2)
    desk.work()
    ask(desk, Average("conv", 77), number=3)
    desk.work()

    def fails(subject: Average, bench: object) -> Work:
        yield None
        raise RuntimeError("CUDA error: an illegal memory access")

    monkeypatch.setitem(studies._STUDIES, Average, fails)
    ask(desk, Average("conv"), number=4)
    desk.work()
    notes = [str(answer.note.message()) for answer in desk.all(Studied) if answer.note]
    assert notes[:3] == [
        "This waits until the problem in the network is fixed.",
        "This layer is not in the network.",
        "No test image is of this class.",
    ]
    assert "illegal memory access" in notes[3]
    assert [answer.done for answer in desk.all(Studied)] == [1, 1, 1, 1]


def test_the_data_are_read_once_for_all_who_want_them(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[str] = []

    def counted(name: str) -> object:
        read.append(name)
        return load_slowly(name)

    monkeypatch.setattr(bench, "load_steps", counted)
    desk.load(RESTLESS)
    for number, slot in enumerate("abc"):
        ask(desk, Average("conv", number), slot, number + 1)
    desk.work(2)
    desk.tell(Forget("a"))  # the one that has begun to read
    desk.work()
    assert {answer.slot for answer in desk.all(Studied)} == {"b", "c"}
    assert read == ["mnist"]
    desk.train(QUICK)
    desk.work()
    assert read == ["mnist"]
