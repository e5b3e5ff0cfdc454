"""The editor of a table of connections: which input maps each filter sees."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt, Signal
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QHeaderView, QTableView, QVBoxLayout

from cnnviz.layers import Maps
from ui.forms.editors import Editor
from ui.i18n import text, tr
from ui.theme import theme
from ui.widgets.buttons import Button
from ui.widgets.labels import Label
from ui.widgets.style import set_property

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from cnnviz.layers import Field, Layer, Shape

Connections = tuple[tuple[int, ...], ...]

_MOST = 256
"""Filters and maps up to which a table can be edited by hand."""
_CHECKED, _UNCHECKED = Qt.CheckState.Checked.value, Qt.CheckState.Unchecked.value
_Index = QModelIndex | QPersistentModelIndex


class ConnectionsEditor(Editor):
    """A button that says how many connections there are, and opens the table."""

    def __init__(self, field: Field) -> None:
        super().__init__(field)
        self._value: Connections = ()
        self._filters = self._maps = 0
        self._reason: str | None = None
        self._button = Button()
        self._button.clicked.connect(self._open)
        self._dialog: ConnectionsDialog | None = None
        self.show_widget(self._button)

    def value(self) -> Connections:
        return self._value

    def set_value(self, value: Any) -> None:
        self._value = value
        if self._dialog is not None:
            self._dialog.table.set_connections(value)
        self.retranslate()

    def set_surroundings(self, layer: Layer, x: Shape | None) -> None:
        self._filters = getattr(layer, "filters", 0)
        self._maps = x.channels if isinstance(x, Maps) else 0
        self.retranslate()

    def set_problem(self, reason: str | None) -> None:
        self._reason = reason
        set_property(self._button, "problem", bool(reason))
        self.retranslate()

    def retranslate(self) -> None:
        all_of_them = self._filters * self._maps
        if not self._value:
            self._button.setText(tr("all"))
        else:
            count = sum(map(len, self._value))
            self._button.setText(tr("{n:,} of {all:,}", n=count, all=all_of_them))
        possible = 0 < self._maps <= _MOST and self._filters <= _MOST
        self._button.setEnabled(possible or bool(self._value))
        self._button.setAccessibleName(text(self.field.title))
        self._button.setToolTip(
            self._reason or text(self.field.help)
            if possible
            else tr("A table can be edited where there are at most {n} filters and maps", n=_MOST)
        )

    def _open(self) -> None:
        if not (0 < self._maps <= _MOST and self._filters <= _MOST):
            self._take(())  # what cannot be shown can still be cleared
            return
        self._dialog = dialog = ConnectionsDialog(self._value, self._filters, self._maps, self)
        dialog.table.changed.connect(self._take)
        dialog.finished.connect(self._closed)
        dialog.open()

    def _take(self, value: Connections) -> None:
        self._value = value
        self.retranslate()
        self.changed(value)

    def _closed(self) -> None:
        self._dialog = None


class ConnectionsDialog(QDialog):
    """The table, and a way back to all connections. Every tick counts at once."""

    def __init__(
        self, connections: Connections, filters: int, maps: int, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(tr("Connections"))
        self.table = ConnectionsModel(connections, filters, maps)
        self.table.setParent(self)
        told = Label(tr("Which input maps (columns) each filter (row) sees."), "muted")
        view = QTableView()
        view.setModel(self.table)
        view.setAccessibleName(tr("Connections"))
        for header in (view.horizontalHeader(), view.verticalHeader()):
            header.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
            header.setDefaultSectionSize(theme.px(30))
            header.setMinimumSectionSize(theme.px(20))
        view.verticalHeader().setDefaultSectionSize(theme.px(22))
        self.all = Button(tr("Connect all"))
        self.all.clicked.connect(self.table.connect_all)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.addButton(self.all, QDialogButtonBox.ButtonRole.ActionRole)
        buttons.button(QDialogButtonBox.StandardButton.Close).setText(tr("Close"))
        buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        for widget in (told, view, buttons):
            column.addWidget(widget)
        width = theme.px(30) * min(maps, 24) + theme.px(80)
        self.resize(max(width, theme.px(340)), theme.px(22) * min(filters, 20) + theme.px(120))


class ConnectionsModel(QAbstractTableModel):
    """A row a filter, a column an input map, a tick where they are connected."""

    changed = Signal(object)
    """The connections after a person's tick; empty where all are connected."""

    def __init__(self, connections: Connections, filters: int, maps: int) -> None:
        super().__init__()
        self._filters, self._maps = filters, maps
        self._rows: list[set[int]] = []
        self.set_connections(connections)

    def set_connections(self, connections: Connections) -> None:
        """Show others. Never emits `changed`."""
        if self._rows and self.connections() == connections:
            return
        self.beginResetModel()
        given = [{index for index in row if index < self._maps} for row in connections]
        missing = self._filters - len(given)
        self._rows = given[: self._filters] + [set(range(self._maps)) for _ in range(missing)]
        self.endResetModel()

    def connections(self) -> Connections:
        """What is ticked; empty where everything is."""
        if all(len(row) == self._maps for row in self._rows):
            return ()
        return tuple(tuple(sorted(row)) for row in self._rows)

    def connect_all(self) -> None:
        """Tick everything."""
        self.set_connections(())
        self.changed.emit(())

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else self._filters

    def columnCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else self._maps

    def flags(self, index: _Index) -> Qt.ItemFlag:
        return (
            Qt.ItemFlag.ItemIsEnabled
            | Qt.ItemFlag.ItemIsSelectable
            | Qt.ItemFlag.ItemIsUserCheckable
        )

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        return section if role == Qt.ItemDataRole.DisplayRole else None

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if role == Qt.ItemDataRole.CheckStateRole:
            return _CHECKED if index.column() in self._rows[index.row()] else _UNCHECKED
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return tr("filter {filter}, map {map}", filter=index.row(), map=index.column())
        return None

    def setData(self, index: _Index, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        if role != Qt.ItemDataRole.CheckStateRole:
            return False
        ticked = getattr(value, "value", value) == _CHECKED
        (self._rows[index.row()].add if ticked else self._rows[index.row()].discard)(index.column())
        self.dataChanged.emit(index, index, [role])
        self.changed.emit(self.connections())
        return True
