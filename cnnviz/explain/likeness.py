"""What images are to a layer and its maps, in words; and which layer to ask."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

from cnnviz.message import Message
from cnnviz.network import INPUT_UID

if TYPE_CHECKING:
    from cnnviz.analysis import Report

View = Literal["near", "pca", "tsne", "likes"]


class ViewWords(NamedTuple):
    """A view in words."""

    title: Message
    shows: Message
    limits: Message
    """What it does not show, and where it misleads."""


VIEWS: dict[View, ViewWords] = {
    "near": ViewWords(
        Message("Nearest images"),
        Message(
            "The training images that are most like the present one in the eyes of "
            "this layer: nearest by the Euclidean distance between its values, with "
            "maps averaged to 4×4 places. In a layer near the answer they are mostly "
            "of one class; in the input, of one shape."
        ),
        Message(
            "Limits: among all training images only while the weights rest; while the network "
            "learns, among ten thousand. That an image is near does not say that the network "
            "learned the answer from it."
        ),
    ),
    "pca": ViewWords(
        Message("Map (PCA)"),
        Message(
            "Each point is a test image. The two axes are the directions along which what the "
            "layer makes of them differs most (principal components; Pearson, 1901); they are "
            "found from two thousand, so that no point moves when others come. The ring is the "
            "present image: draw, and it moves."
        ),
        Message(
            "Limits: two directions of many. Points that lie on each other here may be far apart "
            "in the layer; the caption says how much of the variance is seen."
        ),
    ),
    "tsne": ViewWords(
        Message("Map (t-SNE)"),
        Message(
            "Each point is a test image, moved about until neighbours in the layer are neighbours "
            "in the plane (van der Maaten and Hinton, 2008). The ring lies between the nearest "
            "neighbours of the present image."
        ),
        Message(
            "Limits: how large a cluster is and how far one is from another means "
            "nothing, and axes have no meaning. Only which points are close to each "
            "other can be read."
        ),
    ),
    "likes": ViewWords(
        Message("What a map likes"),
        Message(
            "From the left: the nine test images with the largest value anywhere in "
            "the map, framed where it is; a picture that began as noise and was "
            "changed until the mean of the map is large, a little moved and blurred "
            "on the way (activation maximisation; Erhan et al., 2009); and the "
            "average image of a class, with what the map makes of it. A unit of a "
            "dense layer is a map of one value."
        ),
        Message(
            "Limits: what excites a map most is not all that it answers to. The picture is one of "
            "many that would do as well, and looks like nothing that the network was trained with."
        ),
    ),
}


def hidden_layer(report: Report) -> str:
    """The uid of what the last layer with weights reads: all that the answer is made from."""
    last = [row for row in report.rows if row.tensors and not row.off]
    return last[-1].source if last else INPUT_UID
