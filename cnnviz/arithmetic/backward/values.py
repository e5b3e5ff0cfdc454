"""What a layer is given when it hands δ back, and how a δ or a gradient came about.

δ of a value is the derivative of the loss by it: ∂L/∂x (Rumelhart, Hinton and Williams, "Learning
representations by back-propagating errors", 1986).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from cnnviz.arithmetic.values import Account, Floats, Plain, Reads, Step
from cnnviz.message import Message

if TYPE_CHECKING:
    from cnnviz.arithmetic.values import Picture, Place, Reading, Taps
    from cnnviz.layers import Maps

DELTA, INPUT, WEIGHT = Message("δ"), Message("input"), Message("weight")


class Return(Struct, frozen=True, eq=False):
    """What a layer is given on the way back.

    reading: the layer with its input and tensors, as on the way there. Its `place` is that of the
    input's value whose δ is asked for, or with `name` the index of a value of that tensor.
    delta: δ of the output, (channels, height, width) or (length,).
    which: the branch that is handed to, of a merge.
    column: the input that the weights of a dense layer begin with, which are not there as a whole.
    """

    reading: Reading
    delta: Floats
    which: int = 0
    name: str = ""
    column: int = 0

    @property
    def place(self) -> Place:
        """Of the input's value, or in the tensor."""
        return self.reading.place

    @property
    def maps(self) -> tuple[Maps, Maps]:
        """Input and output shape of a layer that knows only maps."""
        return self.reading.maps


class Flow(Account, frozen=True, eq=False):
    """How a δ or a gradient came about.

    reads: the places of the output whose δ it is made of. sees: those of the input: the value
    itself, or all that the weight was multiplied by.
    rows, columns: of a picture with a patch of δ, which row and column of the output each of its
    rows and columns is; None in the gaps that a stride leaves.
    """

    sees: Reads = Reads()
    rows: Taps = ()
    columns: Taps = ()

    @property
    def taps(self) -> tuple[Taps, Taps]:
        return self.rows or self.reads.rows, self.columns or self.reads.columns


def product(
    reads: Reads,
    sees: Reads,
    factors: tuple[float, float],
    *,
    title: Message,
) -> Flow:
    """A gradient that is a single product of an input and δ."""
    x, delta = factors
    value = x * delta
    step = Step(title, (x, " · ", delta), value)
    return Flow(reads, Plain(), (step,), value, abs(value), sees)


def flow(
    account: Account,
    picture: Picture,
    sees: Reads,
    rows: Taps = (),
    columns: Taps = (),
) -> Flow:
    """An account with another picture, and what belongs to it on the way back."""
    return Flow(
        account.reads, picture, account.steps, account.value, account.absolute, sees, rows, columns
    )
