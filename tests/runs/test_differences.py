"""The table of what differed."""

from __future__ import annotations

from typing import Any

import msgspec

from cnnviz.layers import Conv2d, Dense, Dropout, Flatten, Size
from cnnviz.message import Message, listed
from cnnviz.network import Network
from cnnviz.preparation import Preparation
from cnnviz.project import Project
from cnnviz.runs import Changed, Curve, KeptRun, Line, Point, differences, results
from cnnviz.training import Training

CONV = Conv2d(uid="c", filters=8)
FLAT, OUT = Flatten(uid="f"), Dense(uid="d", units=10)
NETWORK = Network(layers=(CONV, FLAT, OUT))


def run(number: int = 1, network: Network = NETWORK, seed: int = 0, **more: Any) -> KeptRun:
    training = more.pop("training", Training())
    return KeptRun(f"r{number}", 0.0, Project(network, seed=seed, training=training), **more)


def named(lines: tuple[Line, ...]) -> dict[str, tuple[Any, ...]]:
    return {line.name: line.values for line in lines if line.kind != "result"}


def test_equal_runs_differ_in_nothing() -> None:
    assert named(differences([run(1), run(2)])) == {}
    assert differences([]) == ()


def test_a_changed_setting_has_a_line_with_a_value_for_each_run() -> None:
    fast = run(2, training=Training(learning_rate=0.1, batch_size=64))

    lines = differences([run(1), fast, run(3)])

    assert named(lines) == {
        "learning_rate": (0.002, 0.1, 0.002),
        "batch_size": (128, 64, 128),
    }
    assert lines[0].title == Message("Learning rate")


def test_a_setting_without_a_meaning_is_no_difference() -> None:
    other = Training(momentum=0.5)  # Adam has none

    assert named(differences([run(1), run(2, training=other)])) == {}


def test_words_are_translatable_and_a_setting_that_one_lacks_is_empty() -> None:
    sgd = Training(optimizer="sgd", nesterov=True)

    found = named(differences([run(1), run(2, training=sgd)]))

    assert found["optimizer"] == (Message("Adam"), Message("SGD"))
    assert found["nesterov"] == (None, Message("on"))
    assert found["beta1"] == (0.9, None)


def test_seed_device_threads_start_and_changes_on_the_way_count() -> None:
    other = run(2, seed=7, device="cuda", threads=4, from_seed=False)
    other = msgspec.structs.replace(other, changes=(Changed(5, "learning_rate", 0.1, 0.2),))

    found = named(differences([run(1, device="cpu", threads=2), other]))

    assert found == {
        "seed": (0, 7),
        "device": ("cpu", "cuda"),
        "threads": (2, 4),
        "start": (Message("the seed"), Message("learned before")),
        "changes": (0, 1),
    }


def test_settings_of_layers_that_differ_are_named() -> None:
    wider = Conv2d(uid="c", filters=16, kernel=Size(5, 5))
    other = Network(layers=(wider, FLAT, OUT))

    lines = differences([run(1), run(2, other)])

    found = named(lines)
    assert found["c.filters"] == (8, 16)
    assert found["c.kernel"] == ("3×3", "5×5")
    assert found["parameters"][0] < found["parameters"][1]
    title = next(line.title for line in lines if line.name == "c.filters")
    assert str(title) == "Layer 1, Conv: Filters"


def test_a_layer_that_one_lacks_and_another_order_are_told() -> None:
    more = Network(layers=(CONV, Dropout(uid="x"), FLAT, OUT))
    found = named(differences([run(1), run(2, more)]))
    assert found["x"] == (None, Dropout().name)
    assert found["layers"] == (3, 4)

    turned = Network(layers=(CONV, OUT, FLAT))
    assert "order" in named(differences([run(1), run(2, turned)]))


def test_results_are_always_there() -> None:
    test = Curve.of([Point(10, 0.5, 0.9), Point(20, 0.6, 0.8)])
    done = run(2, state="finished", step=20, test=test, train=Curve.of([Point(20, 0.25, 1.0)]))

    found = {line.name: line.values for line in results([run(1), done])}

    assert found["state"] == (Message("not begun"), Message("finished"))
    assert found["train_loss"] == (None, 0.25)
    assert found["test_accuracy"] == (None, 0.8)
    assert found["best_accuracy"] == (None, 0.9)
    assert found["steps_done"] == (0, 20)
    assert "validation_accuracy" not in found


def test_a_validation_curve_has_a_line_of_its_own() -> None:
    valid = run(2, validation=Curve.of([Point(10, 0.5, 0.7)]))

    found = {line.name: line.values for line in results([run(1), valid])}

    assert found["validation_accuracy"] == (None, 0.7)


def test_of_a_long_run_it_is_told_that_not_every_step_has_a_point() -> None:
    short = run(train=Curve.of([Point(step, 1.0, 0.5) for step in range(1, 5)]))
    long = run(2, train=Curve.of([Point(step, 1.0, 0.5) for step in (1, 2, 7, 8)]))
    assert "points" not in {line.name for line in results([short])}
    (line,) = (line for line in results([short, long]) if line.name == "points")
    assert [str(value) for value in line.values] == [
        "each step",
        "4 points, the lowest and highest",
    ]


def test_how_the_data_were_prepared_is_told_in_words() -> None:
    ways = (Preparation(), Preparation(classes=("3", "7"), flip="both", equalisation=True))
    runs = [
        msgspec.structs.replace(
            one, project=msgspec.structs.replace(one.project, preparation=preparation)
        )
        for one, preparation in zip((run(1), run(2)), ways, strict=True)
    ]
    lines = named(differences(runs))
    assert lines["preparation.classes"] == (Message("all"), listed(("3", "7")))
    assert lines["preparation.flip"] == (Message("Never"), Message("Both ways"))
    assert lines["preparation.tiles"] == (None, 2)
