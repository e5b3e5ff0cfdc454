"""The line above the drawer: what is selected."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QWidget

from ui.i18n import language, shape_text, text, tr
from ui.theme import theme
from ui.widgets.buttons import IconButton
from ui.widgets.labels import Label

if TYPE_CHECKING:
    from PySide6.QtGui import QPaintEvent

    from ui.session import Session


class Dot(QWidget):
    """A dot in the colour of a family of layers."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._family = "input"
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Preferred)  # never squeezed
        theme.changed.connect(self.updateGeometry)

    def set_family(self, family: str) -> None:
        """Take the colour of a family."""
        self._family = family
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(theme.px(9), theme.px(9))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(theme.colors.families[self._family]))
        side = theme.px(9)
        painter.drawEllipse(QRectF(0, (self.height() - side) / 2, side, side))


class Header(QWidget):
    """The dot, the name and the main numbers of the selected layer, and whether it is disabled."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._dot, self._name, self._detail = Dot(), Label("", "heading"), Label("", "heading")
        self._row = row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        self._off, self.enable = Label("", "caption"), IconButton("disabled")
        self.enable.clicked.connect(self._enable)
        for widget in (self._dot, self._name, self._detail, self._off, self.enable):
            row.addWidget(widget)
        theme.changed.connect(self._restyle)
        language.changed.connect(self.retranslate)
        self._restyle()
        self.retranslate()

    def retranslate(self) -> None:
        """Name what is selected."""
        layer = self._session.selected_layer
        if layer is None:
            self._dot.set_family("input")
            self._name.setText(tr("Input"))
            self._detail.setText(shape_text(self._session.network.input.shape))
        else:
            self._dot.set_family(layer.family)
            self._name.setText(text(layer.name))
            self._name.setToolTip(text(layer.help))
            self._detail.setText(layer.detail)
        self._detail.setVisible(bool(self._detail.text()))
        own = layer is not None and not layer.enabled
        off = layer is not None and self._session.report.row(layer.uid).off
        # With large type the tabs need the room: a word or a button, and the page says the rest.
        self._off.setVisible(off and not own)
        self._off.setText(tr("disabled"))
        self.enable.setVisible(own)
        self.enable.setAccessibleName(tr("Enable"))
        self.enable.setToolTip(tr("Disabled. Enable it, with what it has learned"))

    def _enable(self) -> None:
        self._session.set_enabled(self._session.selection, enabled=True)

    def _restyle(self) -> None:
        self._row.setSpacing(theme.px(6))
        # As low as the tabs beside it: disabling a layer must not push the page down.
        self.enable.setFixedSize(theme.px(28), theme.px(22))
