"""A table of short texts, the cells of which are asked for when they are seen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import (
    QAbstractTableModel,
    QEvent,
    QModelIndex,
    QPersistentModelIndex,
    Qt,
)
from PySide6.QtGui import (
    QColor,
    QFontMetrics,
    QGuiApplication,
    QKeyEvent,
    QKeySequence,
    QPainter,
)
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from ui.theme import theme

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from PySide6.QtGui import QResizeEvent

_Index = QModelIndex | QPersistentModelIndex
_AIR = 5
"""At each side of a cell, in pixels at scale 1; the style sheet gives titles as much."""
_MEASURED_ROWS, _MEASURED_TEXTS = 80, 4
"""Of more rows so many, from all over the table, decide how wide a column is, and of their texts
the longest: Qt's own way asks for every cell, and takes twenty times as long."""


@dataclass(frozen=True, slots=True)
class Cell:
    """What stands in a cell. `strong` is bold, `marked` on a ground, `quiet` steps back."""

    text: str
    strong: bool = False
    marked: bool = False
    quiet: bool = False
    number: bool = False
    """Stands at the right, below other numbers."""
    centred: bool = False
    tip: str = ""
    spoken: str = ""
    """For screen readers, where the text alone does not say it."""


@dataclass(frozen=True, slots=True)
class Contents:
    """The titles of the columns, how many rows there are, and how to get at a cell."""

    head: tuple[str, ...]
    rows: int
    cell: Callable[[int, int], Cell]
    """(row, column) -> what stands there."""


class TextTable(QTableView):
    """Rows that are chosen as a whole and copied as text; nothing can be typed into it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = _Model(self)
        self._first_share, self._headed = 1.0, False
        self.setModel(self._model)
        self.setItemDelegate(_Roomy(self))
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setTabKeyNavigation(False)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setCornerButtonEnabled(False)
        self.verticalHeader().hide()
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        header = self.horizontalHeader()
        header.setHighlightSections(False)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        theme.changed.connect(self._restyle)
        self._restyle()

    def set_contents(self, contents: Contents) -> None:
        """Show something else; where the table has the same form, it stays where it is."""
        self._model.set_contents(contents)
        self._fit_columns()

    def set_headings(self, rows: Sequence[int]) -> None:
        """In these rows the first cell goes over all columns, and what is too long in the last one
        ends in …; where there are none, the table scrolls."""
        self.clearSpans()
        width = len(self._model.contents.head)
        for row in rows:
            self.setSpan(row, 0, 1, width)
        if width:
            modes = QHeaderView.ResizeMode
            last = modes.Stretch if rows else modes.Interactive
            self.horizontalHeader().setSectionResizeMode(width - 1, last)
        self._headed = bool(rows)
        self._fit_columns()

    def fits(self, contents: Contents) -> bool:
        """Whether all columns would be seen at once, also beside a scroll bar."""
        first, *others = self._wides(contents)
        bar = self.verticalScrollBar().sizeHint().width()
        room = self.width() - 2 * self.frameWidth() - bar
        return min(first, round(room * self._first_share)) + sum(others) <= room

    def set_first_share(self, share: float) -> None:
        """Where there is no room for all columns the first one takes at most this share of it, and
        what is longer ends in …"""
        self._first_share = share
        self._fit_columns()

    def contents(self) -> Contents:
        """What is shown."""
        return self._model.contents

    def full_height(self) -> int:
        """The height in which nothing has to be scrolled."""
        rows = self._model.contents.rows * self.verticalHeader().defaultSectionSize()
        return self.horizontalHeader().sizeHint().height() + rows + 2 * self.frameWidth()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.matches(QKeySequence.StandardKey.Copy):
            QGuiApplication.clipboard().setText(self.selected_text())
            event.accept()
        else:
            super().keyPressEvent(event)

    def selected_text(self) -> str:
        """The chosen rows, or all where none is, as lines of cells with tabs between them."""
        chosen = [index.row() for index in self.selectionModel().selectedRows()]
        return as_text(self._model.contents, chosen)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._fit_columns()

    def _wides(self, contents: Contents) -> list[int]:
        """How wide each column would have to be."""
        margin = _margin(self.style())
        bold, air = QFontMetrics(theme.font("heading")), 2 * (theme.px(_AIR) + margin)
        rows = range(0, contents.rows, max(1, contents.rows // _MEASURED_ROWS))
        found = []
        for column, title in enumerate(contents.head):
            texts = {contents.cell(row, column).text for row in rows}
            longest = sorted(texts, key=_extent)[-_MEASURED_TEXTS:]
            wide = max(map(bold.horizontalAdvance, [*longest, *title.split("\n")]))
            found.append(wide + air + 1)  # the widths of letters are fractions
        return found

    def _fit_columns(self) -> None:
        for column, wide in enumerate(self._wides(self._model.contents)):
            self.setColumnWidth(column, wide)
        room, header = self.viewport().width(), self.horizontalHeader()
        if header.length() > room or self._headed:
            most = max(round(room * self._first_share), header.minimumSectionSize())
            self.setColumnWidth(0, min(self.columnWidth(0), most))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self._first_share < 1 and event.size().width() != event.oldSize().width():
            self._fit_columns()

    def _restyle(self) -> None:
        self.verticalHeader().setDefaultSectionSize(theme.px(24))
        self.verticalHeader().setMinimumSectionSize(theme.px(20))
        self.horizontalHeader().setMinimumSectionSize(theme.px(24))
        self._fit_columns()
        self.viewport().update()


def as_text(contents: Contents, rows: Sequence[int] = ()) -> str:
    """These rows, or all where there is none, as lines of cells with tabs between them."""
    lines = [
        [contents.cell(row, column).text for column in range(len(contents.head))]
        for row in rows or range(contents.rows)
    ]
    head = [word.replace("\n", " ").strip() for word in contents.head]
    return "\n".join("\t".join(line) for line in [head, *lines])


class _Model(QAbstractTableModel):
    def __init__(self, parent: QTableView) -> None:
        super().__init__(parent)
        self.contents = Contents((), 0, lambda row, column: Cell(""))

    def set_contents(self, contents: Contents) -> None:
        before, width = self.contents, len(contents.head)
        if (before.rows, len(before.head)) == (contents.rows, width):
            self.contents = contents
            if contents.rows and width:
                last = self.index(contents.rows - 1, width - 1)
                self.dataChanged.emit(self.index(0, 0), last)
                self.headerDataChanged.emit(Qt.Orientation.Horizontal, 0, width - 1)
            return
        self.beginResetModel()
        self.contents = contents
        self.endResetModel()

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else self.contents.rows

    def columnCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self.contents.head)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        if orientation != Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return self.contents.head[section]
        if role == Qt.ItemDataRole.TextAlignmentRole:
            number = self.contents.rows and self.contents.cell(0, section).number
            side = Qt.AlignmentFlag.AlignRight if number else Qt.AlignmentFlag.AlignLeft
            return side | Qt.AlignmentFlag.AlignBottom
        return None

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        cell = self.contents.cell(index.row(), index.column())
        found = _ROLES.get(role)
        return None if found is None else found(cell)


class _Roomy(QStyledItemDelegate):
    """Cells with some air at both sides; the chosen row is marked by its ground alone."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        chosen = QStyle.StateFlag.State_Selected
        ground = index.data(Qt.ItemDataRole.BackgroundRole)
        if option.state & chosen:
            ground = QColor(theme.colors.accent_soft)
        if ground is not None:
            painter.fillRect(option.rect, ground)
        inner = QStyleOptionViewItem(option)
        # The style leaves a margin of its own; with it the text stands below that of the head.
        air = max(0, theme.px(_AIR) - _margin(option.widget.style()))
        inner.rect = option.rect.adjusted(air, 0, -air, 0)
        inner.state &= ~QStyle.StateFlag.State_HasFocus
        super().paint(painter, inner, index)


def _margin(style: QStyle) -> int:
    """What the style leaves free at both sides of the text of a cell."""
    return style.pixelMetric(QStyle.PixelMetric.PM_FocusFrameHMargin) + 1


def _extent(text: str) -> int:
    """About how wide a text is: Chinese characters take the room of two."""
    return len(text) + sum(character >= "\u2e80" for character in text)


def _alignment(cell: Cell) -> Qt.AlignmentFlag:
    if cell.centred:
        return Qt.AlignmentFlag.AlignCenter
    side = Qt.AlignmentFlag.AlignRight if cell.number else Qt.AlignmentFlag.AlignLeft
    return side | Qt.AlignmentFlag.AlignVCenter


def _ink(cell: Cell) -> QColor:
    colors = theme.colors
    return QColor(colors.text_muted if cell.quiet else colors.text)


_ROLES: dict[int, Callable[[Cell], Any]] = {
    Qt.ItemDataRole.DisplayRole: lambda cell: cell.text,
    Qt.ItemDataRole.TextAlignmentRole: _alignment,
    Qt.ItemDataRole.FontRole: lambda cell: theme.font("heading") if cell.strong else None,
    Qt.ItemDataRole.ForegroundRole: _ink,
    Qt.ItemDataRole.BackgroundRole: lambda cell: (
        QColor(theme.colors.highlight) if cell.marked else None
    ),
    Qt.ItemDataRole.ToolTipRole: lambda cell: cell.tip or None,
    Qt.ItemDataRole.AccessibleTextRole: lambda cell: cell.spoken or cell.text,
}


def plain_rows(lines: Sequence[Sequence[Cell]]) -> Callable[[int, int], Cell]:
    """Cells that are there already, as a table asks for them."""
    return lambda row, column: lines[row][column]
