"""What chance decides while a file runs: the same in every import, and shown for what it is.

A name made with a new UUID is another one at every run of the code: what is recorded has the
template of a UUID in its place, also of its first or last part.
"""

import random
import re
import uuid
from typing import Any

from .each_text import each_text
from .pristine import of_one_file

UUID = "{{ uuid }}"
_MADE = re.compile(
    r"5eed5eed[0-9a-f]{4}|5eed[0-9a-f]{4}(?:-?5eed(?:-?4eed(?:-?8eed(?:-?5eed5eed[0-9a-f]{4})?)?)?)?",
    re.IGNORECASE,
)
_given: dict[int, uuid.UUID] = of_one_file({})


def install() -> None:
    """From here on, UUIDs are told from other texts."""
    uuid.uuid1 = uuid.uuid4 = _uuid


def begin() -> None:
    """A file begins: what it draws is drawn anew."""
    random.seed(0)


def with_uuids(value: Any, shown: str = UUID) -> Any:
    """JSON in which the template of a UUID stands for each that was given, or a part of it."""
    return each_text(value, lambda text: _MADE.sub(shown, text)) if _given else value


def _uuid(*_args: object, **_named: object) -> uuid.UUID:
    number = len(_given) % 0xFFFF + 1
    made = uuid.UUID(f"5eed{number:04x}-5eed-4eed-8eed-5eed5eed{number:04x}")
    return _given.setdefault(number, made)
