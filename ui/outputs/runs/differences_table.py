"""What differed between runs, and how each of them ended: a row for each thing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QVBoxLayout, QWidget

from cnnviz.runs import differences
from ui.i18n import language, text, tr
from ui.outputs.runs.words import title_of, value_words
from ui.theme import theme
from ui.widgets.buttons import IconButton
from ui.widgets.labels import ShortLabel
from ui.widgets.text_table import Cell, Contents, TextTable, as_text, plain_rows

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from PySide6.QtGui import QResizeEvent

    from cnnviz.runs import KeptRun, Line


FIRST = 0.45
"""Of the width is for what differed at most, where it is narrow: the rest is for the runs."""


class DifferencesTable(QWidget):
    """Settings and parts of the network that differ, or all of them, above the results.

    The runs stand beside each other; where there is no room for it, below each other under what
    differs, so that nothing is out of sight to the right.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._runs: tuple[KeptRun, ...] = ()
        self._lines: tuple[Line, ...] = ()
        self._stacked = False
        self._heading = ShortLabel(role="heading")  # no column is scrolled sideways for its sake
        self.only = QCheckBox()
        self.only.setChecked(True)
        self.only.toggled.connect(self.refresh)
        self.table = TextTable()
        self.table.set_first_share(FIRST)
        self._copy = IconButton("duplicate", quiet=True)
        self._copy.clicked.connect(self.copy)
        self._top = QHBoxLayout()
        self._top.addWidget(self._heading, 1)
        self._top.addWidget(self.only)
        self._top.addWidget(self._copy)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.addLayout(self._top)
        self._column.addWidget(self.table, 1)
        language.changed.connect(self.retranslate)
        theme.changed.connect(self._restyle)
        self._restyle()
        self.retranslate()

    def set_runs(self, runs: Sequence[KeptRun]) -> None:
        """Put these runs beside each other."""
        self._runs = tuple(runs)
        self.refresh()

    def retranslate(self) -> None:
        """Say everything in the present language."""
        self._heading.setText(tr("What differed"))
        self.only.setText(tr("Differences only"))
        self._copy.set_tip(tr("Copy the table"))
        self.table.setAccessibleName(tr("What differed between the runs"))
        self.refresh()

    def refresh(self) -> None:
        """Work out the rows."""
        self._lines = differences(self._runs, everything=not self.only.isChecked())
        self._show()

    def contents(self) -> Contents:
        """All of it, the runs beside each other."""
        rows = [list(self._row(line)) for line in self._lines]
        head = ("", *(title_of(run) for run in self._runs))
        return Contents(head, len(rows), plain_rows(rows))

    def copy(self) -> None:
        """Take the table along as text, with tabs."""
        from PySide6.QtGui import QGuiApplication

        self.table.clearSelection()
        QGuiApplication.clipboard().setText(as_text(self.contents()))

    def _show(self) -> None:
        beside = self.contents()
        self._stacked = not self.table.fits(beside)
        self.table.horizontalHeader().setVisible(not self._stacked)
        self.table.set_headings(())
        if not self._stacked:
            self.table.set_contents(beside)
            return
        rows = [row for line in self._lines for row in self._below(line)]
        self.table.set_contents(Contents(("", ""), len(rows), plain_rows(rows)))
        self.table.set_headings(range(0, len(rows), len(self._runs) + 1))

    def _below(self, line: Line) -> Iterator[list[Cell]]:
        """What differs, and below it each run with its value."""
        title, *values = self._row(line)
        yield [title, Cell("")]
        for run, value in zip(self._runs, values, strict=True):
            yield [Cell(f"    {title_of(run)}", quiet=True), value]

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self._stacked == self.table.fits(self.contents()):
            self._show()

    def _row(self, line: Line) -> Iterator[Cell]:
        differs = line.differs and line.kind != "result"
        title = text(line.title)
        yield Cell(title, quiet=not differs, tip=title)
        for value in line.values:
            words = value_words(line, value)
            yield Cell(words, strong=differs, number=True, tip=words)

    def _restyle(self) -> None:
        self._column.setSpacing(theme.px(4))
        self._top.setSpacing(theme.px(2))
