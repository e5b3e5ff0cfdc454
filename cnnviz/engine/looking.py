"""Answers to looks at an image, each of which the window waits for before it asks for another."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnnviz.engine.as_trained import companions, norms_of
from cnnviz.engine.probe import at_rest, look
from cnnviz.engine.protocol import Probed

if TYPE_CHECKING:
    from collections.abc import Generator

    import torch

    from cnnviz.engine.batches import DeviceData
    from cnnviz.engine.bench import Bench
    from cnnviz.engine.protocol import Probe
    from cnnviz.engine.runner import Runner


class Looking:
    """Answers at once, but where other images are wanted that have not been read yet."""

    def __init__(self, bench: Bench, runner: Runner) -> None:
        self._bench, self._runner = bench, runner
        self._waiting: Probe | None = None
        self._reader: Generator[None, None, DeviceData] | None = None

    @property
    def busy(self) -> bool:
        """Whether a look waits for images that are being read."""
        return self._waiting is not None

    def take(self, probe: Probe) -> None:
        """Answer a look, now or as soon as the images are there; one that waits is overtaken."""
        self._waiting = self._reader = None
        model = self._bench.model
        if probe.as_trained is None or model is None or not norms_of(model):
            self._answer(probe, None)
        else:
            self._waiting, self._reader = probe, self._bench.data()
            self.advance()  # mostly they have been read long ago

    def begin_anew(self) -> None:
        """There is another network, perhaps of other data."""
        if self._waiting is not None:
            self._reader = self._bench.data()

    def advance(self) -> None:
        """Read on, and answer where nothing is left to be read."""
        probe, reader, model = self._waiting, self._reader, self._bench.model
        if probe is None or reader is None:
            return
        others: torch.Tensor | None = None
        try:
            next(reader)
        except StopIteration as end:
            self._waiting = self._reader = None
            if model is not None and probe.as_trained is not None:
                with at_rest(model):
                    others = companions(model, end.value, probe.as_trained)
            self._answer(probe, others)
        except Exception:  # they cannot be had, which is told: batch norm goes by what it has kept
            self._waiting = self._reader = None
            self._answer(probe, None)
            raise

    def _answer(self, probe: Probe, others: torch.Tensor | None) -> None:
        bench, revision, step = self._bench, self._bench.revision, self._runner.step
        answer = Probed(probe.id, revision, step, [], [], [])
        try:
            if bench.model is not None:
                answer = look(
                    bench.model,
                    probe,
                    revision=revision,
                    step=step,
                    device=bench.device,
                    others=others,
                )
        finally:  # each is answered, because the window waits with the next one
            bench.send(answer)
