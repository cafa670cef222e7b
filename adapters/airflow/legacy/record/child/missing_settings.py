"""INI files that are not here: what a `ConfigParser` would have found in them is not known.

Reading a file that is missing is no error to a parser; the first question that it then cannot
answer would end the file of DAGs. Instead its answer is a text that nobody supplied.
"""

# Plain os: the user's code may have changed pathlib.

import configparser
import os
from typing import Any

from .assumptions import AssumedText, assumed
from .journal import journal
from .placeholders import Unknown

_Parser: Any = configparser.RawConfigParser
_Section: Any = configparser.SectionProxy


def tolerate_missing_settings() -> None:
    """From here on, a parser of files that are missing answers all questions."""
    has_section, as_boolean = _Parser.has_section, _Parser._convert_to_boolean  # noqa: SLF001
    _Parser.read = _noting_what_lacks(_Parser.read)
    _Parser.get = _answered(_Parser.get, lambda self, _, option, **__: _value(self, option))
    _Parser.__getitem__ = _answered(_Parser.__getitem__, _Section)
    _Section.__getitem__ = _answered(_Section.__getitem__, _value)
    _Parser.options = _answered(_Parser.options, lambda *_, **__: [])
    _Parser.items = _answered(_Parser.items, lambda *_, **__: [])
    _Parser.has_section = lambda self, name: has_section(self, name) or bool(_lacking(self))
    _Parser._convert_to_boolean = lambda self, value: (  # noqa: SLF001
        Unknown(str(value)) if isinstance(value, AssumedText) else as_boolean(self, value)
    )


def _noting_what_lacks(read: Any) -> Any:
    def call(self: Any, filenames: Any, *args: Any, **kwargs: Any) -> Any:
        is_one = isinstance(filenames, (str, bytes, os.PathLike))
        asked = [os.fspath(each) for each in ([filenames] if is_one else filenames)]
        found = read(self, asked, *args, **kwargs)
        self._lacks = [*_lacking(self), *(each for each in asked if each not in found)]
        return found

    return call


def _answered(real: Any, answer: Any) -> Any:
    """What the real method says, or the answer where it finds nothing and a file is missing."""

    def call(self: Any, *args: Any, **kwargs: Any) -> Any:
        found = None
        try:
            found = real(self, *args, **kwargs)
        except (KeyError, configparser.Error):
            if not _lacking(self):
                raise
        return answer(self, *args, **kwargs) if found is None and _lacking(self) else found

    return call


def _lacking(owner: Any) -> list[str]:
    """The files that a parser, or that of a section, was to read and that are not here."""
    found: list[str] = getattr(getattr(owner, "parser", owner), "_lacks", [])
    return found


def _value(owner: Any, option: Any) -> AssumedText:
    path = os.fsdecode(_lacking(owner)[0])
    journal.note("warning", "assumed_file", f"there is no file {path}; what it holds is not known")
    return assumed("unknown", str(option))
