"""The way back through a network, from the loss to every weight."""

from __future__ import annotations

from msgspec import Struct

from cnnviz.engine.protocol.values import Activations, Look, Tensor
from cnnviz.training import Loss


class Backward(Struct, frozen=True, tag=True):
    """The way back for one image: δ of every layer, and all that a layer does with it.

    target: the class that is right. loss, label_smoothing: as in `Training`.
    uid: the layer of which everything is wanted; "" none.
    column: of a dense layer's weights that are too large, the inputs from this one on are wanted.
    max_maps: how many maps of δ are wanted of each layer; of `uid` all are.
    clipped: whether the length of all gradients together is wanted.
    """

    look: Look
    target: int
    loss: Loss
    label_smoothing: float
    uid: str = ""
    column: int = 0
    max_maps: int = 8
    clipped: bool = False


class WentBack(Struct, frozen=True, tag=True):
    """What goes back through a network that is at rest: with running statistics, without dropout.

    logits: of all classes. loss: of this image. norm: of all gradients, 0 where it was not wanted.
    deltas: δ of the output of every layer, and of what the network sees ("input"); the last
    softmax, which is left to the loss, has none.
    The rest is that of `uid`. sources: what it reads, and handed: δ of that, as far as this layer
    hands it back; of a block those are the ends of its branches, and forked is δ of its input and
    then what each branch hands back to that. tensors, gradients: by name; also of frozen layers.
    column: the input that weights and gradients of a dense layer begin with.
    """

    target: int
    logits: list[float]
    loss: float
    norm: float
    deltas: list[Activations]
    sources: list[Tensor] = []
    handed: list[Tensor] = []
    forked: list[Tensor] = []
    tensors: list[Tensor] = []
    gradients: list[Tensor] = []
    column: int = 0


class BackwardInTraining(Struct, frozen=True, tag=True):
    """The way back through a batch norm with a batch: this image, and training images by chance.

    target, loss, label_smoothing: as in `Backward`; of the others the label is right, and the loss
    is the mean over all. uid: the batch norm. number: the map, or the value of a vector, of which
    the whole batch is wanted. seed: which images are drawn, and what dropout drops.
    """

    look: Look
    target: int
    loss: Loss
    label_smoothing: float
    uid: str
    number: int
    seed: int = 0


class WentBackInTraining(Struct, frozen=True, tag=True):
    """loss: the mean over the batch. delta: δ of what the layer gives, handed: of what it reads;
    both of the first image, all maps. x: what the layer reads, deltas: δ of what it gives; both of
    map `number` and the whole batch, (images, height, width), of a vector (images, 1, 1). factor:
    of that map; 1 where the layer learns none. read: all maps of what the layer reads, of the first
    image. gradients: of the parameters that the layer learns, by their names."""

    number: int
    factor: float
    loss: float
    delta: Tensor
    handed: Tensor
    x: Tensor
    deltas: Tensor
    read: Tensor
    gradients: list[Tensor] = []
