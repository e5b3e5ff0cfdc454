"""A network as PyTorch modules: the function `build` of an exported script, and all it rests on."""

from __future__ import annotations

import ast
from collections import defaultdict
from importlib import resources
from math import prod
from typing import TYPE_CHECKING

from cnnviz.export.source import (
    STEP,
    WIDTH,
    Line,
    Repeated,
    ends_in_softmax,
    laid_out,
    one_line,
    printed_chain,
    printed_rows,
    rounded,
    written,
)
from cnnviz.layers import Branches, Call, Maps
from cnnviz.layers.branches import MODULES
from cnnviz.layers.initialisation import DEFAULT

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from cnnviz.analysis import Report, Row
    from cnnviz.layers import Layer, Shape
    from cnnviz.layers.initialisation import Distribution


def module_places(report: Report, chain: Sequence[Layer], before: str = "") -> dict[str, str]:
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
                places |= module_places(report, branch, f"{place}.branches.{number}")
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


class PrintedNetwork:
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
    places = module_places(report, printed_chain(report))
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


def own_modules(report: Report) -> tuple[str, list[str]]:
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


_STANDARD = ("functools",)
"""What our modules import that the script does not import already."""
