"""The settings of training: each declared once, and everything that is derived from that."""

from __future__ import annotations

import itertools

import msgspec
import pytest

from cnnviz.layers import fields_of
from cnnviz.optimizers import optimizer_call
from cnnviz.training import (
    GROUPS,
    NEXT_RUN,
    TRAINING_NAMES,
    Training,
    changed_live,
)

NAMES = tuple(field.name for field in fields_of(Training))


def test_every_setting_is_declared_with_limits_and_stands_in_one_group() -> None:
    grouped = list(itertools.chain.from_iterable(names for _, names in GROUPS))
    assert sorted(grouped) == sorted(NAMES)
    assert {field.name for field in msgspec.structs.fields(Training)} == set(NAMES)
    assert set(NAMES) >= NEXT_RUN
    for field in fields_of(Training):
        if field.kind in {"int", "float"}:
            assert field.minimum is not None
            assert field.maximum is not None
            assert field.minimum <= field.default <= field.maximum
        for word in field.choices:
            assert word in TRAINING_NAMES


def test_a_file_from_before_has_the_settings_of_before() -> None:
    """Files of the first version name eight settings; the others were what they are by default."""
    old = b'{"optimizer": "sgd", "learning_rate": 0.1, "momentum": 0.5, "epochs": 3}'
    read = msgspec.json.decode(old, type=Training)
    assert read == Training(optimizer="sgd", learning_rate=0.1, momentum=0.5, epochs=3)
    assert not optimizer_call(read).keywords.keys() - {"lr", "momentum", "weight_decay"}


@pytest.mark.parametrize(
    ("settings", "hidden"),
    [
        ({}, {"momentum", "dampening", "nesterov", "alpha"}),
        ({"optimizer": "sgd"}, {"beta1", "beta2", "alpha", "epsilon"}),
        ({"optimizer": "sgd", "nesterov": True}, {"beta1", "beta2", "alpha", "epsilon",
                                                  "dampening"}),
        ({"optimizer": "sgd", "momentum": 0.0}, {"beta1", "beta2", "alpha", "epsilon", "dampening",
                                                 "nesterov"}),
        ({"optimizer": "rmsprop"}, {"dampening", "nesterov", "beta1", "beta2"}),
    ],
)  # fmt: skip
def test_an_optimizer_shows_the_settings_that_it_has(
    settings: dict[str, object], hidden: set[str]
) -> None:
    training = msgspec.convert(settings, Training)
    of_optimizer = set(GROUPS[0][1])
    assert {name for name in of_optimizer if not training.shown(name)} == hidden


def test_a_schedule_shows_the_settings_that_it_has() -> None:
    names = {"step_epochs", "factor", "plateau_patience", "rise", "final_share"}
    expected = {
        "constant": set(),
        "step": {"step_epochs", "factor"},
        "exponential": {"factor"},
        "cosine": {"final_share"},
        "one_cycle": {"rise"},
        "plateau": {"factor", "plateau_patience"},
    }
    for schedule, shown in expected.items():
        training = msgspec.convert({"schedule": schedule}, Training)
        assert {name for name in names if training.shown(name)} == shown
        assert training.shown("warm_up")


def test_length_and_loss_show_the_settings_that_they_have() -> None:
    assert Training().shown("epochs")
    assert not Training().shown("steps")
    assert Training(run_length="steps").shown("steps")
    assert not Training(run_length="steps").shown("epochs")
    assert Training().shown("label_smoothing")
    assert not Training(loss="mean_squared_error").shown("label_smoothing")


def test_what_counts_from_the_next_run_stays_in_this_one() -> None:
    before = Training()
    after = Training(optimizer="sgd", batch_size=7, learning_rate=0.5, epochs=9)
    assert changed_live(before, after) == Training(learning_rate=0.5, epochs=9)
