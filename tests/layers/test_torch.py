"""Every kind of layer against PyTorch: shapes, tensors, refusals, and the printed call."""

from __future__ import annotations

import msgspec
import pytest
import torch
from hypothesis import assume, event, given, settings
from hypothesis import strategies as st
from torch import nn

from cnnviz.analysis import analyze
from cnnviz.engine.build import Model
from cnnviz.layers import (
    Border,
    Conv2d,
    Dense,
    Flatten,
    GroupNorm,
    Layer,
    Maps,
    MaxPool,
    Problem,
    Size,
    Vector,
    fields_of,
)
from cnnviz.network import Input, Network
from tests.layers.modules import images_of, module_of, stack_of
from tests.layers.refusals import padded_like_pytorch, refuses, shape_of
from tests.support.networks import SINGLES, fitting, layers_of, shapes, wants_only_maps

every_kind = pytest.mark.parametrize("kind", SINGLES, ids=lambda kind: kind.__name__)


def trained(module: nn.Module) -> dict[str, tuple[int, ...]]:
    return {name: tuple(tensor.shape) for name, tensor in module.named_parameters()}


def kept(module: nn.Module) -> dict[str, tuple[int, ...]]:
    """Buffers without batch norm's counter, which means nothing with a momentum."""
    return {
        name: tuple(tensor.shape)
        for name, tensor in module.named_buffers()
        if name != "num_batches_tracked"
    }


@every_kind
@given(data=st.data())
def test_shapes_and_tensors_are_pytorchs(kind: type[Layer], data: st.DataObject) -> None:
    layer, x = data.draw(fitting(kind, largest=12))
    y = layer.output_shape(x)
    assume(not isinstance(y, Problem))
    with torch.device("meta"):
        stack = stack_of(layer, x)
        found = stack(images_of(x, device="meta"))
    assert shape_of(found) == y
    assert trained(stack[-1]) == layer.parameters(x)
    assert kept(stack[-1]) == layer.buffers(x)
    for module in list(stack)[:-1]:
        assert not trained(module)
        assert not kept(module)


@pytest.mark.filterwarnings("ignore:Using padding='same' with even kernel lengths")
@every_kind
@settings(max_examples=150)
@given(data=st.data())
def test_refused_exactly_where_pytorch_on_the_cpu_refuses(
    kind: type[Layer], data: st.DataObject
) -> None:
    """Exceptions: 'same' with a stride is ours; dense wants a vector (PyTorch takes the last axis);
    a group of a single value. And PyTorch takes a vector for maps without a batch here and there;
    we do not."""
    layer, x = data.draw(fitting(kind) | st.tuples(layers_of(kind), shapes(largest=7)))
    assume(padded_like_pytorch(layer))
    # What PyTorch knows nothing of has its own tests.
    assume(layer.initialisation.recipe != "by_hand")
    assume(not getattr(layer, "connections", ()))
    ours = isinstance(layer.output_shape(x), Problem)
    event(f"refused: {ours}")
    strange = Vector if wants_only_maps(layer) else Maps if isinstance(layer, Dense) else ()
    if isinstance(x, strange):
        assert ours
        return
    if isinstance(layer, GroupNorm) and x.size == layer.groups:
        assert ours  # PyTorch refuses it as well, but only for a single image
        return
    assert ours == refuses(layer, x)


@pytest.mark.parametrize(
    ("layer", "x", "refused"),
    [
        (Conv2d(kernel=Size(3, 3)), Maps(2, 9, 1), True),
        (Conv2d(kernel=Size(3, 3), padding=Border(1, 0)), Maps(1, 3, 1), False),
        (Conv2d(kernel=Size(3, 3), dilation=Size(3, 1)), Maps(6, 3, 1), True),
        (Conv2d(kernel=Size(3, 3), dilation=Size(3, 1)), Maps(7, 3, 1), False),
        (Conv2d(filters=4, groups=2), Maps(5, 5, 3), True),
        (Conv2d(filters=3, groups=2), Maps(5, 5, 4), True),
        (Conv2d(filters=4, groups=2), Maps(5, 5, 4), False),
        (MaxPool(kernel=Size(3, 3), padding=Border(2, 0)), Maps(5, 5, 1), True),
        (MaxPool(kernel=Size(3, 3), padding=Border(1, 1)), Maps(5, 5, 1), False),
        (MaxPool(kernel=Size(2, 2), padding=Border(1, 1)), Maps(1, 1, 1), False),
    ],
)
def test_the_edges_of_refusal(layer: Layer, x: Maps, refused: bool) -> None:
    assert isinstance(layer.output_shape(x), Problem) == refused == refuses(layer, x)


def test_a_kernel_of_nothing_is_not_let_in() -> None:
    """PyTorch builds it, and its meta device even runs it."""
    for field in fields_of(Conv2d):
        if field.kind == "int":
            assert field.minimum == 1, field.name
    for height, width in ((0, 1), (1, 0), (-1, 1)):
        with pytest.raises(msgspec.ValidationError, match="int` >= 1"):
            msgspec.convert([height, width], Size)


@every_kind
@settings(max_examples=50)
@given(data=st.data())
def test_the_printed_call_makes_the_module_that_is_trained(
    kind: type[Layer], data: st.DataObject
) -> None:
    """What export prints and what the engine builds is the same, to the last setting."""
    layer, x = data.draw(fitting(kind))
    assume(not isinstance(layer.output_shape(x), Problem))
    with torch.device("meta"):
        printed = [repr(module_of(call)) for call in layer.torch_calls(x)]
        if isinstance(x, Maps):
            network = Network(input=Input(x.height, x.width, x.channels)).with_layers([layer])
        else:
            network = Network(input=Input(1, 1, x.length)).with_layers([Flatten(), layer])
        built = Model(analyze(network)).blocks[-1]
    # Some of the engine's take a quicker way; tests/engine/test_quick_modules.py has that they do
    # the same, and tests/engine/test_quick.py the chances of dropout.
    assert printed == [repr(module).removeprefix("Quick") for module in built]


@every_kind
def test_a_kind_says_what_it_is(kind: type[Layer]) -> None:
    layer = kind()
    assert layer.kind == kind.__struct_config__.tag
    assert str(layer.name)
    assert str(kind.help).endswith(".")
    for field in fields_of(kind):
        assert str(field.title)
        assert str(field.help).endswith(".")
        assert layer.effective(field.name) is not None
