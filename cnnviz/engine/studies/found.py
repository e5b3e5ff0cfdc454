"""What a study yields after each of its slices."""

from __future__ import annotations

from collections.abc import Generator
from typing import TYPE_CHECKING, NamedTuple

from cnnviz.message import Message

if TYPE_CHECKING:
    from cnnviz.engine.protocol import Finding, Text

NOT_THERE = Message("This layer is not in the network.")


class Found(NamedTuple):
    """What has been found by now. done: 0 to 1, how much of the work is done. leisure: the question
    is answered, and what would make the answer better comes after all other studies."""

    finding: Finding | None = None
    done: float = 0.0
    note: Text | None = None
    leisure: bool = False


Work = Generator["Found | None", None, None]
"""Yields after each slice; None where there is nothing new to tell."""
