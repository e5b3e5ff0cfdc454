"""Maps, kernels and tables to be taken along: copied, or written as PNG, SVG, NPY or CSV."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtGui import QImage

from cnnviz.export.arrays import Plate, as_text, written
from cnnviz.export.tables import TABLE_WRITERS, Tabled, table_text
from cnnviz.message import Message, UserError
from ui.charts.picture import as_image, as_png, as_svg
from ui.colors import bent, quantise, quantise_grey
from ui.export_actions import ExportActions, Offer
from ui.i18n import tr
from ui.theme import theme

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    import numpy as np
    from PySide6.QtWidgets import QWidget

    from cnnviz.arithmetic.text import Cell
    from ui.charts.table import Painted

MOST_COPIED = 4_000_000
"""Values; a clipboard with more text would stop the programs that look at it."""


def plate(
    name: str,
    values: np.ndarray,
    limit: float | np.ndarray | None,
    axes: tuple[str, ...],
    *,
    maps: np.ndarray | None = None,
    columns: int = 1,
    gamma: float = 1.0,
) -> Plate:
    """An array with the present theme's colours.

    limit: of the strongest colour, for all or for each map; None for values between 0 and 1 that
    are shown in grey. axes: what those of the values are called. maps: the values as (maps, height,
    width), where they are not that already, nor a single map. columns: maps in a row. gamma: of the
    colours, as `bent` has it.
    """
    luts = theme.luts

    def paint(some: np.ndarray, limit: float | np.ndarray | None) -> np.ndarray:
        if limit is None:
            return luts.grey[quantise_grey(some)]
        if gamma != 1.0:
            return luts.signed[quantise(bent(some, limit, gamma), 1.0)]
        return luts.signed[quantise(some, limit)]

    if maps is None:
        maps = values.reshape(-1, *values.shape[-2:]) if values.ndim > 1 else values[None, None]
    colors = theme.colors
    return Plate(name, values, maps, limit, paint, axes, columns, colors.surface, colors.text)


def tabled(name: str, rows: Sequence[Sequence[Cell]]) -> Tabled:
    """A table with the present theme's colours; the first row has the titles."""
    return Tabled(name, rows, theme.colors.surface, theme.colors.text)


def encoded(offered: Plate | Tabled, name: str) -> Callable[[], bytes]:
    """What makes a file of one of `ARRAY_FORMATS`, in any thread.

    The picture of a table is drawn at once, with the window's fonts: it is never long.
    """
    if isinstance(offered, Plate):
        return lambda: written(offered, name)
    if name == "png":
        from ui.table_picture import table_png

        picture = table_png(offered)
        return lambda: picture
    return lambda: TABLE_WRITERS[name](offered)


class ArrayOffer(Offer):
    """An array or a table."""

    def __init__(self, offered: Plate | Tabled) -> None:
        self._offered = offered
        self.name = offered.name

    def words(self) -> Callable[[], tuple[str, Message]]:
        offered = self._offered

        def work() -> tuple[str, Message]:
            if offered.count > MOST_COPIED:
                raise UserError(
                    Message(
                        "{n:,} values are too many for the clipboard. Save them to a file instead.",
                        n=offered.count,
                    )
                )
            words = as_text(offered) if isinstance(offered, Plate) else table_text(offered)
            return words, Message("Copied: {n:,} values", n=offered.count)

        return work

    def picture(self) -> Callable[[], QImage]:
        make = encoded(self._offered, "png")
        return lambda: QImage.fromData(make())

    def file(self, form: str) -> Callable[[], Iterator[tuple[bytes, float]]]:
        make = encoded(self._offered, form)
        return lambda: iter([(make(), 1.0)])


class DrawnOffer(ArrayOffer):
    """A table whose picture is what a view draws of it."""

    def __init__(self, table: Tabled, drawing: Painted) -> None:
        super().__init__(table)
        self._drawing = drawing

    def picture(self) -> Callable[[], QImage]:
        image = as_image([self._drawing])
        return lambda: image

    def file(self, form: str) -> Callable[[], Iterator[tuple[bytes, float]]]:
        if form == "svg":
            drawn = as_svg([self._drawing])
            return lambda: iter([(drawn, 1.0)])
        if form == "png":
            image = as_image([self._drawing])
            return lambda: iter([(as_png(image), 1.0)])
        return super().file(form)


Offered = Plate | Tabled | Offer
"""What a view has to be taken along."""


class ArrayExport(ExportActions):
    """The actions of a view that shows an array or a table."""

    def __init__(self, offered: Callable[[], Offered | None], parent: QWidget) -> None:
        """offered: what is on show at the moment that it is asked for; None: nothing."""

        def offer() -> Offer | None:
            found = offered()
            return ArrayOffer(found) if isinstance(found, Plate | Tabled) else found

        def titles() -> tuple[str, str, str]:
            return (
                tr("Copy the values as text"),
                tr("Copy as a picture"),
                tr("Save as a picture or as numbers…"),
            )

        super().__init__(offer, titles, parent)

    def set_enabled(self, enabled: bool) -> None:
        """Whether there is something to take along."""
        self.set_reason(None if enabled else Message("There are no values to take along here"))
