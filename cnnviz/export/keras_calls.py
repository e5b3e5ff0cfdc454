"""The Keras layers that do what a layer does: one table, with every kind in it.

Keras has (batch, height, width, channels), so kernels and shapes are channels-last here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import msgspec

from cnnviz.export.source import Code, rounded
from cnnviz.layers import (
    Activation,
    AdaptiveAvgPool,
    AvgPool,
    BatchNorm,
    Border,
    Call,
    ChannelDropout,
    Conv2d,
    Dense,
    Dropout,
    Flatten,
    GlobalAvgPool,
    GlobalMaxPool,
    GroupNorm,
    Layer,
    LayerNorm,
    LocallyConnected2d,
    LocalResponseNorm,
    Maps,
    MaxPool,
    Shape,
    Subsampling,
    TransposedConv2d,
    Vector,
    ZeroPadding,
)
from cnnviz.layers.branches import Branches
from cnnviz.layers.initialisation import DEFAULT
from cnnviz.layers.windows import ends, short

if TYPE_CHECKING:
    from cnnviz.layers.initialisation import Distribution
    from cnnviz.layers.pooling import Pool

Calls = tuple[Call, ...]
MINUS_INFINITY = Code('float("-inf")')
SAME = Code('"same"')


def keras_calls(layer: Layer, x: Shape, y: Shape) -> Calls:
    """The Keras layers that do it, one after another. x, y: the shapes of input and output."""
    calls = WRITERS[type(layer)](layer, x, y)
    if not layer.frozen or not (layer.parameters(x) or layer.buffers(x)):
        return calls
    return tuple(
        call
        if call.name in _WITHOUT_WEIGHTS
        else Call(call.name, call.positional, call.keywords | {"trainable": False})
        for call in calls
    )


def _conv2d(layer: Conv2d, x: Maps, _: Shape) -> Calls:
    before, padding = _padding(layer.padding)
    around = ends(layer.padding, x, layer.reach, layer.stride)
    if around == ends("same", x, layer.reach, layer.stride) and any(map(any, around)):
        before, padding = (), True  # numbers that come to the same
    dilated = layer.dilation.pair != (1, 1)
    strided = layer.stride.pair != (1, 1)
    keywords: dict[str, Any] = {}
    if strided and not dilated:
        keywords["strides"] = short(layer.stride.pair)
    if padding:
        keywords["padding"] = SAME
    after: Calls = ()
    if strided and dilated:
        # Keras allows one of the two alone: the stride follows.
        after = (Call("Every2D", (layer.stride.pair,)),)
        if padding:
            before = (_zeros(around),)
            del keywords["padding"]
    if dilated:
        keywords["dilation_rate"] = short(layer.dilation.pair)
    if not layer.bias:
        keywords["use_bias"] = False
    square = layer.stride.height == layer.stride.width
    depthwise = 1 < layer.groups == x.channels and square and not layer.connections
    if layer.initialisation != DEFAULT:
        size = (*layer.kernel.pair, 1) if layer.connections else (*layer.kernel.pair, 1, 1)
        start = _initializer(layer.start("weight", x), size)
        keywords["depthwise_initializer" if depthwise else "kernel_initializer"] = start
    kernel = short(layer.kernel.pair)
    if layer.connections:
        positional: tuple[Any, ...] = (layer.connections, layer.kernel.pair)
        call = Call("ConnectedConv2D", positional, keywords)
    elif depthwise:
        if layer.filters != layer.groups:
            keywords["depth_multiplier"] = layer.filters // layer.groups
        call = Call("layers.DepthwiseConv2D", (kernel,), keywords)
    else:
        if layer.groups != 1:
            keywords["groups"] = layer.groups
        call = Call("layers.Conv2D", (layer.filters, kernel), keywords)
    return (*before, call, *after)


def _transposed(layer: TransposedConv2d, x: Maps, y: Shape) -> Calls:
    keywords: dict[str, Any] = {}
    if layer.stride.pair != (1, 1):
        keywords["strides"] = short(layer.stride.pair)
    if layer.groups == 1 and layer.dilation.pair == (1, 1):
        name, kernel = "layers.Conv2DTranspose", short(layer.kernel.pair)
        if layer.padding == "same":
            keywords["padding"] = SAME
    else:
        name, kernel = "GroupedConv2DTranspose", layer.kernel.pair
        keywords["dilation_rate"] = short(layer.dilation.pair)
        keywords["groups"] = layer.groups
    if not layer.bias:
        keywords["use_bias"] = False
    if layer.initialisation != DEFAULT:
        start = _initializer(layer.start("weight", x), (*layer.kernel.pair, 1, 1))
        keywords["kernel_initializer"] = start
    call = Call(name, (layer.filters, kernel), keywords)
    if "padding" in keywords:
        return (call,)
    # Where the stride is larger than the kernel, Keras goes on to the end of the last stride.
    cuts = tuple(
        (first, last + max(stride - reach, 0))
        for (first, last), stride, reach in zip(
            layer.cuts, layer.stride.pair, layer.reach, strict=True
        )
    )
    if not any(map(any, cuts)):
        return (call,)
    return call, Call("layers.Cropping2D", (cuts,))


def _locally_connected(layer: LocallyConnected2d, x: Maps, _: Shape) -> Calls:
    before, _same_padding = _padding(layer.padding)
    keywords: dict[str, Any] = {}
    if layer.stride.pair != (1, 1):
        keywords["strides"] = layer.stride.pair
    if not layer.bias:
        keywords["use_bias"] = False
    if layer.initialisation != DEFAULT:
        keywords["kernel_initializer"] = _initializer(_for_every_map(layer, x), (-1, 1))
    return *before, Call("LocallyConnected2D", (layer.filters, layer.kernel.pair), keywords)


def _for_every_map(layer: LocallyConnected2d, x: Maps) -> Distribution:
    """How its weights start; numbers by hand in Keras's order, the maps of a pixel together."""
    start = layer.start("weight", x)
    if layer.initialisation.recipe != "by_hand":
        return start
    numbers = tuple(number for number in start.numbers for _ in range(x.channels))
    return msgspec.structs.replace(start, numbers=numbers)


def _max_pool(layer: MaxPool, x: Maps, y: Maps) -> Calls:
    border = _reach_over(layer, x, y)
    positional, keywords = _window(layer)
    if layer.padding == "same":
        keywords["padding"] = SAME
    elif any(map(any, border)):
        pad = Call("ConstantPadding2D", (border, MINUS_INFINITY))  # padding is never picked
        return pad, Call("layers.MaxPooling2D", positional, keywords)
    return (Call("layers.MaxPooling2D", positional, keywords),)


def _avg_pool(layer: AvgPool, x: Maps, y: Maps) -> Calls:
    positional, keywords = _window(layer)
    ends = layer.ends(x)
    if layer.padding == "same":
        if all(first == last for first, last in ends):
            keywords["padding"] = SAME
            return (Call("layers.AveragePooling2D", positional, keywords),)
        # Keras counts uneven padding with PyTorch as its backend.
        zeros, border = ((0, 0), (0, 0)), ends
    else:
        zeros = ends
        over = _reach_over(layer, x, y)
        border = ((0, over[0][1] - ends[0][1]), (0, over[1][1] - ends[1][1]))
    if not any(map(any, border)):
        before = (_zeros(zeros),) if any(map(any, zeros)) else ()
        return *before, Call("layers.AveragePooling2D", positional, keywords)
    windows = (layer.kernel.pair, layer.step.pair)
    return (Call("BorderAveragePooling2D", windows, {"zeros": zeros, "border": border}),)


def _adaptive(layer: AdaptiveAvgPool, x: Maps, _: Shape) -> Calls:
    rows, columns = layer.size.pair
    if layer.size.pair == (1, 1):
        return (Call("layers.GlobalAveragePooling2D", (), {"keepdims": True}),)
    if x.height % rows == 0 and x.width % columns == 0:
        window = short((x.height // rows, x.width // columns))
        return (Call("layers.AveragePooling2D", (window,)),)
    return (Call("AdaptiveAveragePooling2D", (layer.size.pair,)),)


def _subsampling(layer: Subsampling, *_: Shape) -> Calls:
    return (Call("Subsampling2D", (layer.kernel.pair, layer.step.pair)),)


def _batch_norm(layer: BatchNorm, *_: Shape) -> Calls:
    keywords: dict[str, Any] = {"momentum": rounded(1 - layer.momentum), "epsilon": layer.epsilon}
    return (Call("layers.BatchNormalization", (), keywords | _affine(layer.affine)),)


def _layer_norm(layer: LayerNorm, x: Shape, _: Shape) -> Calls:
    keywords: dict[str, Any] = {"axis": (1, 2, 3)} if isinstance(x, Maps) else {}
    keywords["epsilon"] = layer.epsilon
    return (Call("layers.LayerNormalization", (), keywords | _affine(layer.affine)),)


def _group_norm(layer: GroupNorm, *_: Shape) -> Calls:
    keywords = {"epsilon": layer.epsilon} | _affine(layer.affine)
    return (Call("layers.GroupNormalization", (layer.groups,), keywords),)


def _local_response_norm(layer: LocalResponseNorm, *_: Shape) -> Calls:
    keywords = {"alpha": layer.alpha, "beta": layer.beta, "k": layer.k}
    return (Call("LocalResponseNormalization", (layer.size,), keywords),)


def _zero_padding(layer: ZeroPadding, *_: Shape) -> Calls:
    top, bottom, left, right = layer.padding.all
    return (_zeros(((top, bottom), (left, right))),)


def _activation(layer: Activation, x: Shape, _: Shape) -> Calls:
    prelu: dict[str, Any] = {"shared_axes": (1, 2)} if isinstance(x, Maps) else {}
    prelu["alpha_initializer"] = Code(f"keras.initializers.Constant({layer.bend!r})")
    calls = {
        "relu": Call("layers.ReLU"),
        "leaky_relu": Call("layers.LeakyReLU", (), {"negative_slope": layer.bend}),
        "prelu": Call("layers.PReLU", (), prelu),
        "elu": Call("layers.ELU", (), {"alpha": layer.bend}),
        "gelu": Call("layers.Activation", (Code('"gelu"'),)),
        "silu": Call("layers.Activation", (Code('"silu"'),)),
        "relu6": Call("layers.Activation", (Code('"relu6"'),)),
        "hardswish": Call("layers.Activation", (Code('"hard_silu"'),)),
        "hardsigmoid": Call("layers.Activation", (Code('"hard_sigmoid"'),)),
        "sigmoid": Call("layers.Activation", (Code('"sigmoid"'),)),
        "tanh": Call("layers.Activation", (Code('"tanh"'),)),
        "scaled_tanh": Call("ScaledTanh"),
        "softplus": Call("layers.Activation", (Code('"softplus"'),)),
        "softmax": Call("layers.Softmax"),
    }
    return (calls[layer.function],)


def _dense(layer: Dense, x: Vector, _: Shape) -> Calls:
    keywords: dict[str, Any] = {} if layer.bias else {"use_bias": False}
    if layer.initialisation != DEFAULT:
        start = layer.start("weight", x)
        columns = max(1, len(start.numbers) // x.length)  # 1 where all units start alike
        if columns > 1:  # Keras has a column for each unit, PyTorch a row
            turned = [start.numbers[unit :: x.length] for unit in range(x.length)]
            numbers = tuple(number for row in turned for number in row)
            start = msgspec.structs.replace(start, numbers=numbers)
        keywords["kernel_initializer"] = _initializer(start, (x.length, columns))
    return (Call("layers.Dense", (layer.units,), keywords),)


def _merge(layer: Branches, *_: Shape) -> Calls:
    names = {"add": "Add", "concat": "Concatenate", "multiply": "Multiply"}
    return (Call(f"layers.{names[layer.merge]}"),)


WRITERS: Mapping[type[Layer], Callable[[Any, Any, Any], Calls]] = MappingProxyType(
    {
        Conv2d: _conv2d,
        TransposedConv2d: _transposed,
        LocallyConnected2d: _locally_connected,
        MaxPool: _max_pool,
        AvgPool: _avg_pool,
        AdaptiveAvgPool: _adaptive,
        GlobalAvgPool: lambda *_: (Call("layers.GlobalAveragePooling2D", (), {"keepdims": True}),),
        GlobalMaxPool: lambda *_: (Call("layers.GlobalMaxPooling2D", (), {"keepdims": True}),),
        Subsampling: _subsampling,
        BatchNorm: _batch_norm,
        LayerNorm: _layer_norm,
        GroupNorm: _group_norm,
        LocalResponseNorm: _local_response_norm,
        Dropout: lambda layer, *_: (Call("layers.Dropout", (layer.rate,)),),
        ChannelDropout: lambda layer, *_: (Call("layers.SpatialDropout2D", (layer.rate,)),),
        ZeroPadding: _zero_padding,
        Activation: _activation,
        Flatten: lambda *_: (Call("layers.Flatten"),),
        Dense: _dense,
        Branches: _merge,
    }
)


# --- what they share --------------------------------------------------------------------------

_WITHOUT_WEIGHTS = {"layers.ZeroPadding2D", "layers.Cropping2D", "Every2D"}
"""What stands before or behind the layer that has the weights."""

_Ends = tuple[tuple[int, int], tuple[int, int]]


def _padding(padding: object) -> tuple[Calls, bool]:
    """The layer that pads by a given border, and whether it is TensorFlow's SAME instead."""
    if isinstance(padding, Border) and any(padding.pair):
        return (Call("layers.ZeroPadding2D", (short(padding.pair),)),), False
    return (), padding == "same"


def _zeros(border: _Ends) -> Call:
    return Call("layers.ZeroPadding2D", (border,))


def _window(layer: Pool) -> tuple[tuple[Any, ...], dict[str, Any]]:
    positional: tuple[Any, ...] = (short(layer.kernel.pair),)
    if layer.step != layer.kernel:
        return positional, {"strides": short(layer.step.pair)}
    return positional, {}


def _reach_over(layer: Pool, x: Maps, y: Maps) -> _Ends:
    """What windows read above, below, left and right of the maps."""
    found = []
    for size, count, kernel, step, (first, last) in zip(
        (x.height, x.width),
        (y.height, y.width),
        layer.kernel.pair,
        layer.step.pair,
        layer.ends(x),
        strict=True,
    ):
        end = (count - 1) * step + kernel
        found.append((first, max(end - first - size, last)))
    return found[0], found[1]


def _affine(affine: bool) -> dict[str, Any]:
    return {} if affine else {"center": False, "scale": False}


def _initializer(of: Distribution, shape: tuple[int, ...]) -> Code:
    """What draws the weights; shape: that of numbers given one by one, as the kernel has it."""
    match of.kind, of.numbers:
        case "uniform", (bound, *_):
            return Code(
                f"keras.initializers.RandomUniform({-rounded(bound)!r}, {rounded(bound)!r})"
            )
        case "normal", (deviation, *_):
            return Code(f"keras.initializers.RandomNormal(0.0, {rounded(deviation)!r})")
        case _, (number,):
            return Code(f"keras.initializers.Constant({number!r})")
        case _:
            values = f"np.reshape({list(of.numbers)!r}, {shape!r})"
            return Code(f"keras.initializers.Constant({values})")
