"""The engine as the views see it: the newest picture, the state of the run, what was found."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QObject, Signal

from cnnviz.engine.protocol import (
    Explained,
    Progress,
    Ready,
    ToEngine,
)
from ui.engine_link import EngineLink
from ui.explanations import Explanations
from ui.glances import Glances
from ui.holdings import Holdings
from ui.picture import Picture
from ui.run_book import RunBook
from ui.run_view import RunView
from ui.slow_motion import SlowMotion
from ui.studies import Studies
from ui.time_machine import TimeMachine

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from cnnviz.confusion import Examination
    from ui.charts.curve import Recording
    from ui.layer_history import LayerHistory
    from ui.session import Session
    from ui.session_state import Change


class EngineState(QObject):
    """What is known of the engine: the newest picture, the state of the run, what was found.

    `EngineClient` adds what is said to the engine, and what it says.
    """

    ready = Signal(object)
    probed = Signal(object)
    explained = Signal()
    """There is a newer `explanation`."""
    progress_changed = Signal(object)
    curves_changed = Signal()
    curves_cleared = Signal()
    measured = Signal()
    """There are newer figures of the layers."""
    examined = Signal()
    """The answers to all test images are others now, or none."""
    trouble = Signal(object)
    warned = Signal(object)
    """Something is odd about the run, or None: nothing is any more."""
    run_left = Signal()
    """The weights are not those of the run any more, which cannot be gone on with."""
    settled = Signal()
    """Everything that was learned has arrived here; nothing is training."""

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._link: EngineLink | None = None
        self._ready: Ready | None = None
        self._deaths: list[float] = []
        self._holdings = Holdings()
        self._revision = -1
        self._image: NDArray[np.uint8] = np.zeros((28, 28), np.uint8)
        self._label: int | None = None
        self._whole: tuple[str, ...] = ()
        self._first = 0
        self._sides: dict[str, int] = {}
        self._as_trained: int | None = None
        self._probes = 0
        self._answered = 0
        """The newest look that is no longer waited for, of `_probes` that were asked for."""
        self._wanted = False
        self._picture: Picture | None = None
        self._explanations = Explanations(self._say, self)
        self._explanations.changed.connect(self.explained)
        self._studies = Studies(self._say, self._present_weights, self)
        self._run = RunView(self)
        self._run.progress_changed.connect(self.progress_changed)
        self._run.curves_changed.connect(self.curves_changed)
        self._run.curves_cleared.connect(self.curves_cleared)
        self._run.examined.connect(self.examined)
        self._run.measured.connect(self.measured)
        self._run.warned.connect(self.warned)
        self._run.left.connect(self.run_left)
        self._run.failed.connect(self.trouble)
        self._book = RunBook(session, self)
        self._time = TimeMachine(session, self._say, self._probe, self._studies, self)
        self._time.examined.connect(self.examined)
        self._slow = SlowMotion(session, self, self)
        self.progress_changed.connect(self._slow.follow)
        self._begins: int | None = None
        """The revision for which a run was asked of which nothing has been heard yet."""
        self._glances = Glances()
        session.changed.connect(self._follow)
        session.selection_changed.connect(self._probe)
        session.muted.changed.connect(self._probe)

    # --- what is ------------------------------------------------------------------------------

    @property
    def picture(self) -> Picture | None:
        """The newest picture of the present network."""
        return self._picture

    @property
    def explanation(self) -> Explained | None:
        """The newest answer to `explain`, of whatever was asked."""
        return self._explanations.newest

    @property
    def studies(self) -> Studies:
        """What views want looked into."""
        return self._studies

    @property
    def time(self) -> TimeMachine:
        """Which step of a run is looked at."""
        return self._time

    @property
    def slow(self) -> SlowMotion:
        """Training in slow motion."""
        return self._slow

    @property
    def progress(self) -> Progress | None:
        """How the present run stands; None where there is none."""
        return self._run.progress

    @property
    def device(self) -> str | None:
        """The device in use; None until the engine is up."""
        return self._ready.device if self._ready else None

    @property
    def devices(self) -> list[str]:
        """The devices that there are."""
        return list(self._ready.devices) if self._ready else []

    @property
    def threads(self) -> int:
        """Processor threads that the engine computes with; 0 until it is up."""
        return self._ready.threads if self._ready else 0

    @property
    def cores(self) -> int:
        """Cores that the engine may use; 0 until it is up."""
        return self._ready.cores if self._ready else 0

    @property
    def training(self) -> bool:
        """Whether a run is loading its data or running."""
        return self._run.training

    @property
    def paused(self) -> bool:
        """Whether a run waits to be gone on with."""
        return self._run.paused

    @property
    def curves(self) -> Mapping[str, Recording]:
        """The curves of the present run, as in `run_view.no_curves`; others after
        `curves_cleared`."""
        return self._run.curves

    @property
    def layers(self) -> LayerHistory:
        """How the layers of the present run were at each time; another one after
        `curves_cleared`."""
        return self._run.layers

    @property
    def examination(self) -> Examination | None:
        """The answers to all test images: after the last epoch of the present run, or with the
        weights of the time machine."""
        if self._time.step is not None:
            return self._time.examination
        return self._run.examination

    @property
    def _in_flight(self) -> bool:
        """Whether a picture is on its way."""
        return self._answered < self._probes

    @property
    def _size(self) -> tuple[int, int, int]:
        """Height, width and channels of the image."""
        height, width, *channels = self._image.shape
        return height, width, channels[0] if channels else 1

    @property
    def input_image(self) -> NDArray[np.uint8]:
        """The image that the network is shown, as it came."""
        return self._image

    @property
    def input_label(self) -> int | None:
        """The class of that image, where it is known."""
        return self._label

    @property
    def process_id(self) -> int | None:
        """The operating system's number of the engine process."""
        return self._link.process_id if self._link else None

    # --- what the client does -----------------------------------------------------------------

    def step(self) -> None:
        """Train a single step."""
        raise NotImplementedError

    def pause(self) -> None:
        """Hold the run where it is."""
        raise NotImplementedError

    def _say(self, message: ToEngine) -> None:
        """Put a message on its way."""
        raise NotImplementedError

    def _probe(self) -> None:
        """Ask for a picture."""
        raise NotImplementedError

    def _present_weights(self) -> tuple[int, int] | None:
        """Their revision and step; None while no question can be asked about them."""
        raise NotImplementedError

    def _follow(self, change: Change) -> None:
        """The session has another state."""
        raise NotImplementedError
