"""How long a movement may take: nothing where the system asks for none."""

from __future__ import annotations

from PySide6.QtWidgets import QApplication


def duration(milliseconds: int) -> int:
    """The duration of a movement; 0 where the system has switched animations off."""
    from PySide6.QtWidgets import QStyle  # its enumerations take a while to be made

    hint = QApplication.style().styleHint(QStyle.StyleHint.SH_Widget_Animation_Duration)
    return milliseconds if hint > 0 else 0
