"""Known networks that bring their settings along."""

from __future__ import annotations

import pytest

from cnnviz.engine.inline import prepare_run
from cnnviz.message import UserError
from cnnviz.presets import PRESETS, preset
from cnnviz.project import Project
from cnnviz.recipes import QUICK_START, QUICK_STEPS, project_of


def test_a_network_without_a_recipe_has_the_usual_settings() -> None:
    assert set(PRESETS) > {QUICK_START}
    assert project_of("tiny") == Project(preset("tiny"))
    with pytest.raises(UserError):
        project_of("none")


def test_a_quick_start_reads_99_percent_of_the_test_digits() -> None:
    project = project_of(QUICK_START)
    assert project.training.steps == QUICK_STEPS < 469  # hardly more than half an epoch
    run = prepare_run(project, {}, "cpu")
    for _ in run.work:
        pass
    assert run.test is not None
    assert run.test.accuracy >= 0.99
