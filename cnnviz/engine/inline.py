"""The engine in the process of its caller, for the command line and for scripts."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import msgspec
import numpy as np
import torch

from cnnviz.analysis import analyze
from cnnviz.data.datasets import data_set, load
from cnnviz.data.idx import drain
from cnnviz.engine import device as devices
from cnnviz.engine.batches import DeviceData
from cnnviz.engine.build import Model, build
from cnnviz.engine.prepared import prepared_steps
from cnnviz.engine.quick import keep_memory
from cnnviz.engine.sight import Sight
from cnnviz.engine.train import Run
from cnnviz.engine.trouble import explain
from cnnviz.message import Message, UserError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cnnviz.analysis import Report
    from cnnviz.engine.team import Team
    from cnnviz.project import Project, Weights


def choose_device(name: str | None) -> tuple[str, Message | None]:
    """A device of this machine by its name, the fastest for None; and what there is to say of it.

    Raises:
        UserError: there is no device of that name.
    """
    known = devices.available()
    if name is not None and name not in known:
        raise UserError(
            Message(
                "There is no device {name} here. Choose one of these: {known}.",
                name=repr(name),
                known=", ".join(known),
            )
        )
    return devices.choose(name, known)


def prepare_run(
    project: Project,
    weights: Weights,
    device: str,
    threads: int | None = None,
    team: Team | None = None,
) -> Run:
    """Load the data, build the network and make ready to train it from these weights.

    The network must work and end in the data set's classes. threads: all cores if left out. team:
    the processes that train with this one; all of them must do this.

    Raises:
        UserError: the data cannot be read, or the device cannot hold the network, or the team has
            not come together.
    """
    known = data_set(project.dataset)
    report = analyze(project.network, len(known.classes))
    devices.set_up_threads(threads, beside=team.beside if team else 1)
    keep_memory()
    devices.check_fits(report, device, project.training)
    preparation = project.preparation
    samples = drain(prepared_steps(load(project.dataset), preparation, known.classes))
    model = build(report, weights, project.seed, device=device)
    model.sight = Sight(project.network.input, preparation, known.name)
    data = DeviceData(samples, device)
    if team is not None:
        given = (samples.train_images, samples.train_labels, samples.test_images)
        values = (np.ascontiguousarray(array).data for array in given)
        team.check_same(msgspec.json.encode(project), *values)
        team.hand_out(tensor for _, tensor in model.tensors())
    return Run(model, data, project.training, project.seed, team=team)


def threads_in_use() -> int:
    """With how many processor threads it is computed."""
    return torch.get_num_threads()


def beginning(report: Report, weights: Weights, seed: int) -> Weights:
    """All tensors that a run from these weights begins with; what they lack follows from the seed.

    Raises:
        UserError: the processor cannot hold the network.
    """
    devices.check_fits(report, "cpu")
    return learned(build(report, weights, seed))


def learned(model: Model) -> Weights:
    """All tensors of a model as arrays of their own."""
    return {key: tensor.detach().cpu().numpy().copy() for key, tensor in model.tensors()}


def probabilities(project: Project, weights: Weights, images: np.ndarray) -> np.ndarray:
    """What a project's network, which works, makes of images, on the CPU.

    images: uint8 (count, height, width). Returns float32 (count, classes); each row adds up to 1.
    """
    known = data_set(project.dataset)
    report = analyze(project.network, len(known.classes))
    devices.check_fits(report, "cpu")
    model = build(report, weights, seed=0).eval()
    model.sight = Sight(project.network.input, project.preparation, known.name)
    with torch.inference_mode():
        logits = model(model.sight.look(images, "cpu"))
        values: np.ndarray = logits.softmax(1).numpy()
    return values


@contextmanager
def explaining(device: str) -> Iterator[None]:
    """Turn what PyTorch raises where a network is too much for a device into a sentence.

    Raises:
        UserError: in the place of PyTorch's exceptions.
    """
    try:
        yield
    except (RuntimeError, ValueError, MemoryError) as error:
        raise UserError(explain(error, device)) from error
