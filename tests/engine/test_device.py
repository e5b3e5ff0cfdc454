"""Choosing a device, leaving it, and falling back from one that fails."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from cnnviz.engine import bench
from cnnviz.engine import device as devices
from cnnviz.engine.protocol import (
    Failed,
    Probed,
    Progress,
    Ready,
    Stop,
    UseDevice,
)
from cnnviz.training import Training
from tests.engine.desk import QUICK, RESTLESS, Desk, begin


def test_an_unknown_device_leaves_it_where_it_is(desk: Desk) -> None:
    before = desk.last(Ready)
    desk.tell(UseDevice("abacus:7"))
    assert len(desk.all(Ready)) == 2
    assert desk.last(Ready).device == before.device
    assert not desk.all(Failed)


def test_a_device_that_fails_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is promised by the driver, but does not answer: the next one, and a word about it."""
    monkeypatch.setattr(devices, "available", lambda: ["cuda:0", "xpu:3", "cpu"])
    asked: list[str] = []

    def works(device: str) -> bool:
        asked.append(device)
        return device == "cpu"

    monkeypatch.setattr(devices, "works", works)
    desk = Desk()
    ready = desk.last(Ready)
    assert ready.device == "cpu"
    assert ready.devices == ["cuda:0", "xpu:3", "cpu"]
    assert asked == ["cuda:0", "xpu:3", "cpu"]
    assert ready.note is not None
    assert "XPU:3" in str(ready.note.message())


def test_a_device_is_checked_by_what_it_computes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Here there is no such device: asking it raises, and that is an answer."""
    assert devices.works("cpu")
    assert not devices.works("cuda:77")
    assert not devices.works("meta")

    monkeypatch.setattr(torch.Tensor, "to", lambda self, device: self)
    assert devices.works("imagined")
    right = [torch.nn.functional.conv2d]

    def right_once(x: torch.Tensor, kernel: torch.Tensor) -> torch.Tensor:
        return right.pop()(x, kernel) if right else torch.zeros(2, 4, 6, 6)

    monkeypatch.setattr(torch.nn.functional, "conv2d", right_once)
    assert not devices.works("imagined")


def test_the_wanted_device_comes_first_and_the_fastest_else(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    known = ["cuda:0", "cuda:1", "cpu"]
    monkeypatch.setattr(devices, "works", lambda device: device != "cuda:0")
    assert devices.choose("cuda:1", known) == ("cuda:1", None)
    assert devices.choose("cpu", known) == ("cpu", None)
    device, note = devices.choose(None, known)
    assert device == "cuda:1"
    assert "CUDA:0" in str(note)
    device, note = devices.choose("cuda:0", known)
    assert device == "cuda:1"
    assert note is not None
    monkeypatch.setattr(devices, "works", lambda device: False)
    device, note = devices.choose(None, ["cuda:0"])
    assert device == "cpu"
    assert "CUDA:0" in str(note)


def test_going_to_another_device_takes_the_weights_along(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """PyTorch's `cpu:0` stands in for another one."""
    begin(desk)
    monkeypatch.setattr(desk.engine.bench, "_devices", ["cpu:0", "cpu"])
    monkeypatch.setattr(devices, "works", lambda device: True)
    desk.tell(UseDevice("cpu:0"))
    assert desk.last(Ready).device == "cpu:0"
    assert desk.last(Progress).state == "stopped"
    learned = desk.weights()
    desk.probe("conv")
    for tensor in desk.last(Probed).weights:
        assert np.array_equal(tensor.array(), learned[tensor.key])
    desk.train(QUICK)
    desk.work()
    assert desk.last(Progress).state == "finished"


def test_the_run_goes_on_where_the_wanted_device_fails(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    begin(desk)
    monkeypatch.setattr(desk.engine.bench, "_devices", ["cuda:0", "cpu"])
    monkeypatch.setattr(devices, "works", lambda device: device == "cpu")
    desk.tell(UseDevice("cuda:0"))
    ready = desk.last(Ready)
    assert ready.device == "cpu"
    assert ready.note is not None
    assert desk.engine.busy
    desk.tell(Stop())


@pytest.mark.gpu
def test_an_accelerator_trains_looks_and_comes_back(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same network on the accelerator and then on the CPU gives the same answer."""
    if devices.available() == ["cpu"]:
        pytest.skip("PyTorch finds no accelerator on this machine")
    from tests.engine.desk import load_slowly

    monkeypatch.setattr(bench, "load_steps", load_slowly)
    desk = Desk()
    assert desk.last(Ready).device != "cpu"
    desk.load(RESTLESS)
    desk.train(Training(optimizer="adam", learning_rate=0.01, batch_size=16, epochs=20))
    desk.work()
    assert desk.last(Progress).state == "finished"
    assert desk.last(Progress).test[-1].accuracy > 0.8
    desk.probe("conv")
    there = desk.last(Probed)
    desk.tell(UseDevice("cpu"))
    desk.probe("conv")
    here = desk.last(Probed)
    np.testing.assert_allclose(here.probabilities, there.probabilities, atol=1e-3)
    for one, other in zip(here.weights, there.weights, strict=True):
        assert np.array_equal(one.array(), other.array())
    desk.train(QUICK)
    desk.work()
    assert desk.last(Progress).state == "finished"
