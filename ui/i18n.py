"""The language of the window: English templates, translated before their values are put in.

A text that is born in the window is `tr("Template with {name}", name=value)`; a text that comes
from `cnnviz` is a `Message`, shown with `text(message)`. The catalogue is one JSON object, from the
English template to the translated one; a template that it lacks is shown in English.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Any

import msgspec
from PySide6.QtCore import QCoreApplication, QLibraryInfo, QLocale, QObject, QTranslator

from cnnviz.assets import asset_path
from cnnviz.layers import Maps, Shape, Vector
from cnnviz.message import Message
from cnnviz.preset_list import GROUPS
from ui.announcement import Announcement
from ui.stillness import exhaust

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from cnnviz.data.catalogue import DataSet

_NAMES = {"en": "English", "zh_CN": "简体中文"}
_ALSO = {
    "English": ("英语", "英文", "yingyu", "yingwen"),
    "简体中文": ("Simplified Chinese", "jianti zhongwen", "中文"),
}
"""What languages are looked for by: who cannot read the present one has no other way out."""
_NO_BREAK = "\N{NO-BREAK SPACE}"
_PER_CENT = re.compile(r"(?<=\d) (?=%)")
"""The space of "97 %", at which no line is to be broken."""
_SEAM = "\ue000"
"""Where a value meets a Chinese character of its template; of the characters for private use."""
_HAN, _LATIN = "[\u3400-\u9fff]", "[0-9A-Za-z%°]"
_GAP = re.compile(f"(?<={_LATIN}){_SEAM}(?={_HAN})|(?<={_HAN}){_SEAM}(?={_LATIN})")
"""Chinese stands a space apart from Latin letters and digits, also those of a value."""


class Language(QObject):
    """How the window speaks now; `changed` is announced when everything is to be said anew."""

    def __init__(self) -> None:
        super().__init__()
        self.changed = Announcement()
        self._code = "en"
        self._channels_first = False
        self._qt_code = "en"
        self._qt_translator: QTranslator | None = None

    @property
    def code(self) -> str:
        """`"en"` or `"zh_CN"`."""
        return self._code

    @property
    def channels_first(self) -> bool:
        """Whether shapes are said as channels×height×width, as PyTorch has them."""
        return self._channels_first

    @property
    def manner(self) -> tuple[str, bool]:
        """All that decides how something is said."""
        return self._code, self._channels_first

    def available(self) -> tuple[tuple[str, str], ...]:
        """All languages as (code, the language's own name), English first."""
        return tuple(_NAMES.items())

    def set(self, code: str) -> None:
        """Speak another language. An unknown code raises `ValueError`."""
        exhaust(self.setting(code))

    def setting(self, code: str) -> Iterator[None]:
        """The same in steps between which the windows answer."""
        if code not in _NAMES:
            raise ValueError(f"no language {code!r}; there are {', '.join(_NAMES)}")
        if code != self._code:
            self._code = code
            self.translate_qt(code)
            yield from self.changed.steps()

    def set_channels_first(self, first: bool) -> None:
        """Say the channels of a shape first, or last."""
        exhaust(self.setting_channels_first(first))

    def setting_channels_first(self, first: bool) -> Iterator[None]:
        """The same in steps between which the windows answer."""
        if first != self._channels_first:
            self._channels_first = first
            yield from self.changed.steps()

    def translate_qt(self, code: str) -> None:
        """Let Qt's own dialogs and menus follow, where Qt has brought a translation along.

        `set` does it too. Qt tells every object of it, so that whoever has windows to look after
        may do it in a step of its own, before `set`, which says the names of keys as Qt does.
        """
        app = QCoreApplication.instance()
        if app is None or code == self._qt_code:
            return
        self._qt_code = code
        if self._qt_translator is not None:
            app.removeTranslator(self._qt_translator)
            self._qt_translator = None
        folder = QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)
        translator = QTranslator(self)
        if code != "en" and translator.load(f"qtbase_{code}", folder):
            app.installTranslator(translator)
            self._qt_translator = translator


language = Language()


def system_language() -> str:
    """The language that the system speaks, if the window can speak it, else English."""
    return "zh_CN" if QLocale.system().language() == QLocale.Language.Chinese else "en"


def tr(template: str, /, **values: Any) -> str:
    """The template in the present language, with the values put in (messages translated too).

    Numbers get separators where the template asks for them: `{parameters:,}`.
    """
    shown = {name: _shown(value) for name, value in values.items()}
    if language.code == "en":
        return _PER_CENT.sub(_NO_BREAK, template.format(**shown))
    template = _seamed(_catalogue(language.code).get(template, template))
    words = template.format(**shown)
    return words if _SEAM not in template else _GAP.sub(" ", words).replace(_SEAM, "")


def text(message: Message) -> str:
    """A message of `cnnviz` in the present language."""
    return tr(message.template, **message.values)


def listed(words: Iterable[str]) -> str:
    """Names one after the other, with what stands between them in the present language."""
    return tr(", ").join(words)


def together(sentences: Iterable[str]) -> str:
    """Sentences one after the other: a Chinese full stop brings its own space along."""
    said = ""
    for more in sentences:
        said = tr("{what} {more}", what=said, more=more) if said else more
    return said


def in_all_languages(words: str) -> tuple[str, ...]:
    """What is shown now, and what it is in the other languages, as far as that can be told."""
    words = words.replace(_NO_BREAK, " ")
    found = [words]
    # A sentence with a value in it, such as "Undo: …", is known by what it begins with.
    for part in (words, re.split("[:：]", words, maxsplit=1)[0]):
        known = (part,) if language.code == "en" else _templates(language.code).get(part, (part,))
        for template in known:
            found += [template, *(_catalogue(code).get(template, template) for code in _NAMES)]
    found += _ALSO.get(words, ())
    return tuple(dict.fromkeys(found))


@cache
def _templates(code: str) -> dict[str, tuple[str, ...]]:
    """The catalogue the other way round: two templates may be said with the same words."""
    found: dict[str, tuple[str, ...]] = {}
    for template, said in _catalogue(code).items():
        found[said] = (*found.get(said, ()), template)
    return found


def class_names(data_set: DataSet) -> tuple[str, ...]:
    """The classes of a data set in the present language, in the order of their labels."""
    return tuple(map(text, data_set.names))


def network_name(name: str) -> str:
    """A network's name; one that came with the program is called as in the menu."""
    known = _known_names().get(name)
    return name if known is None else text(known)


@cache
def _known_names() -> dict[str, Message]:
    known = [preset.title for group in GROUPS for preset in group.presets.values()]
    return {title.template: title for title in known}


def shape_text(shape: Shape) -> str:
    """A shape as it is to be said: height×width×channels, channels first, or a length."""
    if not isinstance(shape, Maps):
        return f"{shape.length:,}"
    plane = f"{shape.height:,}×{shape.width:,}"
    if language.channels_first:
        return f"{shape.channels:,}×{plane}"
    return f"{plane}×{shape.channels:,}"


def _shown(value: Any) -> Any:
    if isinstance(value, Message):
        return text(value)
    return shape_text(value) if isinstance(value, Maps | Vector) else value


@cache
def _seamed(template: str) -> str:
    """A template with its seams marked."""
    return re.sub(f"(?<={_HAN})(?={{)|(?<=}})(?={_HAN})", _SEAM, template)


@cache
def _catalogue(code: str) -> dict[str, str]:
    path = asset_path("translations", f"{code}.json")
    if not path.exists():
        return {}
    return msgspec.json.decode(path.read_bytes(), type=dict[str, str])
