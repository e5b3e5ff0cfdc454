"""The range test of the learning rate, on a copy of the network."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING

import msgspec

from cnnviz import range_test
from cnnviz.analysis import analyze
from cnnviz.engine import device as devices
from cnnviz.engine.protocol.studies import RangeTested
from cnnviz.engine.studies.found import Found, Work
from cnnviz.engine.train import Run

if TYPE_CHECKING:
    from cnnviz.engine.bench import Bench
    from cnnviz.engine.protocol.studies import RangeTest


def sweep(subject: RangeTest, bench: Bench) -> Work:
    """A step at each rate, with the optimiser, the batches and the chance of a run."""
    model, load = bench.trained, bench.loaded
    assert model is not None
    assert load is not None
    devices.check_fits(analyze(load.network), bench.device, subject.settings)
    data = yield from bench.data()
    rates = range_test.rates()
    settings = msgspec.structs.replace(
        subject.settings, schedule="constant", warm_up=0, run_length="steps", steps=len(rates)
    )
    run = Run(copy.deepcopy(model), data, settings, load.seed)
    order = run.order(0)
    losses: list[float] = []
    size = settings.batch_size
    for step, rate in enumerate(rates):
        run.change(msgspec.structs.replace(settings, learning_rate=rate))
        first = step * size % max(1, len(order) - size + 1)
        losses.append(float(run.learn(order[first : first + size])))
        over = range_test.over(losses) or step + 1 == len(rates)
        tested = range_test.judge(losses, rates)
        proposed = tested.rate if over else None
        done = 1.0 if over else (step + 1) / len(rates)
        yield Found(RangeTested(tested.rates, tested.losses, proposed), done)
        if over:
            return
