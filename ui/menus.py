"""The menu bar: every action of the program, with its keys.

An action that is switched off says why in its status tip; the window has no status bar.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, get_args

from PySide6.QtCore import QObject
from PySide6.QtGui import QAction, QActionGroup, QKeySequence
from PySide6.QtWidgets import QMenu

from cnnviz.message import Message
from ui import settings
from ui.able import allow, tell_reasons
from ui.canvas.entries import fill_insert_menu
from ui.exports import export_titles
from ui.i18n import language, tr
from ui.known_networks import KnownNetworks
from ui.stillness import calmly
from ui.theme import theme

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from PySide6.QtWidgets import QMainWindow

    from ui.documents import Documents
    from ui.session import Session

EXPORTS = (("pytorch", "reference", "keras", "onnx"), ("svg", "png", "pdf"), ("markdown", "csv"))
EXPORT_KEYS = {"pytorch": "Ctrl+E"}
SCALES = (1.0, 1.25, 1.5, 1.75, 2.0)


class Menus(QObject):
    """Makes the menus of a window and keeps their texts and states true."""

    def __init__(self, window: QMainWindow, session: Session, documents: Documents) -> None:
        super().__init__(window)
        self._window, self._session, self._documents = window, session, documents
        keys = QKeySequence.StandardKey
        self.new = self._action(documents.new, keys.New)
        self.open = self._action(documents.open, keys.Open)
        self.save = self._action(documents.save, keys.Save)
        self.save_as = self._action(documents.save_as, "Ctrl+Shift+S")
        self.exports = {
            name: self._action(partial(documents.exports.ask, name), EXPORT_KEYS.get(name, ""))
            for group in EXPORTS
            for name in group
        }
        # The standard key is empty on some platforms.
        self.quit = self._action(window.close, "Ctrl+Q", QAction.MenuRole.QuitRole)
        self.undo = self._action(session.undo, keys.Undo)
        self.redo = self._action(session.redo, "Ctrl+Shift+Z")
        self.redo.setShortcuts([QKeySequence("Ctrl+Shift+Z"), QKeySequence("Ctrl+Y")])
        self.channels_first = self._action(self._toggle_channels)
        self.channels_first.setCheckable(True)
        self.full_screen = self._action(self._toggle_full_screen, "Shift+F11")
        self.reduced_motion = self._action(self._toggle_motion)
        self.reduced_motion.setCheckable(True)
        self.larger = self._action(lambda: self._step_scale(1), "Ctrl+Shift+=")
        self.smaller = self._action(lambda: self._step_scale(-1), "Ctrl+Shift+-")
        self._clear_recent = self._action(settings.clear_recent)
        bar = window.menuBar()
        self.file, self.edit, self.insert = QMenu(bar), QMenu(bar), QMenu(bar)
        self.input, self.data, self.training = QMenu(bar), QMenu(bar), QMenu(bar)
        self.view, self.help = QMenu(bar), QMenu(bar)
        for menu in self._menus:
            bar.addMenu(menu)
        self._presets = KnownNetworks(documents.new_from, self.file)
        self._recent = QMenu(self.file)
        self._export = QMenu(self.file)
        self._themes, self._languages = QMenu(self.view), QMenu(self.view)
        self._scales = QMenu(self.view)
        self._theme_actions = self._choices(self._themes, get_args(settings.Mode), self._set_theme)
        codes = [code for code, _ in language.available()]
        self._language_actions = self._choices(self._languages, codes, self._set_language)
        self._scale_actions = self._choices(self._scales, SCALES, self._set_scale)
        self._recent.aboutToShow.connect(self._fill_recent)
        self.insert.aboutToShow.connect(lambda: fill_insert_menu(self.insert, session))
        language.changed.connect(self.retranslate)
        theme.changed.connect(self.refresh)
        session.changed.connect(self.refresh)
        session.file_changed.connect(self.refresh)

    @property
    def _menus(self) -> tuple[QMenu, ...]:
        first = self.file, self.edit, self.insert, self.input, self.data
        return *first, self.training, self.view, self.help

    def fill(
        self,
        *,
        files: Sequence[QAction],
        exports: Sequence[QAction],
        layers: Sequence[QAction],
        inputs: Sequence[QAction],
        data: Sequence[QAction],
        training: Sequence[QAction],
        views: Sequence[QAction],
        helps: Sequence[QAction],
    ) -> None:
        """Put in the actions that belong to the views; called once."""
        self.file.addActions([self.new])
        self.file.addMenu(self._presets)
        self.file.addActions([self.open])
        self.file.addMenu(self._recent)
        self.file.addSeparator()
        self.file.addActions([self.save, self.save_as])
        self.file.addMenu(self._export)
        for group in EXPORTS:
            self._export.addSeparator()
            self._export.addActions([self.exports[name] for name in group])
        self._export.addSeparator()
        self._export.addActions(list(exports))
        self.file.addActions(list(files))
        self.file.addSeparator()
        self.file.addAction(self.quit)
        self.edit.addActions([self.undo, self.redo])
        self.edit.addSeparator()
        self.edit.addActions(list(layers))
        self.input.addActions(list(inputs))
        self.data.addActions(list(data))
        self.training.addActions(list(training))
        self.view.addActions(list(views))
        self.view.addSeparator()
        for menu in (self._themes, self._languages, self._scales):
            self.view.addMenu(menu)
        self.view.addActions([self.larger, self.smaller, self.reduced_motion])
        self.view.addActions([self.channels_first, self.full_screen])
        self.help.addActions(list(helps))
        for menu in self._menus:
            tell_reasons(menu)
        self.retranslate()

    def retranslate(self) -> None:
        """Set all texts in the present language."""
        titles = (
            tr("&File"),
            tr("&Edit"),
            tr("&Insert"),
            tr("I&nput"),
            tr("&Data"),
            tr("&Training"),
            tr("&View"),
            tr("&Help"),
        )
        for menu, title in zip(self._menus, titles, strict=True):
            menu.setTitle(title)
        self.new.setText(tr("New"))
        self._presets.setTitle(tr("New from a known network"))
        self.open.setText(tr("Open…"))
        self._recent.setTitle(tr("Open recent"))
        self._clear_recent.setText(tr("Clear this list"))
        self.save.setText(tr("Save"))
        self.save_as.setText(tr("Save as…"))
        self._export.setTitle(tr("Export"))
        for name, title in export_titles().items():
            self.exports[name].setText(f"{title}…")
        self.quit.setText(tr("Quit"))
        self._themes.setTitle(tr("Theme"))
        self._languages.setTitle(tr("Language"))
        self._scales.setTitle(tr("Size of type"))
        self.larger.setText(tr("Larger type"))
        self.smaller.setText(tr("Smaller type"))
        self.channels_first.setText(tr("Channels first in shapes"))
        self.reduced_motion.setText(tr("Reduced motion"))
        self.full_screen.setText(tr("Full screen"))
        names = (
            tr("Light"),
            tr("Dark"),
            tr("As the system"),
            tr("High contrast, light"),
            tr("High contrast, dark"),
        )
        for action, name in zip(self._theme_actions, names, strict=True):
            action.setText(name)
        for action, (_, name) in zip(self._language_actions, language.available(), strict=True):
            action.setText(name)
        for action, scale in zip(self._scale_actions, SCALES, strict=True):
            action.setText(f"{scale:.0%}")
        self.refresh()

    def refresh(self) -> None:
        """Name the steps that can be taken back, and mark what is chosen."""
        back, forth = self._session.undo_label, self._session.redo_label
        self.undo.setText(tr("Undo: {step}", step=back) if back else tr("Undo"))
        allow(self.undo, None if back else Message("Nothing has been changed yet"))
        self.redo.setText(tr("Redo: {step}", step=forth) if forth else tr("Redo"))
        allow(self.redo, None if forth else Message("Nothing has been taken back"))
        self.reduced_motion.setChecked(theme.reduced_motion)
        self.channels_first.setChecked(language.channels_first)
        for actions, chosen in (
            (self._theme_actions, theme.mode),
            (self._language_actions, language.code),
            (self._scale_actions, theme.chosen_scale),
        ):
            for action in actions:
                action.setChecked(action.data() == chosen)

    def _toggle_channels(self) -> None:
        settings.set_channels_first(not language.channels_first)
        calmly(partial(language.setting_channels_first, not language.channels_first))

    def _toggle_motion(self) -> None:
        theme.set_reduced_motion(not theme.reduced_motion)
        settings.set_reduced_motion(theme.reduced_motion)

    def next_language(self) -> None:
        """Speak the other language."""
        codes = [code for code, _ in language.available()]
        self._set_language(codes[(codes.index(language.code) + 1) % len(codes)])

    def toggle_theme(self) -> None:
        """From light to dark and back."""
        other: settings.Mode = "light" if theme.dark else "dark"
        if theme.contrast:
            other = "contrast_light" if theme.dark else "contrast_dark"
        self._set_theme(other)

    # --- inside -------------------------------------------------------------------------------

    def _action(
        self,
        do: Callable[[], object],
        keys: QKeySequence.StandardKey | str = "",
        role: QAction.MenuRole = QAction.MenuRole.NoRole,
    ) -> QAction:
        action = QAction(self._window)
        action.setShortcut(QKeySequence(keys))
        action.setMenuRole(role)
        action.triggered.connect(lambda _checked=False: do())
        self._window.addAction(action)
        return action

    def _choices(
        self, menu: QMenu, values: Sequence[object], choose: Callable[..., None]
    ) -> list[QAction]:
        group = QActionGroup(menu)
        actions = []
        for value in values:
            action = menu.addAction("")
            action.setCheckable(True)
            action.setData(value)
            action.triggered.connect(lambda _=False, value=value: choose(value))
            group.addAction(action)
            actions.append(action)
        return actions

    def _set_theme(self, mode: settings.Mode) -> None:
        theme.set_mode(mode)
        settings.set_theme_mode(mode)

    def _set_language(self, code: str) -> None:
        calmly(partial(language.translate_qt, code), partial(language.setting, code))
        settings.set_language(code)

    def _set_scale(self, scale: float) -> None:
        theme.set_scale(scale)
        settings.set_scale(scale)

    def _step_scale(self, by: int) -> None:
        near = min(range(len(SCALES)), key=lambda place: abs(SCALES[place] - theme.chosen_scale))
        self._set_scale(SCALES[min(max(near + by, 0), len(SCALES) - 1)])

    def _toggle_full_screen(self) -> None:
        if self._window.isFullScreen():
            self._window.showNormal()
        else:
            self._window.showFullScreen()

    def _fill_recent(self) -> None:
        self._recent.clear()
        for path in settings.recent_files():
            action = self._recent.addAction(path.name)
            action.setToolTip(str(path))
            action.triggered.connect(lambda _=False, path=path: self._documents.open(path))
        if not self._recent.isEmpty():
            self._recent.addSeparator()
        none = Message("No file has been opened or saved yet")
        allow(self._clear_recent, none if self._recent.isEmpty() else None)
        self._recent.addAction(self._clear_recent)
