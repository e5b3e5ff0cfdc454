"""A network with its weights as ONNX, for other programs to run; needs the extra packages."""

from __future__ import annotations

import importlib.util
import logging
import warnings
from contextlib import contextmanager
from typing import TYPE_CHECKING

import torch
from torch import nn
from tqdm import tqdm

from cnnviz.engine.build import Model, build
from cnnviz.message import Message, UserError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cnnviz.analysis import Report
    from cnnviz.project import Weights

PACKAGES = ("onnx", "onnxscript")
LARGEST_BYTES = 2**31 - 2**20
"""Protocol buffers end at 2 GiB; the rest is for what is not weights."""


def onnx_bytes(report: Report, weights: Weights, seed: int, about: str = "") -> bytes:
    """The file: input `images` (batch, channels, height, width), any number of them, as the network
    sees them: 0 to 1, or as `about` says, which the file holds as its documentation.

    Output `logits` (batch, classes), or `probabilities` where the network ends in a softmax.
    weights, seed: as `build` takes them.

    Raises:
        UserError: the extra packages are missing, or the network is too large or cannot be said in
            ONNX.
    """
    if any(importlib.util.find_spec(name) is None for name in PACKAGES):
        raise UserError(
            Message(
                "ONNX needs two more packages. Install them with “pip install {packages}”.",
                packages=" ".join(PACKAGES),
            )
        )
    if 4 * (report.parameters + report.buffers) > LARGEST_BYTES:
        raise UserError(
            Message("An ONNX file holds at most 2 GB of weights. Use fewer filters or units.")
        )
    model = _Whole(build(report, weights, seed))
    image = report.network.input
    # Two images: a batch of one would be taken for a network that sees no more than one.
    example = torch.zeros(2, image.channels, image.height, image.width)
    with _quiet():
        try:
            program = torch.onnx.export(
                model,
                (example,),
                dynamo=True,
                external_data=False,
                verbose=False,
                input_names=["images"],
                output_names=["probabilities" if model.inner.ends_in_softmax else "logits"],
                dynamic_shapes={"x": {0: torch.export.Dim("batch")}},
            )
        except torch.onnx.errors.OnnxExporterError as error:
            reason = str(error).strip().splitlines()[0]
            raise UserError(
                Message("PyTorch cannot say this network in ONNX: {reason}", reason=reason)
            ) from error
    if program is None:
        raise RuntimeError("the exporter gave nothing back")
    model_proto = program.model_proto
    model_proto.doc_string = about
    return bytes(model_proto.SerializeToString())


class _Whole(nn.Module):
    """The model with its softmax, if it ends in one."""

    def __init__(self, model: Model) -> None:
        super().__init__()
        self.inner = model

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """(batch, channels, height, width) -> (batch, classes)"""
        y: torch.Tensor = self.inner(x)
        return y.softmax(1) if self.inner.ends_in_softmax else y


@contextmanager
def _quiet() -> Iterator[None]:
    """Without the exporter's remarks, which are about PyTorch and not about the network, and
    without the thread that its progress bars would leave behind."""
    logger = logging.getLogger("torch.onnx")
    level, interval = logger.level, tqdm.monitor_interval
    logger.setLevel(logging.ERROR)
    tqdm.monitor_interval = 0
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logger.setLevel(level)
        tqdm.monitor_interval = interval
