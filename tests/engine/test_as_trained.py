"""A network is looked at as it is trained, and a run knows nothing of it."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from cnnviz.engine.as_trained import companions
from cnnviz.engine.protocol import Failed, Probe, Probed, Train
from cnnviz.layers import BatchNorm, ChannelDropout, Dropout
from cnnviz.network import Network
from tests.engine.desk import LONG, RESTLESS, Desk, points, same, samples, small_network


def look(desk: Desk, seed: int | None) -> Probed:
    """What it makes of the first test image."""
    desk.probes += 1
    image = samples(0, 1).test_images[0].tobytes()
    desk.tell(Probe(desk.probes, image, 28, 28, 1, "", 64, as_trained=seed))
    desk.work()
    return desk.last(Probed)


def values(picture: Probed, uid: str) -> np.ndarray:
    return next(layer.array() for layer in picture.layers if layer.uid == uid)


def test_batch_norm_goes_by_the_batch(desk: Desk) -> None:
    """Against PyTorch's own module in training, over the same batch."""
    desk.load(RESTLESS)
    picture = look(desk, 3)
    assert picture.as_trained is not None
    assert picture.as_trained.dropouts == ["drop"]
    assert picture.as_trained.norms == ["norm"]
    assert picture.as_trained.together == 32
    bench = desk.engine.bench
    model = bench.model
    assert model is not None
    assert bench._data is not None
    others = companions(model, bench._data[3], 3)
    own = model.sight.look(samples(0, 1).test_images[:1], "cpu")
    with torch.inference_mode():
        x = torch.cat([own, others])
        for block in model.blocks[:3]:
            x = block(x)
        expected = torch.nn.BatchNorm2d(3).train()(x)[0].numpy()
    np.testing.assert_allclose(values(picture, "norm"), expected, rtol=1e-4, atol=1e-5)
    assert not np.allclose(values(look(desk, None), "norm"), expected, atol=1e-2)


@pytest.mark.parametrize("kind", [Dropout, ChannelDropout])
def test_dropout_drops_a_share_and_scales_what_it_keeps(desk: Desk, kind: type[Dropout]) -> None:
    desk.load(small_network(kind(uid="drop", rate=0.25), filters=64))
    picture = look(desk, 1)
    before, after = values(picture, "pool"), values(picture, "drop")
    kept = after != 0
    np.testing.assert_allclose(after[kept], before[kept] / 0.75, rtol=1e-6)
    alive = before != 0
    lost = 1 - kept[alive].mean()
    assert lost == pytest.approx(0.25, abs=0.12)
    if kind is ChannelDropout:
        whole = [kept[number][alive[number]] for number in range(64) if alive[number].any()]
        assert all(one.all() or not one.any() for one in whole)
    assert picture.as_trained is not None
    assert picture.as_trained.together == 1  # nothing asks for a batch


@pytest.mark.parametrize("rate", [0.0, 1.0])
def test_the_ends_of_the_rate(desk: Desk, rate: float) -> None:
    desk.load(small_network(Dropout(uid="drop", rate=rate)))
    picture = look(desk, 1)
    assert np.array_equal(values(picture, "drop"), values(picture, "pool") * (1 - rate))


def test_the_seed_is_all_the_chance_there_is(desk: Desk) -> None:
    desk.load(RESTLESS)
    first = look(desk, 5)
    state = torch.get_rng_state()
    again, other = look(desk, 5), look(desk, 6)
    assert torch.equal(torch.get_rng_state(), state)
    assert again.probabilities == first.probabilities
    assert other.probabilities != first.probabilities


def test_a_layer_drops_the_same_whatever_is_before_it(desk: Desk) -> None:
    drop = Dropout(uid="drop")
    desk.load(small_network(drop))
    alone = values(look(desk, 2), "drop")
    desk.load(small_network(Dropout(uid="other", rate=0.1), drop))
    after = values(look(desk, 2), "drop")
    both = (alone != 0) & (after != 0)
    assert both.any()
    assert not np.any((alone == 0) & (values(look(desk, 2), "other") != 0) & (after != 0))


def test_a_frozen_batch_norm_goes_by_what_it_has_kept(desk: Desk) -> None:
    desk.load(small_network(BatchNorm(uid="norm", frozen=True)))
    used, trained = look(desk, None), look(desk, 1)
    assert trained.as_trained is not None
    assert not trained.as_trained.norms
    assert trained.probabilities == used.probabilities


def _run(desk: Desk, network: Network, *, looked: bool) -> Desk:
    desk.load(network)
    desk.tell(Train(desk.revision, LONG, steps=12))
    seed = 0
    while desk.engine.runner.busy:
        desk.work(1)
        if looked:
            seed += 1
            desk.probes += 1
            image = samples(0, 1).test_images[0].tobytes()
            desk.tell(Probe(desk.probes, image, 28, 28, 1, as_trained=seed))
    desk.work()
    return desk


def test_a_run_does_not_notice(desk: Desk) -> None:
    looked, plain = _run(desk, RESTLESS, looked=True), _run(Desk(), RESTLESS, looked=False)
    assert len(looked.all(Probed)) > 12
    assert any(one.as_trained for one in looked.all(Probed))
    assert points(looked) == points(plain)
    assert same(looked.weights(), plain.weights())  # running statistics among them


def test_where_the_data_cannot_be_read_it_is_told_and_answered(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(name: str) -> None:
        raise OSError("no such file")

    monkeypatch.setattr("cnnviz.engine.bench.load_steps", broken)
    desk.load(RESTLESS)
    picture = look(desk, 1)
    assert desk.all(Failed)
    assert picture.as_trained is not None
    assert not picture.as_trained.norms
    assert not desk.engine.busy


def test_another_network_meanwhile(desk: Desk) -> None:
    """A look that waits is answered, with the network that there is then."""
    desk.load(RESTLESS)
    desk.probes += 1
    image = samples(0, 1).test_images[0].tobytes()
    desk.tell(Probe(desk.probes, image, 28, 28, 1, as_trained=1))
    assert not desk.all(Probed)
    desk.load(small_network(BatchNorm(uid="other")))
    desk.work()
    (picture,) = desk.all(Probed)
    assert picture.as_trained is not None
    assert picture.as_trained.norms == ["other"]
    assert picture.revision == 2
