"""The images and the pictures that a map likes best, and what a network is without it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
import torch

from cnnviz.engine.muting import muted
from cnnviz.engine.protocol import Studied, Study
from cnnviz.engine.protocol.studies import Accuracies, Dream, Dreamt, Excited, Exciting, Muted
from cnnviz.engine.studies import ablation, favourites
from cnnviz.engine.studies.found import NOT_THERE
from cnnviz.layers import Activation, Branches
from tests.engine.desk import RESTLESS, TEST, Desk, begin, samples, small_network, sums

if TYPE_CHECKING:
    from cnnviz.engine.build import Model
    from cnnviz.engine.protocol import Subject


def found(desk: Desk, subject: Subject) -> list[Studied]:
    desk.said.clear()
    desk.tell(Study(1, "a", subject))
    desk.work()
    return desk.all(Studied)


def model_of(desk: Desk) -> Model:
    assert desk.engine.bench.model is not None
    return desk.engine.bench.model.eval()


def shown_images() -> torch.Tensor:
    return torch.from_numpy(samples().test_images).float().div(255).unsqueeze(1)


@pytest.mark.parametrize(("uid", "number"), [("input", 0), ("conv", 2), ("pool", 1), ("dense", 7)])
def test_the_most_exciting_images_are_those_with_the_largest_values(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, uid: str, number: int
) -> None:
    monkeypatch.setattr(favourites, "images_a_slice", lambda model: 7)
    desk.load(RESTLESS)
    answers = found(desk, Exciting(uid, number, 5))
    finding = answers[-1].finding
    assert isinstance(finding, Excited)
    assert (answers[-1].done, finding.seen) == (1, TEST)
    outputs = {"input": shown_images()}
    with torch.inference_mode():
        model_of(desk).look(shown_images(), outputs.__setitem__)
    values = outputs[uid][:, number]
    strengths = values.reshape(TEST, -1).amax(1)
    np.testing.assert_allclose(finding.strengths, strengths.topk(5).values.numpy(), atol=1e-5)
    for image, strength, row, column, label in zip(
        finding.places,
        finding.strengths,
        finding.rows,
        finding.columns,
        finding.labels,
        strict=True,
    ):
        where = values[image] if values.ndim == 1 else values[image, row, column]
        assert float(where) == pytest.approx(strength, abs=1e-5)
        assert label == samples().test_labels[image]
    np.testing.assert_allclose(
        finding.images.array(), shown_images()[finding.places].numpy(), atol=1e-6
    )


def test_a_dream_climbs_and_draws_no_chance_of_the_training(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(favourites, "STEPS", 60)
    begin(desk)
    weights, chance = sums(desk), torch.get_rng_state()
    desk.engine.runner.pause()
    answers = found(desk, Dream("conv", 1))
    assert sums(desk) == weights
    assert torch.equal(torch.get_rng_state(), chance)
    last = answers[-1].finding
    assert isinstance(last, Dreamt)
    assert (last.steps, answers[-1].done) == (60, 1)
    image = last.image.array()
    assert image.shape == (1, 28, 28)
    assert image.min() >= 0
    assert image.max() <= 1
    assert last.strength > last.before + 0.1
    shown = torch.from_numpy(image.copy())[None]
    outputs: dict[str, torch.Tensor] = {}
    with torch.inference_mode():
        model_of(desk).look(shown, outputs.__setitem__)
    really = float(outputs["conv"][0, 1].mean())
    flat = torch.full_like(shown, 0.5)
    with torch.inference_mode():
        model_of(desk).look(flat, outputs.__setitem__)
    assert really > float(outputs["conv"][0, 1].mean())
    again = found(desk, Dream("conv", 1))[-1].finding
    assert isinstance(again, Dreamt)
    np.testing.assert_array_equal(again.image.array(), image)


def test_a_network_without_some_maps_is_one_in_which_they_are_zero(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ablation, "images_a_slice", lambda model: 16)
    begin(desk, 30)
    desk.engine.runner.pause()
    maps = (("pool", 0), ("pool", 2), ("conv", 1), ("nobody", 3), ("dense", 99))
    finding = found(desk, Muted(maps))[-1].finding
    assert isinstance(finding, Accuracies)
    model, labels = model_of(desk), torch.from_numpy(samples().test_labels).long()
    conv, relu, pool, norm, drop, flat, dense = model.blocks
    with torch.inference_mode():
        whole = model(shown_images()).argmax(1) == labels
        x = conv(shown_images())
        x[:, 1] = 0
        x = pool(relu(x))
        x[:, [0, 2]] = 0
        rest = dense(flat(drop(norm(x)))).argmax(1) == labels
    for counts, right in ((finding.whole, whole), (finding.without, rest)):
        assert counts == torch.bincount(labels[right], minlength=10).tolist()
    assert finding.there == torch.bincount(labels, minlength=10).tolist()
    assert sum(finding.without) < sum(finding.whole)
    with torch.inference_mode():
        assert torch.equal(model(shown_images()).argmax(1) == labels, whole), "afterwards as before"


def test_muting_is_the_same_in_the_quick_order_and_inside_branches(desk: Desk) -> None:
    desk.load(
        small_network(
            Branches(uid="fork", branches=((), (Activation(uid="tanh", function="tanh"),)))
        )
    )
    model = model_of(desk)
    with torch.inference_mode(), muted(model, [("relu", 0), ("tanh", 1)]):
        seen: dict[str, torch.Tensor] = {}
        looked = model.look(shown_images(), seen.__setitem__)
        quick = model(shown_images())
    assert looked is not None
    assert torch.equal(looked, quick)
    assert not seen["relu"][:, 0].any()
    assert not seen["tanh"][:, 1].any()
    assert seen["tanh"][:, 2].any()


@pytest.mark.parametrize("subject", [Exciting("conv", 3), Dream("conv", 3), Dream("nobody", 0)])
def test_what_is_not_there_is_said(desk: Desk, subject: Subject) -> None:
    desk.load(RESTLESS)
    answers = found(desk, subject)
    assert [answer.finding for answer in answers] == [None]
    assert answers[0].note is not None
    assert answers[0].note.message() == NOT_THERE
