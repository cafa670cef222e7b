"""Resources and configuration of functions: pydantic models, given by the name of a parameter.

Only who imports this module pays for pydantic; `bridge.arguments` asks whether it is loaded.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, ConfigDict, PrivateAttr, ValidationError

from bridge.io import InputContext, OutputContext

_T = TypeVar("_T")
RESOURCE = "resource"

ResourceParam = Annotated[_T, RESOURCE]


class EnvVar(str):
    """A field of a resource that an environment variable fills in when a run needs it.

    The value is never shown: what prints the resource prints the variable's name.
    """

    __slots__ = ()

    @staticmethod
    def int(name: str) -> IntEnvVar:
        """The same for a field that is a whole number."""
        return IntEnvVar(name)

    @property
    def env_var_name(self) -> str:
        """The variable's name."""
        return str.__str__(self)

    def get_value(self, default: str | None = None) -> str | None:
        """What the variable says now, `default` where it is not set."""
        return os.environ.get(self.env_var_name, default)

    def __repr__(self) -> str:
        return f"EnvVar({self.env_var_name!r})"

    def __str__(self) -> str:
        raise _too_early(repr(self))

    def __format__(self, spec: str) -> str:
        raise _too_early(repr(self))


class IntEnvVar(int):
    """See `EnvVar.int`."""

    env_var_name: str

    def __new__(cls, name: str) -> IntEnvVar:
        """One that stands for the variable called `name`."""
        made = super().__new__(cls, 0)
        made.env_var_name = name
        return made

    def get_value(self, default: int | None = None) -> int | None:
        """What the variable says now, `default` where it is not set.

        Raises ValueError, without the value, where that is no whole number.
        """
        said = os.environ.get(self.env_var_name)
        if said is None:
            return default
        try:
            return int(said)
        except ValueError:
            raise ValueError(f"{self.env_var_name} holds no whole number.") from None

    def __repr__(self) -> str:
        return f"EnvVar.int({self.env_var_name!r})"

    def __str__(self) -> str:
        raise _too_early(repr(self))

    def __format__(self, spec: str) -> str:
        raise _too_early(repr(self))


@dataclass(frozen=True, slots=True, kw_only=True)
class InitResourceContext:
    """What a resource may know while it is set up and torn down."""

    resource_name: str
    run_id: str
    log: logging.Logger = field(default_factory=lambda: logging.getLogger("bridge.user"))


class Config(BaseModel):
    """What one run may set for one function: `def orders(config: OrdersConfig)`."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class ConfigurableResource(BaseModel):
    """A connection or a client with settings, given to each parameter annotated with its class.

    A field may be an `EnvVar`, or another resource. A run that needs it sets it up once, before its
    first use, and tears it down at its end, however that comes.
    """

    model_config = ConfigDict(
        extra="forbid", frozen=True, arbitrary_types_allowed=True, hide_input_in_errors=True
    )
    _from_environment: dict[str, str] = PrivateAttr(default_factory=dict)

    def __init__(self, **data: Any) -> None:
        later = {name: value for name, value in data.items() if holds_env_var(value)}
        if not later:
            super().__init__(**data)
            return
        try:
            super().__init__(**data)
        except ValidationError as error:
            for each in error.errors():
                name = each["loc"][0] if each["loc"] else None
                if each["type"] == "extra_forbidden" or not (name is None or name in later):
                    raise
            # what remains can be told only when the variables are read
            for name, value in vars(type(self).model_construct(**data)).items():
                self.__dict__[name] = value
            object.__setattr__(self, "__pydantic_fields_set__", set(data))
            object.__setattr__(self, "__pydantic_extra__", None)
            object.__setattr__(self, "__pydantic_private__", None)
            self.model_post_init(None)
        names = aliases(type(self))
        self.__dict__.update({names.get(name, name): value for name, value in later.items()})

    def setup_for_execution(self, context: InitResourceContext) -> None:
        """Called once a run, before the first use: open what is needed, into private attributes."""

    def teardown_after_execution(self, context: InitResourceContext) -> None:
        """Called at the end of a run that set it up, also of one that failed or was cancelled."""

    @contextmanager
    def yield_for_execution(self, context: InitResourceContext) -> Generator[Any, None, None]:
        """Set up, hand out the resource for the run, tear down; override it to do all in one."""
        self.setup_for_execution(context)
        try:
            yield self
        finally:
            self.teardown_after_execution(context)

    def __repr_args__(self) -> Any:
        for name, value in super().__repr_args__():
            shown = self._from_environment.get(name or "")
            yield name, (value if shown is None else _Shown(shown))


class ConfigurableIOManager(ConfigurableResource):
    """An IO manager with settings; a subclass says how a value is stored and loaded."""

    def handle_output(self, context: OutputContext, obj: Any) -> None:
        """Store `obj`; a reader sees the old value or the new one, never half of either."""
        raise NotImplementedError(f"{type(self).__name__} does not say how it stores a value.")

    def load_input(self, context: InputContext) -> Any:
        """The stored value. Raises InputError where there is none."""
        raise NotImplementedError(f"{type(self).__name__} does not say how it loads a value.")


def holds_env_var(value: object) -> bool:
    """Whether a value is an EnvVar, or a list or dictionary with one inside."""
    if isinstance(value, (EnvVar, IntEnvVar)):
        return True
    if isinstance(value, Mapping):
        return any(map(holds_env_var, value.values()))
    return isinstance(value, (list, tuple)) and any(map(holds_env_var, value))


def aliases(model: type[BaseModel]) -> dict[str, str]:
    """The names of a model's fields by those under which they are given."""
    return {
        field.alias: name for name, field in model.model_fields.items() if field.alias is not None
    }


class _Shown(str):
    """Text that stands in a `repr` as it is."""

    __slots__ = ()

    def __repr__(self) -> str:
        return str(self)


def _too_early(shown: str) -> ValueError:
    return ValueError(
        f"{shown} is filled in when a run needs its resource, and was read before. Use it as a "
        "field of a ConfigurableResource, or ask its get_value()."
    )
