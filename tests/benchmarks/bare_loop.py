"""What one writes without CNNviz: the data set in memory, batches by index, a plain loop.

Started by `throughput` as a process of its own: reads seconds, trains so long, prints images a
second.
"""

from __future__ import annotations

import sys
import time

import msgspec
import torch
from torch import nn
from torch.nn import functional as F

from cnnviz.analysis import analyze
from cnnviz.data.datasets import load
from cnnviz.project import Project
from tests.layers.modules import module_of


def main(task: str, threads: int) -> None:
    """Answer until there is nothing more to read."""
    torch.set_num_threads(threads)
    project = msgspec.json.decode(bytes.fromhex(task), type=Project)
    modules = [
        module_of(call)
        for row in analyze(project.network).rows
        if row.input is not None
        for call in row.layer.torch_calls(row.input)
    ]
    model = nn.Sequential(*modules)
    optimizer = torch.optim.Adam(model.parameters(), lr=project.training.learning_rate)
    data = load(project.dataset)
    images = torch.from_numpy(data.train_images.copy())[:, None].float() / 255
    labels = torch.from_numpy(data.train_labels.copy()).long()
    print("ready", flush=True)
    for line in sys.stdin:
        size, done, started = project.training.batch_size, 0, time.perf_counter()
        while time.perf_counter() - started < float(line):
            order = torch.randperm(len(labels))
            for first in range(0, len(labels) - size, size):
                chosen = order[first : first + size]
                optimizer.zero_grad()
                F.cross_entropy(model(images[chosen]), labels[chosen]).backward()
                optimizer.step()
                done += size
                if time.perf_counter() - started >= float(line):
                    break
        print(done / (time.perf_counter() - started), flush=True)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
