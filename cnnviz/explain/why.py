"""Which paragraph belongs to which formula: by its title, and by the layer where that matters."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from cnnviz.explain import paragraphs as said
from cnnviz.layers import (
    Activation,
    AdaptiveAvgPool,
    AvgPool,
    BatchNorm,
    Border,
    Branches,
    Conv2d,
    Dense,
    Flatten,
    GroupNorm,
    Layer,
    LayerNorm,
    LocallyConnected2d,
    LocalResponseNorm,
    MaxPool,
    Subsampling,
    TransposedConv2d,
    ZeroPadding,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from cnnviz.explain.formula import Formula
    from cnnviz.message import Message

_HAPPENS = "What happens to a value x"
_OUTPUT = "Output height and width"
_PADDING = "Padding of height and width"
_SAME_AS = {
    "Output height": _OUTPUT,
    "Output width": _OUTPUT,
    "Padding of the height": _PADDING,
    "Padding of the width": _PADDING,
    "Receptive field, height": "Receptive field",
    "Receptive field, width": "Receptive field",
    "Largest window, height": "Largest window",
    "Largest window, width": "Largest window",
}
"""Titles of one axis alone."""

_BY_TITLE: dict[str, Message] = {
    _PADDING: said.SAME,
    "Multiply-adds": said.MULTIPLY_ADDS,
    "Receptive field": said.RECEPTIVE_FIELD,
    "Memory": said.MEMORY,
    "Running statistics": said.RUNNING,
    "Running mean": said.RUNNING_MEAN,
    "Values set to zero": said.DROPOUT,
    "Maps set to zero": said.CHANNEL_DROPOUT,
    "When the network is used": said.DROPOUT_USE,
    "Average": said.GLOBAL_AVG,
    "Maximum": said.GLOBAL_MAX,
    "Largest window": said.ADAPTIVE,
    "Values of a group": said.GROUP_VALUES,
    "Output channels": said.CONCAT,
    "Parameters in its branches": said.BRANCH_PARAMETERS,
    "Multiply-adds in its branches": said.BRANCH_WORK,
    "Frozen": said.FROZEN,
    "As a dense layer": said.DENSE_WEIGHTS,
    "With local windows": said.LOCAL_WEIGHTS,
    "With shared filters": said.SHARED_WEIGHTS,
    "Nothing to share": said.DENSE_WEIGHTS,
}

_BY_MERGE = {"add": said.ADD, "multiply": said.MULTIPLY, "concat": said.CONCAT}

_BY_FUNCTION: dict[str, Message] = {
    "relu": said.RELU,
    "leaky_relu": said.LEAKY,
    "prelu": said.LEAKY,
    "elu": said.LEAKY,
    "gelu": said.SMOOTH,
    "silu": said.SMOOTH,
    "softplus": said.SMOOTH,
    "relu6": said.STRAIGHT,
    "hardswish": said.STRAIGHT,
    "hardsigmoid": said.STRAIGHT,
    "sigmoid": said.SIGMOID,
    "tanh": said.TANH,
    "scaled_tanh": said.TANH,
    "softmax": said.SOFTMAX,
}


def _sliding(layer: Any) -> Message:
    """Of an output size: what is special about it."""
    if getattr(layer, "dilation", None) is not None and max(layer.dilation.pair) > 1:
        return said.DILATION
    if max((getattr(layer, "step", None) or layer.stride).pair) > 1:
        return said.STRIDE
    padding = getattr(layer, "padding", "valid")
    if padding == "same":
        return said.SAME
    return said.BORDER if isinstance(padding, Border) else said.WINDOW_OUTPUT


def _filters(layer: Conv2d) -> Message:
    """Of the parameters of a convolution."""
    if layer.connections:
        return said.CONNECTIONS
    return said.GROUPS if layer.groups > 1 else said.SHARED_WEIGHTS


def _function(layer: Activation) -> Message:
    return _BY_FUNCTION[layer.function]


def _values(layer: Activation) -> Message:
    return said.SOFTMAX if layer.function == "softmax" else said.EACH_VALUE


_BY_KIND: dict[tuple[type[Layer], str], Message | Callable[[Any], Message]] = {
    (Conv2d, _OUTPUT): _sliding,
    (LocallyConnected2d, _OUTPUT): _sliding,
    (MaxPool, _OUTPUT): _sliding,
    (AvgPool, _OUTPUT): _sliding,
    (Subsampling, _OUTPUT): _sliding,
    (TransposedConv2d, _OUTPUT): said.TRANSPOSED,
    (TransposedConv2d, _PADDING): said.TRANSPOSED_PADDING,
    (ZeroPadding, _OUTPUT): said.BORDER,
    (Conv2d, "Parameters"): _filters,
    (LocallyConnected2d, "Parameters"): said.LOCAL_WEIGHTS,
    (TransposedConv2d, "Parameters"): said.STAMP_WEIGHTS,
    (Dense, "Parameters"): said.DENSE_WEIGHTS,
    (Dense, "Multiply-adds"): said.DENSE_WORK,
    (Subsampling, "Parameters"): said.COEFFICIENTS,
    (BatchNorm, "Parameters"): said.AFFINE,
    (LayerNorm, "Parameters"): said.AFFINE,
    (GroupNorm, "Parameters"): said.AFFINE,
    (Activation, "Parameters"): said.SLOPES,
    (Activation, _HAPPENS): _function,
    (Activation, "Values"): _values,
    (BatchNorm, _HAPPENS): said.BATCH_NORM,
    (LayerNorm, _HAPPENS): said.LAYER_NORM,
    (GroupNorm, _HAPPENS): said.GROUP_NORM,
    (LocalResponseNorm, _HAPPENS): said.RESPONSE_NORM,
    (MaxPool, "Windows"): said.MAX_POOL,
    (AvgPool, "Windows"): said.AVG_POOL,
    (AdaptiveAvgPool, "Windows"): said.AVG_POOL,
    (Subsampling, "Windows"): said.AVG_POOL,
    (Flatten, "Output length"): said.FLATTEN,
    (Branches, "Output length"): said.CONCAT,
    (Branches, "Output"): lambda layer: _BY_MERGE[layer.merge],
}


def why(formula: Formula, layer: Layer | None) -> Message | None:
    """The paragraph to know about a formula of a layer, or of the input where there is no layer.

    None for a problem, and for what is only waiting.
    """
    title = _SAME_AS.get(formula.title.template, formula.title.template)
    if layer is None:
        return said.INPUT_VALUES if title == "Values" else _BY_TITLE.get(title)
    if title == "Parameters" and not formula.result:
        return said.NOTHING_LEARNED
    found = _BY_KIND.get((type(layer), title))
    if found is None:
        return _BY_TITLE.get(title)
    return found(layer) if callable(found) else found


def with_why(formulas: Iterable[Formula], layer: Layer | None) -> tuple[Formula, ...]:
    """The formulas of a layer, or of no layer in particular, each with its paragraph."""
    return tuple(msgspec.structs.replace(formula, why=why(formula, layer)) for formula in formulas)
