"""What is said of the networks that come with the program: title, source, what they taught."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from cnnviz.message import Message

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
_SZEGEDY = "Szegedy et al.: Going Deeper with Convolutions, 2014"
_HE = "He, Zhang, Ren, Sun: Deep Residual Learning for Image Recognition, 2015"
_HUANG = "Huang, Liu, van der Maaten, Weinberger: Densely Connected Convolutional Networks, 2016"
_IANDOLA = (
    "Iandola et al.: SqueezeNet: AlexNet-Level Accuracy with 50x Fewer Parameters and <0.5MB Model "
    "Size, 2016"
)
_VGG = "Simonyan, Zisserman: Very Deep Convolutional Networks, 2014"
_DEPTH = Message("Small 3×3 kernels, stacked deeper and deeper, do better than large ones.")
_MILLION = "CNNviz, after LeCun et al., 1998, section II.A: local receptive fields, shared weights"
_NORM = Message("With batch norm the deep stacks of VGG train from scratch, and faster.")
_TOWER = Message(
    "A deep network, learned on graphics cards with ReLU and dropout, nearly halved the errors "
    "on ImageNet and began the present of computer vision."
)
_SHORTCUT = Message(
    "A layer that only has to learn what to add to its input can be stacked a hundred deep."
)
_BOTTLENECK = Message(
    "Narrow 3×3 convolutions between 1×1 ones make residual networks deeper for the same work."
)
_REUSE = Message(
    "Every layer sees the maps of all before it, so it learns few new ones and reuses the old."
)

_COURSE = {
    FIRST_START: Preset(
        Message("First start"),
        "CNNviz",
        Message("It is small, and has learned its digits."),
    ),
    "logistic-regression": Preset(
        Message("Logistic regression"),
        "Cox: The Regression Analysis of Binary Sequences, 1958",
        Message("One weight a pixel and class is already right nine times out of ten."),
        _parameters(7850),
    ),
    "perceptron": Preset(
        Message("Perceptron with one hidden layer"),
        _LECUN_1998,
        Message("Hidden units find their own features, but every pixel stands for itself."),
        _parameters(238510),
    ),
    "quick-start": Preset(
        Message("Quick start"),
        "CNNviz",
        Message(
            "Pooling before ReLU, batch norm and one cycle of a high learning rate: 99 % after "
            "half an epoch."
        ),
    ),
    "thorough": Preset(
        Message("Thorough"),
        "CNNviz",
        Message(
            "Two networks of four convolutions, each of which learns apart, on images turned, "
            "leaned, scaled and moved by chance; their answers are added. The fewest mistakes "
            "after five minutes of two cores."
        ),
    ),
    "two-inputs": Preset(
        Message("Two inputs, by hand"),
        "CNNviz, after Rumelhart, Hinton, Williams: Learning Representations by Back-Propagating "
        "Errors, 1986",
        Message(
            "Two inputs, two hidden units, two classes, given weights: pencil and paper suffice "
            "for the whole way there and back. It learns exclusive or, which one layer cannot."
        ),
        _parameters(12),
    ),
    "tiny": Preset(
        Message("Tiny"),
        "CNNviz",
        Message("Everything that a network needs, and no more."),
    ),
    "tiny-vgg": Preset(
        Message("Tiny VGG"),
        "Wang et al.: CNN Explainer, 2020",
        Message("VGG's pattern, small enough to follow every number."),
        _parameters(19920),
    ),
    "lenet-course": Preset(
        Message("LeNet of today's courses"),
        "Zhang, Lipton, Li, Smola: Dive into Deep Learning, 2021",
        Message("LeNet-5 in today's words: every filter sees every map, and pools average."),
        _parameters(61706),
    ),
    "lenet-tutorial": Preset(
        Message("Tutorial LeNet"),
        "TensorFlow: Deep MNIST for Experts, 2015",
        Message("Wider layers, ReLU, dropout and Adam: over 99 % in a few minutes."),
    ),
    "deeplearntoolbox": Preset(
        Message("DeepLearnToolbox CNN"),
        "Palm: Prediction as a Candidate for Learning Deep Hierarchical Models of Data, 2012",
        Message(
            "A convolutional network fits into a page of MATLAB. Its last sigmoid is left to "
            "the loss here."
        ),
    ),
    "million-dense": Preset(
        Message("A million units: dense"),
        _MILLION,
        Message(
            "A weight for every pair of a pixel and a unit: more than any computer holds. It is "
            "there to be counted, not to be built."
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
    "million-hundred": Preset(
        Message("A million units: a hundred filters"),
        _MILLION,
        Message("A hundred different filters still have only ten thousand weights."),
        _parameters(10**4),
    ),
}
_CLASSICS = {
    "lenet-1": Preset(
        Message("LeNet-1"),
        "LeCun et al.: Handwritten Digit Recognition with a Back-Propagation Network, 1990",
        Message("Shared weights make a few thousand parameters enough to read zip codes."),
        _parameters(2578),
    ),
    "lenet-5": Preset(
        Message("LeNet-5"),
        _LECUN_1998,
        Message(
            "Convolution, subsampling and learning from pixels to classes read the checks of "
            "banks. A dense layer of 10 stands in for the Gaussian output of 1998; 60,000 "
            "parameters lie before it."
        ),
        _parameters(60850),
    ),
    "alexnet-2012": Preset(
        Message("AlexNet of 2012, two towers"),
        "Krizhevsky, Sutskever, Hinton: ImageNet Classification with Deep CNNs, 2012",
        _TOWER,
        _parameters(60965224),
    ),
    "zfnet": Preset(
        Message("ZFNet"),
        "Zeiler, Fergus: Visualizing and Understanding Convolutional Networks, 2013",
        Message("Looking at what each layer sees showed how to improve AlexNet's first layers."),
        _parameters(62357608),
    ),
}
_SMALL = {
    "nin": Preset(
        Message("Network in Network"),
        "Lin, Chen, Yan: Network In Network, 2013",
        Message(
            "1×1 convolutions mix the maps at each pixel, and global average pooling replaces "
            "the dense layers."
        ),
        _parameters(966986),
    ),
    "all-convolutional": Preset(
        Message("All-convolutional net"),
        "Springenberg, Dosovitskiy, Brox, Riedmiller: Striving for Simplicity, 2014",
        Message("A convolution with stride does what pooling does: nothing else is needed."),
        _parameters(1369738),
    ),
    "inception-small": Preset(
        Message("Small Inception"),
        "Zhang, Bengio, Hardt, Recht, Vinyals: Understanding Deep Learning Requires Rethinking "
        "Generalization, 2016",
        Message(
            "A network that generalises well can also learn random labels by heart, so the "
            "number of its weights does not explain why it generalises."
        ),
    ),
    "resnet-20": Preset(
        Message("ResNet-20"),
        _HE,
        Message(
            "The same idea in small: twenty layers learn better than twenty without shortcuts "
            "would."
        ),
        _parameters(272474),
    ),
    "densenet-small": Preset(
        Message("Small DenseNet"),
        "CNNviz, after Huang, Liu, van der Maaten, Weinberger, 2016",
        Message("Every layer can use again what any layer before it has found."),
    ),
    "densenet-40": Preset(
        Message("DenseNet-40"),
        _HUANG,
        Message("Layers that see all layers before them need to add only twelve maps each."),
        _parameters(1019722),
    ),
    "mobilenet-small": Preset(
        Message("Small MobileNet"),
        "CNNviz, after Howard et al., 2017",
        Message("Separable convolutions read digits with a tenth of the work."),
    ),
}
_IMAGENET = {
    "alexnet": Preset(
        Message("AlexNet"),
        "Krizhevsky: One Weird Trick for Parallelizing Convolutional Neural Networks, 2014",
        _TOWER,
        _figures(61100840, 0.71),
    ),
    "vgg-11": Preset(Message("VGG-11"), _VGG, _DEPTH, _figures(132863336, 7.61)),
    "vgg-13": Preset(Message("VGG-13"), _VGG, _DEPTH, _figures(133047848, 11.31)),
    "vgg-16": Preset(Message("VGG-16"), _VGG, _DEPTH, _figures(138357544, 15.47)),
    "vgg-19": Preset(Message("VGG-19"), _VGG, _DEPTH, _figures(143667240, 19.63)),
    "vgg-11-bn": Preset(Message("VGG-11 with batch norm"), _VGG, _NORM, _figures(132868840, 7.61)),
    "vgg-13-bn": Preset(Message("VGG-13 with batch norm"), _VGG, _NORM, _figures(133053736, 11.31)),
    "vgg-16-bn": Preset(Message("VGG-16 with batch norm"), _VGG, _NORM, _figures(138365992, 15.47)),
    "vgg-19-bn": Preset(Message("VGG-19 with batch norm"), _VGG, _NORM, _figures(143678248, 19.63)),
    "googlenet": Preset(
        Message("GoogLeNet"),
        _SZEGEDY,
        Message(
            "Kernels of several sizes side by side, kept cheap by 1×1 convolutions, do better "
            "than VGG with a twentieth of its weights."
        ),
        _parameters(6998552),
    ),
    "googlenet-bn": Preset(
        Message("GoogLeNet with batch norm"),
        f"{_SZEGEDY}; as torchvision has it",
        Message(
            "Batch norm takes the place of the local response norm and of the auxiliary outputs."
        ),
        _figures(6624904, 1.5),
    ),
    "resnet-18": Preset(Message("ResNet-18"), _HE, _SHORTCUT, _figures(11689512, 1.81)),
    "resnet-34": Preset(Message("ResNet-34"), _HE, _SHORTCUT, _figures(21797672, 3.66)),
    "resnet-50": Preset(Message("ResNet-50"), _HE, _BOTTLENECK, _figures(25557032, 4.09)),
    "resnet-101": Preset(Message("ResNet-101"), _HE, _BOTTLENECK, _figures(44549160, 7.8)),
    "squeezenet-1.0": Preset(
        Message("SqueezeNet 1.0"),
        _IANDOLA,
        Message("The accuracy of AlexNet with a fiftieth of its weights: squeeze, then expand."),
        _figures(1248424, 0.82),
    ),
    "squeezenet-1.1": Preset(
        Message("SqueezeNet 1.1"),
        _IANDOLA,
        Message("Pooling earlier costs no accuracy and saves more than half of the work."),
        _figures(1235496, 0.35),
    ),
    "densenet-121": Preset(Message("DenseNet-121"), _HUANG, _REUSE, _figures(7978856, 2.83)),
    "densenet-169": Preset(Message("DenseNet-169"), _HUANG, _REUSE, _figures(14149480, 3.36)),
    "mobilenet-v1": Preset(
        Message("MobileNet v1"),
        "Howard et al.: MobileNets, 2017",
        Message(
            "A depthwise convolution and a 1×1 one do nearly as well as a full one, for an "
            "eighth of the work."
        ),
        _figures(4231976, 0.57),
    ),
    "mobilenet-v2": Preset(
        Message("MobileNet v2"),
        "Sandler, Howard, Zhu, Zhmoginov, Chen: MobileNetV2: Inverted Residuals and Linear "
        "Bottlenecks, 2018",
        Message(
            "Shortcuts between the narrow ends of wide blocks, which end without an activation, "
            "make phones see."
        ),
        _figures(3504872, 0.3),
    ),
    "efficientnet-b0": Preset(
        Message("EfficientNet-B0"),
        "Tan, Le: EfficientNet: Rethinking Model Scaling for Convolutional Neural Networks, 2019",
        Message("A search found these blocks; depth, width and resolution then grow together."),
        _figures(5288548, 0.39),
    ),
}


class Group(Struct, frozen=True):
    """Networks that stand together in a menu, those of a family side by side."""

    title: Message
    presets: Mapping[str, Preset]


GROUPS = (
    Group(Message("For a course"), _COURSE),
    Group(Message("Classics"), _CLASSICS),
    Group(Message("For small images"), _SMALL),
    Group(Message("For ImageNet"), _IMAGENET),
)
"""All presets, by the name of the file, which is that on the command line, too."""
