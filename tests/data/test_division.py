"""Which images are learned from: stratified, seeded, and never one for both uses."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnnviz.data.division import divide, fair

LABELS = np.random.default_rng(1).integers(0, 10, 3000).astype(np.uint8)
ALL = range(10)
FEW = np.arange(40, dtype=np.uint8) % 7
TRAIN = [2, 7, 8, 12, 14, 17, 18, 22, 30, 34]
VALIDATION = [9, 15, 16, 19, 21, 27, 28, 31, 36, 39]
TAUGHT = [2, 0, 1, 0, 4, 3, 4, 1, 2, 8]


def counts(labels: np.ndarray) -> list[int]:
    return np.bincount(labels, minlength=10).tolist()


def test_by_default_all_are_learned_from_in_their_order() -> None:
    found = divide(LABELS, ALL)
    assert np.array_equal(found.train, np.arange(3000))
    assert np.array_equal(found.labels, LABELS)
    assert not len(found.validation)


def test_a_share_is_put_aside_of_every_class() -> None:
    found = divide(LABELS, ALL, share=0.1)
    assert counts(LABELS[found.validation]) == [round(n / 10) for n in counts(LABELS)]
    assert sorted([*found.train, *found.validation]) == list(range(3000))


def test_so_many_are_put_aside_and_so_many_learned_from_as_many_of_each_class() -> None:
    found = divide(LABELS, ALL, number=100, images=540)
    assert counts(LABELS[found.validation]) == [10] * 10
    assert counts(LABELS[found.train]) == [54] * 10
    assert not set(found.train) & set(found.validation)


def test_only_the_named_classes_are_there() -> None:
    found = divide(LABELS, [7, 3], share=0.2, noise=1)
    assert set(LABELS[found.train]) == set(LABELS[found.validation]) == {3, 7}
    assert np.array_equal(found.labels, 10 - LABELS[found.train])  # each is the other one


def test_the_seed_decides_and_fewer_are_some_of_more() -> None:
    one, same = (divide(LABELS, ALL, images=500, share=0.1, noise=0.1, seed=5) for _ in range(2))
    assert np.array_equal(one.train, same.train)
    assert np.array_equal(one.labels, same.labels)
    other = divide(LABELS, ALL, images=500, share=0.1, noise=0.1, seed=6)
    assert not np.array_equal(one.train, other.train)
    fewer = divide(LABELS, ALL, images=200, share=0.1, seed=5)
    assert set(fewer.train) < set(one.train)
    assert np.array_equal(fewer.validation, one.validation)


def test_the_choice_is_the_same_in_every_version_of_numpy() -> None:
    """A file names a seed; what it meant must not change."""
    found = divide(FEW, ALL, images=10, number=10, noise=0.3, seed=1)
    assert found.train.tolist() == TRAIN
    assert found.validation.tolist() == VALIDATION
    assert found.labels.tolist() == TAUGHT


@pytest.mark.parametrize("share", [0.05, 0.4, 1.0])
def test_so_many_labels_are_wrong(share: float) -> None:
    found = divide(LABELS, ALL, noise=share)
    wrong = found.labels != LABELS
    assert wrong.sum() == round(share * 3000)
    turned = counts((found.labels[wrong].astype(int) - LABELS[wrong]) % 10)
    assert turned[0] == 0
    assert min(turned[1:]) > wrong.sum() / 9 * 0.6


def test_one_class_alone_cannot_be_mislabelled() -> None:
    assert set(divide(LABELS, [4], noise=0.5).labels) == {4}


@given(st.integers(0, 400), st.lists(st.integers(0, 60), max_size=12))
def test_what_is_taken_is_fair(number: int, sizes: list[int]) -> None:
    taken = fair(number, sizes)
    assert sum(taken) == min(number, sum(sizes))
    assert all(a <= b for a, b in zip(taken, sizes, strict=True))
    largest = max(taken, default=0)
    assert all(a == b or a >= largest - 1 for a, b in zip(taken, sizes, strict=True))


@given(
    st.lists(st.integers(0, 5), max_size=80),
    st.sets(st.integers(0, 5)),
    st.floats(0, 0.9),
    st.integers(0, 90),
    st.floats(0, 1),
)
def test_whatever_is_asked_no_image_is_learned_and_judged_by(
    labels: list[int], classes: set[int], share: float, images: int, noise: float
) -> None:
    array = np.array(labels, np.uint8)
    found = divide(array, sorted(classes), share=share, images=images, noise=noise)
    assert not set(found.train) & set(found.validation)
    assert set(array[found.train]) | set(array[found.validation]) <= classes
    assert len(found.labels) == len(found.train)
    assert set(found.labels) <= classes
