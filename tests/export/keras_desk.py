"""Networks as Keras scripts that a Keras of its own process has built, weighed and run."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from math import prod
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from cnnviz.analysis import Report, analyze
from cnnviz.engine.build import build
from cnnviz.engine.inline import learned
from cnnviz.export.keras import keras_source
from cnnviz.layers import (
    Branches,
    Conv2d,
    Dense,
    Flatten,
    GroupNorm,
    LayerNorm,
    LocallyConnected2d,
    Maps,
    TransposedConv2d,
    Vector,
)
from cnnviz.network import INPUT_UID, Network
from cnnviz.project import Project

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from cnnviz.analysis import Row
    from cnnviz.project import Weights

PROGRAM = Path(__file__).with_name("keras_program.py")


def run_in_keras(folder: Path, networks: Mapping[str, Network]) -> dict[str, dict[str, Any]]:
    """Name -> what Keras found of each; "ours" and "theirs" are logits (images, classes)."""
    for name, network in networks.items():
        report = analyze(network)
        assert report.problem is None
        source = keras_source(Project(network), report)
        (folder / f"{name}.py").write_text(source, encoding="utf-8")
        model = build(report, {}, 1)
        chance = np.random.default_rng(0)
        weights = {key: _other(*key, values, chance) for key, values in learned(model).items()}
        model = build(report, weights, 1)
        image = network.input
        x = chance.normal(size=(3, image.channels, image.height, image.width)).astype("float32")
        with torch.no_grad():
            np.save(folder / f"{name}.ours.npy", model(torch.from_numpy(x)).numpy())
        arrays: dict[str, Any] = {"x": x.transpose(0, 2, 3, 1)}
        arrays |= {f"w{i}": values for i, values in enumerate(_in_keras(report, weights))}
        np.savez(folder / f"{name}.npz", **arrays)
    done = subprocess.run(
        [sys.executable, "-W", "error", str(PROGRAM), str(folder)],
        env={**os.environ, "KERAS_BACKEND": "torch", "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    found: dict[str, dict[str, Any]] = json.loads((folder / "found.json").read_text())
    for name, facts in found.items():
        facts["ours"] = np.load(folder / f"{name}.ours.npy")
        if (folder / f"{name}.npy").exists():
            facts["theirs"] = np.load(folder / f"{name}.npy")
    return found


def check_in_keras(report: Report, facts: dict[str, Any]) -> None:
    """Keras has the same shapes, counts and values as the report and the engine."""
    assert isinstance(report.output, Vector)
    assert facts["output"] == [None, report.output.length]
    assert facts["trainable"] == report.trainable
    assert facts["all"] == report.parameters + report.buffers
    image = report.network.input
    assert facts.get("prepared") == [2, image.height, image.width, image.channels], facts["shapes"]
    scale = max(1.0, np.abs(facts["ours"]).max())
    np.testing.assert_allclose(facts["theirs"] / scale, facts["ours"] / scale, atol=2e-5)


def _other(
    uid: str, name: str, shape: tuple[int, ...], values: np.ndarray, chance: np.random.Generator
) -> np.ndarray:
    """Not what it starts from, so that biases, scales and statistics are seen to arrive."""
    noise = chance.uniform(0.1, 0.3, shape).astype(np.float32)
    return values + noise if name in ("bias", "running_mean", "running_var") else values


def _in_keras(report: Report, weights: Weights) -> Iterator[np.ndarray]:
    """All tensors as Keras has them, in the order of the rows."""
    # Where a group norm wants the order of PyTorch, the script keeps it.
    kept = any(isinstance(r.layer, GroupNorm) and isinstance(r.input, Vector) for r in report.rows)
    for row in report.rows:
        yield from _of_row(row, None if kept else _order(report, row.source), weights)


def _order(report: Report, uid: str) -> np.ndarray | None:
    """PyTorch flattens map by map, Keras pixel by pixel: where the values of a vector are."""
    if uid == INPUT_UID:
        return None
    row = report.row(uid)
    layer, x = row.layer, row.input
    if isinstance(layer, Flatten) and isinstance(x, Maps):
        places = np.arange(x.size).reshape(x.channels, x.height, x.width)
        return places.transpose(1, 2, 0).reshape(-1)
    if isinstance(layer, Dense) or isinstance(row.output, Maps):
        return None
    if not isinstance(layer, Branches):
        return _order(report, row.source)
    ends = [branch[-1].uid if branch else row.source for branch in layer.branches]
    sizes = [report.row(end).output.size for end in ends]  # type: ignore[union-attr]
    orders = [
        np.arange(size) if (found := _order(report, end)) is None else found
        for end, size in zip(ends, sizes, strict=True)
    ]
    if layer.merge != "concat":
        return orders[0]
    starts = np.cumsum([0, *sizes[:-1]])
    return np.concatenate([order + start for order, start in zip(orders, starts, strict=True)])


def _of_row(row: Row, order: np.ndarray | None, weights: Weights) -> Iterator[np.ndarray]:
    layer, x, y = row.layer, row.input, row.output
    for name, shape in row.tensors.items():
        values = weights[row.layer.uid, name, shape]
        if isinstance(layer, Dense) and name == "weight":
            yield (values if order is None else values[:, order]).T
        elif isinstance(layer, Conv2d) and name == "weight" and layer.connections:
            yield values.transpose(1, 2, 0)
        elif isinstance(layer, Conv2d) and name == "weight":
            yield _convolution(layer, values)
        elif isinstance(layer, TransposedConv2d) and name == "weight":
            yield values.transpose(2, 3, 1, 0)
        elif isinstance(layer, LocallyConnected2d) and isinstance(x, Maps) and isinstance(y, Maps):
            places = (y.height, y.width)
            if name == "bias":
                yield values.reshape(*places, y.channels)
            else:
                each = values.reshape(*places, y.channels, x.channels, *layer.kernel.pair)
                each = each.transpose(0, 1, 4, 5, 3, 2)
                yield each.reshape(*places, prod(each.shape[2:5]), y.channels)
        elif isinstance(layer, LayerNorm) and isinstance(x, Maps):
            yield values.transpose(1, 2, 0)
        elif layer.kind == "activation" and isinstance(x, Maps):  # PReLU
            yield values.reshape(1, 1, -1)
        elif order is not None and not isinstance(layer, Dense):
            yield values[order]
        else:
            yield values


def _convolution(layer: Conv2d, values: np.ndarray) -> np.ndarray:
    depthwise = layer.groups > 1 and values.shape[1] == 1
    if depthwise and layer.stride.height == layer.stride.width:
        each = values.reshape(layer.groups, -1, *values.shape[2:])
        return each.transpose(2, 3, 0, 1)
    return values.transpose(2, 3, 1, 0)
