"""What a name of a followed function stands for, beside plain texts, numbers, lists and dicts."""

import itertools
import operator
from collections.abc import Callable
from typing import Any

MOST_CHOICES = 4
_MOST = MOST_CHOICES**3  # combinations of such values that are tried


class _Unknown:
    """A value that only the run knows."""

    def __repr__(self) -> str:
        return "UNKNOWN"


UNKNOWN = _Unknown()


class Made:
    """What a chain of names and calls made, such as a hook's connection's cursor."""

    __slots__ = ("chain",)

    def __init__(self, chain: list[dict[str, Any]]) -> None:
        self.chain = chain

    def then(self, name: str) -> "Made":
        return Made([*self.chain, {"name": name}])

    @property
    def path(self) -> str:
        """`os.path.join` of an imported name that nobody called yet; else nothing."""
        module = self.chain[0].get("module")
        names = [str(step["name"]) for step in self.chain]
        is_called = any("arguments" in step or "named" in step for step in self.chain)
        return "" if module is None or is_called else ".".join([str(module), *names])


class Choice:
    """One of several values: it depends on a branch."""

    __slots__ = ("values",)

    def __init__(self, values: list[Any]) -> None:
        self.values = values


def choice(values: list[Any]) -> Any:
    """One of these; what says nothing gives way to what does."""
    flat: list[Any] = []
    for value in values:
        for each in value.values if isinstance(value, Choice) else [value]:
            if not any(each is one or (type(each) is type(one) and each == one) for one in flat):
                flat.append(each)
    saying = [each for each in flat if each is not UNKNOWN and each is not None]
    if UNKNOWN in flat:  # it may be anything, and what says no or nothing would be believed
        saying = [each for each in saying if each and not isinstance(each, bool)]
    if UNKNOWN in flat or any(isinstance(each, Made) for each in flat):
        saying = [_undecided(each) if isinstance(each, (dict, list)) else each for each in saying]
    kept = saying or flat
    return kept[0] if len(kept) == 1 else Choice(kept[:MOST_CHOICES]) if kept else UNKNOWN


def _undecided(value: Any) -> Any:
    """The value with nothing in it that says yes or no; itself where nothing did."""
    if isinstance(value, dict):
        parts = {key: _undecided(each) for key, each in value.items()}
        return parts if any(parts[key] is not value[key] for key in parts) else value
    if isinstance(value, list):
        items = [_undecided(each) for each in value]
        return items if any(map(operator.is_not, items, value)) else value
    return UNKNOWN if value is None or isinstance(value, bool) else value


def over(function: Callable[..., Any], *values: Any) -> Any:
    """What the function gives for each choice among the values; of very many, for the first ones
    (six choices of four make four thousand).
    """
    if not any(isinstance(value, Choice) for value in values):
        return function(*values)
    each = [value.values if isinstance(value, Choice) else (value,) for value in values]
    return choice([function(*one) for one in itertools.islice(itertools.product(*each), _MOST)])


class Member(str):
    """A text that is the value of an Enum's member; `label` is the member's name."""

    __slots__ = ("label",)
    label: str


class Module:
    """A module: loaded, read from its source alone, or known by name only."""

    __slots__ = ("loaded", "name", "names")

    def __init__(self, name: str, loaded: Any = None, names: dict[str, Any] | None = None) -> None:
        self.name = name
        self.loaded = loaded
        self.names = names


class Routine:
    """A function whose source is at hand: `scope` answers for names that are not its own."""

    __slots__ = ("cls", "function", "node", "scope")

    def __init__(self, node: Any, scope: Any, function: Any = None, cls: Any = None) -> None:
        self.node = node
        self.scope = scope
        self.function = function
        self.cls = cls


class Bound:
    """A function with what it is given first: a method, or a `functools.partial`."""

    __slots__ = ("args", "function", "named")

    def __init__(self, function: Any, args: list[Any], named: dict[str, Any] | None = None) -> None:
        self.function = function
        self.args = args
        self.named = named or {}


class Native:
    """A function whose result is known here: `does(args, named)` gives it."""

    __slots__ = ("does",)

    def __init__(self, does: Callable[[list[Any], dict[str, Any]], Any]) -> None:
        self.does = does


class SourceClass:
    """A class that was read from its source and never made."""

    __slots__ = ("bases", "name", "names")

    def __init__(self, name: str, bases: list[Any], names: dict[str, Any]) -> None:
        self.name = name
        self.bases = bases
        self.names = names


class Instance:
    """An object of a class of the code base. `loaded` is the object itself where there is one,
    `made` the chain by which a library's base class is known, `changes` counts what was set.
    """

    __slots__ = ("attributes", "changes", "cls", "loaded", "made")

    def __init__(self, cls: Any, loaded: Any = None, made: Made | None = None) -> None:
        self.cls = cls
        self.attributes: dict[str, Any] = {}
        self.changes = 0
        self.loaded = loaded
        self.made = made


class Super:
    """`super()` inside a method."""

    __slots__ = ("cls", "instance")

    def __init__(self, cls: Any, instance: Any) -> None:
        self.cls = cls
        self.instance = instance


class Yielded(list[Any]):
    """What a generator yields."""


class Some(list[Any]):
    """What each of some items is like; how many there are, only the run knows."""


class Later:
    """What a call will have given that a library does meanwhile."""

    __slots__ = ("value",)

    def __init__(self, value: Any) -> None:
        self.value = value


class File:
    """An open file of the code base."""

    __slots__ = ("path",)

    def __init__(self, path: str) -> None:
        self.path = path
