"""What chance does to training images."""

from __future__ import annotations

from cnnviz.augmentation import augmentation_calls, classic, plain
from cnnviz.preparation import Preparation


def test_the_classic_changes_are_those_of_the_paper() -> None:
    some = Preparation(noise=20, flip="both", elastic_width=8, images=100)
    found = classic(some)
    assert found == Preparation(images=100, move=10, zoom=10, rotate=5)
    assert found.augments
    assert plain(found) == Preparation(images=100)


def test_only_what_is_set_is_called() -> None:
    assert augmentation_calls(Preparation(unchanged=20, elastic_width=8)) == ()
    warped, erased = augmentation_calls(
        Preparation(elastic=9, elastic_width=3, erase=5, unchanged=9)
    )
    assert (warped.name, warped.keywords) == ("warped", {"elastic": 9, "width": 3})
    assert (erased.name, erased.keywords) == ("erased", {"side": 5})
