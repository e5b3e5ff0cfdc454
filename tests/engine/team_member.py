"""One process of a team, for `test_team`: trains in each of the cases, prints what it was told.

Started with what torchrun tells its processes. One line of JSON: by case the points of training,
test and validation, the answers, the learning rate at the end, why the run ended, and a digest of
the weights.
"""

from __future__ import annotations

import hashlib
import json
from typing import Any

import msgspec
import torch

from cnnviz.analysis import analyze
from cnnviz.augmentation import classic
from cnnviz.data.idx import drain
from cnnviz.engine.batches import DeviceData
from cnnviz.engine.build import build
from cnnviz.engine.inline import learned
from cnnviz.engine.prepared import prepared_steps
from cnnviz.engine.sight import Sight
from cnnviz.engine.team import Team, joined, leave
from cnnviz.engine.train import Run
from cnnviz.layers import BatchNorm, Branches, Dense, Flatten
from cnnviz.network import Network, named_by_place
from cnnviz.preparation import Preparation
from cnnviz.training import Training
from tests.engine.desk import samples, small_network

QUICK = Training(optimizer="sgd", learning_rate=0.05, batch_size=32, epochs=2)
PLAIN, NORM = small_network(), small_network(BatchNorm(uid="norm"))
ENSEMBLE = named_by_place(Network(layers=(Branches(branches=3 * ((Flatten(), Dense(units=10)),)),)))
IMAGES = 225
"""Seven batches of 32 and one of a single image, which two processes cannot share."""

CASES: dict[str, tuple[Network, Training, Preparation, int]] = {
    "plain": (PLAIN, QUICK, Preparation(), IMAGES),
    "changed by chance": (
        PLAIN,
        Training(optimizer="adamw", batch_size=29, epochs=1, shift=2, clipping=0.5),
        classic(Preparation(validation="share", validation_share=20)),
        200,
    ),
    "that ends early": (
        PLAIN,
        Training(
            optimizer="sgd", learning_rate=1e-9, schedule="plateau", plateau_patience=0, epochs=9,
            stopping_patience=2, loss="mean_squared_error",
        ),
        Preparation(),
        90,
    ),
    "whose branches learn apart": (
        ENSEMBLE, msgspec.structs.replace(QUICK, branches_apart=True), Preparation(), IMAGES,
    ),
    "with batch norm": (NORM, QUICK, Preparation(), 227),
}  # fmt: skip


def trained(case: str, team: Team | None) -> dict[str, Any]:
    """What a run says, alone or in a team."""
    network, training, preparation, images = CASES[case]
    model = build(analyze(network, 10), {}, 1)
    model.sight = Sight(network.input, preparation, "mnist")
    given = drain(prepared_steps(samples(images, 60), preparation, tuple("0123456789")))
    run = Run(model, DeviceData(given, "cpu"), training, 1, team=team)
    run._slice = 7  # several slices for each
    for _ in run.work:
        pass
    points = [[[p.step, p.loss, p.accuracy] for p in kind] for kind in run.take_points()]
    assert run.examination is not None
    weights = b"".join(values.tobytes() for _, values in sorted(learned(model).items()))
    return {
        "points": points,
        "labels": run.examination.labels.tolist(),
        "answers": run.examination.predicted.tolist(),
        "confidence": run.examination.confidence.tolist(),
        "rate": run.learning_rate,
        "ended": str(run.ended_early),
        "weights": hashlib.sha256(weights).hexdigest(),
    }


def main() -> None:
    """Train in every case together with the others."""
    torch.set_num_threads(1)
    with joined("cpu") as team:
        assert team is not None
        print(json.dumps({case: trained(case, team) for case in CASES}))
    leave(0)


if __name__ == "__main__":
    main()
