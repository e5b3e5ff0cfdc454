"""What chance does to training images, as calls of functions and as ready-made choices of it."""

from __future__ import annotations

import msgspec

from cnnviz.layers.shapes import Call
from cnnviz.preparation import AUGMENTATION, WARP, Preparation


def augmentation_calls(preparation: Preparation) -> tuple[Call, ...]:
    """The functions that change training images by chance, with what they are told; to be called
    or to be printed."""
    settings = msgspec.structs.asdict(preparation)
    nothing = msgspec.structs.asdict(plain(preparation))
    warp = {name: settings[name] for name in WARP if settings[name] != nothing[name]}
    calls = []
    if warp:
        if "elastic" in warp:
            warp["width"] = preparation.elastic_width
        calls.append(Call("warped", (), warp))
    if preparation.noise:
        calls.append(Call("noisy", (), {"deviation": preparation.noise}))
    if preparation.erase:
        calls.append(Call("erased", (), {"side": preparation.erase}))
    return tuple(calls)


def classic(preparation: Preparation) -> Preparation:
    """With the changes by chance that Cireşan, Meier, Masci and Schmidhuber made: moved and scaled
    by up to 10 %, turned by up to 5° (Multi-column deep neural network for traffic sign
    classification, 2012)."""
    return msgspec.structs.replace(plain(preparation), move=10, zoom=10, rotate=5)


def plain(preparation: Preparation) -> Preparation:
    """With no changes by chance."""
    nothing = {name: getattr(Preparation(), name) for name in AUGMENTATION}
    return msgspec.structs.replace(preparation, **nothing)
