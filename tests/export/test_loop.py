"""The loop of an exported script learns what the engine learns."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest
import torch

from cnnviz.analysis import analyze
from cnnviz.engine.batches import DeviceData
from cnnviz.engine.build import build
from cnnviz.engine.inline import learned
from cnnviz.engine.train import Run
from cnnviz.export.pytorch import pytorch_source, pytorch_state
from cnnviz.layers import Dense, Flatten
from cnnviz.network import Network, named_by_place
from cnnviz.project import Project
from cnnviz.training import Training
from tests.engine.desk import TRAIN, samples
from tests.export.test_pytorch import exported

NETWORK = named_by_place(Network(layers=(Flatten(), Dense(units=10))))


def settings(**changed: object) -> Training:
    """All images in one batch, so that their order is only a matter of rounding."""
    plain = {"optimizer": "sgd", "learning_rate": 0.02, "momentum": 0.5, "batch_size": TRAIN,
             "epochs": 6}  # fmt: skip
    return msgspec.convert(plain | changed, Training)


@pytest.mark.parametrize(
    "training",
    [
        settings(),
        settings(warm_up=4),
        settings(schedule="step", step_epochs=2, factor=0.1),
        settings(schedule="exponential", factor=0.3),
        settings(schedule="cosine", final_share=0.2, warm_up=2),
        settings(schedule="one_cycle", rise=0.5),
        settings(schedule="plateau", plateau_patience=0, factor=0.1, learning_rate=3.0),
        settings(loss="mean_squared_error", optimizer="adam", beta1=0.5),
        settings(label_smoothing=0.3),
        settings(clipping=0.1, dampening=0.5),
        settings(run_length="steps", steps=4, schedule="cosine"),
        settings(stopping_patience=1, learning_rate=3.0, epochs=30),
        settings(target_error=50.0, epochs=30),
        settings(precision="bfloat16"),
    ],
)
def test_it_learns_what_the_engine_learns(tmp_path: Path, training: Training) -> None:
    report, data = analyze(NETWORK, 10), DeviceData(samples(), "cpu")
    start = pytorch_state(report, learned(build(report, {}, 0)))
    assert start is not None
    ours = Run(build(report, {}, 0), data, training, 0)
    for _ in ours.work:
        pass

    module = exported(tmp_path, NETWORK, training)
    theirs = module.build()
    theirs.load_state_dict({name: torch.from_numpy(v.copy()) for name, v in start.items()})
    test = (data.test_images, data.test_labels)
    early = training.stopping_patience or training.target_error or training.schedule == "plateau"
    epochs = training.epochs
    module.train(theirs, data.train_images, data.train_labels, epochs, *(test if early else ()))

    end = pytorch_state(report, learned(ours.model))
    assert end is not None
    for name, values in theirs.state_dict().items():
        moved = float((torch.from_numpy(end[name]) - torch.from_numpy(start[name])).abs().max())
        assert moved > 0
        near = 2e-2 if training.precision == "bfloat16" else 2e-4
        assert torch.allclose(values, torch.from_numpy(end[name]), rtol=0, atol=near * moved), name


def test_early_ends_really_are_early() -> None:
    """Else the two above would say nothing."""
    report, data = analyze(NETWORK, 10), DeviceData(samples(), "cpu")
    for training in (
        settings(stopping_patience=1, learning_rate=3.0, epochs=30),
        settings(target_error=50.0, epochs=30),
    ):
        run = Run(build(report, {}, 0), data, training, 0)
        for _ in run.work:
            pass
        assert run.epoch < 30


def test_a_shift_moves_the_whole_batch(tmp_path: Path) -> None:
    module = exported(tmp_path, NETWORK, settings(shift=2))
    x = torch.rand(3, 1, 6, 6) + 1
    torch.manual_seed(0)
    places = set()
    for _ in range(300):
        moved = module.shift(x)
        rows, columns = (moved[0, 0] > 0).nonzero().T
        places.add((int(rows.min()), int(rows.max()), int(columns.min()), int(columns.max())))
        assert moved.shape == x.shape
    assert len(places) == 25
    assert "shift(prepare(images[indices]))" in (tmp_path / "exported.py").read_text()


def test_epochs_hold_all_steps() -> None:
    training = settings(run_length="steps", steps=1000, batch_size=128)
    source = pytorch_source(Project(NETWORK, training=training), analyze(NETWORK, 10))
    assert "\nEPOCHS = 3\n" in source
    assert "\nSTEPS = 1000\n" in source
