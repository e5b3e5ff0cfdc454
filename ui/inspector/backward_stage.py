"""The widgets of the way back, and where they stand."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QStackedLayout, QVBoxLayout, QWidget

from cnnviz.explain.way_back import AT_REST, OVERVIEW
from ui.i18n import text, tr
from ui.inspector.backward_layer import BackwardLayer, paragraph_area
from ui.inspector.backward_rail import BackwardRail
from ui.inspector.backward_value import BackwardValue
from ui.inspector.pixel_bar import PixelBar
from ui.theme import theme
from ui.widgets.delta_strip import DeltaStrip
from ui.widgets.labels import Label
from ui.widgets.sideways import Sideways
from ui.widgets.tabs import PillTabs

if TYPE_CHECKING:
    from ui.inspector.pixel_actions import PixelActions


class BackwardStage(QWidget):
    """A rail with the zooms, and beside it one of four: all layers, a layer, a value, or words."""

    def __init__(self, actions: PixelActions, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.rail = BackwardRail()
        self.strip, self.layer, self.value = DeltaStrip(), BackwardLayer(), BackwardValue()
        self.words = Label()
        self.ranges = PillTabs()
        self.bar = PixelBar(actions)
        self.message = Label("", "muted")
        self._lay_out()
        self._restyle()
        theme.changed.connect(self._restyle)

    def retranslate(self) -> None:
        """Say everything in the present language."""
        self.setAccessibleName(tr("The way back"))
        self.strip.setAccessibleName(tr("δ of all layers"))
        self.ranges.set_tabs([("layer", tr("Per layer")), ("network", tr("Whole network"))])
        self.ranges.setAccessibleName(tr("Range of the colours"))
        self.ranges.setToolTip(
            tr("With one range for the whole network one sees where the error fades away")
        )
        self.words.setText(f"{text(OVERVIEW)}\n\n{text(AT_REST)}")
        self.value.retranslate()

    def _lay_out(self) -> None:
        self.words.setWordWrap(True)
        self.words.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
        self.message.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.message.setWordWrap(True)
        self._all = QWidget()
        overview = QHBoxLayout(self._all)
        overview.setContentsMargins(0, 0, 0, 0)
        overview.addWidget(self.strip, 5)
        told = QVBoxLayout()
        told.addWidget(self.ranges)
        told.addWidget(paragraph_area(self.words), 1)
        overview.addLayout(told, 2)
        self._one = QWidget()
        self._below = QVBoxLayout(self._one)
        self._below.setContentsMargins(0, 0, 0, 0)
        row = Sideways(self.value)
        row.room_changed.connect(self.value.set_room)
        self._below.addWidget(row, 1)
        self._below.addWidget(self.bar)
        holder = QWidget()
        self._stack = QStackedLayout(holder)
        for widget in (self.message, self._all, self.layer, self._one):
            self._stack.addWidget(widget)
        self._row = QHBoxLayout(self)
        self._row.addWidget(self.rail)
        self._row.addWidget(holder, 1)

    def _restyle(self) -> None:
        px = theme.px
        self._row.setContentsMargins(px(10), px(6), px(14), px(6))
        self._row.setSpacing(px(12))
        self._below.setSpacing(px(4))
