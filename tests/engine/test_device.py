"""Choosing a device, leaving it, and falling back from one that fails."""

from __future__ import annotations

from collections.abc import Callable
from multiprocessing import Pipe

import numpy as np
import pytest
import torch

from cnnviz.engine import bench, trouble, worker
from cnnviz.engine import device as devices
from cnnviz.engine.protocol import (
    Failed,
    Probed,
    Progress,
    Ready,
    Snapshot,
    Stop,
    UseDevice,
    decode_from_engine,
    encoder,
)
from cnnviz.engine.trouble import DeviceLostError
from cnnviz.training import Training
from tests.engine.desk import QUICK, RESTLESS, Desk, begin


def test_an_unknown_device_leaves_it_where_it_is(desk: Desk) -> None:
    before = desk.last(Ready)
    desk.tell(UseDevice("abacus:7"))
    assert len(desk.all(Ready)) == 2
    assert desk.last(Ready).device == before.device
    assert not desk.all(Failed)


@pytest.mark.parametrize(
    ("there", "found"),
    [
        ({}, ["cpu"]),
        ({"cuda": 2}, ["cuda:0", "cuda:1", "cpu"]),
        ({"xpu": 1}, ["xpu:0", "cpu"]),
        ({"mps": 1}, ["mps", "cpu"]),
        ({"cuda": 1, "xpu": 1}, ["cuda:0", "xpu:0", "cpu"]),
    ],
)
def test_the_fastest_kind_of_device_comes_first(
    monkeypatch: pytest.MonkeyPatch, there: dict[str, int], found: list[str]
) -> None:
    for kind, room in (("cuda", torch.cuda), ("xpu", torch.xpu), ("mps", torch.backends.mps)):
        monkeypatch.setattr(room, "is_available", lambda kind=kind: kind in there)
        if kind != "mps":
            monkeypatch.setattr(room, "device_count", lambda kind=kind: there.get(kind, 0))
    assert devices.available() == found


@pytest.mark.parametrize("device", ["cuda:1", "xpu:0"])
def test_memory_is_asked_of_the_device_itself(monkeypatch: pytest.MonkeyPatch, device: str) -> None:
    room, asked = getattr(torch, device.split(":", maxsplit=1)[0]), []

    def answer(value: object) -> Callable[[str], object]:
        def told(name: str) -> object:
            asked.append(name)
            return value

        return told

    monkeypatch.setattr(room, "mem_get_info", answer((7, 100)))
    monkeypatch.setattr(room, "memory_allocated", answer(5))
    assert (devices.free_memory(device), devices.held_memory(device)) == (7, 5)
    assert asked == [device, device]


def test_on_mps_images_lie_in_the_plain_order() -> None:
    """In the other one it is now and then silently wrong."""
    assert devices.order_on("mps") == torch.contiguous_format
    for device in ("cpu", "cuda:0", "xpu:0"):
        assert devices.order_on(device) == torch.channels_last


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
    assert devices.works("cuda:77")  # `to` left all on the CPU
    right = [torch.nn.functional.conv2d]

    def right_once(x: torch.Tensor, kernel: torch.Tensor) -> torch.Tensor:
        return right.pop()(x, kernel) if right else kernel.sum() * torch.zeros(2, 4, 6, 6)

    monkeypatch.setattr(torch.nn.functional, "conv2d", right_once)
    assert not devices.works("cuda:77")


def test_a_device_is_checked_by_its_way_back_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.Tensor, "to", lambda self, device: self)
    right = [torch.autograd.grad]

    def right_once(y: torch.Tensor, x: torch.Tensor) -> tuple[torch.Tensor, ...]:
        return right.pop()(y, x) if right else (torch.zeros_like(x),)

    monkeypatch.setattr(torch.autograd, "grad", right_once)
    assert not devices.works("cuda:77")


def test_a_device_that_is_lost_ends_the_process(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """CUDA answers everything with an error from then on: another process is needed, and the window
    starts one, which goes on from the last snapshot."""
    begin(desk)
    kept = len(desk.all(Snapshot))
    lost = torch.AcceleratorError("CUDA error: an illegal memory access was encountered")

    def gone(*_: object, **__: object) -> torch.Tensor:
        raise lost

    monkeypatch.setattr("cnnviz.engine.build.Model.forward", gone)
    with pytest.raises(DeviceLostError, match="does not answer any more"):
        desk.work()
    assert len(desk.all(Snapshot)) == kept, "what cannot be read is not told"
    monkeypatch.setattr("cnnviz.engine.build.Model.look", gone)
    with pytest.raises(DeviceLostError):
        desk.probe()


def test_an_engine_without_its_device_ends_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    ours, theirs = Pipe()

    def gone(*_: object) -> None:
        raise RuntimeError("level_zero backend failed with error: 20 (UR_RESULT_ERROR_DEVICE_LOST)")

    monkeypatch.setattr(worker.Engine, "_use", gone)
    ours.send_bytes(encoder.encode(UseDevice("cpu")))
    worker.serve(theirs)  # it returns
    assert isinstance(decode_from_engine(ours.recv_bytes()), Ready)
    ours.close()
    theirs.close()


@pytest.mark.parametrize(
    ("error", "is_lost"),
    [
        (torch.AcceleratorError("CUDA error: unspecified launch failure"), True),
        (RuntimeError("Vulkan device lost"), True),
        (torch.AcceleratorError("CUDA error: out of memory"), False),
        (torch.OutOfMemoryError("CUDA out of memory."), False),
        (RuntimeError("shape mismatch"), False),
    ],
)
def test_what_is_a_lost_device(error: Exception, is_lost: bool) -> None:
    assert trouble.lost(error) == is_lost


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
