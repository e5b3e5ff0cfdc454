"""Kernels that are known by name, for any size, and the orders in which to look at kernels."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np

from cnnviz.message import Message

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Kernel = NDArray[np.float32]

Order = Literal["number", "norm", "similarity"]

ORDERS: dict[Order, Message] = {
    "number": Message("By number"),
    "norm": Message("By norm"),
    "similarity": Message("By similarity"),
}
"""What to call each order."""


def _places(height: int, width: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Rows and columns from the middle, -1 to 1 on the longer side; (height, width) each."""
    reach = max(height - 1, width - 1, 1) / 2
    rows, columns = np.mgrid[:height, :width].astype(np.float64)
    return (rows - (height - 1) / 2) / reach, (columns - (width - 1) / 2) / reach


def _bell(height: int, width: int) -> NDArray[np.float64]:
    """A Gaussian that has fallen to about a tenth at the edge; its sum is 1."""
    y, x = _places(height, width)
    bell = np.exp(-2.25 * (y**2 + x**2))
    return np.asarray(bell / bell.sum())


def _middle(height: int, width: int) -> NDArray[np.float64]:
    """1 in the middle: what is read is handed on."""
    one = np.zeros((height, width))
    one[(height - 1) // 2, (width - 1) // 2] = 1
    return one


def _slope(across: bool) -> Callable[[int, int], NDArray[np.float64]]:
    """The derivative of a Gaussian, for 3×3 nearly Sobel's: it finds edges that run across it."""

    def slope(height: int, width: int) -> NDArray[np.float64]:
        y, x = _places(height, width)
        return np.asarray((x if across else y) * _bell(height, width))

    return slope


def _gabor(degrees: float) -> Callable[[int, int], NDArray[np.float64]]:
    """A wave under a Gaussian (Gabor, 1946; as in the cat's visual cortex: Daugman, 1985), without
    a mean of its own."""

    def wave(height: int, width: int) -> NDArray[np.float64]:
        y, x = _places(height, width)
        along = x * np.cos(np.radians(degrees)) + y * np.sin(np.radians(degrees))
        bell = _bell(height, width)
        values = np.cos(np.pi * 1.5 * along) * bell
        return np.asarray(values - bell * values.sum())

    return wave


def _sharpened(height: int, width: int) -> NDArray[np.float64]:
    """The middle, and once more what sets it apart from what lies around it."""
    return 2 * _middle(height, width) - _bell(height, width)


def _spot(height: int, width: int) -> NDArray[np.float64]:
    """What sets the middle apart from what lies around it."""
    return _middle(height, width) - _bell(height, width)


def _nothing(height: int, width: int) -> NDArray[np.float64]:
    return np.zeros((height, width))


STOCK: dict[str, tuple[Message, Callable[[int, int], NDArray[np.float64]]]] = {
    "zero": (Message("All zero"), _nothing),
    "identity": (Message("Identity"), _middle),
    "blur": (Message("Blur"), _bell),
    "sharpen": (
        Message("Sharpen"),
        _sharpened,
    ),
    "vertical_edge": (Message("Vertical edge"), _slope(True)),
    "horizontal_edge": (Message("Horizontal edge"), _slope(False)),
    "spot": (Message("Spot"), _spot),
    "gabor_0": (Message("Gabor, 0°"), _gabor(0)),
    "gabor_45": (Message("Gabor, 45°"), _gabor(45)),
    "gabor_90": (Message("Gabor, 90°"), _gabor(90)),
    "gabor_135": (Message("Gabor, 135°"), _gabor(135)),
}
"""Title, and the kernel for a height and a width."""


def stock(name: str, height: int, width: int, strength: float = 1.0) -> Kernel:
    """A kernel of `STOCK`, scaled so that its largest magnitude is `strength` (0 stays 0)."""
    values = STOCK[name][1](height, width)
    largest = float(np.abs(values).max())
    scaled = values * (strength / largest) if largest > 1e-12 else np.zeros_like(values)
    return np.ascontiguousarray(scaled, np.float32)


def arranged(kernels: np.ndarray, order: Order) -> NDArray[np.intp]:
    """The numbers of filters in the order in which to look at them.

    kernels: (filters, …). By norm: the strongest first. By similarity: from the strongest on each
    time the one most like the last by the cosine of the angle between them, whatever its sign.
    """
    count = len(kernels)
    if order == "number" or count < 2:
        return np.arange(count)
    flat = kernels.reshape(count, -1).astype(np.float64)
    norms = np.linalg.norm(flat, axis=1)
    by_norm = np.argsort(-norms, kind="stable")
    if order == "norm":
        return by_norm
    directions = flat / np.maximum(norms, 1e-12)[:, None]
    alike = np.abs(directions @ directions.T)
    left = np.ones(count, bool)
    chain = [int(by_norm[0])]
    left[chain[0]] = False
    while len(chain) < count:
        following = int(np.where(left, alike[chain[-1]], -1).argmax())
        left[following] = False
        chain.append(following)
    return np.asarray(chain, np.intp)
