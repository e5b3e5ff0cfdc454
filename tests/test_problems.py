"""Problems of a network at their places, and the ways out."""

from __future__ import annotations

import itertools

from hypothesis import assume, event, given, settings
from hypothesis import strategies as st

from cnnviz.analysis import analyze
from cnnviz.layers import (
    LIMIT,
    Branches,
    Conv2d,
    Dense,
    Flatten,
    Maps,
    Problem,
    Size,
    Vector,
)
from cnnviz.network import INPUT_UID, Input, Network
from cnnviz.network_file import decode_network, encode_network
from tests.support.networks import networks
from tests.support.written import RELU, chain, conv

# --- problems and their ways out --------------------------------------------------------------


def found_at(network: Network, uid: str, classes: int | None) -> Problem | None:
    report = analyze(network, classes)
    return report.problem if report.problem_uid == uid else None


def same_problem(one: Problem | None, other: Problem) -> bool:
    return one is not None and one.headline.template == other.headline.template


@settings(max_examples=400)
@given(network=networks(largest=9), classes=st.none() | st.integers(1, 12))
def test_every_way_out_leads_out(network: Network, classes: int | None) -> None:
    report = analyze(network, classes)
    assume(report.problem is not None)
    assert report.problem is not None
    event(report.problem.headline.template)
    assert report.fixes
    assert len({str(fix.label) for fix in report.fixes}) == len(report.fixes)
    before = [layer for _, layer in network.walk() if not isinstance(layer, Branches)]
    touched = {report.problem_uid}
    if network.has(report.problem_uid):
        touched |= network.inside(report.problem_uid)
    others = [layer for layer in before if layer.uid not in touched]
    for fix in report.fixes:
        mended = analyze(fix.network, classes)
        keeps = str(fix.label).startswith(("Add", "Insert", "Move"))
        after = [layer for _, layer in fix.network.walk()]
        for layer in before if keeps else others:
            assert layer in after, f"{fix.label} changes {layer}"
        if report.problem_uid == INPUT_UID:
            assert mended.problem is None
        assert not same_problem(found_at(fix.network, report.problem_uid, classes), report.problem)
        # It can be written, and a file of it can be opened.
        names = (f"new {n}" for n in itertools.count())
        written = encode_network(fix.network.named(names.__next__))
        assert len(decode_network(written).layers) == len(fix.network.layers)


@settings(max_examples=300)
@given(network=networks(largest=9))
def test_labels_name_the_shapes_that_come_out(network: Network) -> None:
    report = analyze(network)
    problem = report.problem
    assume(problem is not None)
    assert problem is not None
    for fix in report.fixes:
        label = str(fix.label)
        if "→" not in label:
            continue
        promised = label.rsplit("→", 1)[1].strip().replace(",", "")
        mended = analyze(fix.network)
        y = mended.row(report.problem_uid).output
        if isinstance(mended.row(report.problem_uid).layer, Branches):
            assert promised == str(y), label
            continue
        x = mended.row(report.problem_uid).input
        plane = f"{y.height}×{y.width}" if isinstance(y, Maps) else str(x)
        assert promised == plane, label


def problem_of(network: Network, classes: int | None = None) -> tuple[str, str, list[str]]:
    """Where it is, what is said of it, and the ways out."""
    report = analyze(network, classes)
    assert report.problem is not None
    return report.problem_uid, str(report.problem.headline), [str(f.label) for f in report.fixes]


def test_a_kernel_that_is_too_large() -> None:
    uid, headline, ways = problem_of(chain(conv(4, 5, 3), image=Input(4, 9)))
    assert uid == "0"
    assert headline == "The 5×5 kernel is larger than its 4×9 input."
    assert ways == ["Padding same → 2×3", "Kernel 4×5 → 1×2", "Delete this layer"]
    report = analyze(chain(conv(4, 5, 3), image=Input(4, 9)))
    assert report.problem is not None
    assert str(report.problem.detail) == "Output would be ⌊(4 − 5)/3⌋ + 1 = 0."


def test_maps_for_a_dense_layer_and_a_vector_for_a_convolution() -> None:
    assert problem_of(chain(conv(4, 3), Dense())) == (
        "1",
        "Dense needs a vector and receives 26×26×4 feature maps.",
        ["Insert flatten → 2,704", "Insert global avg pool → 4"],
    )
    assert problem_of(chain(RELU, Flatten(), RELU, conv(4, 3))) == (
        "3",
        "Conv needs feature maps and receives a vector of 784.",
        ["Move before Flatten", "Delete this layer"],
    )


def test_the_end_of_a_network_must_suit_the_classes() -> None:
    assert problem_of(chain(), 10)[0] == INPUT_UID
    assert problem_of(chain(conv(4, 3)), 10) == (
        "0",
        "The network ends in 26×26×4 feature maps, but one number for each class is needed.",
        ["Add flatten and dense 10", "Add global avg pool and dense 10"],
    )
    network = chain(Flatten(), Dense(units=11))
    assert problem_of(network, 10)[2] == ["Units 10", "Add dense 10"]
    report = analyze(network, 10)
    assert report.output == Vector(11)  # shown all the same
    assert report.rows[-1].output == Vector(11)
    assert report.rows[-1].problem is report.problem
    assert analyze(network, 11).problem is None


def test_an_end_is_not_judged_before_it_is_reached() -> None:
    report = analyze(chain(Dense(), Flatten(), Dense(units=3)), 10)
    assert report.problem_uid == "0"
    assert [row.waiting for row in report.rows] == [False, True, True]


def test_ways_out_stay_within_the_limits() -> None:
    """One filter more than may be is no way out."""
    network = chain(Conv2d(filters=LIMIT, groups=3, kernel=Size(1, 1)), image=Input(1, 1, 3))
    for fix in analyze(network).fixes:
        decode_network(encode_network(fix.network))


def test_a_dense_layer_too_large_is_not_sent_where_it_cannot_work() -> None:
    report = analyze(chain(Flatten(), Dense(units=LIMIT), image=Input(100, 100)))
    assert report.problem_uid == "1"
    assert [str(fix.label) for fix in report.fixes] == ["Delete this layer"]
