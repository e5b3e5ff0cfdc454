"""Tables of all numbers: complete, summing up, and harmless in a spreadsheet."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnnviz.analysis import analyze
from cnnviz.export.sheet import CONVENTIONS, markdown, sheet
from cnnviz.layers import Branches, Conv2d, Size
from cnnviz.network import Input, Network, named_by_place
from cnnviz.presets import preset
from tests.export.blocks import BLOCKS
from tests.support.networks import networks


def rows_of(network: Network) -> list[list[str]]:
    return list(csv.reader(io.StringIO(sheet(analyze(network)))))


def block(label: str) -> Network:
    layers = [Branches(merge="add", label=label, branches=((), ()))]
    return named_by_place(Network(name=label, input=Input(4, 4, 1)).with_layers(layers))


def test_every_layer_has_a_row_with_all_its_numbers() -> None:
    rows = rows_of(preset("lenet-5"))
    assert len({len(row) for row in rows[: 2 + 14 + 1]}) == 1
    assert rows[6] == [
        "/4",
        "Conv",
        "Filters 16, Kernel 5×5, Connections 60, Start LeCun 1998",
        "10×10×16",
        "1516",
        "0",
        "150000",
        "6400",
        "14×14",
    ]
    assert rows[16][1:] == ["Total", "", "10", "60850", "0", "326520", "69288", "32×32"]


@pytest.mark.parametrize("network", [BLOCKS, preset("vgg-11-bn")])
def test_the_rows_add_up_to_the_totals(network: Network) -> None:
    _, *rows = rows_of(network)
    count = len(analyze(network).rows) + 1  # and the input
    for column in (4, 5, 6, 7):
        assert sum(int(row[column]) for row in rows[:count]) == int(rows[count][column])


def test_layers_in_blocks_have_rows_and_paths() -> None:
    paths = [row[0] for row in rows_of(BLOCKS) if row]
    for path in ("/1", "/1/2/1", "/1/2/1/0/1", "/7/0/0/1/4"):
        assert path in paths


def test_how_it_is_counted_is_stated() -> None:
    text = markdown(analyze(BLOCKS))
    rows = rows_of(BLOCKS)
    for note in CONVENTIONS:
        assert [str(note)] in rows
        assert str(note).split(":")[0] in text


def test_trouble_is_stated() -> None:
    network = BLOCKS.insert(1, Conv2d(uid="new", kernel=Size(99, 99)))
    for text in (markdown(analyze(network)), sheet(analyze(network))):
        assert "does not fit" in text
        assert "waiting" in text
        assert "99×99 kernel is larger" in text


@pytest.mark.parametrize("begin", ["=", "+", "-", "@", "\t=", " =", "＝", "－", "\n+"])
def test_no_name_becomes_a_formula(begin: str) -> None:
    label = f'{begin}HYPERLINK("http://example.com")'
    cells = [cell for row in rows_of(block(label)) for cell in row]
    assert any("HYPERLINK" in cell for cell in cells)
    assert not [cell for cell in cells if cell.strip()[:1] in tuple("=+-@＝＋－＠")]


@given(st.text(max_size=60))
def test_no_name_breaks_a_table(label: str) -> None:
    plain, network = block("plain"), block(label)
    assert [len(row) for row in rows_of(network)] == [len(row) for row in rows_of(plain)]
    lines = markdown(analyze(network)).splitlines()
    table = [line for line in lines if line.startswith("|")]
    assert len(table) == 5  # titles, rule, input, block, total
    assert {line.replace("\\\\", "").replace("\\|", "").count("|") for line in table} == {10}


@given(networks())
def test_any_network_has_tables(network: Network) -> None:
    report = analyze(network)
    assert len(markdown(report).splitlines()) > len(report.rows)
    assert len(list(csv.reader(io.StringIO(sheet(report))))) > len(report.rows)
