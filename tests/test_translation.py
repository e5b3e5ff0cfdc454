"""Every text that a person can see has a Chinese one, with the same values in it."""

from __future__ import annotations

import ast
import json
import string
from pathlib import Path

import pytest

from cnnviz.assets import asset_path

ROOT = Path(__file__).parents[1]
ROOMS = ("cnnviz", "ui")
SPEAKERS = {"Message", "tr"}


def templates() -> dict[str, str]:
    """Template -> where it stands, read from the source."""
    found: dict[str, str] = {}
    for room in ROOMS:
        for path in sorted((ROOT / room).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if not isinstance(node, ast.Call) or not node.args:
                    continue
                name = node.func.id if isinstance(node.func, ast.Name) else ""
                if name not in SPEAKERS:
                    continue
                place = f"{path.relative_to(ROOT)}:{node.lineno}"
                for literal in _literals(node.args[0]):
                    found.setdefault(literal, place)
    return found


def _literals(node: ast.expr) -> list[str]:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return [node.value]
    if isinstance(node, ast.IfExp):
        return [*_literals(node.body), *_literals(node.orelse)]
    return []


def catalogue() -> dict[str, str]:
    path = asset_path("translations", "zh_CN.json")

    def once(pairs: list[tuple[str, str]]) -> dict[str, str]:
        keys = [key for key, _ in pairs]
        assert len(keys) == len(set(keys)), "a template stands twice in the catalogue"
        return dict(pairs)

    return json.loads(path.read_text(encoding="utf-8"), object_pairs_hook=once)


def placeholders(template: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(template) if name is not None}


def test_every_text_is_translated() -> None:
    known = catalogue()
    missing = {text: place for text, place in templates().items() if not known.get(text)}
    assert not missing, "\n".join(f"{place}: {text!r}" for text, place in missing.items())


def test_nothing_is_translated_that_nobody_says() -> None:
    said = templates()
    assert not [text for text in catalogue() if text not in said]


@pytest.mark.parametrize("template", sorted(catalogue()))
def test_the_values_are_the_same(template: str) -> None:
    assert placeholders(template) == placeholders(catalogue()[template])


def test_chinese_is_chinese() -> None:
    """A sentence copied over untranslated has no Chinese in it; names and symbols may stay."""
    copied = [
        text
        for text, chinese in catalogue().items()
        if text == chinese and sum(word.isalpha() for word in text.split()) > 2
    ]
    assert not copied


def test_messages_are_made_from_literals() -> None:
    """Else the check above would not see them; where a template is passed on, it came from one."""
    loose = []
    for room in ROOMS:
        for path in sorted((ROOT / room).rglob("*.py")):
            loose += [
                f"{path.relative_to(ROOT)}:{node.lineno}"
                for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
                if isinstance(node, ast.Call)
                and isinstance(node.func, ast.Name)
                and node.func.id in SPEAKERS
                and node.args
                and not _literals(node.args[0])
            ]
    allowed = {"cnnviz/engine/protocol/values.py", "ui/i18n.py"}
    assert [place for place in loose if place.rsplit(":", 1)[0] not in allowed] == []
