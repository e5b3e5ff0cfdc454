"""The window of a convolution or a pooling as it slides, beside the settings that shape it."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, QSize, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from cnnviz.explain.position import told_of_tap, told_of_value
from cnnviz.layers import GlobalMaxPool, Maps, MaxPool
from cnnviz.network import INPUT_UID
from cnnviz.sliding import sliding_of
from ui.i18n import language, text, tr
from ui.inspector.sliding_bar import MILLISECONDS, SlidingBar
from ui.inspector.sliding_captions import SlidingCaptions
from ui.inspector.sliding_kernel import show_kernel
from ui.inspector.sliding_values import (
    Values,
    cells_of,
    channels_of,
    seen_from,
    show_seen,
    values_of,
)
from ui.inspector.sliding_words import captions, misfit, reading
from ui.theme import theme
from ui.widgets.captioned import Captioned
from ui.widgets.number_grid import NumberGrid
from ui.widgets.slide_map import SlideMap

if TYPE_CHECKING:
    from PySide6.QtGui import QHideEvent, QResizeEvent, QShowEvent

    from cnnviz.analysis import Row
    from cnnviz.layers import Layer
    from cnnviz.sliding import Sliding
    from ui.engine_client import EngineClient
    from ui.inspector.sliding_actions import SlidingActions
    from ui.session import Session

LEAST_WIDTH, MOST_WIDTH, _LEAST_HEIGHT = 372, 760, 60
"""Pixels at scale 1."""
_WITH_IMAGE, _WITH_CAPTIONS = 400, 136
"""From this width on the image has a place of its own, from this height on it is said what is
what."""


class SlidingPicture(QWidget):
    """Image, input, kernel and output; window and output move each other.

    Of a transposed convolution the window lies on the output, and the value of the input that is
    stamped there moves it.
    """

    def __init__(
        self,
        session: Session,
        engine: EngineClient,
        actions: SlidingActions,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._session, self._engine, self._actions = session, engine, actions
        self._places: dict[str, tuple[int, int]] = {}
        self._maps: dict[str, tuple[int, int]] = {}
        self._considered: Layer | None = None
        self._sliding: Sliding | None = None
        self._pointing = False
        self._tap: tuple[int, int] | None = None
        self._value: tuple[int, int] | None = None
        self.image, self.source, self.output = SlideMap(), SlideMap(), SlideMap()
        self.kernel = NumberGrid()
        self.image.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._boxes = {
            "image": Captioned(self.image),
            "source": Captioned(self.source),
            "kernel": Captioned(self.kernel),
            "output": Captioned(self.output),
        }
        grids = {"image": self.image, "source": self.source, "output": self.output}
        self._captions = SlidingCaptions(self._boxes, grids)
        self.bar = SlidingBar(actions)
        self._lay_out()
        self._connect()
        self._restyle()
        self.retranslate()

    def has_window(self) -> bool:
        """Whether the selected layer has a window to be shown."""
        return self._sliding is not None

    @property
    def place(self) -> tuple[int, int]:
        """The row and column that the window belongs to."""
        found = self._places.get(self._session.selection, (0, 0))
        return found if self._sliding is None else self._sliding.clamped(*found)

    def consider(self, layer: Layer | None) -> None:
        """Show the window as it would be; None: as it is again."""
        if layer != self._considered:
            self._considered = layer
            self.refresh()
            self.show_picture()

    def refresh(self) -> None:
        """Find out how the window of what is selected now slides; `show_picture` shows it."""
        layer, row = self._layer(), self._row()
        found = None
        if layer is not None and row is not None and not row.off:
            found = sliding_of(layer, row.input)
        self._sliding = found
        self._tap = self._value = None
        self._actions.set_enabled(self.isVisible() and self._fits())
        if self._pointing and self.isVisible():
            self._point()  # an edit has ended it

    def show_picture(self, milliseconds: int = 0) -> None:
        """Show the newest values; the window glides to its place in so long."""
        sliding, row = self._sliding, self._row()
        if sliding is None or row is None or not isinstance(row.input, Maps):
            return
        values = self._values(row)
        stamps, at = sliding.stamps, self.place
        grid, places = sliding.grid, sliding.places
        window, positions = self._roles()
        positions.show_cells(cells_of(values, places, source=stamps))
        window.show_cells(
            replace(
                cells_of(values, grid, source=not stamps),
                border=sliding.border,
                padded=sliding.fits,
                covered=(sliding.axes[0].covers, sliding.axes[1].covers),
                reach=(sliding.axes[0].reach, sliding.axes[1].reach),
            )
        )
        window.set_mark(None)
        positions.set_window((), ())
        window.set_window(*sliding.window(*at), milliseconds)
        positions.set_mark(at if sliding.fits else None)
        picks = isinstance(self._layer(), MaxPool | GlobalMaxPool)
        show_kernel(self.kernel, sliding, values, at, picks=picks)
        self._show_image(sliding, row)
        self._show_tap()
        self._captions.show(captions(sliding, row.input, values))
        self._speak(sliding)

    def retranslate(self) -> None:
        """Say everything in the present language."""
        self.setAccessibleName(tr("Sliding window"))
        self.source.setAccessibleName(tr("Input with the window"))
        self.kernel.setAccessibleName(tr("Kernel"))
        self.output.setAccessibleName(tr("Output"))
        self.image.setAccessibleName(tr("What the value sees of the image"))
        self.show_picture()

    # --- making -------------------------------------------------------------------------------

    def _lay_out(self) -> None:
        self._panels = QHBoxLayout()
        for name, stretch in (("image", 7), ("source", 8), ("kernel", 6), ("output", 8)):
            self._panels.addWidget(self._boxes[name], stretch)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.addLayout(self._panels, 1)
        self._column.addWidget(self.bar)

    def _connect(self) -> None:
        actions = self._actions
        actions.back.triggered.connect(lambda: self._step(-1, MILLISECONDS))
        actions.forward.triggered.connect(lambda: self._step(1, MILLISECONDS))
        self.bar.beat.connect(lambda milliseconds: self._step(1, milliseconds))
        self.source.chosen.connect(lambda *cell: self._choose(self.source, cell))
        self.output.chosen.connect(lambda *cell: self._choose(self.output, cell))
        self.source.maps_moved.connect(lambda by: self._move_maps(0, by))
        self.output.maps_moved.connect(lambda by: self._move_maps(by, 0))
        for grid in (self.source, self.output):
            grid.moved.connect(self._move)
            grid.pointed.connect(lambda cell, grid=grid: self._hover(grid, cell))
        self.kernel.pointed.connect(self._point_at_tap)
        self.kernel.left.connect(self._leave)
        self._session.selection_changed.connect(self._rest)
        theme.changed.connect(self._restyle)
        language.changed.connect(self.retranslate)
        for widget in (self.source, self.output, self.kernel):
            widget.installEventFilter(self)

    def _restyle(self) -> None:
        self._column.setSpacing(theme.px(2))
        self._panels.setSpacing(theme.px(8))
        self._fit()

    def _fit(self) -> None:
        row = self._row()
        first = row is None or row.source == INPUT_UID
        self._boxes["image"].setVisible(not first and self.width() >= theme.px(_WITH_IMAGE))
        for box in self._boxes.values():
            box.caption.setVisible(self.height() >= theme.px(_WITH_CAPTIONS))

    # --- showing ------------------------------------------------------------------------------

    def _row(self) -> Row | None:
        uid = self._session.selection
        return None if uid == INPUT_UID else self._session.report.row(uid)

    def _layer(self) -> Layer | None:
        """As it is, or as it would be."""
        return self._considered or self._session.selected_layer

    def _fits(self) -> bool:
        return self._sliding is not None and self._sliding.fits

    def _roles(self) -> tuple[SlideMap, SlideMap]:
        """The grid that the window lies on, and the one whose values move it."""
        stamps = self._sliding is not None and self._sliding.stamps
        return (self.output, self.source) if stamps else (self.source, self.output)

    def _values(self, row: Row) -> Values:
        filter_, number = self._maps.get(row.layer.uid, (0, 0))
        x, y = row.input, row.output
        assert isinstance(x, Maps)
        if isinstance(y, Maps):
            filter_ = min(filter_, y.channels - 1)
        if self._considered is not None:  # nobody has computed with it yet
            known = values_of(row, self._engine.picture, filter_, number, self.place)
            return replace(known, output=None)
        return values_of(row, self._engine.picture, filter_, number, self.place)

    def _show_image(self, sliding: Sliding, row: Row) -> None:
        self._fit()
        seen = seen_from(self._session.report, row, sliding, self.place)
        show_seen(self.image, self._engine.picture, seen, self._session.network.input.shape)

    def _speak(self, sliding: Sliding) -> None:
        """Say what is pointed at, or what is read now."""
        row = self._row()
        if not sliding.fits:
            problem = row.problem if row is not None and self._considered is None else None
            self._say(misfit(problem), misfit(None))
        elif self._tap is not None:
            self._say(text(told_of_tap(sliding, *self._tap)))
        elif self._value is not None:
            self._say(text(told_of_value(sliding, *self._value)))
        else:
            self._say(reading(sliding, self.place, waiting=self._engine.picture is None))

    def _say(self, words: str, shorter: str = "") -> None:
        self.bar.say(words, shorter)
        self.setAccessibleDescription(words)
        for grid in (self.source, self.output):
            grid.setAccessibleDescription(words)

    # --- moving -------------------------------------------------------------------------------

    def _go_to(self, place: tuple[int, int], milliseconds: int = 0) -> None:
        row = self._row()
        if self._sliding is None or row is None:
            return
        self._places[row.layer.uid] = self._sliding.clamped(*place)
        self._value = None
        self._roles()[1].set_lit(None)
        self._pointing = True
        self._point()
        self.show_picture(milliseconds)

    def _point(self) -> None:
        """Let all views mark the value, and what it sees of the image."""
        row, sliding = self._row(), self._sliding
        if row is not None and sliding is not None and sliding.fits and self._considered is None:
            uid = row.source if sliding.stamps else row.layer.uid
            self._session.spot.point_at(uid, *self.place)

    def _choose(self, grid: SlideMap, cell: tuple[int, ...]) -> None:
        if self._sliding is None:
            return
        window, _ = self._roles()
        place = (cell[0], cell[1])
        self._go_to(self._sliding.nearest(*place) if grid is window else place)

    def _move(self, down: int, right: int) -> None:
        row, column = self.place
        self._go_to((row + down, column + right), MILLISECONDS // 2)

    def _move_maps(self, filters: int, channels: int) -> None:
        """Show another map of the output, or another that it is made from."""
        row = self._row()
        if row is None or not isinstance(row.output, Maps) or not isinstance(row.input, Maps):
            return
        filter_, number = self._maps.get(row.layer.uid, (0, 0))
        filter_ = min(max(filter_ + filters, 0), row.output.channels - 1)
        most = len(channels_of(row.layer, row.input, filter_))
        self._maps[row.layer.uid] = filter_, min(max(number + channels, 0), most - 1)
        self.show_picture()

    def _step(self, steps: int, milliseconds: int) -> None:
        if self._sliding is not None and self._sliding.fits:
            self._go_to(self._sliding.after(*self.place, steps), milliseconds)

    def _rest(self) -> None:
        self._actions.play.setChecked(False)
        self._considered = None
        self._pointing = False
        self._session.spot.leave()

    # --- pointing -----------------------------------------------------------------------------

    def _point_at_tap(self, row: int, column: int) -> None:
        self._tap = (row, column)
        self._show_tap()
        if self._sliding is not None:
            self._speak(self._sliding)

    def _show_tap(self) -> None:
        """All that a weight meets at any position, and what it is on now."""
        window, _ = self._roles()
        sliding, tap = self._sliding, self._tap
        if sliding is None or tap is None or tap[0] >= sliding.kernel[0]:
            window.set_lit(None)
            window.point_at(None)
            return
        down, across = sliding.axes
        window.set_lit((partial(down.touches, tap[0]), partial(across.touches, tap[1])))
        rows, columns = sliding.window(*self.place)
        if tap[0] < len(rows) and tap[1] < len(columns) and sliding.fits:
            window.point_at((rows[tap[0]], columns[tap[1]]))

    def _hover(self, grid: SlideMap, cell: tuple[int, int] | None) -> None:
        """Whom a value serves: the positions whose window it is in."""
        sliding = self._sliding
        window, positions = self._roles()
        if cell is None:
            self._leave()
            return
        if sliding is None or grid is not window:
            return
        down, across = (axis.positions(at) for axis, at in zip(sliding.axes, cell, strict=True))
        positions.set_lit((down.__contains__, across.__contains__))
        self._value = cell
        self._speak(sliding)

    def _leave(self) -> None:
        self._tap = self._value = None
        self.source.set_lit(None)
        self.output.set_lit(None)
        self._show_tap()
        if self._sliding is not None:
            self._speak(self._sliding)

    # --- Qt -----------------------------------------------------------------------------------

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            return self._key(event)
        return super().eventFilter(watched, event)

    def _key(self, event: QKeyEvent) -> bool:
        """Space plays, Home and End go to the first and the last position."""
        key = Qt.Key(event.key())
        if self._sliding is None:
            return False
        if key == Qt.Key.Key_Space:
            self._actions.play.trigger()
        elif key == Qt.Key.Key_Home:
            self._go_to((0, 0))
        elif key == Qt.Key.Key_End:
            self._go_to((self._sliding.places[0] - 1, self._sliding.places[1] - 1))
        else:
            return False
        return True

    def minimumSizeHint(self) -> QSize:
        return QSize(theme.px(LEAST_WIDTH), theme.px(_LEAST_HEIGHT))

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._actions.set_enabled(False)
        self._pointing = False
        self._session.spot.leave()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._actions.set_enabled(self._fits())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()
        self._column.setGeometry(self.rect())  # the grids have their new size now
        self._captions.start_over()
