"""What reads a value out of a text, given a text that nobody supplied: the value is unknown."""

import ast
import base64
import builtins
import functools
import json
import sys
import urllib.parse
from collections.abc import Callable
from typing import Any

import yaml

from .assumptions import assumptions
from .placeholders import Unknown

_OF_ADDRESSES = ("urlparse", "urlsplit", "quote", "quote_plus", "unquote", "unquote_plus")
_OF_BASE64 = ("b64decode", "standard_b64decode", "urlsafe_b64decode", "b32decode", "b16decode")


def read_placeholders() -> None:
    """From here on, JSON, YAML, base64, addresses and Python literals are read so."""
    setattr(ast, "literal_eval", _or_unknown("ast.literal_eval", ast.literal_eval))  # noqa: B010
    setattr(json, "loads", _or_unknown("json.loads", json.loads))  # noqa: B010
    for name in ("load", "load_all"):
        setattr(yaml, name, _or_unknown(f"yaml.{name}", getattr(yaml, name)))
    for name in _OF_BASE64:
        setattr(base64, name, _or_unknown(f"base64.{name}", getattr(base64, name)))
    for name in _OF_ADDRESSES:
        setattr(urllib.parse, name, _of_a_text(getattr(urllib.parse, name)))
    _in_eval()
    _in_written_json()


def _or_unknown(label: str, real: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(real)
    def read(*args: Any, **kwargs: Any) -> Any:
        text = next(iter((*args, *kwargs.values())), None)
        return Unknown(f"{label}(...)") if _is_made_up(text) else real(*args, **kwargs)

    return read


def _of_a_text(real: Callable[..., Any]) -> Callable[..., Any]:
    """An address of which parts are asked for is read as the text that stands for it."""

    @functools.wraps(real)
    def read(*args: Any, **kwargs: Any) -> Any:
        named = {name: _as_text(value) for name, value in kwargs.items()}
        return real(*map(_as_text, args), **named)

    return read


def _as_text(value: Any) -> Any:
    return str(value) if isinstance(value, Unknown) else value


def _is_made_up(text: Any) -> bool:
    if isinstance(text, bytes):
        text = text.decode("latin-1")
    return isinstance(text, Unknown) or assumptions.origin_of(text) is not None


def _in_eval() -> None:
    real = eval

    def careful_eval(text: Any, *spaces: Any, **named: Any) -> Any:
        if _is_made_up(text):
            return Unknown("eval(...)")
        if not spaces and not named:
            frame = sys._getframe(1)  # noqa: SLF001 - in whose names it is
            spaces = (frame.f_globals, frame.f_locals)
        return real(text, *spaces, **named)

    builtins.eval = careful_eval


def _in_written_json() -> None:
    real = json.JSONEncoder.default

    def default(encoder: json.JSONEncoder, value: Any) -> Any:
        return str(value) if isinstance(value, Unknown) else real(encoder, value)

    setattr(json.JSONEncoder, "default", default)  # noqa: B010 - a replacement, not an attribute
