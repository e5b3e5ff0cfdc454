"""The captions below the grids of the sliding picture."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ui.inspector.sliding_words import drawn

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ui.widgets.captioned import Captioned
    from ui.widgets.slide_map import SlideMap


class SlidingCaptions:
    """Say what is what, and of what is too large which part is drawn.

    boxes: by name, all that has a caption. grids: those of them of which a part may be drawn.
    """

    def __init__(self, boxes: Mapping[str, Captioned], grids: Mapping[str, SlideMap]) -> None:
        self._boxes, self._grids = boxes, grids
        self._named: dict[str, tuple[str, str]] = {}
        for grid in grids.values():
            grid.part_changed.connect(self._fill)

    def show(self, named: dict[str, tuple[str, str]]) -> None:
        """Say this: of every box what it is as a whole, and what it is called if it is not."""
        if named != self._named:
            self._named = named
            self.start_over()

    def start_over(self) -> None:
        """Find out anew what is drawn as a whole, for other grids or at another size.

        The caption of a part may take a second line, and thereby the room of the last rows of what
        would fit below a short one.
        """
        for name, (whole, _) in self._named.items():
            self._boxes[name].start_over(whole)
        self._fill()

    def _fill(self) -> None:
        for name, (whole, what) in self._named.items():
            grid = self._grids.get(name)
            part = None if grid is None else grid.part
            words = (whole,) if grid is None or part is None else drawn(what, part, grid.cells)
            self._boxes[name].caption.choose(*words)
