"""Whether two takers mean one template: a DagBag has it as it is written, the source filled with
what is known before a run.
"""

import re
from functools import lru_cache

from pydantic import JsonValue

_PART = re.compile(r"\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\}", re.DOTALL)


def is_filled(template: JsonValue, value: JsonValue) -> bool:
    """Whether a value is what filling some of the template's parts may give; False where both are
    the same.
    """
    return template != value and _fits(template, value)


def _fits(template: JsonValue, value: JsonValue) -> bool:
    if isinstance(template, str) and isinstance(value, str):
        return template == value or (
            _PART.search(template) is not None and _pattern(template).fullmatch(value) is not None
        )
    if isinstance(template, list) and isinstance(value, list):
        return len(template) == len(value) and all(map(_fits, template, value))
    if isinstance(template, dict) and isinstance(value, dict):
        return template.keys() == value.keys() and all(
            _fits(each, value[name]) for name, each in template.items()
        )
    return template == value


@lru_cache(maxsize=256)
def _pattern(template: str) -> re.Pattern[str]:
    return re.compile(".*?".join(map(re.escape, _PART.split(template))), re.DOTALL)
