"""Pictures of the page of one value for every kind of layer, to be looked at by a person.

python -m tests.ui.inspector.gallery FOLDER [--dark] [--chinese] [--scale 1.5] [--size 1280x236]
"""

from __future__ import annotations

import argparse
import os
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cnnviz.layers import Layer
    from cnnviz.network import Network


def networks() -> Iterator[tuple[str, Network, str]]:
    """(name, network, uid of the layer to look at): every kind on three maps, and on vectors."""
    from cnnviz.layers import Activation, Branches, Conv2d, Dense, Flatten, GlobalAvgPool, Size
    from cnnviz.network import Input, Network
    from tests.test_every_kind import layers, named

    conv = Conv2d(uid="before", filters=3, kernel=Size(3, 3), padding="same")
    for number, layer in enumerate(layers()):
        before: list[Layer] = [conv]
        if isinstance(layer, Dense):
            before.append(Flatten(uid="flat"))
        chain = [*before, _with_uid(layer), Flatten(uid="end"), Dense(uid="out", units=10)]
        yield (
            f"{number:02} {named(layer)}",
            Network(input=Input(28, 28, 1)).with_layers(chain),
            "it",
        )
    three = Conv2d(uid="c", filters=3, kernel=Size(3, 3), padding="same")
    scale = (GlobalAvgPool(uid="g"), Activation(uid="s", function="sigmoid"))
    for name, merge, branches in (
        ("add", "add", ((), (three,), (Activation(uid="t", function="tanh"),))),
        ("concat", "concat", ((), (three,))),
        ("multiply", "multiply", ((), scale)),
    ):
        block = Branches(uid="it", merge=merge, branches=branches)  # type: ignore[arg-type]
        yield f"merge {name}", Network(input=Input(28, 28, 1)).with_layers([conv, block]), "it"
    start = [Flatten(uid="flat"), Dense(uid="h", units=20)]
    for number, layer in enumerate(
        (Dense(units=10), Activation(function="softmax"), Activation(function="gelu"))
    ):
        chain = [*start, _with_uid(layer)]
        yield (
            f"vector {number} {layer.kind}",
            Network(input=Input(28, 28, 1)).with_layers(chain),
            "it",
        )
    for number, layer in enumerate(
        (
            Conv2d(filters=8, kernel=Size(11, 11), stride=Size(4, 4), padding="same"),
            Conv2d(filters=2, kernel=Size(3, 3), dilation=Size(4, 4), padding="same"),
            Conv2d(filters=8, kernel=Size(1, 1)),
        )
    ):
        chain = [_with_uid(layer)]
        yield f"first {number}", Network(input=Input(28, 28, 1)).with_layers(chain), "it"


def _with_uid(layer: Layer) -> Layer:
    import msgspec

    return msgspec.structs.replace(layer, uid="it")


def main() -> None:
    """Take the pictures."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("folder", type=Path)
    options.add_argument("--dark", action="store_true")
    options.add_argument("--chinese", action="store_true")
    options.add_argument("--scale", type=float, default=1.0)
    options.add_argument("--size", default="1280x236")
    options.add_argument("--matrices", action="store_true")
    options.add_argument("--only", default="")
    given = options.parse_args()
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    given.folder.mkdir(parents=True, exist_ok=True)

    import torch
    from PySide6.QtWidgets import QApplication

    from cnnviz.analysis import analyze
    from cnnviz.data.datasets import load
    from cnnviz.engine.build import build
    from cnnviz.engine.probe import look
    from cnnviz.engine.protocol import Probe
    from cnnviz.project import Project
    from tests.support.fake_engine import FakeEngine
    from ui.i18n import language
    from ui.inspector import Inspector
    from ui.picture import picture_of
    from ui.session import Session
    from ui.theme import theme

    app = QApplication([])
    theme.set_mode("dark" if given.dark else "light")
    theme.apply(app, given.scale)
    language.set("zh_CN" if given.chinese else "en")
    width, height = map(int, given.size.split("x"))
    image = load("mnist").test_images[15]
    for name, network, uid in networks():
        if given.only not in name:
            continue
        report = analyze(network)
        session = Session(Project(network), {})
        session.select(uid)
        engine = FakeEngine(session)
        view = Inspector(session, engine.client)
        view.resize(width, height)
        view.show()
        view.show_tab("pixel")
        model = build(report, {}, 4)
        with torch.no_grad():
            for (_, tensor_name, _), tensor in model.tensors():
                if tensor_name == "running_mean":
                    tensor.fill_(0.1)
        probe = Probe(1, image.tobytes(), 28, 28, 1, uid, whole=engine.whole)
        seen = look(model, probe, revision=0, step=0, device="cpu")
        engine.picture = picture_of(seen, report)
        engine.probed.emit(engine.picture)
        if given.matrices:
            view.pixel.bar.views.setCurrentIndex(1)
        app.processEvents()
        view.grab().save(str(given.folder / f"{name.replace('/', ' ')}.png"))
        view.close()
        view.deleteLater()
        print(name, view.pixel.message.text() if view.pixel.worked is None else "")


if __name__ == "__main__":
    main()
