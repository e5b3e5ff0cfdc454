"""Analysis is done on every keystroke."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import msgspec

from cnnviz.analysis import analyze
from cnnviz.layers import LIMIT, Activation, BatchNorm, Conv2d, Dense, Flatten, Size
from cnnviz.network import MAX_LAYERS, Input, Network
from cnnviz.presets import PRESETS, preset
from tests.benchmarks.harness import median, show

if TYPE_CHECKING:
    from collections.abc import Callable

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
    for name in ("vgg-16", "resnet-50", "densenet-169"):
        network = preset(name)
        count = len(analyze(network).rows)
        each = f"{timed(network) / count * 1000:.2f} µs a layer"
        show(f"{PRESETS[name].title}, {count} layers, everything included", each, "<= 5 µs")
    huge = [Conv2d(uid="c", filters=LIMIT, kernel=Size(1, 1)), Flatten(uid="f"), Dense(uid="d")]
    network = Network(input=Input(LIMIT, LIMIT)).with_layers(huge)
    show("sizes of 10⁹, and more parameters than are counted", f"{timed(network):.2f} ms")
    against_torchinfo()


def timed(network: Network) -> float:
    """Milliseconds of processor time of one analysis."""
    return once(lambda: analyze(network, 10))


def once(do: Callable[[], object], seconds: float = 1.0) -> float:
    """Milliseconds of processor time that something takes, the median of as many as fit."""
    taken: list[float] = []
    end = time.perf_counter() + seconds
    while time.perf_counter() < end or len(taken) < 3:
        started = time.process_time()
        do()
        taken.append(time.process_time() - started)
    return median(taken)


def against_torchinfo() -> None:
    """How much quicker than torchinfo, which runs the model, with the same VGG-16 in this run.

    On the meta device nothing is computed, so that what is left is torchinfo's own work.
    """
    try:
        import torchinfo
    except ImportError:
        show("torchinfo", "missing", "python -m pip install -c constraints.txt -e '.[benchmarks]'")
        return
    import torch

    from cnnviz.engine.build import Model

    torch.set_num_threads(1)  # processor time of several threads adds up
    network = preset("vgg-16")
    report = analyze(network)
    image = network.input
    size = (1, image.channels, image.height, image.width)
    for device, aim in (("cpu", ">= 1,000 times"), ("meta", "")):
        with torch.device(device):
            model = Model(report).eval()

        def ask(device: str = device, model: Model = model) -> object:
            return torchinfo.summary(model, size, device=device, verbose=0)

        found = torchinfo.summary(model, size, device=device, verbose=0)
        if found.total_params != report.parameters:
            raise AssertionError("torchinfo counts other parameters")
        ours, theirs = timed(network), once(ask, 3.0)
        ours = min(ours, timed(network))  # before and after: the machine may do other work
        show(
            f"torchinfo on VGG-16 ({device}) {theirs:,.1f} ms, here {ours:.3f} ms",
            f"{theirs / ours:,.0f} times",
            aim,
        )
