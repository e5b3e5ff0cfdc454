"""What becomes of a data set before a network learns from it: each setting is declared once.

Which images are learned from, what is done to every image that the network ever sees, and what is
done to training images alone, by chance. By default nothing is.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Literal

import msgspec
from msgspec import Struct

from cnnviz.data.division import Division, divide
from cnnviz.layers.fields import about
from cnnviz.message import Message

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from cnnviz.data.greys import Greys

Validation = Literal["none", "share", "number"]
Scaling = Literal["unit", "standardised", "one_deviation", "two_deviations"]
Flip = Literal["never", "horizontal", "vertical", "both"]

PREPARATION_NAMES: dict[str, Message] = {
    "none": Message("None"),
    "share": Message("A share"),
    "number": Message("A number"),
    "unit": Message("0 to 1"),
    "standardised": Message("Standardised"),
    "one_deviation": Message("Contrast to ±1 σ"),
    "two_deviations": Message("Contrast to ±2 σ"),
    "never": Message("Never"),
    "horizontal": Message("Left and right"),
    "vertical": Message("Top and bottom"),
    "both": Message("Both ways"),
}
"""What to call each word that a setting may choose."""

DEVIATIONS: dict[str, int] = {"one_deviation": 1, "two_deviations": 2}
"""How many standard deviations of an image become ±1, by its scaling."""

LEAST_DEVIATION = 1 / 255
"""What an image's deviation is taken for at least: less than a grey is no contrast."""


class Preparation(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """How a data set is prepared. A setting without a meaning beside the others has no effect.

    Lengths are shares of the image's side, in percent, so that they mean the same for every size.
    """

    classes: Annotated[
        tuple[str, ...],
        about(
            Message("Classes"),
            Message(
                "The classes whose images are learned from and tested with. The network keeps an "
                "output for every class of the data set. None named: all."
            ),
        ),
    ] = ()
    images: Annotated[
        int,
        about(
            Message("Training images"),
            Message(
                "How many images are learned from, of every class as many as of the others. With "
                "few of them a network learns them by heart. 0: all there are."
            ),
            zero=Message("all"),
            ge=0,
            le=10**9,
        ),
    ] = 0
    validation: Annotated[
        Validation,
        about(
            Message("Validation images"),
            Message(
                "Training images that are put aside: nothing is learned from them, and by them it "
                "is judged when to stop or to reduce the learning rate, so that the test images "
                "stay for the end."
            ),
        ),
    ] = "none"
    validation_share: Annotated[
        float,
        about(
            Message("Put aside, %"),
            Message("The share of each class's training images that is put aside."),
            step=1,
            gt=0,
            le=90,
        ),
    ] = 10.0
    validation_images: Annotated[
        int,
        about(
            Message("Put aside"),
            Message("So many training images are put aside, of every class as many."),
            ge=1,
            le=10**9,
        ),
    ] = 5000
    label_noise: Annotated[
        float,
        about(
            Message("Wrong labels, %"),
            Message(
                "This share of the training images gets the label of another class, by chance. "
                "What was put aside and the test images keep theirs, so that one sees what is "
                "learned by heart."
            ),
            step=1,
            ge=0,
            le=100,
        ),
    ] = 0.0
    split_seed: Annotated[
        int,
        about(
            Message("Seed of the choice"),
            Message(
                "Where the chance starts by which images are chosen, put aside and mislabelled. It "
                "is another one than the seed of the weights, so that both can be changed alone."
            ),
            ge=0,
            le=2**53,
        ),
    ] = 0
    equalisation: Annotated[
        bool,
        about(
            Message("CLAHE"),
            Message(
                "Contrast-limited adaptive histogram equalisation (Zuiderveld, 1994): every region "
                "of the image gets its full range of greys, each colour by itself."
            ),
        ),
    ] = False
    clip_limit: Annotated[
        float,
        about(
            Message("Clip limit"),
            Message(
                "How many times as often as the average a grey may count in its region. 1 leaves "
                "the contrast nearly as it is; the more, the stronger, noise as well."
            ),
            step=1,
            ge=1,
            le=256,
        ),
    ] = 8.0
    tiles: Annotated[
        int,
        about(
            Message("Regions a side"),
            Message("Into so many regions each side of the image is divided."),
            ge=1,
            le=16,
        ),
    ] = 2
    scaling: Annotated[
        Scaling,
        about(
            Message("Values"),
            Message(
                "What the network gets to see of the greys: 0 for black to 1 for white; or so that "
                "all training images of the data set together have mean 0 and deviation 1; or each "
                "image by itself, so that its mean is 0 and one or two of its standard deviations "
                "are ±1, with everything beyond cut off."
            ),
        ),
    ] = "unit"
    move: Annotated[
        float,
        about(
            Message("Shift, %"),
            Message(
                "Each training image is moved by itself, by up to this share of its side in both "
                "directions. (The setting Batch shift moves a whole batch at once, and is quicker.)"
            ),
            step=1,
            ge=0,
            le=50,
        ),
    ] = 0.0
    rotate: Annotated[
        float,
        about(
            Message("Rotation, °"),
            Message("Each training image is turned by up to so many degrees, either way."),
            step=1,
            ge=0,
            le=180,
        ),
    ] = 0.0
    zoom: Annotated[
        float,
        about(
            Message("Scale, %"),
            Message("Each training image is made smaller or larger by up to this share."),
            step=1,
            ge=0,
            le=90,
        ),
    ] = 0.0
    shear: Annotated[
        float,
        about(
            Message("Shear, °"),
            Message("Upright lines of each training image lean by up to so many degrees."),
            step=1,
            ge=0,
            le=60,
        ),
    ] = 0.0
    flip: Annotated[
        Flip,
        about(
            Message("Flip"),
            Message(
                "Half of the training images are mirrored, by chance. It helps with photos; a "
                "mirrored digit mostly is none."
            ),
        ),
    ] = "never"
    elastic: Annotated[
        float,
        about(
            Message("Elastic"),
            Message(
                "How far the image is distorted like a rubber sheet (α of Simard, Steinkraus and "
                "Platt, 2003, who took 34 for digits)."
            ),
            step=1,
            ge=0,
            le=200,
        ),
    ] = 0.0
    elastic_width: Annotated[
        float,
        about(
            Message("Smoothness"),
            Message(
                "How wide the waves of the rubber sheet are, in pixels (σ of Simard, Steinkraus "
                "and Platt, who took 4)."
            ),
            step=0.5,
            ge=0.5,
            le=32,
        ),
    ] = 4.0
    noise: Annotated[
        float,
        about(
            Message("Noise, %"),
            Message("The deviation of the noise that is added, where black to white is 100 %."),
            step=1,
            ge=0,
            le=100,
        ),
    ] = 0.0
    erase: Annotated[
        float,
        about(
            Message("Erase, %"),
            Message(
                "The side of a square that is made black, somewhere in each training image "
                "(DeVries and Taylor, 2017)."
            ),
            step=1,
            ge=0,
            le=100,
        ),
    ] = 0.0
    unchanged: Annotated[
        float,
        about(
            Message("Unchanged at the end, %"),
            Message(
                "For this last part of a run, training images stay as they are, so that the "
                "network ends with images like those that it is tested with (He and others, 2019)."
            ),
            step=5,
            ge=0,
            le=100,
        ),
    ] = 0.0

    def shown(self, field: str) -> bool:
        """Whether a setting has a meaning with the present values of the others."""
        meaning = {
            "validation_share": self.validation == "share",
            "validation_images": self.validation == "number",
            "clip_limit": self.equalisation,
            "tiles": self.equalisation,
            "elastic_width": self.elastic > 0,
            "unchanged": self.augments,
        }
        return meaning.get(field, True)

    def chosen(self, classes: Sequence[str]) -> list[int]:
        """The numbers of the classes to learn, of those of a data set; where it has none of them,
        all."""
        named = [number for number, name in enumerate(classes) if name in self.classes]
        return named or list(range(len(classes)))

    def divide(self, labels: NDArray[np.uint8], classes: Sequence[str]) -> Division:
        """Which of a data set's training images are used for what, by their labels (count,)."""
        return divide(
            labels,
            self.chosen(classes),
            images=self.images,
            share=self.validation_share / 100 if self.validation == "share" else 0.0,
            number=self.validation_images if self.validation == "number" else 0,
            noise=self.label_noise / 100,
            seed=self.split_seed,
        )

    def learned_from(self, there: int, classes: Sequence[str]) -> int:
        """How many images are learned from, of so many; exactly where all classes have as many of
        them, and else about so many. For what is planned before the labels have been read."""
        count = there * len(self.chosen(classes)) // max(1, len(classes))
        if self.validation == "share":
            count -= round(count * self.validation_share / 100)
        elif self.validation == "number":
            count -= min(self.validation_images, count)
        return min(self.images, count) if self.images else count

    def range(self, greys: Greys) -> tuple[float, float]:
        """The least and the greatest value that the network may get to see."""
        if self.scaling in DEVIATIONS:
            return -1.0, 1.0
        if self.scaling == "standardised":
            ends = [(grey - m) / d for grey in (0, 1) for m, d in zip(*greys, strict=True)]
            return min(ends), max(ends)
        return 0.0, 1.0

    @property
    def augments(self) -> bool:
        """Whether training images are changed by chance."""
        return any(getattr(self, name) not in (0, "never") for name in _BY_CHANCE)

    def changing(self, steps: int) -> int:
        """In how many of a run's steps, the first ones, training images may be changed by chance.

        Augmented images are not quite those of the test: He, Xie, Chen, Zhang, Wang and Tian, Data
        augmentation revisited (2019), end without them.
        """
        kept = self.unchanged if self.augments else 0.0
        return round(steps * (1 - kept / 100))


WARP = ("move", "rotate", "zoom", "shear", "flip", "elastic")
"""What is done at once, by where each pixel is read from."""
_BY_CHANCE = (*WARP, "noise", "erase")

AUGMENTATION = (*WARP, "elastic_width", "noise", "erase", "unchanged")
"""What is done to training images alone, by chance."""

GROUPS: tuple[tuple[Message, tuple[str, ...]], ...] = (
    (
        Message("Images"),
        (
            "classes", "images", "validation", "validation_share", "validation_images",
            "label_noise", "split_seed",
        ),
    ),
    (Message("Every image"), ("equalisation", "clip_limit", "tiles", "scaling")),
    (Message("Random changes to training images"), AUGMENTATION),
)  # fmt: skip
"""The settings as a form shows them: every one, once."""

NEXT_RUN = frozenset((*GROUPS[0][1], "equalisation", "clip_limit", "tiles"))
"""What counts from the next run on: the images are chosen and equalised before it begins. All else
changes a run that goes on."""


def before_a_run(preparation: Preparation) -> Preparation:
    """Only what is done with the images before a run begins; all else as by default."""
    return changed_live(preparation, Preparation())


def changed_live(before: Preparation, after: Preparation) -> Preparation:
    """`after`, with what counts from the next run on as it was `before`."""
    return msgspec.structs.replace(after, **{name: getattr(before, name) for name in NEXT_RUN})
