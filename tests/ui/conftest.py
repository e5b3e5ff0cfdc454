"""Every test of the window begins in English, with the system's theme at the usual size."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ui.i18n import language
from ui.theme import theme

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(autouse=True)
def _plain_look() -> Iterator[None]:
    yield
    language.set("en")
    theme.set_mode("system")
    theme.set_scale(1.0)
