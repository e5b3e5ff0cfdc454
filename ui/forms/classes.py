"""The editor of a choice of classes: a tick for each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QSignalBlocker, QSize, Qt
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QListView, QListWidget, QListWidgetItem

from ui.forms.editors import Editor
from ui.i18n import text, tr
from ui.theme import theme

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cnnviz.layers import Field
    from cnnviz.message import Message

_NAME = Qt.ItemDataRole.UserRole
_ON, _OFF = Qt.CheckState.Checked, Qt.CheckState.Unchecked
LINES = 3
"""So many lines are seen at once."""
WIDTH = 300
"""In pixels at scale 1."""


class ClassesEditor(Editor):
    """Ticks that flow in lines and scroll; the arrow keys go through them, space ticks.

    All of them are the empty choice, so that it means the same for another data set. The last one
    cannot be taken away.
    """

    def __init__(self, field: Field) -> None:
        self._list = QListWidget()
        super().__init__(field)
        self._value: tuple[str, ...] = ()
        self._list.setFlow(QListView.Flow.LeftToRight)
        self._list.setWrapping(True)
        self._list.setResizeMode(QListView.ResizeMode.Adjust)
        self._list.setFrameShape(QListWidget.Shape.NoFrame)
        self._list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._list.itemChanged.connect(self._ticked)
        self.show_widget(self._list)

    def set_classes(self, names: Sequence[str], titles: Sequence[Message]) -> None:
        """Which classes there are, by name and as a person reads them."""
        shown = [(item.data(_NAME), item.text()) for item in self._items()]
        wanted = [(name, text(title)) for name, title in zip(names, titles, strict=True)]
        if shown == wanted:
            return
        with QSignalBlocker(self._list):
            self._list.clear()
            for name, title in wanted:
                item = QListWidgetItem(title, self._list)
                item.setData(_NAME, name)
                item.setCheckState(_ON)
        self.set_value(self._value)
        self.restyle()

    def value(self) -> tuple[str, ...]:
        return self._value

    def set_value(self, value: Any) -> None:
        self._value = tuple(value)
        names = [item.data(_NAME) for item in self._items()]
        every = not any(name in self._value for name in names)
        with QSignalBlocker(self._list):
            for item in self._items():
                chosen = every or item.data(_NAME) in self._value
                item.setCheckState(_ON if chosen else _OFF)

    def set_problem(self, reason: str | None) -> None:
        """No choice is impossible."""

    def retranslate(self) -> None:
        self._list.setAccessibleName(text(self.field.title))
        self._list.setToolTip(text(self.field.help))
        self._list.setAccessibleDescription(tr("Space chooses a class or leaves it out"))

    def restyle(self) -> None:
        super().restyle()
        self._list.setSpacing(theme.px(1))
        self._list.setFixedWidth(theme.px(WIDTH))
        metrics, line = QFontMetrics(theme.font()), theme.px(24)
        column, lines, room = 0, 1, theme.px(WIDTH) - theme.px(14)  # beside the scroll bar
        with QSignalBlocker(self._list):
            for item in self._items():
                # A style sheet's box is not in the size that Qt finds itself.
                width = theme.px(16 + 6 + 12) + metrics.horizontalAdvance(item.text())
                item.setSizeHint(QSize(min(width, room), line - theme.px(2)))
                column += width + theme.px(2)
                if column > room:
                    column, lines = width, lines + 1
        self._list.setFixedHeight(min(lines, LINES) * line + theme.px(4))

    def line_height(self) -> int:
        return theme.px(24)

    def _items(self) -> list[QListWidgetItem]:
        return [self._list.item(row) for row in range(self._list.count())]

    def _ticked(self) -> None:
        items = self._items()
        chosen = tuple(item.data(_NAME) for item in items if item.checkState() == _ON)
        if not chosen:
            self.set_value(self._value)  # the last one stays
            return
        self._value = () if len(chosen) == len(items) else chosen
        self.changed(None)
