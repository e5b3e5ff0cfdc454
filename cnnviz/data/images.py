"""Pictures from files: photos, scans and drawings, made into what a network gets to see."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import numpy as np
from PIL import Image, ImageFilter, ImageOps, UnidentifiedImageError

from cnnviz.atomic import unreadable
from cnnviz.data.digits import MNIST_LIKE, SIDE, DrawingSteps, prepare
from cnnviz.data.errors import DataError
from cnnviz.message import Message

if TYPE_CHECKING:
    from os import PathLike

    from numpy.typing import NDArray

FORMATS = ("PNG", "JPEG", "BMP", "GIF", "WEBP", "TIFF", "PPM")
"""What is opened. Pillow's other formats are rare, and one of them starts a foreign program."""

MAX_PIXELS = 64_000_000
"""Larger pictures are refused from their header, before any memory is asked for."""

_MIDDLE_GREY = 128
_PHOTO_SIDE = 512  # pixels to which a photo's longer side is reduced; a digit needs no more
_PAPER_SIDE = 128  # shadows on the paper are found in a picture of this size,
_PAPER_WINDOW = 33  # in a window of that many pixels: wider than a stroke, narrower than a shadow


def load_image(path: str | PathLike[str]) -> NDArray[np.uint8]:
    """Read a picture as it is meant to be seen, in grey: uint8 (height, width), 255 is white.

    It is turned as its EXIF tag says, and what is transparent in it becomes white. Raises DataError
    for a file that is missing, no picture of one of FORMATS, damaged, or over MAX_PIXELS.
    """
    return np.asarray(_open(Path(path)))


def digit_from_image(
    path: str | PathLike[str], steps: DrawingSteps = MNIST_LIKE
) -> NDArray[np.uint8]:
    """Read a picture of one digit as an image (28, 28) like MNIST's, white on black.

    A picture of 28×28 pixels that is white on black already is taken as it is. Any other goes
    through `prepare`; where its border is light, as paper is, dark ink is made white first, and
    shadows and noise of a photo are taken away. Raises DataError as `load_image` does, and for a
    picture that is all one colour.
    """
    path = Path(path)
    picture = _open(path)
    pixels = np.asarray(picture)
    if pixels.shape == (SIDE, SIDE) and not _on_light(pixels):
        return pixels
    ink = _ink(picture)
    if not ink.any():
        raise DataError(
            Message(
                "There is nothing to see in {file}: it is all one colour. "
                "Choose a picture of one digit.",
                file=path.name,
            )
        )
    return prepare(ink, steps)


def fitted_image(path: str | PathLike[str], size: tuple[int, ...]) -> NDArray[np.uint8]:
    """Read a picture as it is meant to be seen, made to fit: uint8 of the size that is asked for.

    size: (height, width) for grey, (height, width, 3) for colours. The picture keeps its aspect
    ratio: it is made as small as covers the size, and what stands over is cut off on both sides.
    Raises DataError as `load_image` does.
    """
    height, width = size[:2]
    picture = _open(Path(path), colour=len(size) == 3, draft=(2 * width, 2 * height))
    return np.asarray(ImageOps.fit(picture, (width, height), Image.Resampling.BILINEAR))


def _open(path: Path, *, colour: bool = False, draft: tuple[int, int] | None = None) -> Image.Image:
    """The picture in grey (mode L) or in colour (mode RGB).

    draft: a JPEG may be decoded smaller, as long as it covers this width and height: that is
    several times as fast.
    """
    try:
        with path.open("rb") as stream:
            return _decode(stream, path.name, colour, draft)
    except OSError as error:
        raise DataError(unreadable(path, error)) from error


def _decode(
    stream: BinaryIO, file: str, colour: bool, draft: tuple[int, int] | None
) -> Image.Image:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # odd tags; large sizes are checked here
            with Image.open(stream, formats=FORMATS) as picture:
                if picture.width * picture.height > MAX_PIXELS:
                    raise _too_large(file)
                if draft is not None:
                    picture.draft("RGB" if colour else "L", (max(draft), max(draft)))
                upright = ImageOps.exif_transpose(picture)
                return _plain(upright, "RGB" if colour else "L")
    except DataError:
        raise
    except Image.DecompressionBombError as error:
        raise _too_large(file) from error
    except UnidentifiedImageError as error:
        raise DataError(
            Message(
                "{file} is not a picture that can be read. Choose one of these kinds: {kinds}.",
                file=file,
                kinds=", ".join(FORMATS),
            )
        ) from error
    except Exception as error:
        # A damaged file makes Pillow's decoders raise whatever they stumble over: OSError,
        # SyntaxError, ValueError, struct.error, EOFError and more.
        raise DataError(
            Message(
                "{file} is damaged and cannot be read. Save the picture again, or choose another.",
                file=file,
            )
        ) from error


def _too_large(file: str) -> DataError:
    return DataError(
        Message(
            "{file} has more than {limit:,} pixels. Make the picture smaller first.",
            file=file,
            limit=MAX_PIXELS,
        )
    )


def _plain(picture: Image.Image, mode: str) -> Image.Image:
    """In grey or in colour, without transparency, eight bits each."""
    if picture.mode.startswith("I"):  # 16 bits; Pillow's own conversion would cut off at 255
        levels = (np.clip(np.asarray(picture), 0, 65535) // 257).astype(np.uint8)
        return Image.fromarray(levels).convert(mode)
    if picture.has_transparency_data:
        paper = Image.new("RGBA", picture.size, "white")
        picture = Image.alpha_composite(paper, picture.convert("RGBA"))
    return picture.convert(mode)


def _on_light(pixels: NDArray[np.uint8]) -> bool:
    """Whether the border, which belongs to the background, is lighter than the middle grey."""
    return bool(np.median(_border(pixels)) >= _MIDDLE_GREY)


def _border(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return np.concatenate([pixels[0], pixels[-1], pixels[:, 0], pixels[:, -1]])


def _ink(picture: Image.Image) -> NDArray[np.uint8]:
    """The ink of a picture as white on black, with nothing but black around it."""
    if not _on_light(np.asarray(picture)):
        picture = ImageOps.invert(picture)
    picture.thumbnail((_PHOTO_SIDE, _PHOTO_SIDE), Image.Resampling.BOX)
    grey = np.asarray(picture)
    border = _border(grey)
    if border.min() == border.max():  # drawn by a program: no grain, every grey is an edge
        return _darker_than(border[0], grey)
    ink = _darker_than(_paper(picture), grey)
    # A ramp over the middle half between paper and ink: the paper's grain becomes black, ink in a
    # shadow as white as any other, and only the edges of strokes stay grey.
    blank, full = _two_levels(ink)
    ramp: NDArray[np.floating] = (ink - blank) / max(full - blank, 1) * 2 - 0.5
    return (ramp.clip(0, 1) * 255).astype(np.uint8)


def _darker_than(paper: NDArray[np.uint8] | np.uint8, grey: NDArray[np.uint8]) -> NDArray[np.uint8]:
    ink: NDArray[np.uint8] = paper - np.minimum(grey, paper)
    return ink


def _paper(picture: Image.Image) -> NDArray[np.uint8]:
    """How light the paper is at every pixel: shadows change slowly, strokes are narrow and dark."""
    small = picture.copy()
    small.thumbnail((_PAPER_SIDE, _PAPER_SIDE), Image.Resampling.BOX)
    # A morphological closing fills strokes with the paper around them and keeps slow slopes.
    closed = small.filter(ImageFilter.MaxFilter(_PAPER_WINDOW))
    closed = closed.filter(ImageFilter.MinFilter(_PAPER_WINDOW))
    return np.asarray(closed.resize(picture.size, Image.Resampling.BILINEAR))


def _two_levels(pixels: NDArray[np.uint8]) -> tuple[float, float]:
    """The mean grey of the darker and of the lighter pixels, parted where they differ most.

    The parting maximises the variance between the two (N. Otsu: A threshold selection method from
    gray-level histograms, 1979).
    """
    counts = np.bincount(pixels.ravel(), minlength=256)
    count, mass = counts.cumsum(), (counts * np.arange(256)).cumsum()
    with np.errstate(divide="ignore", invalid="ignore"):  # where one side is empty
        darker = mass / count
        lighter = (mass[-1] - mass) / (count[-1] - count)
        between = count * (count[-1] - count) * (lighter - darker) ** 2
    if np.isnan(between).all():
        return darker[-1], darker[-1]
    best = np.nanargmax(between)
    return float(darker[best]), float(lighter[best])
