"""The bubble that explains a problem beside its card, with a button for each way out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPen, QWheelEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout

from ui.i18n import language, text, tr
from ui.theme import theme
from ui.widgets.buttons import Button
from ui.widgets.labels import Label

if TYPE_CHECKING:
    from PySide6.QtGui import QPaintEvent
    from PySide6.QtWidgets import QWidget

    from cnnviz.fixes import Fix
    from cnnviz.layers import Problem

_WIDTH, _NARROWEST = 330, 180
_PADDING = 10
_SPACING = 6
_MANY = 2**16


class Bubble(QFrame):
    """Headline, detail and fixes of a problem."""

    chosen = Signal(object)
    """Fix: the button of this one was pressed."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._behind = parent
        self.setVisible(False)
        self._problem: Problem | None = None
        self._fixes: tuple[Fix, ...] = ()
        self._buttons: list[Button] = []
        self._room = _MANY  # until somebody says otherwise
        self._most = _MANY
        """For so many of the fixes there are buttons."""
        self._widest = 0
        """Of the buttons, with what is around them: no bubble is narrower, or it would cut them."""
        self._headline = Label("", "danger")
        self._detail = Label("", "danger")
        for label in (self._headline, self._detail):
            label.setWordWrap(True)
            label.setTextFormat(Qt.TextFormat.PlainText)
        self._rows: list[QHBoxLayout] = []
        self._column = QVBoxLayout(self)
        self._column.addWidget(self._headline)
        self._column.addWidget(self._detail)
        # A press on the bubble itself is not one on the canvas behind it.
        self.setAttribute(Qt.WidgetAttribute.WA_NoMousePropagation)
        theme.changed.connect(self.retranslate)
        language.changed.connect(self.retranslate)
        self.retranslate()

    @property
    def problem(self) -> Problem | None:
        """What it explains."""
        return self._problem

    @property
    def buttons(self) -> list[Button]:
        """One a fix, in their order."""
        return list(self._buttons)

    def set_problem(self, problem: Problem | None, fixes: tuple[Fix, ...]) -> None:
        """Explain another problem; None has nothing to explain."""
        if problem == self._problem and fixes == self._fixes:
            return
        self._problem, self._fixes = problem, fixes
        self.retranslate()

    def fit_into(self, room: int) -> None:
        """Be no wider than so many pixels, as far as words and buttons can be read."""
        before, self._room = self._wide(), room
        if self._wide() != before:
            self.retranslate()

    def shorten(self, short: bool) -> None:
        """Leave the detail to the tool tip, where the view is too low for it, or show it again."""
        if short == self._detail.isHidden():
            return
        self._detail.setVisible(not short)
        self.retranslate()

    def limit(self, most: int | None) -> None:
        """Have buttons for so many of the fixes, the first ones, where there is no room for more;
        None: for all of them. The list of problems always has them all."""
        before, self._most = self._most, _MANY if most is None else most
        if min(before, len(self._fixes)) != min(self._most, len(self._fixes)):
            self.retranslate()

    def _wide(self) -> int:
        return max(min(theme.px(_WIDTH), max(self._room, theme.px(_NARROWEST))), self._widest)

    def retranslate(self) -> None:
        """Set all texts and sizes."""
        if self._problem is None:
            return
        bold = theme.font("heading")
        self._headline.setFont(bold)
        self._headline.setText(text(self._problem.headline))
        self._detail.setText(text(self._problem.detail))
        more = tr("All ways out are in the list of problems (F8).")
        left_out = [self._detail.text()] * self._detail.isHidden()
        left_out += [more] * (self._most < len(self._fixes))
        self.setToolTip("\n".join(left_out))
        self.setAccessibleName(tr("Problem"))
        self.setAccessibleDescription(f"{self._headline.text()} {self._detail.text()}")
        self._widest = 0
        padding = theme.px(_PADDING)
        self._column.setContentsMargins(padding, padding, padding, padding)
        self._column.setSpacing(theme.px(_SPACING))
        self._place_buttons(self._wide() - 2 * padding)
        widths = (button.sizeHint().width() for button in self._buttons)
        self._widest = max(widths, default=0) + 2 * padding
        self.setFixedWidth(self._wide())
        self.resize(self.sizeHint())

    def sizeHint(self) -> QSize:
        width = self._wide()
        self._column.activate()
        return QSize(width, self._column.totalHeightForWidth(width))

    def _place_buttons(self, room: int) -> None:
        """In as few rows as they fit into; those of a row share its width."""
        had_focus = any(button.hasFocus() for button in self._buttons)
        for row in self._rows:
            self._column.removeItem(row)
            row.deleteLater()
        for button in self._buttons:
            button.hide()
            button.deleteLater()
        self._rows, self._buttons, left = [], [], -1
        for fix in self._fixes[: self._most]:
            button = Button(text(fix.label), parent=self)
            button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
            button.clicked.connect(lambda _=False, fix=fix: self.chosen.emit(fix))
            button.ensurePolished()
            width = button.sizeHint().width()
            if width > left:
                row = QHBoxLayout()
                row.setSpacing(theme.px(_SPACING))
                self._column.addLayout(row)
                self._rows.append(row)
                left = room
            self._rows[-1].addWidget(button)
            self._buttons.append(button)
            left -= width + theme.px(_SPACING)
            button.show()
        if had_focus and self._buttons:
            self._buttons[0].setFocus()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """The wheel is for the network also where the mouse happens to be on the bubble."""
        turned = QWheelEvent(
            self.mapTo(self._behind, event.position()),
            event.globalPosition(),
            event.pixelDelta(),
            event.angleDelta(),
            event.buttons(),
            event.modifiers(),
            event.phase(),
            event.inverted(),
        )
        QCoreApplication.sendEvent(self._behind, turned)
        event.accept()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        border = QColor(theme.colors.danger)
        border.setAlphaF(0.55)
        painter.setPen(QPen(border, 1))
        painter.setBrush(QColor(theme.colors.danger_soft))
        radius = theme.px(7)
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), radius, radius)
