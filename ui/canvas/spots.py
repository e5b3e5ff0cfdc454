"""Where the value that somebody points at is in each layer, and what it sees of the image."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnnviz.explain import same_place, seen_by
from cnnviz.network import INPUT_UID

if TYPE_CHECKING:
    from cnnviz.explain import Seen
    from ui.session import Session


class Spots:
    """Looked for once, when another value is pointed at."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._places: dict[str, tuple[int, int]] = {}
        self._seen: Seen | None = None

    def find(self) -> None:
        """Look for the value that is pointed at now."""
        place, report = self._session.spot.place, self._session.report
        self._places, self._seen = {}, None
        if place is not None and (place[0] == INPUT_UID or place[0] in report.places):
            self._places = same_place(report, *place)
            self._seen = seen_by(report, *place)

    def of(self, uid: str) -> tuple[tuple[int, int] | None, Seen | None]:
        """The place to mark in the maps of a layer, and for the image the window to frame."""
        return self._places.get(uid), self._seen if uid == INPUT_UID else None
