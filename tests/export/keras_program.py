"""Builds exported Keras scripts and runs them; a program of its own, so that Keras finds a backend.

    python keras_program.py FOLDER

For each NAME.py of the folder there is a NAME.npz with `x`, a batch of images, and the weights as
`w0`, `w1` … in the order of the script's layers. Writes found.json, NAME -> what was found.
"""

from __future__ import annotations

import importlib.util
import json
import sys
from pathlib import Path

import keras
import numpy as np

created: list[keras.Layer] = []
_start = keras.Layer.__init__


def _noted(layer: keras.Layer, *arguments: object, **settings: object) -> None:
    created.append(layer)
    _start(layer, *arguments, **settings)


def main(folder: Path) -> None:
    keras.Layer.__init__ = _noted
    found = {}
    for script in sorted(folder.glob("*.py")):
        created.clear()
        spec = importlib.util.spec_from_file_location(script.stem, script)
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        model = module.build()
        given = np.load(script.with_suffix(".npz"))
        inside = [layer for layer in created if not isinstance(layer, keras.Model)]
        variables = [variable for layer in inside for variable in layer.weights]
        variables = [v for v in variables if "seed_generator" not in v.path]
        shapes = [list(variable.shape) for variable in variables]
        expected = [list(given[f"w{index}"].shape) for index in range(len(given.files) - 1)]
        found[script.stem] = {
            "output": list(model.output_shape),
            "trainable": sum(int(np.prod(v.shape)) for v in model.trainable_weights),
            "all": sum(int(np.prod(v.shape)) for v in variables),
            "shapes": shapes,
        }
        if shapes != expected:
            continue
        weights = [given[f"w{index}"] for index in range(len(variables))]
        found[script.stem]["moved"] = [
            float(np.abs(variable.value.detach().numpy() - weight).max())
            for variable, weight in zip(variables, weights, strict=True)
        ]
        for variable, weight in zip(variables, weights, strict=True):
            variable.assign(weight)
        y = model(given["x"], training=False).detach().numpy()
        np.save(script.with_suffix(".npy"), y)
        found[script.stem]["prepared"] = list(module.prepare(np.zeros((2, 28, 28), "uint8")).shape)
    (folder / "found.json").write_text(json.dumps(found))


main(Path(sys.argv[1]))
