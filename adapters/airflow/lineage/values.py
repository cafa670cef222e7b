"""Values inside of arguments, by a path of names."""

from collections.abc import Iterable, Iterator

from pydantic import JsonValue


def at(value: JsonValue, path: str) -> Iterator[JsonValue]:
    """Every value at a path such as `steps.*.args`; `*` is each item of a list."""
    name, _, rest = path.partition(".")
    if name == "*":
        inside: Iterable[JsonValue] = value if isinstance(value, list) else ()
    else:
        inside = (value[name],) if isinstance(value, dict) and name in value else ()
    for each in inside:
        if rest:
            yield from at(each, rest)
        else:
            yield each
