"""The presets have the published counts, which the rules must find by themselves."""

from __future__ import annotations

import numpy as np
import pytest

from cnnviz.analysis import Report, analyze
from cnnviz.assets import asset_path
from cnnviz.data.datasets import test_images as mnist_images
from cnnviz.data.datasets import test_labels as mnist_labels
from cnnviz.data.digits import prepare
from cnnviz.layers import Maps, Vector
from cnnviz.message import UserError
from cnnviz.presets import PRESETS, first_start, preset
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


def test_the_largest_come_last() -> None:
    needs = [report(name).activation_bytes for name in list(PRESETS)[1:]]
    assert needs == sorted(needs)


@pytest.mark.parametrize("name", ["", "nix", "../presets/tiny", "tiny.json", "tiny\0"])
def test_there_are_no_others(name: str) -> None:
    with pytest.raises(UserError, match="There is no preset"):
        preset(name)


@pytest.mark.parametrize(
    ("name", "parameters", "multiply_adds"),
    [("vgg-16", 138_357_544, "15.47 G"), ("alexnet", 61_100_840, "0.71 G")],
)
def test_published_counts(name: str, parameters: int, multiply_adds: str) -> None:
    found = report(name)
    assert found.parameters == parameters
    assert f"{found.multiply_adds / 1e9:.2f} G" == multiply_adds


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
    shares = probabilities(analyze(project.network, 10), weights, mnist_images("mnist"))
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
    shares = probabilities(analyze(project.network, 10), weights, np.stack(images))
    assert shares.argmax(1).tolist() == [int(digit)] * len(images)
