"""No step waits for the device: nothing is read from it, and nothing comes to it from Python.

PyTorch's `meta` stands in for a device: it has shapes and no numbers, so that whoever reads one
fails, and what comes to it from elsewhere is seen here.
"""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

import pytest
import torch
from torch.overrides import TorchFunctionMode
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

from cnnviz.analysis import analyze
from cnnviz.engine import stepping
from cnnviz.engine.batches import DeviceData
from cnnviz.engine.build import build
from cnnviz.engine.figures import LayerWatch
from cnnviz.engine.sight import Sight
from cnnviz.engine.train import Run
from cnnviz.layers import Conv2d, Layer, Size
from cnnviz.preparation import Preparation
from cnnviz.training import Training
from tests.engine.desk import RESTLESS, samples
from tests.test_every_kind import layers, named, report_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from cnnviz.analysis import Report

DEVICE = "meta"
FROM_PYTHON = {"tensor", "as_tensor", "asarray", "new_tensor"}
BY_INDEX = {"__getitem__", "__setitem__", "index_put_", "index_put"}


class _Copies(TorchDispatchMode):
    """Notes what goes from one device to another."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        out = func(*args, **(kwargs or {}))
        values = [v for v in tree_leaves((args, kwargs, out)) if isinstance(v, torch.Tensor)]
        if len({value.device.type for value in values}) > 1:
            self.found.append(str(func))
        return out


class _Numbers(TorchFunctionMode):
    """Notes what comes to the device as numbers of Python."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def __torch_function__(
        self, func: Callable[..., Any], types: Any, args: Any = (), kwargs: Any = None
    ) -> Any:
        out = func(*args, **(kwargs or {}))
        name = getattr(func, "__name__", "")
        there = [v for v in tree_leaves((args, out)) if isinstance(v, torch.Tensor)]
        if any(value.device.type == DEVICE for value in there) and (
            name in FROM_PYTHON or (name in BY_INDEX and _has_list(args[1]))
        ):
            self.found.append(name)
        return out


def _has_list(index: Any) -> bool:
    return any(isinstance(one, list) for one in (index if isinstance(index, tuple) else (index,)))


@pytest.fixture(autouse=True)
def _meta_computes(monkeypatch: pytest.MonkeyPatch) -> None:
    """It knows neither mixed precision nor chance."""

    class OfTheProcessor(torch.Generator):
        def __new__(cls, *_: object) -> OfTheProcessor:
            return super().__new__(cls)

    monkeypatch.setattr(torch, "autocast", lambda *_, **__: contextlib.nullcontext())
    monkeypatch.setattr(torch, "Generator", OfTheProcessor)


def waits(report: Report, preparation: Preparation | None = None, **settings: Any) -> list[str]:
    """What a step waits for, the second one of a run and all that is measured beside it."""
    model = build(report, {}, 0, device=DEVICE)
    model.sight = Sight(model.input, preparation)
    training = Training(batch_size=16, epochs=1, **settings)
    run = Run(model, DeviceData(samples(), DEVICE), training, 0)
    run.watch = LayerWatch(model, run.weights)
    indices = run.order(0)[:16]
    run.learn(indices)
    with _Copies() as copies, _Numbers() as numbers:
        run.learn(indices)
    assert run.step == 2
    return copies.found + numbers.found


KINDS = [layer for layer in layers() if layer.initialisation.recipe == "default"]
"""How a layer begins is no matter of its steps."""


@pytest.mark.parametrize("layer", KINDS, ids=named)
def test_of_every_kind(layer: Layer) -> None:
    assert waits(report_of(layer)) == []


def test_where_some_filters_are_frozen() -> None:
    some = Conv2d(filters=4, kernel=Size(3, 3), frozen_filters=(0, 2))
    assert waits(report_of(some)) == []


@pytest.mark.parametrize(
    "preparation",
    [
        Preparation(scaling="standardised"),
        Preparation(scaling="one_deviation"),
        Preparation(move=10, rotate=5, zoom=10, shear=5, flip="both"),
        Preparation(elastic=30),
        Preparation(noise=10),
        Preparation(erase=30),
    ],
    ids=["standardised", "contrast", "warped", "elastic", "noise", "erased"],
)
def test_of_every_preparation(preparation: Preparation) -> None:
    assert waits(analyze(RESTLESS, 10), preparation) == []


@pytest.mark.parametrize("optimizer", ["sgd", "rmsprop"])
@pytest.mark.parametrize("loss", ["cross_entropy", "mean_squared_error"])
def test_of_every_setting(optimizer: str, loss: str) -> None:
    given: dict[str, Any] = {"optimizer": optimizer, "loss": loss, "clipping": 1.0, "shift": 2}
    assert waits(analyze(RESTLESS, 10), **given) == []


@pytest.mark.parametrize("wait", ["item", "copy", "number", "index"])
def test_whoever_waits_is_seen(wait: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Otherwise all of the above would mean nothing."""

    def waiting(x: torch.Tensor) -> torch.Tensor:
        if wait == "item":
            return x * float(x.sum())
        if wait == "copy":
            return x * torch.ones(1).to(x.device)
        if wait == "number":
            return x * torch.tensor([2.0], device=x.device)
        return x[[1, 0]].repeat(8, 1, 1, 1)

    monkeypatch.setattr(stepping, "augmented", lambda x, *_: waiting(x))
    report = analyze(RESTLESS, 10)
    if wait == "item":
        with pytest.raises(RuntimeError, match="meta"):
            waits(report)
    else:
        assert waits(report) != []
