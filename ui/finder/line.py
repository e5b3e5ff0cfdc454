"""One line of the command palette: what it is, where it stands, its keys, or why it cannot be."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from ui.icons import pixmap
from ui.theme import theme

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtWidgets import QWidget

    from ui.finder.commands import Command

Index = QModelIndex | QPersistentModelIndex

_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


def row_height() -> int:
    """How high a line is at the present size of type."""
    return QFontMetrics(theme.font()).height() + theme.px(11)


class Line(QStyledItemDelegate):
    """Paints a command; the one that Enter would run lies on a soft ground."""

    def __init__(self, command_at: Callable[[int], Command], parent: QWidget) -> None:
        super().__init__(parent)
        self._command_at = command_at

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(theme.px(200), row_height())

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        command = self._command_at(index.row())
        colors, px = theme.colors, theme.px
        rect: QRect = option.rect
        current = bool(option.state & QStyle.StateFlag.State_Selected)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if current:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(colors.accent_soft))
            painter.drawRoundedRect(rect, px(5), px(5))
        rest = rect.adjusted(px(28), 0, -px(10), 0)
        if command.checked:
            side = px(14)
            mark = QRect(rect.left() + px(8), rect.center().y() - side // 2, side, side)
            ratio = painter.device().devicePixelRatioF()
            painter.drawPixmap(mark, pixmap("check", side, colors.accent_ink, ratio))
        if command.keys:
            rest.setRight(self._right(painter, rest, command.keys, colors.label) - px(16))
        words = colors.accent_ink if current else colors.text
        painter.setFont(theme.font())
        painter.setPen(QColor(colors.disabled if command.reason else words))
        metrics = painter.fontMetrics()
        wide = min(metrics.horizontalAdvance(command.words), rest.width())
        painter.drawText(rest, _LEFT, metrics.elidedText(command.words, _ELIDE, rest.width()))
        rest.setLeft(rest.left() + wide + px(16))
        self._right(painter, rest, command.reason or command.place, colors.text_muted)
        painter.restore()

    def _right(self, painter: QPainter, rect: QRect, words: str, color: str) -> int:
        """Words at the right end; returns where they begin."""
        if not words or rect.width() <= 0:
            return rect.right()
        painter.setFont(theme.font("caption"))
        painter.setPen(QColor(color))
        shown = painter.fontMetrics().elidedText(words, _ELIDE, rect.width())
        painter.drawText(rect, _RIGHT, shown)
        return rect.right() - painter.fontMetrics().horizontalAdvance(shown)


_ELIDE = Qt.TextElideMode.ElideRight
