"""The menu of the networks that come with the program, group by group."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QMenu

from cnnviz.presets import GROUPS, Preset
from ui.i18n import language, text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from PySide6.QtGui import QAction
    from PySide6.QtWidgets import QWidget


class KnownNetworks(QMenu):
    """A submenu for each group; each network says what it taught and where it comes from."""

    def __init__(self, choose: Callable[[str], None], parent: QWidget) -> None:
        """choose: is called with the name of the preset."""
        super().__init__(parent)
        self._groups = [self.addMenu("") for _ in GROUPS]
        self._actions: list[tuple[QAction, Preset]] = []
        for menu, group in zip(self._groups, GROUPS, strict=True):
            menu.setToolTipsVisible(True)
            for name, known in group.presets.items():
                action = menu.addAction("")
                action.triggered.connect(lambda _=False, name=name: choose(name))
                self._actions.append((action, known))
        language.changed.connect(self.retranslate)
        self.retranslate()

    def retranslate(self) -> None:
        """Set all texts but the title, which says what choosing does."""
        for menu, group in zip(self._groups, GROUPS, strict=True):
            menu.setTitle(text(group.title))
        for action, known in self._actions:
            action.setText(text(known.title))
            action.setToolTip("\n".join(_said_of(known)))


def _said_of(known: Preset) -> Iterator[str]:
    yield text(known.taught)
    if known.figures is not None:
        yield text(known.figures)
    yield known.source
