"""How a weight that one looks at is moved by the steps of a run."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from ui.i18n import tr
from ui.inspector.way_back import weight_of

if TYPE_CHECKING:
    from cnnviz.arithmetic import Place
    from ui.inspector.way_back import Course, Quantity, WorkedBack


class _Seen(NamedTuple):
    """A weight: whose, where in its tensor, after which step of the run, and its value."""

    uid: str
    quantity: Quantity
    place: Place
    step: int
    value: float


class Movement:
    """Remembers the weight that was seen last."""

    def __init__(self) -> None:
        self._before: _Seen | None = None
        self._words = ""

    def note(self, worked: WorkedBack, course: Course) -> str:
        """What steps of a run have done with the weight since it was first seen at this place."""
        value = weight_of(worked, course)
        if value is None:
            return ""
        now = _Seen(course.uid, worked.quantity, worked.place, course.step, value)
        before = self._before
        if before is None or before[:3] != now[:3]:
            self._words = ""
        elif before.step != now.step and before.value != value:
            self._words = tr(
                "Step {step:,} of the run has moved it from {before:.6g} to {after:.6g}.",
                step=course.step,
                before=before.value,
                after=value,
            )
        self._before = now
        return self._words
