"""All settings of training with their help, in a panel that pops up below its button."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QFrame, QGridLayout, QVBoxLayout, QWidget

from ui.i18n import language, text, tr
from ui.theme import theme
from ui.training.settings import FIELDS, Setting
from ui.widgets.labels import Label

if TYPE_CHECKING:
    from PySide6.QtGui import QKeyEvent

    from ui.engine_client import EngineClient
    from ui.session import Session

COLUMNS = 2


class SettingsPanel(QFrame):
    """The full form: what has no effect with the present optimizer is disabled."""

    def __init__(self, session: Session, engine: EngineClient, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self.setObjectName("settings-panel")
        self._heading = Label(role="heading")
        self._settings = [Setting(field, session, engine, self) for field in FIELDS]
        self._titles = [Label(role="label", parent=self) for _ in FIELDS]
        self._helps = [Label(role="caption", parent=self) for _ in FIELDS]
        self._grid = QGridLayout()
        for index, setting in enumerate(self._settings):
            row, column = 2 * (index // COLUMNS), 2 * (index % COLUMNS)
            self._titles[index].setBuddy(setting.editor)
            self._helps[index].setWordWrap(True)
            top = Qt.AlignmentFlag.AlignTop
            self._grid.addWidget(self._titles[index], row, column)
            self._grid.addWidget(setting.editor, row, column + 1)
            self._grid.addWidget(self._helps[index], row + 1, column, 1, 2, top)
        self._column = QVBoxLayout(self)
        self._column.addWidget(self._heading)
        self._column.addLayout(self._grid)
        session.changed.connect(self._refresh)
        engine.progress_changed.connect(self._follow_run)
        theme.changed.connect(self._restyle)
        language.changed.connect(self.retranslate)
        self._restyle()
        self._refresh()
        self.retranslate()

    def retranslate(self) -> None:
        """Set all texts."""
        self.setAccessibleName(tr("Training settings"))
        self._heading.setText(tr("Training settings"))
        for setting, title, words in zip(self._settings, self._titles, self._helps, strict=True):
            title.setText(text(setting.field.title))
            words.setText(text(setting.field.help))
            setting.describe()

    def pop_up(self, below: QWidget) -> None:
        """Open below a widget, within its screen, with the first field ready."""
        self._describe()
        self.adjustSize()
        place = below.mapToGlobal(QPoint(below.width(), below.height() + theme.px(4)))
        room = below.screen().availableGeometry()
        left = min(max(place.x() - self.width(), room.left()), room.right() - self.width())
        top = min(place.y(), room.bottom() - self.height())
        self.move(max(left, room.left()), max(top, room.top()))
        self.show()
        self._settings[0].editor.setFocus(Qt.FocusReason.PopupFocusReason)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.close()
        else:
            super().keyPressEvent(event)

    def _refresh(self) -> None:
        for setting, title in zip(self._settings, self._titles, strict=True):
            setting.refresh()
            setting.editor.setEnabled(setting.counts)
            title.setEnabled(setting.counts)

    def _follow_run(self) -> None:
        if self.isVisible():
            self._describe()

    def _describe(self) -> None:
        for setting in self._settings:
            setting.describe()

    def _restyle(self) -> None:
        px, colors = theme.px, theme.colors
        look = f"background: {colors.surface}; border: 1px solid {colors.border};"
        self.setStyleSheet(f"#settings-panel {{ {look} }}")
        self._column.setContentsMargins(px(16), px(12), px(16), px(14))
        self._column.setSpacing(px(10))
        self._grid.setHorizontalSpacing(px(10))
        self._grid.setVerticalSpacing(px(3))
        for index, setting in enumerate(self._settings):
            setting.editor.setFixedWidth(px(110))
            self._titles[index].setMinimumWidth(px(110))
            self._helps[index].setMinimumHeight(px(34))
