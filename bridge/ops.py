"""`@op`: a computation without an asset, to call or to make assets of; what `asset.op` shows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar, overload

from bridge.arguments import Arguments, arguments_of
from bridge.errors import DefinitionError
from bridge.places import Place, calling_place, place_of
from bridge.retries import RetryPolicy

_F = TypeVar("_F", bound=Callable[..., Any])
_RESULT = ("result",)


@dataclass(frozen=True, slots=True)
class OpDefinition:
    """A function with a name, as the unit that is computed; calling it calls the function.

    It runs as the asset that is made of it (`AssetsDefinition.from_op`), not alone.
    """

    name: str
    function: Callable[..., Any]
    arguments: Arguments
    place: Place
    description: str | None = None
    outs: tuple[str, ...] = _RESULT
    required_resource_keys: frozenset[str] = frozenset()
    tags: Mapping[str, str] = field(default_factory=dict)
    retry_policy: RetryPolicy | None = None

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """The function's own result."""
        return self.function(*args, **kwargs)

    @property
    def ins(self) -> tuple[str, ...]:
        """The names of the arguments that receive values."""
        return tuple(self.arguments.inputs)

    @property
    def config_schema(self) -> type[Any] | None:
        """The model of its configuration, None where it takes none."""
        return self.arguments.config


@overload
def op(function: _F) -> OpDefinition: ...


@overload
def op(
    *,
    name: str | None = ...,
    description: str | None = ...,
    required_resource_keys: Iterable[str] = ...,
    tags: Mapping[str, str] | None = ...,
    retry_policy: RetryPolicy | None = ...,
) -> Callable[[_F], OpDefinition]: ...


def op(
    function: Callable[..., Any] | None = None,
    *,
    name: str | None = None,
    description: str | None = None,
    required_resource_keys: Iterable[str] = (),
    tags: Mapping[str, str] | None = None,
    retry_policy: RetryPolicy | None = None,
) -> OpDefinition | Callable[[Callable[..., Any]], OpDefinition]:
    """Make a function a computation of its own, which several assets may be made of.

    It may take `context`, `config`, resources and values as an asset's function does. Raises
    DefinitionError for a name that no task could have.
    """
    place = calling_place()

    def decorate(function: Callable[..., Any]) -> OpDefinition:
        own = name or function.__name__
        if not own.isidentifier():
            raise DefinitionError(f"An op is called {own!r}; use letters, digits and _. At {place}")
        return OpDefinition(
            own,
            function,
            arguments_of(function, known=()),
            place_of(function),
            description or function.__doc__,
            required_resource_keys=frozenset(required_resource_keys),
            tags=dict(tags or {}),
            retry_policy=retry_policy,
        )

    return decorate if function is None else decorate(function)
