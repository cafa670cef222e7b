"""Small libraries that write a name in another form, for where they are not installed: ids of DAGs
and tasks are made with them. Each function does what its library does (stringcase 1.2, inflection
0.5, python-slugify 8, Unidecode's letters with accents).
"""

import re
import unicodedata
from collections.abc import Callable
from typing import Any


def _snakecase(text: str) -> str:
    text = re.sub(r"[\-\.\s]", "_", text)
    return text[:1].lower() + re.sub(r"[A-Z]", lambda found: f"_{found[0].lower()}", text[1:])


def _camelcase(text: str) -> str:
    text = re.sub(r"^[\-_\.]", "", text)
    rest = re.sub(r"[\-_\.\s]([a-z])", lambda found: found[1].upper(), text[1:])
    return text[:1].lower() + rest


def _pascalcase(text: str) -> str:
    text = _camelcase(text)
    return text[:1].upper() + text[1:]


def _underscore(text: str) -> str:
    text = re.sub(r"([A-Z]+)([A-Z][a-z])", r"\1_\2", text)
    return re.sub(r"([a-z\d])([A-Z])", r"\1_\2", text).replace("-", "_").lower()


def _camelize(text: str, uppercase_first_letter: bool = True) -> str:  # noqa: FBT001, FBT002 - inflection's
    made = re.sub(r"(?:^|_)(.)", lambda found: found[1].upper(), text)
    return made if uppercase_first_letter else text[:1].lower() + made[1:]


def _plain_letters(text: str) -> str:
    return unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode("ascii")


def _slugify(text: str, separator: str = "-", lowercase: bool = True) -> str:  # noqa: FBT001, FBT002
    plain = _plain_letters(text).replace("'", "")
    plain = plain.lower() if lowercase else plain
    return re.sub(r"[^A-Za-z0-9]+", "-", plain).strip("-").replace("-", separator)


_KNOWN: dict[str, Callable[..., str]] = {
    "stringcase.snakecase": _snakecase,
    "stringcase.spinalcase": lambda text: _snakecase(text).replace("_", "-"),
    "stringcase.constcase": lambda text: _snakecase(text).upper(),
    "stringcase.camelcase": _camelcase,
    "stringcase.pascalcase": _pascalcase,
    "stringcase.lowercase": str.lower,
    "stringcase.uppercase": str.upper,
    "inflection.underscore": _underscore,
    "inflection.dasherize": lambda text: text.replace("_", "-"),
    "inflection.camelize": _camelize,
    "inflection.parameterize": _slugify,
    "slugify.slugify": _slugify,
    "unidecode.unidecode": _plain_letters,
    "text_unidecode.unidecode": _plain_letters,
}


def written(function: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> str | None:
    """What a function of that dotted name makes of a text; None where it is not one of these, or is
    asked for more than is known of it.
    """
    known = _KNOWN.get(function)
    if known is None or not args or not all(isinstance(one, str) for one in args):
        return None
    try:
        return known(*map(str, args), **kwargs)
    except TypeError:
        return None
