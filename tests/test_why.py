"""Every formula that is ever shown has the paragraph to know about it, and it is short."""

from __future__ import annotations

import inspect
import json
import re
from pathlib import Path

import pytest
from hypothesis import given

from cnnviz.analysis import analyze
from cnnviz.assets import asset_path
from cnnviz.explain import explain, explain_input, paragraphs
from cnnviz.explain.sharing import sharing
from cnnviz.explain.why import why
from cnnviz.layers import Activation, Border, Branches, Conv2d, Dense, Dropout, Flatten, Layer, Size
from cnnviz.message import Message
from cnnviz.network import Network
from cnnviz.presets import PRESETS, preset
from tests.support.all_kinds import networks
from tests.support.formulas import alone

PARAGRAPHS = {name: said for name, said in vars(paragraphs).items() if isinstance(said, Message)}
MOST_SENTENCES = 5


def lacking(network: Network) -> list[tuple[str, str]]:
    """(kind, title) of what is shown without a paragraph."""
    report = analyze(network)
    found = [
        (row.layer.kind, str(formula.title))
        for row in report.rows
        for formula in explain(report, row.layer.uid)
        if formula.why is None and not formula.problem and not row.waiting
    ]
    found += [("input", str(f.title)) for f in explain_input(report) if not f.why and not f.problem]
    return found


@given(networks())
def test_every_formula_has_its_paragraph(network: Network) -> None:
    assert not lacking(network)


@pytest.mark.parametrize("name", sorted(PRESETS))
def test_of_every_known_network(name: str) -> None:
    count = iter(range(10_000))
    assert not lacking(preset(name).named(lambda: f"u{next(count)}"))


@pytest.mark.parametrize("merge", ["add", "concat", "multiply"])
def test_of_every_merge(merge: str) -> None:
    block = Branches(merge=merge, branches=((Conv2d(filters=1, padding="same"),), ()))  # type: ignore[arg-type]
    count = iter(range(10))
    network = Network(layers=(block, Flatten(), block)).named(lambda: f"u{next(count)}")
    assert not lacking(network)


def test_of_shared_weights() -> None:
    layers = (Conv2d(uid="conv"), Flatten(uid="flat"), Dense(uid="dense"), Dense(uid="out"))
    report = analyze(Network(layers=layers))
    for uid in ("conv", "dense", "out"):
        found = sharing(report, uid)
        assert found
        assert all(formula.why is not None for formula in found)


def test_the_paragraph_is_about_what_is_special() -> None:
    def about(layer: Layer, title: str) -> Message | None:
        return alone(layer)[1][title].why

    size = "Output height and width"
    assert about(Conv2d(), size) == paragraphs.WINDOW_OUTPUT
    assert about(Conv2d(stride=Size(2, 2)), size) == paragraphs.STRIDE
    assert about(Conv2d(dilation=Size(2, 2)), size) == paragraphs.DILATION
    assert about(Conv2d(padding="same"), size) == paragraphs.SAME
    assert about(Conv2d(padding=Border(1, 1)), size) == paragraphs.BORDER
    assert about(Conv2d(), "Parameters") == paragraphs.SHARED_WEIGHTS
    assert about(Activation(), "Parameters") == paragraphs.NOTHING_LEARNED
    happens = "What happens to a value x"
    assert about(Activation(function="softmax"), happens) == paragraphs.SOFTMAX
    assert about(Dropout(), "Values set to zero") == paragraphs.DROPOUT


def test_a_problem_needs_no_paragraph() -> None:
    _, found = alone(Dense())
    assert [formula.why for formula in found.values() if formula.problem] == [None]


def test_every_paragraph_is_used() -> None:
    source = Path(inspect.getfile(why)).read_text(encoding="utf-8")
    used = set(re.findall(r"said\.([A-Z_]+)", source))
    assert used == set(PARAGRAPHS)


@pytest.mark.parametrize("name", sorted(PARAGRAPHS))
def test_paragraphs_are_short_in_both_languages(name: str) -> None:
    english = PARAGRAPHS[name].template
    chinese = json.loads(asset_path("translations", "zh_CN.json").read_text(encoding="utf-8"))[
        english
    ]
    assert len(re.findall(r"[.!?](?= |$)", english)) <= MOST_SENTENCES
    assert len(re.findall("[。！？]", chinese)) <= MOST_SENTENCES
