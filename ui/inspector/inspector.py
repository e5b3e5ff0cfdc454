"""The detail drawer below the canvas."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, TypeVar

from PySide6.QtCore import QEvent, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QFrame, QHBoxLayout, QMenu, QStackedWidget, QVBoxLayout, QWidget

from cnnviz.message import Message
from ui.array_export import ArrayExport
from ui.charts.export import ChartsExport
from ui.i18n import language, tr
from ui.inspector.header import Header
from ui.inspector.kernels_page import KernelsPage
from ui.inspector.large_actions import LargeActions
from ui.inspector.maps_page import MapsPage
from ui.inspector.offering import is_offering
from ui.inspector.pixel_actions import PixelActions
from ui.inspector.settings_page import SettingsPage
from ui.inspector.sharing_page import SharingPage
from ui.inspector.sliding_actions import SlidingActions
from ui.inspector.tabs import TABS, fit, least_height, titles
from ui.theme import theme
from ui.widgets.buttons import IconButton
from ui.widgets.tabs import PillTabs

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtGui import QHideEvent, QResizeEvent, QShowEvent

    from ui.array_export import Offered
    from ui.charts.chart import Chart
    from ui.charts.histogram_map import HistogramMap
    from ui.engine_client import EngineClient
    from ui.inspector.alike_page import AlikePage
    from ui.inspector.backward_page import BackwardPage
    from ui.inspector.pixel_page import PixelPage
    from ui.inspector.statistics_page import StatisticsPage
    from ui.inspector.why_page import WhyPage
    from ui.session import Session

Page = TypeVar("Page", bound=QWidget)

SOON_MILLISECONDS = 10
"""Until the page that is looked at has been painted, and the window has answered to what waits."""
BUTTONS_ABOVE = frozenset({"sharing", "why", "alike"})
"""Tabs whose numbers are taken along by buttons beside the tabs; the others have their own."""


class Inspector(QFrame):
    """All about the selected layer, in tabs. Only the visible tab follows the engine."""

    told = Signal(object)
    """Message: something that was asked for has been done."""
    trouble = Signal(object)
    """Message: something that was asked for could not be done."""
    enlarged = Signal(bool)
    """One map is shown large, and wants room; or it is no longer."""

    def __init__(
        self, session: Session, engine: EngineClient, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setProperty("panel", True)
        self._header = Header(session)
        self._session, self._engine = session, engine
        self._tabs = PillTabs()
        self._tabs.set_tabs(list(titles().items()))
        self._fitted: tuple[int, float, str] | None = None
        """The room that the tabs were last fitted to, the scale, and the language."""
        self._tabs.selected.connect(self.show_tab)
        self._stack = QStackedWidget()
        self._actions = {key: QAction(self) for key in TABS}
        for number, (key, action) in enumerate(self._actions.items(), start=1):
            action.setShortcut(QKeySequence(f"Ctrl+{number}"))
            action.triggered.connect(lambda _=False, key=key: self.show_tab(key))
            self.addAction(action)
        self._menu = QMenu(self)
        self._menu.addActions(list(self._actions.values()))
        self._sliding = SlidingActions(self)
        self._menu.addSeparator()
        self._menu.addActions(self._sliding.all())
        self._pixel_actions = PixelActions(self)
        self._menu.addSeparator()
        self._menu.addActions(self._pixel_actions.all())
        self._directions = PillTabs()
        self._directions.selected.connect(
            lambda key: self._pixel_actions.backward.setChecked(key == "backward")
        )
        self._pixel_actions.backward.toggled.connect(self._turn)
        self._exports = ArrayExport(self._plate, self)
        self._exports.told.connect(self.told)
        self._exports.refused.connect(self.trouble)
        self._exports.set_enabled(False)
        self._menu.addSeparator()
        self._menu.addActions(self._exports.actions())
        self._charts = ChartsExport(self._charts_shown, self, statistics=True)
        self._charts.told.connect(self.told)
        self._charts.refused.connect(self.trouble)
        self._menu.addActions(self._charts.actions())
        self._slide = QAction(self)
        self._slide.setCheckable(True)
        self._slide.setShortcut(QKeySequence("Ctrl+Alt+O"))
        self._slide.triggered.connect(self._slide_square)
        self.addAction(self._slide)
        self._menu.addSeparator()
        self._menu.addAction(self._slide)
        self._large = LargeActions(self)
        self._menu.addSeparator()
        self._menu.addActions(self._large.all())

        self._top = QHBoxLayout()
        self._top.addWidget(self._header)
        self._top.addWidget(self._tabs)
        self._top.addStretch(1)
        self._top.addWidget(self._directions)
        self._along = (
            (IconButton("duplicate", quiet=True), self._exports.copy),
            (IconButton("save", quiet=True), self._exports.save),
        )
        for button, action in self._along:
            button.clicked.connect(action.trigger)
            self._top.addWidget(button)
        line = QFrame()
        line.setFrameShape(QFrame.Shape.HLine)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(self._top)
        column.addWidget(line)
        column.addWidget(self._stack, 1)

        session.changed.connect(self._refresh)
        session.selection_changed.connect(self._refresh)
        engine.probed.connect(self._show_picture)
        theme.changed.connect(self._restyle)
        language.changed.connect(self.retranslate)
        self._restyle()
        self.retranslate()

    # Each page is made when it is first looked at, so that the window is there sooner.

    @cached_property
    def settings(self) -> SettingsPage:
        """The form, the formulas and a glance at the kernels."""
        return self._add(SettingsPage(self._session, self._engine, self._sliding))

    @cached_property
    def kernels(self) -> KernelsPage:
        """All kernels."""
        return self._add(KernelsPage(self._session, self._engine, self._exports))

    @cached_property
    def maps(self) -> MapsPage:
        """All feature maps."""
        page = self._add(MapsPage(self._session, self._engine, self._exports, self._large))
        page.chosen.connect(self._show_pixel)
        page.enlarged.connect(self.enlarged)
        QTimer.singleShot(SOON_MILLISECONDS, self, self._expect_pixel)
        return page

    def _expect_pixel(self) -> None:
        """A click is answered sooner if that page is there by then; the window answers between
        reading its code and making it."""
        import ui.inspector.pixel_page  # noqa: F401

        QTimer.singleShot(SOON_MILLISECONDS, self, lambda: self.pixel)

    @cached_property
    def pixel(self) -> PixelPage:
        """How one value came about."""
        from ui.inspector.pixel_page import PixelPage

        page = self._add(PixelPage(self._session, self._engine, self._pixel_actions, self._stack))
        page.left.connect(lambda: self.show_tab("maps"))
        page.told.connect(self.told)
        page.trouble.connect(self.trouble)
        return page

    @cached_property
    def backward(self) -> BackwardPage:
        """How δ and the gradients came about."""
        from ui.inspector.backward_page import BackwardPage

        page = self._add(BackwardPage(self._session, self._engine, self._pixel_actions))
        page.left.connect(lambda: self.show_tab("maps"))
        page.told.connect(self.told)
        page.trouble.connect(self.trouble)
        page.shown.connect(self._offer)
        return page

    @cached_property
    def sharing(self) -> SharingPage:
        """What sharing weights saves."""
        return self._add(SharingPage(self._session))

    @cached_property
    def why(self) -> WhyPage:
        """Which pixels make a class win."""
        from ui.inspector.why_page import WhyPage

        page = self._add(WhyPage(self._session, self._engine, self._slide))
        page.softmax.exports.told.connect(self.told)
        page.softmax.exports.refused.connect(self.trouble)
        self._engine.explained.connect(self._offer)  # after the page has taken it
        return page

    @cached_property
    def alike(self) -> AlikePage:
        """Which images the layer finds alike."""
        from ui.inspector.alike_page import AlikePage

        page = self._add(AlikePage(self._session, self._engine))
        page.told.connect(self._offer)
        return page

    @cached_property
    def statistics(self) -> StatisticsPage:
        """How the layers went during the run."""
        from ui.inspector.statistics_page import StatisticsPage

        return self._add(StatisticsPage(self._session, self._engine, self._charts))

    def _charts_shown(self) -> Sequence[Chart | HistogramMap]:
        return self.statistics.shown()

    def actions_menu(self) -> QMenu:
        """The tabs as actions with their keys, for the menu of the window."""
        return self._menu

    def show_tab(self, key: str) -> None:
        """Bring a tab to the front, by its key in `TABS`."""
        self._tabs.set_current(key)
        self._directions.setVisible(key == "pixel")
        self._stack.setCurrentWidget(self._page())
        self._page().refresh()
        self._offer()
        self.updateGeometry()

    def finish(self) -> None:
        """The program ends: wait for what is being written."""
        self._exports.finish()
        if "pixel" in self.__dict__:  # has been made
            self.pixel.finish()
        if "backward" in self.__dict__:
            self.backward.finish()
        if "why" in self.__dict__:
            self.why.finish()
        self._charts.finish()

    def show_why(self, target: int) -> None:
        """Bring to the front why the network gives a class what it gives it."""
        self.why.choose(target)
        self.show_tab("why")

    def _slide_square(self, on: bool) -> None:
        if on:
            self.show_tab("why")
            self.why.try_out()

    def show_settings(self) -> None:
        """Bring the settings to the front and the keyboard into the first of them."""
        self.show_tab("settings")
        self.settings.form.focus_first()

    def retranslate(self) -> None:
        """Say everything in the present language."""
        words = titles()
        self._tabs.setAccessibleName(tr("Detail"))
        self._slide.setText(tr("Let the grey square slide"))
        self._directions.set_tabs([("forward", tr("Forward")), ("backward", tr("Backward"))])
        self._directions.setAccessibleName(tr("Direction"))
        self._directions.setToolTip(
            tr("How values come about, or how the error goes back and weights learn (B)")
        )
        self._directions.setVisible(self._tabs.current() == "pixel")
        for key, action in self._actions.items():
            action.setText(words[key])
        self._menu.setTitle(tr("Detail"))
        self.setAccessibleName(tr("Detail of the selected layer"))
        self._refresh()

    def minimumSizeHint(self) -> QSize:
        return QSize(theme.px(480), least_height(self._tabs.current(), self.window().height()))

    def sizeHint(self) -> QSize:
        return QSize(theme.px(1000), theme.px(250))

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._page().refresh()
        self._offer()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._offer()

    def _page(
        self,
    ) -> (
        SettingsPage
        | KernelsPage
        | MapsPage
        | PixelPage
        | BackwardPage
        | SharingPage
        | WhyPage
        | AlikePage
        | StatisticsPage
    ):
        match self._tabs.current():
            case "kernels":
                return self.kernels
            case "maps":
                return self.maps
            case "pixel":
                return self.backward if self._page_is_backward() else self.pixel
            case "sharing":
                return self.sharing
            case "why":
                return self.why
            case "alike":
                return self.alike
            case "statistics":
                return self.statistics
        return self.settings

    def _page_is_backward(self) -> bool:
        return self._tabs.current() == "pixel" and self._pixel_actions.backward.isChecked()

    def _turn(self, backward: bool) -> None:
        """Show the way back, or the way there."""
        self._directions.set_current("backward" if backward else "forward")
        self.show_tab("pixel")
        if backward:
            self.backward.take_keyboard()

    def _plate(self) -> Offered | None:
        page = self._page()
        return page.plate() if is_offering(page) else None

    def _offer(self) -> None:
        """Let be taken along what is on show."""
        page = self._page()
        self._exports.set_enabled(self.isVisible() and is_offering(page) and page.offers)
        open_first = Message("Open the page of statistics first")
        self._charts.set_reason(None if self._tabs.current() == "statistics" else open_first)
        for button, action in self._along:
            button.setVisible(self._tabs.current() in BUTTONS_ABOVE)
            button.setEnabled(action.isEnabled())
            button.set_tip(action.text(), reason=action.statusTip())

    def _show_pixel(self, place: tuple[int, ...]) -> None:
        self._pixel_actions.backward.setChecked(False)
        self.show_tab("pixel")
        self.pixel.choose(self._session.selection, place)
        self._offer()
        self.pixel.output.setFocus()

    def _add(self, page: Page) -> Page:
        self._stack.addWidget(page)
        return page

    def _refresh(self) -> None:
        self._header.retranslate()
        self._page().refresh()
        self._offer()

    def _show_picture(self) -> None:
        if self.isVisible():
            self._page().show_picture()
            self._offer()

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.LayoutRequest:
            self._fit_tabs()
        return super().event(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit_tabs()

    def _fit_tabs(self) -> None:
        """Leave the tabs what stands beside them leaves."""
        self._directions.setMinimumWidth(self._directions.sizeHint().width())
        others = [self._header, self._directions, *(button for button, _ in self._along)]
        shown = [other.sizeHint().width() for other in others if not other.isHidden()]
        margins = self._top.contentsMargins()
        room = self.width() - margins.left() - margins.right() - sum(shown)
        room -= (len(shown) + 1) * self._top.spacing()
        if (room, theme.scale, language.code) != self._fitted:
            self._fitted = room, theme.scale, language.code
            fit(self._tabs, room)

    def _restyle(self) -> None:
        self._top.setContentsMargins(theme.px(14), theme.px(5), theme.px(14), theme.px(5))
        self._top.setSpacing(theme.px(16))
        self._tabs.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._fit_tabs()
