"""What goes into the network: a drawing, a test image or a picture, and what is made of it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QEvent, QObject, QPoint, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import (
    QFileDialog,
    QFrame,
    QHBoxLayout,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from cnnviz.data.disturbances import disturbed
from cnnviz.data.drawing import image_of_drawing, image_of_file
from cnnviz.data.errors import AbsentError
from cnnviz.layers import Maps
from ui.background import Background
from ui.file_dialog import file_dialog
from ui.i18n import class_names, language, listed, shape_text, tr
from ui.inputs.experiments_panel import ExperimentsPanel
from ui.inputs.panels import SeenPicture, Totals
from ui.inputs.preparation_menu import PreparationMenu
from ui.inputs.test_images import TestImages
from ui.inputs.tools import Tools
from ui.inputs.typed_values import TypedValues
from ui.theme import theme
from ui.widgets.buttons import IconButton
from ui.widgets.drawing_pad import DrawingPad
from ui.widgets.labels import Label

if TYPE_CHECKING:
    from PySide6.QtGui import QDragEnterEvent, QDropEvent, QResizeEvent

    from cnnviz.message import UserError
    from ui.engine_client import EngineClient
    from ui.session import Session
    from ui.session_state import Change

WIDTH = 217
EDGE = 14  # to the left and to the right of what stands in the column
LEAST_PAD = 120
FIRST_IMAGE = 15
"""A clear, slim 5 of MNIST's test images: with it the maps are alive from the start."""


class InputColumn(QWidget):
    """The drawing pad with its tools, what the network sees, and the totals of the network."""

    drawn = Signal()
    """A stroke has been drawn."""
    trouble = Signal(object)
    """Message: a file that cannot be shown."""
    absent = Signal(object)
    """Message: the data set's files are not on this machine."""

    def __init__(
        self, session: Session, engine: EngineClient, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._session = session
        self._engine = engine
        self._source: int | Path | None = None  # a test image, a picture's file, or the drawing
        self._random_wanted = False
        self._tests = TestImages(self)
        self._background = Background(self)
        self._preparation = PreparationMenu(self)
        self._clean: np.ndarray | None = None  # the image before any experiment
        self._label: int | None = None
        self._pad = DrawingPad()
        self._make_widgets()
        self._make_tools()
        self._lay_out()
        self.setAcceptDrops(True)
        self._pad.changed.connect(self._drawn)
        self._pad.stroke_finished.connect(self.drawn)
        self._typed.typed.connect(self._take_typed)
        self._preparation.chosen.connect(self._prepare_anew)
        self._experiments.changed.connect(self._experiment)
        self._experiments.mode_changed.connect(self._look_as_trained)
        self._tests.loaded.connect(self._tests_loaded)
        self._tests.failed.connect(self._tests_failed)
        engine.probed.connect(self._show_seen)
        self._session.changed.connect(self._follow)
        theme.changed.connect(self._restyle)
        language.changed.connect(self.retranslate)
        self._restyle()
        self.retranslate()

    def load_test_images(self) -> None:
        """Load them, and show one as soon as they are there."""
        self._tests.load(self._session.project.dataset)

    def finish(self) -> None:
        """The program ends: wait for a picture that is being read."""
        self._tests.close()
        self._background.close()

    def actions_menu(self) -> list[QAction]:
        """What belongs into the menu for the input, with separators."""
        tools, separators = self._tools, [QAction(self), QAction(self)]
        for separator in separators:
            separator.setSeparator(True)
        return [
            tools.pen,
            tools.eraser,
            tools.clear,
            tools.undo,
            separators[0],
            tools.random,
            tools.open,
            separators[1],
            self._preparation.menuAction(),
            tools.experiments,
            tools.as_trained,
            tools.again,
        ]

    def test_image(self, index: int) -> np.ndarray | None:
        """One of the data set's test images, (height, width) or (height, width, 3); None where it
        is not there, or not yet."""
        return self._tests.image(index) if 0 <= index < self._tests.count else None

    def show_test_image(self, index: int) -> None:
        """Show one of the data set's test images, once they are loaded."""
        image = self._tests.image(index)
        self._pad.set_image(image)
        self._show(image, self._tests.label(index))
        self._came_from(index)

    def show_picture(self, path: Path) -> None:
        """Show a picture from a file, made into an image like those of the data set."""
        known, steps = self._session.dataset, self._preparation.steps

        def read() -> np.ndarray:
            return image_of_file(path, known, steps)

        def show(image: np.ndarray) -> None:
            self._pad.set_image(image)
            self._show(image)
            self._came_from(path)

        self._background.run(read, show, lambda error: self.trouble.emit(error.message))

    def retranslate(self) -> None:
        """Set all texts."""
        self.setAccessibleName(tr("Input"))
        self._heading.setText(tr("Input"))
        digits = self._session.dataset.classes == tuple("0123456789")
        self._pad.set_hint(tr("Draw a digit") if digits else tr("Draw something"))
        self._fit_typed()
        self._seen_heading.setText(tr("What the network sees"))
        self._total_heading.setText(tr("Total"))
        self._tools.retranslate()
        self._tools.allow_again(self._experiments.seed is not None)
        self._prepare.set_tip(tr("Preparation: what is done with a drawing"))
        self._show_source()
        self._show_seen()
        self._fit_pad()

    def sizeHint(self) -> QSize:
        return QSize(theme.px(WIDTH), theme.px(560))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit_pad()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self._page and event.type() == QEvent.Type.LayoutRequest:
            self._fit_width()  # large networks have long totals
        return super().eventFilter(watched, event)

    # ---- making

    def _make_tools(self) -> None:
        tools = self._tools = Tools(self)
        for action, do in (
            (tools.pen, lambda: self._pad.set_eraser(False)),
            (tools.eraser, lambda: self._pad.set_eraser(True)),
            (tools.clear, self._pad.clear),
            (tools.undo, self._pad.undo),
            (tools.random, self._show_random),
            (tools.open, self._choose_picture),
            (tools.as_trained, self._switch_mode),
            (tools.again, self._experiments.draw_again),
        ):
            action.triggered.connect(do)
        tools.experiments.toggled.connect(self._show_experiments)

    def _make_widgets(self) -> None:
        self._heading, self._seen_heading = Label(role="heading"), Label(role="heading")
        self._total_heading = Label(role="heading")
        self._typed = TypedValues()
        self._seen = SeenPicture()
        self._shape, self._caption = Label(role="caption"), Label(role="caption")
        self._caption.setWordWrap(True)
        self._prepare = IconButton("settings", quiet=True)
        self._prepare.clicked.connect(self._open_preparation)
        self._experiments = ExperimentsPanel()
        self._experiments.hide()
        self._totals = Totals(self._session)

    def _lay_out(self) -> None:
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addWidget(self._shape)
        words.addWidget(self._caption)
        words.addStretch(1)
        self._seen_row = QHBoxLayout()
        self._seen_row.addWidget(self._seen, alignment=Qt.AlignmentFlag.AlignTop)
        self._seen_row.addLayout(words, 1)
        self._page = QWidget()
        self._column = QVBoxLayout(self._page)
        above = QHBoxLayout()
        above.addWidget(self._heading, 1)
        above.addWidget(self._prepare)
        self._column.addLayout(above)
        self._column.addWidget(self._pad)
        self._column.addWidget(self._typed)
        self._column.addLayout(self._tools.row())
        self._column.addWidget(self._seen_heading)
        self._column.addLayout(self._seen_row)
        self._column.addWidget(self._experiments)
        self._column.addWidget(self._total_heading)
        self._column.addWidget(self._totals)
        self._column.addStretch(1)
        self._scroll = QScrollArea()
        self._scroll.setFrameShape(QFrame.Shape.NoFrame)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroll.setWidgetResizable(True)
        self._scroll.setWidget(self._page)
        self._page.installEventFilter(self)
        self._scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(self._scroll)

    # ---- from the pad, the data set and files to the network

    def _drawn(self) -> None:
        steps = self._preparation.steps
        self._show(image_of_drawing(self._pad.image(), self._session.dataset, steps))
        self._came_from(None)

    def _show(self, image: np.ndarray, label: int | None = None) -> None:
        """Let the network look at an image, disturbed by whatever experiment is going on."""
        self._clean, self._label = image, label
        self._typed.show_image(image)
        self._engine.show_image(disturbed(image, self._experiments.how), label)

    def _take_typed(self, image: np.ndarray) -> None:
        self._pad.set_image(image)
        self._show(image)
        self._came_from(None)

    def _experiment(self) -> None:
        if self._clean is not None:
            self._show(self._clean, self._label)
        self._show_source()

    def _show_experiments(self, on: bool) -> None:
        """Without its sliders no experiment goes on unseen."""
        self._experiments.setVisible(on)
        if not on:
            self._experiments.reset()
            self._experiments.set_mode("used")
            self._scroll.verticalScrollBar().setValue(0)
        self._fit_pad()
        if on:  # later, when it has a place
            QTimer.singleShot(0, self, lambda: self._scroll.ensureWidgetVisible(self._experiments))

    def _switch_mode(self) -> None:
        trained = self._tools.as_trained.isChecked()
        if trained:
            self._tools.experiments.setChecked(True)
        self._experiments.set_mode("trained" if trained else "used")

    def _look_as_trained(self, seed: int | None) -> None:
        self._tools.as_trained.setChecked(seed is not None)
        self._tools.allow_again(seed is not None)
        self._engine.look_as_trained(seed)
        self._show_source()
        self._fit_pad()

    def _prepare_anew(self) -> None:
        if isinstance(self._source, Path):
            self.show_picture(self._source)
        elif self._source is None and not self._pad.is_empty():
            self._drawn()
        self._show_source()

    def _came_from(self, source: int | Path | None) -> None:
        self._source = source
        self._tools.allow_undo(self._pad.can_undo())
        self._show_source()

    def _follow(self, change: Change) -> None:
        """Another data set has other images, and makes other images of drawings."""
        if change.new.project.dataset == change.old.project.dataset:
            return
        if isinstance(self._source, int):  # of the data set that has gone
            self._source = None
            self._pad.forget()
        elif not self._pad.is_empty():
            self._prepare_anew()
        self.load_test_images()
        self.retranslate()

    def _tests_loaded(self) -> None:
        if self._random_wanted:
            self._random_wanted = False
            self._show_random()
        elif self._source is None and self._pad.is_empty() and not self._pad.can_undo():
            self.show_test_image(min(FIRST_IMAGE, self._tests.count - 1))

    def _tests_failed(self, error: UserError) -> None:
        if self._pad.is_empty():  # what the network saw last belongs to another data set
            known = self._session.dataset
            colours = (3,) if known.channels == 3 else ()
            self._show(np.zeros((known.height, known.width, *colours), np.uint8))
        absent = isinstance(error, AbsentError)
        (self.absent if absent else self.trouble).emit(error.message)

    def _show_random(self) -> None:
        if self._tests.ready:
            self.show_test_image(self._tests.any())
        else:
            self._random_wanted = True

    def _choose_picture(self) -> None:
        pictures = tr("Pictures")
        dialog = file_dialog(self, tr("Open a picture of a digit"))
        dialog.setNameFilters(
            [f"{pictures} (*.png *.jpg *.jpeg *.bmp *.gif *.webp *.tif *.tiff *.ppm *.pgm)"]
        )
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.fileSelected.connect(lambda path: self.show_picture(Path(path)))
        dialog.open()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if any(url.isLocalFile() for url in event.mimeData().urls()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        files = [url.toLocalFile() for url in event.mimeData().urls() if url.isLocalFile()]
        if files:
            event.acceptProposedAction()
            self.show_picture(Path(files[0]))

    # ---- showing

    def _open_preparation(self) -> None:
        self._preparation.popup(self._prepare.mapToGlobal(QPoint(0, self._prepare.height())))

    def _show_source(self) -> None:
        self._caption.setText(self._source_words())

    def _source_words(self) -> str:
        done = self._experiments.words()
        if done:
            return listed(done)
        return self._origin_words()

    def _origin_words(self) -> str:
        if isinstance(self._source, int):
            label = class_names(self._session.dataset)[self._tests.label(self._source)]
            return tr("test image {number:,}\nlabel {label}", number=self._source, label=label)
        if not self._session.dataset.handwritten:
            return ""
        left_out = self._preparation.left_out()
        if left_out:
            return tr("without: {steps}", steps=listed(left_out))
        return tr("centred by mass in a 20×20 box, as MNIST is")

    def _show_seen(self) -> None:
        picture = self._engine.picture
        self._experiments.show_found(None if picture is None else picture.as_trained)
        values = None if picture is None else picture.seen
        if values is None:
            self._shape.setText("")
            return
        channels, height, width = values.shape
        self._seen.set_values(values)
        self._shape.setText(shape_text(Maps(height, width, channels)))

    def _fit_typed(self) -> None:
        known = self._session.dataset
        colours = (3,) if known.channels == 3 else ()
        self._typed.set_shape((known.height, known.width, *colours))

    def _fit_width(self) -> None:
        """Room for the longest line, whether or not a scroll bar stands in the right margin."""
        margins, edge = self._column.contentsMargins(), theme.px(EDGE)
        content = self._column.minimumSize().width() - margins.left() - margins.right()
        right = max(edge, self._scroll.verticalScrollBar().sizeHint().width())
        self.setMinimumWidth(max(theme.px(WIDTH), edge + content + right))

    def _fit_pad(self) -> None:
        """Make the pad as large as the rest leaves room for; scroll only where it is too little.

        Whether there is a scroll bar is decided here: left to itself it would stay, because with
        it the buttons need more rows.
        """
        self._set_margins(0)
        margins, least = self._column.contentsMargins(), theme.px(LEAST_PAD)
        self._pad.setFixedHeight(least)
        rest = self._column.heightForWidth(self.width()) - least
        side = min(self.width() - margins.left() - margins.right(), self.height() - rest)
        self._pad.setFixedHeight(max(side, least))
        # A scroll bar stands in the margin, so that everything keeps the place that it has without.
        self._set_margins(
            0 if side >= least else self._scroll.verticalScrollBar().sizeHint().width()
        )
        policy = Qt.ScrollBarPolicy
        self._scroll.setVerticalScrollBarPolicy(
            policy.ScrollBarAlwaysOff if side >= least else policy.ScrollBarAlwaysOn
        )

    def _set_margins(self, scroll_bar: int) -> None:
        px = theme.px
        self._column.setContentsMargins(px(EDGE), px(12), max(0, px(EDGE) - scroll_bar), px(12))

    def _restyle(self) -> None:
        px = theme.px
        self._set_margins(0)
        self._column.setSpacing(px(7))
        self._seen_row.setSpacing(px(6))
        self._fit_width()
        self._fit_pad()
