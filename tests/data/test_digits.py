"""Drawn strokes become images like MNIST's."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image

from cnnviz.data import datasets
from cnnviz.data.digits import BOX, CENTER, SIDE, DrawingSteps, prepare
from tests.data.strokes import CANVAS, Stroke, strokes

SEVEN = Stroke(((90, 60), (190, 60), (120, 220)), 24)


def box(image: NDArray[np.uint8]) -> tuple[int, int, int, int]:
    """top, bottom, left, right of the ink; bottom and right are the first without."""
    rows, columns = np.flatnonzero(image.any(axis=1)), np.flatnonzero(image.any(axis=0))
    return int(rows[0]), int(rows[-1]) + 1, int(columns[0]), int(columns[-1]) + 1


def sides(image: NDArray[np.uint8]) -> tuple[tuple[int, int], tuple[int, int]]:
    top, bottom, left, right = box(image)
    return (top, bottom), (left, right)


def center_of_mass(image: NDArray[np.uint8]) -> tuple[float, float]:
    places = np.indices(image.shape)
    row, column = (places * image).sum(axis=(1, 2)) / image.sum(dtype=np.int64)
    return float(row), float(column)


def correlation(a: NDArray[np.uint8], b: NDArray[np.uint8]) -> float:
    return float(np.corrcoef(a.ravel(), b.ravel())[0, 1])


@pytest.mark.parametrize("crop", [True, False])
@pytest.mark.parametrize("scale", [True, False])
@pytest.mark.parametrize("center", [True, False])
def test_an_empty_canvas_gives_an_empty_image(crop: bool, scale: bool, center: bool) -> None:
    empty = np.zeros((CANVAS, CANVAS), np.uint8)
    image = prepare(empty, DrawingSteps(crop, scale, center))
    assert image.shape == (SIDE, SIDE)
    assert image.dtype == np.uint8
    assert not image.any()


@given(strokes())
def test_the_longer_side_is_20_and_the_aspect_ratio_stays(stroke: Stroke) -> None:
    canvas = stroke.drawn()
    top, bottom, left, right = box(canvas)
    image = prepare(canvas)
    new_top, new_bottom, new_left, new_right = box(image)
    height, width = new_bottom - new_top, new_right - new_left
    assert max(height, width) == BOX
    factor = BOX / max(bottom - top, right - left)
    assert height == pytest.approx((bottom - top) * factor, abs=1)
    assert width == pytest.approx((right - left) * factor, abs=1)
    assert image.max() == 255


@given(strokes())
def test_the_center_of_mass_is_at_the_center(stroke: Stroke) -> None:
    image = prepare(stroke.drawn())
    top, bottom, left, right = box(image)
    row, column = center_of_mass(image)
    # No ink is cut off: where the box has reached the border, it stays there.
    assert abs(row - CENTER) <= 0.51 or top == 0 or bottom == SIDE
    assert abs(column - CENTER) <= 0.51 or left == 0 or right == SIDE


@given(strokes(), st.integers(-40, 40), st.integers(-40, 40))
def test_where_it_was_drawn_does_not_matter(stroke: Stroke, right: int, down: int) -> None:
    assert np.array_equal(prepare(stroke.drawn()), prepare(stroke.moved(right, down).drawn()))


@given(strokes(brush=(16, 30)), st.sampled_from([2, 3]))
def test_how_large_it_was_drawn_does_not_matter(stroke: Stroke, factor: int) -> None:
    small = stroke.drawn()
    large = np.kron(small, np.ones((factor, factor), np.uint8))
    difference = prepare(small).astype(int) - prepare(large)
    assert abs(difference).max() <= 1


@given(strokes(brush=(16, 30)), st.floats(0.6, 1.2))
def test_the_same_stroke_drawn_larger_is_nearly_the_same_image(
    stroke: Stroke, factor: float
) -> None:
    first = prepare(stroke.drawn())
    second = prepare(stroke.scaled(factor).drawn(340, 340))
    # The centre is moved by whole pixels, and an edge may just touch one pixel more.
    for (low, high), (other_low, other_high) in zip(sides(first), sides(second), strict=True):
        assert abs(low - other_low) <= 2
        assert abs(high - other_high) <= 2
    assert second.mean() == pytest.approx(first.mean(), rel=0.2)


@given(strokes(low=0, high=CANVAS - 1, brush=(1, 1)), st.sampled_from([1, 2, 10]))
@example(Stroke(((0, 0), (279, 279)), 1), 10)
def test_the_thinnest_line_stays_visible(stroke: Stroke, factor: int) -> None:
    points = stroke.scaled(factor).points
    image = prepare(Stroke(points, 1).drawn(CANVAS * factor, CANVAS * factor))
    assert image.max() == 255
    top, bottom, left, right = box(image)
    assert max(bottom - top, right - left) >= BOX - 1


def test_a_faint_grey_line_stays_visible() -> None:
    assert prepare(SEVEN.drawn() // 50).max() == 255


def test_a_single_dot() -> None:
    canvas = np.zeros((CANVAS, CANVAS), np.uint8)
    canvas[3, 270] = 1
    top, bottom, left, right = box(prepare(canvas))
    assert (bottom - top, right - left) == (BOX, BOX)


def test_the_canvas_is_not_changed() -> None:
    canvas = SEVEN.drawn().copy()
    before = canvas.copy()
    prepare(canvas)
    assert np.array_equal(canvas, before)


def test_mnist_is_already_prepared() -> None:
    """The oracle: a digit of MNIST, enlarged, comes back as MNIST's makers had prepared it."""
    identical, similar = [], []
    for digit in datasets.test_images("mnist")[:200]:
        back = prepare(np.kron(digit, np.ones((10, 10), np.uint8)))
        identical.append(abs(back.astype(int) - digit).max() <= 2)  # its peak may be 254
        enlarged = Image.fromarray(digit).resize((280, 280), Image.Resampling.BILINEAR)
        similar.append(correlation(digit, prepare(np.asarray(enlarged))))
    assert np.mean(identical) > 0.99
    assert np.mean(similar) > 0.9


def test_thick_strokes_have_the_look_of_mnist() -> None:
    """A brush of a twelfth of the canvas gives a 7 with the ink and the greys of MNIST's sevens."""
    sevens = datasets.test_images("mnist")[datasets.test_labels("mnist") == 7]
    drawn = prepare(SEVEN.drawn())
    assert drawn.mean() == pytest.approx(sevens.mean(), rel=0.25)
    white = (sevens[sevens > 0] >= 250).mean()
    assert (drawn[drawn > 0] >= 250).mean() == pytest.approx(white, abs=0.1)


class TestStepsLeftOut:
    """A small 7 drawn in a corner: what each step does, and so what its absence shows."""

    CANVAS_IMAGE = SEVEN.scaled(0.4).drawn()

    def test_all_left_out_is_the_canvas_reduced(self) -> None:
        image = prepare(self.CANVAS_IMAGE, DrawingSteps(False, False, False))
        reduced = self.CANVAS_IMAGE.reshape(28, 10, 28, 10).mean(axis=(1, 3))
        assert np.allclose(image, reduced * (255 / reduced.max()), atol=0.51)

    def test_not_centered_it_stays_where_it_was_drawn(self) -> None:
        row, column = center_of_mass(self.CANVAS_IMAGE)
        image = prepare(self.CANVAS_IMAGE, DrawingSteps(scale=False, center=False))
        new_row, new_column = center_of_mass(image)
        assert new_row == pytest.approx(row / 10, abs=1)
        assert new_column == pytest.approx(column / 10, abs=1)

    def test_scaled_but_not_centered_it_stays_as_near_as_it_fits(self) -> None:
        top, bottom, left, right = box(prepare(self.CANVAS_IMAGE, DrawingSteps(center=False)))
        assert (top, bottom) == (0, BOX)
        assert left == 0
        assert right < BOX

    def test_not_scaled_it_keeps_its_size(self) -> None:
        top, bottom, left, right = box(self.CANVAS_IMAGE)
        image = prepare(self.CANVAS_IMAGE, DrawingSteps(scale=False))
        new_top, new_bottom, new_left, new_right = box(image)
        assert new_bottom - new_top == pytest.approx((bottom - top) / 10, abs=1)
        assert new_right - new_left == pytest.approx((right - left) / 10, abs=1)
        assert center_of_mass(image) == pytest.approx((CENTER, CENTER), abs=0.51)

    def test_not_cropped_the_whole_canvas_is_scaled(self) -> None:
        image = prepare(self.CANVAS_IMAGE, DrawingSteps(crop=False, center=False))
        top, bottom, left, _ = box(image)
        whole = box(self.CANVAS_IMAGE)
        assert (top, left) == pytest.approx((4 + whole[0] / 14, 4 + whole[2] / 14), abs=1)
        assert bottom - top == pytest.approx((whole[1] - whole[0]) / 14, abs=1.5)

    def test_only_centered(self) -> None:
        image = prepare(self.CANVAS_IMAGE, DrawingSteps(crop=False, scale=False))
        assert center_of_mass(image) == pytest.approx((CENTER, CENTER), abs=0.51)
        unmoved = prepare(self.CANVAS_IMAGE, DrawingSteps(False, False, False))
        assert image.sum() == unmoved.sum()


def test_a_canvas_that_is_not_square() -> None:
    canvas = SEVEN.drawn(300, 400)
    assert np.array_equal(prepare(canvas), prepare(SEVEN.drawn()))
    whole = prepare(canvas, DrawingSteps(False, False, False))
    assert whole.shape == (SIDE, SIDE)
    assert box(whole)[0] == pytest.approx(3.5 + 48 * 0.07, abs=1)
