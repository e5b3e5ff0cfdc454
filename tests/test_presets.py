"""The presets have the published counts, which the rules must find by themselves."""

from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np
import psutil
import pytest
import torch

from cnnviz.analysis import Report, analyze
from cnnviz.assets import asset_path
from cnnviz.data.datasets import test_images as mnist_images
from cnnviz.data.datasets import test_labels as mnist_labels
from cnnviz.data.digits import prepare
from cnnviz.engine.build import Model
from cnnviz.engine.device import check_fits
from cnnviz.layers import Activation, Conv2d, Maps, Vector
from cnnviz.message import UserError
from cnnviz.network import named_by_place
from cnnviz.presets import GROUPS, PRESETS, Preset, first_start, preset
from scripts.write_presets import networks, text
from tests.data.strokes import Stroke

Line = tuple[tuple[float, float], ...]


def report(name: str) -> Report:
    found = analyze(preset(name))
    assert found.problem is None
    return found


def test_every_file_has_a_title_and_every_title_a_file() -> None:
    assert {file.stem for file in asset_path("presets").glob("*.json")} == set(PRESETS)
    for name in PRESETS:
        assert report(name).network.name


def test_families_stand_together_in_their_group() -> None:
    for group in GROUPS:
        families = [name.split("-")[0] for name in group.presets]
        assert sum(a != b for a, b in itertools.pairwise(families)) == len(set(families)) - 1
    assert list(PRESETS) == [name for group in GROUPS for name in group.presets]


@pytest.mark.parametrize("name", ["", "nix", "../presets/tiny", "tiny.json", "tiny\0"])
def test_there_are_no_others(name: str) -> None:
    with pytest.raises(UserError, match="There is no preset"):
        preset(name)


@pytest.mark.parametrize("name", [name for name, known in PRESETS.items() if known.figures])
def test_published_counts(name: str) -> None:
    """What is shown as published comes out of the rules."""
    found, figures = report(name), PRESETS[name].figures
    assert figures is not None
    assert found.parameters == figures.values["parameters"]
    giga = figures.values.get("giga")
    assert giga is None or round(found.multiply_adds / 1e9, 2) == giga


@pytest.mark.parametrize(
    ("name", "parameters"),
    [
        ("lenet-1", 2_578),  # LeCun et al., 1990: "2578 independent parameters"
        ("vgg-11", 132_863_336),
        ("vgg-13", 133_047_848),
        ("vgg-16", 138_357_544),
        ("vgg-19", 143_667_240),
        ("vgg-11-bn", 132_868_840),
        ("vgg-13-bn", 133_053_736),
        ("vgg-16-bn", 138_365_992),
        ("vgg-19-bn", 143_678_248),
        ("alexnet", 61_100_840),
        ("nin", 966_986),
        ("all-convolutional", 1_369_738),
        ("mobilenet-v1", 4_231_976),
        ("googlenet", 6_998_552),
        ("googlenet-bn", 6_624_904),
        ("resnet-18", 11_689_512),
        ("resnet-34", 21_797_672),
        ("resnet-50", 25_557_032),
        ("resnet-101", 44_549_160),
        ("densenet-121", 7_978_856),
        ("densenet-169", 14_149_480),
        ("densenet-40", 1_019_722),
        ("squeezenet-1.0", 1_248_424),
        ("squeezenet-1.1", 1_235_496),
        ("mobilenet-v2", 3_504_872),
        ("efficientnet-b0", 5_288_548),
    ],
)
def test_counts_of_the_literature(name: str, parameters: int) -> None:
    """Those of torchvision and of the papers, apart from what the program says of itself."""
    assert report(name).parameters == parameters


@pytest.mark.parametrize(
    ("name", "giga"),
    [
        ("alexnet", 0.714),
        ("vgg-16", 15.470),
        ("googlenet-bn", 1.498),
        ("resnet-18", 1.814),
        ("resnet-34", 3.664),
        ("resnet-50", 4.089),
        ("resnet-101", 7.801),
        ("densenet-121", 2.834),
        ("densenet-169", 3.360),
        ("squeezenet-1.0", 0.819),
        ("squeezenet-1.1", 0.349),
        ("mobilenet-v2", 0.301),
        ("efficientnet-b0", 0.386),
    ],
)
def test_multiply_adds_of_the_literature(name: str, giga: float) -> None:
    """Those that torchvision publishes with the weights."""
    assert round(report(name).multiply_adds / 1e9, 3) == giga


def test_the_small_inception_has_the_published_count_but_for_scales() -> None:
    """Zhang et al., 2016, table 1: 1,649,402. Their batch norm learns no scale, a number a map."""
    found = report("inception-small")
    norms = [row.parameters["weight"][0] for row in found.rows if row.layer.kind == "batch_norm"]
    assert found.parameters - sum(norms) == 1_649_402


def test_resnet_20_has_0_27_million_and_twenty_layers_with_weights() -> None:
    """He et al., 2015, table 6. 2,752 of them are the projections, which the paper fills up with
    zeros."""
    found = report("resnet-20")
    projections = [
        row
        for row in found.rows
        if "/1/" in row.path and row.layer.kind in ("conv2d", "batch_norm")
    ]
    extra = sum(row.parameter_count or 0 for row in projections)
    assert (found.parameters, found.parameters - extra) == (272_474, 269_722)
    assert found.depth == 20


def test_googlenet_has_the_sizes_of_its_table() -> None:
    """Szegedy et al., 2014, table 1: output sizes and depth."""
    found = report("googlenet")
    blocks = [str(row.output) for row in found.rows if row.layer.kind == "branches"]
    assert blocks == [
        *("28×28×256", "28×28×480", "14×14×512", "14×14×512", "14×14×512", "14×14×528"),
        *("14×14×832", "7×7×832", "7×7×1024"),
    ]
    assert found.depth == 22


@pytest.mark.parametrize(
    ("name", "depth"),
    [
        ("resnet-18", 18),
        ("resnet-34", 34),
        ("resnet-50", 50),
        ("resnet-101", 101),
        ("densenet-121", 121),
        ("densenet-169", 169),
        ("densenet-40", 40),
        ("vgg-19", 19),
    ],
)
def test_the_name_tells_how_deep_it_is(name: str, depth: int) -> None:
    assert report(name).depth == depth


@pytest.mark.parametrize("name", PRESETS)
def test_pytorch_counts_the_same(name: str) -> None:
    """On the meta device: every shape, every parameter, without a number being worked out."""
    found = report(name)
    with torch.device("meta"):
        model = Model(found).eval()
    assert sum(p.numel() for p in model.parameters()) == found.parameters
    image = found.network.input
    seen: dict[str, tuple[int, ...]] = {}
    x = torch.empty(1, image.channels, image.height, image.width, device="meta")
    with torch.inference_mode():
        model.look(x, lambda uid, values: seen.update({uid: tuple(values.shape[1:])}))
    for row in found.rows:
        y = row.output
        assert y is not None
        sizes = (y.channels, y.height, y.width) if isinstance(y, Maps) else (y.length,)
        assert seen[row.layer.uid] == sizes


def test_the_files_are_what_the_script_writes() -> None:
    written = networks()
    assert set(written) < set(PRESETS)
    for name, network in written.items():
        assert asset_path("presets", f"{name}.json").read_text(encoding="utf-8") == text(network)
        assert preset(name).layers == named_by_place(network).layers


def test_the_page_about_them_has_every_one_with_its_figures() -> None:
    page = (Path(__file__).parents[1] / "docs" / "presets.md").read_text(encoding="utf-8")
    rows = [line.strip("| ").split(" | ") for line in page.splitlines() if line.startswith("| `")]
    assert [row[0].strip("`") for row in rows] == list(PRESETS)
    for name, size, parameters, _, source in rows:
        found = report(name.strip("`"))
        assert size == str(found.network.input.shape)
        assert parameters == f"{found.parameters:,}"
        assert source == PRESETS[name.strip("`")].source


@pytest.mark.parametrize("known", PRESETS.values(), ids=list(PRESETS))
def test_every_preset_says_where_it_comes_from_and_what_it_taught(known: Preset) -> None:
    assert known.source
    assert str(known.taught).endswith(".")


def test_lenet_5_layer_by_layer() -> None:
    """LeCun et al., 1998: C1 156, S2 12, C3 1,516, S4 32, C5 48,120, F6 10,164: 60,000 in all."""
    found = report("lenet-5")
    counts = [row.parameter_count for row in found.rows if row.parameter_count]
    assert counts == [156, 12, 1_516, 32, 48_120, 10_164, 850]
    assert sum(counts[:-1]) == 60_000
    table = found.rows[4].layer
    assert isinstance(table, Conv2d)
    assert [len(row) for row in table.connections] == [3] * 6 + [4] * 9 + [6]
    assert [sum(i in row for row in table.connections) for i in range(6)] == [10] * 6
    squash = [row.layer for row in found.rows if isinstance(row.layer, Activation)]
    assert {layer.function for layer in squash} == {"scaled_tanh"}


def test_lenet_1_has_the_connections_of_1990() -> None:
    """98,442 connections, counted with biases as the paper does; 4,635 units with one for them."""
    found = report("lenet-1")
    connections = units = 0
    for row in found.rows:
        if not row.parameters or row.output is None:
            continue
        units += row.output.size
        products = row.multiply_adds or 4 * row.output.size  # a subsampling adds up 2·2
        connections += products + row.output.size
    assert connections == 98_442
    assert units + 28 * 28 + 1 == 4_635


def test_the_sizes_of_the_toolbox() -> None:
    found = report("deeplearntoolbox")
    maps = [str(row.output) for row in found.rows if row.layer.family in ("convolution", "pooling")]
    assert maps == ["24×24×6", "12×12×6", "8×8×12", "4×4×12"]
    assert Vector(192) in [row.output for row in found.rows]


def test_vgg_16_sees_212_pixels_at_its_last_pooling() -> None:
    field = report("vgg-16").receptive_field
    assert field is not None
    assert (field.height, field.width) == (212, 212)
    assert (field.jump_height, field.jump_width) == (32, 32)


def test_the_tutorial_lenet() -> None:
    found = report("lenet-tutorial")
    shapes = [row.output for row in found.rows if row.layer.kind in ("conv2d", "max_pool")]
    assert shapes == [Maps(24, 24, 32), Maps(12, 12, 32), Maps(8, 8, 64), Maps(4, 4, 64)]
    assert Vector(1024) in [row.output for row in found.rows]
    dropout = next(row for row in found.rows if row.layer.kind == "dropout")
    assert dropout.layer.detail == "0.5"


def test_the_lenet_of_the_courses_has_the_counts_of_1998() -> None:
    found = report("lenet-course")
    assert found.parameters == 61_706
    counts = [row.parameter_count for row in found.rows]
    assert [counts[index] for index in (0, 7, 9)] == [156, 48_120, 10_164]


def test_the_network_of_the_first_start() -> None:
    """The one of the design's picture."""
    found = report("first-start")
    maps = [row.output for row in found.rows if isinstance(row.output, Maps)]
    assert [str(maps[index]) for index in (0, 2, 3, 5)] == [
        "24×24×8",
        "12×12×8",
        "10×10×16",
        "5×5×16",
    ]
    assert (found.parameters, found.multiply_adds) == (27_690, 256_640)
    assert found.rows[0].parameter_count == 208
    assert found.rows[3].parameter_count == 1_168
    assert found.depth == 4
    assert found.receptive_field is not None
    assert found.receptive_field.height == 12


def test_the_first_start_has_learned_all_of_its_weights() -> None:
    project, weights = first_start()
    found = analyze(project.network, 10)
    assert set(weights) == set(found.tensor_keys())


def test_the_first_start_is_as_accurate_as_it_says() -> None:
    from cnnviz.engine.inline import probabilities

    project, weights = first_start()
    shares = probabilities(project, weights, mnist_images("mnist"))
    accuracy = np.mean(shares.argmax(1) == mnist_labels("mnist"))
    assert accuracy >= 0.989
    stated = f"**{accuracy:.2%}**"
    assert stated in asset_path("weights", "README.md").read_text(encoding="utf-8")


def arc(x: float, y: float, width: float, height: float, start: int, end: int) -> Line:
    """A part of an ellipse around (x, y), from an angle to another in degrees, clockwise."""
    angles = np.radians(np.linspace(start, end, 20))
    return tuple((x + width * float(np.cos(a)), y + height * float(np.sin(a))) for a in angles)


DRAWN: dict[str, tuple[Line, ...]] = {
    "0": (arc(140, 140, 50, 80, -90, 270),),
    "1": (((140, 50), (140, 230)),),
    "2": ((*arc(140, 100, 50, 45, -170, 40), (90, 220), (200, 220)),),
    "3": (arc(135, 95, 45, 42, -150, 90) + arc(135, 182, 52, 45, -90, 150),),
    "4": (((130, 50), (80, 160), (200, 160)), ((165, 110), (165, 230))),
    "5": (((190, 60), (105, 60), (100, 130)), arc(135, 175, 55, 50, -110, 130)),
    "6": (((170, 50), (120, 110), (95, 165)), arc(140, 175, 45, 45, 180, 540)),
    "7": (((85, 65), (195, 65), (130, 225)), ((110, 145), (190, 145))),
    "8": (arc(140, 98, 38, 40, 90, 450), arc(140, 184, 48, 46, -90, 270)),
    "9": ((*arc(140, 105, 42, 42, 0, 360), (182, 105), (175, 170), (160, 230)),),
}
"""Digits as a person draws them on a canvas of 280×280."""


@pytest.mark.parametrize("digit", DRAWN)
def test_the_first_start_recognises_what_people_draw(digit: str) -> None:
    from cnnviz.engine.inline import probabilities

    project, weights = first_start()
    images = []
    for brush in (10, 18, 28):
        for slant in (-0.2, 0, 0.2):
            for size in (0.5, 1):
                canvas = np.zeros((280, 280), np.uint8)
                for line in DRAWN[digit]:
                    leaning = ((140 + (x - 140 - slant * (y - 140)) * size, y) for x, y in line)
                    smaller = tuple((x, 140 + (y - 140) * size) for x, y in leaning)
                    canvas = np.maximum(canvas, Stroke(smaller, brush).drawn())
                images.append(prepare(canvas))
    shares = probabilities(project, weights, np.stack(images))
    assert shares.argmax(1).tolist() == [int(digit)] * len(images)


def test_the_lesson_of_a_million_units_is_counted_and_never_built() -> None:
    """NUMBERS: dense 10¹² weights, local 10×10 fields 10⁸, one shared filter 100, a hundred 10⁴."""
    names = ("million-dense", "million-local", "million-shared", "million-hundred")
    assert [report(name).parameters for name in names] == [10**12, 10**8, 100, 10**4]
    assert report("million-dense").output == Vector(10**6)
    for name in names[1:3]:
        assert report(name).output == Maps(1000, 1000, 1)
    before = psutil.Process().memory_info().rss
    with pytest.raises(UserError, match=r"needs about 4\.0 TB, but CPU has"):
        check_fits(report("million-dense"), "cpu")
    assert psutil.Process().memory_info().rss - before < 50 << 20
