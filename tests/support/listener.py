"""Somebody who listens to an announcement, and counts."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ui.announcement import Announcement


class Listener:
    """How often it was announced since."""

    def __init__(self, announcement: Announcement) -> None:
        self.times = 0
        announcement.connect(self._hear)

    def _hear(self) -> None:
        self.times += 1
