"""Chinese paragraphs end well: not with one character alone on a line."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QTextLayout

from ui.theme import theme
from ui.widgets.labels import Label, ShortLabel
from ui.widgets.line_ends import JOINER, NO_BREAK, ended, folded, halves

PARAGRAPH = "训练网络时看看里面发生了什么。"


def lines_of(text: str, width: float) -> list[str]:
    """As Qt breaks a text."""
    layout = QTextLayout(text, theme.font())
    layout.beginLayout()
    lines = []
    while (line := layout.createLine()).isValid():
        line.setLineWidth(width)
        lines.append(text[line.textStart() : line.textStart() + line.textLength()])
    layout.endLayout()
    return lines


@pytest.mark.usefixtures("qapp")
def test_the_last_character_is_not_alone() -> None:
    room = theme.metrics().horizontalAdvance(PARAGRAPH[:-2]) + 1
    assert lines_of(PARAGRAPH, room)[-1] == "么。"  # what Qt does by itself
    assert [line.replace(JOINER, "") for line in lines_of(ended(PARAGRAPH), room)] == [
        "训练网络时看看里面发生了",
        "什么。",
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("两个字", f"两个{JOINER}字"),
        ("乘积（未加偏置）", f"乘积（未加偏{JOINER}置）"),
        ("第一段。\n\n第二段", f"第一{JOINER}段。\n\n第二{JOINER}段"),
        ("第 3 行，第 8 列", f"第 3 行，第 8{NO_BREAK}列"),
        ("Every value is read.", "Every value is read."),
        ("共 10", "共 10"),
        ("", ""),
    ],
)
def test_what_is_held_together(text: str, said: str) -> None:
    assert ended(text) == said


@pytest.mark.usefixtures("qapp")
def test_a_label_says_what_it_was_given() -> None:
    label = Label(PARAGRAPH)
    label.setWordWrap(True)
    label.setMinimumHeight(10)  # for which it measures itself anew
    assert label.text() == PARAGRAPH
    room = label.fontMetrics().horizontalAdvance(PARAGRAPH[:-3]) + 1
    flags = int(Qt.TextFlag.TextWordWrap)
    two = label.fontMetrics().boundingRect(0, 0, room, 999, flags, PARAGRAPH).height()
    assert label.heightForWidth(room) == two
    label.clear()
    assert label.text() == ""


@pytest.mark.usefixtures("qapp")
def test_a_short_label_counts_the_characters_of_its_own_text() -> None:
    label = ShortLabel("特征图 6 乘积（未加偏置）", lines=3)
    metrics = label.fontMetrics()
    broken = label.broken(metrics.horizontalAdvance("特征图 6 乘积（未加偏") + 1)
    assert broken == ["特征图 6 乘积（未加", "偏置）"]
    narrow = label.broken(metrics.horizontalAdvance("特征图 6 乘") + 1)
    assert "".join(narrow).replace(" ", "") == label.text().replace(" ", "")


@pytest.mark.parametrize(
    ("text", "room", "lines"),
    [
        ("和为 +1.303，含舍入 +0.003", 12, ("和为 +1.303，", "含舍入 +0.003")),
        ("卷积核 1，旋转 180°", 10, ("卷积核 1，", "旋转 180°")),
        ("特征图 0 的图块 3×3", 10, ("特征图 0 的", "图块 3×3")),
        ("特征图 6，第 12 行，第 8 列", 14, ("特征图 6，第 12 行，", "第 8 列")),
        ("特征图 6，第 12 行，第 8 列", 12, ("特征图 6，", "第 12 行，第 8 列")),
        ("特征图 6，第 12 行，第 8 列", 8, None),
        ("乘积（未加偏置）", 6, None),
        ("the δ of map 1, with gaps", 15, None),
    ],
)
def test_a_caption_breaks_where_one_pauses(
    text: str, room: int, lines: tuple[str, str] | None
) -> None:
    assert halves(text, lambda line: len(line) <= room) == lines


@pytest.mark.usefixtures("qapp")
def test_a_short_label_breaks_where_one_pauses() -> None:
    label = ShortLabel("特征图 0 的图块 3×3", lines=2)
    width = label.fontMetrics().horizontalAdvance
    assert label.broken(width("特征图 0 的图") + 1) == ["特征图 0 的", "图块 3×3"]
    assert label.broken(width(label.text()) + 1) == [label.text()]


@pytest.mark.parametrize(
    ("text", "room", "said"),
    [
        ("将一个层拖到这里，或双击上方的层", 20, "将一个层拖到这里，或双击上方的层"),
        ("将一个层拖到这里，或双击上方的层", 11, "将一个层拖到这里，\n或双击上方的层"),
        ("将一个层拖到这里，或双击上方的层", 6, f"将一个层拖到这里，或双击上方的{JOINER}层"),
    ],
)
def test_what_is_painted_breaks_where_one_pauses(text: str, room: int, said: str) -> None:
    assert folded(text, lambda line: len(line) <= room) == said
