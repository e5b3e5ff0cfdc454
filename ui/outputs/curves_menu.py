"""What can be done with the curves: how they are looked at, and taking them along."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtGui import QAction, QActionGroup, QKeySequence
from PySide6.QtWidgets import QMenu

from cnnviz.message import Message
from ui import settings
from ui.able import allow
from ui.charts.smoothing import REACHES
from ui.i18n import language, tr
from ui.run_view import SPLITS

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtWidgets import QWidget

    from ui.charts.export import ChartsExport
    from ui.charts.sight import Sight

ZOOM = 2.0
"""What one entry of the menu zooms."""


class CurvesMenu(QMenu):
    """One menu for all places that show curves, and for the window's own.

    The settings of how curves are looked at are remembered; what is zoomed to or hidden is not.
    """

    zoomed = Signal(float)
    """A person wants to see so many times as many steps."""

    def __init__(self, sight: Sight, exports: ChartsExport, parent: QWidget) -> None:
        super().__init__(parent)
        self._sight, self.exports = sight, exports
        self._smoothing = QMenu(self)
        self._reaches = self._make_reaches()
        self.logarithmic = self._action("Ctrl+Alt+L", self._toggle_scale, checkable=True)
        self.rate = self._action("Ctrl+Alt+R", self._keep_rate, checkable=True)
        self.rate.setChecked(settings.learning_rate_curve())
        self.lines = {
            key: self._action("", partial(sight.toggle, key), checkable=True) for key in SPLITS
        }
        self.nearer = self._action("", lambda: self.zoomed.emit(1 / ZOOM))
        self.farther = self._action("", lambda: self.zoomed.emit(ZOOM))
        self.whole = self._action("Ctrl+Alt+0", lambda: sight.look(span=None))
        self.larger = QAction(self)
        self.larger.setShortcut(QKeySequence("Ctrl+Alt+W"))
        self.addMenu(self._smoothing)
        self.addActions([self.logarithmic, self.rate])
        self.addSeparator()
        self.addActions(list(self.lines.values()))
        self.addSeparator()
        self.addActions([self.nearer, self.farther, self.whole, self.larger])
        self.addSeparator()
        self.addActions(exports.actions())
        sight.look(reach=settings.smoothing(), logarithmic=settings.logarithmic_loss())
        sight.changed.connect(self._refresh)
        language.changed.connect(self.retranslate)
        self.retranslate()
        self._refresh()

    def retranslate(self) -> None:
        """Set all texts."""
        self.setTitle(tr("Curves"))
        self._smoothing.setTitle(tr("Smoothing of the training curve"))
        self._smoothing.setToolTip(tr("An exponential mean; each step is drawn faintly behind it"))
        for action in self._reaches:
            reach = action.data()
            action.setText(tr("over {n:,} steps", n=reach) if reach else tr("None"))
        self.logarithmic.setText(tr("Logarithmic loss"))
        self.rate.setText(tr("Learning rate"))
        for key, words in (
            ("train", tr("Training curve")),
            ("validation", tr("Validation curve")),
            ("test", tr("Test curve")),
        ):
            self.lines[key].setText(words)
        self.nearer.setText(tr("Zoom in"))
        self.farther.setText(tr("Zoom out"))
        self.whole.setText(tr("Show all steps"))
        self.larger.setText(tr("Curves in a window of their own"))

    def _make_reaches(self) -> list[QAction]:
        group = QActionGroup(self)
        actions = []
        for reach in REACHES:
            action = self._smoothing.addAction("")
            action.setCheckable(True)
            action.setData(reach)
            action.triggered.connect(lambda _=False, reach=reach: self._smooth(reach))
            group.addAction(action)
            actions.append(action)
        return actions

    def _action(self, keys: str, do: Callable[[], None], *, checkable: bool = False) -> QAction:
        action = QAction(self)
        action.setShortcut(QKeySequence(keys))
        action.setCheckable(checkable)
        action.triggered.connect(lambda _=False: do())
        return action

    def _smooth(self, reach: int) -> None:
        settings.set_smoothing(reach)
        self._sight.look(reach=reach)

    def _toggle_scale(self) -> None:
        settings.set_logarithmic_loss(self.logarithmic.isChecked())
        self._sight.look(logarithmic=self.logarithmic.isChecked())

    def _keep_rate(self) -> None:
        settings.set_learning_rate_curve(self.rate.isChecked())

    def _refresh(self) -> None:
        """Mark what is chosen."""
        view = self._sight.view
        for action in self._reaches:
            action.setChecked(action.data() == view.reach)
        self.logarithmic.setChecked(view.logarithmic)
        for key, action in self.lines.items():
            action.setChecked(key not in view.hidden)
        allow(self.whole, Message("All steps are shown") if view.span is None else None)
