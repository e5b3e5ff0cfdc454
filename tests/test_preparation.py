"""How data are prepared: each setting declared once, and everything that is derived from that."""

from __future__ import annotations

import itertools

import msgspec
import numpy as np
import pytest

from cnnviz.layers import fields_of
from cnnviz.preparation import (
    AUGMENTATION,
    GROUPS,
    NEXT_RUN,
    PREPARATION_NAMES,
    Preparation,
    changed_live,
)
from cnnviz.project_file import decode_project, encode_project
from cnnviz.training import TRAINING_NAMES, Training
from tests.support.projects import PROJECT

NAMES = tuple(field.name for field in fields_of(Preparation))


def test_every_setting_is_declared_with_limits_and_stands_in_one_group() -> None:
    grouped = list(itertools.chain.from_iterable(names for _, names in GROUPS))
    assert sorted(grouped) == sorted(NAMES)
    assert {field.name for field in msgspec.structs.fields(Preparation)} == set(NAMES)
    assert set(NAMES) >= NEXT_RUN | set(AUGMENTATION)
    for field in fields_of(Preparation):
        if field.kind in {"int", "float"}:
            assert field.minimum is not None
            assert field.maximum is not None
            assert field.minimum <= field.default <= field.maximum
        for word in field.choices:
            assert word in PREPARATION_NAMES


def test_no_setting_and_no_word_is_called_like_one_of_training() -> None:
    """The command line has an option for each of both."""
    assert not set(NAMES) & {field.name for field in fields_of(Training)}
    assert not PREPARATION_NAMES.keys() & TRAINING_NAMES.keys()


def test_a_project_of_before_is_prepared_as_before_and_written_as_before() -> None:
    assert b"preparation" not in encode_project(PROJECT)
    assert decode_project(encode_project(PROJECT)).preparation == Preparation()
    assert not Preparation().augments


def test_a_file_holds_what_differs_and_gives_it_back() -> None:
    changed = Preparation(classes=("3", "7"), scaling="two_deviations", move=10)
    project = msgspec.structs.replace(PROJECT, preparation=changed)
    data = encode_project(project)
    assert b"elastic" not in data
    assert decode_project(data) == project


def test_a_setting_shows_those_that_it_has() -> None:
    hidden = {"validation_share", "validation_images", "clip_limit", "tiles"}
    hidden |= {"elastic_width", "unchanged"}
    assert {name for name in NAMES if not Preparation().shown(name)} == hidden
    full = Preparation(validation="share", equalisation=True, elastic=34)
    assert {name for name in NAMES if not full.shown(name)} == {"validation_images"}


@pytest.mark.parametrize(
    ("how", "steps"),
    [
        (Preparation(rotate=5), 200),
        (Preparation(rotate=5, unchanged=15), 170),
        (Preparation(flip="both", unchanged=100), 0),
        (Preparation(unchanged=15), 200),
    ],
)
def test_the_last_steps_leave_images_as_they_are(how: Preparation, steps: int) -> None:
    assert how.changing(200) == steps


def test_a_run_that_goes_on_keeps_its_images() -> None:
    after = Preparation(images=100, validation="share", tiles=5, move=10, scaling="standardised")
    assert changed_live(Preparation(images=7), after) == Preparation(
        images=7, move=10, scaling="standardised"
    )


@pytest.mark.parametrize(
    "how",
    [
        Preparation(),
        Preparation(images=540),
        Preparation(images=5000, classes=("1", "2")),
        Preparation(validation="share", validation_share=25, classes=("3", "4", "5")),
        Preparation(validation="number", validation_images=90, images=500),
        Preparation(validation="number", validation_images=10_000),
    ],
)
def test_how_many_are_learned_from_is_known_before_the_labels_are(how: Preparation) -> None:
    labels = (np.arange(1000) % 10).astype(np.uint8)
    classes = tuple("0123456789")
    assert how.learned_from(1000, classes) == len(how.divide(labels, classes).train)
