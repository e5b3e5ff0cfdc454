"""The files that data sets are published in: where they are, how large, and their checksums.

SHA-256 and sizes are those of TensorFlow Datasets (`tensorflow_datasets/url_checksums`); for KMNIST
torchvision's port to Ruby has the same, and for CIFAR-10 and the IDX files the sizes agree with
their makers' pages. The addresses of EMNIST are NIST's own, the older one last.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

from cnnviz.data.storage import data_folder

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Published:
    """One file as it is published.

    size: in bytes. sha256: of the file. addresses: the first that answers is taken.
    same: SHA-256 of what is in a gzip file, where it may have been packed anew (on a USB stick).
    """

    name: str
    size: int
    sha256: str
    addresses: tuple[str, ...]
    same: str = ""


@dataclass(frozen=True, slots=True)
class Kept:
    """A file that is kept of a package.

    data_set: its folder. name: its file there. member: the path inside the archive; "" where the
    published file is kept as it is. size: in bytes; None where only the checksum of the archive
    speaks for it.
    """

    data_set: str
    name: str
    member: str = ""
    size: int | None = None


@dataclass(frozen=True, slots=True)
class Package:
    """What is fetched at once, and what is kept of it."""

    name: str
    files: tuple[Published, ...]
    kept: tuple[Kept, ...]

    @property
    def size(self) -> int:
        """Bytes of all files."""
        return sum(file.size for file in self.files)


def _mnist_like(
    name: str, bases: tuple[str, ...], files: tuple[tuple[str, int, str, str], ...]
) -> Package:
    published = tuple(
        Published(file, size, sha256, tuple(base + file for base in bases), same)
        for file, size, sha256, same in files
    )
    kept = tuple(Kept(name, file.name) for file in published)
    return Package(name, published, kept)


_EMNIST_FILES = tuple(
    f"emnist-{{split}}-{part}-{kind}-ubyte.gz"
    for part in ("train", "test")
    for kind in ("images-idx3", "labels-idx1")
)
_CIFAR_BASE = "https://www.cs.toronto.edu/~kriz/"
_RECORD = 3 * 32 * 32

_ALL = (
    _mnist_like(
        "fashion_mnist",
        (
            "https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion/",
            "https://storage.googleapis.com/tensorflow/tf-keras-datasets/",
            "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",
        ),
        (
            (
                "train-images-idx3-ubyte.gz",
                26_421_880,
                "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84",
                "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888",
            ),
            (
                "train-labels-idx1-ubyte.gz",
                29_515,
                "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845",
                "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9",
            ),
            (
                "t10k-images-idx3-ubyte.gz",
                4_422_102,
                "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073",
                "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b",
            ),
            (
                "t10k-labels-idx1-ubyte.gz",
                5_148,
                "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5",
                "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34",
            ),
        ),
    ),
    _mnist_like(
        "kmnist",
        (
            "https://codh.rois.ac.jp/kmnist/dataset/kmnist/",
            "http://codh.rois.ac.jp/kmnist/dataset/kmnist/",
        ),
        (
            (
                "train-images-idx3-ubyte.gz",
                18_165_135,
                "51467d22d8cc72929e2a028a0428f2086b092bb31cfb79c69cc0a90ce135fde4",
                "",
            ),
            (
                "train-labels-idx1-ubyte.gz",
                29_497,
                "e38f9ebcd0f3ebcdec7fc8eabdcdaef93bb0df8ea12bee65224341c8183d8e17",
                "",
            ),
            (
                "t10k-images-idx3-ubyte.gz",
                3_041_136,
                "edd7a857845ad6bb1d0ba43fe7e794d164fe2dce499a1694695a792adfac43c5",
                "",
            ),
            (
                "t10k-labels-idx1-ubyte.gz",
                5_120,
                "20bb9a0ef54c7db3efc55a92eef5582c109615df22683c380526788f98e42a1c",
                "",
            ),
        ),
    ),
    Package(
        "emnist",
        (
            Published(
                "gzip.zip",
                561_753_746,
                "fb9bb67e33772a9cc0b895e4ecf36d2cf35be8b709693c3564cea2a019fcda8e",
                (
                    "https://biometrics.nist.gov/cs_links/EMNIST/gzip.zip",
                    "https://www.itl.nist.gov/iaui/vip/cs_links/EMNIST/gzip.zip",
                ),
            ),
        ),
        tuple(
            Kept(f"emnist_{split}", name.format(split=split), f"gzip/{name.format(split=split)}")
            for split in ("balanced", "letters", "digits")
            for name in _EMNIST_FILES
        ),
    ),
    Package(
        "cifar10",
        (
            Published(
                "cifar-10-binary.tar.gz",
                170_052_171,
                "c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd",
                (f"{_CIFAR_BASE}cifar-10-binary.tar.gz",),
            ),
        ),
        tuple(
            Kept(
                "cifar10", f"{name}.bin", f"cifar-10-batches-bin/{name}.bin", 10_000 * (1 + _RECORD)
            )
            for name in (*(f"data_batch_{n}" for n in range(1, 6)), "test_batch")
        ),
    ),
    Package(
        "cifar100",
        (
            Published(
                "cifar-100-binary.tar.gz",
                168_513_733,
                "58a81ae192c23a4be8b1804d68e518ed807d710a4eb253b1f2a199162a40d8ec",
                (f"{_CIFAR_BASE}cifar-100-binary.tar.gz",),
            ),
        ),
        tuple(
            Kept("cifar100", f"{part}.bin", f"cifar-100-binary/{part}.bin", count * (2 + _RECORD))
            for part, count in (("train", 50_000), ("test", 10_000))
        ),
    ),
)

PACKAGES: Mapping[str, Package] = MappingProxyType({package.name: package for package in _ALL})


def is_here(data_set: str) -> bool:
    """Whether all files of a data set have been fetched or added; one without any always is."""
    wanted = [kept for package in PACKAGES.values() for kept in package.kept]
    return all(
        (data_folder() / kept.data_set / kept.name).is_file()
        for kept in wanted
        if kept.data_set == data_set
    )
