"""How often the window looks at weights that change: as often as its own work leaves room for."""

from __future__ import annotations

import math
import time

LIVE_SECONDS = 0.1
"""How often a picture is asked for while the weights change."""
SELDOM = 5
"""So many times as seldom at most, where the window takes a core from the run."""
SHARE = 0.03
"""Of one core's time the window may take so much from such a run, with all that it draws."""


class Glances:
    """When the next picture is due while a run goes on.

    On a processor each step of a run is over when the last of its threads is. Where there are as
    many as cores, the window's work stops all of them: it costs the run about as much of its time
    as it takes of a core. There a picture comes the later, the more has been drawn since the last.
    """

    def __init__(self) -> None:
        self._last = -math.inf, 0.0
        """When it was, and the processor time of this process then."""

    def due(self, *, crowded: bool) -> bool:
        """Whether it is time, which is then taken for done. crowded: the run has all cores."""
        now, spent = time.perf_counter(), time.process_time()
        wait = LIVE_SECONDS
        if crowded:
            wait = min(max((spent - self._last[1]) / SHARE, wait), SELDOM * wait)
        if now - self._last[0] < wait:
            return False
        self._last = now, spent
        return True
