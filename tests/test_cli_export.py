"""`cnnviz export`: programs, drawings and tables, to a file or to the screen."""

from __future__ import annotations

from pathlib import Path

import pytest

from cnnviz.files import save_network
from cnnviz.layers import Dense, Flatten
from cnnviz.network import Network
from tests.support.command_line import SMALL, Command


def test_export_prints_or_writes_the_script(
    command: Command, tmp_path: Path, trained: Path
) -> None:
    printed = command("export", "lenet-tutorial", "--to", "pytorch")
    assert printed.code == 0
    assert "nn.Linear(1024, 1024)" in printed.out
    assert printed.err == ""
    out = tmp_path / "script.py"
    said = command("export", trained, "--to", "pytorch", "--out", out)
    assert said.code == 0
    assert said.out == ""
    assert "script.safetensors" in said.err
    assert (tmp_path / "script.safetensors").exists()
    assert "'script.safetensors'" in out.read_text(encoding="utf-8")
    said = command("export", "tiny", "--to", "pytorch", "--out", tmp_path / "tiny.py")
    assert not (tmp_path / "tiny.safetensors").exists()
    name = tmp_path / "same.safetensors"
    assert command("export", trained, "--to", "pytorch", "--out", name).code == 2
    assert not name.exists()


@pytest.mark.parametrize(
    ("to", "words"),
    [
        ("keras", "layers.Conv2D(8, 5)"),
        ("svg", "<svg"),
        ("markdown", "| /0 | Conv | Filters 8, Kernel 5×5 |"),
        ("csv", '/0,Conv,"Filters 8, Kernel 5×5"'),
    ],
)
def test_export_prints_or_writes_all_that_is_text(
    command: Command, tmp_path: Path, to: str, words: str
) -> None:
    printed = command("export", "tiny", "--to", to)
    assert printed.code == 0
    assert words in printed.out
    out = tmp_path / "network"
    said = command("export", "tiny", "--to", to, "--out", out)
    assert said.code == 0
    assert words in out.read_text(encoding="utf-8-sig")


def test_a_network_with_a_problem_is_drawn(command: Command, tmp_path: Path) -> None:
    net = tmp_path / "net.json"
    save_network(net, SMALL.remove(["1"]))
    said = command("export", net, "--to", "svg")
    assert said.code == 0
    assert "does not fit" in said.out
    assert command("export", net, "--to", "keras").code == 1


def test_a_network_for_other_classes_is_exported(command: Command, tmp_path: Path) -> None:
    """ImageNet's 1,000 are more than the ten digits; fewer could not be learned from them."""
    for to, words in (("pytorch", "nn.Linear(512, 1000)"), ("svg", ">1,000<"), ("csv", "1000")):
        said = command("export", "resnet-18", "--to", to)
        assert said.code == 0
        assert words in said.out
        assert "does not fit" not in said.out
    net = tmp_path / "net.json"
    save_network(net, Network(layers=(Flatten(), Dense(units=3))))
    assert command("export", net, "--to", "svg").code == 0
    assert "10 classes" in command("export", net, "--to", "pytorch").sentence


def test_onnx_wants_a_file_and_its_packages(
    command: Command, tmp_path: Path, trained: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "--out FILE.onnx" in command("export", "tiny", "--to", "onnx").sentence
    out = tmp_path / "network.onnx"
    monkeypatch.setattr("cnnviz.engine.onnx.PACKAGES", ("no_such_package",))
    said = command("export", trained, "--to", "onnx", "--out", out)
    assert said.code == 2
    assert "pip install no_such_package" in said.sentence
    assert not out.exists()


def test_pictures_are_said_to_need_the_window(command: Command) -> None:
    assert "need the window" in command("export", "--help").out
