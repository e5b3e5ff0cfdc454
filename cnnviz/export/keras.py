"""A network as a Keras 3 script that runs on its own, with any of Keras's backends."""

from __future__ import annotations

from string import Template
from typing import TYPE_CHECKING

from cnnviz import __version__
from cnnviz.data.datasets import data_set
from cnnviz.data.fitting import padding_to_fit
from cnnviz.export.keras_calls import keras_calls
from cnnviz.export.prepared import numpy_functions, puts_aside, scaled_in_keras
from cnnviz.export.reading import keras_reading
from cnnviz.export.source import (
    STEP,
    Line,
    Repeated,
    check_works,
    computed,
    ends_in_softmax,
    identifier,
    laid_out,
    left_out,
    one_line,
    printed_chain,
    printed_rows,
    source_of,
    written,
)
from cnnviz.layers import Branches, Call, Conv2d, Flatten, GroupNorm, Maps, Vector
from cnnviz.schedule import batches_in, steps_in

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cnnviz.analysis import Report, Row
    from cnnviz.data.catalogue import DataSet
    from cnnviz.layers import Layer, Shape
    from cnnviz.network import Input
    from cnnviz.preparation import Preparation
    from cnnviz.project import Project
    from cnnviz.training import Training


def keras_source(project: Project, report: Report) -> str:
    """The script: the network, a way to read the data, and its training.

    Shapes, parameters and what is computed are those of the report, height×width×channels as Keras
    has it. What was learned is not in it.

    Raises:
        UserError: the network has a problem.
    """
    check_works(report)
    disabled, report = left_out(report), computed(report)
    data = data_set(project.dataset)
    modules = _own_layers(report)
    images = project.preparation.learned_from(data.train_count, data.classes)
    batches = batches_in(project.training, images)
    network = _Network(report).source()
    before = numpy_functions(project.preparation, data)
    scaled = scaled_in_keras(project.preparation, data, project.network.input.channels)
    return Template(_SCRIPT).substitute(
        title=one_line(project.network.name) or "A network",
        version=__version__,
        disabled=disabled,
        seed=project.seed,
        epochs=-(-steps_in(project.training, batches) // batches),
        batch_size=project.training.batch_size,
        initializers="initializers, " if any("initializers." in m for m in modules) else "",
        modules="".join(f"{source}\n\n\n" for source in modules),
        network=network,
        height=data.height,
        width=data.width,
        **keras_reading(project.dataset, data),
        fit=_fit(data, project.network.input),
        prepared="".join(f"{source}\n\n\n" for source in before),
        scaled="".join(f"{STEP}{line}\n" for line in scaled),
        read=_read(project.preparation, prepared=bool(before)),
        optimizer=_optimizer(project.training),
        left_out=_left_out(project.training, project.preparation) + _held(report),
    )


class _Network:
    """Prints `build`, and a function for each block that occurs more than once."""

    def __init__(self, report: Report) -> None:
        self._report = report
        self._repeated = Repeated(report)
        # Keras flattens pixel by pixel, PyTorch map by map. All layers after it but this one take
        # the values in any order.
        self._in_order = any(
            isinstance(row.layer, GroupNorm) and isinstance(row.input, Vector)
            for row in report.rows
        )

    def source(self) -> str:
        """The functions, without a line at the end."""
        chain = printed_chain(self._report)
        functions = [self._function(*each) for each in self._repeated.functions]
        branched = any(isinstance(layer, Branches) for layer in chain)
        build = self._functional(chain) if branched else self._sequential(chain)
        count = f"{self._report.parameters:,}"
        comments = "Comments: each layer's output for one image."
        text = (
            f'def build():\n{STEP}"""The network: {count} parameters. {comments}"""\n'
            f"{laid_out(build, 1)}"
        )
        return "\n\n\n".join([*functions, text])

    def _sequential(self, chain: Sequence[Layer]) -> list[Line]:
        image = self._report.network.input.shape
        lines = [Line("return keras.Sequential(["), Line(f"keras.Input({_of(image)}),", _AXES, 1)]
        for layer in chain:
            row = self._report.row(layer.uid)
            for call in (calls := self._calls(row)):
                comment = _of(row.output) if call is calls[-1] else ""
                lines += written(call, 1, after=",", comment=comment)
        if ends_in_softmax(self._report):
            lines.append(Line(_SOFTMAX, depth=1))
        return [*lines, Line("])")]

    def _functional(self, chain: Sequence[Layer]) -> list[Line]:
        image = self._report.network.input.shape
        lines = [Line(f"inputs = keras.Input({_of(image)})", _AXES)]
        lines += self._chain(chain, "inputs", "x")
        if ends_in_softmax(self._report):
            lines.append(Line(_SOFTMAX))
        return [*lines, Line("return keras.Model(inputs, x)")]

    def _function(self, name: str, block: Branches) -> str:
        row = self._report.row(block.uid)
        label = f"{one_line(block.label)}: " if one_line(block.label) else ""
        lines = self._block(row, block, "x", "x")
        return (
            f"def {name}(x):\n"
            f'{STEP}"""{label}{_of(row.input)} -> {_of(row.output)}"""\n'
            f"{laid_out([*lines, Line('return x')], 1)}"
        )

    def _chain(self, chain: Sequence[Layer], source: str, target: str) -> list[Line]:
        """The lines after which `target` holds what the chain makes of `source`."""
        lines: list[Line] = []
        for layer in chain:
            row = self._report.row(layer.uid)
            if not isinstance(layer, Branches):
                for call in (calls := self._calls(row)):
                    comment = _of(row.output) if call is calls[-1] else ""
                    lines += written(call, 0, f"{target} = ", f"({source})", comment)
                    source = target
            elif (name := self._repeated.name(layer)) is not None:
                lines.append(Line(f"{target} = {name}({source})", _of(row.output)))
            else:
                if label := one_line(layer.label):
                    lines.append(Line(f"# {label}"))
                lines += self._block(row, layer, source, target)
            source = target
        return lines

    def _block(self, row: Row, block: Branches, source: str, target: str) -> list[Line]:
        lines: list[Line] = []
        results: list[str] = []
        for index, branch in enumerate(block.branches):
            result = _variable(target, index) if branch else source
            lines += self._chain(branch, source, result)
            results.append(result)
        comment = _of(row.output)
        if len(results) == 1:
            return [*lines, Line(f"{target} = {results[0]}", comment)]
        call = self._calls(row)[0].source()
        return [*lines, Line(f"{target} = {call}([{', '.join(results)}])", comment)]

    def _calls(self, row: Row) -> tuple[Call, ...]:
        if row.input is None or row.output is None:
            raise ValueError("a layer that waits has no layers in Keras")
        calls = keras_calls(row.layer, row.input, row.output)
        if self._in_order and isinstance(row.layer, Flatten) and isinstance(row.input, Maps):
            return (Call("layers.Permute", ((3, 1, 2),)), *calls)
        return calls


_AXES = "height, width, channels"
_SOFTMAX = "# The softmax at the end is part of the loss, which takes logits."
_LETTERS = "abcdefghijklmnopqrstuvw"


def _variable(outer: str, index: int) -> str:
    """What holds a branch: a, b, c …, and in a block in branch b: ba, bb, bc …"""
    letter = _LETTERS[index] if index < len(_LETTERS) else f"{_LETTERS[-1]}{index}_"
    return identifier(letter if outer == "x" else outer + letter)


def _of(shape: Shape | None) -> str:
    if isinstance(shape, Maps):
        return f"({shape.height}, {shape.width}, {shape.channels})"
    return "" if shape is None else f"({shape.length},)"


def _own_layers(report: Report) -> list[str]:
    """The source of every layer that Keras does not have."""
    names = {
        call.name
        for row in printed_rows(report)
        if row.input is not None and row.output is not None
        for call in keras_calls(row.layer, row.input, row.output)
    }
    return source_of("export", "keras_layers", names)


def _fit(data: DataSet, image: Input) -> str:
    lines = []
    padding = padding_to_fit((data.height, data.width), (image.height, image.width))
    if padding is None:
        size = (image.height, image.width)
        lines.append(f"x = ops.clip(ops.image.resize(x, {size}, antialias=True), 0, 1)")
    elif any(padding):
        left, right, above, below = padding
        border = ((0, 0), (above, below), (left, right), (0, 0))
        lines.append(f"x = ops.pad(x, {border})  # zeros around the image")
    if image.channels != data.channels:
        lines.append(f"x = ops.repeat(ops.mean(x, -1, keepdims=True), {image.channels}, -1)")
    return "".join(f"{STEP}{line}\n" for line in lines)


def _read(preparation: Preparation, *, prepared: bool) -> str:
    """The lines that read the data and learn from them."""
    lines = ["train, test = load(options.data)"]
    judged = ""
    if prepared:
        lines += ["train, test = chosen(*train, training=True), chosen(*test, training=False)"]
    if puts_aside(preparation):
        lines += ["train, aside = train[:2], train[2:]"]
        judged = "validation_data=tuple(aside), "
    elif prepared:
        lines += ["train = train[:2]"]
    fit = "whole.fit(*train, batch_size=BATCH_SIZE, epochs=options.epochs, verbose=2)"
    if judged:
        lines += [
            "whole.fit(",
            f"{STEP}*train, batch_size=BATCH_SIZE, epochs=options.epochs,",
            f"{STEP}{judged}verbose=2,",
            ")",
        ]
    else:
        lines.append(fit)
    return "".join(f"{STEP}{line}\n" for line in lines)


def _optimizer(training: Training) -> str:
    """With the constants of PyTorch's optimiser of that name."""
    keywords: dict[str, object] = {"learning_rate": training.learning_rate}
    if training.optimizer in ("sgd", "rmsprop") and training.momentum:
        keywords["momentum"] = training.momentum
        if training.nesterov and training.optimizer == "sgd":
            keywords["nesterov"] = True
    if training.optimizer in ("adam", "adamw") and (training.beta1, training.beta2) != (0.9, 0.999):
        keywords |= {"beta_1": training.beta1, "beta_2": training.beta2}
    if training.optimizer == "rmsprop":
        keywords["rho"] = training.alpha
    if training.optimizer != "sgd":
        keywords["epsilon"] = training.epsilon
    if training.weight_decay or training.optimizer == "adamw":
        keywords["weight_decay"] = training.weight_decay
    if training.clipping:
        keywords["global_clipnorm"] = training.clipping
    name = {"sgd": "SGD", "adam": "Adam", "adamw": "AdamW", "rmsprop": "RMSprop"}
    call = Call(f"keras.optimizers.{name[training.optimizer]}", (), keywords)
    return laid_out(written(call, 0, "optimizer=", ","), 2)


_LEFT_OUT = (
    "dampening", "schedule", "warm_up", "loss", "label_smoothing", "shift", "branches_apart",
    "precision", "stopping_patience", "target_error",
)  # fmt: skip
"""Settings of training that the script does without."""


def _left_out(training: Training, preparation: Preparation) -> str:
    """What the script does not do as the program would, as a comment; mostly nothing."""
    beginning = type(training)()
    names = [
        name.replace("_", " ")
        for name in _LEFT_OUT
        if getattr(training, name) != getattr(beginning, name)
    ]
    if preparation.augments:
        names.append("changes of the images by chance")
    return f"{STEP}# Left out here: {', '.join(names)}.\n" if names else ""


def _held(report: Report) -> str:
    """What Keras has no setting for: filters that stay while the others of their layer learn."""
    said = [
        f"# Keras freezes whole layers: filters {', '.join(map(str, layer.held))} of "
        f"{layer.name} {layer.detail} are frozen in CNNviz, and learn here."
        for row in report.rows
        if isinstance(layer := row.layer, Conv2d) and layer.held
    ]
    return "".join(f"{STEP}{one_line(line)}\n" for line in said)


_SCRIPT = '''\
"""$title. Exported from CNNviz $version; needs keras 3.
$disabled
With TensorFlow, JAX or PyTorch under it, whichever KERAS_BACKEND names:

    KERAS_BACKEND=torch python THIS_FILE --data FOLDER --epochs $epochs

$where The weights start anew, in Keras's way where nothing else is written.
"""

import argparse
${gzip}${zlib}from pathlib import Path

import keras
import numpy as np
${pillow}from keras import ${initializers}layers, ops

SEED = $seed
EPOCHS = $epochs
BATCH_SIZE = $batch_size


${modules}${network}


${prepared}def prepare(images):
    """What the network sees of images (batch, $size) of 0 to 255."""
    x = $channels_last / 255  # (batch, $height, $width, $channels)
$fit$scaled    return x


$load_data


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", type=Path, default=Path("."), help="the folder of the data set")
    parser.add_argument("--epochs", type=int, default=EPOCHS)
    options = parser.parse_args()

    keras.utils.set_random_seed(SEED % 2**32)
    model = build()
    print(f"{sum(int(np.prod(w.shape)) for w in model.trainable_weights):,} parameters")
    images = keras.Input(($size), dtype="uint8")
    whole = keras.Model(images, model(prepare(images)))
$left_out    whole.compile(
$optimizer
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=["accuracy"],
    )
$read    loss, accuracy = whole.evaluate(*test, batch_size=1000, verbose=0)
    print(f"test accuracy {accuracy:.4f}")


if __name__ == "__main__":
    main()
'''
