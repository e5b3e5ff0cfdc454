"""Worked formulas: the numbers in the colours of the fields that they come from."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QPoint, QPointF, QRect, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QRegion
from PySide6.QtWidgets import QAbstractScrollArea, QToolButton

from cnnviz.message import Message
from ui.i18n import language, text, tr
from ui.inspector.formula_layout import SMALL_FLAGS, Run, font, height_for, lay_out, why_word
from ui.theme import theme
from ui.widgets.line_ends import ended
from ui.widgets.note import Note

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtGui import QMouseEvent, QPaintEvent, QResizeEvent
    from PySide6.QtWidgets import QWidget

    from cnnviz.explain import Formula

_COLOR_OF = {
    "height": "input",
    "width": "input",
    "rate": "kernel",
    "slope": "kernel",
    "epsilon": "padding",
    "momentum": "dilation",
    "size": "kernel",
    "k": "filters",
    "alpha": "dilation",
    "beta": "stride",
    "connections": "groups",
}
"""Fields that share the colour of one that the palette names; they never meet in one layer."""

_LEFT = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextDontClip)
_CENTRED = int(Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextDontClip)


class WhyButton(QToolButton):
    """Opens the paragraph to know about a formula."""

    wanted = Signal(object, QRect)
    """Formula, and where the button is on the screen."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._formula: Formula | None = None
        self.setProperty("why", True)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.clicked.connect(self._clicked)

    def show_for(self, formula: Formula, place: QRect) -> None:
        """Stand behind the title of a formula."""
        self._formula = formula
        name = tr("{formula}: why?", formula=formula.title)
        if name != self.accessibleName():  # each name that is set is told to the whole desktop
            self.setText(why_word())
            self.setAccessibleName(name)
        self.setGeometry(place)
        self.show()

    def _clicked(self) -> None:
        corner = self.mapToGlobal(QPoint(0, 0))
        self.wanted.emit(self._formula, QRect(corner, self.size()))


class FormulaView(QAbstractScrollArea):
    """Formulas below each other, or in columns where the height does not suffice."""

    pointed = Signal(str)
    """The role of the number under the pointer; empty where there is none."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._formulas: tuple[Formula, ...] = ()
        self._runs: list[Run] = []
        self._highlighted = ""
        self._pointed = ""
        self._buttons: list[WhyButton] = []
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.viewport().setMouseTracking(True)
        theme.changed.connect(self._restyle)
        language.changed.connect(self.retranslate)
        self.retranslate()

    def set_formulas(self, formulas: Sequence[Formula]) -> None:
        """Show other formulas."""
        if tuple(formulas) != self._formulas:
            self._formulas = tuple(formulas)
            self.retranslate()

    def highlight(self, role: str) -> None:
        """Point out the numbers that come from one field."""
        if role != self._highlighted:
            self._highlighted = role
            self.viewport().update()

    def height_for(self, width: int, height: int) -> int:
        """How high the formulas are in a room of this width and height."""
        return round(height_for(self._formulas, self._room(width), height))

    def retranslate(self) -> None:
        """Say everything in the present language."""
        self.setAccessibleName(tr("Worked formulas"))
        self.setAccessibleDescription("\n".join(_spoken(formula) for formula in self._formulas))
        self._lay_out()

    # --- layout -------------------------------------------------------------------------------

    def _lay_out(self) -> None:
        area, before = self.maximumViewportSize(), self._runs
        self._runs, height = lay_out(self._formulas, self._room(area.width()), area.height())
        bar = self.verticalScrollBar()
        bar.setRange(0, max(0, round(height) - area.height()))
        bar.setPageStep(area.height())
        bar.setSingleStep(theme.px(20))
        self._place_buttons()
        self._paint_what_differs(before)

    def _paint_what_differs(self, before: Sequence[Run]) -> None:
        """After most edits nearly all of the many pieces are what and where they were."""
        shift = -self.verticalScrollBar().value()
        old, new = ({run.key: run for run in runs} for runs in (before, self._runs))
        changed = QRegion()
        for key in old.keys() ^ new.keys():
            changed += _inked(old.get(key) or new[key]).translated(0, shift)
        self.viewport().update(changed)

    def _place_buttons(self) -> None:
        """A button for each formula that has a paragraph; they are kept for the next formulas."""
        places = [run.rect for run in self._runs if run.kind == "why"]
        explained = [formula for formula in self._formulas if formula.why is not None]
        while len(self._buttons) < len(places):
            button = WhyButton(self.viewport())
            button.wanted.connect(self._explain)
            self._buttons.append(button)
        shift = -self.verticalScrollBar().value()
        for button in self._buttons[len(places) :]:
            button.hide()
        for button, place, formula in zip(self._buttons, places, explained, strict=False):
            button.show_for(formula, place.translated(0, shift).toAlignedRect())

    def _explain(self, formula: Formula, place: QRect) -> None:
        if formula.why is not None:
            self._note.show_beside(place, text(formula.title), text(formula.why))

    @cached_property
    def _note(self) -> Note:
        return Note(self)

    def _restyle(self) -> None:
        self._lay_out()
        self.viewport().update()

    def scrollContentsBy(self, dx: int, dy: int) -> None:
        super().scrollContentsBy(dx, dy)
        self._place_buttons()

    def _room(self, width: int) -> int:
        """What the scroll bar leaves, whether or not it is shown."""
        return max(width - self.verticalScrollBar().sizeHint().width(), theme.px(120))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._lay_out()

    # --- painting -----------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self.viewport())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        shift = self.verticalScrollBar().value()
        painter.translate(0, -shift)
        wanted = event.region().translated(0, shift)
        for run in self._runs:
            if wanted.intersects(_inked(run)):
                self._paint(painter, run)

    def _paint(self, painter: QPainter, run: Run) -> None:
        if run.kind == "why":
            return
        colors = theme.colors
        painter.setFont(font(run.kind))
        if run.kind == "small":
            painter.setPen(QColor(colors.text_muted))
            painter.drawText(run.rect, SMALL_FLAGS, ended(run.text))
            return
        color = colors.text
        if run.kind == "title":
            color = colors.heading
        elif run.kind == "result":
            self._ground(painter, run.rect, colors.highlight)
            color = colors.highlight_text
        elif run.role:
            color = colors.formula[_COLOR_OF.get(run.role, run.role)]
            if run.role == self._highlighted:
                self._ground(painter, run.rect.adjusted(-1, 0, 1, 0), colors.accent_soft)
        painter.setPen(QColor(color))
        painter.drawText(run.rect, _CENTRED if run.kind == "result" else _LEFT, run.text)

    def _ground(self, painter: QPainter, rect: QRectF, color: str) -> None:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(color))
        painter.drawRoundedRect(rect, theme.px(4), theme.px(4))

    # --- pointing -----------------------------------------------------------------------------

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        point = event.position() + QPointF(0, self.verticalScrollBar().value())
        self._point(next((run.role for run in self._runs if run.rect.contains(point)), ""))

    def viewportEvent(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Leave:
            self._point("")
        return super().viewportEvent(event)

    def _point(self, role: str) -> None:
        if role != self._pointed:
            self._pointed = role
            self.highlight(role)
            self.pointed.emit(role)


def _inked(run: Run) -> QRect:
    """Where a run may leave something on the screen: letters reach out of their boxes a little."""
    return run.rect.toAlignedRect().adjusted(-2, -2, 2, 2)


def _spoken(formula: Formula) -> str:
    """A formula in one line, for screen readers."""
    line = "".join(
        text(term.text) if isinstance(term.text, Message) else term.text for term in formula.terms
    )
    if formula.result:
        line = f"{line} = {formula.result}" if line else formula.result
    parts = [text(formula.title), line]
    parts += [text(m) for m in (formula.unit, formula.rule, formula.note) if m is not None]
    return ". ".join(part for part in parts if part)
