"""What follows from a network: published figures, the whole from its parts, and limits."""

from __future__ import annotations

import tracemalloc
from math import prod

import msgspec
import pytest
from hypothesis import given

from cnnviz.analysis import Report, analyze
from cnnviz.fixes import MAX_PARAMETERS
from cnnviz.layers import (
    LIMIT,
    Activation,
    AvgPool,
    BatchNorm,
    Border,
    Branches,
    Conv2d,
    Dense,
    Dropout,
    Flatten,
    GlobalAvgPool,
    Layer,
    Maps,
    MaxPool,
    Problem,
    Shape,
    Size,
    Vector,
)
from cnnviz.network import INPUT_UID, MAX_LAYERS, Input, Network
from tests.support.networks import networks
from tests.support.written import RELU, chain, conv


def counts(report: Report) -> list[int | None]:
    """Parameters of the layers that have some."""
    return [row.parameter_count for row in report.rows if row.parameter_count]


def outputs(report: Report) -> list[str]:
    return [str(row.output) for row in report.rows]


# --- published figures ------------------------------------------------------------------------

SIGMOID = Activation(function="sigmoid")


def vgg_16() -> Network:
    layers: list[Layer] = []
    for filters, times in ((64, 2), (128, 2), (256, 3), (512, 3), (512, 3)):
        layers += [conv(filters, 3, 1, 1), RELU] * times + [MaxPool()]
    layers.append(Flatten())
    for _ in range(2):
        layers += [Dense(units=4096), RELU, Dropout()]
    return chain(*layers, Dense(units=1000), image=Input(224, 224, 3))


def test_vgg_16() -> None:
    report = analyze(vgg_16(), 1000)
    assert report.problem is None
    assert report.parameters == 138_357_544
    assert round(report.multiply_adds / 1e9, 2) == 15.47
    field = report.receptive_field
    assert field is not None
    assert (field.height, field.width) == (212, 212)
    assert (field.jump_height, field.jump_width) == (32, 32)
    assert report.depth == 16


def test_alexnet_of_one_tower() -> None:
    pool = MaxPool(kernel=Size(3, 3), stride=Size(2, 2))
    report = analyze(
        chain(
            *(conv(64, 11, 4, 2), RELU, pool, conv(192, 5, 1, 2), RELU, pool),
            *(conv(384, 3, 1, 1), RELU, conv(256, 3, 1, 1), RELU, conv(256, 3, 1, 1), RELU, pool),
            *(Flatten(), Dropout(), Dense(units=4096), RELU, Dropout(), Dense(units=4096), RELU),
            Dense(units=1000),
            image=Input(224, 224, 3),
        )
    )
    assert report.parameters == 61_100_840
    assert round(report.multiply_adds / 1e9, 2) == 0.71
    assert report.rows[12].output == Maps(6, 6, 256)


def test_lenet_5_as_far_as_it_has_no_table_of_connections() -> None:
    report = analyze(
        chain(
            *(conv(6, 5), AvgPool(), conv(16, 5), AvgPool(), conv(120, 5)),
            *(Flatten(), Dense(units=84), Dense(units=10)),
            image=Input(32, 32),
        )
    )
    assert outputs(report)[:5] == ["28×28×6", "14×14×6", "10×10×16", "5×5×16", "1×1×120"]
    found = counts(report)
    assert (found[0], found[2], found[3]) == (156, 48_120, 10_164)
    assert found[1] == (25 * 6 + 1) * 16  # its table keeps 1,516 of these


def test_tutorial_lenet() -> None:
    def lenet(padding: str) -> Report:
        first, second = (
            Conv2d(filters=n, kernel=Size(5, 5), padding=padding)  # type: ignore[arg-type]
            for n in (32, 64)
        )
        rest = (Flatten(), Dense(units=1024), RELU, Dropout(), Dense(units=10))
        return analyze(chain(first, RELU, MaxPool(), second, RELU, MaxPool(), *rest), 10)

    valid, same = lenet("valid"), lenet("same")
    assert valid.problem is same.problem is None
    assert valid.rows[6].output == Vector(1024)
    assert same.rows[6].output == Vector(3136)
    assert counts(same) == [832, 51_264, 3_212_288, 10_250]


def test_cnn_of_the_deep_learn_toolbox() -> None:
    layers = (conv(6, 5), SIGMOID, AvgPool(), conv(12, 5), SIGMOID, AvgPool())
    report = analyze(chain(*layers, Flatten(), Dense(units=10), SIGMOID), 10)
    assert outputs(report) == [
        *("24×24×6", "24×24×6", "12×12×6", "8×8×12", "8×8×12", "4×4×12"),
        *("192", "10", "10"),
    ]
    assert report.problem is None


def test_figures_of_the_books() -> None:
    """A filter is shared, a dense neuron is not."""
    small = Input(7, 7)
    assert counts(analyze(chain(Flatten(), Dense(units=1), image=small))) == [49 + 1]
    filtered = analyze(chain(conv(1, 3), image=small))
    assert counts(filtered) == [9 + 1]
    assert filtered.output == Maps(5, 5, 1)

    large = Input(1000, 1000)
    dense = analyze(chain(Flatten(), Dense(units=10**6, bias=False), image=large))
    assert counts(dense) == [10**12]
    for filters, weights in ((1, 100), (100, 10**4)):
        shared = Conv2d(filters=filters, kernel=Size(10, 10), bias=False)
        assert counts(analyze(chain(shared, image=large))) == [weights]

    for kernel, padding, size in ((3, "valid", 26), (3, "same", 28), (5, "valid", 24)):
        layer = Conv2d(filters=1, kernel=Size(kernel, kernel), padding=padding)  # type: ignore[arg-type]
        assert analyze(chain(layer)).output == Maps(size, size, 1)


# --- the whole from its parts -----------------------------------------------------------------


@given(network=networks())
def test_totals_are_the_sums_of_the_rows(network: Network) -> None:
    report = analyze(network)
    rows = report.rows
    assert [(row.path, row.layer) for row in rows] == list(network.walk())
    assert report.parameters == sum(row.parameter_count or 0 for row in rows)
    assert report.buffers == sum(row.buffer_count or 0 for row in rows)
    assert report.multiply_adds == sum(row.multiply_adds or 0 for row in rows)
    sizes = [row.output.size for row in rows if row.output is not None]
    assert report.activation_bytes == 4 * (network.input.shape.size + sum(sizes))
    tensors = [prod(shape) for _, _, shape in report.tensor_keys()]
    assert sum(tensors) == report.parameters + report.buffers
    assert len(set(report.tensor_keys())) == len(tensors)
    if report.problem is None:
        last = report.row(network.layers[-1].uid).output if rows else network.input.shape
        assert report.output == last
        assert report.fixes == ()


@given(network=networks(depth=0))
def test_each_layer_receives_what_the_one_before_gives(network: Network) -> None:
    """Up to the first problem everything is known; the layers after it wait, and know nothing."""
    report = analyze(network)
    shape: Shape = network.input.shape
    broken = False
    for row in report.rows:
        if broken:
            assert row.waiting
            unplaced = msgspec.structs.replace(row, layer=Flatten(), path="", source=INPUT_UID)
            assert unplaced == type(row)(Flatten())
            continue
        assert not row.waiting
        assert row.input == shape
        found = row.layer.output_shape(shape)
        if isinstance(found, Problem):
            broken = True
            assert row.problem == report.problem == found
            assert report.problem_uid == row.layer.uid
            assert report.output is None
        else:
            assert row.output == found
            shape = found
    assert broken == (report.problem is not None)
    assert broken == bool(report.problem_uid)


# --- limits -----------------------------------------------------------------------------------


def test_parameters_are_counted_up_to_a_limit() -> None:
    """2**20 inputs, 2**20 units: exactly as many weights as are allowed; a bias is one too many."""
    image = Input(1024, 1024)
    assert analyze(chain(Flatten(), Dense(units=2**20, bias=False), image=image)).problem is None
    report = analyze(chain(Flatten(), Dense(units=2**20), image=image))
    assert report.problem_uid == "1"
    assert report.parameters == 0
    more = chain(Dense(units=2**20, bias=False), BatchNorm()).layers
    report = analyze(chain(Flatten(), *more, image=image))
    assert report.problem_uid == "2"
    assert report.parameters == MAX_PARAMETERS


HUGE = [
    chain(Conv2d(filters=LIMIT, kernel=Size(1, 1)), RELU, BatchNorm(), image=Input(LIMIT, LIMIT)),
    chain(
        Conv2d(kernel=Size(LIMIT, LIMIT), stride=Size(LIMIT, LIMIT), padding="same"),
        image=Input(LIMIT, LIMIT, LIMIT),
    ),
    chain(
        Conv2d(kernel=Size(1, 1), dilation=Size(LIMIT, LIMIT), padding=Border(LIMIT, LIMIT)),
        MaxPool(kernel=Size(LIMIT, 1), padding="same"),
        AvgPool(stride=Size(LIMIT, LIMIT)),
        image=Input(LIMIT, LIMIT),
    ),
    chain(Flatten(), Dense(units=LIMIT), image=Input(LIMIT, LIMIT, LIMIT)),
    chain(GlobalAvgPool(), Flatten(), BatchNorm(), image=Input(LIMIT, LIMIT, LIMIT)),
    chain(*[conv(8, 3, 1, 1), BatchNorm(), RELU, Dropout()] * (MAX_LAYERS // 4)),
    chain(*[conv(8, 3)] * MAX_LAYERS),
    chain(Flatten(), *[Dense()] * (MAX_LAYERS - 1)),
]


@pytest.mark.parametrize("network", HUGE, ids=range(len(HUGE)))
def test_the_largest_networks_are_worked_out_without_building_anything(network: Network) -> None:
    tracemalloc.start()
    try:
        report = analyze(network, 10)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 3000 * (len(network.layers) + 10)  # rows of a report, nothing that grows
    assert len(report.rows) == len(network.layers)
    for fix in report.fixes:
        analyze(fix.network, 10)


def test_no_layer_is_moved_before_a_flatten_that_receives_a_vector() -> None:
    """The maps have ended in another block, where there is no place for what comes after."""
    ended = Branches(uid="ended", branches=((Flatten(uid="c"),),))
    inside = Branches(uid="inside", branches=((Flatten(uid="e"), Conv2d(uid="f")),))
    report = analyze(Network(layers=(ended, inside)))
    assert report.problem_uid == "f"
    assert [str(fix.label) for fix in report.fixes] == ["Delete this layer"]


def test_nor_is_a_block_that_flattens_itself() -> None:
    inside = Branches(uid="inside", branches=((Flatten(uid="c"), Conv2d(uid="e")),))
    report = analyze(Network(layers=(Flatten(uid="a"), inside)))
    assert report.problem_uid == "e"
    assert [str(fix.label) for fix in report.fixes] == ["Delete this layer"]
