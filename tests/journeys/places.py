"""Where things are on the screen of the running program."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, QPointF
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QLabel,
    QMessageBox,
    QSplitter,
    QTabBar,
    QWidget,
)

from cnnviz import network
from tests.journeys.menus import Menus
from ui.canvas.whereabouts import card_center, fix_center, gap_center, title_center
from ui.main_window import MainWindow
from ui.widgets.bars import PredictionBars
from ui.widgets.confusion_grid import ConfusionGrid

if TYPE_CHECKING:
    from PySide6.QtCore import QRect

Place = tuple[int, int]
Rectangle = tuple[int, int, int, int]


class Places(Menus):
    """One method a thing that one points at; places are (x, y) on the screen, in pixels."""

    def front(self) -> int:
        """The number, for the X server, of the window that the keyboard belongs to."""
        return int(self._front().winId())

    def widget(self, name: str) -> Place:
        """The middle of what can be seen and has this text or this name for screen readers."""
        return _middle(_on_screen(self._named(name)))

    def rectangle(self, name: str) -> Rectangle:
        """Left, top, width and height of the same."""
        return _rectangle(self._named(name))

    def standard_button(self, name: str) -> Place:
        """The middle of a button of the question in front: "Save", "Discard", "Cancel"."""
        front = QApplication.activeModalWidget()
        if not isinstance(front, QMessageBox) or not front.windowHandle().isExposed():
            raise LookupError("no question is asked")
        return _middle(_on_screen(front.button(QMessageBox.StandardButton[name])))

    def tab(self, title: str) -> Place:
        """The middle of a tab."""
        for bar in self._window.findChildren(QTabBar):
            for index in range(bar.count()):
                if bar.tabText(index) == title and bar.isVisible():
                    return _point(bar.mapToGlobal(bar.tabRect(index).center()))
        raise LookupError(f"no tab {title!r}")

    def card(self, uid: str) -> Place:
        """The middle of a layer's card, as soon as it does not move any more."""
        canvas = self._window.canvas
        card, place = canvas.card(uid), card_center(canvas, uid)
        middle = canvas.mapFromScene(card.mapToScene(card.width / 2, card.height / 2))
        if (canvas.viewport().mapToGlobal(middle) - place).manhattanLength() > 2:
            raise LookupError(f"the card {uid} is on its way")
        return _point(place)

    def gap(self, index: int, block: str = "", branch: int = 0) -> Place:
        """Where a layer is dropped to get this position, in the network or a branch of a block."""
        return _point(gap_center(self._window.canvas, network.Place(index, block, branch)))

    def block(self, uid: str) -> Place:
        """A point on the title of a block that stands open, as soon as it does not move."""
        canvas = self._window.canvas
        frame, place = canvas.arrangement.frames[uid].box, title_center(canvas, uid)
        item = canvas._stage.frames[uid]
        if (item.pos() - QPointF(frame.left, frame.top)).manhattanLength() > 2:
            raise LookupError(f"the block {uid} is on its way")
        return _point(place)

    def canvas(self) -> Rectangle:
        """Left, top, width and height of what can be seen of the network."""
        return _rectangle(self._window.canvas.viewport())

    def chip(self, title: str) -> Place:
        """The middle of a chip of the palette."""
        return _point(self._window.palette_bar.chip_center(title))

    def fix(self, index: int) -> Place:
        """The middle of the button for this way out of the problem."""
        return _point(fix_center(self._window.canvas, index))

    def handle(self, panel: str) -> Place:
        """The middle of the splitter's handle beside "inputs", "outputs" or "inspector"."""
        widget = getattr(self._window, panel)
        splitter = widget.parentWidget()
        assert isinstance(splitter, QSplitter)
        return _middle(_on_screen(splitter.handle(max(splitter.indexOf(widget), 1))))

    def value(self, tile: int, row: int, column: int) -> Place:
        """The middle of a value on the page of feature maps."""
        grid = self._window.inspector.maps.grid
        if not grid.isVisible() or grid.visibleRegion().isEmpty():
            raise LookupError("no feature maps are on show")
        place = grid._cell_rect((tile, row, column)).center()
        return _point(grid.viewport().mapToGlobal(place))

    def pixel(self, end: str, row: int, column: int) -> Place:
        """The middle of a cell in the "source" or the "output" of one value's page."""
        view = getattr(self._window.inspector.pixel, end)
        return _point(view.mapToGlobal(view.cell_center(row, column).toPoint()))

    def tile(self, uid: str) -> Place:
        """A layer among all layers on the way back."""
        strip = self._window.inspector.backward.strip
        place = [tile.uid for tile in strip.tiles].index(uid)
        return _point(strip.viewport().mapToGlobal(strip.tile_rect(place).center()))

    def delta(self, tile: int, row: int, column: int) -> Place:
        """A δ that the layer hands back."""
        grid = self._window.inspector.backward.layer.handed
        if grid._layout is None:
            raise LookupError("nothing has been handed back yet")
        where = grid._cell_rect((tile, row, column)).center()
        return _point(grid.viewport().mapToGlobal(where))

    def slide(self, end: str, row: int, column: int) -> Place:
        """The middle of a cell in the "source" or the "output" of the sliding picture."""
        view = getattr(self._window.inspector.settings.picture, end)
        if not view.isVisible():
            raise LookupError("no window is on show")
        return _point(view.mapToGlobal(view.cell_center(row, column).toPoint()))

    def weight(self, row: int, column: int) -> Place:
        """The middle of a weight of the sliding picture."""
        view = self._window.inspector.settings.picture.kernel
        return _point(view.mapToGlobal(view.cell_rect(row, column).center().toPoint()))

    def lens(self, tile: int) -> Place:
        """The middle of the lens of a map that is pointed at."""
        grid = self._window.inspector.maps.grid
        return _point(grid.viewport().mapToGlobal(grid._lens(tile).center()))

    def large(self, row: int, column: int) -> Place:
        """The middle of a value of the map that is shown large."""
        view = self._window.inspector.maps.large.map
        if not view.isVisible():
            raise LookupError("no map is large")
        return _point(view.mapToGlobal(view.place_of(row, column).center().toPoint()))

    def bar(self, index: int) -> Place:
        """The middle of the bar of a class in the prediction."""
        bars = self._window.findChild(PredictionBars)
        assert isinstance(bars, PredictionBars)
        return _point(bars.mapToGlobal(bars.cell(index).center().toPoint()))

    def cell(self, label: int, predicted: int) -> Place:
        """The middle of a cell of the confusion matrix."""
        grid = next(grid for grid in self._window.findChildren(ConfusionGrid) if grid.isVisible())
        place = grid._rect(label, predicted).center().toPoint()
        if not grid.visibleRegion().contains(place):
            raise LookupError("the cell is out of sight")
        return _point(grid.mapToGlobal(place))

    # --- inside -------------------------------------------------------------------------------

    @property
    def _window(self) -> MainWindow:
        for widget in QApplication.topLevelWidgets():
            if isinstance(widget, MainWindow):
                return widget
        raise LookupError("the window is not there yet")

    def _front(self) -> QWidget:
        return QApplication.activeModalWidget() or self._window

    def _seen(self) -> list[QWidget]:
        return [widget for widget in self._front().findChildren(QWidget) if widget.isVisible()]

    def _named(self, name: str) -> QWidget:
        """Names for screen readers come first: a label says the same as the field beside it."""
        seen = self._seen()
        for words in (QWidget.accessibleName, text_of):
            for widget in seen:
                if words(widget) == name:
                    return widget
        names = sorted({name_of(widget) for widget in seen} - {""})
        raise LookupError(f"nothing is called {name!r}; there are {', '.join(names)}")


def text_of(widget: QWidget) -> str:
    return plain(widget.text()) if isinstance(widget, QAbstractButton | QLabel) else ""


def name_of(widget: QWidget) -> str:
    return widget.accessibleName() or text_of(widget)


def plain(words: str) -> str:
    return words.replace("&", "")


def _on_screen(widget: QWidget) -> QRect:
    rectangle = widget.rect()
    rectangle.moveTo(widget.mapToGlobal(rectangle.topLeft()))
    return rectangle


def _rectangle(widget: QWidget) -> Rectangle:
    found = _on_screen(widget)
    return found.x(), found.y(), found.width(), found.height()


def _middle(rectangle: QRect) -> Place:
    return _point(rectangle.center())


def _point(point: QPoint) -> Place:
    return point.x(), point.y()
