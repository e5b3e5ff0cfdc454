"""The data set that the project is for: a pill, with what is known of it in its menu."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QMenu, QVBoxLayout, QWidget, QWidgetAction

from ui.i18n import language, text, tr
from ui.theme import theme
from ui.widgets.chip import Chip
from ui.widgets.labels import Label

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtGui import QAction

    from ui.session import Session
    from ui.session_state import Change


LONGEST = 24
"""Characters of a name; a folder may be called whatever it likes."""


class DatasetChip(Chip):
    """Names the data set; its menu says how many images it has and where they come from, and has
    the others to choose from."""

    def __init__(
        self, session: Session, choices: Sequence[QAction], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._session = session
        self._facts_menu = QMenu(self)
        self._title = Label(role="heading")
        self._facts = Label()
        self._source = Label(role="muted")
        self._source.setWordWrap(True)
        self._page = QWidget()
        self._column = QVBoxLayout(self._page)
        for label in (self._title, self._facts, self._source):
            self._column.addWidget(label)
        action = QWidgetAction(self._facts_menu)
        action.setDefaultWidget(self._page)
        self._facts_menu.addAction(action)
        self._facts_menu.addSeparator()
        self._facts_menu.addActions(list(choices))
        self.setMenu(self._facts_menu)
        session.changed.connect(self._follow)
        theme.changed.connect(self._resize)
        language.changed.connect(self.retranslate)
        self._resize()
        self.retranslate()

    def retranslate(self) -> None:
        """Set all texts."""
        known = self._session.dataset
        name = text(known.title)
        self.setText(name if len(name) <= LONGEST else f"{name[: LONGEST - 1]}…")
        self._title.setText(name)
        self._facts.setText(
            tr(
                "{train:,} training images\n{test:,} test images\n"
                "{height}×{width} pixels, {classes} classes",
                train=known.train_count,
                test=known.test_count,
                height=known.height,
                width=known.width,
                classes=len(known.classes),
            )
        )
        self._source.setText(
            tr("{source}\nLicence: {licence}", source=known.source, licence=known.licence)
        )
        self.setAccessibleName(tr("Data set: {name}", name=name))
        self.setAccessibleDescription(f"{self._facts.text()}\n{self._source.text()}")
        self.setToolTip(tr("The images that the network learns from and is tested with."))

    def _follow(self, change: Change) -> None:
        if change.new.project.dataset != change.old.project.dataset:
            self.retranslate()

    def _resize(self) -> None:
        px = theme.px
        self._column.setContentsMargins(px(10), px(6), px(10), px(6))
        self._column.setSpacing(px(6))
        self._source.setFixedWidth(px(250))
