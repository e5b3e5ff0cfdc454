"""A network as a PyTorch script that runs on its own, as a person would write it."""

from __future__ import annotations

import ast
from importlib import resources
from string import Template
from typing import TYPE_CHECKING

import numpy as np

from cnnviz import __version__
from cnnviz.data.datasets import DataSet, data_set
from cnnviz.data.fitting import padding_to_fit
from cnnviz.export.loop import loop_parts
from cnnviz.layers import Activation, BatchNorm, Maps
from cnnviz.message import Message, UserError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cnnviz.analysis import Report, Row
    from cnnviz.layers import Shape
    from cnnviz.network import Input
    from cnnviz.project import Project, Weights


def pytorch_source(project: Project, report: Report, weights_file: str | None = None) -> str:
    """The script: the network, a way to read the data, and a loop that trains it.

    The modules are printed from the same calls that the engine makes them from. weights_file: the
    name of a safetensors file beside the script, with `pytorch_state`, to start from.

    Raises:
        UserError: the network has a problem.
    """
    if report.problem is not None:
        raise UserError(
            Message(
                "The network cannot be exported before its problem is mended: {problem}",
                problem=report.problem.headline,
            )
        )
    data = data_set(project.dataset)
    return Template(_SCRIPT).substitute(
        title=_one_line(project.network.name) or "A network",
        version=__version__,
        data=data.title,
        needs="torch and safetensors" if weights_file else "torch",
        import_safetensors="from safetensors.torch import load_file\n" if weights_file else "",
        weights=f"WEIGHTS = Path(__file__).with_name({weights_file!r})\n" if weights_file else "",
        seed=project.seed,
        batch_size=project.training.batch_size,
        modules="".join(f"{source}\n\n\n" for source in _own_modules(report)),
        parameters=f"{report.parameters:,}",
        height=data.height,
        width=data.width,
        input=_torch_shape(project.network.input.shape),
        layers=_layers(report),
        fit=_fit(data, project.network.input),
        **loop_parts(
            project.training,
            data.train_count,
            drop_single=any(isinstance(row.layer, BatchNorm) for row in report.rows),
        ),
        measure="    python THIS_FILE --data FOLDER --epochs 0    measures what was learned\n"
        if weights_file
        else "",
        scratch=_SCRATCH_OPTION if weights_file else "",
        load=_LOAD if weights_file else "",
    )


def pytorch_state(report: Report, weights: Weights) -> dict[str, np.ndarray] | None:
    """The state dict of the exported model; None where not everything has been learned yet."""
    state: dict[str, np.ndarray] = {}
    index = -1
    for row in _printed(report):
        index += len(_calls(row))
        for name, shape in row.tensors.items():
            values = weights.get((row.layer.uid, name, shape))
            if values is None:
                return None
            state[f"{index}.{name}"] = values
        if isinstance(row.layer, BatchNorm):
            state[f"{index}.num_batches_tracked"] = np.zeros((), np.int64)
    return state


def _printed(report: Report) -> Iterator[Row]:
    """The rows that become modules: a softmax at the end is part of the loss."""
    yield from report.rows[:-1] if _ends_in_softmax(report) else report.rows


def _ends_in_softmax(report: Report) -> bool:
    last = report.rows[-1].layer if report.rows else None
    return isinstance(last, Activation) and last.function == "softmax"


def _calls(row: Row) -> list[str]:
    if row.input is None:
        raise ValueError("a layer that waits has no modules")
    *before, last = (call.source() for call in row.layer.torch_calls(row.input))
    # `requires_grad_` returns the module, so that a layer stays a line.
    return [*before, f"{last}.requires_grad_(False)" if row.frozen else last]


def _layers(report: Report) -> str:
    lines: list[tuple[str, str]] = []
    for row in _printed(report):
        *before, last = _calls(row)
        shape = "" if row.output is None else f"  # {_torch_shape(row.output)}"
        lines += [(f"{call},", "") for call in before]
        lines.append((f"{last},", shape))
    width = max((len(call) for call, _ in lines), default=0)
    text = [f"        {call:{width}}{shape}".rstrip() for call, shape in lines]
    if _ends_in_softmax(report):
        text.append("        # The softmax at the end is part of the loss, which takes logits.")
    return "\n".join(text)


def _torch_shape(shape: Shape) -> str:
    if isinstance(shape, Maps):
        return f"({shape.channels}, {shape.height}, {shape.width})"
    return f"({shape.length},)"


def _own_modules(report: Report) -> Iterator[str]:
    """The source of every module that PyTorch does not have."""
    names = {
        call.name
        for row in report.rows
        if row.input is not None
        for call in row.layer.torch_calls(row.input)
        if not call.name.startswith("nn.")
    }
    if not names:
        return
    # Read, not imported: that would import torch, and take its seconds.
    file = resources.files("cnnviz").joinpath("engine", "modules.py")
    source = file.read_text(encoding="utf-8")
    for node in ast.parse(source).body:
        if isinstance(node, ast.ClassDef) and node.name in names:
            yield ast.get_source_segment(source, node) or ""


def _fit(data: DataSet, image: Input) -> str:
    lines = []
    padding = padding_to_fit((data.height, data.width), (image.height, image.width))
    if padding is None:
        size = (image.height, image.width)
        lines.append(f'x = F.interpolate(x, {size}, mode="bilinear", antialias=True).clamp(0, 1)')
    elif any(padding):
        lines.append(f"x = F.pad(x, {padding})  # zeros around the image")
    if image.channels != data.channels:
        lines.append(f"x = x.mean(1, keepdim=True).expand(-1, {image.channels}, -1, -1)")
    return "".join(f"    {line}\n" for line in lines)


def _one_line(name: str) -> str:
    """A name that can stand in a docstring, whoever gave it."""
    return " ".join("".join(c if c.isprintable() and c not in '"\\' else " " for c in name).split())


_SCRATCH_OPTION = """\
    parser.add_argument("--from-scratch", action="store_true", help="forget what was learned")
"""

_LOAD = """\
    if not options.from_scratch:
        model.load_state_dict(load_file(WEIGHTS))
"""

_SCRIPT = '''\
"""$title. Exported from CNNviz $version; needs $needs.

    python THIS_FILE --data FOLDER --epochs $epochs
$measure
FOLDER holds $data as it is published: four IDX files, gzipped or not. Where they are missing and
torchvision is installed, it downloads them there.
"""

from __future__ import annotations

import argparse
import gzip
${math}import time
from pathlib import Path

import torch
${import_safetensors}from torch import nn
from torch.nn import functional as F

SEED = $seed
EPOCHS = $epochs
BATCH_SIZE = $batch_size
${steps}$weights

${modules}def build() -> nn.Sequential:
    """The network: $parameters parameters. Comments give the output of each layer for one image."""
    return nn.Sequential(
        # $input: channels, height, width
$layers
    )


def prepare(images: torch.Tensor) -> torch.Tensor:
    """What the network sees of images (batch, $height, $width) of 0 to 255."""
    x = images.unsqueeze(1) / 255  # (batch, 1, $height, $width)
$fit    return x


def read_idx(path: Path) -> torch.Tensor:
    """An IDX file of bytes: 0, 0, 8, the number of dimensions, their sizes, the values."""
    with (gzip.open if path.suffix == ".gz" else open)(path, "rb") as file:
        dimensions = file.read(4)[3]
        shape = [int.from_bytes(file.read(4), "big") for _ in range(dimensions)]
        return torch.frombuffer(bytearray(file.read()), dtype=torch.uint8).reshape(shape)


def load(folder: Path, part: str) -> tuple[torch.Tensor, torch.Tensor]:
    """Images (count, $height, $width) and labels (count,) of a part, "train" or "t10k"."""
    names = (f"{part}-images-idx3-ubyte", f"{part}-labels-idx1-ubyte")
    paths = [path for name in names for path in sorted(folder.glob(f"{name}*"))[:1]]
    if len(paths) == 2:
        images, labels = map(read_idx, paths)
        return images, labels.long()
    try:
        from torchvision.datasets import $data
    except ImportError:
        raise SystemExit(f"{folder} holds no {names[0]} and {names[1]}.") from None
    dataset = $data(folder, train=part == "train", download=True)
    return dataset.data, dataset.targets


${training}


@torch.no_grad()
def accuracy(model: nn.Module, images: torch.Tensor, labels: torch.Tensor) -> float:
    model.eval()
    right = 0
    for some, their in zip(images.split(1000), labels.split(1000)):
        right += (model(prepare(some)).argmax(1) == their).sum().item()
    return right / len(images)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", type=Path, default=Path("."), help="the folder of the data set")
    parser.add_argument("--epochs", type=int, default=EPOCHS)
$scratch    options = parser.parse_args()

    torch.manual_seed(SEED)
    device = "cuda" if torch.cuda.is_available() else "cpu"
    if torch.backends.mps.is_available():
        device = "mps"
    model = build()
$load    model.to(device)
    print(f"{sum(p.numel() for p in model.parameters()):,} parameters, on {device}")

    images, labels = load(options.data, "train")
$run    print(f"test accuracy {accuracy(model, $test):.4f}")


if __name__ == "__main__":
    main()
'''
