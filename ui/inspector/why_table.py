"""From logits to probabilities: the softmax of one image with all its numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QModelIndex, Qt, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from cnnviz.explain.answers import SoftmaxTable, softmax_table
from ui.array_export import ArrayExport, tabled
from ui.i18n import language, tr
from ui.numerals import significant
from ui.theme import theme
from ui.widgets.labels import Label
from ui.widgets.text_table import Cell, Contents, TextTable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtGui import QResizeEvent

    from cnnviz.export.tables import Tabled


class SoftmaxView(QWidget):
    """A row for each class: its logit z, e to it, and its share; the sums below."""

    chosen = Signal(int)
    """The class of a row that was clicked, or chosen with Enter."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._logits: Sequence[float] = ()
        self._classes: Sequence[str] = ()
        self._target = -1
        self.table = TextTable()
        self.exports = ArrayExport(self.taken_along, self)
        self.table.setContextMenuPolicy(Qt.ContextMenuPolicy.ActionsContextMenu)
        self.table.addActions(self.exports.actions())
        self.remark = Label("", "caption")
        self.remark.setWordWrap(True)
        self.table.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(2)
        self._column.addWidget(self.table, 1)
        self._column.addWidget(self.remark)
        self.table.clicked.connect(self._choose)
        self.table.activated.connect(self._choose)
        theme.changed.connect(self._fit)
        language.changed.connect(self.retranslate)
        self.retranslate()

    def show_logits(self, logits: Sequence[float], classes: Sequence[str], target: int) -> None:
        """Work out the softmax of these logits; the row of the explained class is marked."""
        moved = target != self._target or len(logits) != len(self._logits)
        self._logits, self._classes, self._target = logits, classes, target
        self.retranslate()
        if moved:
            self._bring_the_class()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Where a bar below takes some of the room, the explained class is still in sight."""
        super().resizeEvent(event)
        if event.size().height() != event.oldSize().height():
            self._column.activate()
            self._bring_the_class()

    def _bring_the_class(self) -> None:
        self.table.scrollTo(self.table.model().index(self._target, 0))

    def taken_along(self) -> Tabled | None:
        """The table with all digits; None where there is none."""
        found = softmax_table(self._logits)
        head = self.table.contents().head
        if found is None or not head:
            return None
        rows: list[Sequence[str | float]] = [head]
        rows += [
            (name, row.logit, row.power, row.share)
            for name, row in zip(self._classes, found.rows, strict=True)
        ]
        rows.append((tr("Total"), "", found.total, 1.0))
        return tabled(tr("Softmax worked out"), rows)

    def retranslate(self) -> None:
        """Say everything in the present language."""
        self.table.setAccessibleName(tr("Softmax worked out"))
        self.table.setToolTip(tr("Click a class to see which pixels speak for it"))
        found = softmax_table(self._logits)
        if found is None or len(self._classes) != len(found.rows):
            self.table.set_contents(Contents((), 0, lambda row, column: Cell("")))
            self.remark.setText("")
            return
        power = "eᶻ"
        if found.shift:
            power = f"e^(z − {_decimals(found.shift)})".replace("− −", "+ ")
        head = (tr("Class"), tr("Logit z"), power, tr("Share"))
        lines = [*self._lines(found), self._sums(found)]
        self.table.set_contents(Contents(head, len(lines), lambda row, column: lines[row][column]))
        self.remark.setText(_remark(found))
        self._fit()

    def _lines(self, found: SoftmaxTable) -> list[list[Cell]]:
        best = max(range(len(found.rows)), key=lambda index: found.rows[index].share)
        return [
            [
                Cell(text, strong=index == best, marked=index == self._target, number=place > 0)
                for place, text in enumerate(
                    (name, _decimals(row.logit), _power(row.power), _percent(row.share))
                )
            ]
            for index, (name, row) in enumerate(zip(self._classes, found.rows, strict=True))
        ]

    def _sums(self, found: SoftmaxTable) -> list[Cell]:
        texts = (tr("Total"), "", _power(found.total), "100%")
        return [Cell(text, quiet=True, number=place > 0) for place, text in enumerate(texts)]

    def _choose(self, index: QModelIndex) -> None:
        if index.row() < len(self._classes):
            self.chosen.emit(index.row())

    def _fit(self) -> None:
        columns = range(len(self.table.contents().head))
        wide = sum(self.table.columnWidth(column) for column in columns)
        bar = self.table.verticalScrollBar().sizeHint().width()
        self.setFixedWidth(max(wide + bar + 4, theme.px(200)))


def _decimals(value: float) -> str:
    return f"{value + 0.0:.3f}".replace("-", "−")


def _power(value: float) -> str:
    return f"{value:,.0f}" if 1e3 <= value < 1e9 else significant(value)


def _percent(share: float) -> str:
    return f"{100 * share:.1f}%"


def _remark(found: SoftmaxTable) -> str:
    """What was rounded, where one sees it."""
    shown = sum(round(1000 * row.share) for row in found.rows) / 10
    words = tr("Share: eᶻ, divided by the sum of all eᶻ.")
    if shown == 100:
        return words
    rounded = tr("Rounded as shown they add up to {percent:.1f} %.", percent=shown)
    return f"{words} {rounded}"
