"""The tabs of the drawer: what they are called, and how high they need to be."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ui.i18n import tr
from ui.theme import theme

if TYPE_CHECKING:
    from ui.widgets.tabs import PillTabs

TABS = ("settings", "kernels", "maps", "pixel", "sharing", "why", "alike", "statistics")
LEAST_HEIGHT = 104
LEAST_HEIGHTS = {
    "settings": 200,
    "kernels": 216,
    "maps": 182,
    "pixel": 236,
    "sharing": 206,
    "why": 210,
    "alike": 240,
    "statistics": 190,
}
"""In pixels at scale 1, and where a tab needs more than others: it pushes the splitter up."""
MOST_OF_WINDOW, MOST_OF_LOW, LOW = 0.4, 0.45, 430
"""So much of the height of the window a tab claims, since the network needs room, too; and of one
that is lower than the last (at scale 1), where the layers panel gives way to both."""


def least_height(key: str, window: int) -> int:
    """Pixels that a tab needs in a window of so many."""
    height = theme.px(LEAST_HEIGHTS.get(key, LEAST_HEIGHT))
    most = MOST_OF_LOW if window < theme.px(LOW) else MOST_OF_WINDOW
    return max(min(height, round(window * most)), theme.px(LEAST_HEIGHT))


def titles() -> dict[str, str]:
    """What the tabs are called, by their keys."""
    return {
        "settings": tr("Settings"),
        "kernels": tr("Kernels"),
        "maps": tr("Feature maps"),
        "pixel": tr("One pixel"),
        "sharing": tr("Shared weights"),
        "why": tr("Why this answer"),
        "alike": tr("Images"),
        "statistics": tr("Statistics"),
    }


def short_titles() -> dict[str, str]:
    """The same where there is little room."""
    return titles() | {
        "maps": tr("Maps"),
        "pixel": tr("Pixel"),
        "sharing": tr("Sharing"),
        "why": tr("Why"),
    }


def fit(tabs: PillTabs, room: int) -> None:
    """Where there is no room for all of their words the tabs are nearer to each other, and then
    take short ones."""
    words = titles()
    tabs.set_tabs(list(words.items()))
    if tabs.needed(compact=True) > room:
        tabs.set_tabs(list(short_titles().items()), list(words.values()))
    tabs.yield_to(room)
