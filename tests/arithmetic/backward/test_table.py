"""The table kind × {forward, backward} has no empty cell: three maps, stride 2 and padding."""

from __future__ import annotations

import pytest

from cnnviz.analysis import analyze
from cnnviz.arithmetic import WORKED
from cnnviz.arithmetic.backward import HANDED_BACK, LEARNED
from cnnviz.explain.way_back import WAY_BACK
from cnnviz.layers import KINDS
from cnnviz.network import Network
from tests.arithmetic.backward.returned import Returned
from tests.arithmetic.backward.returned import agree as agree_backward
from tests.arithmetic.seen import Seen
from tests.arithmetic.seen import agree as agree_forward
from tests.support.cells import cells

every_cell = pytest.mark.parametrize(
    ("name", "network"), list(cells()), ids=[n for n, _ in cells()]
)


@every_cell
def test_forward(name: str, network: Network) -> None:
    report = analyze(network, 10)
    assert report.problem is None
    agree_forward(Seen(report, "it"))


@every_cell
def test_backward(name: str, network: Network) -> None:
    returned = Returned(analyze(network, 10))
    agree_backward(returned)
    assert set(returned.gradients) == set(returned.row.parameters)
    assert not returned.gradients or type(returned.row.layer) in LEARNED


def test_no_cell_is_empty() -> None:
    """Every kind stands in the table, is worked out both ways, and has its words."""
    there = {type(network.layer("it")) for _, network in cells()}
    assert there == set(KINDS) == set(WORKED) == set(HANDED_BACK) == set(WAY_BACK)
