"""A card: one layer with its name, its live feature maps, its output and its parameters."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEasingCurve, QRectF, QVariantAnimation
from PySide6.QtGui import QPainter, QPainterPath
from PySide6.QtWidgets import QGraphicsItem, QGraphicsObject, QStyleOptionGraphicsItem

from cnnviz.layers import Maps
from cnnviz.network import INPUT_UID
from ui.canvas import card_face
from ui.canvas.layout import SPACING
from ui.canvas.map_picture import MapPicture
from ui.theme import theme
from ui.widgets.motion import duration

if TYPE_CHECKING:
    from PySide6.QtWidgets import QGraphicsSceneHoverEvent, QWidget

    from ui.canvas.card_face import Face, Selected
    from ui.canvas.content import Content
    from ui.picture import Picture

_HOVER_MS = 150
_CARRIED_OPACITY = 0.35


class Card(QGraphicsObject):
    """A card; its position is its upper left corner. It also draws the arrow that leads to it."""

    def __init__(self, uid: str, content: Content, face: Face) -> None:
        super().__init__()
        self.uid = uid
        self._content = content
        self._face = face
        self._picture = MapPicture(self, grey=uid == INPUT_UID)
        self._selected: Selected = ""
        self._hover = 0.0
        self._fade: QVariantAnimation | None = None
        self.setAcceptHoverEvents(True)
        self.setCacheMode(QGraphicsItem.CacheMode.DeviceCoordinateCache)
        self._measure()

    # --- what it is told ----------------------------------------------------------------------

    def set_face(self, content: Content, face: Face) -> None:
        """Say something else, or look different."""
        if content != self._content or face != self._face:
            self._content, self._face = content, face
            self.restyle()

    def show_picture(self, picture: Picture | None) -> None:
        """Show what belongs to the layer as it is now; an older picture may be of another shape.

        The image of its maps is made when the card is painted: what is out of sight costs nothing.
        """
        shape = self._content.shape
        if picture is None or shape is None:
            self._picture.set_values(None, 1.0)
        elif self.uid == INPUT_UID:
            self._picture.set_values(picture.seen, 1.0)
        else:
            count = shape.channels if isinstance(shape, Maps) else shape.length
            fits = picture.channels.get(self.uid) == count
            values, step = picture.maps.get(self.uid) if fits else None, 1
            if fits and self.uid in picture.thinned:
                values, step = picture.thinned[self.uid]
            self._picture.set_values(values, picture.limits.get(self.uid, 1.0), step)

    def set_selected(self, selected: Selected) -> None:
        """Draw the frame of the selection, or none."""
        if selected != self._selected:
            self._selected = selected
            self.update()

    def fit_into(self, width: float, height: float) -> None:
        """Say how large the view is: all but the feature maps is painted once and kept, also while
        the card slides, unless it is larger than the view. Of such a card Qt keeps a part, which
        it takes over into the next picture though the card has another size there."""
        bounds = self._bounds
        modes = QGraphicsItem.CacheMode
        fits = bounds.width() <= width and bounds.height() <= height
        mode = modes.DeviceCoordinateCache if fits else modes.NoCache
        if mode != self.cacheMode():
            self.setCacheMode(mode)

    def set_carried(self, carried: bool) -> None:
        """Stand back while a picture of the card follows the pointer."""
        self.setOpacity(_CARRIED_OPACITY if carried else 1.0)

    def restyle(self) -> None:
        """Paint anew, after the theme, a text or a measure has changed."""
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
        return self._face.labels

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
        face, px = self._face, theme.scale
        frame, arrow = card_face.FRAME * px * 1.5, SPACING * px
        below = frame + (card_face.STACK * px if self._content.folded else 0)
        self._bounds = QRectF(
            -arrow, -frame, face.width + arrow + frame, face.height + frame + below
        )
        self._picture.set_grid(face.grid, self._content.shape)
        self._picture.setPos(*face.grid_at)

    # --- painting -----------------------------------------------------------------------------

    def paint(
        self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None
    ) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self.uid != INPUT_UID:
            card_face.paint_arrow(painter, self.height)
        card_face.paint_body(painter, self._face, self._content, self._hover, self._selected)
        card_face.paint_head(painter, self._face, self._content)
        card_face.paint_labels(painter, self._face)
        card_face.paint_foot(painter, self._face, self._content)

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
        if self._fade is None:
            self._fade = QVariantAnimation(self)
            self._fade.setEasingCurve(QEasingCurve.Type.OutCubic)
            self._fade.valueChanged.connect(self._set_hover)
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
