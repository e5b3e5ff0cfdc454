"""The list of all runs, the newest first, each with its tick, its colour and its shape."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt, Signal
from PySide6.QtGui import QGuiApplication, QKeyEvent, QKeySequence, QPainter, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from ui.charts.shapes import swatch
from ui.i18n import language, tr
from ui.outputs.runs.choice import look_of
from ui.outputs.runs.words import began, best_of, moment_of, state_of, title_of
from ui.theme import theme

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cnnviz.runs import KeptRun

_Index = QModelIndex | QPersistentModelIndex
_NAME, _BEST, _STEPS, _WHEN = range(4)
_NARROW = 264
_ROLES = Qt.ItemDataRole


class RunList(QTableView):
    """Rows that are ticked with the space bar, renamed where they stand, and deleted with Del."""

    ticked = Signal(list, bool)
    """Ids of runs, and whether they are to be drawn."""
    renamed = Signal(str, str)
    """The id of a run and its new name."""
    deleting = Signal()
    """The chosen runs are wanted no more."""
    chosen = Signal()
    """Other rows are chosen."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = _Model(self)
        self._model.ticked.connect(lambda run, on: self.ticked.emit([run], on))
        self._model.renamed.connect(self.renamed)
        self.setModel(self._model)
        self.setItemDelegate(_Plain(self))
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setEditTriggers(QAbstractItemView.EditTrigger.DoubleClicked)
        self.setTabKeyNavigation(False)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.verticalHeader().hide()
        header = self.horizontalHeader()
        header.setHighlightSections(False)
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(_NAME, QHeaderView.ResizeMode.Stretch)
        self.selectionModel().selectionChanged.connect(lambda *_: self.chosen.emit())
        theme.changed.connect(self._restyle)
        language.changed.connect(self.retranslate)
        self._restyle()
        self.retranslate()

    def set_runs(self, runs: Sequence[KeptRun], ticked: frozenset[str]) -> None:
        """Show these runs, the oldest first as they come; what is chosen stays chosen."""
        chosen, present = self.selected(), self.current()
        same = self._model.set_runs(tuple(reversed(runs)), ticked)
        if not same:
            self._choose(chosen, present)

    def selected(self) -> list[str]:
        """The ids of the chosen runs, the newest first."""
        rows = sorted(index.row() for index in self.selectionModel().selectedRows())
        return [self._model.runs[row].id for row in rows]

    def current(self) -> str:
        """The id of the run that the keyboard is at; "" where there is none."""
        row = self.currentIndex().row()
        return self._model.runs[row].id if 0 <= row < len(self._model.runs) else ""

    def choose(self, run: str) -> None:
        """Choose one run."""
        self._choose([run], run)

    def edit_name(self) -> None:
        """Let the present run be called otherwise."""
        if self.current():
            self.setFocus()
            self.edit(self._model.index(self.currentIndex().row(), _NAME))

    def retranslate(self) -> None:
        """Say everything in the present language."""
        self.setAccessibleName(tr("Runs"))
        self._model.tell()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if self.state() == QAbstractItemView.State.EditingState:
            super().keyPressEvent(event)  # the key that ends it comes here, too
        elif event.key() == Qt.Key.Key_Space and self.selected():
            runs = self.selected()
            self.ticked.emit(runs, not all(run in self._model.ticked_runs for run in runs))
        elif event.key() == Qt.Key.Key_Delete and self.selected():
            self.deleting.emit()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.edit_name()
        elif event.matches(QKeySequence.StandardKey.Copy):
            QGuiApplication.clipboard().setText(self._model.text(self.selected()))
        else:
            super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        # The tool tip says it, too; the name does not fit else.
        self.setColumnHidden(_WHEN, self.width() < theme.px(_NARROW))

    def _choose(self, runs: Sequence[str], present: str) -> None:
        places = {run.id: row for row, run in enumerate(self._model.runs)}
        flags = self.selectionModel().SelectionFlag
        if present in places:
            index = self._model.index(places[present], _NAME)
            self.selectionModel().setCurrentIndex(index, flags.NoUpdate)
        self.clearSelection()
        for run in runs:
            if run in places:
                index = self._model.index(places[run], _NAME)
                self.selectionModel().select(index, flags.Select | flags.Rows)

    def _restyle(self) -> None:
        self.verticalHeader().setDefaultSectionSize(theme.px(26))
        self.verticalHeader().setMinimumSectionSize(theme.px(20))
        self.horizontalHeader().setMinimumSectionSize(theme.px(24))
        self._model.tell()


class _Plain(QStyledItemDelegate):
    """The chosen row is marked by its ground; a frame around one cell says nothing more."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        plain = QStyleOptionViewItem(option)
        plain.state &= ~QStyle.StateFlag.State_HasFocus
        super().paint(painter, plain, index)


class _Model(QAbstractTableModel):
    ticked = Signal(str, bool)
    renamed = Signal(str, str)

    def __init__(self, parent: QTableView) -> None:
        super().__init__(parent)
        self.runs: tuple[KeptRun, ...] = ()
        self.ticked_runs: frozenset[str] = frozenset()

    def set_runs(self, runs: tuple[KeptRun, ...], ticked: frozenset[str]) -> bool:
        """Show these; whether the rows are those of before."""
        same = [run.id for run in runs] == [run.id for run in self.runs]
        if not same:
            self.beginResetModel()
        self.runs, self.ticked_runs = runs, ticked
        if not same:
            self.endResetModel()
        self.tell()
        return same

    def tell(self) -> None:
        """Let all be said anew."""
        if self.runs:
            last = self.index(len(self.runs) - 1, _WHEN)
            self.dataChanged.emit(self.index(0, 0), last)
        self.headerDataChanged.emit(Qt.Orientation.Horizontal, _NAME, _WHEN)

    def text(self, ids: Sequence[str]) -> str:
        """Rows as lines of cells with tabs between them, all where none is named."""
        runs = [run for run in self.runs if run.id in ids] or self.runs
        lines = [[self._words(run, column) for column in range(4)] for run in runs]
        return "\n".join("\t".join(line) for line in [_head(), *lines])

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self.runs)

    def columnCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else 4

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = _ROLES.DisplayRole
    ) -> Any:
        if orientation == Qt.Orientation.Horizontal and role == _ROLES.DisplayRole:
            return _head()[section]
        if orientation == Qt.Orientation.Horizontal and role == _ROLES.TextAlignmentRole:
            return _alignment(section)
        return None

    def flags(self, index: _Index) -> Qt.ItemFlag:
        flags = super().flags(index)
        if index.column() == _NAME:
            flags |= Qt.ItemFlag.ItemIsUserCheckable | Qt.ItemFlag.ItemIsEditable
        return flags

    def data(self, index: _Index, role: int = _ROLES.DisplayRole) -> Any:
        run, column = self.runs[index.row()], index.column()
        if role == _ROLES.DisplayRole:
            return self._words(run, column)
        if role == _ROLES.TextAlignmentRole:
            return _alignment(column)
        if role == _ROLES.ToolTipRole:
            return _tip(run)
        if column != _NAME:
            return theme.font("caption") if role == _ROLES.FontRole else None
        if role == _ROLES.EditRole:
            return title_of(run)
        if role == _ROLES.CheckStateRole:
            on = run.id in self.ticked_runs
            return Qt.CheckState.Checked if on else Qt.CheckState.Unchecked
        if role == _ROLES.DecorationRole:
            return swatch(*look_of(run))
        if role == _ROLES.AccessibleTextRole:
            drawn = tr("drawn") if run.id in self.ticked_runs else tr("not drawn")
            return ", ".join([title_of(run), drawn, *_tip(run).split("\n")])
        return None

    def setData(self, index: _Index, value: Any, role: int = _ROLES.EditRole) -> bool:
        run = self.runs[index.row()]
        if role == _ROLES.CheckStateRole:
            self.ticked.emit(run.id, Qt.CheckState(value) == Qt.CheckState.Checked)
            return True
        if role == _ROLES.EditRole and value != title_of(run):
            self.renamed.emit(run.id, value.strip())
            return True
        return False

    def _words(self, run: KeptRun, column: int) -> str:
        if column == _NAME:
            return title_of(run)
        return (best_of(run), f"{run.step:,}", began(run))[column - 1]


def _head() -> tuple[str, ...]:
    return tr("Run"), tr("Best"), tr("Steps"), tr("Began")


def _alignment(column: int) -> Qt.AlignmentFlag:
    side = Qt.AlignmentFlag.AlignLeft if column == _NAME else Qt.AlignmentFlag.AlignRight
    return side | Qt.AlignmentFlag.AlignVCenter


def _tip(run: KeptRun) -> str:
    """All that there is no room for."""
    lines = [
        tr("Began {moment}", moment=moment_of(run)),
        tr("{state}, step {step:,} of {steps:,}", state=state_of(run), step=run.step,
           steps=run.steps),
    ]  # fmt: skip
    if run.note:
        lines.append(run.note)
    return "\n".join(lines)
