"""Changes by chance: right where they can be foretold, and a matter of the seed alone."""

from __future__ import annotations

import math

import msgspec
import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.nn import functional as F

from cnnviz.augmentation import classic
from cnnviz.data.datasets import test_images as of_tests
from cnnviz.engine.augment import augmented, bent, erased, noisy, sources, warped
from cnnviz.preparation import Preparation

DIGITS = torch.from_numpy(of_tests("mnist")[:64].copy()).unsqueeze(1) / 255
ALL = Preparation(
    move=10, rotate=20, zoom=20, shear=15, flip="both", elastic=30, noise=10, erase=30
)


def middles(x: torch.Tensor) -> torch.Tensor:
    """The centre of mass of each image (batch, 1, height, width): (batch, 2), row and column."""
    rows = torch.arange(x.shape[2]).float() @ x.sum((1, 3)).T / x.sum((1, 2, 3))
    columns = torch.arange(x.shape[3]).float() @ x.sum((1, 2)).T / x.sum((1, 2, 3))
    return torch.stack([rows, columns], 1)


def test_nothing_is_nothing() -> None:
    assert augmented(DIGITS, Preparation(), 1, 2) is DIGITS
    assert torch.allclose(warped(DIGITS, 5), DIGITS, atol=1e-5)


def test_seed_and_step_decide_and_nothing_else() -> None:
    found = augmented(DIGITS, ALL, 1, 2)
    torch.manual_seed(7)
    assert torch.equal(augmented(DIGITS, ALL, 1, 2), found)
    for other in ((2, 2), (1, 3)):
        assert not torch.equal(augmented(DIGITS, ALL, *other), found)


def test_pytorchs_own_chance_is_left_alone() -> None:
    state = torch.get_rng_state()
    augmented(DIGITS, ALL, 1, 2)
    assert torch.equal(torch.get_rng_state(), state)


def test_each_image_is_changed_by_itself_whatever_stands_beside_it() -> None:
    """A batch of the same image shows as many others."""
    same = DIGITS[:1].expand(64, 1, 28, 28)
    for how in (classic(Preparation()), Preparation(noise=5), Preparation(erase=30)):
        assert len({tuple(image.flatten().tolist()) for image in augmented(same, how, 0, 0)}) > 30


def test_another_setting_leaves_the_chance_of_the_others() -> None:
    """So that a preview does not jump while a slider moves."""
    some = warped(DIGITS, 3, move=10)
    turned = warped(DIGITS, 3, move=10, rotate=1)
    assert float((some - turned).abs().mean()) < 0.02


def test_shifts_go_as_far_as_they_may_and_no_further() -> None:
    inner = torch.zeros(400, 1, 40, 20)
    inner[:, :, 18:22, 9:11] = 1
    moved = middles(warped(inner, 2, move=20)) - middles(inner)
    farthest = moved.abs().amax(0)
    assert 7.5 < farthest[0] <= 8 + 1e-3  # 20 % of 40 rows
    assert 3.7 < farthest[1] <= 4 + 1e-3
    assert moved.mean(0).abs().max() < 0.5


@pytest.mark.parametrize("axis", ["horizontal", "vertical"])
def test_half_of_the_images_are_mirrored(axis: str) -> None:
    mirrored = torch.flip(DIGITS, [3 if axis == "horizontal" else 2])
    found = warped(DIGITS, 4, flip=axis)
    how = [
        (torch.allclose(one, plain, atol=1e-5), torch.allclose(one, turned, atol=1e-5))
        for one, plain, turned in zip(found, DIGITS, mirrored, strict=True)
    ]
    assert all(any(pair) for pair in how)
    assert 20 < sum(turned for plain, turned in how if not plain) < 44


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 2**40), st.sampled_from([(24, 24), (30, 18)]))
def test_turning_and_scaling_move_points_as_mathematics_has_it(
    seed: int, size: tuple[int, int]
) -> None:
    """A blob away from the middle: its distance is scaled and its angle turned, in pixels also
    where the image is not square."""
    height, width = size
    row, column = height // 2 - 4, width // 2 + 3
    x = torch.zeros(1, 1, height, width)
    x[:, :, row - 1 : row + 1, column - 1 : column + 1] = 1
    center = torch.tensor([(height - 1) / 2, (width - 1) / 2])
    drawn = 2 * torch.rand(7, 1, generator=torch.Generator().manual_seed(seed)) - 1
    angle, scale = float(drawn[0]) * math.radians(40), 1 + float(drawn[2]) * 0.2
    down, right = middles(x)[0] - center
    cosine, sine = scale * math.cos(angle), scale * math.sin(angle)
    turned = torch.stack([cosine * down + sine * right, cosine * right - sine * down])
    found = middles(warped(x, seed, rotate=40, zoom=20))[0] - center
    assert torch.allclose(found, turned, atol=0.35)


def test_all_images_of_a_batch_find_their_pixels_where_pytorch_finds_them() -> None:
    theta, x = (
        torch.randn(5, 2, 3, generator=torch.Generator().manual_seed(1)),
        torch.ones(5, 3, 9, 6),
    )
    found = F.affine_grid(theta, list(x.shape), align_corners=False)
    assert torch.allclose(sources(theta, x), found, atol=1e-5)


def test_a_sheared_upright_line_leans_by_its_angle() -> None:
    x = torch.zeros(200, 1, 41, 41)
    x[:, :, 10:31, 20] = 1
    leaning = warped(x, 6, shear=30)
    top, bottom = (middles(leaning[:, :, rows])[:, 1] for rows in (slice(10, 13), slice(28, 31)))
    angles = torch.atan((bottom - top) / 18)
    assert 25 < math.degrees(float(angles.abs().max())) <= 30.5
    assert torch.allclose(middles(leaning)[:, 0], torch.tensor(20.0), atol=0.05)


def test_a_rubber_sheet_is_as_simard_has_it() -> None:
    """Uniform numbers smoothed by a Gaussian: the deviation is α / √3 · 1 / (2 σ √π)."""
    field = bent(torch.zeros(200, 1, 60, 60), 1, 34, 4)[:, 20:40, 20:40] * 30  # pixels
    expected = 34 / math.sqrt(3) / (2 * 4 * math.sqrt(math.pi))
    assert float(field.std()) == pytest.approx(expected, rel=0.03)
    neighbours = (field[:, 1:] - field[:, :-1]).std()
    assert float(neighbours) == pytest.approx(expected / (4 * math.sqrt(2)), rel=0.05)


def test_noise_is_as_strong_as_it_says_and_values_stay_greys() -> None:
    grey = torch.full((50, 1, 28, 28), 0.5)
    found = noisy(grey, 1, deviation=10)
    assert float((found - grey).std()) == pytest.approx(0.1, rel=0.02)
    lowest, highest = noisy(DIGITS, 1, deviation=80).aminmax()
    assert (float(lowest), float(highest)) == (0, 1)


def test_a_square_is_erased_and_nothing_else() -> None:
    white = torch.ones(300, 3, 20, 30)
    found = erased(white, 1, side=50)  # 10 of 20 pixels
    assert set(found.unique().tolist()) == {0, 1}
    areas = (found[:, 0] == 0).sum((1, 2))
    assert int(areas.max()) in (100, 110, 121)
    assert int(areas.min()) >= 25  # its middle is always in the image
    assert torch.equal(found[:, 0], found[:, 2])


@settings(max_examples=30, deadline=None)
@given(
    st.builds(
        lambda **values: msgspec.convert(values, Preparation),
        move=st.floats(0, 50),
        rotate=st.floats(0, 180),
        zoom=st.floats(0, 90),
        shear=st.floats(0, 60),
        flip=st.sampled_from(["never", "horizontal", "vertical", "both"]),
        elastic=st.floats(0, 200),
        elastic_width=st.floats(0.5, 32),
        noise=st.floats(0, 100),
        erase=st.floats(0, 100),
    ),
    st.integers(1, 9),
    st.integers(1, 9),
    st.sampled_from([1, 3]),
)
def test_whatever_is_set_an_image_stays_an_image(
    how: Preparation, height: int, width: int, channels: int
) -> None:
    x = torch.from_numpy(
        np.random.default_rng(0).random((3, channels, height, width), dtype=np.float32)
    )
    found = augmented(x, how, 5, 1)
    assert found.shape == x.shape
    assert bool(torch.isfinite(found).all())
    assert float(found.min()) >= -1e-6
    assert float(found.max()) <= 1 + 1e-6
