"""What a page of the inspector must have so that what it shows can be taken along."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, runtime_checkable

if TYPE_CHECKING:
    from ui.array_export import Offered


@runtime_checkable
class Offering(Protocol):
    """Numbers on show: copied, or written as PNG, SVG, NPY or CSV."""

    @property
    def offers(self) -> bool:
        """Whether there are values to be taken along."""

    def plate(self) -> Offered | None:
        """What is on show."""
