"""Train the network that a newcomer finds open, and write it to `assets/weights`.

    python scripts/train_first_start.py

Strokes on a drawing pad vary more than MNIST's digits do, so each batch is turned, scaled and
shifted a little at random. The README beside the weights says how, and what came of it.
"""

from __future__ import annotations

import math
import time

import torch
from torch.nn import functional as F

from cnnviz.analysis import analyze
from cnnviz.assets import asset_path
from cnnviz.atomic import replacing
from cnnviz.data.datasets import data_set, load
from cnnviz.engine.batches import DeviceData, fit
from cnnviz.engine.build import build, derived_seed
from cnnviz.engine.inline import learned
from cnnviz.engine.train import Run
from cnnviz.presets import FIRST_START, preset
from cnnviz.project import Project
from cnnviz.weights_file import encode_weights

SEED = 1
EPOCHS = 20
BATCH_SIZE = 128
PEAK_LEARNING_RATE = 6e-3
WEIGHT_DECAY = 1e-4
LARGEST_TURN = 12.0  # degrees
LARGEST_SCALING = 0.12
LARGEST_SHIFT = 2.0  # pixels

README = """\
# Trained weights

`{name}.safetensors` holds what the network `assets/presets/{name}.json` has learned: the
one that is open when the program starts for the first time. Its tensors are named "uid.tensor", as
in a `.cnnviz` file.

It recognises **{accuracy:.2%}** of MNIST's 10,000 test images (loss {loss:.4f}).

`python scripts/train_first_start.py` makes it, in some minutes on a CPU: seed {seed}, {epochs}
epochs over the 60,000 training images in batches of {batch}, AdamW with a one-cycle learning rate
up to {rate:g} and a weight decay of {decay:g}. Each image is turned by up to {turn:g}°, scaled by
up to {scaling:.0%} and shifted by up to {shift:g} pixels at random, because what people draw with a
mouse varies more than MNIST does. The test images were only used to state the accuracy. (PyTorch
{torch}, on a CPU; on other machines the last digits may differ.)
"""


def vary(x: torch.Tensor, chance: torch.Generator) -> torch.Tensor:
    """Turn, scale and shift each image of a batch (batch, 1, height, width) at random."""
    count, _, height, width = x.shape

    def draw(limit: float) -> torch.Tensor:
        return torch.empty(count).uniform_(-limit, limit, generator=chance)

    angle = draw(math.radians(LARGEST_TURN))
    factor = 1 + draw(LARGEST_SCALING)
    cosine, sine = angle.cos() / factor, angle.sin() / factor
    across, down = draw(2 * LARGEST_SHIFT / width), draw(2 * LARGEST_SHIFT / height)
    rows = [torch.stack((cosine, -sine, across), 1), torch.stack((sine, cosine, down), 1)]
    grid = F.affine_grid(torch.stack(rows, 1), list(x.shape), align_corners=False)
    return F.grid_sample(x, grid, align_corners=False)


def main() -> None:
    """Train, write the weights and the README, print the accuracy of each epoch."""
    project = Project(preset(FIRST_START), seed=SEED)
    classes = len(data_set(project.dataset).classes)
    report = analyze(project.network, classes)
    data = DeviceData(load(project.dataset), "cpu")
    model = build(report, {}, SEED)
    exam = Run(model, data, project.training, SEED)
    optimizer = torch.optim.AdamW(model.parameters(), weight_decay=WEIGHT_DECAY)
    count = len(data.train_labels)
    steps = EPOCHS * math.ceil(count / BATCH_SIZE)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, PEAK_LEARNING_RATE, steps)
    chance = torch.Generator().manual_seed(derived_seed(SEED, "first start"))
    for epoch in range(1, EPOCHS + 1):
        started = time.perf_counter()
        model.train()
        order = torch.randperm(count, generator=chance)
        for indices in torch.split(order, BATCH_SIZE):
            x = vary(fit(data.train_images[indices], project.network.input), chance)
            loss = F.cross_entropy(model(x), data.train_labels[indices])
            optimizer.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            optimizer.step()
            schedule.step()
        for _ in exam.measure(len(data.test_labels)):
            pass
        if exam.test is None:
            raise AssertionError("the whole test set has just been measured")
        seconds = time.perf_counter() - started
        print(f"epoch {epoch}: {exam.test.accuracy:.2%} {exam.test.loss:.4f}, {seconds:.1f} s")
    stored = encode_weights(report, learned(model))
    if stored is None or exam.test is None:
        raise AssertionError("nothing was learned")
    with replacing(asset_path("weights", f"{FIRST_START}.safetensors")) as stream:
        stream.write(stored)
    text = README.format(
        name=FIRST_START,
        accuracy=exam.test.accuracy,
        loss=exam.test.loss,
        seed=SEED,
        epochs=EPOCHS,
        batch=BATCH_SIZE,
        rate=PEAK_LEARNING_RATE,
        decay=WEIGHT_DECAY,
        turn=LARGEST_TURN,
        scaling=LARGEST_SCALING,
        shift=LARGEST_SHIFT,
        torch=torch.__version__,
    )
    with replacing(asset_path("weights", "README.md")) as stream:
        stream.write(text.encode())


if __name__ == "__main__":
    main()
