"""What the engine can look into at leisure: a subject for each study, and what is found.

A study is one struct of each here, and one generator in `cnnviz.engine.studies`.
"""

from __future__ import annotations

from msgspec import Struct

from cnnviz.engine.protocol.values import Tensor


class Average(Struct, frozen=True, tag=True):
    """What a layer makes of the test images of a class, on average.

    uid: the layer; "input" is what the network sees. label: a class; None takes all of them.
    """

    uid: str
    label: int | None = None


class Averaged(Struct, frozen=True, tag=True):
    """maps: (channels, height, width) or (length,), the mean over `images` images."""

    images: int
    maps: Tensor


Subject = Average
Finding = Averaged
