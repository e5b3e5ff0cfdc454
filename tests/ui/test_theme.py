"""Both themes can be read, at every size."""

from __future__ import annotations

import time
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np
import pytest
from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QColor, QPaintEvent
from PySide6.QtWidgets import QApplication, QStackedWidget, QWidget

from tests.support.listener import Listener
from ui.colors import ZERO, to_oklab
from ui.palette import CONTRAST_DARK, CONTRAST_LIGHT, DARK, LIGHT, Colors
from ui.theme import theme
from ui.widgets.labels import Label

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from ui.theme import Mode

THEMES = pytest.mark.parametrize(
    "colors",
    [LIGHT, DARK, CONTRAST_LIGHT, CONTRAST_DARK],
    ids=["light", "dark", "contrast-light", "contrast-dark"],
)
STRONG = pytest.mark.parametrize(
    "colors", [CONTRAST_LIGHT, CONTRAST_DARK], ids=["contrast-light", "contrast-dark"]
)

# Machado, Oliveira and Fernandes, "A physiologically-based model for simulation of color vision
# deficiency" (2009), severity 1, for linear RGB.
SEEN_BY = {
    "everybody": np.eye(3),
    "protanopes": np.array(
        [
            [0.152286, 1.052583, -0.204868],
            [0.114503, 0.786281, 0.099216],
            [-0.003882, -0.048116, 1.051998],
        ]
    ),
    "deuteranopes": np.array(
        [
            [0.367322, 0.860646, -0.227968],
            [0.280085, 0.672501, 0.047413],
            [-0.011820, 0.042940, 0.968881],
        ]
    ),
}
APART = 0.07
"""Least distance of two families in OKLab: three times what one sees side by side."""

TEXT_ON = [
    *((ink, ground) for ink in ("text", "heading", "label", "text_muted", "accent_ink",
                                "danger_ink", "warning_ink", "ok")
      for ground in ("surface", "window", "canvas")),
    ("text", "hover"),
    ("text", "accent_soft"),
    ("text_muted", "hover"),
    ("label", "track"),
    ("accent_text", "accent"),
    ("accent_text", "accent_hover"),
    ("accent_ink", "accent_soft"),
    ("danger_ink", "danger_soft"),
    ("warning_ink", "warning_soft"),
    ("ok", "ok_soft"),
    ("highlight_text", "highlight"),
    ("tooltip_text", "tooltip"),
]  # fmt: skip


def luminance(color: str) -> float:
    """Relative luminance as in WCAG 2.2."""
    channels = [int(color[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (
        value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4
        for value in channels
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """Contrast ratio as in WCAG 2.2, 1 to 21."""
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def test_the_measure_is_that_of_wcag() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)  # the well-known failure


@THEMES
@pytest.mark.parametrize(("ink", "ground"), TEXT_ON)
def test_text_can_be_read(colors: Colors, ink: str, ground: str) -> None:
    assert contrast(getattr(colors, ink), getattr(colors, ground)) >= 4.5


@STRONG
@pytest.mark.parametrize(("ink", "ground"), TEXT_ON)
def test_text_of_high_contrast(colors: Colors, ink: str, ground: str) -> None:
    assert contrast(getattr(colors, ink), getattr(colors, ground)) >= 7


@STRONG
def test_formulas_and_outlines_of_high_contrast(colors: Colors) -> None:
    for color in (*colors.formula.values(), *colors.series):
        assert contrast(color, colors.surface) >= 7
    for color in (colors.border, colors.border_soft, colors.arrow, colors.accent, colors.danger):
        assert contrast(color, colors.surface) >= 3
    assert contrast(colors.disabled, colors.surface) >= 4.5


def seen(color: str, by: str) -> np.ndarray:
    """A colour as somebody sees it, in OKLab."""
    encoded = np.array([int(color[place : place + 2], 16) for place in (1, 3, 5)]) / 255
    linear = np.where(encoded <= 0.04045, encoded / 12.92, ((encoded + 0.055) / 1.055) ** 2.4)
    linear = np.clip(SEEN_BY[by] @ linear, 0, 1)
    shown = np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)
    return to_oklab(255 * shown)


def test_the_simulation_knows_what_is_confused() -> None:
    """Red and a dark green of the same lightness look alike to deuteranopes, and to no others."""
    red, green = "#c86400", "#8c8c00"
    near = np.linalg.norm(seen(red, "deuteranopes") - seen(green, "deuteranopes"))
    assert near < 0.5 * np.linalg.norm(seen(red, "everybody") - seen(green, "everybody"))


@THEMES
@pytest.mark.parametrize("by", SEEN_BY)
def test_families_stay_apart_for_everybody(colors: Colors, by: str) -> None:
    # Input and reshaping are grey, too: nothing is learned in any of the three.
    families = {k: v for k, v in colors.families.items() if k not in {"input", "reshaping"}}
    for one, other in combinations(families, 2):
        distance = np.linalg.norm(seen(families[one], by) - seen(families[other], by))
        assert distance >= APART, (one, other, distance)


@pytest.mark.parametrize("mode", ["light", "dark", "contrast_light", "contrast_dark"])
def test_zero_is_the_ground_of_every_theme(mode: Mode, qapp: QApplication) -> None:
    theme.set_mode(mode)
    zero = f"#{int(theme.luts.signed[ZERO]) & 0xFFFFFF:06x}"
    assert zero == theme.colors.surface


@THEMES
def test_numbers_of_formulas_and_words_of_legends_can_be_read(colors: Colors) -> None:
    for color in (*colors.formula.values(), *colors.series):
        assert contrast(color, colors.surface) >= 4.5


@THEMES
def test_stripes_and_bars_stand_out(colors: Colors) -> None:
    for color in (*colors.families.values(), colors.accent, colors.danger):
        assert contrast(color, colors.surface) >= 3


@THEMES
def test_what_is_looked_at_shows_on_every_colour_of_values(colors: Colors) -> None:
    """It has a red frame, and white around that: on light values one sees the red."""
    assert contrast(colors.danger, "#ffffff") >= 3


@THEMES
def test_what_cannot_be_done_now_can_still_be_read(colors: Colors) -> None:
    assert contrast(colors.disabled, colors.surface) >= 3
    assert contrast(colors.text_muted, colors.surface) >= 1.6 * contrast(
        colors.disabled, colors.surface
    )


@THEMES
def test_all_themes_mean_the_same_things(colors: Colors) -> None:
    assert LIGHT.families.keys() == colors.families.keys()
    assert LIGHT.formula.keys() == colors.formula.keys()
    assert len(LIGHT.series) == len(colors.series)


def test_a_projector_is_light_and_large_and_leaves_no_trace(qapp: QApplication) -> None:
    theme.set_mode("contrast_dark")
    theme.set_scale(1.25)
    before = (theme.dark, theme.scale, theme.colors)
    theme.set_projector(True)
    assert (theme.dark, theme.scale, theme.colors) == (False, 1.875, CONTRAST_LIGHT)
    assert (theme.mode, theme.chosen_scale) == ("contrast_dark", 1.25)
    assert theme.line() == 2
    theme.set_projector(False)
    assert (theme.dark, theme.scale, theme.colors) == before


def test_the_application_is_dressed_and_dressed_anew(qtbot: QtBot, qapp: QApplication) -> None:
    theme.set_mode("light")
    theme.apply(qapp)
    assert qapp.palette().window().color() == QColor(LIGHT.surface)
    heard = Listener(theme.changed)
    theme.set_mode("dark")
    qtbot.waitUntil(lambda: heard.times == 1)
    assert theme.dark
    assert qapp.palette().window().color() == QColor(DARK.surface)
    assert DARK.accent in qapp.styleSheet()


class Painted(QWidget):
    """Counts how often it was painted."""

    def __init__(self) -> None:
        super().__init__()
        self.paints = 0
        self.label = Label("something", parent=self)

    def paintEvent(self, event: QPaintEvent) -> None:
        self.paints += 1


def test_a_window_that_is_seen_is_dressed_step_by_step(qtbot: QtBot, qapp: QApplication) -> None:
    """It answers in between, and shows nothing half done."""
    theme.set_mode("light")
    theme.apply(qapp)
    window = QWidget()
    qtbot.addWidget(window)
    window.show()
    heard = Listener(theme.changed)
    theme.set_mode("dark")
    assert not window.updatesEnabled()
    theme.set_scale(1.5)  # another change, as soon as this one is done
    qtbot.waitUntil(lambda: theme.settled and window.updatesEnabled())
    assert heard.times >= 1
    assert DARK.accent in qapp.styleSheet()
    assert qapp.font().pixelSize() == theme.font().pixelSize()
    before = heard.times
    theme.set_mode("light")
    qtbot.waitUntil(lambda: LIGHT.accent in qapp.styleSheet())
    theme.set_mode("dark")  # too late for it: another one follows
    qtbot.waitUntil(lambda: heard.times == before + 2)
    qtbot.waitUntil(lambda: window.updatesEnabled() and DARK.accent in qapp.styleSheet())


def test_what_was_about_to_be_painted_when_a_window_is_held_does_not_stop_it(
    qtbot: QtBot, qapp: QApplication
) -> None:
    """A language and a theme chosen in one go left the old picture on the screen for ever."""
    theme.set_mode("light")
    theme.apply(qapp)
    window = Painted()
    qtbot.addWidget(window)
    with qtbot.waitExposed(window):
        window.show()
    qtbot.waitUntil(lambda: window.paints > 0)
    window.label.setText("something else")
    window.update()
    theme.set_mode("dark")
    qtbot.waitUntil(lambda: theme.settled and window.updatesEnabled())
    qtbot.wait(50)
    before = window.paints
    window.update()
    qtbot.waitUntil(lambda: window.paints > before)


@pytest.mark.parametrize("wait", [True, False], ids=["to the end", "broken off"])
def test_pages_that_are_not_shown_follow_later(
    qtbot: QtBot, qapp: QApplication, wait: bool
) -> None:
    theme.apply(qapp)
    window = QStackedWidget()
    qtbot.addWidget(window)
    captions = [Label(word, "caption") for word in ("first", "second")]
    for caption in captions:
        window.addWidget(caption)
    window.show()
    window.setCurrentIndex(1)
    qtbot.waitUntil(captions[1].isVisible)
    theme.set_scale(2.0)
    if wait:
        qtbot.waitUntil(lambda: not theme._turns.under_way)
    else:
        window.hide()
        theme.set_mode("dark")
    assert [caption.font().pixelSize() for caption in captions] == [22, 22]


def test_a_window_that_is_always_busy_is_dressed_all_the_same(
    qtbot: QtBot, qapp: QApplication
) -> None:
    """It shows its old picture until then."""
    theme.set_mode("light")
    theme.apply(qapp)
    window = QWidget()
    qtbot.addWidget(window)
    window.show()
    busy = QTimer(window)
    busy.timeout.connect(lambda: time.sleep(0.03))
    busy.start()
    theme.set_mode("dark")
    qtbot.waitUntil(lambda: theme.settled and window.updatesEnabled())


def test_a_change_under_way_ends_when_nobody_looks_any_more(
    qtbot: QtBot, qapp: QApplication
) -> None:
    theme.set_mode("light")
    theme.apply(qapp)
    window = QWidget()
    qtbot.addWidget(window)
    window.show()
    theme.set_mode("dark")
    window.hide()
    theme.set_scale(1.25)
    assert DARK.accent in qapp.styleSheet()
    assert window.updatesEnabled()


def test_what_changes_nothing_is_not_announced() -> None:
    theme.set_mode("light")
    heard = Listener(theme.changed)
    theme.set_mode("light")
    theme.set_scale(1.0)
    assert not heard.times


def test_type_and_lengths_grow_with_the_scale(qapp: QApplication) -> None:
    small = theme.font("caption").pixelSize()
    theme.set_scale(2.0)
    assert theme.font("caption").pixelSize() == 2 * small
    assert theme.px(7) == 14
    theme.set_scale(50)
    assert theme.scale == 2.0


def test_a_hairline_stays(qapp: QApplication) -> None:
    assert theme.px(0.2) == 1


def test_an_unknown_mode_is_refused() -> None:
    with pytest.raises(ValueError, match="sepia"):
        theme.set_mode("sepia")  # type: ignore[arg-type]


class _Needs:
    """What a system says that is to have high contrast."""

    def contrastPreference(self) -> Qt.ContrastPreference:
        return Qt.ContrastPreference.HighContrast


def test_as_the_system_follows_its_contrast(monkeypatch: pytest.MonkeyPatch) -> None:
    if not hasattr(Qt, "ContrastPreference"):
        pytest.skip("this Qt does not ask the system for it")
    theme.set_mode("system")
    before = theme.contrast
    try:
        with monkeypatch.context() as system:
            system.setattr(theme, "_needs", _Needs())
            theme._follow_system()
        assert (before, theme.contrast) == (False, True)
        assert theme.colors is (CONTRAST_DARK if theme.dark else CONTRAST_LIGHT)
        theme.set_mode("light")
        assert not theme.contrast
    finally:
        theme._follow_system()
