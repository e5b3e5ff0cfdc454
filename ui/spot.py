"""The one value that somebody points at, wherever it is shown: `session.spot`."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal


class Spot(QObject):
    """A place in the maps of a layer. Views that show maps mark the same place of the image in
    theirs (`cnnviz.explain.same_place`), and what the value sees in the image."""

    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._place: tuple[str, int, int] | None = None

    @property
    def place(self) -> tuple[str, int, int] | None:
        """The uid of the layer, or INPUT_UID, the row and the column; None: nobody points."""
        return self._place

    def point_at(self, uid: str, row: int, column: int) -> None:
        """Somebody points at a value."""
        self._set((uid, row, column))

    def leave(self) -> None:
        """Nobody points any more."""
        self._set(None)

    def _set(self, place: tuple[str, int, int] | None) -> None:
        if place != self._place:
            self._place = place
            self.changed.emit()
