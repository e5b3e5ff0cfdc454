"""Networks of all kinds of layers, for properties that must hold for every one."""

from __future__ import annotations

from hypothesis import strategies as st

from cnnviz.layers import (
    FUNCTION_NAMES,
    Activation,
    AdaptiveAvgPool,
    AvgPool,
    BatchNorm,
    Border,
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
    MaxPool,
    Sides,
    Size,
    Subsampling,
    TransposedConv2d,
    ZeroPadding,
)
from cnnviz.network import Input, Network
from tests.support.formulas import named

small = st.integers(1, 5)
sizes = st.builds(Size, small, small)
borders = st.builds(Border, st.integers(0, 3), st.integers(0, 3))
paddings = st.sampled_from(["valid", "same"]) | borders
inputs = st.builds(Input, st.integers(1, 40), st.integers(1, 40), st.integers(1, 8))
pools = {
    "kernel": sizes,
    "stride": st.none() | sizes,
    "padding": paddings,
    "rounding": st.sampled_from(["floor", "ceil"]),
}
sliding_layers: st.SearchStrategy[Layer] = st.one_of(
    st.builds(
        Conv2d,
        filters=st.integers(1, 12),
        kernel=sizes,
        stride=sizes,
        padding=paddings,
        dilation=sizes,
        groups=st.integers(1, 4),
        bias=st.booleans(),
    ),
    st.builds(MaxPool, **pools),
    st.builds(AvgPool, **pools),
    st.just(GlobalAvgPool()),
)
map_layers: st.SearchStrategy[Layer] = st.one_of(
    sliding_layers,
    st.builds(
        Conv2d,
        filters=st.just(3),
        kernel=sizes,
        connections=st.just(((0,), (0, 1), (1, 2))),
        bias=st.booleans(),
    ),
    st.builds(
        TransposedConv2d,
        filters=st.integers(1, 12),
        kernel=sizes,
        stride=sizes,
        padding=paddings,
        dilation=sizes,
        groups=st.integers(1, 3),
        bias=st.booleans(),
    ),
    st.builds(
        LocallyConnected2d,
        filters=st.integers(1, 4),
        kernel=sizes,
        stride=sizes,
        padding=st.just("valid") | borders,
        bias=st.booleans(),
    ),
    st.builds(Subsampling, kernel=sizes, stride=st.none() | sizes),
    st.builds(AdaptiveAvgPool, size=st.builds(Size, st.integers(1, 9), st.integers(1, 9))),
    st.just(GlobalMaxPool()),
    st.builds(ZeroPadding, padding=st.builds(Sides, *[st.integers(0, 3)] * 4)),
    st.builds(LocalResponseNorm, size=st.integers(1, 7), alpha=st.floats(0, 1)),
    st.builds(ChannelDropout, rate=st.floats(0, 1)),
)
any_layers: st.SearchStrategy[Layer] = st.one_of(
    st.builds(
        Activation,
        function=st.sampled_from(sorted(FUNCTION_NAMES)),
        slope=st.none() | st.floats(0, 10, allow_nan=False),
    ),
    st.builds(
        BatchNorm, momentum=st.floats(0, 1), epsilon=st.floats(1e-9, 1), affine=st.booleans()
    ),
    st.builds(LayerNorm, epsilon=st.floats(1e-9, 1), affine=st.booleans()),
    st.builds(GroupNorm, groups=st.integers(1, 3), affine=st.booleans()),
    st.builds(Dropout, rate=st.floats(0, 1)),
    st.just(Flatten()),
)
vector_layers = st.builds(Dense, units=st.integers(1, 2000), bias=st.booleans()) | any_layers


@st.composite
def networks(draw: st.DrawFn, maps: st.SearchStrategy[Layer] = map_layers) -> Network:
    """Mostly working ones, of all kinds, or of some for maps."""
    layers = draw(st.lists(maps | any_layers, max_size=4))
    if draw(st.booleans()):
        layers += [Flatten(), *draw(st.lists(vector_layers, max_size=3))]
    return named(draw(inputs), *layers)
