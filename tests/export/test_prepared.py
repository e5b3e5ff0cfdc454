"""Exported PyTorch scripts prepare the data as the engine does, to the same numbers."""

from __future__ import annotations

import ast
import builtins
import os
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import msgspec
import numpy as np
import pytest
import torch

from cnnviz.analysis import analyze
from cnnviz.augmentation import augmentation_calls, classic
from cnnviz.data.datasets import data_set
from cnnviz.data.idx import drain
from cnnviz.engine import augment
from cnnviz.engine.batches import DeviceData
from cnnviz.engine.build import build
from cnnviz.engine.inline import learned
from cnnviz.engine.prepared import Prepared, prepared_steps
from cnnviz.engine.sight import Sight
from cnnviz.engine.train import Run
from cnnviz.export.keras import keras_source
from cnnviz.export.pytorch import pytorch_source, pytorch_state
from cnnviz.layers import Dense, Flatten
from cnnviz.network import Input, Network, named_by_place
from cnnviz.preparation import Preparation
from cnnviz.project import Project
from cnnviz.training import Training
from tests.engine.desk import samples
from tests.export.test_pytorch import load

NETWORK = named_by_place(Network(layers=(Flatten(), Dense(units=10))))
DIGITS = tuple("0123456789")
CHOSEN = Preparation(
    classes=("1", "4", "7", "8"), images=20, validation="share", validation_share=20,
    label_noise=25, split_seed=4, equalisation=True, tiles=3, clip_limit=6.0,
)  # fmt: skip
BENT = Preparation(move=5, rotate=6, zoom=7, shear=8, flip="both", elastic=9, noise=10, erase=11)


def exported(
    folder: Path, how: Preparation, network: Network = NETWORK, training: Training | None = None
) -> ModuleType:
    project = Project(network, training=training or Training(), preparation=how)
    source = pytorch_source(project, analyze(network, 10))
    assert max(map(len, source.splitlines())) <= 100
    path = folder / "exported.py"
    path.write_text(source, encoding="utf-8")
    return load(path)


@pytest.mark.parametrize("scaling", ["standardised", "one_deviation", "two_deviations"])
@pytest.mark.parametrize("image", [Input(), Input(32, 32), Input(20, 24, 3)])
def test_a_script_sees_what_the_engine_sees(tmp_path: Path, scaling: str, image: Input) -> None:
    how = msgspec.convert({"scaling": scaling}, Preparation)
    module = exported(tmp_path, how, NETWORK.with_input(image))
    images = samples().test_images
    expected = Sight(image, how, "mnist").look(images, "cpu")
    found = module.prepare(torch.from_numpy(images.copy()))
    torch.testing.assert_close(found, expected, rtol=0, atol=1e-5)


def test_a_script_chooses_and_equalises_the_same_images(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    module, given = exported(tmp_path, CHOSEN), samples()
    parts = {
        "train": (given.train_images, given.train_labels),
        "t10k": (given.test_images, given.test_labels),
    }
    monkeypatch.setattr(
        module, "load", lambda _, part: [torch.from_numpy(a.copy()) for a in parts[part]]
    )
    found = drain(prepared_steps(given, CHOSEN, DIGITS))
    assert isinstance(found, Prepared)
    expected = (
        found.train_images,
        found.train_labels,
        found.validation_images,
        found.validation_labels,
    )
    for mine, theirs in zip(module.prepared(tmp_path, "train"), expected, strict=True):
        assert theirs is not None
        assert np.array_equal(mine.numpy(), theirs)
    images, labels = module.prepared(tmp_path, "t10k")
    assert np.array_equal(images.numpy(), found.test_images)
    assert np.array_equal(labels.numpy(), found.test_labels)


@pytest.mark.parametrize("how", [classic(Preparation()), BENT, Preparation(noise=5)])
def test_a_script_changes_images_with_the_engine_s_own_functions(
    tmp_path: Path, how: Preparation
) -> None:
    module = exported(tmp_path, how)
    x = torch.rand(6, 1, 28, 28)
    torch.manual_seed(3)
    found = module.augment(x)
    torch.manual_seed(3)
    seed, expected = int(torch.randint(2**60, ())), x
    for call in augmentation_calls(how):
        expected = getattr(augment, call.name)(expected, seed, **call.keywords)
    assert torch.equal(found, expected)
    assert not torch.equal(module.augment(x), found)


@pytest.mark.parametrize("shift", [0, 2])
@pytest.mark.parametrize("scaling", ["unit", "standardised"])
def test_chance_comes_before_the_scaling(tmp_path: Path, shift: int, scaling: str) -> None:
    how = msgspec.convert({"scaling": scaling, "move": 20.0}, Preparation)
    module = exported(tmp_path, how, training=Training(shift=shift))
    source = (tmp_path / "exported.py").read_text()
    assert ("augment(shift(" if shift else "augment(") in source
    if scaling == "unit":
        return
    images = samples().test_images[:4]
    torch.manual_seed(1)
    seen = module.prepare(torch.from_numpy(images.copy()), by_chance=True)
    black = -0.1307 / 0.3081  # what comes in at the edges is black, not grey
    assert torch.isclose(seen.min(), torch.tensor(black), atol=1e-4)


@pytest.mark.parametrize("scaling", ["unit", "standardised"])
@pytest.mark.parametrize("length", [{"epochs": 3}, {"run_length": "steps", "steps": 12}])
def test_images_stay_as_they_are_in_the_last_steps(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, scaling: str, length: dict[str, object]
) -> None:
    how = msgspec.convert({"scaling": scaling, "move": 20.0, "unchanged": 25.0}, Preparation)
    training = msgspec.convert({"batch_size": 15, "shift": 1, **length}, Training)
    module, given = exported(tmp_path, how, training=training), samples()
    changed: list[int] = []
    seen: list[torch.Tensor] = []
    augment = module.augment

    def counted(x: torch.Tensor) -> torch.Tensor:
        changed.append(len(seen))
        found: torch.Tensor = augment(x)
        return found

    monkeypatch.setattr(module, "augment", counted)
    model = module.build()
    model.register_forward_pre_hook(lambda _, inputs: seen.append(inputs[0]))
    images = torch.from_numpy(given.train_images[:60].copy())
    labels = torch.from_numpy(given.train_labels[:60].copy()).long()
    module.train(model, images, labels, 3)
    assert len(seen) == 12
    assert changed == list(range(9))
    plain = module.prepare(images).flatten(1)
    for number, batch in enumerate(seen):
        found = (batch.flatten(1)[:, None] == plain).all(2).any(1)
        assert bool(found.all()) == (number >= 9)


@pytest.mark.parametrize(
    "training",
    [
        {},
        {"schedule": "plateau", "plateau_patience": 0, "factor": 0.1, "learning_rate": 3.0},
        {"stopping_patience": 1, "learning_rate": 3.0, "epochs": 30},
        {"target_error": 60.0, "epochs": 30},
        {"run_length": "steps", "steps": 3},
    ],
)
def test_it_learns_what_the_engine_learns_and_judges_by_the_same_images(
    tmp_path: Path, training: dict[str, object]
) -> None:
    how = msgspec.structs.replace(CHOSEN, scaling="two_deviations", label_noise=0)
    plain = {"optimizer": "sgd", "learning_rate": 0.02, "momentum": 0.5, "batch_size": 96,
             "epochs": 5}  # fmt: skip
    settings = msgspec.convert(plain | training, Training)
    report = analyze(NETWORK, 10)
    data = DeviceData(drain(prepared_steps(samples(), how, DIGITS)), "cpu")
    model = build(report, {}, 0)
    start = pytorch_state(report, learned(model))
    model.sight = Sight(NETWORK.input, how, "mnist")
    run = Run(model, data, settings, 0)
    for _ in run.work:
        pass
    module = exported(tmp_path, how, training=settings)
    theirs = module.build()
    assert start is not None
    theirs.load_state_dict({name: torch.from_numpy(v.copy()) for name, v in start.items()})
    measured = settings.stopping_patience or settings.target_error or "schedule" in training
    aside = (data.validation_images, data.validation_labels) if measured else ()
    epochs = module.EPOCHS
    module.train(theirs, data.train_images, data.train_labels, epochs, *aside)
    end = pytorch_state(report, learned(model))
    assert end is not None
    for name, values in theirs.state_dict().items():
        moved = float((torch.from_numpy(end[name]) - torch.from_numpy(start[name])).abs().max())
        assert moved > 0
        torch.testing.assert_close(values, torch.from_numpy(end[name]), rtol=0, atol=2e-4 * moved)


@pytest.mark.parametrize(
    "how",
    [
        Preparation(),
        CHOSEN,
        BENT,
        Preparation(equalisation=True),
        msgspec.structs.replace(CHOSEN, scaling="standardised", move=10),
    ],
)
@pytest.mark.parametrize("training", [Training(), Training(stopping_patience=3, shift=1)])
def test_a_script_uses_no_name_that_it_does_not_have(
    tmp_path: Path, how: Preparation, training: Training
) -> None:
    module = exported(tmp_path, how, training=training)
    tree = ast.parse((tmp_path / "exported.py").read_text())
    called = {
        node.func.id
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    }
    known = {*dir(module), *dir(builtins)}
    local = {"model", "MNIST", "read"}
    assert called - known - local == set()
    imported = {name for name in ("np", "math") if hasattr(module, name)}
    words = (tmp_path / "exported.py").read_text()
    assert imported == {name for name in ("np", "math") if f"{name}." in words}


IN_KERAS = """
import importlib.util, sys
from pathlib import Path
import numpy as np

folder = Path(sys.argv[1])
given = dict(np.load(folder / "given.npz"))
for path in sorted(folder.glob("script*.py")):
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    found = {"seen": module.prepare(given["images"]).detach().cpu().numpy()}
    if hasattr(module, "chosen"):
        for training in (True, False):
            parts = module.chosen(given["images"], given["labels"], training=training)
            found |= {f"{training}{n}": part for n, part in enumerate(parts)}
    np.savez(folder / f"{path.stem}.npz", **found)
"""


def test_keras_scripts_see_and_choose_the_same(tmp_path: Path) -> None:
    given = samples()
    ways = [
        (Preparation(scaling="standardised"), Input(32, 32)),
        (Preparation(scaling="two_deviations"), Input(28, 28, 3)),
        (msgspec.structs.replace(CHOSEN, scaling="one_deviation"), Input()),
    ]
    for number, (how, image) in enumerate(ways):
        network = NETWORK.with_input(image)
        source = keras_source(Project(network, preparation=how), analyze(network, 10))
        (tmp_path / f"script{number}.py").write_text(source, encoding="utf-8")
    np.savez(tmp_path / "given.npz", images=given.train_images, labels=given.train_labels)
    (tmp_path / "program.py").write_text(IN_KERAS)
    done = subprocess.run(
        [sys.executable, "-W", "error", str(tmp_path / "program.py"), str(tmp_path)],
        env={**os.environ, "KERAS_BACKEND": "torch", "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    for number, (how, image) in enumerate(ways):
        found = np.load(tmp_path / f"script{number}.npz")
        sight = Sight(image, msgspec.structs.replace(how, equalisation=False), "mnist")
        expected = sight.look(given.train_images, "cpu").numpy().transpose(0, 2, 3, 1)
        np.testing.assert_allclose(found["seen"], expected, atol=1e-5)
    ours = drain(prepared_steps(given, CHOSEN, DIGITS))
    assert isinstance(ours, Prepared)
    for name, values in (
        ("True0", ours.train_images),
        ("True1", ours.train_labels),
        ("True2", ours.validation_images),
        ("True3", ours.validation_labels),
    ):
        assert values is not None
        assert np.array_equal(found[name], values)
    assert set(found["False1"]) == {1, 4, 7, 8}


def test_a_keras_script_says_what_it_leaves_to_chance() -> None:
    source = keras_source(Project(NETWORK, preparation=classic(CHOSEN)), analyze(NETWORK, 10))
    assert "changes of the images by chance" in source
    assert "validation_data=tuple(aside)" in source
    plain = keras_source(Project(NETWORK), analyze(NETWORK, 10))
    assert "validation_data" not in plain
    assert "def chosen" not in plain


@pytest.mark.parametrize("dataset", ["mnist", "toy_shapes", "cifar10"])
def test_no_function_of_a_script_hides_another(dataset: str) -> None:
    known = data_set(dataset)
    image = Input(known.height, known.width, known.channels)
    layers = (Flatten(), Dense(units=len(known.classes)))
    network = named_by_place(Network(input=image, layers=layers))
    how = msgspec.structs.replace(classic(CHOSEN), classes=known.classes[:2], scaling="unit")
    project = Project(network, dataset=dataset, preparation=how)
    report = analyze(network)
    for source in (
        pytorch_source(project, report),
        pytorch_source(project, report, reference=True),
        keras_source(project, report),
    ):
        names = [n.name for n in ast.parse(source).body if isinstance(n, ast.FunctionDef)]
        assert len(names) == len(set(names))
        assert "chosen" in names
