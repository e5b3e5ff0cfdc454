"""How charts that belong together are looked at: what a person has zoomed to, smoothed, hidden."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from PySide6.QtCore import QObject, Signal


@dataclass(frozen=True, slots=True)
class View:
    """A way of looking at charts.

    span: the first and the last step that are shown; None shows all. step: what is pointed at.
    reach: of the smoothing, in steps; 0 is none. hidden: the keys of series that are switched off.
    """

    span: tuple[float, float] | None = None
    step: float | None = None
    reach: int = 30
    logarithmic: bool = False
    hidden: frozenset[str] = frozenset()


class Sight(QObject):
    """The view that charts share; they are zoomed and pointed at together."""

    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._view = View()

    @property
    def view(self) -> View:
        """How the charts are looked at now."""
        return self._view

    def look(self, **changes: Any) -> None:
        """Look at them another way: some of the fields of `View`."""
        view = replace(self._view, **changes)
        if view != self._view:
            self._view = view
            self.changed.emit()

    def toggle(self, key: str) -> None:
        """Hide a series, or show it again."""
        self.look(hidden=self._view.hidden ^ {key})
