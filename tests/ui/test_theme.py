"""Both themes can be read, at every size."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QApplication, QStackedWidget, QWidget

from ui.palette import DARK, LIGHT, Colors
from ui.theme import theme
from ui.widgets.labels import Label

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

THEMES = pytest.mark.parametrize("colors", [LIGHT, DARK], ids=["light", "dark"])

TEXT_ON = [
    *((ink, ground) for ink in ("text", "heading", "label", "text_muted", "accent_ink",
                                "danger_ink", "warning_ink", "ok")
      for ground in ("surface", "window", "canvas")),
    ("text", "hover"),
    ("text", "border_soft"),
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


@THEMES
def test_numbers_of_formulas_and_words_of_legends_can_be_read(colors: Colors) -> None:
    for color in (*colors.formula.values(), *colors.series):
        assert contrast(color, colors.surface) >= 4.5


@THEMES
def test_stripes_and_bars_stand_out(colors: Colors) -> None:
    for color in (*colors.families.values(), colors.accent, colors.danger):
        assert contrast(color, colors.surface) >= 3


def test_both_themes_mean_the_same_things() -> None:
    assert LIGHT.families.keys() == DARK.families.keys()
    assert LIGHT.formula.keys() == DARK.formula.keys()
    assert len(LIGHT.series) == len(DARK.series)


def test_the_application_is_dressed_and_dressed_anew(qtbot: QtBot, qapp: QApplication) -> None:
    theme.set_mode("light")
    theme.apply(qapp)
    assert qapp.palette().window().color() == QColor(LIGHT.surface)
    with qtbot.waitSignal(theme.changed):
        theme.set_mode("dark")
    assert theme.dark
    assert qapp.palette().window().color() == QColor(DARK.surface)
    assert DARK.accent in qapp.styleSheet()


def test_a_window_that_is_seen_is_dressed_step_by_step(qtbot: QtBot, qapp: QApplication) -> None:
    """It answers in between, and shows nothing half done."""
    theme.set_mode("light")
    theme.apply(qapp)
    window = QWidget()
    qtbot.addWidget(window)
    window.show()
    with qtbot.waitSignal(theme.changed):
        theme.set_mode("dark")
        assert not window.updatesEnabled()
        theme.set_scale(1.5)  # taken in by the change under way
    qtbot.waitUntil(window.updatesEnabled)
    assert DARK.accent in qapp.styleSheet()
    assert qapp.font().pixelSize() == theme.font().pixelSize()
    with qtbot.waitSignals([theme.changed, theme.changed]):
        theme.set_mode("light")
        qtbot.waitUntil(lambda: LIGHT.accent in qapp.styleSheet())
        theme.set_mode("dark")  # too late for it: another one follows
    qtbot.waitUntil(lambda: window.updatesEnabled() and DARK.accent in qapp.styleSheet())


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
        qtbot.waitUntil(lambda: theme._steps is None)
    else:
        window.hide()
        theme.set_mode("dark")
    assert [caption.font().pixelSize() for caption in captions] == [22, 22]


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


def test_what_changes_nothing_is_not_announced(qtbot: QtBot) -> None:
    theme.set_mode("light")
    with qtbot.assertNotEmitted(theme.changed):
        theme.set_mode("light")
        theme.set_scale(1.0)


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
