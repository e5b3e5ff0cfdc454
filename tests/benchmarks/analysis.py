"""Analysis is done on every keystroke."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import msgspec

from cnnviz.analysis import analyze
from cnnviz.layers import LIMIT, Activation, BatchNorm, Conv2d, Dense, Flatten, Size
from cnnviz.network import MAX_LAYERS, Input, Network
from cnnviz.presets import preset
from tests.benchmarks.harness import median, show

if TYPE_CHECKING:
    from cnnviz.layers import Layer

BLOCK: list[Layer] = [Conv2d(filters=8, kernel=Size(3, 3), padding="same"), Activation()]


def stack(count: int) -> Network:
    """Convolutions, ReLUs and norms, so many layers in all, ending in ten units."""
    body = (BLOCK * count)[: count - 2]
    body[2::4] = [BatchNorm()] * len(body[2::4])
    layers = [*body, Flatten(), Dense(units=10)]
    named = [msgspec.structs.replace(layer, uid=str(n)) for n, layer in enumerate(layers)]
    return Network().with_layers(named)


def run() -> None:
    """Milliseconds for stacks of several sizes."""
    for count, aim in ((30, ""), (1000, "< 10 ms"), (MAX_LAYERS, "< 1,000 ms")):
        network = stack(count)
        show(f"{count:,} layers", f"{timed(network):.2f} ms", aim)
    show("VGG-16", f"{timed(preset('vgg-16')):.2f} ms")
    huge = [Conv2d(uid="c", filters=LIMIT, kernel=Size(1, 1)), Flatten(uid="f"), Dense(uid="d")]
    network = Network(input=Input(LIMIT, LIMIT)).with_layers(huge)
    show("sizes of 10⁹, and more parameters than are counted", f"{timed(network):.2f} ms")


def timed(network: Network) -> float:
    """Milliseconds of one analysis."""
    seconds: list[float] = []
    end = time.perf_counter() + 1
    while time.perf_counter() < end or len(seconds) < 3:
        started = time.perf_counter()
        analyze(network, 10)
        seconds.append(time.perf_counter() - started)
    return median(seconds)
