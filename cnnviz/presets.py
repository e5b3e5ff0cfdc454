"""The networks that come with the program, in `assets/presets` and `assets/weights`."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from msgspec import Struct

from cnnviz.analysis import analyze
from cnnviz.assets import asset_path
from cnnviz.files import decode_weights
from cnnviz.message import Message, UserError
from cnnviz.network import Network, decode_network
from cnnviz.project import Project, Weights

if TYPE_CHECKING:
    from collections.abc import Mapping

FIRST_START = "first-start"


class Preset(Struct, frozen=True):
    """What is said of a network: where it comes from, what was published of it, what it taught."""

    title: Message
    source: str
    """A citation, which is the same in all languages."""
    taught: Message
    figures: Message | None = None
    """Published counts, under the names of the report's: they must come out of the rules."""


def _parameters(n: int) -> Message:
    return Message("{parameters:,} parameters.", parameters=n)


def _figures(parameters: int, giga: float) -> Message:
    return Message(
        "{parameters:,} parameters, {giga} G multiply-adds.", parameters=parameters, giga=giga
    )


_LECUN_1998 = (
    "LeCun, Bottou, Bengio, Haffner: Gradient-Based Learning Applied to Document Recognition, 1998"
)
_VGG = "Simonyan, Zisserman: Very Deep Convolutional Networks, 2014"
_DEPTH = Message("Small 3×3 kernels, stacked deeper and deeper, do better than large ones.")
_MILLION = "CNNviz, after LeCun et al., 1998, section II.A: local receptive fields, shared weights"
_NORM = Message("With batch norm the deep stacks of VGG train from scratch, and faster.")
_TOWER = Message(
    "A deep network, learned on graphics cards with ReLU and dropout, nearly halved the errors "
    "on ImageNet and began the present of computer vision."
)

PRESETS: Mapping[str, Preset] = MappingProxyType(
    {
        FIRST_START: Preset(
            Message("First start"), "CNNviz", Message("It is small, and has learned its digits.")
        ),
        "logistic-regression": Preset(
            Message("Logistic regression"),
            "Cox: The Regression Analysis of Binary Sequences, 1958",
            Message("One weight a pixel and class is already right nine times out of ten."),
            _parameters(7_850),
        ),
        "perceptron": Preset(
            Message("Perceptron with one hidden layer"),
            _LECUN_1998,
            Message("Hidden units find their own features, but every pixel stands for itself."),
            _parameters(238_510),
        ),
        "lenet-1": Preset(
            Message("LeNet-1"),
            "LeCun et al.: Handwritten Digit Recognition with a Back-Propagation Network, 1990",
            Message("Shared weights make a few thousand parameters enough to read zip codes."),
            _parameters(2_578),
        ),
        "deeplearntoolbox": Preset(
            Message("DeepLearnToolbox CNN"),
            "Palm: Prediction as a Candidate for Learning Deep Hierarchical Models of Data, 2012",
            Message(
                "A convolutional network fits into a page of MATLAB. Its last sigmoid is left to "
                "the loss here."
            ),
        ),
        "tiny": Preset(
            Message("Tiny"), "CNNviz", Message("Everything that a network needs, and no more.")
        ),
        "lenet-course": Preset(
            Message("LeNet of today's courses"),
            "Zhang, Lipton, Li, Smola: Dive into Deep Learning, 2021",
            Message("LeNet-5 in today's words: every filter sees every map, and pools average."),
            _parameters(61_706),
        ),
        "lenet-5": Preset(
            Message("LeNet-5"),
            _LECUN_1998,
            Message(
                "Convolution, subsampling and learning from pixels to classes read the checks of "
                "banks. A dense layer of 10 stands in for the Gaussian output of 1998; 60,000 "
                "parameters lie before it."
            ),
            _parameters(60_850),
        ),
        "lenet-tutorial": Preset(
            Message("Tutorial LeNet"),
            "TensorFlow: Deep MNIST for Experts, 2015",
            Message("Wider layers, ReLU, dropout and Adam: over 99 % in a few minutes."),
        ),
        "tiny-vgg": Preset(
            Message("Tiny VGG"),
            "Wang et al.: CNN Explainer, 2020",
            Message("VGG's pattern, small enough to follow every number."),
            _parameters(19_920),
        ),
        "all-convolutional": Preset(
            Message("All-convolutional net"),
            "Springenberg, Dosovitskiy, Brox, Riedmiller: Striving for Simplicity, 2014",
            Message("A convolution with stride does what pooling does: nothing else is needed."),
            _parameters(1_369_738),
        ),
        "alexnet": Preset(
            Message("AlexNet"),
            "Krizhevsky: One Weird Trick for Parallelizing Convolutional Neural Networks, 2014",
            _TOWER,
            _figures(61_100_840, 0.71),
        ),
        "nin": Preset(
            Message("Network in Network"),
            "Lin, Chen, Yan: Network In Network, 2013",
            Message(
                "1×1 convolutions mix the maps at each pixel, and global average pooling replaces "
                "the dense layers."
            ),
            _parameters(966_986),
        ),
        "alexnet-2012": Preset(
            Message("AlexNet of 2012, two towers"),
            "Krizhevsky, Sutskever, Hinton: ImageNet Classification with Deep CNNs, 2012",
            _TOWER,
            _parameters(60_965_224),
        ),
        "million-dense": Preset(
            Message("A million units: dense"),
            _MILLION,
            Message(
                "A weight for every pair of a pixel and a unit: more than any computer holds. It "
                "is there to be counted, not to be built."
            ),
            _parameters(10**12),
        ),
        "million-local": Preset(
            Message("A million units: local 10×10 windows"),
            _MILLION,
            Message("Units that see only a window each need ten thousand times fewer weights."),
            _parameters(10**8),
        ),
        "million-shared": Preset(
            Message("A million units: one shared filter"),
            _MILLION,
            Message("Where all units share one filter, its hundred weights are all there is."),
            _parameters(100),
        ),
        "zfnet": Preset(
            Message("ZFNet"),
            "Zeiler, Fergus: Visualizing and Understanding Convolutional Networks, 2013",
            Message("Looking at what each layer sees showed how to mend AlexNet's first layers."),
            _parameters(62_357_608),
        ),
        "mobilenet-v1": Preset(
            Message("MobileNet v1"),
            "Howard et al.: MobileNets, 2017",
            Message(
                "A depthwise convolution and a 1×1 one do nearly as well as a full one, for an "
                "eighth of the work."
            ),
            _figures(4_231_976, 0.57),
        ),
        "vgg-11": Preset(Message("VGG-11"), _VGG, _DEPTH, _figures(132_863_336, 7.61)),
        "vgg-11-bn": Preset(
            Message("VGG-11 with batch norm"), _VGG, _NORM, _figures(132_868_840, 7.61)
        ),
        "vgg-13": Preset(Message("VGG-13"), _VGG, _DEPTH, _figures(133_047_848, 11.31)),
        "vgg-16": Preset(Message("VGG-16"), _VGG, _DEPTH, _figures(138_357_544, 15.47)),
        "vgg-19": Preset(Message("VGG-19"), _VGG, _DEPTH, _figures(143_667_240, 19.63)),
        "vgg-13-bn": Preset(
            Message("VGG-13 with batch norm"), _VGG, _NORM, _figures(133_053_736, 11.31)
        ),
        "vgg-16-bn": Preset(
            Message("VGG-16 with batch norm"), _VGG, _NORM, _figures(138_365_992, 15.47)
        ),
        "vgg-19-bn": Preset(
            Message("VGG-19 with batch norm"), _VGG, _NORM, _figures(143_678_248, 19.63)
        ),
        "million-hundred": Preset(
            Message("A million units: a hundred filters"),
            _MILLION,
            Message("A hundred different filters still have only ten thousand weights."),
            _parameters(10**4),
        ),
    }
)
"""Name of the file and on the command line -> what is said of it; after the first start, from small
to large."""


def preset(name: str) -> Network:
    """The network of that name, a key of `PRESETS`.

    Raises:
        UserError: there is none.
    """
    if name not in PRESETS:
        raise UserError(
            Message(
                "There is no preset {name}. Choose one of these: {known}.",
                name=repr(name),
                known=", ".join(PRESETS),
            )
        )
    return decode_network(asset_path("presets", f"{name}.json").read_bytes())


def first_start() -> tuple[Project, Weights]:
    """The small network that a newcomer finds open, trained by `scripts/train_first_start.py`."""
    project = Project(preset(FIRST_START))
    file = asset_path("weights", f"{FIRST_START}.safetensors")
    weights, _ = decode_weights(analyze(project.network), file.read_bytes(), file.name)
    return project, weights
