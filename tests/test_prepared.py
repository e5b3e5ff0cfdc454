"""What is said of how data are prepared: how many images there are, and what is wrong with it."""

from __future__ import annotations

from typing import Any

import pytest

from cnnviz.data.greys import GREYS
from cnnviz.explain.prepared import counted, input_words, objections
from cnnviz.preparation import Preparation

NAMES = ("ant", "bee", "cat")


def said(how: Preparation, train: list[int], **more: Any) -> str:
    given: dict[str, Any] = {"validation": [0, 0, 0], "test": [9, 9, 9], "batch_size": 8}
    found = objections(how, NAMES, train, **(given | more))
    return " ".join(map(str, found))


def test_counts_are_told_with_those_of_each_class() -> None:
    found = counted([54, 54, 54], [10, 11, 0], [1000, 1000, 1000], 60_000)
    assert [str(message) for message in found] == [
        "Learned from: 162 of 60,000 images, 54 a class",
        "Put aside: 21, 10–11 a class",
        "Tested with: 3,000",
    ]
    assert len(counted([5, 5], [0, 0], [1, 1], 10)) == 2


def test_nothing_is_wrong_by_default() -> None:
    assert said(Preparation(), [20, 20, 20]) == ""


@pytest.mark.parametrize(
    ("how", "train", "more", "words"),
    [
        (Preparation(), [0, 0, 0], {}, "Nothing is left to learn from"),
        (Preparation(images=2), [9, 9, 0], {}, "is left of cat"),
        (Preparation(), [9, 9, 9], {"test": [0, 0, 5]}, "no test images of ant, bee"),
        (Preparation(validation="share"), [9, 9, 9], {}, "classes have too few"),
        (Preparation(validation="number"), [9, 9, 9], {"validation": [1, 1, 0]}, "aside of cat"),
        (Preparation(), [2, 2, 2], {}, "A batch has 8 images, but there are only 6"),
        (Preparation(classes=("bee",), label_noise=5), [0, 9, 0], {}, "no other one"),
    ],
)
def test_what_is_wrong_is_said(
    how: Preparation, train: list[int], more: dict[str, Any], words: str
) -> None:
    assert words in said(how, train, **more)


def test_classes_that_were_not_chosen_may_be_without_images() -> None:
    how = Preparation(classes=("bee",))
    assert said(how, [0, 9, 0], test=[0, 5, 0]) == ""


@pytest.mark.parametrize(
    ("how", "words"),
    [
        (Preparation(), "Values from 0 (black) to 1 (white)."),
        (Preparation(equalisation=True, tiles=3), "CLAHE with 3×3 tiles and a clip limit of 8."),
        (Preparation(scaling="two_deviations"), "divided by 2 of its standard deviations"),
        (Preparation(scaling="standardised"), "less the mean (0.4914, 0.4822, 0.4465)"),
    ],
)
def test_other_programs_are_told_what_the_network_sees(how: Preparation, words: str) -> None:
    assert words in input_words(how, GREYS["cifar10"])
