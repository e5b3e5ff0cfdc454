"""What comes out of the network: the prediction, and how loss and accuracy went."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import (
    QFrame,
    QMenu,
    QScrollArea,
    QSizePolicy,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from cnnviz.network import INPUT_UID
from ui.charts.export import ChartsExport
from ui.charts.sight import Sight
from ui.i18n import class_names, language, tr
from ui.outputs.batch_page import BatchPage
from ui.outputs.curves_menu import CurvesMenu
from ui.outputs.curves_page import CurvesPage
from ui.outputs.examination import ConfusionPage, MistakesPage
from ui.outputs.runs.actions import RunsMenu
from ui.outputs.runs.choice import RunChoice
from ui.outputs.runs.page import RunsPage
from ui.outputs.time_bar import TimeBar
from ui.theme import theme
from ui.widgets.bars import PredictionBars
from ui.widgets.labels import Label
from ui.widgets.tabs import PillTabs

if TYPE_CHECKING:
    from PySide6.QtGui import QResizeEvent

    from ui.charts.chart import Chart
    from ui.engine_client import EngineClient
    from ui.outputs.curves_window import CurvesWindow
    from ui.outputs.examination import Images
    from ui.session import Session
    from ui.session_state import Change

WIDTH = 268
TABS = ("curves", "confusion", "mistakes", "runs", "batch")
LOW = 500
"""Pixels at scale 1, below which the prediction stands in two columns, to leave room below it."""
ROOM_BESIDE = 544
"""Pixels at scale 1 that the input and the network need at least."""


class OutputColumn(QScrollArea):
    """Prediction bars above, curves of the present run below."""

    class_chosen = Signal(int)
    """The class whose bar was clicked."""

    image_wanted = Signal(int)
    """The index of a test image that a person wants to look at."""

    def __init__(
        self, session: Session, engine: EngineClient, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._session = session
        self._engine = engine
        self._window_width = 2**16  # until somebody says otherwise
        self._heading = Label(role="heading")
        self._bars = PredictionBars()
        self._time_bar = TimeBar(engine)
        self._sight = Sight(self)
        self._choice = RunChoice(session, engine, self)
        self.runs_menu = RunsMenu(session, engine, self._choice, self)
        self.runs = RunsPage(session, self._choice, self.runs_menu)
        self.runs_menu.naming.connect(self._name_run)
        self.runs_menu.noting.connect(self._note_run)
        self.curves_export = ChartsExport(self._charts, self)
        self._curves_menu = CurvesMenu(self._sight, self.curves_export, self)
        self.curves = CurvesPage(engine, self._sight, self._curves_menu, self._choice)
        self._curves_menu.zoomed.connect(self.curves.loss.zoom)
        self._curves_menu.larger.triggered.connect(self.enlarge_curves)
        self._examinations = (ConfusionPage(session, engine), MistakesPage(session, engine))
        self._stack = _Pages()
        self._parts = (
            self.curves,
            *self._examinations,
            self.runs,
            BatchPage(session, engine),
        )
        for part in self._parts:
            self._stack.addWidget(part)
        for part in self._examinations:
            part.wanted.connect(self.image_wanted)
        self._examinations[0].opened.connect(self._reveal)
        self._tabs = PillTabs(compact=True)
        self._tabs.selected.connect(self._choose_tab)
        self._tabs.installEventFilter(self)
        self._at_results = False
        """Whether a tab was chosen, and nothing else was scrolled to since."""
        self.verticalScrollBar().actionTriggered.connect(self._look_around)
        self._make_menu()
        self._page = QWidget()
        self._column = QVBoxLayout(self._page)
        self._column.addWidget(self._heading)
        self._column.addWidget(self._bars)
        self._column.addWidget(self._time_bar)
        self._column.addWidget(self._tabs)
        self._column.addWidget(self._stack, 1)
        self.setWidget(self._page)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        session.changed.connect(self._follow)
        engine.curves_cleared.connect(self._look_anew)
        engine.probed.connect(self._show_prediction)
        engine.ready.connect(self._show_prediction)
        engine.trouble.connect(self._show_prediction)
        theme.changed.connect(self._restyle)
        language.changed.connect(self.retranslate)
        self._bars.set_labels(class_names(session.dataset))
        self._bars.chosen.connect(self.class_chosen)
        self.show_tab("curves")
        self._restyle()
        self.retranslate()

    def retranslate(self) -> None:
        """Set all texts."""
        self.setAccessibleName(tr("Output"))
        self._heading.setText(tr("Prediction"))
        self._bars.set_labels(class_names(self._session.dataset))
        self._bars.setToolTip(tr("Click a class to see which pixels speak for it"))
        titles = (tr("Curves"), tr("Confusion"), tr("Mistakes"), tr("Runs"), tr("Batch"))
        words = dict(zip(TABS, titles, strict=True))
        self._tabs.set_tabs(list(words.items()))
        self._tabs.setAccessibleName(tr("Results"))
        self._keep_room()
        self._menu.setTitle(tr("Results"))
        for action in self._tab_actions:
            action.setText(words[action.data()])
        self._show_prediction()

    def actions_menu(self) -> QMenu:
        """The tabs as actions with their keys, for the menu of the window."""
        return self._menu

    def set_images(self, images: Images) -> None:
        """Where the test images are to be had."""
        for part in self._examinations:
            part.set_images(images)

    def show_tab(self, key: str) -> None:
        """Bring a tab to the front, by its key in `TABS`."""
        self._tabs.set_current(key)
        self._stack.setCurrentIndex(TABS.index(key))
        self._engine.time.watch(key in ("confusion", "mistakes"))
        for name, part in zip(TABS, self._parts, strict=True):
            policy = QSizePolicy.Policy  # only what is seen takes room
            down = policy.Preferred if name == key else policy.Ignored
            part.setSizePolicy(policy.Preferred, down)

    def _choose_tab(self, key: str) -> None:
        """Bring a tab to the front, and in a low window into sight."""
        self.show_tab(key)
        self._at_results = True
        QTimer.singleShot(0, self, self._bring_up)  # once the page is as high as it needs to be

    def _look_around(self) -> None:
        """A person looks at something else, and is not led back."""
        self._at_results = False

    def _bring_up(self) -> None:
        if not self._at_results:
            return
        for y in (self._stack.geometry().bottom(), self._tabs.y()):
            self.ensureVisible(0, y, 0, 0)

    def finish(self) -> None:
        """The program ends: give up what is under way."""
        self.curves_export.finish()

    def enlarge_curves(self) -> None:
        """Show the curves in a window of their own."""
        self._window.show()
        self._window.raise_()
        self._window.activateWindow()

    @cached_property
    def _window(self) -> CurvesWindow:
        from ui.outputs.curves_window import CurvesWindow  # few need it, and not at the start

        curves = CurvesPage(self._engine, self._sight, self._curves_menu, self._choice)
        runs = RunsPage(self._session, self._choice, self.runs_menu)
        actions = [*self._curves_menu.actions(), *self.runs_menu.actions()]
        return CurvesWindow(curves, runs, actions, self)

    def _look_anew(self) -> None:
        """What was zoomed to is not there any more, unless it is of runs that are compared."""
        if not self._choice.compared:
            self._sight.look(span=None, step=None)

    def _name_run(self, run: str) -> None:
        self._page_of_runs().edit_name(run)

    def _note_run(self, run: str) -> None:
        self._page_of_runs().edit_note(run)

    def _page_of_runs(self) -> RunsPage:
        """The list of runs that a person looks at, brought to the front."""
        if "_window" in self.__dict__ and self._window.isActiveWindow():
            return self._window.runs
        self.show_tab("runs")
        return self.runs

    def _charts(self) -> list[Chart]:
        """The charts that are to be taken along: the largest on show."""
        large = "_window" in self.__dict__ and self._window.isVisible()
        page = self._window.curves if large else self.curves
        return [chart for chart in page.charts() if not chart.isHidden()]

    def _make_menu(self) -> None:
        self._menu = QMenu(self)
        self._tab_actions: list[QAction] = []
        for number, key in enumerate(TABS, start=1):
            action = QAction(self)
            action.setData(key)
            action.setShortcut(QKeySequence(f"Ctrl+Alt+{number}"))
            action.triggered.connect(lambda _=False, key=key: self._choose_tab(key))
            self._tab_actions.append(action)
        self._menu.addActions(self._tab_actions)
        self._menu.addMenu(self._curves_menu)
        self._menu.addMenu(self._time_bar.actions_menu())

    def sizeHint(self) -> QSize:
        return QSize(theme.px(WIDTH), theme.px(540))

    def _follow(self, change: Change) -> None:
        if change.new.project.dataset != change.old.project.dataset:
            self._bars.set_labels(class_names(self._session.dataset))
        if change.report is not change.old_report:
            self._show_prediction()

    def _show_prediction(self) -> None:
        obstacle = self._obstacle()
        picture = self._engine.picture
        known = picture is not None and len(picture.probabilities) == len(
            self._session.dataset.classes
        )
        if picture is not None and known and not obstacle:
            self._bars.set_probabilities(picture.probabilities)
        else:
            self._bars.set_probabilities(None, obstacle)

    def _obstacle(self) -> str:
        """Why nothing is predicted now; empty where something is, or will be in a moment."""
        report = self._session.report
        if report.problem is None:
            if self._engine.device is None:
                return tr("The engine is starting…")
            seen = self._engine.picture is not None and self._engine.picture.maps
            return "" if seen else tr("The network is being built…")
        if report.problem_uid == INPUT_UID:
            return (
                tr("Waits until a layer is enabled")
                if report.rows
                else tr("Waits until the network has layers")
            )
        layer = report.row(report.problem_uid).layer
        return tr("Waits until {layer} is fixed", layer=layer.name)

    def _reveal(self, cell: QRect, images: QRect) -> None:
        """In a low window: the images of a cell that was clicked, and the cell in any case."""
        self._look_around()
        for part in (images, cell):
            place = part.translated(self._examinations[0].mapTo(self._page, QPoint()))
            self.ensureVisible(place.left(), place.bottom(), 0, theme.px(12))
            self.ensureVisible(place.left(), place.top(), 0, theme.px(12))

    def _restyle(self) -> None:
        px = theme.px
        self._column.setContentsMargins(px(14), px(12), px(14), px(12))
        self._column.setSpacing(px(10))
        self._keep_room()
        self._fit_tabs()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        low = self.viewport().height() < theme.px(LOW)
        self._bars.set_columns(2 if low else 1)
        self._fit_tabs()

    def _fit_tabs(self) -> None:
        self._tabs.yield_to(self.viewport().width() - 2 * theme.px(14))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """A tab that was chosen stays in sight when what is above it changes."""
        if watched is self._tabs and event.type() == QEvent.Type.Move and self._at_results:
            QTimer.singleShot(0, self, self._bring_up)
        return super().eventFilter(watched, event)

    def fit(self, window: int) -> None:
        """Leave the input and the network room in a window of so many pixels."""
        self._window_width = window
        self._keep_room()

    def _keep_room(self) -> None:
        """Never so narrow that the tabs would have to be scrolled, where there is room for them."""
        px = theme.px
        tabs = self._tabs.needed(compact=True) + 2 * px(14)
        bar = self.verticalScrollBar().sizeHint().width()
        room = self._window_width - px(ROOM_BESIDE)
        self.setMinimumWidth(max(px(200), min(tabs + bar, room)))


class _Pages(QStackedWidget):
    """Pages of which the one on show needs room; Qt's own keeps the room of the widest."""

    def __init__(self) -> None:
        super().__init__()
        self.currentChanged.connect(self.updateGeometry)

    def minimumSizeHint(self) -> QSize:
        page = self.currentWidget()
        return QSize() if page is None else page.minimumSizeHint().expandedTo(page.minimumSize())

    def sizeHint(self) -> QSize:
        """No more: the page takes what is left, and the prediction above is not scrolled away."""
        return self.minimumSizeHint()

    def hasHeightForWidth(self) -> bool:
        return False  # Qt would take the highest page's
