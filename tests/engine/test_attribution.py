"""Explanations against gradients written out by hand, differences, and pencil and paper."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.nn import functional as F

from cnnviz.analysis import analyze
from cnnviz.engine import attribution
from cnnviz.engine.batches import fit
from cnnviz.engine.build import Model, build
from cnnviz.engine.protocol import Explained, LeaveUnexplained
from cnnviz.engine.sight import Sight
from cnnviz.explain.answers import Method
from cnnviz.layers import Activation, Branches, Conv2d, Dense, Flatten, GlobalAvgPool, Size
from cnnviz.network import Input, Network
from cnnviz.preparation import Preparation
from tests.engine.desk import RESTLESS, small_network
from tests.engine.explaining import IMAGE, array, explained, model_of, request, values
from tests.support.networks import networks

if TYPE_CHECKING:
    from tests.engine.desk import Desk


def by_hand(network: Network, model: Model, target: int) -> tuple[np.ndarray, np.ndarray]:
    """What the network sees and the gradient, with the usual order of the memory and no hooks."""
    x = fit(torch.from_numpy(IMAGE[None].copy()), network.input).contiguous().requires_grad_()
    y = model(x)
    x.grad = torch.zeros_like(x)
    y[0, target].backward(inputs=[x])
    gradient = x.grad
    return x.detach()[0].numpy(), gradient[0].numpy()


@settings(max_examples=30)
@given(network=networks(count=6, depth=1), target=st.integers(0, 2))
def test_gradients_of_the_image_are_those_of_autograd(network: Network, target: int) -> None:
    """Of any network that works: branches, frozen layers, a softmax at its end."""
    report = analyze(network, 3)
    if report.problem is not None:
        return
    model = build(report, {}, 1)
    x, gradient = by_hand(network, model, target)
    scale = float(np.abs(gradient).max()) + 1e-6
    by_method: dict[Method, np.ndarray] = {
        "saliency": np.abs(gradient).max(0),
        "input_gradient": (x * gradient).sum(0),
    }
    for method, expected in by_method.items():
        found = values(model, method, target)
        np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-4 * scale)


@pytest.mark.parametrize("function", ["tanh", "silu"])
def test_a_gradient_is_what_a_small_change_does(function: Literal["tanh", "silu"]) -> None:
    """Against central differences in float64, where nothing has a kink."""
    layers = (
        Conv2d(uid="conv", filters=3, kernel=Size(5, 5), stride=Size(2, 2)),
        Activation(uid="act", function=function),
        Flatten(uid="flat"),
        Dense(uid="dense", units=10),
    )
    model = model_of(Network(layers=layers))
    found = values(model, "input_gradient", 4)
    double = build(analyze(Network(layers=layers)), {}, 1).double()
    x = torch.from_numpy(IMAGE[None, None].astype(np.float64) / 255)
    with torch.no_grad():
        for row, column in ((0, 0), (7, 9), (14, 14), (27, 20)):
            change = torch.zeros_like(x)
            change[0, 0, row, column] = 1e-5
            slope = (double(x + change) - double(x - change))[0, 4].item() / 2e-5
            expected = slope * x[0, 0, row, column].item()
            assert found[row, column] == pytest.approx(expected, rel=1e-3, abs=1e-6)


def test_without_biases_pixel_times_gradient_adds_up_to_the_logit() -> None:
    layers = (
        Conv2d(uid="conv", filters=4, kernel=Size(5, 5), bias=False),
        Activation(uid="relu"),
        Flatten(uid="flat"),
        Dense(uid="dense", units=10, bias=False),
    )
    answer = explained(model_of(Network(layers=layers)), request("input_gradient", 7))
    assert array(answer).sum() == pytest.approx(answer.logits[7], rel=1e-4)


# --- Grad-CAM ---------------------------------------------------------------------------------
def tiny() -> Model:
    """Two 1×1 filters, 2 and -1, the mean of each map, and a class that takes 3 and 5 of them."""
    layers = (
        Conv2d(uid="conv", filters=2, kernel=Size(1, 1), bias=False),
        GlobalAvgPool(uid="mean"),
        Flatten(uid="flat"),
        Dense(uid="dense", units=2, bias=False),
    )
    network = Network(input=Input(2, 2, 1)).with_layers(layers)
    weights = {
        ("conv", "weight", (2, 1, 1, 1)): np.array([2, -1], np.float32).reshape(2, 1, 1, 1),
        ("dense", "weight", (2, 2)): np.array([[3, 5], [-3, 0]], np.float32),
    }
    return build(analyze(network, 2), weights, 0)


def test_grad_cam_of_pencil_and_paper() -> None:
    image = np.array([[0, 51], [102, 255]], np.uint8)  # 0, 0.2, 0.4, 1
    # Maps 2x and -x; of class 0 their gradients are 3/4 and 5/4 everywhere: 0.75·2x - 1.25·x.
    answer = explained(tiny(), request("grad_cam", 0, image=image))
    assert (answer.uid, answer.cells, answer.target) == ("conv", (2, 2), 0)
    np.testing.assert_allclose(array(answer), [[0, 0.05], [0.1, 0.25]], atol=1e-6)
    assert answer.logits == pytest.approx([3 * 0.8 - 5 * 0.4, -3 * 0.8])
    # Of class 1 only the first map counts, and against it: nothing is left.
    against = explained(tiny(), request("grad_cam", 1, image=image))
    np.testing.assert_array_equal(array(against), np.zeros((2, 2)))


def test_grad_cam_of_any_layer_against_the_formula() -> None:
    model = model_of(small_network(Branches(uid="fork", merge="concat", branches=((), ()))))
    for uid in ("", "conv", "relu", "pool", "fork"):
        outputs: dict[str, torch.Tensor] = {}
        x = fit(torch.from_numpy(IMAGE[None].copy()), model.input).requires_grad_()
        logits = model.look(x, outputs.__setitem__)
        assert logits is not None
        maps = outputs[uid or "fork"]
        (gradient,) = torch.autograd.grad(logits[0, 2], maps)
        alpha = gradient[0].mean((1, 2))
        cam = torch.einsum("c,chw->hw", alpha, maps[0]).clamp(min=0)
        large = F.interpolate(cam[None, None], (28, 28), mode="bilinear")[0, 0].detach().numpy()
        answer = explained(model, request("grad_cam", 2, uid))
        assert answer.uid == (uid or "fork")
        assert answer.cells == tuple(cam.shape)
        np.testing.assert_allclose(array(answer), large, rtol=1e-4, atol=1e-6)


def test_without_maps_there_is_nothing_to_weigh() -> None:
    layers = (Flatten(uid="flat"), Dense(uid="dense", units=10))
    model = model_of(Network(layers=layers))
    for uid, words in (("", "No layer"), ("dense", "gives no maps")):
        answer = explained(model, request("grad_cam", uid=uid))
        assert answer.array() is None
        assert len(answer.logits) == 10
        assert answer.note is not None
        assert words in str(answer.note.message())


# --- guided backpropagation -------------------------------------------------------------------
def test_guided_backpropagation_against_a_relu_with_a_way_back_of_its_own() -> None:
    class Guided(torch.autograd.Function):
        @staticmethod
        def forward(ctx: object, x: torch.Tensor) -> torch.Tensor:
            ctx.save_for_backward(x)  # type: ignore[attr-defined]
            return x.clamp(min=0)

        @staticmethod
        def backward(ctx: object, gradient: torch.Tensor) -> torch.Tensor:
            (x,) = ctx.saved_tensors  # type: ignore[attr-defined]
            return gradient * (x > 0) * (gradient > 0)

    layers = (
        Conv2d(uid="a", filters=4, kernel=Size(3, 3)),
        Activation(uid="relu"),
        Conv2d(uid="b", filters=4, kernel=Size(3, 3)),
        Activation(uid="relu2"),
        Flatten(uid="flat"),
        Dense(uid="dense", units=10),
    )
    model = model_of(Network(layers=layers))
    x = fit(torch.from_numpy(IMAGE[None].copy()), model.input).requires_grad_()
    y = x
    for row, block in zip(model.layers, model.blocks, strict=True):
        y = Guided.apply(y) if isinstance(row.layer, Activation) else block(y)
    (expected,) = torch.autograd.grad(y[0, 3], x)
    found = values(model, "guided", 3)
    np.testing.assert_allclose(found, expected[0, 0].numpy(), rtol=1e-4, atol=1e-6)
    assert np.abs(found - by_hand(Network(layers=layers), model, 3)[1][0]).max() > 1e-3
    # Nothing of it is left in the model.
    assert not any(module._forward_hooks for module in model.modules())
    np.testing.assert_allclose(
        values(model, "saliency", 3),
        np.abs(by_hand(Network(layers=layers), model, 3)[1][0]),
        rtol=1e-4,
        atol=1e-6,
    )


def test_without_relu_it_says_so() -> None:
    layers = (Flatten(uid="flat"), Dense(uid="dense", units=10))
    answer = explained(model_of(Network(layers=layers)), request("guided"))
    assert answer.array() is not None
    assert answer.note is not None


# --- occlusion --------------------------------------------------------------------------------
def test_occlusion_against_one_image_at_a_time() -> None:
    model = model_of(RESTLESS)
    answer = explained(model, request("occlusion", 6))
    x = torch.from_numpy(IMAGE[None, None].astype(np.float32) / 255)
    starts = [0, 2, 5, 7, 9, 12, 14, 16, 19, 21]  # two thirds of 7 apart
    falls, covered = np.zeros((28, 28)), np.zeros((28, 28))
    shares = {}
    with torch.no_grad():
        bare = model(x)[0, 6].item()
        for top in starts:
            for left in starts:
                image = x.clone()
                image[0, 0, top : top + 7, left : left + 7] = 0.5
                logits = model(image)[0]
                falls[top : top + 7, left : left + 7] += bare - logits[6].item()
                shares[top, left] = logits.softmax(0)[6].item()
                covered[top : top + 7, left : left + 7] += 1
    assert covered.min() == 1
    np.testing.assert_allclose(array(answer), falls / covered, rtol=1e-3, atol=1e-5)
    assert (answer.side, answer.done) == (7, 1)
    tried = dict(zip(zip(answer.tops, answer.lefts, strict=True), answer.shares, strict=True))
    assert tried == pytest.approx(shares, rel=1e-4)
    assert len(answer.shares) == len(shares), "no place is tried twice"


@given(height=st.integers(1, 70), width=st.integers(1, 70))
def test_the_coarse_places_come_first_and_leave_no_gaps(height: int, width: int) -> None:
    side = max(1, round(min(height, width) / attribution.SQUARES))
    places = attribution._places(height, width, side)
    coarse = -(-height // side) * -(-width // side)  # as few as there can be
    covered = np.zeros((height, width), int)
    for number, (top, left) in enumerate(places, start=1):
        assert covered[top : top + side, left : left + side].shape == (side, side)
        covered[top : top + side, left : left + side] += 1
        assert (covered.min() > 0) == (number >= coarse)
    assert len(set(places)) == len(places)


@pytest.mark.parametrize("method", ["saliency", "input_gradient", "occlusion"])
def test_an_image_is_explained_as_the_network_sees_it(method: Method) -> None:
    """Standardised in front of the network, or in a layer of its own: the same explanation."""
    model = model_of(RESTLESS)
    model.sight = Sight(RESTLESS.input, Preparation(scaling="standardised"), "mnist")
    found = array(explained(model, request(method, 6)))
    x = torch.from_numpy(IMAGE[None, None].astype(np.float32) / 255)
    seen = ((x - 0.1307) / 0.3081).requires_grad_()
    logit = model(seen)[0, 6]
    (gradient,) = torch.autograd.grad(logit, seen)
    if method == "saliency":
        np.testing.assert_allclose(found, gradient[0, 0].abs().numpy(), rtol=1e-4, atol=1e-6)
    elif method == "input_gradient":
        expected = (seen * gradient)[0, 0].detach().numpy()
        np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-6)
    else:
        covered = seen.detach().clone()
        covered[0, 0, :7, :7] = (0.5 - 0.1307) / 0.3081  # the middle between black and white
        with torch.no_grad():
            fall = float(logit.detach() - model(covered)[0, 6])
        assert found[0, 0] == pytest.approx(fall, rel=1e-3, abs=1e-5)


def test_occlusion_grows_slice_by_slice_and_a_newer_question_ends_it(desk: Desk) -> None:
    desk.load(small_network())
    desk.tell(request("occlusion", ask=1))
    first = desk.last(Explained)
    assert 0 < first.done < 1
    desk.tell(request("occlusion", ask=2))
    desk.work()
    answers = desk.all(Explained)
    assert [answer.id for answer in answers] == [1, *[2] * (len(answers) - 1)]
    done = [answer.done for answer in answers[1:]]
    assert done == sorted(done)
    assert done[-1] == 1
    assert len(done) > 2
    desk.tell(request("occlusion", ask=3), request("saliency", ask=4))
    assert desk.work() == 0
    desk.tell(request("occlusion", ask=5))
    desk.load(small_network())
    assert desk.work() == 0
    desk.tell(request("occlusion", ask=6), LeaveUnexplained())
    assert desk.work() == 0, "nobody wants to know any more"
