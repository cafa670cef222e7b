"""Resources and configuration of functions: pydantic models, given by the name of a parameter.

Only who imports this module pays for pydantic; `bridge.arguments` asks whether it is loaded.
"""

from __future__ import annotations

from typing import Annotated, TypeVar

from pydantic import BaseModel, ConfigDict

_T = TypeVar("_T")
RESOURCE = "resource"

ResourceParam = Annotated[_T, RESOURCE]


class Config(BaseModel):
    """What one run may set for one function: `def orders(config: OrdersConfig)`."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class ConfigurableResource(BaseModel):
    """A connection or a client with settings, given to each parameter annotated with its class."""

    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True)
