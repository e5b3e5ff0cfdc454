"""How an exported script reads its data set: from the files as they are published, or makes it.

Every way is a function `read(folder, part)` that gives arrays of bytes, images (count, height,
width) or (count, height, width, 3) and labels (count,), of the part "train" or "t10k". MNIST and
Fashion-MNIST, which both libraries can fetch, are read in the script's own words.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib import resources
from string import Template
from typing import TYPE_CHECKING

from cnnviz.data.datasets import TOY_SEEDS, data_set
from cnnviz.data.folders import SUFFIXES, TEST_PART, ImageFolder

if TYPE_CHECKING:
    from cnnviz.data.catalogue import DataSet
    from cnnviz.data.datasets import Source


@dataclass(frozen=True, slots=True)
class Reading:
    """Parts of a script.

    where: sentences on what the folder holds. imports: modules of Python's own, beside those that
    the script imports anyway. needs: packages. source: the functions, `read` the last of them; ""
    where the script fetches the data set through its library, which calls it `library`.
    """

    where: str
    imports: tuple[str, ...]
    needs: tuple[str, ...]
    source: str
    library: str = ""


def size_of(known: DataSet) -> str:
    """How large the images are, as a script says it."""
    return f"{known.height}, {known.width}" + (", 3" if known.channels == 3 else "")


_FETCHED = {"mnist": ("MNIST", "mnist"), "fashion_mnist": ("FashionMNIST", "fashion_mnist")}
"""What torchvision and Keras call those that both of them can fetch."""


def reading_of(source: Source, library: int) -> Reading:
    """How a data set is read; library: 0 for torchvision's name of it, 1 for Keras's."""
    known = data_set(source)
    if isinstance(source, ImageFolder):
        return _folder(source)
    if known.name in _FETCHED:
        where = f"FOLDER holds {known.title} as it is published: four IDX files, gzipped or not."
        return Reading(where, ("gzip",), (), "", _FETCHED[known.name][library])
    if known.name.startswith("toy_"):
        return _toy(known)
    if known.channels == 3:
        return _cifar(known)
    return _idx(known)


def torch_reading(source: Source, data: DataSet) -> dict[str, str]:
    """What the PyTorch script's template wants of the data set, by its names."""
    reading, size = reading_of(source, library=0), size_of(data)
    where = reading.where
    if reading.library:
        where += " Where they are missing and\ntorchvision is installed, it downloads them there."
        code = Template(_TORCH_FETCHED).safe_substitute(data=reading.library)
    else:
        code = Template(_TORCH_READ).substitute(source=reading.source, size=size)
    return {
        "where": where,
        "gzip": "import gzip\n" if "gzip" in reading.imports else "",
        "zlib": "import zlib\n" if "zlib" in reading.imports else "",
        "pillow": "from PIL import Image, ImageOps\n" if "pillow" in reading.needs else "",
        "size": size,
        "channels": str(data.channels),
        "channels_first": "unsqueeze(1)" if data.channels == 1 else "movedim(-1, 1)",
        "load_data": code,
    }


def keras_reading(source: Source, data: DataSet) -> dict[str, str]:
    """What the Keras script's template wants of the data set, by its names."""
    reading = reading_of(source, library=1)
    where = f"{reading.where}\n"
    if reading.library:
        where = f"{reading.where} Where they are missing, Keras\ndownloads them."
        code = Template(_KERAS_FETCHED).safe_substitute(data_name=reading.library)
    else:
        code = Template(_KERAS_READ).substitute(source=reading.source)
    cast = 'ops.cast(images, "float32")'
    return {
        "where": where,
        "gzip": "import gzip\n" if "gzip" in reading.imports else "",
        "zlib": "import zlib\n" if "zlib" in reading.imports else "",
        "pillow": "from PIL import Image, ImageOps\n" if "pillow" in reading.needs else "",
        "size": size_of(data),
        "channels": str(data.channels),
        "channels_last": f"ops.expand_dims({cast}, -1)" if data.channels == 1 else cast,
        "load_data": code,
    }


def _idx(known: DataSet) -> Reading:
    emnist = known.name.startswith("emnist_")
    split = known.name.removeprefix("emnist_")
    first = 1 if known.name == "emnist_letters" else 0
    return Reading(
        _where(known, "four IDX files, gzipped"),
        ("gzip",),
        ("numpy",),
        Template(_IDX).substitute(
            beginning=f'"emnist-{split}-" + ("train" if part == "train" else "test")'
            if emnist
            else "part",
            missing=_missing(known),
            upright="images = images.transpose(0, 2, 1)  # they are published on their sides\n    "
            if emnist
            else "",
            labels=f"labels - {first}  # they begin with {first}" if first else "labels.copy()",
        ),
    )


def _cifar(known: DataSet) -> Reading:
    many = known.name == "cifar10"
    train = '[f"data_batch_{n}.bin" for n in range(1, 6)]' if many else '["train.bin"]'
    return Reading(
        _where(known, "its binary version, unpacked"),
        (),
        ("numpy",),
        Template(_CIFAR).substitute(
            train=train,
            test="test_batch.bin" if many else "test.bin",
            labels=1 if many else 2,
            missing=_missing(known),
        ),
    )


def _toy(known: DataSet) -> Reading:
    text = resources.files("cnnviz").joinpath("data", "toys.py").read_text(encoding="utf-8")
    start = text.index("SIDE = ")
    body = text[start:].replace("Maker = Callable[[int, int], tuple[np.ndarray, np.ndarray]]\n", "")
    body = body.replace('"""Of a seed and a count: images and labels."""\n', "")
    read = Template(_TOY).substitute(
        make=known.name.removeprefix("toy_"),
        train=(TOY_SEEDS["train"], known.train_count),
        test=(TOY_SEEDS["test"], known.test_count),
    )
    where = "The images are made on the spot; FOLDER is not looked at."
    return Reading(where, (), ("numpy",), f"{body.strip()}\n\n\n{read}")


def _folder(folder: ImageFolder) -> Reading:
    colours = folder.channels == 3
    return Reading(
        "FOLDER holds a folder of pictures for each class; it may hold these in two folders train "
        "and test.",
        ("zlib",),
        ("numpy", "pillow"),
        Template(_FOLDER).substitute(
            classes=list(folder.classes),
            suffixes=sorted(SUFFIXES),
            one_in=TEST_PART,
            mode="RGB" if colours else "L",
            height=folder.height,
            width=folder.width,
            draft=2 * max(folder.height, folder.width),
        ),
    )


def _where(known: DataSet, files: str) -> str:
    return f"FOLDER holds {known.title} as it is published: {files}."


def _missing(known: DataSet) -> str:
    return f'raise SystemExit(f"{{path}} is missing; FOLDER should hold {known.title}.")'


_IDX = '''\
def read_idx(path):
    """An IDX file of bytes: 0, 0, 8, the number of dimensions, their sizes, the values."""
    if not path.exists():
        $missing
    with gzip.open(path, "rb") as file:
        dimensions = file.read(4)[3]
        shape = [int.from_bytes(file.read(4), "big") for _ in range(dimensions)]
        return np.frombuffer(file.read(), np.uint8).reshape(shape)


def read(folder, part):
    """Images and labels as arrays of bytes."""
    name = $beginning
    images = read_idx(folder / f"{name}-images-idx3-ubyte.gz")
    labels = read_idx(folder / f"{name}-labels-idx1-ubyte.gz")
    ${upright}return images.copy(), $labels'''

_CIFAR = '''\
def read(folder, part):
    """Images and labels as arrays of bytes. A record is $labels label(s), then three planes."""
    names = $train if part == "train" else ["$test"]
    records = []
    for path in (folder / name for name in names):
        if not path.exists():
            $missing
        records.append(np.fromfile(path, np.uint8).reshape(-1, $labels + 3 * 32 * 32))
    records = np.concatenate(records)
    planes = records[:, $labels:].reshape(-1, 3, 32, 32)
    return planes.transpose(0, 2, 3, 1).copy(), records[:, $labels - 1].copy()'''

_TOY = '''\
def read(folder, part):
    """Images and labels as arrays of bytes."""
    seed, count = $train if part == "train" else $test
    return $make(seed, count)'''

_FOLDER = '''\
CLASSES = $classes
SUFFIXES = $suffixes


def files_of(folder, part):
    """The pictures of each class; in a folder without parts one in $one_in is for the test."""
    there = {path.name.lower(): path for path in folder.iterdir() if path.is_dir()}
    train = next((there[n] for n in ("train", "training") if n in there), None)
    names = ("test", "testing", "val", "valid", "validation")
    test = next((there[n] for n in names if n in there), None)
    for label, name in enumerate(CLASSES):
        root = folder if not (train and test) else train if part == "train" else test
        paths = sorted(
            path.relative_to(folder).as_posix()
            for path in (root / name).rglob("*")
            if path.suffix.lower() in SUFFIXES and not path.name.startswith(".")
        )
        if not (train and test):
            by_chance = sorted(paths, key=lambda path: (zlib.crc32(path.encode()), path))
            aside = set(by_chance[: max(1, len(paths) // $one_in)] if len(paths) > 1 else [])
            paths = [path for path in paths if (path in aside) == (part != "train")]
        for path in paths:
            yield folder / path, label


def read(folder, part):
    """Images and labels as arrays of bytes; what cannot be read is left out."""
    if not folder.is_dir():
        raise SystemExit(f"There is no folder {folder}.")
    images, labels = [], []
    for path, label in files_of(folder, part):
        try:
            with Image.open(path) as picture:
                picture.draft("$mode", ($draft, $draft))
                upright = ImageOps.exif_transpose(picture)
                if upright.has_transparency_data:
                    paper = Image.new("RGBA", upright.size, "white")
                    upright = Image.alpha_composite(paper, upright.convert("RGBA"))
                plain = upright.convert("$mode")
        except (OSError, SyntaxError, ValueError):
            print(f"{path} cannot be read, and is left out.")
            continue
        fitted = ImageOps.fit(plain, ($width, $height), Image.Resampling.BILINEAR)
        images.append(np.asarray(fitted))
        labels.append(label)
    if not images:
        raise SystemExit(f"{folder} holds no pictures of {CLASSES}.")
    return np.stack(images), np.array(labels, np.uint8)'''

_TORCH_FETCHED = '''\
def read_idx(path: Path) -> torch.Tensor:
    """An IDX file of bytes: 0, 0, 8, the number of dimensions, their sizes, the values."""
    with (gzip.open if path.suffix == ".gz" else open)(path, "rb") as file:
        dimensions = file.read(4)[3]
        shape = [int.from_bytes(file.read(4), "big") for _ in range(dimensions)]
        return torch.frombuffer(bytearray(file.read()), dtype=torch.uint8).reshape(shape)


def load(folder: Path, part: str) -> tuple[torch.Tensor, torch.Tensor]:
    """Images (count, 28, 28) and labels (count,) of a part, "train" or "t10k"."""
    names = (f"{part}-images-idx3-ubyte", f"{part}-labels-idx1-ubyte")
    paths = [path for name in names for path in sorted(folder.glob(f"{name}*"))[:1]]
    if len(paths) == 2:
        images, labels = map(read_idx, paths)
        return images, labels.long()
    try:
        from torchvision.datasets import $data
    except ImportError:
        raise SystemExit(f"{folder} holds no {names[0]} and {names[1]}.") from None
    dataset = $data(folder, train=part == "train", download=True)
    return dataset.data, dataset.targets'''

_TORCH_READ = '''\
$source


def load(folder: Path, part: str) -> tuple[torch.Tensor, torch.Tensor]:
    """Images (count, $size) and labels (count,) of a part, "train" or "t10k"."""
    images, labels = read(folder, part)
    return torch.from_numpy(images), torch.from_numpy(labels).long()'''

_KERAS_FETCHED = '''\
def read_idx(path):
    """An IDX file of bytes: 0, 0, 8, the number of dimensions, their sizes, the values."""
    with (gzip.open if path.suffix == ".gz" else open)(path, "rb") as file:
        dimensions = file.read(4)[3]
        shape = [int.from_bytes(file.read(4), "big") for _ in range(dimensions)]
        return np.frombuffer(file.read(), np.uint8).reshape(shape)


def load(folder):
    """((images, labels), (images, labels)): those to learn from, and those to test with."""
    parts = []
    for part in ("train", "t10k"):
        names = (f"{part}-images-idx3-ubyte", f"{part}-labels-idx1-ubyte")
        paths = [path for name in names for path in sorted(folder.glob(f"{name}*"))[:1]]
        if len(paths) < 2:
            return keras.datasets.$data_name.load_data()
        parts.append(tuple(map(read_idx, paths)))
    return parts'''

_KERAS_READ = '''\
$source


def load(folder):
    """((images, labels), (images, labels)): those to learn from, and those to test with."""
    return [read(folder, part) for part in ("train", "t10k")]'''
