"""Explanations beside all else that the engine does: no trace, no obstacle, no trouble."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
import torch

from cnnviz.engine.attribution import Reasons
from cnnviz.engine.protocol import Explained, Pause, Progress, Train
from cnnviz.explain.answers import METHODS, Method
from cnnviz.layers import Activation, Dense
from tests.engine.desk import LONG, RESTLESS, begin, points, same, small_network
from tests.engine.explaining import array, explained, model_of, request, values

if TYPE_CHECKING:
    from tests.engine.desk import Desk


# --- no trace ---------------------------------------------------------------------------------
@pytest.mark.parametrize("method", METHODS)
def test_an_explanation_leaves_no_trace(method: Method) -> None:
    model = model_of(RESTLESS)
    for training in (True, False):
        model.train(training)
        state = {name: tensor.clone() for name, tensor in model.state_dict().items()}
        chance, threads = torch.get_rng_state(), torch.get_num_threads()
        first = values(model, method)
        np.testing.assert_array_equal(values(model, method), first)
        assert torch.equal(torch.get_rng_state(), chance)
        assert torch.get_num_threads() == threads
        assert all(module.training == training for module in model.modules())
        for name, tensor in model.state_dict().items():
            assert torch.equal(tensor, state[name]), name
        assert all(tensor.grad is None for tensor in model.parameters())
        assert all(tensor.requires_grad for tensor in model.parameters())


def test_training_is_the_same_to_the_last_bit_whatever_is_asked_meanwhile(desk: Desk) -> None:
    def trained(*, curious: bool) -> tuple[object, object]:
        desk.said.clear()
        begin(desk, 2)
        for number in range(12):
            if curious:
                desk.tell(request(list(METHODS)[number % 5], ask=number))
            if number == 5:
                desk.tell(Pause())
                if curious:
                    desk.tell(*(request(method, ask=99) for method in METHODS))
                    desk.work()
                desk.tell(Train(desk.revision, LONG))
            step = desk.engine.runner.run.step if desk.engine.runner.run else 0
            while desk.engine.runner.run is not None and desk.engine.runner.run.step == step:
                desk.work(1)
        desk.tell(Pause())
        desk.work()
        assert desk.last(Progress).step == 14
        return points(desk), desk.weights()

    torch.manual_seed(0)
    plain_points, plain = trained(curious=False)
    torch.manual_seed(0)
    curious_points, curious = trained(curious=True)
    assert curious_points == plain_points
    assert same(curious, plain)  # type: ignore[arg-type]


def test_a_run_goes_on_beside_an_occlusion_and_the_predicted_class_is_kept(desk: Desk) -> None:
    begin(desk)
    desk.tell(request("occlusion"))
    before = desk.all(Explained)[-1].step
    desk.work(8)
    answers = desk.all(Explained)
    assert answers[-1].done == 1
    assert answers[-1].step > before
    assert len({answer.target for answer in answers}) == 1


def test_the_bare_image_is_measured_anew_only_where_the_weights_have_changed() -> None:
    model = model_of(small_network())
    batches: list[int] = []
    model.register_forward_pre_hook(lambda _, inputs: batches.append(len(inputs[0])))
    for steps in ([0, 0, 0, 0], [0, 4, 4, 4], [0, 1, 2, 3]):
        reasons = Reasons(model, request("occlusion"), "cpu")
        answers = [reasons.next(revision=1, step=step) for step in steps]
        assert answers[-1].done == 1
    assert batches == [33, 32, 32, 4, 33, 33, 32, 4, 33, 33, 33, 5]
    # The weights are changed between two slices: each square is held against its own bare image.
    reasons = Reasons(model, request("occlusion", 0), "cpu")
    before = array(reasons.next(revision=1, step=0)).copy()
    with torch.no_grad():
        list(model.parameters())[-1].add_(100)  # the biases of the classes
    reasons.next(revision=1, step=1)
    after = array(reasons.next(revision=1, step=2))
    np.testing.assert_allclose(after[:4], before[:4], atol=1e-4)
    assert np.abs(after).max() < 50


def test_frozen_layers_and_a_softmax_at_the_end_are_no_obstacle() -> None:
    network = small_network(Activation(uid="second"))
    softmax = network.with_layers((*network.layers, Activation(uid="soft", function="softmax")))
    for method in METHODS:
        plain, ended = (values(model_of(each), method, 5) for each in (network, softmax))
        np.testing.assert_array_equal(plain, ended)
    frozen = model_of(network).requires_grad_(False)
    np.testing.assert_array_equal(
        values(frozen, "saliency", 5), values(model_of(network), "saliency", 5)
    )


# --- trouble ----------------------------------------------------------------------------------
def test_each_question_is_answered_also_where_there_is_no_answer(desk: Desk) -> None:
    for method in METHODS:
        desk.tell(request(method))
        assert desk.last(Explained).array() is None
    desk.load(small_network().insert(2, Dense(uid="early")))
    for method in METHODS:
        desk.tell(request(method))
        answer = desk.last(Explained)
        assert answer.array() is None
        assert answer.done == 1
        assert answer.revision == 1
        assert answer.note is None  # the window knows already what is wrong
    assert not desk.engine.busy


def test_a_class_that_is_not_there_is_taken_as_the_predicted_one() -> None:
    model = model_of(small_network())
    answer = explained(model, request("saliency", 10))
    assert answer.target == int(np.argmax(answer.logits))


def test_the_predicted_class_by_default() -> None:
    model = model_of(small_network())
    answer = explained(model, request("saliency"))
    assert answer.target == int(np.argmax(answer.logits))
    assert (answer.revision, answer.step) == (3, 5)


def test_trouble_is_told_in_the_answer(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("the device is gone")

    desk.load(small_network())
    for method in METHODS:
        with monkeypatch.context() as patch:
            patch.setattr("cnnviz.engine.attribution.seen", fail)
            desk.tell(request(method))
        answer = desk.last(Explained)
        assert answer.note is not None
        assert "gone" in str(answer.note.message())
        assert answer.done == 1
    desk.tell(request("saliency"))
    assert desk.last(Explained).array() is not None
