"""The window: input, network and output from left to right, the detail of the selection below."""

from __future__ import annotations

import sys
from functools import cached_property, partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QAction, QCloseEvent, QKeySequence, QPaintEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import (
    QFrame,
    QMainWindow,
    QVBoxLayout,
    QWidget,
)

from cnnviz.message import Message
from cnnviz.presets import first_start
from ui import settings
from ui.beside.actions import BesideActions
from ui.canvas.canvas import Canvas
from ui.canvas.palette import Palette
from ui.datasets.actions import DataActions
from ui.documents import Documents
from ui.engine_client import EngineClient
from ui.help_actions import HelpActions
from ui.hints import Hints
from ui.i18n import language, network_name, tr
from ui.importing.actions import TransferActions
from ui.inputs.input_column import InputColumn
from ui.inspector.inspector import Inspector
from ui.memory_question import MemoryQuestion
from ui.menus import Menus
from ui.outputs.output_column import OutputColumn
from ui.projector import Projector
from ui.remarks import Remarks
from ui.session import Session
from ui.shares import Shares
from ui.stillness import calmly
from ui.threads_advice import ThreadsAdvice
from ui.top_bar import TopBar
from ui.training.training_bar import TrainingBar
from ui.widgets import screen_room
from ui.widgets.banner import Banner
from ui.widgets.menu_groups import in_groups
from ui.widgets.splitter import Splitter
from ui.yielding import CLOSED, Yielding

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from ui.comparison.window import ComparisonWindow
    from ui.session_state import Change
    from ui.widgets.banner import Level

PROJECTED = frozenset({"input", "output"})
"""The panels that one needs before a room full of people: draw, look, and see what it is."""
ENLARGED = 0.56
"""Of the height is the drawer's while one map is shown large in it."""
LAST_WORDS_MILLISECONDS = 3000
"""How long closing waits for what the engine has learned last."""


class MainWindow(QMainWindow):
    """Owns the session, the engine and the files, and arranges the views."""

    def __init__(self) -> None:
        super().__init__()
        self.session = Session(*first_start())
        self.engine = EngineClient(self.session, self)
        self.documents = Documents(self.session, self)
        self._closing = False
        self._waiting_to_close = False
        self._after_paint: list[Callable[[], None]] = []
        self.menus = Menus(self, self.session, self.documents)
        self._make_views()
        self.help = HelpActions(self.session, self, self.canvas)
        self.menus.fill(
            files=[self.transfer.weights],
            exports=[*self.canvas.file_actions(), self.outputs.curves_export.save],
            layers=self.canvas.actions_menu(),
            inputs=[*self.inputs.actions_menu(), self.beside.keep],
            data=[*self.datasets.actions_menu(), self.training.prepare],
            training=in_groups(
                self,
                self.training.actions_menu(),
                [self.top_bar.device.action(), self.outputs.runs_menu.menuAction()],
                self.transfer.learning(),
            ),
            views=in_groups(
                self,
                [
                    self.inspector.actions_menu().menuAction(),
                    self.outputs.actions_menu().menuAction(),
                ],
                self.canvas.view_actions(),
                [*self._panels.values(), self.top_bar.problems.action, self.projector.action],
                [self._compare, self.beside.open],
            ),
            helps=[self.help.find, self.help.shortcuts, self.hints.action, self.help.about],
        )
        self._connect()
        self._restore_geometry()
        self.projector.begin_as_before()
        self.retranslate()

    def begin(self, path: Path | None) -> None:
        """Start what need not be there for the first paint: the engine, and a file to open."""
        self._after_paint = [
            self.engine.start,
            self.inputs.load_test_images,
            self.datasets.look_around,
        ]
        if path is not None:
            self._after_paint.append(lambda: self.documents.read(path))
        self._after_paint.append(self.documents.look_for_lost_work)

    def report_crash(self, log: Path) -> None:
        """Say that something went wrong which should not have; everything goes on."""
        self.tell(
            Message(
                "Something went wrong that should not have. Your work is still here; saving it is "
                "a good idea. Details are in {file}.",
                file=str(log),
            ),
            "error",
        )

    def tell(self, message: Message, level: Level = "info") -> None:
        """Show a line across the top."""
        self.remarks.tell(message, level)

    def retranslate(self) -> None:
        """Set the texts of the window itself."""
        self._compare.setText(tr("Compare…"))
        self.projector.action.setText(tr("Projector mode"))
        for key, words in (
            ("input", tr("Input panel")),
            ("output", tr("Output panel")),
            ("detail", tr("Detail panel")),
            ("layers", tr("Layers panel")),
        ):
            self._panels[key].setText(words)
        self._show_title()

    # --- making -------------------------------------------------------------------------------

    def _make_views(self) -> None:
        session, engine = self.session, self.engine
        self.inputs = InputColumn(session, engine)
        self.datasets = DataActions(session, self)
        self.palette_bar = Palette(session)
        self.canvas = Canvas(session, engine)
        self.outputs = OutputColumn(session, engine)
        self.inspector = Inspector(session, engine)
        self.training = TrainingBar(session, engine)
        self.top_bar = TopBar(session, engine, self.training, self.menus, self.datasets)
        self.banner = Banner()
        self.memory = MemoryQuestion(session, engine, self.banner, self.training)
        self.threads = ThreadsAdvice(engine, self.banner, self.training)
        self.remarks = Remarks(session, engine, self.documents, self.banner, self.inputs)
        for question in (self.memory, self.threads):
            question.asked.connect(self.remarks.leave)
        self.hints = Hints(session, engine)
        middle = _column(self.palette_bar, _line(), self.canvas)
        self._columns = Splitter(Qt.Orientation.Horizontal)
        for widget in (self.inputs, middle, self.outputs):
            self._columns.addWidget(widget)
        self._columns.setStretchFactor(1, 1)
        self._rows = Splitter(Qt.Orientation.Vertical)
        self._sizes_before: list[int] = []
        self._rows.addWidget(self._columns)
        self._rows.addWidget(self.inspector)
        self._rows.setStretchFactor(0, 2)
        self._rows.setStretchFactor(1, 1)
        self.setCentralWidget(_column(self.top_bar, _line(), self.banner, self.hints, self._rows))
        self._panels: dict[str, QAction] = {}
        for key, panel, keys in (
            ("input", self.inputs, "F2"),
            ("output", self.outputs, "F3"),
            ("detail", self.inspector, "F4"),
            ("layers", self.palette_bar, "Shift+F2"),
        ):
            action = QAction(self)
            action.setCheckable(True)
            action.setChecked(True)
            action.setShortcut(QKeySequence(keys))
            action.toggled.connect(partial(self._show_panel, panel))
            self._panels[key] = action
        self._panels["layers"].toggled.connect(self.canvas.know_of_palette)
        splitters = {"columns": self._columns, "rows": self._rows}
        self.shares = Shares(splitters, self)
        self.projector = Projector(self, self._panels, PROJECTED, splitters)
        self.yielding = Yielding(
            self,
            self._panels["detail"],
            self._panels["layers"],
            self.canvas,
            self.hints,
            self.outputs,
        )

        self.transfer = TransferActions(session, self.documents, self)
        self.beside = BesideActions(session, engine, self)
        self._compare = QAction(self)
        self._compare.setShortcut(QKeySequence("Ctrl+Shift+C"))
        self._compare.triggered.connect(self._show_comparison)

    def _connect(self) -> None:
        self.outputs.set_images(self.inputs.test_image)
        self.outputs.image_wanted.connect(self.inputs.show_test_image)
        self.outputs.runs_menu.told.connect(self.remarks.tell)
        self.outputs.curves_export.told.connect(self.remarks.tell)
        self.outputs.curves_export.refused.connect(self.remarks.refuse)
        self.training.told.connect(self.remarks.tell)
        self.documents.told.connect(self.remarks.tell)
        self.transfer.told.connect(self.remarks.tell)
        self.beside.told.connect(self.remarks.tell)
        self.documents.refused.connect(self.remarks.refuse)
        self.inputs.absent.connect(self._tell_absent)
        self.datasets.told.connect(self.remarks.tell)
        self.datasets.mismatched.connect(self._offer_fit)
        self.datasets.arrived.connect(self._arrived)
        self.inputs.drawn.connect(lambda: self.hints.done("draw"))
        self.hints.wanted.connect(self._go_to_step)
        self.inspector.told.connect(self.remarks.tell)
        self.inspector.enlarged.connect(self._make_room)
        for view in (self.inputs, self.inspector):
            view.trouble.connect(self.remarks.refuse)
        self.canvas.settings_requested.connect(self._show_settings)
        self.inspector.actions_menu().triggered.connect(self._open_drawer)
        self.projector.beginning.connect(self.yielding.give_back)
        self.projector.ended.connect(self.yielding.share_out_anew)
        self.yielding.told.connect(self.remarks.tell)
        self.yielding.opened.connect(lambda: self.remarks.take_back(CLOSED))
        self.outputs.class_chosen.connect(self._show_why)
        self.canvas.told.connect(self.remarks.tell)
        self.canvas.refused.connect(self.remarks.refuse)
        self.session.file_changed.connect(self._show_title)
        self.session.changed.connect(self._paint_later)
        self.engine.settled.connect(self._close_if_waiting)
        language.changed.connect(self.retranslate)

    # --- what happens -------------------------------------------------------------------------

    def _paint_later(self, change: Change) -> None:
        """Another project is another one in all views: layout and painting get turns of their own,
        else the window would not answer for the time of both."""
        if change.opened and self.isVisible():
            calmly(lambda: None)  # the views change in this turn, by themselves

    def _tell_absent(self, message: Message) -> None:
        """The data set's files are missing: everything else works, and they can be had."""
        self.remarks.offer_way_out(message, lambda: tr("Get it…"), self.datasets.get_present)

    def _offer_fit(self, message: Message) -> None:
        self.remarks.offer_way_out(
            message, lambda: self.datasets.fit_words, self.datasets.fit_input
        )

    def _arrived(self) -> None:
        self.banner.clear()
        self.inputs.load_test_images()

    def _show_title(self) -> None:
        path = self.session.path
        name = path.name if path else network_name(self.session.network.name) or tr("Untitled")
        self.setWindowTitle(f"{name}[*] — CNNviz")
        if self.session.modified != self.isWindowModified():  # Qt writes the title anew each time
            self.setWindowModified(self.session.modified)

    @cached_property
    def comparison(self) -> ComparisonWindow:
        """The window that puts the network beside another one."""
        from ui.comparison.window import ComparisonWindow  # few need it, and not at the start

        return ComparisonWindow(self.session, self.documents, self)

    def _show_comparison(self) -> None:
        self.comparison.show()
        self.comparison.raise_()
        self.comparison.activateWindow()

    def _make_room(self, large: bool) -> None:
        """Give the drawer more than half of the height, and take it back again."""
        sizes = self._rows.sizes()
        if large:
            self._sizes_before = sizes
            wanted = max(sizes[1], round(sum(sizes) * ENLARGED))
            self._rows.setSizes([sum(sizes) - wanted, wanted])
        elif self._sizes_before:
            self._rows.setSizes(self._sizes_before)
            self._sizes_before = []

    def _show_panel(self, panel: QWidget, shown: bool) -> None:
        if not shown and panel.isAncestorOf(self.focusWidget()):
            self.canvas.setFocus()  # Qt would go on to New in the tool bar
        panel.setVisible(shown)

    def _open_drawer(self) -> None:
        self._panels["detail"].setChecked(True)

    def _show_settings(self) -> None:
        self._open_drawer()
        self.inspector.show_settings()

    def _show_why(self, target: int) -> None:
        self._open_drawer()
        self.inspector.show_why(target)

    def _go_to_step(self, step: str) -> None:
        """Bring the keyboard to where a hint can be followed."""
        if step == "change":
            if self.session.selected_layer is None and self.session.network.layers:
                self.session.select(self.session.network.layers[0].uid)
            self._show_settings()
        elif step == "train":
            self.training.setFocus()
        else:
            self._panels["input"].setChecked(True)
            self.inputs.setFocus()

    # --- opening and closing ------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        for start in self._after_paint:
            QTimer.singleShot(0, start)
        self._after_paint = []

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.yielding.follow()
        self.shares.begin(self.width(), self.height(), self.outputs.minimumWidth())
        self.inputs.setFocus()

    def closeEvent(self, event: QCloseEvent) -> None:
        if self._closing:
            self.projector.save()
            self.hide()  # a file or the engine may take another second
            self.documents.close()
            self.inputs.finish()
            self.datasets.close()
            self.inspector.finish()
            self.outputs.finish()
            self.beside.finish()
            self.engine.close()
            sys.excepthook = sys.__excepthook__
            event.accept()
            return
        event.ignore()
        if self.engine.training:
            # What it has learned last, and where it stands, arrive before this goes on.
            self._waiting_to_close = True
            self.engine.pause()
            QTimer.singleShot(LAST_WORDS_MILLISECONDS, self._close_if_waiting)
            return
        self.documents.ask(self._close_now)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.yielding.follow()

    def _close_if_waiting(self) -> None:
        if self._waiting_to_close:
            self._waiting_to_close = False
            self.documents.ask(self._close_now)

    def _close_now(self) -> None:
        self._closing = True
        # Later, because Qt takes no notice of a call from inside `closeEvent`.
        QTimer.singleShot(0, self, self.close)

    def _restore_geometry(self) -> None:
        self.setMinimumSize(960, 600)
        if not self.restoreGeometry(settings.bytes_of("geometry")):
            room = screen_room.of(self)
            self.resize(min(1440, room.width()), min(900, room.height()))
        self.shares.restore()


def _column(*widgets: QWidget) -> QWidget:
    box = QWidget()
    column = QVBoxLayout(box)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(0)
    for widget in widgets:
        column.addWidget(widget)
    column.setStretchFactor(widgets[-1], 1)
    return box


def _line() -> QFrame:
    line = QFrame()
    line.setFrameShape(QFrame.Shape.HLine)
    return line
