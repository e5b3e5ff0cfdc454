"""Why this answer: the pixels that speak for a class, and how its probability comes about."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QScrollArea, QStackedLayout, QVBoxLayout, QWidget

from cnnviz.explain.answers import METHODS, Method, softmax_table
from cnnviz.network import INPUT_UID
from ui.array_export import plate
from ui.colors import natural_limit
from ui.i18n import class_names, language, text, tr
from ui.inspector.reading import waiting
from ui.inspector.square_bar import MILLISECONDS, SquareBar
from ui.inspector.why_bar import WhyBar
from ui.inspector.why_table import SoftmaxView
from ui.numerals import significant
from ui.theme import theme
from ui.widgets.captioned import Captioned
from ui.widgets.color_scale import ColorScale
from ui.widgets.labels import Label
from ui.widgets.motion import duration
from ui.widgets.overlaid_map import OverlaidMap
from ui.widgets.seen_map import SeenMap

if TYPE_CHECKING:
    from PySide6.QtGui import QAction, QHideEvent, QResizeEvent

    from cnnviz.engine.protocol import Explained
    from cnnviz.export.arrays import Plate
    from ui.colors import Floats
    from ui.engine_client import EngineClient
    from ui.picture import Picture
    from ui.session import Session

ONE_SIDED = frozenset({"saliency", "grad_cam"})
"""Methods whose values are never negative."""

_SIDES = ((1500, (210, 250)), (1050, (150, 180)), (0, (100, 130)))
"""From which width of the page on both maps are so wide; in pixels at scale 1."""


class WhyPage(QWidget):
    """What the network sees, a map over it, what the map says, and the softmax worked out.

    It asks anew with every picture, so that it follows the pen, edits and a run.
    """

    def __init__(
        self,
        session: Session,
        engine: EngineClient,
        slide: QAction,
        parent: QWidget | None = None,
    ) -> None:
        """slide: lets the grey square of occlusion slide."""
        super().__init__(parent)
        self._session, self._engine = session, engine
        self._mark: tuple[int, int] | None = None
        self._asked: tuple[Method, int | None, str] | None = None
        self._shown: Explained | None = None
        self._slides_soon = False
        self._stopped: object = None
        """What somebody has ended: the question, and the image it was about."""
        self.bar = WhyBar()
        self.seen, self.map = SeenMap(), OverlaidMap()
        self._seen_box, self._map_box = Captioned(self.seen), Captioned(self.map)
        self.scale = ColorScale()
        self.words, self.note = Label(), Label("", "warning")
        self.softmax = SoftmaxView()
        self.square = SquareBar(slide)
        self.message = Label("", "muted")
        self._lay_out()
        for view in (self.seen, self.map):
            view.chosen.connect(lambda row, column: self._point_at((row, column)))
            view.moved.connect(self._move)
            view.pointed.connect(self._hover)
        self.square.moved.connect(self._show_square)
        self.square.stop_wanted.connect(self._stop)
        self.bar.changed.connect(self._choose)
        self.softmax.chosen.connect(self.choose)
        engine.explained.connect(self._take)
        theme.changed.connect(self._restyle)
        language.changed.connect(self.retranslate)
        self._restyle()
        self.retranslate()

    def choose(self, target: int) -> None:
        """Explain this class from now on."""
        self.bar.set_target(target)
        self.show_picture()

    def _choose(self) -> None:
        """Something else was chosen; the square slides once all its places are known."""
        self._stopped = None
        self._slides_soon = self.bar.method == "occlusion" and duration(MILLISECONDS) > 0
        self.show_picture()

    def try_out(self) -> None:
        """Let the grey square slide, and choose occlusion for it."""
        self._stopped, answer = None, self._shown
        if self.bar.method != "occlusion":
            self.bar.choose_method("occlusion")
        self._slides_soon = answer is not self._shown or answer is None or answer.done < 1
        if not self._slides_soon:
            self.square.slide()

    def refresh(self) -> None:
        """Show what is selected now."""
        self.bar.set_classes(class_names(self._session.dataset))
        self.show_picture()

    def show_picture(self) -> None:
        """Show what the network sees now, and ask for its reasons."""
        picture, obstacle = self._engine.picture, self._obstacle()
        if obstacle or picture is None:
            self._asked = self._shown = None
            self.message.setText(obstacle)
            self._stack.setCurrentWidget(self.message)
            return
        self._show_seen(picture)
        uid = self._session.selection if self.bar.selected_layer else ""
        asked = (self.bar.method, self.bar.target, "" if uid == INPUT_UID else uid)
        if asked != self._asked:
            self._asked, self._shown = asked, None
            self.square.show_answer(None, "", 0)
            self._show_square()
        if self._stopped != self._question():
            self._stopped = None
            self._engine.explain(*asked)
        self._show()

    def _question(self) -> object:
        return self._asked, self._engine.input_image.tobytes()

    def _stop(self, stop: bool) -> None:
        """What takes its time can be ended, and begun again."""
        if stop:
            self._stopped = self._question()
            self._engine.leave_unexplained()
            self._show()
        else:
            self._stopped = None
            self.show_picture()

    @property
    def offers(self) -> bool:
        """Whether there is a map to be taken along."""
        return self._stack.currentWidget() is self._content and self.plate() is not None

    def plate(self) -> Plate | None:
        """The map that is on show."""
        values = None if self._shown is None else self._shown.array()
        if values is None:
            return None
        title = text(METHODS[self.bar.method].title)
        return plate(title, values, natural_limit(values), (tr("row"),))

    def retranslate(self) -> None:
        """Say everything in the present language."""
        self.setAccessibleName(tr("Why this answer"))
        self.seen.setAccessibleName(tr("What the network sees"))
        self.map.setAccessibleName(tr("What speaks for the class"))
        self.message.setAccessibleName(tr("Why this answer"))
        if self._stack.currentWidget() is self.message:
            self.message.setText(self._obstacle())
        else:
            self._show()

    # --- showing ------------------------------------------------------------------------------

    def _obstacle(self) -> str:
        """Why there is nothing to explain, and what to do; "" where there is something."""
        picture, sentence = self._engine.picture, waiting(self._session, self._engine)
        if sentence or picture is None:
            return sentence
        if not picture.inked:
            return tr(
                "Draw a digit or choose a test image to see which pixels speak for the answer."
            )
        return ""

    def _take(self) -> None:
        """An answer has come; one to an earlier question of another kind is let go."""
        answer = self._engine.explanation
        if answer is None or self._asked is None or not self.isVisible():
            return
        method, target, uid = self._asked
        of_layer = not uid or answer.uid == uid or answer.note is not None
        if answer.method == method and target in {None, answer.target} and of_layer:
            self._shown = answer
            self._show()
            if self._slides_soon and answer.done == 1:
                self._slides_soon = False
                self.square.slide()

    def _show_seen(self, picture: Picture) -> None:
        if picture.seen is None:
            return
        ink = _grey(picture.seen)
        self.seen.set_image(picture.maps[INPUT_UID])
        self.map.set_ink(ink)
        self._stack.setCurrentWidget(self._content)

    def _show(self) -> None:
        answer, words = self._shown, METHODS[self.bar.method]
        self.words.setText(f"{text(words.shows)}\n\n{text(words.limits)}")
        if self._asked is None or answer is None:
            return
        classes = class_names(self._session.dataset)
        if answer.target >= len(classes):
            return
        values = answer.array()
        limit = natural_limit(values) if values is not None else None
        one_sided = self.bar.method in ONE_SIDED
        self.map.set_values(values, limit or 1.0)
        self.scale.set_range(limit, one_sided=one_sided)
        table = softmax_table(answer.logits)
        bare = math.nan if table is None else table.rows[answer.target].share
        occluded = answer if self.bar.method == "occlusion" else None
        stopped = self._stopped is not None
        self.square.show_answer(occluded, classes[answer.target], bare, stopped=stopped)
        self._show_square()
        self.note.setText(self._remark(answer, values))
        self.note.setVisible(bool(self.note.text()))
        self.softmax.show_logits(answer.logits, classes, answer.target)
        self._say(answer, values)

    def _show_square(self) -> None:
        """Where the grey square is, and the image with it."""
        square, picture = self.square.square, self._engine.picture
        image = None if picture is None else picture.maps.get(INPUT_UID)
        if picture is None or image is None:
            return
        if square is None:
            for view in (self.seen, self.map):
                view.set_window((), ())
        else:
            image = image.copy()
            image[:, square.rows, square.columns.start : square.columns.stop] = (
                picture.low + picture.high
            ) / 2
            for view in (self.seen, self.map):
                view.set_window(square.rows, square.columns)
        self.seen.set_image(image)

    def _remark(self, answer: Explained, values: Floats | None) -> str:
        if answer.note is not None:
            return text(answer.note.message())
        if values is not None and not values.any() and answer.done == 1:
            return tr("Every value is 0: nothing that this method measures speaks for this class.")
        return ""

    def _say(self, answer: Explained, values: Floats | None) -> None:
        """Captions, and for screen readers where the strongest value is."""
        caption = tr("Class {name}", name=class_names(self._session.dataset)[answer.target])
        if answer.cells:
            layer = self._session.network.layer(answer.uid)
            height, width = answer.cells
            caption = tr(
                "{caption}: {layer}, {height}×{width}",
                caption=caption,
                height=height,
                width=width,
                layer=layer.name,
            )
        if answer.done < 1:
            caption = tr("{caption}: {percent:.0f} %", caption=caption, percent=100 * answer.done)
        self._seen_box.caption.setText(tr("What the network sees"))
        self.seen.setAccessibleDescription("")
        if values is None:
            self._map_box.caption.setText(caption)
            self.map.setAccessibleDescription(self.note.text())
            return
        place = self._mark
        if place is not None and place[0] < values.shape[0] and place[1] < values.shape[1]:
            caption = _read(place, values)
            self._seen_box.caption.setText(self._read_seen(place))
            self.seen.setAccessibleDescription(self._seen_box.caption.text())
        self._map_box.caption.setText(caption)
        title = text(METHODS[self.bar.method].title)
        index = int(np.argmax(np.abs(np.nan_to_num(values))))
        row, column = divmod(index, values.shape[1])
        strongest = tr("strongest at {place}", place=_read((row, column), values))
        self.map.setAccessibleDescription(f"{title}. {caption}; {strongest}")

    # --- one pixel ----------------------------------------------------------------------------

    def _read_seen(self, place: tuple[int, int]) -> str:
        picture = self._engine.picture
        if picture is None or INPUT_UID not in picture.maps:
            return ""
        return _read(place, _grey(picture.maps[INPUT_UID]))

    def _point_at(self, place: tuple[int, int]) -> None:
        """Mark a pixel in both maps and read it; the same one again takes the mark away."""
        self._mark = None if place == self._mark else place
        for view in (self.seen, self.map):
            view.set_mark(self._mark)
        self.square.point_at(self._mark)
        self._show()

    def _hover(self, cell: tuple[int, int] | None) -> None:
        """The square goes with the pointer, and back to the mark."""
        if not self.square.sliding:
            self.square.point_at(cell or self._mark)

    def _move(self, down: int, right: int) -> None:
        values = None if self._shown is None else self._shown.array()
        if values is None:
            return
        row, column = self._mark or (values.shape[0] // 2, values.shape[1] // 2)
        row = min(max(row + down, 0), values.shape[0] - 1)
        column = min(max(column + right, 0), values.shape[1] - 1)
        if (row, column) != self._mark:
            self._point_at((row, column))

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._engine.leave_unexplained()  # it is asked again when the page is shown

    def finish(self) -> None:
        """The program ends: wait for what is being written."""
        self.softmax.exports.finish()

    # --- making -------------------------------------------------------------------------------

    def _lay_out(self) -> None:
        self.words.setWordWrap(True)
        self.words.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
        self.words.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.note.setWordWrap(True)
        self.note.hide()
        told = QWidget()
        lines = QVBoxLayout(told)
        lines.setContentsMargins(0, 0, 0, 0)
        lines.addWidget(self.note)
        lines.addWidget(self.words, 1)
        area = QScrollArea()
        area.setWidget(told)
        area.setWidgetResizable(True)
        area.setFrameShape(QScrollArea.Shape.NoFrame)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        right = QVBoxLayout()
        right.setSpacing(2)
        right.addWidget(self._map_box, 1)
        right.addWidget(self.scale)
        self._map_column = QWidget()
        right.setContentsMargins(0, 0, 0, 0)
        self._map_column.setLayout(right)
        self._told = QHBoxLayout()
        self._told.addWidget(area, 1)
        self._told.addWidget(self.softmax)
        self._column = QVBoxLayout()
        self._column.addWidget(self.bar)
        self._column.addLayout(self._told, 1)
        self._column.addWidget(self.square)
        self._content = QWidget()
        self._row = QHBoxLayout(self._content)
        self._row.addWidget(self._seen_box)
        self._row.addWidget(self._map_column)
        self._row.addLayout(self._column, 1)
        self.message.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.message.setWordWrap(True)
        self._stack = QStackedLayout(self)
        self._stack.addWidget(self.message)
        self._stack.addWidget(self._content)

    def _restyle(self) -> None:
        px = theme.px
        self._row.setContentsMargins(px(14), px(8), px(14), px(8))
        self._column.setSpacing(px(6))
        for line in (self._row, self._told):
            line.setSpacing(px(14))
        self._fit()

    def _fit(self) -> None:
        """Where there is little room, the words get more of it."""
        wide = self.width() / theme.scale
        seen, shown = next(sides for least, sides in _SIDES if wide >= least)
        self._seen_box.setFixedWidth(theme.px(seen))
        self._map_column.setFixedWidth(theme.px(shown))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()


def _grey(image: Floats) -> Floats:
    """(channels, height, width) as one map."""
    return np.asarray(image.mean(0), np.float32)


def _read(place: tuple[int, int], values: Floats) -> str:
    value = significant(float(values[place]))
    return tr("row {row}, column {column}: {value}", row=place[0], column=place[1], value=value)
