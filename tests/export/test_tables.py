"""Tables in files: every number comes back, every word is drawn."""

from __future__ import annotations

import csv
import io
import math
import xml.etree.ElementTree as ET

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from cnnviz.export.tables import Tabled, table_csv, table_npy, table_svg, table_text

SVG = "{http://www.w3.org/2000/svg}"
cells = st.one_of(
    st.floats(allow_nan=False, width=32),
    st.integers(-(10**6), 10**6),
    st.text("ab <&\"'漢, ", max_size=6),
)
tables = st.lists(st.lists(cells, min_size=1, max_size=4), min_size=1, max_size=6)
TABLE = Tabled("costs <1>", [("way", "weights"), ("as dense", 3_612_672), ("共享", -0.25)])


@given(rows=tables)
def test_no_digit_is_lost(rows: list[list[str | int | float]]) -> None:
    table = Tabled("t", rows)
    commas, tabs = table_csv(table).decode("utf-8-sig"), table_text(table)
    for words, delimiter in ((commas, ","), (tabs, "\t")):
        read = list(csv.reader(io.StringIO(words, newline=""), delimiter=delimiter))
        for line, row in zip(read, rows, strict=True):
            for word, cell in zip(line, row, strict=True):
                assert word == cell if isinstance(cell, str) else float(word) == cell
    values = np.load(io.BytesIO(table_npy(table)), allow_pickle=False)
    assert values.shape == (len(rows) - 1, max(map(len, rows)))
    for row, found in zip(rows[1:], values.tolist(), strict=True):
        for cell, value in zip(row, found, strict=False):
            assert math.isnan(value) if isinstance(cell, str) else value == cell


def texts(table: Tabled) -> list[str]:
    found = ET.fromstring(table_svg(table)).iter(f"{SVG}text")
    return [element.text or "" for element in found]


@given(rows=tables)
def test_every_drawing_is_well_formed(rows: list[list[str | int | float]]) -> None:
    assert len(texts(Tabled("t", rows))) == sum(map(len, rows))


def test_words_and_numbers_are_drawn() -> None:
    assert texts(TABLE) == ["way", "weights", "as dense", "3,612,672", "共享", "−0.25"]
    assert ET.fromstring(table_svg(TABLE)).findtext(f"{SVG}title") == "costs <1>"


def test_of_a_long_table_the_first_rows_are_drawn() -> None:
    long = Tabled("t", [("n",), *((n,) for n in range(1000))])
    assert texts(long)[-1] == "… + 800"
    assert len(texts(long)) == 1 + 200 + 1
    assert np.load(io.BytesIO(table_npy(long))).shape == (1000, 1)
