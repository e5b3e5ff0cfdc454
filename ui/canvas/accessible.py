"""The layers as objects of their own for screen readers, whether their cards are made or not.

PySide asks for some care here. Qt's cache of interfaces deletes what it has been given, while
Python deletes what nobody holds: so each interface is held for as long as Qt knows it, and Qt is
told before it is dropped. `interface_cast` must return a null pointer, as None crashes. Interfaces
hold nothing of the canvas, because PySide keeps what a factory has made until the program ends.
"""
# PySide's annotations leave out that there may be none of what is asked for:
# mypy: disable-error-code="override"

from __future__ import annotations

import weakref
from functools import cache
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, QPoint, QRect, QRectF
from PySide6.QtGui import (
    QAccessible,
    QAccessibleActionInterface,
    QAccessibleEvent,
    QAccessibleInterface,
)
from PySide6.QtWidgets import QAccessibleWidget
from shiboken6 import Shiboken

from cnnviz.network import Place

if TYPE_CHECKING:
    from PySide6.QtGui import QWindow
    from PySide6.QtWidgets import QWidget

    from ui.canvas.navigation import Spot
    from ui.canvas.readable import Readable

_NOTHING = Shiboken.VoidPtr(0)


@cache
def offer_layers(canvas: type[QWidget]) -> None:
    """Have Qt ask here for the interfaces of all canvases of that class."""

    def interface(_class: str, thing: QObject) -> QAccessibleInterface | None:
        return LayersInterface(thing) if isinstance(thing, canvas) else None

    QAccessible.installFactory(interface)


def tell(interface: QAccessibleInterface, event: QAccessible.Event) -> None:
    """Send screen readers an event of an interface."""
    QAccessible.updateAccessibility(QAccessibleEvent(interface, event))


def forget(made: dict[Spot, LayerInterface], gone: set[Spot] | None = None) -> None:
    """Drop interfaces (None: all), Qt first."""
    for spot in gone if gone is not None else set(made):
        layer = made[spot]
        if Shiboken.isValid(layer):  # else Qt has deleted it, at the end of the program
            QAccessible.deleteAccessibleInterface(QAccessible.uniqueId(layer))
        del made[spot]


class LayersInterface(QAccessibleWidget):
    """The canvas: a list of all layers, followed by what other widgets have as well."""

    def __init__(self, canvas: QWidget) -> None:
        super().__init__(canvas, QAccessible.Role.List)
        self._canvas = weakref.ref(canvas)

    @property
    def _readable(self) -> Readable | None:
        canvas = self._canvas()
        there = canvas is not None and Shiboken.isValid(canvas)
        return getattr(canvas, "readable", None) if there else None  # it may still be in the making

    def state(self) -> QAccessible.State:
        state = super().state()
        state.multiSelectable = True
        return state

    def childCount(self) -> int:
        readable = self._readable
        return super().childCount() + (0 if readable is None else len(readable.spots))

    def child(self, index: int) -> QAccessibleInterface | None:
        readable = self._readable
        spots = () if readable is None else readable.spots
        if readable is not None and 0 <= index < len(spots):
            return readable.interface(spots[index])
        return super().child(index - len(spots))

    def indexOfChild(self, child: QAccessibleInterface) -> int:
        readable = self._readable
        spots = () if readable is None else readable.spots
        if isinstance(child, LayerInterface):
            return spots.index(child.spot) if child.spot in spots else -1
        index = super().indexOfChild(child)
        return index if index < 0 else index + len(spots)

    def childAt(self, x: int, y: int) -> QAccessibleInterface | None:
        readable = self._readable
        spot = None if readable is None else readable.spot_at(QPoint(x, y))
        if readable is not None and spot is not None:
            return readable.interface(spot)
        return QAccessible.queryAccessibleInterface(readable.view) if readable else None

    def focusChild(self) -> QAccessibleInterface | None:
        readable = self._readable
        if readable is not None and readable.has_focus:
            return readable.interface(readable.spot)
        return super().focusChild()


class LayerInterface(QAccessibleInterface):
    """A layer, the input, or an empty branch.

    A disabled layer says so in its name and has not the state of that name, which stands for what
    cannot be used: it can be selected, changed, and enabled again.
    """

    def __init__(self, readable: Readable, spot: Spot) -> None:
        super().__init__()
        self.spot = spot
        self._readable = weakref.ref(readable)
        self._actions = _Actions(readable, spot)

    @property
    def _there(self) -> Readable | None:
        """Where it belongs to, as long as that is there."""
        readable = self._readable()
        return readable if readable is not None and readable.alive else None

    @property
    def _known(self) -> Readable | None:
        """The same, as long as this layer is there: Qt asks a little longer."""
        there = self._there
        return there if there is not None and there.knows(self.spot) else None

    def isValid(self) -> bool:
        return self._there is not None

    def object(self) -> QObject | None:
        return None

    def window(self) -> QWindow | None:
        there = self._there
        return None if there is None else there.view.window().windowHandle()

    def parent(self) -> QAccessibleInterface | None:
        there = self._there
        return None if there is None else QAccessible.queryAccessibleInterface(there.canvas)

    def child(self, index: int) -> QAccessibleInterface | None:
        return None

    def childCount(self) -> int:
        return 0

    def childAt(self, x: int, y: int) -> QAccessibleInterface | None:
        return None

    def indexOfChild(self, child: QAccessibleInterface) -> int:
        return -1

    def role(self) -> QAccessible.Role:
        return QAccessible.Role.ListItem

    def text(self, kind: QAccessible.Text) -> str:
        known = self._known
        if known is None:
            return ""
        if kind == QAccessible.Text.Name:
            return known.words(self.spot)
        return known.more(self.spot) if kind == QAccessible.Text.Description else ""

    def setText(self, kind: QAccessible.Text, text: str) -> None:
        """A layer is named by its settings."""

    def rect(self) -> QRect:
        known = self._known
        if known is None:
            return QRect()
        view, box = known.view, known.box(self.spot)
        area = known.canvas.mapFromScene(QRectF(*box)).boundingRect()
        return QRect(view.mapToGlobal(area.topLeft()), area.size())

    def state(self) -> QAccessible.State:
        state, known = QAccessible.State(), self._known
        if known is None:
            state.invalid = True
            return state
        state.focusable = state.selectable = True
        state.focused = known.has_focus and known.spot == self.spot
        state.selected = self.spot in known.selected
        state.offscreen = not known.sees(self.spot)
        state.expandable = known.is_block(self.spot)
        state.collapsed = state.expandable and known.canvas.is_folded(str(self.spot))
        state.expanded = state.expandable and not state.collapsed
        return state

    def interface_cast(self, kind: QAccessible.InterfaceType) -> Any:
        return self._actions if kind == QAccessible.InterfaceType.ActionInterface else _NOTHING


class _Actions(QAccessibleActionInterface):
    """What a screen reader can do with a layer."""

    def __init__(self, readable: Readable, spot: Spot) -> None:
        super().__init__()
        self._readable, self._spot = weakref.ref(readable), spot

    def actionNames(self) -> list[str]:
        names = [self.pressAction(), self.setFocusAction(), self.showMenuAction()]
        readable = self._readable()
        if readable is not None and readable.is_block(self._spot):
            names.append(self.toggleAction())
        return names

    def doAction(self, name: str) -> None:
        readable = self._readable()
        if readable is None or not readable.alive or not readable.knows(self._spot):
            return
        readable.choose(self._spot)
        if name == self.setFocusAction():
            readable.canvas.setFocus()
        elif name == self.showMenuAction():
            readable.canvas.open_menu()
        elif name == self.toggleAction() and not isinstance(self._spot, Place):
            readable.canvas.toggle_fold(self._spot)

    def keyBindingsForAction(self, name: str) -> list[str]:
        return []
