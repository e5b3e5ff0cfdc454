"""Two networks side by side, following every edit of the one that is open."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QCheckBox,
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QSplitter,
    QVBoxLayout,
    QWidget,
)

from cnnviz.compare import Comparison, Pair, changed_settings, compare
from cnnviz.export.comparison import (
    MARKS,
    cells,
    comma_separated,
    markdown,
    name_of,
    total_cells,
)
from cnnviz.layers import fields_of
from ui.comparison.sides import Side, SideButton, empty
from ui.i18n import language, network_name, text, tr
from ui.theme import theme
from ui.widgets import screen_room
from ui.widgets.buttons import Button
from ui.widgets.labels import Label
from ui.widgets.text_table import Cell, Contents, TextTable, plain_rows

if TYPE_CHECKING:
    from collections.abc import Iterator

    from PySide6.QtGui import QShowEvent

    from cnnviz.analysis import Row
    from cnnviz.compare import Aspect
    from ui.documents import Documents
    from ui.session import Session
    from ui.session_state import Change

_ASPECTS: tuple[tuple[Aspect, ...], ...] = (
    ("settings", "place", "problem"),
    ("output",),
    ("parameters",),
    ("multiply_adds",),
    ("receptive_field",),
)
"""What the five columns of a side show."""
_SIDE = len(_ASPECTS)
_WIDTH, _HEIGHT = 1240, 660


class ComparisonWindow(QDialog):
    """A window beside the main one. What is chosen stands at the left, the open network right."""

    def __init__(self, session: Session, documents: Documents, parent: QWidget) -> None:
        super().__init__(parent)
        self._session = session
        self._side = empty()
        self._comparison = compare(self._side.report, self._side.report)
        self._pairs: tuple[Pair, ...] = ()
        self._rows: dict[int, tuple[Cell, ...]] = {}
        """The rows that have been looked at, until there are others."""
        self._with, self._told = Label("", "label"), Label("", "muted")
        self.side = SideButton(session, documents)
        self.side.chosen.connect(self.choose)
        self.side.refused.connect(documents.refused)
        self.only_differences = QCheckBox()
        self.only_differences.toggled.connect(self._show)
        self.layers, self.totals = TextTable(), TextTable()
        self.copy_markdown, self.copy_csv = Button(icon="duplicate"), Button(icon="duplicate")
        self.copy_markdown.clicked.connect(self._copy_markdown)
        self.copy_csv.clicked.connect(self._copy_csv)
        self._close = Button()
        self._close.clicked.connect(self.close)

        top = QHBoxLayout()
        top.addWidget(self._with)
        top.addWidget(self.side)
        top.addStretch(1)
        top.addWidget(self._told)
        top.addStretch(1)
        top.addWidget(self.only_differences)
        self._split = QSplitter(Qt.Orientation.Vertical)
        self._split.addWidget(self.layers)
        self._split.addWidget(self.totals)
        self._split.setStretchFactor(0, 1)
        self._split.setChildrenCollapsible(False)
        buttons = QDialogButtonBox()
        for button in (self.copy_markdown, self.copy_csv):
            buttons.addButton(button, QDialogButtonBox.ButtonRole.ActionRole)
        buttons.addButton(self._close, QDialogButtonBox.ButtonRole.RejectRole)
        column = self._column = QVBoxLayout(self)
        column.addLayout(top)
        column.addWidget(self._split, 1)
        column.addWidget(buttons)

        session.changed.connect(self._follow)
        language.changed.connect(self.retranslate)
        theme.changed.connect(self._restyle)
        self.retranslate()
        room = screen_room.of(self)
        self.resize(min(theme.px(_WIDTH), room.width()), min(theme.px(_HEIGHT), room.height()))

    @property
    def comparison(self) -> Comparison:
        """What is shown."""
        return self._comparison

    def choose(self, side: Side) -> None:
        """Put the network beside this one."""
        self._side = side
        self._compare()

    def retranslate(self) -> None:
        """Say everything in the present language."""
        self.setWindowTitle(tr("Compare"))
        self._with.setText(tr("Compare with"))
        self.only_differences.setText(tr("Only differences"))
        self.copy_markdown.setText(tr("Copy as Markdown"))
        self.copy_csv.setText(tr("Copy as CSV"))
        self._close.setText(tr("Close"))
        self.layers.setAccessibleName(tr("Layers of both networks"))
        self.totals.setAccessibleName(tr("Both networks as a whole"))
        self._show()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if not self._side.report.rows:
            self._side = self.side.first()
        self._compare()
        self._share()
        self.layers.setFocus()

    # --- following ----------------------------------------------------------------------------

    def _follow(self, change: Change) -> None:
        if change.opened and self._side.same_origin:
            self._side = empty()  # it was a step of another project
            if self.isVisible():
                self._side = self.side.first()
        if self.isVisible() and change.report is not change.old_report:
            self._compare()

    def _compare(self) -> None:
        self._comparison = compare(
            self._side.report, self._session.report, same_origin=self._side.same_origin
        )
        self._show()

    def _show(self) -> None:
        comparison = self._comparison
        self.side.show_side(self._side)
        only = self.only_differences.isChecked()
        self._pairs = tuple(
            pair for pair in comparison.pairs if not only or pair.verdict != "equal"
        )
        self._rows.clear()
        names, head = self._names(), self._head()
        titles = [f"{name if place == 0 else ''}\n{word}" for name in names
                  for place, word in enumerate(head)]  # fmt: skip
        self.layers.set_contents(
            Contents((*titles[:_SIDE], "\n", *titles[_SIDE:]), len(self._pairs), self._cell)
        )
        lines = [
            [Cell(word, strong=bool(place > 2 and total.difference), number=place > 0)
             for place, word in enumerate(total_cells(total, text))]
            for total in comparison.totals
        ]  # fmt: skip
        self.totals.set_contents(
            Contents(("", *names, tr("Difference"), tr("Ratio")), len(lines), plain_rows(lines))
        )
        self.totals.setMaximumHeight(self.totals.full_height() + theme.px(4))
        self._told.setText(
            tr(
                "{equal:,} alike =   {changed:,} changed ≠   {left:,} only left −   "
                "{right:,} only right +",
                equal=comparison.count("equal"),
                changed=comparison.count("changed"),
                left=comparison.count("left"),
                right=comparison.count("right"),
            )
        )

    def _names(self) -> tuple[str, str]:
        own = network_name(self._session.network.name) or tr("This network")
        return text(self._side.title), own

    def _head(self) -> tuple[str, ...]:
        return tr("Layer"), tr("Output"), tr("Parameters"), tr("Multiply-adds"), tr("Sees")

    def _share(self) -> None:
        """All totals, up to half of the room; the layers, which may be thousands, have the rest.
        From then on the handle between them may be moved."""
        self._column.activate()
        whole = self._split.height() - self._split.handleWidth()
        totals = min(self.totals.maximumHeight(), whole // 2)
        self._split.setSizes([whole - totals, totals])

    def _restyle(self) -> None:
        self._show()
        self._share()

    # --- cells --------------------------------------------------------------------------------

    def _cell(self, row: int, column: int) -> Cell:
        if row not in self._rows:
            self._rows[row] = tuple(self._cells(self._pairs[row]))
        return self._rows[row][column]

    def _cells(self, pair: Pair) -> Iterator[Cell]:
        """A side, the mark, the other side."""
        words = self._verdict(pair)
        alone = pair.left is None or pair.right is None
        for side, row in enumerate((pair.left, pair.right)):
            for place, words_of_cell in enumerate(cells(row, _name)):
                differs = any(aspect in pair.differs for aspect in _ASPECTS[place])
                yield Cell(
                    words_of_cell,
                    strong=differs or (alone and place == 0),
                    marked=differs,
                    number=place > 0,
                    quiet=row is not None and not differs and not alone,
                    tip=words if place == 0 else "",
                )
            if side == 0:
                yield Cell(
                    MARKS[pair.verdict],
                    quiet=pair.verdict == "equal",
                    centred=True,
                    tip=words,
                    spoken=words,
                )

    def _verdict(self, pair: Pair) -> str:
        """In words what the mark says, and which settings differ."""
        if pair.left is None:
            return tr("only right")
        if pair.right is None:
            return tr("only left")
        if not pair.differs:
            return tr("alike")
        said = []
        if "place" in pair.differs:
            said.append(tr("moved"))
        one, other = pair.left.layer, pair.right.layer
        if one.enabled != other.enabled:
            said.append(tr("enabled again") if other.enabled else tr("disabled"))
        if type(one) is type(other):
            changed = changed_settings(one, other)
            said += [
                f"{text(field.title)}: {_value(getattr(one, field.name))} → "
                f"{_value(getattr(other, field.name))}"
                for field in fields_of(type(one))
                if field.name in changed
            ]
        return "\n".join(said) or tr("changed")

    # --- copying ------------------------------------------------------------------------------

    def _copy_markdown(self) -> None:
        sums = (tr("Difference"), tr("Ratio"))
        said = markdown(self._comparison, self._names(), self._head(), sums, _name, text)
        QGuiApplication.clipboard().setText(said)

    def _copy_csv(self) -> None:
        QGuiApplication.clipboard().setText(comma_separated(self._comparison))


def _name(row: Row) -> str:
    return name_of(row, text)


def _value(value: object) -> str:
    """A setting in few words."""
    if isinstance(value, bool):
        return tr("yes") if value else tr("no")
    if value is None or value == ():
        return "—"
    words = str(value)
    return words if len(words) <= 40 else f"{words[:39]}…"
