"""Why the network gives an answer: the methods, each with what it shows and where it misleads, and
the way from logits to probabilities with its numbers."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Literal, NamedTuple

from cnnviz.message import Message

if TYPE_CHECKING:
    from collections.abc import Sequence

Method = Literal["saliency", "input_gradient", "grad_cam", "guided", "occlusion"]

LARGEST_POWER = 50.0
"""Of larger logits the largest is taken off first: e to the 89th is too large for float32."""


class MethodWords(NamedTuple):
    """A method in words."""

    title: Message
    shows: Message
    """What a value of its map is, with the source."""
    limits: Message
    """What it does not show, and where it misleads."""


METHODS: dict[Method, MethodWords] = {
    "saliency": MethodWords(
        Message("Saliency"),
        Message(
            "How strongly the logit of the class would change if a pixel changed a "
            "little: the absolute value of the gradient, and for a colour image the "
            "largest of its channels (Simonyan et al., 2013)."
        ),
        Message(
            "Limits: it says where the answer is sensitive, not what speaks for it or against it. "
            "It is noisy, and small where the network is saturated, however much a pixel matters."
        ),
    ),
    "input_gradient": MethodWords(
        Message("Gradient × input"),
        Message(
            "Each pixel times its gradient, added over the colours: about what the pixel adds to "
            "the logit. Blue speaks for the class, orange against it. In a network of ReLU, "
            "pooling and linear layers without biases the values add up to the logit."
        ),
        Message(
            "Limits: a black pixel (0) always gets nothing, though the empty middle is what makes "
            "a 0 a 0. Biases are left out, and a gradient holds for small changes only."
        ),
    ),
    "grad_cam": MethodWords(
        Message("Grad-CAM"),
        Message(
            "The maps of a layer, each weighted by the mean of its gradient, added; what is "
            "negative is cut off, and the rest enlarged to the size of the input (Selvaraju et "
            "al., 2017). It shows the regions that speak for the class."
        ),
        Message(
            "Limits: it is as coarse as the maps. The mean forgets where in a map the gradient "
            "was, so that it is exact only before a global average and means little in early "
            "layers. What speaks against the class is not shown."
        ),
    ),
    "guided": MethodWords(
        Message("Guided backpropagation"),
        Message(
            "The gradient, of which every ReLU lets only positive values through on the way back "
            "(Springenberg et al., 2014). It shows fine structures that the network responds to."
        ),
        Message(
            "Limits: it is not a gradient of anything. It draws mostly the edges of the image, and "
            "looks nearly the same for every class and even for random weights (Nie et al., 2018; "
            "Adebayo et al., 2018). Other activations than ReLU pass their gradient as it is."
        ),
    ),
    "occlusion": MethodWords(
        Message("Occlusion"),
        Message(
            "A grey square slides over the input, in large steps first and then in small ones. "
            "Each pixel shows by how much the logit fell, on average over the squares that covered "
            "it (Zeiler & Fergus, 2013). Blue: without it the class loses; orange: without it the "
            "class gains."
        ),
        Message(
            "Limits: this one really tries it out, but the size of the square decides what is "
            "found; grey on black is ink that was not there, and where two parts say the same, "
            "covering one of them changes nothing."
        ),
    ),
}


class SoftmaxRow(NamedTuple):
    """One class on the way from its logit to its probability."""

    logit: float
    power: float
    """e to the logit, or to the logit less the table's `shift`."""
    share: float


class SoftmaxTable(NamedTuple):
    """softmax worked out: each power divided by their sum (in float64)."""

    shift: float
    """What was taken off every logit, which changes no share."""
    rows: tuple[SoftmaxRow, ...]
    total: float
    """The sum of all powers."""


def softmax_table(logits: Sequence[float]) -> SoftmaxTable | None:
    """Logits as powers of e and their shares; None where one of them is not finite."""
    if not logits or not all(map(math.isfinite, logits)):
        return None
    largest = max(logits)
    shift = largest if abs(largest) > LARGEST_POWER else 0.0
    powers = [math.exp(logit - shift) for logit in logits]
    total = math.fsum(powers)
    rows = (SoftmaxRow(z, power, power / total) for z, power in zip(logits, powers, strict=True))
    return SoftmaxTable(shift, tuple(rows), total)
