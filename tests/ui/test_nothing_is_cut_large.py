"""No text is cut off where type is large in a small window, as it is on a projector.

Apart from `test_nothing_is_cut`, so that both are walked at the same time where there are cores.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support.walk import cut_on_a_walk
from ui.i18n import language
from ui.theme import theme

if TYPE_CHECKING:
    from PySide6.QtWidgets import QApplication


@pytest.mark.parametrize("code", ["en", "zh_CN"])
def test_on_a_projector(code: str, qapp: QApplication) -> None:
    language.set(code)
    cut = cut_on_a_walk(qapp, projector=True)
    assert not cut, "\n".join(cut)


def test_in_large_type(qapp: QApplication) -> None:
    theme.set_scale(1.5)
    cut = cut_on_a_walk(qapp)
    assert not cut, "\n".join(cut)
