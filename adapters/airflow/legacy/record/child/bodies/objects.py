"""Attributes of classes and objects of the code base, as Python finds them."""

import functools
import types
from collections.abc import Iterator
from typing import Any

from ..callables import plain_function
from ..settings_libraries import NOTHING, BaseSettings, fields_of
from . import loaded
from .values import UNKNOWN, Bound, Instance, Made, Routine, SourceClass

PROPERTIES = frozenset(("property", "cached_property", "classproperty", "hybrid_property"))
_FIELDS = ("Field", "FieldInfo", "field", "config")


class Property:
    """An attribute that a method gives."""

    __slots__ = ("routine",)

    def __init__(self, routine: Any) -> None:
        self.routine = routine


class Static:
    """A method that is not given its object; of a class method, its class."""

    __slots__ = ("of_class", "routine")

    def __init__(self, routine: Any, *, of_class: bool) -> None:
        self.routine = routine
        self.of_class = of_class


def line(cls: Any) -> Iterator[Any]:
    """A class and those it inherits from, in the order they are asked."""
    if isinstance(cls, type):
        yield from cls.__mro__
    elif isinstance(cls, SourceClass):
        yield cls
        for base in cls.bases:
            yield from line(base)
    elif isinstance(cls, Made):
        yield cls


def own(cls: Any, name: str, after: Any = None) -> Any:
    """An attribute of a class of the code base, or of one it inherits from; UNKNOWN without one.

    With `after`, only classes behind that one are asked, as `super()` does.
    """
    waiting = after is not None
    for each in line(cls):
        if waiting:
            waiting = each is not after
        elif isinstance(each, SourceClass) and name in each.names:
            return _with_class(each.names[name], each)
        elif isinstance(each, type) and loaded.is_own_class(each):
            spelled = _in_class(each, name)
            if spelled in vars(each):
                return _of_class(vars(each)[spelled], each)
    return UNKNOWN


def _in_class(cls: type, name: str) -> str:
    """How Python spells a name of a class: `__x` of `Box` is `_Box__x`."""
    is_private = name.startswith("__") and not name.endswith("__")
    return f"_{cls.__name__.lstrip('_')}{name}" if is_private else name


def _with_class(value: Any, cls: Any) -> Any:
    if isinstance(value, Routine) and value.cls is None:
        return Routine(value.node, value.scope, value.function, cls)
    return value


def _of_class(value: Any, cls: type) -> Any:
    if isinstance(value, property):
        return Property(_routine(value.fget, cls))
    if isinstance(value, functools.cached_property):
        return Property(_routine(value.func, cls))
    if isinstance(value, (staticmethod, classmethod)):
        of_class = isinstance(value, classmethod)
        return Static(_routine(value.__func__, cls), of_class=of_class)
    if type(value).__name__ == "FieldInfo" and type(value).__module__.startswith("pydantic"):
        value = value.default
    found = _routine(value, cls)
    return _default_of(loaded.value_of(value)) if found is None else found


def _default_of(value: Any) -> Any:
    """The default of `Field("x")`; any other value as it is."""
    last: dict[str, Any] = value.chain[-1] if isinstance(value, Made) else {}
    if last.get("name") not in _FIELDS or "arguments" not in last:
        return value
    first = [*last["arguments"], last.get("named", {}).get("default")][0]
    return first if isinstance(first, (str, int)) else value


def _routine(value: Any, cls: type) -> Any:
    function = plain_function(value)
    return loaded.routine_of(function, cls) if isinstance(function, types.FunctionType) else None


def of_instance(instance: Instance, name: str) -> Any:
    """An attribute of an object, before properties are asked: what it was given, its class's."""
    if name in instance.attributes:
        return instance.attributes[name]
    given = _of_loaded(instance, name)
    if given is not UNKNOWN and not isinstance(given, Made):
        return given
    found = of_class(instance.cls, name, instance)
    if found is not UNKNOWN:
        return found
    if given is not UNKNOWN:
        return given
    return instance.made.then(name) if instance.made is not None else Made([{"name": name}])


def _of_loaded(instance: Instance, name: str) -> Any:
    spelled = (_in_class(each, name) for each in line(instance.cls) if isinstance(each, type))
    found = (loaded.attribute_of(instance.loaded, each) for each in dict.fromkeys(spelled))
    return next((each for each in found if each is not UNKNOWN), UNKNOWN)


def of_class(cls: Any, name: str, first: Any = None, after: Any = None) -> Any:
    """An attribute of a class; a method bound to what it was asked of."""
    found = own(cls, name, after)
    if isinstance(found, Static):
        return Bound(found.routine, [cls]) if found.of_class else found.routine
    if isinstance(found, Routine) and first is not None:
        return Bound(found, [first])
    if isinstance(found, Property) and first is None:
        return UNKNOWN
    return found


def base_of(cls: Any) -> Made | None:
    """The library's class that a class inherits from, as a name; None without one."""
    for each in line(cls):
        if isinstance(each, Made):
            return each
        if isinstance(each, type) and each is not object and not loaded.is_own_class(each):
            found = loaded.value_of(each)
            return found if isinstance(found, Made) else None
    return None


def settings_of(cls: type, given: dict[str, Any]) -> dict[str, Any]:
    """The fields of a class of settings: what is given, their defaults, the environment's names."""
    if not issubclass(cls, BaseSettings):
        return {}
    return {
        name: given[name]
        if name in given
        else "{{ " + named + " }}"
        if default is NOTHING
        else loaded.value_of(default)
        for name, (named, default, _) in fields_of(cls).items()
    }
