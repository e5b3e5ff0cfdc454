"""Light and dark, and how large: the one place that knows colours, fonts and the style sheet.

Colours have names for what they mean. A widget that paints itself reads `theme.colors` and
`theme.font(...)` when it paints, sizes itself with `theme.px(...)`, and updates when
`theme.changed` is announced.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, Literal, get_args

from PySide6.QtCore import QDir, QObject, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QGuiApplication, QPalette, QStyleHints
from PySide6.QtWidgets import QApplication, QStyleFactory

from cnnviz.assets import asset_path
from ui.announcement import Announcement
from ui.colors import luts
from ui.dressing import dress_in_sight
from ui.palette import CONTRAST_DARK, CONTRAST_LIGHT, DARK, LIGHT, Colors
from ui.stillness import Turns, exhaust
from ui.style_sheet import style_sheet

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator

    from ui.colors import Luts

Mode = Literal["light", "dark", "system", "contrast_light", "contrast_dark"]
FontRole = Literal["body", "caption", "heading", "number", "formula", "title"]

PROJECTED = 1.5
"""How many times larger than chosen type and paddings are on a projector."""

FONT_FAMILIES = [
    "Segoe UI",
    "SF Pro Text",
    ".AppleSystemUIFont",
    "Ubuntu",
    "Cantarell",
    "DejaVu Sans",
    "Noto Sans CJK SC",
    "Microsoft YaHei",
    "PingFang SC",
    "WenQuanYi Micro Hei",
]
"""The first that the system has, and behind it those that have the Chinese characters."""

# Pixels at scale 1, and whether bold.
_FONTS: dict[FontRole, tuple[int, bool]] = {
    "body": (13, False),
    "caption": (11, False),
    "heading": (13, True),
    "number": (13, True),
    "formula": (16, False),
    "title": (18, True),
}


class Theme(QObject):
    """The present look; `changed` is announced after the colours or the scale have changed."""

    beforehand: Callable[[], Iterator[None]] | None = None
    """Works out in steps what a new look will need, before anything is seen to change."""

    def __init__(self) -> None:
        super().__init__()
        self.changed = Announcement()
        self._mode: Mode = "system"
        self._scale = 1.0
        self._prepared = False
        # Both are held: PySide takes what nobody holds for gone.
        self._hints: QStyleHints | None = None
        self._needs: Any = None
        self._system_dark = self._system_contrast = False
        """What the system has said: whoever paints asks for colours a hundred times a second."""
        self._projector = False
        self._reduced_motion = False
        self._shown: tuple[Colors, float, bool] = (LIGHT, 1.0, False)
        self._turns = Turns(self)
        self._turns.ended.connect(self._refresh)  # something else may have been chosen meanwhile

    @property
    def mode(self) -> Mode:
        """What was chosen, whatever a projector needs now."""
        return self._mode

    @property
    def dark(self) -> bool:
        """Whether the ground is dark now; "system" is light where the system is silent."""
        if self._projector:
            return False
        if self._mode != "system":
            return self._mode in {"dark", "contrast_dark"}
        if self._hints is not None:
            return self._system_dark
        if QGuiApplication.instance() is None:  # not prepared yet
            return False
        return QGuiApplication.styleHints().colorScheme() == Qt.ColorScheme.Dark

    @property
    def contrast(self) -> bool:
        """Whether text and outlines stand out as strongly as they can."""
        if self._mode == "system" and not self._projector:
            return self._system_contrast
        return self._mode in {"contrast_light", "contrast_dark"}

    @property
    def colors(self) -> Colors:
        """The colours to paint with now."""
        if self.contrast:
            return CONTRAST_DARK if self.dark else CONTRAST_LIGHT
        return DARK if self.dark else LIGHT

    @property
    def luts(self) -> Luts:
        """The colour tables for values, in the present theme."""
        return luts(self.dark, self.contrast)

    @property
    def scale(self) -> float:
        """How many times larger than usual type and paddings are now, 1.0 to 2.0."""
        return min(self._scale * PROJECTED, 2.0) if self._projector else self._scale

    @property
    def chosen_scale(self) -> float:
        """The scale that was chosen, whatever a projector needs now."""
        return self._scale

    @property
    def projector(self) -> bool:
        """Whether all is larger, thicker and light, to be seen from the last row of a room."""
        return self._projector

    def px(self, size: float) -> int:
        """A length given in pixels at scale 1, at the present scale; at least 1."""
        return max(1, round(size * self.scale))

    def line(self, width: float = 1.0) -> float:
        """The width of a line that is so wide usually: thicker where it must be seen well."""
        return width * 2 if self._projector or self.contrast else width

    def font(self, role: FontRole = "body") -> QFont:
        """The font of a role at the present scale."""
        size, bold = _FONTS[role]
        return QFont(_font(self.px(size), bold))  # a copy, which whoever asks may change

    def metrics(self, role: FontRole = "body") -> QFontMetrics:
        """How large words are in the font of a role; not to be changed by whoever asks."""
        size, bold = _FONTS[role]
        return _metrics(self.px(size), bold)

    def set_mode(self, mode: Mode) -> None:
        """Choose light, dark or whatever the system has."""
        if mode not in get_args(Mode):
            raise ValueError(f"no theme {mode!r}; there are {', '.join(get_args(Mode))}")
        self._mode = mode
        self._refresh()

    def set_scale(self, scale: float) -> None:
        """Choose the size of type and paddings; what is outside 1.0 to 2.0 is moved inside."""
        self._scale = min(max(scale, 1.0), 2.0)
        self._refresh()

    @property
    def reduced_motion(self) -> bool:
        """Whether a person wants nothing to move; what the system wants is asked elsewhere."""
        return self._reduced_motion

    def set_reduced_motion(self, reduced: bool) -> None:
        """Let nothing move from now on, or move again where the system has nothing against it."""
        self._reduced_motion = reduced

    @property
    def settled(self) -> bool:
        """Whether the windows look as they are to look, and no change is under way."""
        return not self._turns.under_way and self._look() == self._shown

    def set_projector(self, projector: bool) -> None:
        """Begin or end what a projector needs; what was chosen stays chosen."""
        self._projector = projector
        self._refresh()

    def prepare(self, app: QApplication, scale: float | None = None) -> None:
        """Give the application all but its style sheet: Qt's style, the palette and the font.

        Under a style sheet every widget is matched with it each time it gets a parent, so a window
        of some hundred widgets is put together twice as fast before `apply`.
        """
        if scale is not None:
            self._scale = min(max(scale, 1.0), 2.0)
        if not self._prepared:
            self._prepared = True
            QDir.setSearchPaths("icons", [str(asset_path("icons"))])
            app.setStyle(QStyleFactory.create("Fusion"))
            self._hints = app.styleHints()
            self._hints.colorSchemeChanged.connect(self._follow_system)
            ask = getattr(self._hints, "accessibility", None)
            if ask is not None:  # before Qt 6.10 nobody knows what contrast the system is to have
                self._needs = ask()
                self._needs.contrastPreferenceChanged.connect(self._follow_system)
            self._hear_system()
        app.setPalette(_palette(self.colors))
        app.setFont(self.font())

    def apply(self, app: QApplication, scale: float | None = None) -> None:
        """Dress the application, and keep it dressed when mode, scale or system change."""
        self._dress(app, scale)
        exhaust(self._announce(self._look()))

    def _dress(self, app: QApplication, scale: float | None = None) -> None:
        app.setStyleSheet("")  # from one sheet to another directly takes Qt three times as long
        self.prepare(app, scale)
        app.setStyleSheet(style_sheet(self.colors, self.px, round(self.line())))

    def _dressing(self, app: QApplication) -> Generator[None]:
        """The same in steps, each of which may take Qt some frames."""
        look = self._shown

        def dress() -> None:
            nonlocal look
            look = self._look()
            self._dress(app)

        if self.beforehand is not None:
            yield from self.beforehand()
        yield from dress_in_sight(app, dress, lambda: self._announce(look))

    def _hear_system(self) -> None:
        hints, needs = self._hints, self._needs
        self._system_dark = hints is not None and hints.colorScheme() == Qt.ColorScheme.Dark
        self._system_contrast = needs is not None and (
            needs.contrastPreference() == Qt.ContrastPreference.HighContrast
        )

    def _follow_system(self) -> None:
        self._hear_system()
        self._refresh()

    def _refresh(self) -> None:
        app = QApplication.instance()
        if self.settled:
            return
        if not self._prepared or not isinstance(app, QApplication):
            exhaust(self._announce(self._look()))
        elif not any(window.isVisible() for window in app.topLevelWidgets()):
            self._turns.give_up()
            self.apply(app)
        elif not self._turns.under_way:
            self._turns.begin(self._dressing(app))

    def _announce(self, look: tuple[Colors, float, bool]) -> Iterator[None]:
        if look != self._shown:
            yield from self.changed.steps()
            self._shown = look

    def _look(self) -> tuple[Colors, float, bool]:
        """All that decides how the windows look."""
        return self.colors, self.scale, self._projector


@cache
def _font(size: int, bold: bool) -> QFont:
    """Looking up the families takes longer than many a line takes to be painted."""
    font = QFont()
    font.setFamilies(FONT_FAMILIES)
    font.setPixelSize(size)
    font.setBold(bold)
    return font


@cache
def _metrics(size: int, bold: bool) -> QFontMetrics:
    """Made once, for whoever paints needs them often."""
    return QFontMetrics(_font(size, bold))


def _palette(colors: Colors) -> QPalette:
    """Qt's palette, for what the style sheet does not reach (standard dialogs, views)."""
    roles = QPalette.ColorRole
    palette = QPalette()
    for role, color in {
        roles.Window: colors.surface,
        roles.WindowText: colors.text,
        roles.Base: colors.surface,
        roles.AlternateBase: colors.canvas,
        roles.Text: colors.text,
        roles.PlaceholderText: colors.text_muted,
        roles.Button: colors.surface,
        roles.ButtonText: colors.text,
        roles.BrightText: colors.danger_ink,
        roles.ToolTipBase: colors.tooltip,
        roles.ToolTipText: colors.tooltip_text,
        roles.Highlight: colors.accent,
        roles.HighlightedText: colors.accent_text,
        roles.Link: colors.accent_ink,
        roles.LinkVisited: colors.accent_ink,
        roles.Light: colors.surface,
        roles.Midlight: colors.border_soft,
        roles.Mid: colors.border,
        roles.Dark: colors.border,
        roles.Shadow: colors.canvas_dot,
        roles.Accent: colors.accent,
    }.items():
        palette.setColor(role, QColor(color))
    for role in (roles.WindowText, roles.Text, roles.ButtonText):
        palette.setColor(QPalette.ColorGroup.Disabled, role, QColor(colors.disabled))
    return palette


theme = Theme()
