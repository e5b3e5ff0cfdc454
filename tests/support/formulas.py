"""Formulas as a learner reads them: what is shown is computed once more, from its text."""

from __future__ import annotations

import ast
import math
import operator
import re
from collections.abc import Callable
from fractions import Fraction
from typing import Any

from cnnviz.analysis import Row, analyze
from cnnviz.explain import Formula, explain
from cnnviz.layers import Layer
from cnnviz.network import Input, Network

OPERATORS: dict[type[ast.AST], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}
FUNCTIONS: dict[str, Callable[..., Any]] = {"max": max, "floor": math.floor, "ceil": math.ceil}


def shown(formula: Formula) -> str:
    """The terms without the words, which stand behind numbers to say what they are."""
    return "".join(term.text for term in formula.terms if isinstance(term.text, str))


def evaluate(text: str) -> float:
    """The value of a formula as one reads it, exact where all numbers in it are whole."""
    text = re.sub(r"(?<=\d),(?=\d{3})", "", text)
    for mark, plain in (("·", "*"), ("×", "*"), ("−", "-")):
        text = text.replace(mark, plain)
    for mark, plain in (("⌊", "floor("), ("⌈", "ceil("), ("⌋", ")"), ("⌉", ")")):
        text = text.replace(mark, plain)
    return _value(ast.parse(text, mode="eval").body)


def _value(node: ast.AST) -> Any:
    match node:
        case ast.Constant(value=int() as value):
            return Fraction(value)
        case ast.Constant(value=value):
            return value
        case ast.BinOp(left=left, op=op, right=right):
            return OPERATORS[type(op)](_value(left), _value(right))
        case ast.Call(func=ast.Name(id=name), args=args):
            return FUNCTIONS[name](*map(_value, args))
    raise AssertionError(ast.dump(node))


def number(result: str) -> float:
    return float(result.replace(",", ""))


def named(image: Input, *layers: Layer) -> Network:
    count = iter(range(1000))
    return Network(input=image).with_layers(layers).named(lambda: f"u{next(count)}")


def alone(layer: Layer, image: Input | None = None) -> tuple[Row, dict[str, Formula]]:
    """A layer right behind the input: its row, and its formulas by title."""
    report = analyze(named(image or Input(28, 28, 1), layer))
    return report.rows[0], by_title(explain(report, "u0"))


def by_title(formulas: tuple[Formula, ...]) -> dict[str, Formula]:
    titles = [str(formula.title) for formula in formulas]
    assert len(set(titles)) == len(titles)
    return dict(zip(titles, formulas, strict=True))
