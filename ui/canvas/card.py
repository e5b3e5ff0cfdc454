"""A card: one layer with its name, its live feature maps, its output and its parameters."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from PySide6.QtCore import QEasingCurve, QRectF, QVariantAnimation
from PySide6.QtGui import QFontMetricsF, QPainter, QPainterPath
from PySide6.QtWidgets import QGraphicsItem, QGraphicsObject, QStyleOptionGraphicsItem

from cnnviz.layers import Maps
from cnnviz.network import INPUT_UID
from ui.canvas import card_face as face
from ui.canvas.layout import SPACING, Grid, map_grid, vector_grid
from ui.canvas.map_picture import MapPicture
from ui.theme import theme
from ui.widgets.motion import duration

if TYPE_CHECKING:
    from PySide6.QtWidgets import QGraphicsSceneHoverEvent, QWidget

    from ui.canvas.content import Content
    from ui.canvas.map_picture import Values

_HOVER_MS = 150
_CARRIED_OPACITY = 0.35


class Card(QGraphicsObject):
    """A card; its position is its upper left corner. It also draws the arrow that leads to it."""

    def __init__(self, uid: str, content: Content, room: float) -> None:
        super().__init__()
        self.uid = uid
        self._content = content
        self._room = room
        self._labels: tuple[str, ...] = ()
        self._picture = MapPicture(self, grey=uid == INPUT_UID)
        self._selected = False
        self._hover = 0.0
        self._fade = QVariantAnimation(self)
        self._fade.setEasingCurve(QEasingCurve.Type.OutCubic)
        self._fade.valueChanged.connect(self._set_hover)
        self.setAcceptHoverEvents(True)
        # All but the feature maps is painted once and kept, also while the card slides.
        self.setCacheMode(QGraphicsItem.CacheMode.DeviceCoordinateCache)
        self._measure()

    # --- what it is told ----------------------------------------------------------------------

    def set_content(self, content: Content) -> None:
        """Say something else."""
        if content != self._content:
            self._content = content
            self.restyle()

    def set_room(self, room: float) -> None:
        """So high may the feature maps be."""
        if room != self._room:
            self._room = room
            self.restyle()

    def set_labels(self, labels: tuple[str, ...]) -> None:
        """Names to stand beside the values of a vector, one each; none for no names."""
        if labels != self._labels:
            self._labels = labels
            self.restyle()

    def set_values(self, values: Values | None, limit: float) -> None:
        """The newest values, (channels, height, width) or (length,), and their colour limit.

        Their image is made when the card is painted: what is out of sight costs nothing.
        """
        self._picture.set_values(values, limit)

    def set_selected(self, selected: bool) -> None:
        """Draw the frame of the selection, or none."""
        if selected != self._selected:
            self._selected = selected
            self.update()

    def set_carried(self, carried: bool) -> None:
        """Stand back while a picture of the card follows the pointer."""
        self.setOpacity(_CARRIED_OPACITY if carried else 1.0)

    def restyle(self) -> None:
        """Measure and paint anew, after the theme or a text has changed."""
        self.prepareGeometryChange()
        self._measure()
        self.update()

    # --- geometry -----------------------------------------------------------------------------

    @property
    def content(self) -> Content:
        """What it says."""
        return self._content

    @property
    def labels(self) -> tuple[str, ...]:
        """What stands beside its values."""
        return self._labels

    @property
    def width(self) -> float:
        """Of the card itself, without frame and arrow."""
        return self._face.width

    @property
    def height(self) -> float:
        """Of the card itself, without frame and arrow."""
        return self._face.height

    @property
    def picture(self) -> MapPicture:
        """Its feature maps."""
        return self._picture

    def boundingRect(self) -> QRectF:
        return self._bounds

    def shape(self) -> QPainterPath:
        path = QPainterPath()
        path.addRect(QRectF(0, 0, self.width, self.height))
        return path

    def _measure(self) -> None:
        bold, plain = _metrics(theme.scale)
        grid = self._choose_grid()
        self._face = face.measure(
            self._content, grid, self._hidden(grid), bold, plain, self._labels
        )
        frame, arrow = face.FRAME * theme.scale * 1.5, SPACING * theme.scale
        width, height = self.width + arrow + frame, self.height + 2 * frame
        self._bounds = QRectF(-arrow, -frame, width, height)
        self._picture.set_grid(grid, self._content.shape)
        if grid is not None:
            self._picture.setPos(self._face.grid_at, face.HEAD * theme.scale)

    def _choose_grid(self) -> Grid | None:
        shape, unit = self._content.shape, theme.scale
        if shape is None:
            return None
        if not isinstance(shape, Maps):
            return vector_grid(shape.length, self._room, unit)
        channels = 1 if self.uid == INPUT_UID else shape.channels
        return map_grid(channels, shape.height, shape.width, self._room, unit)

    def _hidden(self, grid: Grid | None) -> int:
        """How many feature maps, or values of a vector, find no room."""
        shape = self._content.shape
        if grid is None or shape is None or self.uid == INPUT_UID:
            return 0
        return (shape.channels if isinstance(shape, Maps) else shape.length) - grid.shown

    # --- painting -----------------------------------------------------------------------------

    def paint(
        self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None
    ) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self.uid != INPUT_UID:
            face.paint_arrow(painter, self.height)
        face.paint_body(painter, self._face, self._content, self._hover, self._selected)
        face.paint_head(painter, self._face, self._content, painter.deviceTransform().m11())
        face.paint_labels(painter, self._face, self._labels)
        face.paint_foot(painter, self._face, self._content)

    def paint_alone(self, painter: QPainter) -> None:
        """As it looks now, with its feature maps, wherever the painter's origin is."""
        option = QStyleOptionGraphicsItem()
        self.paint(painter, option)
        painter.translate(self._picture.pos())
        self._picture.paint(painter, option)

    # --- hover --------------------------------------------------------------------------------

    def hoverEnterEvent(self, event: QGraphicsSceneHoverEvent) -> None:
        self._fade_to(1.0)

    def hoverLeaveEvent(self, event: QGraphicsSceneHoverEvent) -> None:
        self._fade_to(0.0)

    def _fade_to(self, target: float) -> None:
        self._fade.stop()
        if not duration(_HOVER_MS):
            self._set_hover(target)
            return
        self._fade.setDuration(_HOVER_MS)
        self._fade.setStartValue(self._hover)
        self._fade.setEndValue(target)
        self._fade.start()

    def _set_hover(self, hover: float) -> None:
        self._hover = hover
        self.update()


@cache
def _metrics(scale: float) -> tuple[QFontMetricsF, QFontMetricsF]:
    """Of the bold and the plain type of cards; made once a scale, for a card needs them often."""
    return QFontMetricsF(theme.font("heading")), QFontMetricsF(theme.font("body"))
