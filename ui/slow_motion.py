"""Slow motion: a step every second or so, and what is going on in it, layer by layer.

The engine makes each step at once, as always. That its parts are seen one after another is a matter
of the window alone, so that a run in slow motion learns just what it would have learned.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Literal, NamedTuple, Protocol

from PySide6.QtCore import QObject, QTimer, Signal

from cnnviz.layers import Branches
from cnnviz.network import INPUT_UID
from ui import settings
from ui.widgets.motion import duration

if TYPE_CHECKING:
    from cnnviz.engine.protocol import Progress
    from ui.session import Session
    from ui.session_state import Change

Phase = Literal["forward", "loss", "backward", "update"]

SPEEDS = (0.5, 1.0, 2.0, 4.0, 8.0)
"""Seconds that a step takes."""
TICK = 33
"""Milliseconds between two looks at the clock."""
_LOSS, _BACKWARD, _UPDATE = 0.4, 0.5, 0.9
"""When these parts of a step begin, as shares of its time; forward is first."""


class Lit(NamedTuple):
    """What is going on in a step: of the whole network, or in one layer.

    uid: the layer, or INPUT_UID; of the loss the last layer; "" where it is the whole network.
    """

    phase: Phase
    uid: str


class Trainer(Protocol):
    """What slow motion wants of the engine."""

    @property
    def device(self) -> str | None: ...

    @property
    def training(self) -> bool: ...

    def step(self) -> None: ...

    def pause(self) -> None: ...


class SlowMotion(QObject):
    """Asks for one step after another, and says which part of a step is to be shown."""

    changed = Signal()
    """Another part is lit, or slow motion has begun or ended."""

    def __init__(self, session: Session, engine: Trainer, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session, self._engine = session, engine
        self.seconds = settings.slow_seconds(SPEEDS)
        self._active = self._began = self._asked = self._made = False
        self._since = 0.0
        self._path: tuple[str, ...] = ()
        self._lit: Lit | None = None
        self._clock = QTimer(self)
        self._clock.setInterval(TICK)
        self._clock.timeout.connect(self._tick)
        session.changed.connect(self._follow_session)

    @property
    def active(self) -> bool:
        """Whether it goes on."""
        return self._active

    @property
    def lit(self) -> Lit | None:
        """What is to be shown; None where nothing is, or nothing is to move."""
        return self._lit

    def set_seconds(self, seconds: float) -> None:
        """How long a step takes, from now on."""
        part = (time.monotonic() - self._since) / self.seconds
        self.seconds = seconds
        self._since = time.monotonic() - part * seconds  # the step goes on where it is
        settings.set_slow_seconds(seconds)
        self.changed.emit()

    def begin(self) -> None:
        """From now on in slow motion; a run that goes on is held first."""
        if self._active or self._engine.device is None or self._session.report.problem is not None:
            return
        if self._engine.training:
            self._engine.pause()
        self._active, self._began = True, False
        self._next()
        self._clock.start()
        self._tick()
        self.changed.emit()

    def end(self) -> None:
        """Leave the run where it is; a step that has been asked for is made."""
        if self._active:
            self._active, self._lit = False, None
            self._clock.stop()
            self.changed.emit()

    def toggle(self) -> None:
        """Begin or end."""
        if self._active:
            self.end()
        else:
            self.begin()

    def follow(self, progress: Progress) -> None:
        """How the run stands now."""
        if not self._active or not self._began:
            return
        waits = self._asked and not self._made
        if progress.exhausted or progress.state in ("finished", "stopped", "failed"):
            self.end()
        elif progress.state == "running" and not waits:
            self.end()  # somebody else has it trained
        elif progress.state == "paused" and waits:
            self._made = True

    def _follow_session(self, change: Change) -> None:
        if change.opened or change.report.problem is not None:
            self.end()

    def _next(self) -> None:
        """The next step begins."""
        rows = self._session.report.rows
        layers = [row for row in rows if not isinstance(row.layer, Branches) and not row.off]
        self._path = (INPUT_UID, *(row.layer.uid for row in layers))
        self._since = time.monotonic()
        self._asked = self._made = False

    def _tick(self) -> None:
        part = (time.monotonic() - self._since) / self.seconds
        if part >= 1 and self._made:
            self._next()
            part = 0.0
        if part >= _UPDATE and not self._asked and not self._engine.training:
            self._asked = self._began = True
            self._engine.step()
        lit = self._at(part) if duration(TICK) else None
        if self._active and lit != self._lit:
            self._lit = lit
            self.changed.emit()

    def _at(self, part: float) -> Lit:
        """What is going on when such a share of the step's time is over."""
        path = self._path
        if part < _LOSS:
            return Lit("forward", path[_place(part / _LOSS, len(path))])
        if part < _BACKWARD:
            return Lit("loss", path[-1])
        if part < _UPDATE:
            layers = path[:0:-1]
            along = (part - _BACKWARD) / (_UPDATE - _BACKWARD)
            return Lit("backward", layers[_place(along, len(layers))])
        return Lit("update", "")


def _place(along: float, count: int) -> int:
    return min(int(along * count), count - 1)
