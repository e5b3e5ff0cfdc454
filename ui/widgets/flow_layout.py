"""A layout that fills rows from the left and wraps, as words do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, QRect, QSize, Qt
from PySide6.QtWidgets import QLayout, QLayoutItem, QWidget

if TYPE_CHECKING:
    from collections.abc import Iterator


class FlowLayout(QLayout):
    """Items in rows, each as large as it wants to be; the height follows from the width.

    A widget of `keep_together` is never the first of a row: the one before it goes along.
    """

    def __init__(self, parent: QWidget | None = None, spacing: int = 6) -> None:
        super().__init__(parent)
        self._items: list[QLayoutItem] = []
        self._kept: set[QWidget] = set()
        self._keeping = True
        self.setContentsMargins(0, 0, 0, 0)
        self.setSpacing(spacing)

    def keep_together(self, widget: QWidget) -> None:
        """Keep a widget in the row of what stands before it."""
        self._kept.add(widget)
        self.invalidate()

    def set_keeping(self, keeping: bool) -> None:
        """Whether what is kept together is, or each goes where there is room."""
        self._keeping = keeping
        self.invalidate()

    def addItem(self, item: QLayoutItem) -> None:
        self._items.append(item)

    def count(self) -> int:
        return len(self._items)

    def itemAt(self, index: int) -> QLayoutItem | None:
        return self._items[index] if 0 <= index < len(self._items) else None

    def takeAt(self, index: int) -> QLayoutItem | None:
        if not 0 <= index < len(self._items):
            return None
        item = self._items.pop(index)
        self.invalidate()
        return item

    def expandingDirections(self) -> Qt.Orientation:
        return Qt.Orientation(0)

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        return self._arrange(QRect(0, 0, width, 0), move=False)

    def setGeometry(self, rect: QRect) -> None:
        super().setGeometry(rect)
        self._arrange(rect, move=True)

    def sizeHint(self) -> QSize:
        return self.minimumSize()

    def minimumSize(self) -> QSize:
        size = QSize()
        for item in self._items:
            size = size.expandedTo(item.minimumSize())
        margins = self.contentsMargins()
        return size + QSize(margins.left() + margins.right(), margins.top() + margins.bottom())

    def _arrange(self, rect: QRect, *, move: bool) -> int:
        """Lay the items out in `rect` (moving them or only measuring); the height they take."""
        margins = self.contentsMargins()
        area = rect.marginsRemoved(margins)
        x, y, row_height = area.x(), area.y(), 0
        for group in self._groups():
            sizes = [item.sizeHint() for item in group]
            width = sum(size.width() for size in sizes) + (len(sizes) - 1) * self.spacing()
            if row_height and x + width > area.x() + area.width():
                x, y, row_height = area.x(), y + row_height + self.spacing(), 0
            for item, size in zip(group, sizes, strict=True):
                if move:
                    item.setGeometry(QRect(QPoint(x, y), size))
                x += size.width() + self.spacing()
                row_height = max(row_height, size.height())
        return y + row_height - rect.y() + margins.bottom()

    def _groups(self) -> Iterator[list[QLayoutItem]]:
        """What is to stay in one row, in order; a hidden chip leaves no gap."""
        group: list[QLayoutItem] = []
        for item in self._items:
            if item.isEmpty():
                continue
            if group and not (self._keeping and item.widget() in self._kept):
                yield group
                group = []
            group.append(item)
        if group:
            yield group
