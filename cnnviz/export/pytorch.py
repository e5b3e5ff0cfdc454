"""A network as a PyTorch script that runs on its own, as a person would write it."""

from __future__ import annotations

import ast
from collections import defaultdict
from importlib import resources
from math import prod
from string import Template
from typing import TYPE_CHECKING

import numpy as np

from cnnviz import __version__
from cnnviz.data.datasets import data_set
from cnnviz.data.fitting import padding_to_fit
from cnnviz.export.loop import changes_call, loop_parts
from cnnviz.export.prepared import numpy_functions, scaled_in_torch, torch_functions
from cnnviz.export.reading import reading_of, torch_reading
from cnnviz.export.source import (
    STEP,
    WIDTH,
    Line,
    Repeated,
    check_works,
    computed,
    ends_in_softmax,
    laid_out,
    left_out,
    one_line,
    printed_chain,
    printed_rows,
    rounded,
    written,
)
from cnnviz.layers import BatchNorm, Branches, Call, Maps
from cnnviz.layers.branches import MODULES
from cnnviz.layers.initialisation import DEFAULT

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from cnnviz.analysis import Report, Row
    from cnnviz.data.catalogue import DataSet
    from cnnviz.layers import Layer, Shape
    from cnnviz.layers.initialisation import Distribution
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
    imports, modules = _own_modules(report)
    before = numpy_functions(preparation, data)
    by_chance = torch_functions(preparation, reference=reference)
    scaled = scaled_in_torch(preparation, data, project.network.input.channels)
    changes = changes_call(project.training, preparation, reference=reference)
    inside = bool(scaled and changes)  # what chance does comes before the scaling
    loop = loop_parts(
        project.training,
        data.train_count,
        drop_single=any(isinstance(row.layer, BatchNorm) for row in report.rows),
        preparation=preparation,
        prepared=bool(before),
        reference=reference,
    )
    return Template(_SCRIPT).substitute(
        title=one_line(project.network.name) or "A network",
        version=__version__,
        disabled=disabled,
        needs=_needs(
            {*needed, *(["numpy"] if before else []), *(["safetensors"] if weights_file else [])}
        ),
        numpy="import numpy as np\n" if before or "numpy" in needed else "",
        math="import math\n" if loop.pop("math") or any("math." in f for f in by_chance) else "",
        prepared="".join(f"{source}\n\n\n" for source in (*before, *by_chance)),
        **_inside(changes, reference=reference) if inside else {"by_chance": "", "changed": ""},
        scaled="".join(f"    {line}\n" for line in scaled),
        imports=imports,
        import_safetensors="from safetensors.torch import load_file\n" if weights_file else "",
        weights=f"WEIGHTS = Path(__file__).with_name({weights_file!r})\n" if weights_file else "",
        seed=project.seed,
        batch_size=project.training.batch_size,
        modules="".join(f"{source}\n\n\n" for source in modules),
        network=_Network(report).source(),
        height=data.height,
        width=data.width,
        **torch_reading(project.dataset, data),
        fit=_fit(data, project.network.input),
        **loop,
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
    places = _places(report, printed_chain(report))
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


def _places(report: Report, chain: Sequence[Layer], before: str = "") -> dict[str, str]:
    """The uid of each layer -> the path to its module, or the last of them: 3.branches.1.0"""
    places: dict[str, str] = {}
    index = -1
    alone = before and _is_one_module(report, chain)  # then it stands there without a sequence
    for layer in chain:
        if isinstance(layer, Branches):
            index += 1
            place = before if alone else f"{before}.{index}".lstrip(".")
            places[layer.uid] = place
            for number, branch in enumerate(layer.branches):
                places |= _places(report, branch, f"{place}.branches.{number}")
        else:
            index += len(_calls(report.row(layer.uid)))
            places[layer.uid] = before if alone else f"{before}.{index}".lstrip(".")
    return places


def _is_one_module(report: Report, chain: Sequence[Layer]) -> bool:
    if len(chain) != 1:
        return False
    return isinstance(chain[0], Branches) or len(_calls(report.row(chain[0].uid))) == 1


def _calls(row: Row) -> tuple[Call, ...]:
    if row.input is None:
        raise ValueError("a layer that waits has no modules")
    if isinstance(row.layer, Branches):
        return (Call(MODULES[row.layer.merge]),)
    return row.layer.torch_calls(row.input)


class _Network:
    """Prints `build`, and a function for each block that occurs more than once."""

    def __init__(self, report: Report) -> None:
        self._report = report
        self._repeated = Repeated(report)

    def source(self) -> str:
        """The functions, without a line at the end."""
        functions = [self._function(*each) for each in self._repeated.functions]
        return "\n\n\n".join([*functions, self._build()])

    def _function(self, name: str, block: Branches) -> str:
        row = self._report.row(block.uid)
        lines = self._block(block, 0)
        label = f"{one_line(block.label)}: " if one_line(block.label) else ""
        text = laid_out([Line(f"return {lines[0].text}"), *lines[1:]], 1)
        return (
            f"def {name}() -> {MODULES[block.merge]}:\n"
            f'{STEP}"""{label}{_of(row.input)} -> {_of(row.output)}"""\n{text}'
        )

    def _build(self) -> str:
        report = self._report
        starts = _starts(report)
        first = Line("model = nn.Sequential(" if starts else "return nn.Sequential(")
        lines = [Line(f"# {_of(report.network.input.shape)}: channels, height, width", depth=1)]
        lines += self._chain(printed_chain(report), 1)
        if ends_in_softmax(report):
            said = "# The softmax at the end is part of the loss, which takes logits."
            lines.append(Line(said, depth=1))
        lines += [Line(")"), *starts]
        if starts:
            lines.append(Line("return model"))
        return (
            "def build() -> nn.Sequential:\n"
            f'{STEP}"""The network: {report.parameters:,} parameters. Comments: each layer\'s '
            f'output for one image."""\n{laid_out([first, *lines], 1)}'
        )

    def _chain(self, chain: Sequence[Layer], depth: int) -> list[Line]:
        lines: list[Line] = []
        for layer in chain:
            row = self._report.row(layer.uid)
            comment = _of(row.output)
            if not isinstance(layer, Branches):
                calls = _calls(row)
                for call in calls:
                    last = call is calls[-1]
                    # `requires_grad_` returns the module, so that a layer stays a line.
                    frozen = ".requires_grad_(False)" if last and row.frozen else ""
                    said = comment if last else ""
                    lines += written(call, depth, after=f"{frozen},", comment=said)
            elif (name := self._repeated.name(layer)) is not None:
                lines.append(Line(f"{name}(),", comment, depth))
            else:
                shown = self._block(layer, depth)
                label = one_line(layer.label)
                opening = f"{shown[0].text}  # {label}" if label else shown[0].text
                lines += [Line(opening, depth=depth), *shown[1:-1], Line("),", comment, depth)]
        return lines

    def _block(self, block: Branches, depth: int) -> list[Line]:
        """The call of the merge with its branches, from the first line to the closing bracket."""
        lines = [Line(f"{MODULES[block.merge]}(", depth=depth)]
        for branch in block.branches:
            if not branch:
                lines.append(Line("nn.Identity(),", depth=depth + 1))
            elif _is_one_module(self._report, branch):
                lines += self._chain(branch, depth + 1)
            else:
                lines.append(Line("nn.Sequential(", depth=depth + 1))
                lines += self._chain(branch, depth + 2)
                lines.append(Line("),", depth=depth + 1))
        return [*lines, Line(")", depth=depth)]


def _of(shape: Shape | None) -> str:
    if isinstance(shape, Maps):
        return f"({shape.channels}, {shape.height}, {shape.width})"
    return "" if shape is None else f"({shape.length},)"


def _starts(report: Report) -> list[Line]:
    """How the weights start where it is not as PyTorch starts them."""
    places = _places(report, printed_chain(report))
    alike: defaultdict[tuple[tuple[Distribution, str, tuple[int, ...]], ...], list[str]]
    alike = defaultdict(list)
    for row in printed_rows(report):
        layer, x = row.layer, row.input
        if layer.initialisation == DEFAULT or x is None:
            continue
        path = "".join(
            f"[{part}]" if part.isdigit() else f".{part}" for part in places[layer.uid].split(".")
        )
        ways = tuple((layer.start(name, x), name, size) for name, size in row.parameters.items())
        alike[ways].append(f"model{path}")
    lines: list[Line] = []
    for ways, (first, *more) in alike.items():
        module, depth = ("module", 1) if more else (first, 0)
        loop = f"for module in ({', '.join([first, *more])}):"
        if more and len(loop) + len(STEP) <= WIDTH:
            lines.append(Line(loop))
        elif more:
            lines.append(Line("for module in ("))
            lines += [Line(f"{each},", depth=1) for each in (first, *more)]
            lines.append(Line("):"))
        for of, name, size in ways:
            lines += _start(of, f"{module}.{name}", size, depth)
    return lines


def _start(of: Distribution, tensor: str, shape: tuple[int, ...], depth: int) -> Iterable[Line]:
    match of.kind, of.numbers:
        case "uniform", (bound, *_):
            limits = f"{rounded(-bound)!r}, {rounded(bound)!r}"
            return (Line(f"nn.init.uniform_({tensor}, {limits})", depth=depth),)
        case "normal", (deviation, *_):
            return (Line(f"nn.init.normal_({tensor}, std={rounded(deviation)!r})", depth=depth),)
        case _, (0,):
            return (Line(f"nn.init.zeros_({tensor})", depth=depth),)
        case _, (number,):
            return (Line(f"nn.init.constant_({tensor}, {number!r})", depth=depth),)
        case _:
            size = shape[-1:]
            while prod(size) < len(of.numbers):
                size = shape[-len(size) - 1 :]
            values = Call("torch.tensor", (list(of.numbers),))
            # Where each position has weights of its own, its maps lie one behind the other.
            times = prod(size) // len(of.numbers)
            shaped = f".repeat({times})" if times > 1 else f".reshape{size}"
            return written(values, depth, f"{tensor}.data.copy_(", f"{shaped})")


def _own_modules(report: Report) -> tuple[str, list[str]]:
    """The imports and the source of every module that PyTorch does not have."""
    names = {
        call.name
        for row in printed_rows(report)
        for call in _calls(row)
        if not call.name.startswith("nn.")
    }
    if not names:
        return "", []
    # Read, not imported: that would import torch, and take its seconds.
    file = resources.files("cnnviz").joinpath("engine", "modules.py")
    source = file.read_text(encoding="utf-8")
    body = ast.parse(source).body
    there = {node.name: node for node in body if isinstance(node, ast.ClassDef)}
    while more := {n for name in names for n in _names_in(there[name]) & there.keys()} - names:
        names |= more
    classes = [node for name, node in there.items() if name in names]
    used = {name for node in classes for name in _names_in(node)}
    imports: list[str] = []
    for node in body:
        if isinstance(node, ast.ImportFrom) and node.module in _STANDARD:
            some = sorted(alias.name for alias in node.names if alias.name in used)
            if some:
                imports.append(f"from {node.module} import {', '.join(some)}\n")
    return "".join(imports), [ast.get_source_segment(source, node) or "" for node in classes]


def _names_in(node: ast.AST) -> set[str]:
    return {each.id for each in ast.walk(node) if isinstance(each, ast.Name)}


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


_STANDARD = ("functools",)
"""What our modules import that the script does not import already."""


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
