"""What the page of the way back asks the engine, and what it has been answered."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnnviz.engine.protocol.studies import Backward, WentBack
from cnnviz.network import INPUT_UID
from ui.i18n import text, tr
from ui.inspector.reading import absence
from ui.inspector.way_back import Course, course_of

if TYPE_CHECKING:
    from cnnviz.arithmetic import Place
    from cnnviz.engine.protocol import Studied
    from ui.engine_client import EngineClient
    from ui.inspector.way_back import Quantity
    from ui.session import Session

SLOT = "backward"


class Asking:
    """Knows when there is something to ask, and keeps the newest answer unpacked."""

    def __init__(self, session: Session, engine: EngineClient) -> None:
        self._session, self._engine = session, engine
        self._unpacked: tuple[Studied, Course] | None = None

    def obstacle(self) -> str:
        """Why there is no way back, and what to do; "" where there is one."""
        report, picture = self._session.report, self._engine.picture
        missing = absence(self._session, self._engine)
        if missing:
            return missing
        if report.problem is not None:
            return tr("The way back begins when the problem in the network is fixed.")
        if picture is None or INPUT_UID not in picture.maps:
            return tr("The network is being built…")
        drawn = self._session.dataset.handwritten and self._engine.input_label is None
        if drawn and not picture.inked:
            return tr("Draw a digit or choose a test image to see what comes back from the loss.")
        return ""

    def ask(
        self, target: int | None, quantity: Quantity, place: Place | None, course: Course | None
    ) -> None:
        """Ask for all of the selected layer.

        target: the class that is right; None takes the image's label, or what is predicted.
        quantity, place: what is looked at, so that of very large weights the right ones come.
        course: what is known by now.
        """
        uid = self._session.selection
        known = course if course is not None and course.uid == uid else None
        self._engine.go_back(self._target(target), uid, _column(quantity, place, known))

    def cancel(self) -> None:
        """Nothing more is wanted."""
        self._engine.studies.cancel(SLOT)

    def newest(self) -> tuple[Course | None, str]:
        """What was found last, and what the engine says where it found nothing."""
        studies = self._engine.studies
        answer, about = studies.newest(SLOT), studies.about(SLOT)
        if answer is None or not isinstance(about, Backward):
            return None, ""
        if isinstance(answer.finding, WentBack):
            if self._unpacked is None or self._unpacked[0] is not answer:
                self._unpacked = answer, course_of(answer.finding, about.uid, answer.step)
            return self._unpacked[1], ""
        return None, "" if answer.note is None else text(answer.note.message())

    def rate(self) -> float:
        """The learning rate of the next step: that of a run that goes on, or of a new one."""
        progress = self._engine.progress
        going = progress is not None and progress.state in {"running", "paused"}
        if going and progress is not None and progress.learning_rate is not None:
            return progress.learning_rate
        return self._session.project.training.learning_rate

    def _target(self, chosen: int | None) -> int:
        if chosen is not None:
            return chosen
        if self._engine.input_label is not None:
            return self._engine.input_label
        picture = self._engine.picture
        shares = picture.probabilities if picture is not None else []
        return shares.index(max(shares)) if shares else 0


def _column(quantity: Quantity, place: Place | None, course: Course | None) -> int:
    """The first input of a dense layer's weights that are too large to be sent as a whole: as it
    is, as long as the present one is among those that are there."""
    weight = None if course is None else course.tensors.get("weight")
    if course is None or weight is None or weight.ndim != 2:
        return 0
    if place is None or quantity.name == "bias":
        return course.column
    index, count = place[-1], int(weight.shape[1])
    inside = course.column <= index < course.column + count
    return course.column if inside else max(0, index - count // 2)
