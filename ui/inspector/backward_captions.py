"""What stands below the grids of one δ or gradient, in words of which the shorter ones are for
where there is little room."""

from __future__ import annotations

from math import floor, log10
from typing import TYPE_CHECKING

import numpy as np

from cnnviz.arithmetic.digits import alone, places_for, rounded, shown
from cnnviz.layers import TransposedConv2d
from ui.i18n import text, tr
from ui.inspector.pixel_reading import total_places
from ui.inspector.wordings import rounding_words
from ui.numerals import superscript

if TYPE_CHECKING:
    from cnnviz.arithmetic import Weighted
    from cnnviz.arithmetic.values import Share
    from ui.inspector.way_back import WorkedBack
    from ui.inspector.wordings import Wordings

LEAST_READ = 0.005
"""Where the largest of some numbers is smaller, their cells would say little but zeros."""


def factor_words(worked: WorkedBack, picture: Weighted, part: int) -> tuple[Wordings, Wordings]:
    """What is multiplied with what."""
    layer = None if worked.row is None else worked.row.layer
    if worked.learns or layer is None or layer.family != "convolution":
        first, second = (text(name) for name in picture.factors)
        return (first,), (second,)
    index = worked.flow.reads.channels[part]
    delta, kernel = tr("δ of map {map}", map=index), tr("kernel {index}", index=index)
    if isinstance(layer, TransposedConv2d):
        return (delta,), (kernel,)
    return (
        (tr("δ of map {map}, with gaps and border", map=index), delta),
        (tr("kernel {index}, turned by 180°", index=index), tr("{index}, by 180°", index=index)),
    )


def sum_words(
    worked: WorkedBack, products: np.ndarray, part: float, places: int, *, legible: bool
) -> Wordings:
    """What products add up to; where their digits can be read, with what these do not add up by.

    places: behind the point of the products. legible: whether these are shown.
    """
    factor, power = magnified(products)
    total = total_places(worked.flow) if factor == 1 else places
    if legible:
        made = rounded((products.ravel() * factor).tolist(), part * factor, places,
                       total_places=total)  # fmt: skip
        if made.remainder:
            return rounding_words(made.total, made.remainder, power)
    value = shown(part * factor, total, plus=True)
    return f"{tr('products, sum {sum}', sum=value)}{power}", tr("sum {sum}", sum=f"{value}{power}")


def window_words(window: Share) -> tuple[Wordings, Wordings, Wordings]:
    """What a window of a pooling has read, the shares in δ, and what is handed back."""
    read = tr("what the window read"), tr("what was read")
    if window.winner is not None:
        read = tr("what the window read, the winner in red"), tr("winner in red")
    delta = alone(window.delta)
    shares = tr("shares of δ {delta}", delta=delta), f"δ {delta}"
    return read, shares, (tr("handed back"), tr("back"))


def product_words(
    worked: WorkedBack, picture: Weighted, part: int, cell: tuple[int, int]
) -> tuple[Wordings, ...]:
    """One product, and for a gradient what the products up to it add up to."""
    place = (part, *cell)
    x, weight, product = (
        float(v[place]) for v in (picture.patch, picture.weights, picture.products)
    )
    places = max(places_for((x, weight, product)), 3)
    factor = shown(weight, places)
    down, across = (axis[at] for axis, at in zip(worked.flow.taps, cell, strict=True))
    where: Wordings = (tr("gap of the stride"),)
    if worked.learns:
        down, across = cell
    if down is not None and across is not None:
        where = tr("row {row}, column {column}", row=down, column=across), f"{down}, {across}"
    result = f"= {shown(product, places)}"
    if worked.learns:
        products = picture.products[part]
        until = float(products.ravel()[: cell[0] * products.shape[1] + cell[1] + 1].sum())
        result = tr(
            "= {product}; by now {sum}",
            product=shown(product, places),
            sum=shown(until, places, plus=True),
        )
    factors = f"{shown(x, places)} · " + (f"({factor})" if weight < 0 else factor)
    return where, (factors,), (result,)


def magnified(values: np.ndarray) -> tuple[float, str]:
    """What values are to be multiplied by to be read with few places, and words for that: 10⁷ and
    " ×10⁻⁷"; 1 and "" where they can be read as they are."""
    sizes = np.abs(values[np.isfinite(values)])
    largest = float(sizes.max(initial=0.0))
    if not 0 < largest < LEAST_READ:
        return 1.0, ""
    power = floor(log10(largest))
    return 10.0**-power, f" ×10⁻{superscript(-power)}"
