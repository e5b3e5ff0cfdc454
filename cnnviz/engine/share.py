"""How much of the processors a run really gets, where other programs want them too."""

from __future__ import annotations

import time

SECONDS = 4.0
"""Shorter than this says nothing: a system lets programs have their turns."""


class Share:
    """The processor time of this process while it trains; to be asked now and then.

    A run on a processor always has something to do for one thread at least. Where the process has
    less than the time of one core, its threads wait for cores, and for each other: what one of them
    could do by itself, two together do no sooner.
    """

    def __init__(self) -> None:
        self._since: tuple[float, float] | None = None
        self._cores: float | None = None

    def begin(self) -> None:
        """A run goes on after a time in which nothing was to be done, or otherwise than before."""
        self._since, self._cores = (time.perf_counter(), time.process_time()), None

    def cores(self) -> float | None:
        """How many cores' time the process had over the last seconds; None: not known yet."""
        if self._since is None:
            return None
        now, spent = time.perf_counter(), time.process_time()
        if now - self._since[0] >= SECONDS:
            self._cores = (spent - self._since[1]) / (now - self._since[0])
            self._since = now, spent
        return self._cores
