"""The palette: a chip for each kind of layer, which can be filtered by typing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, QPoint, Qt
from PySide6.QtGui import QAction, QKeyEvent
from PySide6.QtWidgets import QFrame, QLineEdit, QMenu, QVBoxLayout, QWidget

from ui.canvas.chip import Chip, LayerChip, MenuChip
from ui.canvas.entries import MORE, Entry, insert, palette_entries
from ui.i18n import language, text, tr
from ui.icons import icon
from ui.theme import theme
from ui.widgets.flow_layout import FlowLayout

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from PySide6.QtGui import QContextMenuEvent, QResizeEvent, QShowEvent

    from cnnviz.layers.base import Family
    from ui.session import Session

__all__ = ["Entry", "Palette", "palette_entries"]

_MARGIN_X, _MARGIN_Y = 12, 9
_SPACING = 6
_FILTER_WIDTH, _NARROW_FILTER = 116, 72
_ROWS = 2
"""More would take the room of the cards."""
_LOW_WINDOW, _LOWEST_WINDOW = 520, 400
"""At scale 1: in a lower window the cards need the second row, and what a filter finds, too."""
_GIVE_WAY = (
    "Softmax", "Tanh", "Sigmoid", "Depthwise", "Global pool", "Dense block", "Avg pool",
    "Inception", "Dropout", "Batch norm", "Residual", "Flatten", "Branches",
)  # fmt: skip
"""The titles of those that go into the menus where there is no room, the first of them first."""
_LAST_TO_GO = ("Dense", "ReLU", "Max pool")
"""In one row."""


class Palette(QFrame):
    """Chips in the order of the families, two rows at most. Those of a family that are less
    common, and those for which there is no room, share one, until a filter finds them."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._rows = _ROWS
        self.setProperty("panel", True)
        entries = palette_entries()
        self._more: dict[Family, MenuChip] = {}
        self._chips = [LayerChip(entry) for entry in entries]
        self._filter = QLineEdit()
        self._search = QAction(self)
        self._filter.addAction(self._search, QLineEdit.ActionPosition.LeadingPosition)
        self._filter.setClearButtonEnabled(True)
        self._flow_of_chips = QWidget()
        self._flow = FlowLayout(self._flow_of_chips, _SPACING)
        for chip in self._chips:
            chip.double_clicked.connect(lambda chip=chip: self._insert(chip.entry))
            chip.clicked.connect(lambda _=False, chip=chip: self._insert(chip.entry))
            family = chip.entry.family
            if not chip.entry.common and family not in self._more:
                first = next(one.entry for one in self._chips if one.entry.family == family)
                more = self._more[family] = MenuChip(family, first.icon)
                more.clicked.connect(lambda _=False, family=family: self._open_more(family))
                self._flow.addWidget(more)
                self._flow.keep_together(more)  # a bare arrow at the start of a row is a riddle
            self._flow.addWidget(chip)
        self._flow.addWidget(self._filter)
        self._column = QVBoxLayout(self)
        self._column.addWidget(self._flow_of_chips)
        for widget in (*self._all_chips(), self._filter):
            widget.installEventFilter(self)
        self._filter.textChanged.connect(self._show_matching)
        self._filter.returnPressed.connect(self._insert_first)
        theme.changed.connect(self._restyle)
        language.changed.connect(self.retranslate)
        self._restyle()
        self.retranslate()
        self._show_matching()

    def chip_center(self, title_template: str) -> QPoint:
        """The middle of a chip on the screen, by the English title of its entry.

        Raises KeyError where no chip of that title is shown.
        """
        for chip in self._shown():
            if isinstance(chip, LayerChip) and chip.entry.title.template == title_template:
                return chip.mapToGlobal(chip.rect().center())
        raise KeyError(title_template)

    def retranslate(self) -> None:
        """Set all texts."""
        self.setAccessibleName(tr("Layers to insert"))
        for chip in self._chips:
            title = text(chip.entry.title)
            chip.setText(title)
            chip.setToolTip(text(chip.entry.help))
            chip.setAccessibleName(title)
            chip.setAccessibleDescription(text(chip.entry.help))
        for family, more in self._more.items():
            more.setAccessibleName(text(MORE[family]))
            more.setToolTip(text(MORE[family]))
        self._filter.setPlaceholderText(tr("Filter"))
        self._filter.setAccessibleName(tr("Filter the layers"))
        self._show_matching()
        self._flow.invalidate()

    # --- inserting ----------------------------------------------------------------------------

    def _insert(self, entry: Entry) -> None:
        insert(self._session, entry)

    def _insert_first(self) -> None:
        """Enter in the filter inserts the first layer that it has found."""
        found = self._shown()
        if self._filter.text().strip() and found and isinstance(found[0], LayerChip):
            self._insert(found[0].entry)
            self._filter.clear()

    def _open_more(self, family: Family) -> None:
        menu, chip = self._menu(), self._more[family]
        for hidden in self._chips:
            if hidden.isHidden() and hidden.entry.family == family:
                self._add(menu, hidden.entry, text(hidden.entry.title))
        menu.popup(chip.mapToGlobal(QPoint(0, chip.height() + theme.px(2))))

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        chip = self.childAt(event.pos())
        if not isinstance(chip, LayerChip):
            return
        menu, entry = self._menu(), chip.entry
        self._add(menu, entry, tr("Insert after the selection"))
        last = menu.addAction(tr("Insert at the end"))
        last.triggered.connect(lambda: self._insert_last(entry))
        menu.popup(event.globalPos())

    def _insert_last(self, entry: Entry) -> None:
        end = len(self._session.network.layers)
        self._session.insert(entry.make(self._session, end), end, entry.title)

    def _menu(self) -> QMenu:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.setToolTipsVisible(True)
        return menu

    def _add(self, menu: QMenu, entry: Entry, words: str) -> None:
        action = menu.addAction(icon(entry.icon, theme.colors.families[entry.family]), words)
        action.setToolTip(text(entry.help))
        action.triggered.connect(lambda: self._insert(entry))

    # --- filter and keys ----------------------------------------------------------------------

    def _show_matching(self) -> None:
        """By the title in the present language or in English; without a filter all that fit."""
        wanted = self._filter.text().strip().casefold()
        for chip in self._chips:
            titles = (text(chip.entry.title), str(chip.entry.title))
            found = any(wanted in title.casefold() for title in titles)
            chip.setVisible(found if wanted else chip.entry.common)
        for more in self._more.values():
            more.setVisible(not wanted)
        if wanted:
            self._fit_found()
        else:
            self._fit()
        for family, more in self._more.items():
            own = (chip for chip in self._chips if chip.entry.family == family)
            more.set_alone(all(chip.isHidden() for chip in own))

    def _fit(self) -> None:
        """Send chips into the menus until what is left needs no row more than there may be."""
        self._rows = self._rows_there_may_be()
        self._filter.setFixedWidth(theme.px(_FILTER_WIDTH))
        self._flow.set_keeping(True)
        self._hide_until_it_fits(self._least_important(), self._rows)

    def _fit_found(self) -> None:
        """Of what a filter has found, as much as there is room for; another letter finds less."""
        self._filter.setFixedWidth(theme.px(_FILTER_WIDTH))  # the whole word is to be seen
        found = [chip for chip in self._chips if not chip.isHidden()]
        rows = 1 if self.window().height() < theme.px(_LOWEST_WINDOW) else _ROWS
        self._hide_until_it_fits((chip.hide for chip in reversed(found[1:])), rows)

    def _hide_until_it_fits(self, steps: Iterable[Callable[[], None]], rows: int) -> None:
        margins = self._column.contentsMargins()
        width = self.width() - margins.left() - margins.right()
        chip = self._chips[0].sizeHint().height()
        most = rows * chip + (rows - 1) * self._flow.spacing()
        most += max(0, self._filter.sizeHint().height() - chip)
        for step in steps:
            self._flow.invalidate()
            if self._flow.heightForWidth(width) <= most:
                return
            step()

    def _least_important(self) -> Iterator[Callable[[], None]]:
        """What makes room, step by step: all of it stands in the Insert menu, too."""
        chips = {chip.entry.title.template: chip for chip in self._chips if not chip.isHidden()}
        yield from (chips[title].hide for title in _GIVE_WAY if title in chips)
        yield lambda: self._filter.setFixedWidth(theme.px(_NARROW_FILTER))
        yield lambda: self._flow.set_keeping(False)
        yield from (chips[title].hide for title in _LAST_TO_GO if title in chips)
        for more in reversed(self._more.values()):
            yield more.hide

    def _rows_there_may_be(self) -> int:
        """One where the window is low for its type, so that the cards have room."""
        window = self.window()
        return 1 if window is not self and window.height() < theme.px(_LOW_WINDOW) else _ROWS

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self._show_matching()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.window().installEventFilter(self)
        self._show_matching()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize and watched is self.window():
            if self._rows != self._rows_there_may_be():
                self._show_matching()
            return False
        if event.type() != QEvent.Type.KeyPress or not isinstance(event, QKeyEvent):
            return False
        key = event.key()
        if watched is self._filter:
            if key == Qt.Key.Key_Escape and self._filter.text():
                self._filter.clear()
                return True
            if key == Qt.Key.Key_Down and self._shown():
                self._shown()[0].setFocus()
                return True
            return False
        steps = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: +1}
        if isinstance(watched, Chip) and key in steps:
            shown = self._shown()
            place = shown.index(watched) + steps[Qt.Key(key)]
            shown[min(max(place, 0), len(shown) - 1)].setFocus()
            return True
        if event.text().isalpha() and not event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self._filter.setFocus()
            self._filter.insert(event.text())
            return True
        return False

    def _all_chips(self) -> list[Chip]:
        return [*self._chips, *self._more.values()]

    def _shown(self) -> list[Chip]:
        """The chips that can be seen, in their order on the screen."""
        items = (self._flow.itemAt(place) for place in range(self._flow.count()))
        widgets = (item.widget() for item in items if item is not None)
        return [chip for chip in widgets if isinstance(chip, Chip) and not chip.isHidden()]

    def _restyle(self) -> None:
        x, y = theme.px(_MARGIN_X), theme.px(_MARGIN_Y)
        self._column.setContentsMargins(x, y, x, y)
        self._flow.setSpacing(theme.px(_SPACING))
        self._search.setIcon(icon("search", theme.colors.text_muted))
        self._show_matching()
