"""No kind exists in half of the rooms: saved, counted, drawn, explained, trained, exported, all.

Each with three channels, and with a stride of 2 and padding where it has them.
"""

from __future__ import annotations

import csv
import importlib.util
from typing import TYPE_CHECKING, Any, get_args
from xml.etree import ElementTree

import numpy as np
import pytest
import torch

from cnnviz.analysis import Report, analyze
from cnnviz.assets import asset_path
from cnnviz.engine.batches import DeviceData, fit
from cnnviz.engine.build import build
from cnnviz.engine.inline import learned
from cnnviz.engine.probe import look
from cnnviz.engine.protocol import Probe
from cnnviz.engine.train import Run
from cnnviz.explain import explain, seen_by
from cnnviz.export.diagram import diagram
from cnnviz.export.pytorch import pytorch_source, pytorch_state
from cnnviz.export.sheet import markdown, sheet
from cnnviz.export.table import summary_json, summary_table
from cnnviz.files import open_any, save_network, save_project
from cnnviz.layers import (
    KINDS,
    Activation,
    BatchNorm,
    Border,
    Branches,
    Conv2d,
    Dense,
    Flatten,
    Initialisation,
    Layer,
    LocallyConnected2d,
    Maps,
    MaxPool,
    Sides,
    Size,
    TransposedConv2d,
    fields_of,
)
from cnnviz.layers.activation import Function
from cnnviz.layers.initialisation import Recipe
from cnnviz.network import Input, Network, named_by_place
from cnnviz.network_file import decode_network, encode_network
from cnnviz.project import Project
from cnnviz.training import Training
from tests.engine.desk import samples
from tests.export.keras_desk import check_in_keras, run_in_keras

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pytestqt.qtbot import QtBot

IMAGE = Input(13, 11, 3)
VALUES: dict[tuple[str, str], Any] = {
    ("stride", "size"): Size(2, 2),
    ("padding", "padding"): Border(1, 1),
    ("padding", "sides"): Sides(1, 2, 0, 1),
    ("size", "size"): Size(3, 2),
    ("rounding", "choice"): "ceil",
    ("filters", "int"): 6,
    ("groups", "int"): 3,
}
"""What is set where a kind has such a field."""


def layers() -> Iterator[Layer]:
    """Every kind as above, with 'same', and all that a choice can choose."""
    for kind in KINDS:
        fields = [(f.name, f.kind, f) for f in fields_of(kind)]
        chosen = {name: VALUES[name, of] for name, of, _ in fields if (name, of) in VALUES}
        yield kind(**chosen)
        if any(name == "frozen" for name, _, _ in fields):
            yield kind(**chosen | {"frozen": True})
        for name, _, field in fields:
            if "same" in field.choices:
                down = {"rounding": "floor"} if "rounding" in chosen else {}
                yield kind(**chosen | {name: "same"} | down)
    for function in get_args(Function):
        yield Activation(function=function)
    for recipe in get_args(Recipe):
        start = Initialisation(recipe, 0.1, tuple(range(9)))
        for kind in (Conv2d, TransposedConv2d, LocallyConnected2d):
            yield kind(
                filters=4, kernel=Size(3, 3), stride=Size(2, 2), padding=Border(1, 1),
                initialisation=start,
            )  # fmt: skip
    yield Conv2d(filters=3, connections=((0,), (0, 2), (1,)), stride=Size(2, 2), padding="same")


def named(layer: Layer) -> str:
    """How a test is called."""
    return f"{layer.kind} {' '.join(str(v) for v in _settings(layer))}"[:70]


def _settings(layer: Layer) -> Iterator[object]:
    for field in fields_of(type(layer)):
        value = getattr(layer, field.name)
        if value != field.default:
            yield value.recipe if isinstance(value, Initialisation) else value


every_layer = pytest.mark.parametrize("layer", list(layers()), ids=named)


def network_of(layer: Layer) -> Network:
    """The layer between the image and ten classes."""
    before: list[Layer] = [Flatten()] if isinstance(layer, Dense) else []
    if isinstance(layer, Activation):
        before = [BatchNorm()]  # so that it receives negative values too
    return named_by_place(
        Network(name="One", input=IMAGE).with_layers([*before, layer, Flatten(), Dense(units=10)])
    )


def report_of(layer: Layer) -> Report:
    report = analyze(network_of(layer), 10)
    assert report.problem is None
    return report


def uid_of(layer: Layer) -> str:
    return "1" if isinstance(layer, Dense | Activation) else "0"


def path_of(layer: Layer) -> str:
    return f"/{uid_of(layer)}"


@every_layer
def test_saved_and_reopened(layer: Layer, tmp_path: Path) -> None:
    report = report_of(layer)
    assert decode_network(encode_network(report.network)) == report.network
    save_network(tmp_path / "n.json", report.network)
    assert open_any(tmp_path / "n.json").project.network == report.network
    weights = learned(build(report, {}, 1))
    project = Project(report.network)
    save_project(tmp_path / "p.cnnviz", project, weights)
    opened = open_any(tmp_path / "p.cnnviz")
    assert opened.project == project
    assert opened.weights.keys() == weights.keys()
    for key, values in weights.items():
        np.testing.assert_array_equal(opened.weights[key], values)


@every_layer
def test_counted_and_explained(layer: Layer) -> None:
    report = report_of(layer)
    model = build(report, {}, 1)
    assert report.parameters == sum(p.numel() for p in model.parameters())
    row = report.row(uid_of(layer))
    titles = [str(formula.title) for formula in explain(report, uid_of(layer))]
    assert "Memory" in titles
    assert ("Multiply-adds" in titles) == bool(row.multiply_adds)
    assert seen_by(report, uid_of(layer)) is not None
    assert f'"{layer.kind}"' in summary_json(report)
    assert str(row.output) in summary_table(report)


@every_layer
def test_learns_in_a_step_and_is_looked_into(layer: Layer) -> None:
    """Its own weights as well; all its values are finite, in training and after it."""
    report = report_of(layer)
    model = build(report, {}, 1)
    before = learned(model)
    data = DeviceData(samples(16, 8), "cpu")
    run = Run(model, data, Training(epochs=1, batch_size=8, learning_rate=0.01), 1)
    for _ in run.work:
        if run.step:
            break
    after = learned(model)
    row = report.row(uid_of(layer))
    for name, shape in row.parameters.items():
        key = (row.layer.uid, name, shape)
        assert np.isfinite(after[key]).all()
        assert np.array_equal(before[key], after[key]) == layer.frozen
    image = data.test_images[0].numpy().tobytes()
    uid = uid_of(layer)
    seen = look(model, Probe(1, image, 28, 28, 1, uid), revision=0, step=1, device="cpu")
    assert len(seen.probabilities) == 10
    assert sum(seen.probabilities) == pytest.approx(1, abs=1e-5)
    assert {tensor.name for tensor in seen.weights} == set(row.tensors)


@pytest.mark.parametrize(
    "layer", [layer for layer in layers() if not isinstance(layer, Branches)], ids=named
)
def test_exported(layer: Layer, tmp_path: Path) -> None:
    """The script runs on its own and computes what the engine computes."""
    report = report_of(layer)
    path = tmp_path / "exported.py"
    path.write_text(pytorch_source(Project(report.network), report), encoding="utf-8")
    spec = importlib.util.spec_from_file_location("exported", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    ours, theirs = build(report, {}, 1).eval(), module.build().eval()
    state = pytorch_state(report, learned(ours))
    assert state is not None
    theirs.load_state_dict({name: torch.from_numpy(values) for name, values in state.items()})
    images = torch.from_numpy(samples(1, 4).test_images.copy())
    with torch.inference_mode():
        x = fit(images, report.network.input)
        assert torch.allclose(module.prepare(images), x, atol=1e-6)
        assert torch.allclose(theirs(x), ours(x), atol=1e-6)


@every_layer
def test_exported_as_a_drawing_and_as_tables(layer: Layer) -> None:
    report = report_of(layer)
    name, shape = str(layer.name), str(report.row(uid_of(layer)).output)
    tree = ElementTree.fromstring(diagram(report).encode())
    texts = [node.text or "" for node in tree.iter("{http://www.w3.org/2000/svg}text")]
    assert any(name in text for text in texts)
    assert shape in texts
    (row,) = [
        line for line in csv.reader(sheet(report).splitlines()) if line[:1] == [path_of(layer)]
    ]
    assert row[1] == name
    assert row[3] == shape
    assert f"| {path_of(layer)} | {name} |" in markdown(report)


@pytest.fixture(scope="module")
def in_keras(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What one Keras found of all of them: it takes seconds to start."""
    networks = {f"kind_{i}": network_of(layer) for i, layer in enumerate(layers())}
    return run_in_keras(tmp_path_factory.mktemp("keras"), networks)


@pytest.mark.parametrize("index", range(len(list(layers()))), ids=list(map(named, layers())))
def test_exported_to_keras(index: int, in_keras: dict[str, Any]) -> None:
    """The script has the same shapes and counts, and computes what the engine computes."""
    layer, facts = list(layers())[index], in_keras[f"kind_{index}"]
    check_in_keras(report_of(layer), facts)
    if layer.initialisation.recipe in {"by_hand", "constant", "zeros"}:
        assert facts["moved"][0] < 1e-6  # its weights start as the engine's do, by no chance


@every_layer
def test_drawn(layer: Layer, qtbot: QtBot) -> None:
    """A card on the canvas, a form that shows all its settings, and its weights in the drawer."""
    from tests.support.fake_engine import FakeEngine
    from ui.canvas.canvas import Canvas
    from ui.canvas.entries import palette_entries
    from ui.inspector.inspector import Inspector
    from ui.inspector.tabs import TABS
    from ui.picture import Picture
    from ui.session import Session

    report = report_of(layer)
    session = Session(Project(report.network), {})
    engine = FakeEngine(session)
    canvas, drawer = Canvas(session, engine.client), Inspector(session, engine.client)
    for widget in (canvas, drawer):
        qtbot.addWidget(widget)
    canvas.resize(900, 400)
    drawer.resize(1200, 300)
    session.select(uid_of(layer))
    model = build(report, {}, 1)
    probe = Probe(1, bytes(28 * 28), 28, 28, 1, uid_of(layer))
    seen = look(model, probe, revision=0, step=0, device="cpu")
    tensors = {tensor.name: tensor.array() for tensor in seen.weights}
    maps = {found.uid: found.array() for found in seen.layers}
    channels = {found.uid: len(maps[found.uid]) for found in seen.layers}
    limits = dict.fromkeys(maps, 1.0)
    weights = {uid_of(layer): tensors}
    engine.picture = Picture(0, 0, maps, channels, limits, seen.probabilities, weights)
    engine.probed.emit(engine.picture)
    for tab in TABS:
        drawer.show_tab(tab)
        assert not drawer.grab().isNull()
    assert canvas.card(uid_of(layer)).content.icon == layer.kind
    assert not canvas.grab().isNull()
    assert asset_path("icons", f"{layer.kind}.svg").exists()
    made = [found for entry in palette_entries() for found in entry.make(session, 0)]
    assert any(type(found) is type(layer) for found in made)


def test_typical_layers_have_a_stride_of_two_and_padding() -> None:
    """What the tests above say of themselves."""
    strided = [layer for layer in layers() if getattr(layer, "stride", None) == Size(2, 2)]
    padded = [layer for layer in layers() if getattr(layer, "padding", "valid") != "valid"]
    assert {type(layer) for layer in layers()} == set(KINDS)
    assert {type(layer) for layer in strided} >= {Conv2d, MaxPool}
    assert all(isinstance(report_of(layer).rows[0].input, Maps) for layer in padded)
