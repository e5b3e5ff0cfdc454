"""From the session and the newest picture to the arithmetic of one value; without widgets."""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite, prod
from typing import TYPE_CHECKING

import numpy as np

from cnnviz.arithmetic import Absent, Account, Merged, Moved, Reading, Weighted, dims, work_out
from cnnviz.arithmetic.digits import alone, places_for, shown
from cnnviz.arithmetic.sources import sources_of
from cnnviz.engine.protocol import MAX_VALUES
from cnnviz.explain import maps_behind
from cnnviz.layers import Maps
from cnnviz.message import Message
from cnnviz.network import INPUT_UID
from ui.i18n import tr
from ui.numerals import significant
from ui.widgets.folding import folded

if TYPE_CHECKING:
    from cnnviz.analysis import Report, Row
    from cnnviz.arithmetic import Place
    from ui.picture import Picture

AGREES = 1e-5
"""Of the sum of the magnitudes: what adding up in float32 may lose."""


@dataclass(frozen=True, slots=True, eq=False)
class Worked:
    """The arithmetic of one value, and what stands around it.

    sources: the uids that the layer reads. limits: the ends of their colours. inputs: their values.
    greys: whether those of the image are greys, and no numbers with a sign.
    """

    reading: Reading
    account: Account
    computed: float
    output: np.ndarray
    limit: float
    sources: tuple[str, ...]
    limits: tuple[float, ...]
    greys: bool = True

    def grey(self, which: int) -> bool:
        """Whether the values of a source are shown in grey, as an image is."""
        return self.greys and is_input(self.sources[which])

    @property
    def row(self) -> Row:
        """The layer in its place."""
        return self.reading.row

    @property
    def place(self) -> Place:
        """The place of the value."""
        return self.reading.place

    @property
    def agrees(self) -> bool:
        """Whether PyTorch's value is the one that was worked out, but for rounding."""
        return agree(self.account, self.computed)


def agree(account: Account, computed: float) -> bool:
    """Whether a value of PyTorch is the one that was worked out, but for rounding."""
    if not isfinite(computed) or not isfinite(account.value):
        return not isfinite(computed) and not isfinite(account.value)
    return abs(account.value - computed) <= AGREES * max(account.absolute, 1e-30)


def work(report: Report, picture: Picture, uid: str, place: Place) -> Worked | Absent:
    """Work out a value of a layer that works, with the numbers of a picture."""
    row = report.row(uid)
    sources = sources_of(report, uid)
    output = picture.maps.get(uid)
    trained = picture.as_trained
    if trained is not None and uid in (*trained.dropouts, *trained.norms):
        return Absent(
            Message(
                "The values are as in training, where they depend on chance or on a "
                "batch. Choose “In use” among the experiments to see how they come "
                "about."
            )
        )
    on_the_way = Absent(Message("The values are on their way."))
    inputs = [picture.maps.get(source.uid) for source in sources]
    given = [values for values in inputs if values is not None]
    if row.output is None or output is None or len(given) < len(inputs):
        return on_the_way
    size = dims(row.output)
    if output.shape[1:] != size[1:] or len(output) > size[0]:
        return on_the_way
    if any(
        len(values) < _most_sent(dims(source.shape))
        for values, source in zip(given, sources, strict=True)
    ):
        return on_the_way
    if place[0] >= len(output):
        return Absent(Message("This layer is so large that only its first maps are looked at."))
    tensors = picture.weights.get(uid, {})
    behind = maps_behind(report, uid)
    shapes = [source.shape for source in sources]
    reading = Reading(row, given, shapes, tensors, place, behind, picture.first)
    account = work_out(reading)
    if isinstance(account, Absent):
        return account
    return Worked(
        reading,
        account,
        float(output[place]),
        output,
        picture.limits.get(uid, 1.0),
        tuple(source.uid for source in sources),
        tuple(picture.limits.get(source.uid, 1.0) for source in sources),
        picture.greys,
    )


def _most_sent(size: tuple[int, ...]) -> int:
    """How many maps of a layer come with a picture that was asked for the whole of it."""
    return min(size[0], max(1, MAX_VALUES * size[0] // max(1, prod(size))))


def first_wanted(row: Row, picture: Picture | None, place: Place) -> int:
    """The filter or unit that weights should begin with that are too large to be sent whole: as
    they do now, as long as those of the value are among them."""
    uid, shape = row.layer.uid, row.tensors.get("weight", ())
    if not shape or prod(shape) <= MAX_VALUES:
        return 0
    present = None if picture is None else picture.weights.get(uid, {}).get("weight")
    start, count = (0, 0) if picture is None or present is None else (picture.first, len(present))
    if start <= place[0] < start + count:
        return start
    return max(0, place[0] - _most_sent(shape) // 2)


def strongest(values: np.ndarray) -> Place:
    """The place of the largest finite magnitude."""
    sizes = np.where(np.isfinite(values), np.abs(values), -1)
    return tuple(int(at) for at in np.unravel_index(int(sizes.argmax()), values.shape))


def clamped(place: Place, row: Row) -> Place | None:
    """The place, or the nearest that a layer has; None where it has other axes or does not work."""
    if row.output is None:
        return None
    size = dims(row.output)
    if len(size) != len(place):
        return None
    return tuple(min(max(at, 0), most - 1) for at, most in zip(place, size, strict=True))


def next_place(place: Place, row: Row, steps: int = 1) -> Place:
    """The position so many steps on, row by row; after the last one of a map comes its first."""
    assert row.output is not None
    size = dims(row.output)
    if len(size) == 1:
        return ((place[0] + steps) % size[0],)
    _, height, width = size
    position = (place[1] * width + place[2] + steps) % (height * width)
    return (place[0], *divmod(position, width))


def moved(place: Place, row: Row, down: int, right: int) -> Place:
    """The neighbour of a place; of a vector that is folded into lines, the one below or beside."""
    assert row.output is not None
    if len(place) == 1:
        columns = folded(np.zeros(dims(row.output)[0], np.float32)).shape[1]
        step = down * columns + right
        found = place[0] + (step if columns > 1 else down + right)
        return (found,) if 0 <= found < dims(row.output)[0] else place
    wanted = (place[0], place[1] + down, place[2] + right)
    return clamped(wanted, row) or place


def over(row: Row, cell: tuple[int, int]) -> tuple[int, int] | None:
    """The position in the output whose window has its middle nearest to a cell of the input."""
    x, y = row.input, row.output
    if not isinstance(x, Maps) or not isinstance(y, Maps):
        return None
    found = []
    for axis, count in enumerate((y.height, y.width)):
        best, distance = 0, float("inf")
        for index in range(count):
            span = row.layer.reads(x, axis, (index, index))
            if span is None:
                break
            away = abs(sum(span) / 2 - cell[axis])
            if away < distance:
                best, distance = index, away
        found.append(best)
    return found[0], found[1]


def borders(worked: Worked) -> tuple[int, int, int, int]:
    """How far the windows of a layer reach into padding: above, below, left, right."""
    x, y, layer = worked.row.input, worked.row.output, worked.row.layer
    if not isinstance(x, Maps) or not isinstance(y, Maps) or layer.family not in _PADDED:
        return 0, 0, 0, 0
    sides = []
    for axis, (size, count) in enumerate(((x.height, y.height), (x.width, y.width))):
        first, last = layer.reads(x, axis, (0, 0)), layer.reads(x, axis, (count - 1, count - 1))
        if first is None or last is None:
            sides += [0, 0]
        else:
            sides += [max(0, -first[0]), max(0, last[1] - size + 1)]
    return sides[0], sides[1], sides[2], sides[3]


_PADDED = frozenset({"convolution", "pooling"})


def verdict(worked: Worked, places: int | None = None) -> str:
    """PyTorch's value beside ours, with the digits that ours has, and how far they are apart.

    places: behind the point; left out, it is shown as a number by itself.
    """
    return verdict_on(worked.account, worked.computed, places)


def verdict_on(account: Account, computed: float, places: int | None = None) -> str:
    """The same, of an account of any kind."""
    value = alone(computed, plus=True) if places is None else shown(computed, places, plus=True)
    difference = computed - account.value
    if not agree(account, computed):
        return tr(
            "PyTorch computed {value}\nwhich is {difference} away",
            value=value,
            difference=significant(difference, 2),
        )
    words = tr("PyTorch computed {value} ✓", value=value).replace(" ✓", "\N{NO-BREAK SPACE}✓")
    if not difference or not isfinite(difference):
        return words
    apart = tr("off by {difference}: float32 rounding", difference=significant(abs(difference), 1))
    return f"{words}\n{apart}"


def total_places(account: Account) -> int:
    """Places behind the point for a sum and its summands."""
    picture = account.picture
    numbers = [account.value]
    if isinstance(picture, Weighted):
        numbers += [*picture.sums.tolist(), picture.bias or 0.0]
    return places_for(numbers)


def image_of(values: np.ndarray, channel: int, behind: Maps | None = None) -> np.ndarray:
    """One map of a source (height, width); a vector as the maps behind it, or folded."""
    if values.ndim == 3:
        return np.asarray(values[channel])
    if behind is not None and behind.size == len(values):
        maps = values.reshape(behind.channels, behind.height, behind.width)
        return np.asarray(maps[channel])
    return folded(values)


def output_place(worked: Worked, row: int, column: int) -> Place:
    """The place of the value in a cell of the output's picture."""
    if worked.output.ndim == 3:
        return worked.place[0], row, column
    return (row * folded(worked.output).shape[1] + column,)


def window_place(worked: Worked, row: int, column: int) -> Place | None:
    """The place in the output that reads a cell of the input's picture, in its middle if it can."""
    x, y = worked.row.input, worked.row.output
    if isinstance(x, Maps) and isinstance(y, Maps):
        position = over(worked.row, (row, column))
        return None if position is None else (worked.place[0], *position)
    if isinstance(x, Maps):  # written out into a vector
        channel = worked.account.reads.channels[0]
        return ((channel * x.height + row) * x.width + column,)
    if isinstance(worked.account.picture, Weighted):  # each value reads all of the input
        return None
    return (row * folded(worked.reading.x).shape[1] + column,)


def source_place(worked: Worked, channel: int, row: int, column: int) -> tuple[str, Place] | None:
    """The layer and the place of a cell of the input's picture; None in padding, and of the image.

    channel: which of the channels that are read is on show.
    """
    picture, behind = worked.account.picture, worked.reading.behind
    which = picture.which if isinstance(picture, Moved) else 0
    values = worked.reading.sources[which]
    map_ = worked.account.reads.channels[channel if isinstance(picture, Weighted) else 0]
    place: Place
    if values.ndim == 3:
        place = (map_, row, column)
    elif isinstance(picture, Weighted) and picture.mapped and behind is not None:
        place = ((map_ * behind.height + row) * behind.width + column,)
    else:
        place = (row * folded(values).shape[1] + column,)
    inside = all(0 <= at < size for at, size in zip(place, values.shape, strict=True))
    if not inside or is_input(worked.sources[which]):
        return None
    return worked.sources[which], place


def branch_place(worked: Worked, branch: int) -> tuple[str, Place] | None:
    """The layer at the end of a branch, and the place in it that the value is made of."""
    picture, uid = worked.account.picture, worked.sources[branch]
    if is_input(uid):
        return None
    if isinstance(picture, Merged):
        return uid, picture.places[branch]
    if isinstance(picture, Moved) and picture.which == branch and picture.source is not None:
        return uid, picture.source
    return None


def is_input(uid: str) -> bool:
    """Whether values are those of the image."""
    return uid == INPUT_UID
