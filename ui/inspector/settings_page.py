"""Settings: the form, what follows from it, and a glance at the kernels."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
from PySide6.QtCore import QEvent, QObject, QSize, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from cnnviz.explain import explain, explain_input
from cnnviz.network import INPUT_UID
from ui.forms import SettingsForm
from ui.i18n import language, tr
from ui.inspector.formula_layout import LEAST_WIDTH
from ui.inspector.formula_view import FormulaView
from ui.inspector.kernel_glance import KernelGlance
from ui.inspector.kernels import kernels_of
from ui.inspector.problem_box import ProblemBox
from ui.inspector.sliding_picture import LEAST_WIDTH as LEAST_PICTURE
from ui.inspector.sliding_picture import MOST_WIDTH, SlidingPicture
from ui.theme import theme
from ui.widgets.tabs import PillTabs

if TYPE_CHECKING:
    from PySide6.QtGui import QResizeEvent

    from cnnviz.fixes import Fix
    from ui.engine_client import EngineClient
    from ui.inspector.sliding_actions import SlidingActions
    from ui.session import Session


_BESIDE_GRIDS, _BESIDE_KERNEL, _GRIDS = 64, 190, 2.6
"""Of the height of the page, and of the width of the picture, what is not for its grids (pixels at
scale 1); how many times as wide as high these are together."""


_WELL = 372
"""So wide, a column of formulas has the size of a convolution's output in one line."""
_LEAST_FORMULAS = 60
"""Pixels at scale 1 below which formulas beside a problem show nothing of use."""
_LEAST_PAGE = (480, 60)
"""Width and height, whatever is shown now: what does not fit then goes."""


class FormScroll(QScrollArea):
    """The form, as wide as it needs to be and scrolling when it is too high."""

    fitted = Signal()
    """It has another width now."""

    def __init__(self, form: SettingsForm) -> None:
        super().__init__()
        self._form = form
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setWidget(form)
        self.fit()

    def fit(self) -> bool:
        """Take the width of the form, but never less than that of two usual columns.

        Returns whether that is another one, and `fitted` was emitted.
        """
        needed = max(self._form.sizeHint().width(), theme.px(380))
        width = needed + self.verticalScrollBar().sizeHint().width()
        if width != self.width() or width != self.minimumWidth():
            self.setFixedWidth(width)
            self.fitted.emit()
            return True
        return False

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self._form and event.type() == QEvent.Type.LayoutRequest:
            self.fit()
        return super().eventFilter(watched, event)


class ProblemScroll(QScrollArea):
    """The problem, as high as it needs to be, and scrolling where that is not to be had."""

    def __init__(self, box: ProblemBox) -> None:
        super().__init__()
        self._box = box
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Maximum)
        self.setWidget(box)
        self.hide()

    def sizeHint(self) -> QSize:
        # Not its own width: beside a scroll bar that came for a moment the text may need another
        # line, and for want of it the bar would stay.
        height = self._box.heightForWidth(self.viewport().width())
        return QSize(self.width(), height + 2 * self.frameWidth())

    def minimumSizeHint(self) -> QSize:
        return QSize(theme.px(100), theme.px(40))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self.updateGeometry()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self._box and event.type() == QEvent.Type.LayoutRequest:
            self.updateGeometry()
        return super().eventFilter(watched, event)


class SettingsPage(QWidget):
    """The form at the left, worked formulas in the middle, kernels at the right if wide enough."""

    def __init__(
        self,
        session: Session,
        engine: EngineClient,
        sliding: SlidingActions,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._session, self._engine, self._sliding = session, engine, sliding
        self._explained = True
        self.form = SettingsForm(session)
        self.formulas = FormulaView()
        self.problem = ProblemBox()
        self.kernels = KernelGlance()
        self.picture = SlidingPicture(session, engine, sliding)
        self.views = PillTabs()
        self.views.selected.connect(self._decide)
        sliding.shown.toggled.connect(self._decide)
        self.form.considered.connect(self._consider)
        self.problem.chosen.connect(self._mend)
        self.form.pointed.connect(self.formulas.highlight)
        self.formulas.pointed.connect(self.form.highlight)

        self._scroll = FormScroll(self.form)
        self._scroll.fitted.connect(self._decide)
        self._middle = QVBoxLayout()
        self._problem = ProblemScroll(self.problem)
        self._middle.addWidget(self._problem)
        self._middle.addWidget(self.formulas, 1)
        self._middle.addStretch()  # where there is a problem alone it stays above
        self._row = QHBoxLayout(self)
        self._row.addWidget(self._scroll)
        self._content = QHBoxLayout()
        self._content.addLayout(self._middle, 1)
        self._content.addWidget(self.picture)
        beside = QVBoxLayout()
        beside.addWidget(self.views, 0, Qt.AlignmentFlag.AlignLeft)
        beside.addLayout(self._content, 1)
        self._row.addLayout(beside, 1)
        self._row.addWidget(self.kernels)
        theme.changed.connect(self._restyle)
        language.changed.connect(self.retranslate)
        self._restyle()
        self.retranslate()

    def refresh(self) -> None:
        """Show what is selected now (the form follows the session by itself)."""
        session = self._session
        report = session.report
        layer = session.selected_layer
        found = explain_input(report) if layer is None else explain(report, layer.uid)
        problem = next((formula for formula in found if formula.problem), None)
        fixes = next((t.fixes for t in report.problems if t.uid == session.selection), ())
        self.problem.show_problem(problem, fixes)
        self._problem.setVisible(problem is not None)
        rest = [formula for formula in found if not formula.problem]
        self.formulas.set_formulas(rest)
        self._explained = bool(rest) or problem is None
        self.picture.refresh()
        self.show_picture()
        self._decide()

    def show_picture(self) -> None:
        """Show the kernels as they are now."""
        picture, uid = self._engine.picture, self._session.selection
        had = self.kernels.has_kernels()
        if picture is None or uid == INPUT_UID:
            self.kernels.set_kernels(None)
        else:
            weight = picture.weights.get(uid, {}).get("weight")
            self.kernels.set_kernels(kernels_of(self._session.report.row(uid), weight))
        self.picture.show_picture()
        if self.kernels.has_kernels() != had:
            self._decide()

    def _mend(self, fix: Fix) -> None:
        # The button is about to go, and the keyboard would move on to New in the tool bar.
        self.form.setFocus()
        self._session.fix(fix)

    def retranslate(self) -> None:
        """Say everything in the present language."""
        self._scroll.setAccessibleName(tr("Settings"))
        self.views.set_tabs([("formulas", tr("Formulas")), ("window", tr("Window"))])
        self.views.setAccessibleName(tr("Beside the settings"))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._decide()

    def minimumSizeHint(self) -> QSize:
        return QSize(theme.px(_LEAST_PAGE[0]), theme.px(_LEAST_PAGE[1]))

    def _decide(self) -> None:
        """What finds room beside the form: the formulas, the sliding picture, the kernels.

        Where formulas and picture do not, one of them is chosen. The kernels are shown where they
        do not make the formulas scroll, or do not add to it.
        """
        margins, gap = self._row.contentsMargins(), self._row.spacing()
        room = self.width() - margins.left() - margins.right() - self._scroll.width() - gap
        least = theme.px(LEAST_WIDTH)
        wanted = self._sliding.shown.isChecked() and self.picture.has_window()
        both = room >= least + gap + theme.px(LEAST_PICTURE)
        alone = wanted and not both
        chosen = alone and self.views.current() == "window"
        if chosen:
            self.picture.setFixedWidth(max(min(room, theme.px(MOST_WIDTH)), 1))
        elif wanted and both:
            most = max(room - theme.px(_WELL) - gap, theme.px(LEAST_PICTURE))
            self.picture.setFixedWidth(self._picture_width(most))
            room -= self.picture.width() + gap
        self.views.setVisible(alone)
        self.picture.setVisible(wanted and (both or chosen))
        height = self.height() - margins.top() - margins.bottom()
        height -= self.views.sizeHint().height() if alone else 0
        # A problem that could not be read as a whole beside the formulas has all of the room.
        problem = 0 if self._problem.isHidden() else self._problem.sizeHint().height()
        crowded = problem > 0 and height - problem < theme.px(_LEAST_FORMULAS)
        self.formulas.setVisible(self._explained and not chosen and not crowded)
        self.kernels.setVisible(not chosen and self._kernels_fit(room, height))
        self._row.activate()

    def _kernels_fit(self, room: int, height: int) -> bool:
        """Whether there is place for the kernels in what is left for the formulas."""
        if not self.kernels.has_kernels():
            return False
        if not self.problem.isHidden():
            height -= self._problem.sizeHint().height()
        beside = room - self.kernels.width() - self._row.spacing()
        alone = self.formulas.height_for(room, height)
        return beside >= theme.px(LEAST_WIDTH) and self.formulas.height_for(beside, height) <= max(
            height, alone
        )

    def _picture_width(self, most: int) -> int:
        """As wide as its grids grow with the height of the page."""
        tall = self.height() - theme.px(_BESIDE_GRIDS)
        wanted = theme.px(_BESIDE_KERNEL) + round(_GRIDS * tall)
        return min(max(wanted, theme.px(LEAST_PICTURE)), theme.px(MOST_WIDTH), most)

    def _consider(self, name: str, value: object) -> None:
        """Show the window as a value would make it that is about to be chosen."""
        layer = self._session.selected_layer
        if layer is None or value is None:
            self.picture.consider(None)
        else:
            self.picture.consider(msgspec.structs.replace(layer, **{name: value}))

    def _restyle(self) -> None:
        self._row.setContentsMargins(theme.px(10), theme.px(10), theme.px(14), theme.px(6))
        self._row.setSpacing(theme.px(16))
        self._content.setSpacing(theme.px(16))
        self.kernels.setFixedWidth(theme.px(204))
        if not self._scroll.fit():
            self._decide()
