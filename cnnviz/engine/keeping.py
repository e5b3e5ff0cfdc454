"""The weights of a run on their way to the window, and the last sound ones, to go back to."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import numpy as np
import torch

from cnnviz.engine.memory import memory_bytes
from cnnviz.engine.protocol import Passed, Snapshot, Tensor
from cnnviz.runs import Place, most_moments, next_scheduled

if TYPE_CHECKING:
    from cnnviz.engine.bench import Bench
    from cnnviz.engine.train import Run
    from cnnviz.project import Weights

SNAPSHOT_SECONDS = 2.0
SNAPSHOT_SHARE, SNAPSHOT_LATEST = 0.005, 60.0
"""At most this share of the time goes into snapshots, as long as one comes every minute."""
SNAPSHOT_MOST = 0.02
"""At most this share, however large the network is."""
MEMORY_BYTES = 256 << 20
"""Of an optimiser that remembers more nothing is kept, and such a run cannot be gone on with after
the program has been closed."""
NEVER = -1


class Keeper:
    """Keeps the weights of the network that is trained, and tells the window of them."""

    def __init__(self, bench: Bench) -> None:
        self._bench = bench
        self.snapshot_due = 0.0
        """When the next snapshot is to be taken, by `time.perf_counter`."""
        self.next_moment = NEVER
        """The next step of which the weights are told, for the time machine."""
        self._number = 0
        self._good: dict[str, torch.Tensor] = {}
        self._good_step = 0

    def begin(self, run: Run, number: int) -> None:
        """Keep what this run learns from now on. number: by which the window knows the run."""
        self._number = number
        self._good = {}
        self._remember(run)
        self.snapshot_due = time.perf_counter() + SNAPSHOT_SECONDS
        values = sum(tensor.numel() for _, tensor in run.model.tensors())
        self.next_moment = run.step if most_moments(4 * values) else NEVER
        if self.next_moment > 0:
            self.next_moment = next_scheduled(run.step)

    def tell_moment(self, run: Run) -> None:
        """Tell the weights of a step that is kept."""
        if self.next_moment == NEVER:
            return
        self.next_moment = next_scheduled(run.step)
        tensors = self._tensors()
        if all(np.isfinite(one.array()).all() for one in tensors):
            self._bench.send(Passed(self._bench.revision, self._number, run.step, tensors))

    def snapshot(self, run: Run | None, *, final: bool, goes_on: bool) -> None:
        """Keep the weights and tell the window. goes_on: whether the run can be gone on with.

        Raises:
            DivergenceError: they, or a loss on the way to them, are not finite.
        """
        started = time.perf_counter()
        if run is not None:
            run.read()
            self._remember(run)
        self.send(run, final=final, goes_on=goes_on)
        took = time.perf_counter() - started
        self.snapshot_due = started + seconds_between(took)

    def send(self, run: Run | None, *, final: bool, goes_on: bool) -> None:
        """Tell the window the present weights, and what it takes to go on from them."""
        if self._bench.trained is None or self._bench.loaded is None:
            return
        place: Place | None = None
        memory: Weights = {}
        if run is not None and goes_on and memory_bytes(run.optimizer) <= MEMORY_BYTES:
            place, memory = run.place(), run.memory()
        sent = [Tensor.of(uid, name, value) for (uid, name, _), value in memory.items()]
        revision, step = self._bench.loaded.revision, run.step if run else 0
        self._bench.send(
            Snapshot(revision, step, self._tensors(), final, place, sent if place else [])
        )

    def go_back(self, run: Run) -> bool:
        """Give the network its last sound weights; whether there are any."""
        if not self._good or self._bench.trained is None:
            return False
        with torch.no_grad():
            for name, tensor in self._bench.trained.state_dict().items():
                tensor.copy_(self._good[name])
        run.step = self._good_step
        return True

    def _remember(self, run: Run) -> None:
        if self._bench.trained is None:
            return
        state = {name: tensor.clone() for name, tensor in self._bench.trained.state_dict().items()}
        if not all(bool(torch.isfinite(tensor).all()) for tensor in state.values()):
            raise run.diverged(run.step)
        self._good, self._good_step = state, run.step

    def _tensors(self) -> list[Tensor]:
        assert self._bench.trained is not None
        return [
            Tensor.of(uid, name, tensor.detach().cpu().contiguous().numpy())
            for (uid, name, _), tensor in self._bench.trained.tensors()
        ]


def seconds_between(took: float) -> float:
    """From one snapshot to the next, where one takes so many seconds."""
    seldom = min(took / SNAPSHOT_SHARE, max(SNAPSHOT_LATEST, took / SNAPSHOT_MOST))
    return max(SNAPSHOT_SECONDS, seldom)
