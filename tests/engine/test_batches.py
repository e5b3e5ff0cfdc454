"""What the network sees of an image: padded, resized, coloured."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from cnnviz.engine.batches import DeviceData, fit
from cnnviz.network import Input
from tests.engine.desk import samples


def noise(*shape: int) -> torch.Tensor:
    return torch.randint(0, 256, shape, generator=torch.Generator().manual_seed(1)).byte()


def test_images_of_the_right_size_become_0_to_1() -> None:
    images = torch.arange(256, dtype=torch.uint8).reshape(1, 16, 16)
    seen = fit(images, Input(16, 16))
    assert seen.shape == (1, 1, 16, 16)
    assert seen.dtype == torch.float32
    np.testing.assert_allclose(seen.numpy().ravel(), np.arange(256) / 255, atol=1e-7)
    assert seen.max() == 1


@pytest.mark.parametrize(
    ("height", "width", "before"),
    [(32, 32, (2, 2)), (28, 35, (0, 3)), (29, 28, (0, 0)), (35, 31, (3, 1))],
)
def test_a_little_more_room_is_filled_with_zeros(
    height: int, width: int, before: tuple[int, int]
) -> None:
    images = noise(3, 28, 28)
    seen = fit(images, Input(height, width))
    expected = torch.zeros(3, 1, height, width)
    top, left = before
    expected[:, 0, top : top + 28, left : left + 28] = images / 255
    torch.testing.assert_close(seen, expected)


@pytest.mark.parametrize(("height", "width"), [(36, 28), (28, 36), (56, 56), (14, 14), (32, 20)])
def test_other_sizes_are_resized(height: int, width: int) -> None:
    images = noise(2, 28, 28)
    seen = fit(images, Input(height, width))
    assert seen.shape == (2, 1, height, width)
    expected = F.interpolate(
        images[:, None].double() / 255, (height, width), mode="bilinear", antialias=True
    )
    torch.testing.assert_close(seen.double(), expected, atol=1e-5, rtol=0)
    assert seen.min() >= 0
    assert seen.max() <= 1
    flat = fit(torch.full((1, 28, 28), 200, dtype=torch.uint8), Input(height, width))
    torch.testing.assert_close(flat, torch.full_like(flat, 200 / 255), atol=1e-6, rtol=0)


def test_halving_an_image_averages_what_falls_together() -> None:
    """Antialiased: thin strokes become grey and do not vanish."""
    image = torch.zeros(1, 28, 28, dtype=torch.uint8)
    image[:, :, 7] = 255
    seen = fit(image, Input(14, 14))
    assert seen.sum(3).min() == pytest.approx(0.5, abs=0.01)


def test_grey_is_repeated_over_the_channels() -> None:
    images = noise(2, 28, 28)
    seen = fit(images, Input(28, 28, 3))
    assert seen.shape == (2, 3, 28, 28)
    for channel in range(3):
        assert torch.equal(seen[:, channel], fit(images, Input(28, 28))[:, 0])


def test_colours_stay_or_are_averaged_to_grey() -> None:
    images = noise(2, 8, 9, 3)
    seen = fit(images, Input(8, 9, 3))
    torch.testing.assert_close(seen, images.movedim(3, 1) / 255)
    grey = fit(images, Input(8, 9, 1))
    torch.testing.assert_close(grey[:, 0], images.float().mean(3) / 255)


def test_the_images_themselves_are_left_alone() -> None:
    images = noise(2, 28, 28)
    before = images.clone()
    for size in (28, 32, 14):
        fit(images, Input(size, size)).add_(1)
    assert torch.equal(images, before)


def test_on_the_cpu_a_data_set_is_not_there_twice() -> None:
    given = samples()
    data = DeviceData(given, "cpu")
    assert data.train_images.dtype == torch.uint8
    assert data.train_labels.dtype == torch.int64
    assert np.array_equal(data.train_images.numpy(), given.train_images)
    assert np.array_equal(data.test_labels.numpy(), given.test_labels)
    assert data.train_images.data_ptr() == given.train_images.ctypes.data
