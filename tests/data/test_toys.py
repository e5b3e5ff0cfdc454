"""Toy sets are what they are said to be, and the same everywhere."""

from __future__ import annotations

import hashlib

import numpy as np
import pytest

from cnnviz.data import toys
from cnnviz.data.datasets import data_set, load

MAKERS = pytest.mark.parametrize("make", [toys.shapes, toys.edges])


@MAKERS
def test_as_many_of_each_class_in_an_order_by_chance(make: toys.Maker) -> None:
    images, labels = make(3, 400)
    assert images.shape == (400, 28, 28)
    assert images.dtype == labels.dtype == np.uint8
    assert np.bincount(labels).tolist() == [100] * 4
    assert (np.diff(labels.astype(int)) != 0).any()
    assert labels[:8].tolist() != [0, 1, 2, 3, 0, 1, 2, 3]


@MAKERS
def test_the_seed_decides(make: toys.Maker) -> None:
    assert np.array_equal(make(5, 40)[0], make(5, 40)[0])
    assert not np.array_equal(make(5, 40)[0], make(6, 40)[0])


@pytest.mark.parametrize("name", ["toy_shapes", "toy_edges"])
def test_training_and_test_images_are_others(name: str) -> None:
    samples, known = load(name), data_set(name)
    assert len(samples.train_images) == known.train_count
    assert len(samples.test_images) == known.test_count
    digests = [
        {hashlib.sha256(image.tobytes()).digest() for image in images}
        for images in (samples.train_images, samples.test_images)
    ]
    assert not digests[0] & digests[1]


def test_shapes_look_like_their_names() -> None:
    images, labels = toys.shapes(1, 800)
    ink = images.astype(float)
    ink[ink < 90] = 0  # without the noise
    rows, columns = ink.max(2) > 0, ink.max(1) > 0
    height, width = rows.sum(1), columns.sum(1)
    assert (width[labels == 0] > height[labels == 0]).all()
    assert (width[labels == 1] < height[labels == 1]).all()
    for image in ink[labels == 3]:  # a circle is empty in its middle, a cross is not
        row, column = (np.flatnonzero(image.any(axis)).mean() for axis in (1, 0))
        assert image[round(row), round(column)] == 0
    for image in ink[labels == 2]:
        row, column = (np.flatnonzero(image.any(axis)).mean() for axis in (1, 0))
        assert image[round(row), round(column)] > 0


def test_edges_run_as_their_names_say() -> None:
    images, labels = toys.edges(1, 800)
    planes = images.astype(float)
    down = (planes[:, 14:] - planes[:, :14]).mean((1, 2))  # how much lighter the lower half is
    right = (planes[:, :, 14:] - planes[:, :, :14]).mean((1, 2))
    assert (abs(down[labels == 0]) > abs(right[labels == 0])).all()
    assert (abs(right[labels == 2]) > abs(down[labels == 2])).all()
    assert (down[labels == 1] * right[labels == 1] > 0).all()  # rising: lower and right alike
    assert (down[labels == 3] * right[labels == 3] < 0).all()
