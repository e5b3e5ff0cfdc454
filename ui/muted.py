"""Maps that are taken out for a while, to see what the network is without them: `session.muted`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

if TYPE_CHECKING:
    from collections.abc import Container


class Muted(QObject):
    """Filters and units by layer. It belongs to nobody's file: it is a way of looking."""

    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._maps: frozenset[tuple[str, int]] = frozenset()

    @property
    def maps(self) -> tuple[tuple[str, int], ...]:
        """(uid, number) of all of them, in an order of its own."""
        return tuple(sorted(self._maps))

    def of(self, uid: str) -> tuple[int, ...]:
        """Their numbers in a layer."""
        return tuple(number for one, number in self.maps if one == uid)

    def toggle(self, uid: str, number: int) -> None:
        """Take a map out, or put it back."""
        self._set(self._maps ^ {(uid, number)})

    def clear(self) -> None:
        """Put all of them back."""
        self._set(frozenset())

    def keep(self, uids: Container[str]) -> None:
        """Only those of layers that there are."""
        self._set(frozenset(one for one in self._maps if one[0] in uids))

    def _set(self, maps: frozenset[tuple[str, int]]) -> None:
        if maps != self._maps:
            self._maps = maps
            self.changed.emit()
