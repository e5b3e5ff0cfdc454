"""Dropout: leave values, or whole maps, to chance while training."""

from __future__ import annotations

from typing import Annotated, ClassVar

from cnnviz.layers.base import Family, Layer
from cnnviz.layers.fields import about
from cnnviz.layers.shapes import Call, Maps, Problem, Shape
from cnnviz.layers.windows import wants_maps
from cnnviz.message import Message


class Dropout(Layer, tag="dropout", frozen=True, kw_only=True):
    """Set random values to zero while training (Srivastava et al., 2014)."""

    family: ClassVar[Family] = "dropout"
    title: ClassVar[Message] = Message("Dropout")
    help: ClassVar[Message] = Message(
        "Sets a random share of the values to zero while training, so that no value can rely on "
        "another one. It does nothing when the network is used."
    )

    rate: Annotated[
        float,
        about(Message("Rate"), Message("The share of values that is set to zero."), ge=0, le=1),
    ] = 0.5

    @property
    def detail(self) -> str:
        return f"{self.rate:g}"

    def torch_calls(self, x: Shape) -> tuple[Call, ...]:
        return (Call("nn.Dropout", (self.rate,)),)


class ChannelDropout(Dropout, tag="channel_dropout", frozen=True, kw_only=True):
    """Set random maps as a whole to zero while training (Tompson et al., 2015); nn.Dropout2d."""

    title: ClassVar[Message] = Message("Channel dropout")
    help: ClassVar[Message] = Message(
        "Sets a random share of whole feature maps to zero while training. Neighbouring pixels are "
        "so alike that dropping single ones hides little."
    )

    def output_shape(self, x: Shape) -> Shape | Problem:
        return x if isinstance(x, Maps) else wants_maps(self, x)

    def torch_calls(self, x: Shape) -> tuple[Call, ...]:
        return (Call("nn.Dropout2d", (self.rate,)),)
