"""Values that are not known here: `Unknown` survives nearly any use. Texts that nobody supplied are
in `assumptions`.

Whatever an unknown value decides (a loop, a branch, a length) is a finding: tasks may be missing or
too many.
"""

import abc
import dis
import functools
import sys
import types
from collections.abc import Callable, Iterator
from typing import Any

from .journal import journal
from .pristine import of_one_file
from .text_functions import written

_UNPACK = dis.opmap["UNPACK_SEQUENCE"]
_NOT_ANSWERED = frozenset(
    {"__path__", "__file__", "__spec__", "__loader__", "__wrapped__", "__all__"}
)


def _decides(label: str, what: str) -> None:
    journal.note("warning", "unknown_value_decides", f"{what} {label}, which is not known here")


shown: dict[str, str] = of_one_file({})
"""Texts that unknown values became, and what they are called: `unknown_BUCKET` is `BUCKET`."""


def _shown(label: str) -> str:
    name = label.rpartition(".")[2] if label.replace(".", "_").isidentifier() else ""
    text = f"unknown_{name or 'value'}"
    shown[text] = name or "unknown"
    return text


makers: list[Callable[[str, tuple[Any, ...], dict[str, Any]], Any]] = []
"""Who else may know what a call makes, by its function and arguments; None where one does not."""


class Unknown:
    """Stands for a value that could not be computed; every use yields another one."""

    def __init__(self, label: str = "a value", made: Any = None) -> None:
        object.__setattr__(self, "_label", label)
        if made is not None:  # (of what, attribute, (arguments, named ones)), for who follows it
            object.__setattr__(self, "_made", made)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        if len(args) == 1 and not kwargs and isinstance(args[0], type):
            return args[0]  # used as a class decorator
        if len(args) == 1 and not kwargs and _may_be_decorated(args[0]):
            return _decorated(args[0], self._label)
        text = written(self._label, args, kwargs)
        if text is not None:
            return text
        for make in makers:
            made = make(self._label, args, kwargs)
            if made is not None:
                return made
        journal.note("info", "stand_in_called", f"{self._label}(...) was not run")
        return Unknown(f"{self._label}()", (self, "", (args, kwargs)))

    def __getattr__(self, name: str) -> Any:
        if name == "__name__" and self._label.replace(".", "").isidentifier():
            return self._label.rpartition(".")[2]  # it was imported under this name
        if name.startswith("__") and name.endswith("__"):
            raise AttributeError(name)
        return Unknown(f"{self._label}.{name}", (self, name, None))

    def __setattr__(self, name: str, value: Any) -> None:
        object.__setattr__(self, name, value)

    def __mro_entries__(self, bases: tuple[Any, ...]) -> tuple[type, ...]:
        kinds = [type(base) for base in bases if isinstance(base, type)]
        if all(issubclass(kind, UnknownMeta) or issubclass(UnknownMeta, kind) for kind in kinds):
            return (unknown_class(self._label),)
        return (unknown_mixin(self._label),)  # beside an Enum or a pydantic model

    def __instancecheck__(self, instance: Any) -> bool:
        return False

    def __subclasscheck__(self, subclass: Any) -> bool:
        return False

    def __iter__(self) -> Iterator[Any]:
        wanted = _unpacked_by(sys._getframe(1))  # noqa: SLF001
        if wanted is None:
            _decides(self._label, "a loop over")
        return iter([Unknown(f"{self._label}[{index}]") for index in range(wanted or 0)])

    def __next__(self) -> Any:
        raise StopIteration

    def __await__(self) -> Iterator[Any]:
        return iter(())

    def __getitem__(self, item: Any) -> Any:
        return Unknown(f"{self._label}[...]")

    def __setitem__(self, item: Any, value: Any) -> None: ...

    def __delitem__(self, item: Any) -> None: ...

    def __contains__(self, item: Any) -> bool:
        _decides(self._label, "a membership test in")
        return False

    def __enter__(self) -> Any:
        return Unknown(f"{self._label}.__enter__()")

    def __exit__(self, *error: object) -> None: ...

    def __bool__(self) -> bool:
        _decides(self._label, "a branch on")
        return True

    def __len__(self) -> int:
        _decides(self._label, "the length of")
        return 0

    def __int__(self) -> int:
        return 1

    __index__ = __int__

    def __float__(self) -> float:
        return 1.0

    def __str__(self) -> str:
        return _shown(object.__getattribute__(self, "_label"))

    __fspath__ = __str__

    def __repr__(self) -> str:
        return f"<unknown {self._label}>"

    def __hash__(self) -> int:
        return id(self)

    def __format__(self, spec: str) -> str:
        return str(self)

    def __eq__(self, other: object) -> bool:
        return self is other

    def __deepcopy__(self, memo: Any) -> Any:
        return self

    def __copy__(self) -> Any:
        return self

    def _compared(self, other: object) -> bool:
        _decides(self._label, "a comparison with")
        return False

    __lt__ = __le__ = __gt__ = __ge__ = _compared

    def _combined(self, *others: Any) -> Any:
        return Unknown(self._label)

    __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = __truediv__ = __rtruediv__ = (
        _combined
    )
    __floordiv__ = __rfloordiv__ = __mod__ = __rmod__ = __pow__ = __rpow__ = __and__ = __rand__ = (
        _combined
    )
    __or__ = __ror__ = __xor__ = __rxor__ = __neg__ = __pos__ = __abs__ = __invert__ = __round__ = (
        _combined
    )
    __matmul__ = __rmatmul__ = __divmod__ = _combined

    # Shifts are left to the other side: `unknown >> task` must not hide the task's own operator.
    def __rshift__(self, other: Any) -> Any:
        if hasattr(type(other), "__rrshift__") and not isinstance(other, Unknown):
            return NotImplemented
        return other

    def __lshift__(self, other: Any) -> Any:
        if hasattr(type(other), "__rlshift__") and not isinstance(other, Unknown):
            return NotImplemented
        return other

    def __rrshift__(self, other: Any) -> Any:
        return self

    def __rlshift__(self, other: Any) -> Any:
        return self


def _may_be_decorated(value: Any) -> bool:
    """A function with a name; `rows.map(lambda row: …)` decorates nothing, it makes a value."""
    return isinstance(value, types.FunctionType) and value.__name__ != "<lambda>"


def _decorated(function: Any, label: str) -> Any:
    """What a decorator of that name makes of a function: a property, or nothing that is known (a
    hybrid one is an expression where the class is asked for it).
    """
    if not label.endswith("property") or "hybrid" in label:
        return Decorated(function, label)
    return functools.cached_property(function) if "cached" in label else property(function)


def _unpacked_by(frame: types.FrameType) -> int | None:
    """How many names `a, b = unknown` wants, read from the caller's byte code; None if it is no
    unpacking.
    """
    code = frame.f_code.co_code
    at = frame.f_lasti
    if 0 <= at < len(code) - 1 and code[at] == _UNPACK:
        return code[at + 1]
    return None


class Decorated:
    """A user's function under a decorator that is not known: still callable, other attributes
    unknown.
    """

    def __init__(self, function: Callable[..., Any], label: str) -> None:
        self.__wrapped__ = function
        self.__name__ = function.__name__
        self.__qualname__ = function.__qualname__
        self.__doc__ = function.__doc__
        self.__module__ = function.__module__
        self._label = label

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self.__wrapped__(*args, **kwargs)

    def __get__(self, instance: Any, owner: Any = None) -> Any:
        return self if instance is None else types.MethodType(self, instance)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") and name.endswith("__"):
            raise AttributeError(name)
        return Unknown(f"{self._label}.{name}")


class UnknownMeta(abc.ABCMeta):
    """Class attributes of an unknown base class are unknown too."""

    def __getattr__(cls, name: str) -> Any:
        if (name.startswith("__") and name.endswith("__")) or name.startswith("_abc_"):
            raise AttributeError(name)
        return Unknown(f"{cls.__name__}.{name}")

    def __iter__(cls) -> Iterator[Any]:
        _decides(cls.__name__, "a loop over")
        return iter(())


class UnknownBase(metaclass=UnknownMeta):
    """What a user's class inherits from where the real base class is not importable."""

    _options: dict[str, Any]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.__dict__["_given"] = (args, kwargs)

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__()
        cls._options = kwargs  # of this class alone: `class Order(SQLModel, table=True)`

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") and name.endswith("__"):
            raise AttributeError(name)
        return Unknown(f"{type(self).__name__}.{name}")

    def __enter__(self) -> Any:
        return self

    def __exit__(self, *error: object) -> None: ...


_classes: dict[str, type] = of_one_file({})
_mixins: dict[str, type] = of_one_file({})


def unknown_mixin(label: str) -> type:
    """As `unknown_class`, with no metaclass of its own: for a class that has another one."""
    if label not in _mixins:
        module, _, name = label.rpartition(".")
        body = {"__module__": module or "unknown", "_stand_in": True}
        _mixins[label] = type(name if name.isidentifier() else "UnknownBase", (), body)
    return _mixins[label]


def unknown_class(label: str) -> type:
    """One class per dotted name, to inherit from."""
    if label not in _classes:
        name = label.rpartition(".")[2]
        module = label.rpartition(".")[0] or "unknown"
        body = {"__module__": module, "_stand_in": True}
        _classes[label] = UnknownMeta(
            name if name.isidentifier() else "UnknownBase", (UnknownBase,), body
        )
    return _classes[label]


class _UnknownExceptionMeta(type):
    """Attributes of an unknown class that is called like an exception."""

    def __getattr__(cls, name: str) -> Any:
        if name.startswith("__") and name.endswith("__"):
            raise AttributeError(name)
        return Unknown(f"{cls.__name__}.{name}")


def unknown_exception(label: str) -> type:
    """An exception class per dotted name, so that `except missing.Error` works."""
    if label not in _classes:
        module, _, name = label.rpartition(".")
        body = {"__module__": module, "_stand_in": True}
        _classes[label] = _UnknownExceptionMeta(name, (Exception,), body)
    return _classes[label]
