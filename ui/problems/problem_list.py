"""The list of all problems: whose they are, what is wrong, and the ways out with their outcome."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, Qt, QTimer
from PySide6.QtWidgets import QFrame, QGridLayout, QScrollArea, QVBoxLayout, QWidget

from cnnviz.analysis import analyze
from cnnviz.network import INPUT_UID
from ui.i18n import language, text, tr
from ui.theme import theme
from ui.widgets import screen_room
from ui.widgets.buttons import Button
from ui.widgets.labels import Label

if TYPE_CHECKING:
    from PySide6.QtGui import QKeyEvent

    from cnnviz.analysis import Trouble
    from cnnviz.fixes import Fix
    from ui.session import Session

_WIDTH = 460
_MOST_ROOM = 0.7
"""Of the height of the screen."""


class ProblemList(QFrame):
    """Follows the session while it is open: a problem that is mended goes, and with the last one
    the list."""

    def __init__(self, session: Session, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self.setObjectName("problem-list")
        self._session = session
        self._below = parent
        self._page = QWidget()
        self._scroll = QScrollArea()
        self._scroll.setWidgetResizable(True)
        self._scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._rows = QVBoxLayout(self._page)
        self._scroll.setWidget(self._page)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._scroll)
        self._buttons: list[Button] = []
        self._unknown: list[tuple[Label, Fix]] = []
        """The ways out whose outcome has not been worked out yet."""
        self._later = QTimer(self, interval=0)
        self._later.timeout.connect(self._find_out)
        session.changed.connect(self._follow)
        language.changed.connect(self._follow)
        theme.changed.connect(self.hide)

    def pop_up(self, below: QWidget) -> None:
        """Open below a widget, or at the top of its window where it is not shown."""
        self._below = below
        self._fill()
        self.show()
        self._fit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.hide()
        elif event.key() in {Qt.Key.Key_Down, Qt.Key.Key_Up}:
            self.focusNextPrevChild(event.key() == Qt.Key.Key_Down)
        else:
            super().keyPressEvent(event)

    # --- inside -------------------------------------------------------------------------------

    def _follow(self) -> None:
        if not self.isVisible():
            return
        if not self._session.report.problems:
            self.hide()
            return
        self._fill()
        self._fit()

    def _fill(self) -> None:
        self._unknown = []
        while (item := self._rows.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        self.setAccessibleName(tr("List of problems"))
        pad = theme.px(10)
        self._rows.setContentsMargins(pad, pad, pad, pad)
        self._rows.setSpacing(theme.px(10))
        self._buttons = []
        for trouble in self._session.report.problems:
            self._rows.addWidget(self._row(trouble))
        if self._buttons:
            self._buttons[0].setFocus()
        self._later.start()

    def _row(self, trouble: Trouble) -> QWidget:
        row = QWidget()
        grid = QGridLayout(row)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setVerticalSpacing(theme.px(3))
        grid.setColumnStretch(1, 1)
        headline, detail = text(trouble.problem.headline), text(trouble.problem.detail)
        goto = Button(self._name(trouble.uid), "warning", quiet=True)
        goto.setAccessibleDescription(f"{headline} {detail}")
        goto.setToolTip(tr("Select this layer"))
        goto.clicked.connect(lambda: self._select(trouble.uid))
        self._buttons.append(goto)
        grid.addWidget(goto, 0, 0, 1, 2, Qt.AlignmentFlag.AlignLeft)
        for number, (words, role) in enumerate(((headline, "danger"), (detail, "caption")), 1):
            label = Label(words, role)  # type: ignore[arg-type]
            label.setWordWrap(True)
            grid.addWidget(label, number, 0, 1, 2)
        for number, fix in enumerate(trouble.fixes, 3):
            button, outcome = Button(text(fix.label)), Label("", "caption")
            outcome.setWordWrap(True)
            button.clicked.connect(lambda _=False, fix=fix: self._session.fix(fix))
            self._buttons.append(button)
            grid.addWidget(button, number, 0)
            grid.addWidget(outcome, number, 1)
            self._unknown.append((outcome, fix))
            outcome.setBuddy(button)
        return row

    def _name(self, uid: str) -> str:
        if uid == INPUT_UID:
            return tr("Input")
        row = self._session.report.row(uid)
        number = ".".join(str(int(step) + 1) for step in row.path.split("/"))
        return f"{number}  {text(row.layer.name)} {row.layer.detail}".strip()

    def _find_out(self) -> None:
        """Say what one way out leads to; between two of them the window answers."""
        if not self._unknown or not self.isVisible():
            self._later.stop()
            return
        label, fix = self._unknown.pop(0)
        left = len(analyze(fix.network, len(self._session.dataset.classes)).problems)
        words = tr("leaves 1 problem") if left == 1 else tr("leaves {n:,} problems", n=left)
        label.setText(words if left else tr("then the network works"))
        button = label.buddy()
        if button is not None:
            button.setAccessibleDescription(label.text())

    def _select(self, uid: str) -> None:
        self.hide()
        self._session.select(uid)

    def _fit(self) -> None:
        """As high as it needs to be, within the screen."""
        room = screen_room.of(self)
        bar = self._scroll.verticalScrollBar().sizeHint().width()
        width = min(theme.px(_WIDTH), room.width())
        self._rows.activate()
        height = self._rows.totalHeightForWidth(width - bar) + 2 * theme.px(2)
        self.resize(width, min(height, round(room.height() * _MOST_ROOM)))
        below = self._below if self._below.isVisible() else self._below.window()
        corner = below.mapToGlobal(QPoint(0, below.height() if below is self._below else 0))
        self.move(screen_room.place_over(corner + QPoint(0, theme.px(4)), self.size(), self._below))
