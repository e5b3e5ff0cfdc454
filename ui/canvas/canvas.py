"""The canvas: the input and the layers as a row of cards that hold the live feature maps."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import (
    QAction,
    QContextMenuEvent,
    QPainter,
    QPixmap,
)
from PySide6.QtWidgets import QMenu, QWidget

from cnnviz.layers import Maps, Vector
from cnnviz.network import INPUT_UID
from ui.canvas.card import Card
from ui.canvas.card_face import CHROME
from ui.canvas.commands import Commands
from ui.canvas.content import input_content, layer_content, spoken
from ui.canvas.dragging import Dragging
from ui.canvas.entries import fill_insert_menu
from ui.canvas.explanation import Explanation
from ui.canvas.layout import MARGIN, SPACING, Box, gap_middle, lefts, room_for_maps
from ui.canvas.motion import Slide
from ui.canvas.placeholder import Placeholder
from ui.canvas.row_view import RowView
from ui.i18n import language, text, tr
from ui.theme import theme

if TYPE_CHECKING:
    from PySide6.QtGui import (
        QDragEnterEvent,
        QDragLeaveEvent,
        QDragMoveEvent,
        QDropEvent,
        QKeyEvent,
        QMouseEvent,
        QResizeEvent,
    )

    from cnnviz.analysis import Fix, Row
    from ui.canvas.bubble import Bubble
    from ui.engine_client import EngineClient
    from ui.picture import Picture
    from ui.session import Change, Session

_SLIDE_MS = 150
_LOWEST = 190
_INVITATION = (250, 96)


class Canvas(RowView):
    """Cards that follow the session: one for each layer, the same one as long as it lives."""

    settings_requested = Signal()
    """Enter or a double click: the person wants to change the selected layer's settings."""

    def __init__(
        self, session: Session, engine: EngineClient, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._session = session
        self._engine = engine
        self._cards: dict[str, Card] = {}
        self._rows: dict[str, Row] = {}
        self._boxes: dict[str, Box] = {}
        self._gap: tuple[int, float, float] | None = None
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAcceptDrops(True)

        self._input = Card(INPUT_UID, input_content(session), 0)
        self._landing, self._invitation = Placeholder(), Placeholder()
        for item in (self._landing, self._invitation, self._input):
            self.scene().addItem(item)
        self._slide = Slide(self)
        self._explanation = Explanation(self)
        self._explanation.bubble.chosen.connect(self._mend)
        self._commands = Commands(session, self)
        self._dragging = Dragging(self, session)

        session.changed.connect(self._on_changed)
        session.selection_changed.connect(self._on_selected)
        engine.probed.connect(self._show_values)
        theme.changed.connect(self._restyle)
        language.changed.connect(self.retranslate)
        self.retranslate()
        self._restyle()
        if engine.picture is not None:
            self._show_values(engine.picture)

    # --- for the main window and for tests ----------------------------------------------------

    def actions_menu(self) -> list[QAction]:
        """What can be done with the selected card, for the Edit menu."""
        return self._commands.all()

    def view_actions(self) -> list[QAction]:
        """Zooming, for the View menu."""
        return self._commands.view()

    @property
    def bubble(self) -> Bubble:
        """The explanation of the network's problem; hidden where there is none."""
        return self._explanation.bubble

    def card(self, uid: str) -> Card:
        """The card of a layer, or of the input. Raises KeyError."""
        return self._input if uid == INPUT_UID else self._cards[uid]

    def layer_boxes(self) -> list[Box]:
        """Where the cards of the layers stand while no gap is open, first to last."""
        return [self._boxes[layer.uid] for layer in self._session.network.layers]

    def card_center(self, uid: str) -> QPoint:
        """The middle of a card, on the screen."""
        box = self._boxes[uid]
        return self._on_screen(box.middle, box.top + box.height / 2)

    def gap_center(self, index: int) -> QPoint:
        """Where a layer is dropped to get position `index`, on the screen."""
        first = self._boxes[INPUT_UID]
        return self._on_screen(gap_middle(index, first, self.layer_boxes(), theme.scale), 0)

    def fix_center(self, index: int) -> QPoint:
        """The middle of the problem's button of that number, on the screen."""
        button = self.bubble.buttons[index]
        return button.mapToGlobal(button.rect().center())

    def _on_screen(self, x: float, y: float) -> QPoint:
        return self.viewport().mapToGlobal(self.mapFromScene(QPointF(x, y)))

    # --- following the session ----------------------------------------------------------------

    def retranslate(self) -> None:
        """Set all texts."""
        self.setAccessibleName(tr("Network"))
        self._rows = {}
        self._sync(animated=False)

    def _on_changed(self, change: Change) -> None:
        if change.report is not change.old_report:
            self._sync(animated=not change.opened)
        if change.opened and change.report.problem is None:
            self.horizontalScrollBar().setValue(self.horizontalScrollBar().minimum())

    def _sync(self, *, animated: bool) -> None:
        """Make cards and network agree; a card whose row is the same is left alone."""
        report = self._session.report
        rows = {layer.uid: report.row(layer.uid) for layer in report.network.layers}
        for uid in self._cards.keys() - rows.keys():
            self.scene().removeItem(self._cards.pop(uid))
        new = set()
        for uid, row in rows.items():
            card = self._cards.get(uid)
            if card is None:
                card = self._cards[uid] = Card(uid, layer_content(row), self._room())
                self.scene().addItem(card)
                new.add(card)
            elif self._rows.get(uid) != row:
                card.set_content(layer_content(row))
            else:
                continue
            self._give_values(card, row, self._engine.picture)
        self._rows = rows
        self._label_output()
        self._input.set_content(input_content(self._session))
        trouble = self._explanation.set_report(self._session.report, list(rows))
        self._arrange(animated=animated, new=new)
        if trouble:
            self._bring_into_sight(self._explanation.uid)
        self._mark_selection()

    def _label_output(self) -> None:
        """The last card says which class each of its values is for, if there are as many."""
        classes = self._session.dataset.classes
        last = next(reversed(self._rows.values()), None)
        whole = last is not None and last.output == Vector(len(classes))
        for card in self._cards.values():
            card.set_labels(classes if whole and last and card.uid == last.layer.uid else ())

    def _show_values(self, picture: Picture) -> None:
        for uid, row in self._rows.items():
            self._give_values(self._cards[uid], row, picture)
        self._input.set_values(picture.maps.get(INPUT_UID), 1.0)

    def _give_values(self, card: Card, row: Row, picture: Picture | None) -> None:
        """Show what belongs to the layer as it is now; an older picture may be of another shape."""
        output = row.output
        if picture is None or output is None:
            card.set_values(None, 1.0)
            return
        count = output.channels if isinstance(output, Maps) else output.length
        fits = picture.channels.get(card.uid) == count
        values = picture.maps.get(card.uid) if fits else None
        card.set_values(values, picture.limits.get(card.uid, 1.0))

    # --- the selection ------------------------------------------------------------------------

    def _on_selected(self, uid: str) -> None:
        self._mark_selection()
        self._bring_into_sight(uid)

    def _sees(self, uid: str) -> bool:
        box = self._boxes.get(uid)
        return box is not None and self.mapToScene(
            self.viewport().rect()
        ).boundingRect().intersects(QRectF(*box))

    def _bring_into_sight(self, uid: str) -> None:
        if uid == self._explanation.uid:
            self._explanation.scroll_to(self._boxes)
        else:
            self.ensureVisible(QRectF(*self._boxes[uid]), theme.px(MARGIN), 0)

    def _mark_selection(self) -> None:
        """Frame the selected card, and tell screen readers about it."""
        session = self._session
        uid = session.selection
        for card in (self._input, *self._cards.values()):
            card.set_selected(card.uid == uid)
        count = len(session.network.layers)
        place = 0 if uid == INPUT_UID else session.network.place(uid).index + 1
        words = spoken(self.card(uid).content, self._rows.get(uid), place, count)
        if words != self.accessibleDescription():
            self.setAccessibleDescription(words)
            if self.isVisible():
                # Their enumerations take a while to be made: not before the window is there.
                from PySide6.QtGui import QAccessible, QAccessibleEvent

                event = QAccessibleEvent(self, QAccessible.Event.DescriptionChanged)
                QAccessible.updateAccessibility(event)

    def _select(self, place: int) -> None:
        """Select the thing at that place in the row; 0 is the input."""
        layers = self._session.network.layers
        place = min(max(place, 0), len(layers))
        self._session.select(layers[place - 1].uid if place else INPUT_UID)

    def _selected_place(self) -> int:
        uid = self._session.selection
        return 0 if uid == INPUT_UID else self._session.network.place(uid).index + 1

    # --- where things stand -------------------------------------------------------------------

    def open_gap(self, index: int | None, width: float = 0, height: float = 0) -> None:
        """Show that something is going to land at position `index`; None: nothing is."""
        gap = None if index is None else (index, width, height)
        if gap != self._gap:
            self._gap = gap
            self._arrange(animated=True)

    def _arrange(self, *, animated: bool, new: set[Card] | None = None) -> None:
        uids = [INPUT_UID, *(layer.uid for layer in self._session.network.layers)]
        cards = [self.card(uid) for uid in uids]
        widths = [card.width for card in cards]
        extra = self._explanation.reserve(uids, [(card.width, card.height) for card in cards])
        places, end = lefts(widths, extra, theme.scale)
        self._boxes = {
            card.uid: Box(x, -card.height / 2, card.width, card.height)
            for card, x in zip(cards, places, strict=True)
        }
        if self._gap is not None:
            index, width, height = self._gap
            # The gap is an item of the row, too; the cards behind it make room for it.
            widths.insert(index + 1, width)
            extra = {place + (place > index + 1): room for place, room in extra.items()}
            with_gap, end = lefts(widths, extra, theme.scale)
            places = with_gap[: index + 1] + with_gap[index + 2 :]
            self._landing.setPos(with_gap[index + 1], -height / 2)
            self._landing.show_as(width, height, "", strong=True)
        else:
            self._landing.hide()
        end = self._invite(end)
        tallest = max(card.height for card in cards) + 2 * MARGIN * theme.scale
        self.setSceneRect(0, -tallest / 2, end, tallest)
        targets = {
            card: QPointF(x, -card.height / 2) for card, x in zip(cards, places, strict=True)
        }
        for card in new or ():
            card.setPos(targets[card])
        self._slide.start(targets, _SLIDE_MS if animated else 0)
        self._place_bubble()

    def _place_bubble(self) -> None:
        # While something is dragged the cards are not where they were, and nobody reads it.
        self._explanation.place(self._boxes if self._gap is None else {})

    def _invite(self, end: float) -> float:
        """Say in an empty network what to do; returns where the row ends then."""
        if self._cards or self._gap is not None:
            self._invitation.hide()
            return end
        width, height = theme.px(_INVITATION[0]), theme.px(_INVITATION[1])
        left = end + (SPACING - MARGIN) * theme.scale
        self._invitation.setPos(left, -height / 2)
        words = tr("Drag a layer here or double-click one above")
        self._invitation.show_as(width, height, words, strong=False)
        return left + width + MARGIN * theme.scale

    def _room(self) -> float:
        # The scroll bar's height is always left free: were it taken only while the bar is there,
        # lower cards could make the bar vanish, and come back, and vanish.
        height = self.height() - self.horizontalScrollBar().sizeHint().height()
        return room_for_maps(height, CHROME * theme.scale, theme.scale)

    def _restyle(self) -> None:
        """Follow a change of the theme: colours, type and all sizes."""
        self.setMinimumHeight(theme.px(_LOWEST))
        for card in (self._input, *self._cards.values()):
            card.set_room(self._room())
            card.restyle()
        self._arrange(animated=False)
        self.viewport().update()

    def zoom_changed(self) -> None:
        self._arrange(animated=False)

    def resizeEvent(self, event: QResizeEvent) -> None:
        seen = [uid for uid in (self._session.selection, self._explanation.uid) if self._sees(uid)]
        super().resizeEvent(event)
        for card in (self._input, *self._cards.values()):
            card.set_room(self._room())
        self._arrange(animated=False)
        for uid in seen:
            self._bring_into_sight(uid)

    def scrollContentsBy(self, dx: int, dy: int) -> None:
        super().scrollContentsBy(dx, dy)
        self._place_bubble()

    # --- mouse, keys and menu -----------------------------------------------------------------

    def _card_at(self, at: QPoint) -> Card | None:
        return next((item for item in self.items(at) if isinstance(item, Card)), None)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        super().mousePressEvent(event)
        card = self._card_at(event.position().toPoint())
        if event.button() != Qt.MouseButton.LeftButton or card is None:
            return
        self._session.select(card.uid)
        if card is not self._input:
            self._dragging.press(card.uid, event.position().toPoint())
        event.accept()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if not self._dragging.move(event.position().toPoint()):
            super().mouseMoveEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._dragging.release()
        super().mouseReleaseEvent(event)
        event.accept()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if self._card_at(event.position().toPoint()) is not None:
            self.settings_requested.emit()
        event.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        places = {
            Qt.Key.Key_Left: self._selected_place() - 1,
            Qt.Key.Key_Right: self._selected_place() + 1,
            Qt.Key.Key_Home: 0,
            Qt.Key.Key_End: len(self._cards),
        }
        key = Qt.Key(event.key())
        if key in places and not event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier:
            self._select(places[key])
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.settings_requested.emit()
        else:
            super().keyPressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        at = event.globalPos()
        if event.reason() == QContextMenuEvent.Reason.Mouse:
            card = self._card_at(event.pos())
            if card is not None:
                self._session.select(card.uid)
        else:
            at = self.card_center(self._session.selection)
        self._menu().popup(at)
        event.accept()

    def _menu(self) -> QMenu:
        """Ways out of the selected card's problem, what can be done with it, what to insert."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        report = self._session.report
        if report.problem_uid == self._session.selection:
            for fix in report.fixes:
                action = menu.addAction(text(fix.label))
                action.triggered.connect(lambda _=False, fix=fix: self._session.fix(fix))
            menu.addSeparator()
        menu.addActions(self._commands.all())
        menu.addSeparator()
        fill_insert_menu(menu.addMenu(tr("Insert after")), self._session)
        menu.addSeparator()
        menu.addAction(self._commands.fit)
        return menu

    def _mend(self, fix: Fix) -> None:
        # The button is about to go, and the keyboard would move on to New in the tool bar.
        self.setFocus()
        self._session.fix(fix)

    # --- drag and drop ------------------------------------------------------------------------

    def picture_of(self, card: Card, at: QPoint) -> tuple[QPixmap, QPoint]:
        """A translucent picture of a card, and where in it the point `at` of the view is."""
        box = self._boxes[card.uid]
        corner = self.mapFromScene(QPointF(box.left, box.top))
        ratio = self.devicePixelRatioF()
        picture = QPixmap(
            round(box.width * self.zoom * ratio), round(box.height * self.zoom * ratio)
        )
        picture.setDevicePixelRatio(ratio)
        picture.fill(Qt.GlobalColor.transparent)
        painter = QPainter(picture)
        painter.setOpacity(0.8)
        painter.scale(self.zoom, self.zoom)
        card.paint_alone(painter)
        painter.end()
        return picture, at - corner

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        self._dragging.enter(event)

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        self._dragging.over(event)

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        self._dragging.leave()

    def dropEvent(self, event: QDropEvent) -> None:
        self._dragging.drop(event)
