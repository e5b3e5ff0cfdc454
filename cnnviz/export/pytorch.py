"""A network as a PyTorch script that runs on its own, as a person would write it."""

from __future__ import annotations

from string import Template
from typing import TYPE_CHECKING

import numpy as np

from cnnviz import __version__
from cnnviz.data.datasets import data_set
from cnnviz.data.fitting import padding_to_fit
from cnnviz.export.loop import Loop
from cnnviz.export.prepared import numpy_functions, scaled_in_torch, torch_functions
from cnnviz.export.pytorch_network import PrintedNetwork, module_places, own_modules
from cnnviz.export.reading import reading_of, torch_reading
from cnnviz.export.source import (
    STEP,
    check_works,
    computed,
    left_out,
    one_line,
    printed_chain,
    printed_rows,
)
from cnnviz.layers import BatchNorm

if TYPE_CHECKING:
    from cnnviz.analysis import Report
    from cnnviz.data.catalogue import DataSet
    from cnnviz.network import Input
    from cnnviz.project import Project, Weights


def pytorch_source(
    project: Project,
    report: Report,
    weights_file: str | None = None,
    *,
    reference: bool = False,
    threads: int = 0,
) -> str:
    """The script: the network, a way to read the data, and a loop that trains it.

    The modules are printed from the same calls that the engine makes them from. weights_file: the
    name of a safetensors file beside the script, with `pytorch_state`, to start from.
    reference: the script goes through the data in the same order as a run in the program, moves
    images and drops values as that does, in float32 and plain memory order on the processor, and
    prints its first losses; they agree with those of a run with the precision "reference".
    threads: with how many a reference computes, as sums depend on it; 0: with as many as it likes.

    Raises:
        UserError: the network has a problem; or a reference cannot be given.
    """
    check_works(report)
    disabled, report = left_out(report), computed(report)
    data, preparation = data_set(project.dataset), project.preparation
    needed = reading_of(project.dataset, library=0).needs
    imports, modules = own_modules(report)
    before = numpy_functions(preparation, data)
    by_chance = torch_functions(preparation, reference=reference)
    scaled = scaled_in_torch(preparation, data, project.network.input.channels)
    loop = Loop(
        project.training,
        preparation,
        drop_single=any(isinstance(row.layer, BatchNorm) for row in report.rows),
        prepared=bool(before),
        apart=project.training.branches_apart and report.network.ensemble is not None,
        reference=reference,
    )
    changes, parts = loop.changes(), loop.parts(data.train_count)
    inside = bool(scaled and changes)  # what chance does comes before the scaling
    return Template(_SCRIPT).substitute(
        title=one_line(project.network.name) or "A network",
        version=__version__,
        disabled=disabled,
        needs=_needs(
            {*needed, *(["numpy"] if before else []), *(["safetensors"] if weights_file else [])}
        ),
        numpy="import numpy as np\n" if before or "numpy" in needed else "",
        math="import math\n" if parts.pop("math") or any("math." in f for f in by_chance) else "",
        prepared="".join(f"{source}\n\n\n" for source in (*before, *by_chance)),
        **_inside(changes, reference=reference) if inside else {"by_chance": "", "changed": ""},
        scaled="".join(f"    {line}\n" for line in scaled),
        imports=imports,
        import_safetensors="from safetensors.torch import load_file\n" if weights_file else "",
        weights=f"WEIGHTS = Path(__file__).with_name({weights_file!r})\n" if weights_file else "",
        seed=project.seed,
        batch_size=project.training.batch_size,
        modules="".join(f"{source}\n\n\n" for source in modules),
        network=PrintedNetwork(report).source(),
        height=data.height,
        width=data.width,
        **torch_reading(project.dataset, data),
        fit=_fit(data, project.network.input),
        **parts,
        device=_processor(threads) if reference else _FASTEST,
        measure="    python THIS_FILE --data FOLDER --epochs 0    measures what was learned\n"
        if weights_file
        else "",
        scratch=_SCRATCH_OPTION if weights_file else "",
        load=_LOAD if weights_file else "",
    )


def _inside(changes: str, *, reference: bool) -> dict[str, str]:
    """What `prepare` needs where chance comes between its parts."""
    argument, asked = ("by_chance: bool = False", "by_chance")
    if reference:
        argument, asked = ("step: int | None = None", "step is not None")
    changed = f"{STEP}if {asked}:\n{STEP * 2}x = {changes.format('x')}\n"
    return {"by_chance": f", {argument}", "changed": changed}


def _needs(more: set[str]) -> str:
    names = ["torch", *(name for name in ("numpy", "pillow", "safetensors") if name in more)]
    return f"{', '.join(names[:-1])} and {names[-1]}" if len(names) > 1 else names[0]


def pytorch_state(report: Report, weights: Weights) -> dict[str, np.ndarray] | None:
    """The state dict of the exported model; None where not everything has been learned yet."""
    report = computed(report)
    state: dict[str, np.ndarray] = {}
    places = module_places(report, printed_chain(report))
    for row in printed_rows(report):
        place = places[row.layer.uid]
        for name, shape in row.tensors.items():
            values = weights.get((row.layer.uid, name, shape))
            if values is None:
                return None
            state[f"{place}.{name}"] = values
        if isinstance(row.layer, BatchNorm):
            state[f"{place}.num_batches_tracked"] = np.zeros((), np.int64)
    return state


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


_SCRATCH_OPTION = """\
    parser.add_argument("--from-scratch", action="store_true", help="forget what was learned")
"""

_FASTEST = """\
    device = "cuda" if torch.cuda.is_available() else "cpu"
    if torch.backends.mps.is_available():
        device = "mps"
"""


def _processor(threads: int) -> str:
    lines = ['device = "cpu"  # whose sums are to be repeated']
    if threads:
        lines.append(f"torch.set_num_threads({threads})  # as many as the run had")
    return "".join(f"{STEP}{line}\n" for line in lines)


_LOAD = """\
    if not options.from_scratch:
        model.load_state_dict(load_file(WEIGHTS))
"""

_SCRIPT = '''\
"""$title. Exported from CNNviz $version; needs $needs.
$disabled
    python THIS_FILE --data FOLDER --epochs $epochs
$measure
$where
"""

from __future__ import annotations

import argparse
${gzip}${hashlib}${math}import time
${zlib}${imports}from pathlib import Path

${numpy}import torch
${pillow}${import_safetensors}from torch import nn
from torch.nn import functional as F

SEED = $seed
EPOCHS = $epochs
BATCH_SIZE = $batch_size
${steps}${weights}

${modules}${network}


${prepared}def prepare(images: torch.Tensor$by_chance) -> torch.Tensor:
    """What the network sees of images (batch, $size) of 0 to 255."""
    x = images.$channels_first * (1 / 255)  # (batch, $channels, $height, $width)
$fit$changed$scaled    return x


$load_data


${reading}${training}


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
$device    model = build()
$load    model.to(device)
    print(f"{sum(p.numel() for p in model.parameters()):,} parameters, on {device}")

$run    print(f"test accuracy {accuracy(model, $test):.4f}")


if __name__ == "__main__":
    main()
'''
