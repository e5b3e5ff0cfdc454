"""What comes of how data are prepared, in sentences: how many images, and what is wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnnviz.message import Message, listed
from cnnviz.preparation import DEVIATIONS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cnnviz.data.greys import Greys
    from cnnviz.preparation import Preparation


def counted(
    train: Sequence[int], validation: Sequence[int], test: Sequence[int], there: int
) -> tuple[Message, ...]:
    """How many images are learned from, put aside and tested with; the counts are of each class.

    there: how many training images there are.
    """
    said = [
        Message(
            "Learned from: {n:,} of {there:,} images, {each} a class",
            n=sum(train),
            there=there,
            each=_each(train),
        )
    ]
    if any(validation):
        said.append(
            Message("Put aside: {n:,}, {each} a class", n=sum(validation), each=_each(validation))
        )
    said.append(Message("Tested with: {n:,}", n=sum(test)))
    return tuple(said)


def objections(
    preparation: Preparation,
    classes: Sequence[str],
    train: Sequence[int],
    validation: Sequence[int],
    test: Sequence[int],
    batch_size: int,
) -> tuple[Message, ...]:
    """What will not work out, or not as one may think; each with what to do.

    classes: the names, to which the counts belong.
    """
    chosen = preparation.chosen(classes)
    if not sum(train):
        return (
            Message(
                "Nothing is left to learn from. Put fewer images aside, or choose more classes."
            ),
        )
    said = []
    missing = [classes[number] for number in chosen if not train[number]]
    if missing:
        said.append(
            Message(
                "No image to learn from is left of {names}. Use more images, or put fewer aside.",
                names=_names(missing),
            )
        )
    untested = [classes[number] for number in chosen if not test[number]]
    if untested:
        said.append(Message("There are no test images of {names}.", names=_names(untested)))
    unjudged = [classes[number] for number in chosen if not validation[number]]
    if any(validation) and unjudged:
        said.append(
            Message("Nothing is put aside of {names}. Put more aside.", names=_names(unjudged))
        )
    if preparation.validation != "none" and not any(validation):
        said.append(
            Message(
                "Nothing is put aside, because the classes have too few images. Put more aside."
            )
        )
    if batch_size > sum(train):
        said.append(
            Message(
                "A batch has {size:,} images, but there are only {n:,}: each epoch is one step"
                " with all of them. Choose a smaller batch for more steps.",
                size=batch_size,
                n=sum(train),
            )
        )
    if preparation.label_noise and len(chosen) == 1:
        said.append(Message("With one class alone there is no other one to mislabel an image as."))
    return tuple(said)


def input_words(preparation: Preparation, greys: Greys) -> str:
    """In English, for other programs: what they must do with images before a network sees them.

    greys: of the data set, for so many channels as the network sees.
    """
    words = "Values from 0 (black) to 1 (white)"
    if preparation.equalisation:
        tiles, limit = preparation.tiles, preparation.clip_limit
        words += f", after CLAHE with {tiles}×{tiles} tiles and a clip limit of {limit:g}"
    if preparation.scaling == "standardised":
        mean, deviation = (", ".join(map(str, values)) for values in greys)
        words += f"; then less the mean ({mean}) and divided by the deviation ({deviation})"
    elif preparation.scaling in DEVIATIONS:
        times = DEVIATIONS[preparation.scaling]
        words += (
            f"; then of each image less its mean, divided by {times} of its standard deviations, "
            "and cut off at -1 and 1"
        )
    return f"{words}."


MOST_NAMES = 5


def _names(names: Sequence[str]) -> str | Message:
    more = len(names) - MOST_NAMES
    said = listed(names[:MOST_NAMES])
    return Message("{names} … +{n:,}", names=said, n=more) if more > 0 else said


def _each(counts: Sequence[int]) -> str:
    """How many a class has, of those that have any: 54, or 53 to 54."""
    there = [count for count in counts if count]
    least, most = (min(there), max(there)) if there else (0, 0)
    return f"{least:,}" if least == most else f"{least:,}–{most:,}"
