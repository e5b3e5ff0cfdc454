"""What comes out of the network: the prediction, and how loss and accuracy went."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt, Signal
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
from ui.forms.training_words import change_words
from ui.i18n import class_names, language, tr
from ui.outputs.examination import ConfusionPage, MistakesPage
from ui.theme import theme
from ui.widgets.bars import PredictionBars
from ui.widgets.chart import Chart
from ui.widgets.labels import Label
from ui.widgets.tabs import PillTabs

if TYPE_CHECKING:
    from cnnviz.runs import Point
    from ui.engine_client import EngineClient
    from ui.outputs.examination import Images
    from ui.session import Session
    from ui.session_state import Change

WIDTH = 268
TABS = ("curves", "confusion", "mistakes")
MEAN_STEPS = 30
"""A batch is too small to say how training goes: the line is the mean over so many steps."""


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
        self._drawn: dict[str, tuple[int, Point]] = {}  # how many points, and the last of them
        self._heading = Label(role="heading")
        self._bars = PredictionBars()
        self._loss, self._accuracy = Chart(), Chart()
        self._accuracy.set_percent(True)
        self._curves = QWidget()
        self._two = QVBoxLayout(self._curves)
        self._two.setContentsMargins(0, 0, 0, 0)
        self._two.addWidget(self._loss, 1)
        self._two.addWidget(self._accuracy, 1)
        self._examinations = (ConfusionPage(session, engine), MistakesPage(session, engine))
        self._stack = QStackedWidget()
        for part in (self._curves, *self._examinations):
            self._stack.addWidget(part)
        for part in self._examinations:
            part.wanted.connect(self.image_wanted)
        self._tabs = PillTabs()
        self._tabs.selected.connect(self.show_tab)
        self._make_menu()
        page = QWidget()
        self._column = QVBoxLayout(page)
        self._column.addWidget(self._heading)
        self._column.addWidget(self._bars)
        self._column.addWidget(self._tabs)
        self._column.addWidget(self._stack, 1)
        self.setWidget(page)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        session.changed.connect(self._follow)
        engine.probed.connect(self._show_prediction)
        engine.ready.connect(self._show_prediction)
        engine.trouble.connect(self._show_prediction)
        engine.curves_changed.connect(self._grow)
        engine.curves_cleared.connect(self._clear)
        engine.progress_changed.connect(self._mark)
        theme.changed.connect(self._restyle)
        language.changed.connect(self.retranslate)
        self._bars.set_labels(class_names(session.dataset))
        self._bars.chosen.connect(self.class_chosen)
        self.show_tab("curves")
        self._restyle()
        self.retranslate()
        self._grow()

    def retranslate(self) -> None:
        """Set all texts."""
        self.setAccessibleName(tr("Output"))
        self._heading.setText(tr("Prediction"))
        self._bars.set_labels(class_names(self._session.dataset))
        self._bars.setToolTip(tr("Click a class to see which pixels speak for it"))
        words = dict(zip(TABS, (tr("Curves"), tr("Confusion"), tr("Mistakes")), strict=True))
        self._tabs.set_tabs(list(words.items()))
        self._tabs.setAccessibleName(tr("Results"))
        self._keep_room()
        self._menu.setTitle(tr("Results"))
        for action in self._menu.actions():
            action.setText(words[action.data()])
        self._loss.set_title(tr("Loss"))
        self._accuracy.set_title(tr("Accuracy"))
        for chart in (self._loss, self._accuracy):
            chart.set_legend("train", tr("train"), MEAN_STEPS)
            chart.set_legend("test", tr("test"))
            chart.setToolTip(
                tr(
                    "Train: the mean over up to {steps} last steps; each single batch is drawn "
                    "faintly behind it.\nTest: some of the test images now and then, all of them "
                    "after each epoch.",
                    steps=MEAN_STEPS,
                )
            )
            chart.set_empty_text(tr("Press Train to see the curves"))
        self._mark()
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
        for name, part in zip(TABS, (self._curves, *self._examinations), strict=True):
            policy = QSizePolicy.Policy  # only what is seen takes room
            down = policy.Preferred if name == key else policy.Ignored
            part.setSizePolicy(policy.Preferred, down)

    def _make_menu(self) -> None:
        self._menu = QMenu(self)
        for number, key in enumerate(TABS, start=1):
            action = QAction(self)
            action.setData(key)
            action.setShortcut(QKeySequence(f"Ctrl+Alt+{number}"))
            action.triggered.connect(lambda _=False, key=key: self.show_tab(key))
            self._menu.addAction(action)

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
            return tr("Waits until the network has layers")
        layer = report.row(report.problem_uid).layer
        return tr("Waits until {layer} is mended", layer=layer.name)

    def _grow(self) -> None:
        """Add the points that are new; a list that no longer goes on is drawn anew."""
        for name, points in (
            ("train", self._engine.train_points),
            ("test", self._engine.test_points),
        ):
            count, last = self._drawn.get(name, (0, None))
            goes_on = not count or (len(points) >= count and points[count - 1] is last)
            new = points[count:] if goes_on else points
            steps = [point.step for point in new]
            for chart, values in (
                (self._loss, [point.loss for point in new]),
                (self._accuracy, [point.accuracy for point in new]),
            ):
                if not goes_on:
                    chart.set_series(name, steps, values)
                elif new:
                    chart.append(name, steps, values)
            if points:
                self._drawn[name] = (len(points), points[-1])

    def _mark(self) -> None:
        """Where a setting was changed on the way."""
        progress = self._engine.progress
        changes = progress.changes if progress is not None else []
        marks = [(float(change.step), change_words(change)) for change in changes]
        for chart in (self._loss, self._accuracy):
            chart.set_marks(marks)

    def _clear(self) -> None:
        self._drawn.clear()
        self._loss.clear()
        self._accuracy.clear()

    def _restyle(self) -> None:
        px = theme.px
        self._column.setContentsMargins(px(14), px(12), px(14), px(12))
        self._column.setSpacing(px(10))
        self._two.setSpacing(px(10))
        self._keep_room()

    def _keep_room(self) -> None:
        """Never so narrow that the tabs would have to be scrolled."""
        px = theme.px
        tabs = self._tabs.sizeHint().width() + 2 * px(14)
        bar = self.verticalScrollBar().sizeHint().width()
        self.setMinimumWidth(max(px(200), tabs + bar))
