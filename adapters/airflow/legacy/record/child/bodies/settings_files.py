"""INI files of the code base, as sections with their options."""

import configparser
from typing import Any

from . import sources
from .values import UNKNOWN

_LARGEST = 1000  # options


class Sections(dict[Any, Any]):
    """What a `ConfigParser` has read."""


def of_parser(parser: configparser.RawConfigParser) -> Sections:
    """The sections of a parser of the recorded run."""
    found = Sections()
    for name in [parser.default_section, *parser.sections()][:_LARGEST]:
        options = [*parser.defaults()] if name == parser.default_section else parser.options(name)
        found[name] = {option: _option(parser, name, option) for option in options[:_LARGEST]}
    return found


def _option(parser: configparser.RawConfigParser, section: str, option: str) -> Any:
    try:
        return parser.get(section, option)
    except configparser.Error:
        return UNKNOWN


def method(sections: Sections, name: str, args: list[Any], named: dict[str, Any], file: str) -> Any:
    """What a method of the parser gives; `file` is the one that asks."""
    if name == "read" and args:
        for each in args[0] if isinstance(args[0], list) else args[:1]:
            path = sources.own_path(each, file) if isinstance(each, str) else None
            _read(sections, None if path is None else sources.text_of(path))
        return UNKNOWN
    if name in ("get", "getint", "getfloat", "getboolean") and len(args) > 1:
        known = sections.get(args[0], {})
        is_named = name == "get" and isinstance(args[1], str)
        missing = "{{ " + args[1] + " }}" if is_named else UNKNOWN
        return known.get(_folded(args[1]), named.get("fallback", missing))
    if name == "sections":
        return [each for each in sections if each != configparser.DEFAULTSECT]
    if name in ("items", "options") and args and isinstance(args[0], str):
        options = sections.get(args[0], {})
        return [[key, each] for key, each in options.items()] if name == "items" else [*options]
    return UNKNOWN


def _read(sections: Sections, text: str | None) -> None:
    parser = configparser.ConfigParser(interpolation=None, strict=False)
    try:
        parser.read_string(text or "")
    except configparser.Error:
        return
    for name, options in of_parser(parser).items():
        sections.setdefault(name, {}).update(options)


def _folded(option: Any) -> Any:
    return option.lower() if isinstance(option, str) else option
