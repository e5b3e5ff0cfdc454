"""One feature map, large, and what the value under the pointer sees of the image."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QFontMetrics, QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QSlider, QVBoxLayout, QWidget

from cnnviz.explain import same_place, seen_by
from cnnviz.network import INPUT_UID
from ui.i18n import language, tr
from ui.inspector.sliding_values import show_seen
from ui.theme import theme
from ui.widgets.captioned import Captioned
from ui.widgets.labels import Label
from ui.widgets.slide_map import SlideMap
from ui.widgets.zoom_map import ZoomMap

if TYPE_CHECKING:
    import numpy as np

    from ui.inspector.large_actions import LargeActions
    from ui.picture import Picture
    from ui.session import Session

_HALVINGS = 4
"""Steps of the slider in which gamma is halved or doubled."""
_SIDE = 158


class LargeMap(QWidget):
    """The map, beside it the image with the field, and the gamma of the colours."""

    gamma_changed = Signal()

    def __init__(
        self, session: Session, actions: LargeActions, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._session = session
        self._picture: Picture | None = None
        self.map, self.image = ZoomMap(), SlideMap()
        self.image.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._image_box = Captioned(self.image)
        self._gamma_label = Label("", "label")
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setRange(-2 * _HALVINGS, 2 * _HALVINGS)
        self.slider.setPageStep(_HALVINGS)
        self.slider.valueChanged.connect(self._bend)
        self.slider.installEventFilter(self)
        actions.larger.triggered.connect(lambda: self.map.zoom_by(1.5))
        actions.smaller.triggered.connect(lambda: self.map.zoom_by(1 / 1.5))
        actions.fit.triggered.connect(self.map.fit)
        self._side = QWidget()
        column = QVBoxLayout(self._side)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._image_box, 1)
        column.addStretch()  # the image stays beside its caption
        column.addWidget(self._gamma_label)
        column.addWidget(self.slider)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.addWidget(self.map, 1)
        self._row.addWidget(self._side)
        session.spot.changed.connect(self._show_spot)
        theme.changed.connect(self._restyle)
        language.changed.connect(self.retranslate)
        self._restyle()
        self.retranslate()

    @property
    def gamma(self) -> float:
        """Of the colours; below 1 small values are stronger."""
        return float(2.0 ** (self.slider.value() / _HALVINGS))

    def show_map(
        self, values: np.ndarray, limit: float, picture: Picture, *, grey: bool = False
    ) -> None:
        """Show a map of the picture (height, width)."""
        self._picture = picture
        self.map.set_values(values, limit, gamma=self.gamma, grey=grey)
        self.slider.setEnabled(not grey)
        self._show_spot()

    def retranslate(self) -> None:
        """Say everything in the present language."""
        self.map.setAccessibleName(tr("One map, large"))
        self.image.setAccessibleName(tr("What the value sees of the image"))
        self._image_box.caption.setText(tr("What it sees"))
        self.slider.setAccessibleName(tr("Gamma of the colours"))
        self.slider.setToolTip(
            tr("Below 1 small values get stronger colours; zero stays the background")
        )
        self._say_gamma()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """A page up or down is another map on the whole view, and never another gamma."""
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            by = {Qt.Key.Key_PageUp: -1, Qt.Key.Key_PageDown: 1}.get(Qt.Key(event.key()))
            if by is not None:
                self.map.maps_moved.emit(by)
                return True
        return super().eventFilter(watched, event)

    def _bend(self) -> None:
        self._say_gamma()
        self.gamma_changed.emit()

    def _say_gamma(self) -> None:
        self._gamma_label.setText(tr("Gamma {gamma}", gamma=f"{self.gamma:.2f}"))

    def _show_spot(self) -> None:
        """Mark the place, and frame on the image what the value sees."""
        if self._picture is None:
            return
        session, place = self._session, self._session.spot.place
        seen = None if place is None else seen_by(session.report, *place)
        own = {} if place is None else same_place(session.report, *place)
        self.map.set_spot(own.get(session.selection))
        show_seen(self.image, self._picture, seen, session.network.input.shape)
        self.image.set_mark(None if seen is None else own.get(INPUT_UID))

    def _restyle(self) -> None:
        self._row.setSpacing(theme.px(12))
        self._side.setFixedWidth(theme.px(_SIDE))
        line = QFontMetrics(theme.font("caption")).lineSpacing()
        self._image_box.setMaximumHeight(theme.px(_SIDE) + 2 * line)
