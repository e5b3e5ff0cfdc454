"""The mean and the deviation of the training images of each data set, from 0 (black) to 1 (white).

They are needed wherever an image is standardised, often without the data set at hand; tests measure
them again.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping


class Greys(NamedTuple):
    """Of each channel, over all training images and pixels."""

    mean: tuple[float, ...]
    deviation: tuple[float, ...]

    def of(self, channels: int) -> Greys:
        """For a network that sees so many channels: of colours that are averaged, the average."""
        if len(self.mean) == channels:
            return self
        count = len(self.mean)
        mean = round(sum(self.mean) / count, 4)
        deviation = round(sum(self.deviation) / count, 4)
        return Greys((mean,) * channels, (deviation,) * channels)


GREYS: Mapping[str, Greys] = MappingProxyType(
    {
        "mnist": Greys((0.1307,), (0.3081,)),
        "fashion_mnist": Greys((0.286,), (0.353,)),
        "kmnist": Greys((0.1918,), (0.3483,)),
        "emnist_balanced": Greys((0.1751,), (0.3332,)),
        "emnist_letters": Greys((0.1722,), (0.3309,)),
        "emnist_digits": Greys((0.1733,), (0.3317,)),
        "cifar10": Greys((0.4914, 0.4822, 0.4465), (0.247, 0.2435, 0.2616)),
        "toy_shapes": Greys((0.0972,), (0.2074,)),
        "toy_edges": Greys((0.4101,), (0.3886,)),
        "toy_two_inputs": Greys((0.5,), (0.5,)),
        "cifar100": Greys((0.5071, 0.4865, 0.4409), (0.2673, 0.2564, 0.2762)),
    }
)
"""By the name of the data set."""

PHOTOS = Greys((0.485, 0.456, 0.406), (0.229, 0.224, 0.225))
"""Of ImageNet's photos; what is usual for pictures that have not been measured, such as one's own.
"""


def greys_of(name: str) -> Greys:
    """Of a data set by its name."""
    return GREYS.get(name, PHOTOS)
