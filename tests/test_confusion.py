"""Counting which classes are taken for which."""

from __future__ import annotations

import msgspec
import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from cnnviz.confusion import Examination, accuracies

ANSWER = st.tuples(st.integers(0, 3), st.integers(0, 3), st.sampled_from([0.3, 0.6, 0.9]))


def examination(answers: list[tuple[int, int, float]]) -> Examination:
    labels, predicted, confidence = zip(*answers, strict=True) if answers else ((), (), ())
    return Examination(
        7,
        np.array(labels, np.uint8),
        np.array(predicted, np.uint8),
        np.array(confidence, np.float32),
    )


@given(st.lists(ANSWER, max_size=40))
def test_every_image_is_in_its_cell_once(answers: list[tuple[int, int, float]]) -> None:
    found = examination(answers)
    counts = found.confusion(4)
    assert counts.sum() == len(answers)
    everything = []
    for label in range(4):
        for predicted in range(4):
            places = found.in_cell(label, predicted).tolist()
            assert len(places) == counts[label, predicted]
            assert all(answers[place][:2] == (label, predicted) for place in places)
            sure = [answers[place][2] for place in places]
            assert sure == sorted(sure, reverse=True)
            everything += places
    assert sorted(everything) == list(range(len(answers)))


@given(st.lists(ANSWER, max_size=40))
def test_mistakes_are_all_that_is_wrong_the_most_confident_first(
    answers: list[tuple[int, int, float]],
) -> None:
    wrong = examination(answers).mistakes().tolist()
    assert sorted(wrong) == [i for i, (label, read, _) in enumerate(answers) if label != read]
    sure = [answers[place][2] for place in wrong]
    assert sure == sorted(sure, reverse=True)


def test_shares_of_the_classes() -> None:
    counts = np.array([[9, 1, 0], [0, 0, 0], [2, 0, 2]])
    shares = accuracies(counts)
    assert shares[0] == 0.9
    assert np.isnan(shares[1])
    assert shares[2] == 0.5


def test_an_answer_knows_its_image() -> None:
    found = examination([(0, 1, 0.9), (1, 1, 0.5)])
    assert [found.place(0), found.place(1)] == [0, 1]
    some = msgspec.structs.replace(found, places=np.array([4, 9]))
    assert [some.place(0), some.place(1)] == [4, 9]
