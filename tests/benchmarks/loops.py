"""Training loops to be raced, each a process of its own: the engine's, and three that one writes.

Started by `training`: reads a line of seconds, trains so long, prints images a second of
the clock and of the processor, and of the clock with what is measured in between; a line
"accuracy N" makes the engine's train anew for N steps and print what it reaches on the test images.
"""

from __future__ import annotations

import importlib
import os
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

import msgspec
import numpy as np
import torch
from PIL import Image, ImageOps
from torch import nn
from torch.nn import functional as F
from torch.utils.data import DataLoader, Dataset

from cnnviz.analysis import analyze
from cnnviz.data.datasets import load
from cnnviz.engine.device import lower_priority
from cnnviz.engine.inline import prepare_run
from cnnviz.export.keras import keras_source
from cnnviz.project import Project
from tests.layers.modules import module_of


def engine(project: Project, threads: int) -> Iterator[int]:
    """Ours: images learned from, step by step; what is measured in between costs no time here."""
    run = prepare_run(project, {}, "cpu", threads)
    work = iter(run.work)
    while True:
        images, step = run.images, run.step
        next(work)
        if run.step > step:
            yield run.images - images
        else:
            yield 0


def engine_process(project: Project, threads: int) -> Iterator[int]:
    """The same at the priority of the window's engine: what others do is to cost both as much."""
    lower_priority()  # before there are threads, which inherit it
    yield from engine(project, threads)


def tensors(project: Project, _: int) -> Iterator[int]:
    """The data set as a tensor in memory, batches by index, a plain loop."""
    model, optimizer = _model(project)
    data, size = load(project.dataset), project.training.batch_size
    images = torch.from_numpy(data.train_images.copy())[:, None].float() / 255
    images = F.pad(images, [(project.network.input.height - 28) // 2] * 4)
    labels = torch.from_numpy(data.train_labels.copy()).long()
    while True:
        for chosen in torch.randperm(len(labels)).split(size):
            optimizer.zero_grad()
            F.cross_entropy(model(images[chosen]), labels[chosen]).backward()
            optimizer.step()
            yield len(chosen)


class Digits(Dataset[tuple[torch.Tensor, int]]):
    """As torchvision's MNIST: a PIL image for each digit, and its transforms one after another."""

    def __init__(self, project: Project) -> None:
        data = load(project.dataset)
        self._images = torch.from_numpy(data.train_images.copy())
        self._labels = torch.from_numpy(data.train_labels.copy()).long()
        self._border = (project.network.input.height - 28) // 2

    def __len__(self) -> int:
        return len(self._labels)

    def __getitem__(self, index: int) -> tuple[torch.Tensor, int]:
        picture = Image.fromarray(self._images[index].numpy())
        if self._border:
            picture = ImageOps.expand(picture, self._border)
        pixels = torch.from_numpy(np.array(picture, np.uint8, copy=True))
        x = pixels.view(picture.size[1], picture.size[0], 1).permute(2, 0, 1).contiguous()
        x = x.to(torch.float32).div(255)  # ToTensor
        mean = torch.as_tensor([0.1307], dtype=x.dtype).view(-1, 1, 1)
        deviation = torch.as_tensor([0.3081], dtype=x.dtype).view(-1, 1, 1)
        x = x.clone().sub_(mean).div_(deviation)  # Normalize
        return x, int(self._labels[index])


def example(project: Project, _: int) -> Iterator[int]:
    """As PyTorch's MNIST example has it, github.com/pytorch/examples/blob/main/mnist/main.py."""
    model, optimizer = _model(project)
    loader = DataLoader(Digits(project), batch_size=project.training.batch_size, shuffle=True)
    while True:
        model.train()
        for number, (images, labels) in enumerate(loader):
            optimizer.zero_grad()
            loss = F.nll_loss(F.log_softmax(model(images), dim=1), labels)
            loss.backward()
            optimizer.step()
            if number % 10 == 0:
                loss.item()
            yield len(labels)


def keras_fit(project: Project, threads: int) -> Iterator[int]:
    """Keras's `fit` of the exported program's network on TensorFlow, some batches at a time."""
    if os.environ.setdefault("KERAS_BACKEND", "tensorflow") == "tensorflow":
        threading = importlib.import_module("tensorflow").config.threading
        threading.set_intra_op_parallelism_threads(threads)
        threading.set_inter_op_parallelism_threads(threads)
    keras = importlib.import_module("keras")
    exported: dict[str, Any] = {"__name__": "exported"}
    exec(keras_source(project, analyze(project.network, 10)), exported)
    model = exported["build"]()
    model.compile(
        optimizer=keras.optimizers.Adam(learning_rate=project.training.learning_rate),
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
    )
    data, size = load(project.dataset), project.training.batch_size
    border = (project.network.input.height - 28) // 2
    padded = np.pad(data.train_images, ((0, 0), (border, border), (border, border)))
    images = padded[..., None].astype(np.float32) / 255
    chance = np.random.default_rng(0)
    while True:
        # So many at once that what `fit` does before its first batch is no more than 2 %.
        for chosen in np.split(chance.permutation(len(images))[: size * 460], 10):
            labels = data.train_labels[chosen]
            model.fit(images[chosen], labels, batch_size=size, epochs=1, verbose=0)
            yield len(chosen)


def _model(project: Project) -> tuple[nn.Module, torch.optim.Optimizer]:
    rows = analyze(project.network).rows
    calls = [c for row in rows if row.input is not None for c in row.layer.torch_calls(row.input)]
    model = nn.Sequential(*map(module_of, calls))
    return model, torch.optim.Adam(model.parameters(), lr=project.training.learning_rate)


LOOPS: dict[str, Callable[[Project, int], Iterator[int]]] = {
    "engine": engine,
    "engine process": engine_process,
    "tensors": tensors,
    "example": example,
    "keras": keras_fit,
}


def accuracy(project: Project, threads: int, steps: int) -> float:
    """Of the test images, after so many steps."""
    run = prepare_run(project, {}, "cpu", threads)
    for _ in run.work:
        if run.step == steps:
            break
    for _ in run.measure(len(run.data.test_labels)):
        pass
    assert run.test is not None
    return run.test.accuracy


def race(work: Iterator[int], seconds: float) -> tuple[float, float, float]:
    """Images a second of the clock, and a second of the processor; and a second of the clock with
    all that is measured in between."""
    done, spent, worked, begun = 0, 0.0, 0.0, time.perf_counter()
    while spent < seconds:
        started, working = time.perf_counter(), time.process_time()
        learned = next(work)
        if learned:
            done += learned
            spent += time.perf_counter() - started
            worked += time.process_time() - working
    return done / spent, done / worked, done / (time.perf_counter() - begun)


def main(loop: str, task: str, threads: int) -> None:
    """Answer until there is nothing more to read."""
    torch.set_num_threads(threads)
    project = msgspec.json.decode(bytes.fromhex(task), type=Project)
    work = LOOPS[loop](project, threads)
    for _ in range(5):
        next(work)
    print("ready", flush=True)
    for line in sys.stdin:
        if line.startswith("accuracy"):
            print(accuracy(project, threads, int(line.split()[1])), flush=True)
            continue
        print(*race(work, float(line)), flush=True)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
