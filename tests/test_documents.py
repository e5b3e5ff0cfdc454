"""The pages of docs/ that name each other, and what they are about, agree with what is there."""

from __future__ import annotations

import re
from pathlib import Path

DECISIONS = Path(__file__).parents[1] / "docs" / "decisions"


def test_every_decision_stands_in_the_list_under_its_title() -> None:
    listed = re.findall(
        r"^- \[(\d{4})\]\((\S+)\) (.+)$",
        (DECISIONS / "README.md").read_text(encoding="utf-8"),
        flags=re.MULTILINE,
    )
    pages = {path.name: path for path in DECISIONS.glob("[0-9]*.md")}
    assert [name for _, name, _ in listed] == sorted(pages)
    for number, name, title in listed:
        first = pages[name].read_text(encoding="utf-8").partition("\n")[0]
        assert name.startswith(f"{number}-")
        assert first == f"# {int(number)}. {title}", name
