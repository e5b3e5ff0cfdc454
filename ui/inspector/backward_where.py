"""Where on the way back one looks: how near, at which quantity of each layer, at which value."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from ui.inspector.pixel_reading import strongest
from ui.inspector.way_back import LOSS_UID, Quantity, quantities, result_of, size_of

if TYPE_CHECKING:
    from cnnviz.analysis import Report, Row
    from cnnviz.arithmetic import Place
    from ui.inspector.way_back import Course

Zoom = Literal["all", "layer", "value"]


class Where:
    """Remembers it for each layer, so that one comes back to what one has left."""

    def __init__(self) -> None:
        self.zoom: Zoom = "all"
        self.at_loss = False
        """Whether the loss is looked at, and not the selected layer."""
        self._quantities: dict[str, Quantity] = {}
        self._places: dict[tuple[str, Quantity], Place] = {}

    def look_at(self, uid: str, quantity: Quantity, place: Place | None = None) -> None:
        """Look at a quantity of a layer from now on, or at the loss; and at one value of it."""
        if uid != LOSS_UID:
            self._quantities[uid] = quantity
        if place is not None:
            self._places[uid, quantity] = place

    def quantity(self, uid: str) -> Quantity:
        """What of a layer was looked at last."""
        return self._quantities.get(uid, Quantity())

    def place(self, uid: str) -> Place | None:
        """Which value of that; None before one was chosen."""
        return self._places.get((uid, self.quantity(uid)))

    def settle(self, report: Report, course: Course, row: Row) -> tuple[Quantity, Place]:
        """What of a layer to show now: what was looked at, as far as the layer still has it, else
        the strongest value of what it hands back."""
        uid, every = row.layer.uid, quantities(row)
        quantity = self.quantity(uid) if self.quantity(uid) in every else every[0]
        size, result = size_of(report, row, quantity), result_of(course, quantity)
        place = self._places.get((uid, quantity))
        if place is None or len(place) != len(size):
            place = strongest(result) if result is not None else (0,) * len(size)
            if result is not None and result.shape != size and result.ndim == 2:
                place = (place[0], place[1] + course.column)
        place = tuple(min(max(at, 0), most - 1) for at, most in zip(place, size, strict=True))
        self.look_at(uid, quantity, place)
        return quantity, place
