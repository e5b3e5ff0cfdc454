"""Templates are translated before their values are put in."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QCoreApplication, QLocale

from cnnviz.message import Message
from cnnviz.message import listed as names_of
from tests.support.listener import Listener
from ui import i18n
from ui.i18n import language, listed, network_name, system_language, text, together, tr

if TYPE_CHECKING:
    pass

CATALOGUE = {
    "{count:,} parameters in {place}": "{place}有 {count:,} 个参数",
    "layer {index}": "第 {index} 层",
    "move {layer}": "移动{layer}",
    "move {layer} up": "上移{layer}一格",
}


@pytest.fixture
def chinese(monkeypatch: pytest.MonkeyPatch, qapp: object) -> None:
    monkeypatch.setattr(i18n, "_catalogue", {"zh_CN": CATALOGUE}.__getitem__)
    language.set("zh_CN")


def test_english_is_the_template_itself() -> None:
    assert tr("{count:,} parameters in {place}", count=27690, place="all") == (
        "27,690 parameters in all"
    )


def test_the_template_is_translated_and_then_filled(chinese: None) -> None:
    assert tr("layer {index}", index=3) == "第 3 层"


def test_messages_inside_messages_are_translated_too(chinese: None) -> None:
    message = Message(
        "{count:,} parameters in {place}", count=1168, place=Message("layer {index}", index=3)
    )
    assert text(message) == "第 3 层有 1,168 个参数"


@pytest.mark.parametrize(
    ("layer", "moved", "up"),
    [
        ("ReLU", "移动 ReLU", "上移 ReLU 一格"),
        ("卷积", "移动卷积", "上移卷积一格"),
        ("卷积 3", "移动卷积 3", "上移卷积 3 一格"),
        ("“ReLU”", "移动“ReLU”", "上移“ReLU”一格"),
        (7, "移动 7", "上移 7 一格"),
    ],
)
def test_latin_words_and_numbers_stand_apart_from_chinese(
    chinese: None, layer: object, moved: str, up: str
) -> None:
    assert tr("move {layer}", layer=layer) == moved
    assert tr("move {layer} up", layer=layer) == up


def test_names_in_a_message_stand_apart_as_the_language_has_it() -> None:
    message = Message("There are no test images of {names}.", names=names_of(("猫", "狗", "cow")))
    assert text(message) == str(message) == "There are no test images of 猫, 狗, cow."
    language.set("zh_CN")
    assert "猫、狗、cow" in text(message)


def test_networks_of_the_program_are_called_as_in_the_menu() -> None:
    assert network_name("First start") == "First start"
    language.set("zh_CN")
    assert network_name("First start") == "入门网络"
    assert network_name("Train") == "Train"  # somebody's own, though the catalogue knows the word
    assert network_name("") == ""


def test_what_the_catalogue_lacks_is_english(chinese: None) -> None:
    assert tr("not yet {what}", what="translated") == "not yet translated"


def test_a_per_cent_sign_stays_with_its_number_on_one_line() -> None:
    said = tr("Looking at the images: {percent:.0f} %", percent=97)
    assert said == "Looking at the images: 97\N{NO-BREAK SPACE}%"
    template = "Quick start: another network, with which it reads 99 % of the digits"
    assert i18n.in_all_languages(tr(template))[0] == template


def test_a_change_is_announced_once() -> None:
    heard = Listener(language.changed)
    language.set("zh_CN")
    assert heard.times == 1
    language.set("zh_CN")
    assert heard.times == 1
    assert language.code == "zh_CN"


def test_an_unknown_language_is_refused() -> None:
    with pytest.raises(ValueError, match="klingon"):
        language.set("klingon")


def test_the_dialogs_of_qt_follow(qapp: object) -> None:
    language.set("zh_CN")
    assert QCoreApplication.translate("QPlatformTheme", "Cancel") == "取消"
    language.set("en")
    assert QCoreApplication.translate("QPlatformTheme", "Cancel") == "Cancel"


@pytest.mark.parametrize(
    ("locale", "code"), [("zh_CN", "zh_CN"), ("zh_TW", "zh_CN"), ("de_DE", "en"), ("C", "en")]
)
def test_the_system_chooses_first(monkeypatch: pytest.MonkeyPatch, locale: str, code: str) -> None:
    monkeypatch.setattr(QLocale, "system", lambda: QLocale(locale))
    assert system_language() == code


def test_every_language_is_offered_by_its_own_name() -> None:
    assert language.available() == (("en", "English"), ("zh_CN", "简体中文"))


def test_lists_and_sentences_stand_together_as_the_language_has_them(qapp: object) -> None:
    assert listed(["cat", "dog"]) == "cat, dog"
    assert together(["One.", "Two."]) == "One. Two."
    assert (listed([]), together([])) == ("", "")
    language.set("zh_CN")
    assert listed(["猫", "狗"]) == "猫、狗"
    assert together(["一。", "二。"]) == "一。二。"
