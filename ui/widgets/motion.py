"""How long a movement may take: nothing where the person or the system asks for none."""

from __future__ import annotations

from PySide6.QtWidgets import QApplication

from ui.theme import theme


def duration(milliseconds: int) -> int:
    """The duration of a movement; 0 where the person or the system has switched them off."""
    from PySide6.QtWidgets import QStyle  # its enumerations take a while to be made

    if theme.reduced_motion:
        return 0
    hint = QApplication.style().styleHint(QStyle.StyleHint.SH_Widget_Animation_Duration)
    return milliseconds if hint > 0 else 0
