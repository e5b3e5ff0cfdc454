"""The table holds the numbers that are shown, each of them to its last digit."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

import numpy as np
import pytest
from PySide6.QtCore import QSizeF

from ui.charts.content import Content, Series, Shown
from ui.charts.curve import Line
from ui.charts.histogram_painting import HistogramPainting
from ui.charts.histograms import Histograms
from ui.charts.painting import Painting
from ui.charts.sight import View
from ui.charts.table import Table, table_of

if TYPE_CHECKING:
    from pathlib import Path

SIZE = QSizeF(300, 160)


def painting(view: View, *shown: Shown, name: str = "loss") -> Painting:
    return Painting(Content("Loss", name=name), shown, view, SIZE)


def shown(key: str, line: Line, raw: Line | None = None) -> Shown:
    return Shown(Series(key, key, line), line, raw)


def read(table: Table, every: int = 1) -> list[dict[str, str]]:
    words = "".join(piece for piece, _ in table.pieces(",", "\n", every))
    return list(csv.DictReader(io.StringIO(words)))


def test_every_step_has_a_row_and_gaps_are_empty() -> None:
    train = Line.of([1, 2, 3, 4], [2.3, np.nan, 0.1, 1e-7])
    test = Line.of([0, 3], [2.5, 0.7])
    view = View()
    table = table_of([painting(view, shown("train", train), shown("r2.test", test))])
    assert read(table) == [
        {"step": "0", "loss_train": "", "loss_r2_test": "2.5"},
        {"step": "1", "loss_train": "2.3", "loss_r2_test": ""},
        {"step": "2", "loss_train": "", "loss_r2_test": ""},
        {"step": "3", "loss_train": "0.1", "loss_r2_test": "0.7"},
        {"step": "4", "loss_train": "1e-07", "loss_r2_test": ""},
    ]


def test_only_what_is_shown_is_in_it() -> None:
    line, other = Line.of(np.arange(100), np.arange(100)), Line.of([5, 50], [1, 2])
    view = View(span=(9.6, 12.4), hidden=frozenset({"test"}))
    table = table_of([painting(view, shown("train", line), shown("test", other))])
    assert [row["step"] for row in read(table)] == ["10", "11", "12"]
    assert list(read(table)[0]) == ["step", "loss_train"]


def test_a_mean_stands_beside_what_it_is_of_and_charts_beside_each_other() -> None:
    raw, mean = Line.of([1, 2], [1.0, 0.5]), Line.of([1, 2], [1.0, 0.75])
    accuracy = Line.of([2], [0.875])
    table = table_of(
        [
            painting(View(), shown("train", mean, raw)),
            painting(View(), shown("train", accuracy), name="accuracy"),
        ]
    )
    assert read(table)[1] == {
        "step": "2",
        "loss_train": "0.5",
        "loss_train_mean": "0.75",
        "accuracy_train": "0.875",
    }


def test_long_tables_come_in_pieces_and_lose_nothing() -> None:
    values = np.random.default_rng(0).random(10_001).astype(np.float32)
    table = table_of([painting(View(), shown("train", Line.of(np.arange(10_001), values)))])
    rows = read(table)
    assert [int(row["step"]) for row in rows] == list(range(10_001))
    assert [np.float32(row["loss_train"]) for row in rows] == values.tolist()
    shares = [share for _, share in table.pieces(",", "\n")]
    assert shares[0] == 0
    assert shares[-1] == 1
    assert shares == sorted(shares)


def test_every_so_manieth_step_and_the_last() -> None:
    line = Line.of(np.arange(1, 26), np.arange(25))
    table = table_of([painting(View(), shown("train", line))])
    assert [row["step"] for row in read(table, 10)] == ["5", "15", "25"]


def test_a_line_that_grows_meanwhile_changes_nothing() -> None:
    line = Line.of(np.arange(10), np.zeros(10))
    table = table_of([painting(View(), shown("train", line))])
    line.growing_steps.extend(np.arange(10, 5000).astype(np.uint32))
    line.extend(np.ones(4990))
    assert len(read(table)) == 10


def test_numpy_reads_what_it_was(tmp_path: Path) -> None:
    train = Line.of([1, 2, 4], [2.3, np.nan, 1e-7])
    spread = Histograms(
        np.array([2.0, 4.0]),
        np.array([-0.1, 0.0]),
        np.array([0.5, 1.0]),
        np.array([[1, 2], [3, 4]]),
    )
    histograms = HistogramPainting(Content("Weights", name="weights"), spread, 0, SIZE)
    table = table_of([painting(View(), shown("train", train)), histograms])
    path = tmp_path / "table.npy"
    path.write_bytes(b"".join(piece for piece, _ in table.npy()))
    records = np.load(path, allow_pickle=False)
    assert records.dtype.names == (
        "step", "loss_train", "weights_low", "weights_high", "weights_count",
    )  # fmt: skip
    assert records["step"].tolist() == [1, 2, 4]
    assert records["loss_train"].tolist() == pytest.approx([2.3, np.nan, 1e-7], nan_ok=True)
    assert records["weights_low"].tolist() == pytest.approx([np.nan, -0.1, 0.0], nan_ok=True)
    assert records["weights_count"][1:].tolist() == [[1, 2], [3, 4]]
    assert np.isnan(records["weights_count"][0]).all()
    assert read(table)[2] == {
        "step": "4", "loss_train": "1e-07", "weights_low": "0.0", "weights_high": "1.0",
        "weights_count_0": "3", "weights_count_1": "4",
    }  # fmt: skip


def test_titles_are_unique_and_quoted() -> None:
    """The uids of a file's layers may be anything."""
    lines = [shown(key, Line.of([1], [n])) for n, key in enumerate(("a.b", "a_b", 'c,"d'))]
    table = table_of([painting(View(), *lines, name="gradient")])
    assert [column.title for column in table.columns] == [
        "gradient_a_b", "gradient_a_b_2", 'gradient_c,"d',
    ]  # fmt: skip
    assert read(table)[0] == {
        "step": "1", "gradient_a_b": "0.0", "gradient_a_b_2": "1.0", 'gradient_c,"d': "2.0",
    }  # fmt: skip
    records = np.load(io.BytesIO(b"".join(piece for piece, _ in table.npy())))
    assert records['gradient_c,"d'].tolist() == [2.0]
