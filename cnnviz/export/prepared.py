"""How the data are prepared, as parts of an exported script.

What is done with every image and what chance does are printed from the very functions that the
engine calls, so that the numbers are the same.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnnviz.augmentation import augmentation_calls
from cnnviz.data.greys import greys_of
from cnnviz.export.source import STEP, source_of
from cnnviz.preparation import DEVIATIONS, LEAST_DEVIATION

if TYPE_CHECKING:
    from cnnviz.data.catalogue import DataSet
    from cnnviz.preparation import Preparation

CHOICE = ("divided", "fair", "mislabelled")
EQUALISED = ("equalised", "_tiles", "_between")


def chooses(preparation: Preparation) -> bool:
    """Whether some of the images are chosen, put aside or mislabelled."""
    return bool(
        preparation.classes
        or preparation.images
        or preparation.validation != "none"
        or preparation.label_noise
    )


def puts_aside(preparation: Preparation) -> bool:
    """Whether there are images for validation."""
    return preparation.validation != "none"


def numpy_functions(preparation: Preparation, data: DataSet) -> list[str]:
    """Those that work on arrays before anything is learned; all of them where images are chosen."""
    found: list[str] = []
    if chooses(preparation):
        found += source_of("data", "division", CHOICE)
    if preparation.equalisation:
        found += source_of("data", "equalisation", EQUALISED)
    if found:
        found.append(_prepared(preparation, data))
    return found


def _prepared(preparation: Preparation, data: DataSet) -> str:
    """The function that the script's own `load` is wrapped in."""
    classes = preparation.chosen(data.classes)
    lines = [
        "def chosen(images, labels, training):",
        f'{STEP}"""[images, labels] to learn from and, behind them, those that are put aside; or',
        f'{STEP}to test with. Arrays: (count, {data.height}, {data.width}) and (count,)."""',
    ]
    body = []
    if preparation.equalisation:
        tiles, limit = preparation.tiles, preparation.clip_limit
        body.append(f"images = equalised(images, {tiles}, {limit!r})")
    if chooses(preparation):
        share = preparation.validation_share / 100 if preparation.validation == "share" else 0.0
        number = preparation.validation_images if preparation.validation == "number" else 0
        noise = preparation.label_noise / 100
        body += [
            f"classes = {classes}",
            "if not training:",
            f"{STEP}tested = np.isin(labels, classes)",
            f"{STEP}return [images[tested], labels[tested]]",
            "train, aside, taught = divided(",
            f"{STEP}labels,",
            f"{STEP}classes,",
            f"{STEP}images={preparation.images},",
            f"{STEP}share={share!r},",
            f"{STEP}number={number},",
            f"{STEP}noise={noise!r},",
            f"{STEP}seed={preparation.split_seed},",
            ")",
            "return [images[train], taught, images[aside], labels[aside]]",
        ]
    else:
        body.append("return [images, labels]")
    return "\n".join([*lines, *(STEP + line for line in body)])


def torch_functions(preparation: Preparation, *, reference: bool = False) -> list[str]:
    """Those that change images by chance, and `augment`, which calls them.

    reference: as those of the same step of a run in the program.
    """
    calls = augmentation_calls(preparation)
    if not calls:
        return []
    names = {call.name for call in calls}
    if "warped" in names:
        names |= {"bent", "sources"}  # which it calls
    argument, seed = "x: torch.Tensor", "int(torch.randint(2**60, ()))"
    if reference:
        argument, seed = "x: torch.Tensor, step: int", 'seed_of("augment", step)'
    lines = [
        f"def augment({argument}) -> torch.Tensor:",
        f'{STEP}"""Each image of a batch changed by chance, by itself."""',
        f"{STEP}seed = {seed}",
    ]
    for call in calls:
        words = ", ".join(f"{name}={value!r}" for name, value in call.keywords.items())
        lines.append(f"{STEP}x = {call.name}(x, seed, {words})")
    lines.append(f"{STEP}return x")
    return [*source_of("engine", "augment", names), "\n".join(lines)]


def scaled_in_torch(preparation: Preparation, data: DataSet, channels: int) -> list[str]:
    """The lines that scale `x`, (batch, channels, height, width) of 0 to 1."""
    if preparation.scaling == "standardised":
        return _standardised(data, channels, "torch.tensor({}, device=x.device).view(-1, 1, 1)")
    if preparation.scaling in DEVIATIONS:
        times = DEVIATIONS[preparation.scaling]
        return [
            "mean = x.mean((1, 2, 3), keepdim=True)  # of each image",
            "deviation = x.std((1, 2, 3), keepdim=True, correction=0)",
            f"deviation = deviation.clamp(min={_least()})",
            f"x = ((x - mean) / ({times} * deviation)).clamp(-1, 1)",
        ]
    return []


def scaled_in_keras(preparation: Preparation, data: DataSet, channels: int) -> list[str]:
    """The same of `x`, (batch, height, width, channels), with Keras's own functions."""
    if preparation.scaling == "standardised":
        return _standardised(data, channels, "ops.convert_to_tensor({})")
    if preparation.scaling in DEVIATIONS:
        times = DEVIATIONS[preparation.scaling]
        return [
            "mean = ops.mean(x, (1, 2, 3), keepdims=True)  # of each image",
            "deviation = ops.std(x, (1, 2, 3), keepdims=True)",
            f"deviation = ops.maximum(deviation, {_least()})",
            f"x = ops.clip((x - mean) / ({times} * deviation), -1, 1)",
        ]
    return []


def _standardised(data: DataSet, channels: int, tensor: str) -> list[str]:
    """tensor: the call that makes one of a list of a number for each channel, as a template."""
    mean, deviation = greys_of(data.name).of(channels)
    if channels == 1:
        return [f"x = (x - {mean[0]}) / {deviation[0]}  # of the whole data set"]
    return [
        "# of the whole data set",
        f"mean = {tensor.format(list(mean))}",
        f"deviation = {tensor.format(list(deviation))}",
        "x = (x - mean) / deviation",
    ]


def _least() -> str:
    return f"1 / {round(1 / LEAST_DEVIATION)}"
