"""What a setting would give is what it gives."""

from __future__ import annotations

import msgspec
import pytest

from cnnviz.analysis import analyze
from cnnviz.explain.preview import preview
from cnnviz.layers import Activation, Conv2d, Dense, Flatten, MaxPool, Size
from cnnviz.message import Message
from cnnviz.network import INPUT_UID, Input, Network

LAYERS = (
    Conv2d(uid="conv", filters=8, kernel=Size(5, 5)),
    Activation(uid="relu"),
    MaxPool(uid="pool"),
    Flatten(uid="flat"),
    Dense(uid="out", units=10),
)
NETWORK = Network(layers=LAYERS)


def said(network: Network, uid: str, words: str) -> tuple[str, bool]:
    found = preview(analyze(NETWORK, 10), network, uid, 10, Message("{words}", words=words))
    return str(found.words), found.works


def with_(uid: str, **change: object) -> Network:
    return NETWORK.replace(uid, msgspec.structs.replace(NETWORK.layer(uid), **change))


def test_the_example_of_the_issue() -> None:
    network = with_("conv", kernel=Size(7, 7))
    assert said(network, "conv", "Kernel 7") == ("Kernel 7 → 22×22×8, 400 parameters", True)


@pytest.mark.parametrize("filters", [1, 3, 64])
def test_it_says_what_the_analysis_says(filters: int) -> None:
    network = with_("conv", filters=filters)
    row = analyze(network, 10).row("conv")
    words, works = said(network, "conv", "F")
    assert works
    assert words == f"F → {row.output}, {row.parameter_count:,} parameters"


def test_what_cannot_be_says_why() -> None:
    words, works = said(with_("conv", kernel=Size(40, 40)), "conv", "Kernel 40")
    assert not works
    assert words.startswith("Kernel 40: The 40×40 kernel is larger")


def test_a_later_layer_that_would_break_is_named() -> None:
    words, works = said(with_("conv", kernel=Size(28, 28)), "conv", "Kernel 28")
    assert not works
    assert words.startswith("Kernel 28 → 1×1×8, 6,280 parameters, but then: ")
    assert "its 1×1 input" in words


def test_the_input_counts_all_parameters() -> None:
    network = NETWORK.with_input(Input(32, 32, 1))
    total = analyze(network, 10).parameters
    assert said(network, INPUT_UID, "Height 32") == (
        f"Height 32 → {total:,} parameters in all",
        True,
    )


def test_behind_a_problem_nothing_is_promised() -> None:
    broken = NETWORK.insert(0, Flatten(uid="early"))
    words, _ = said(broken.replace("pool", MaxPool(uid="pool", kernel=Size(3, 3))), "pool", "K 3")
    assert words == "K 3: it waits for a layer before it"
