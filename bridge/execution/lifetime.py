"""The resources of one run: filled in from the environment, set up on first use, torn down after.

Objects that are no ConfigurableResource are handed on as they are.
"""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Generator, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from threading import RLock
from typing import TYPE_CHECKING, Any

from bridge.assets import IO_MANAGER
from bridge.context import ResourceNamespace
from bridge.errors import ConfigError
from bridge.execution.plan import Step
from bridge.graph import AssetGraph

if TYPE_CHECKING:
    from bridge.resources import ConfigurableResource, EnvVar, IntEnvVar

_USER = logging.getLogger("bridge.user")


@contextmanager
def live_resources(
    resources: Mapping[str, Any], run_id: str, log: logging.Logger = _USER
) -> Generator[Mapping[str, Any], None, None]:
    """The same resources for the length of a run; each is set up when it is first asked for."""
    if not _has_settings(resources):
        yield resources
        return
    live = LiveResources(resources, run_id, log)
    try:
        yield live
    finally:
        live.close()


@contextmanager
def build_resources(resources: Mapping[str, Any]) -> Generator[ResourceNamespace, None, None]:
    """Resources outside of a run, as attributes: for scripts and tests.

    Environment variables are read, and each resource is set up on first use and torn down at the
    end. Raises ConfigError where a variable is not set.
    """
    require_environment(resources, resources)
    with live_resources(resources, "no run") as live:
        yield ResourceNamespace(live)


class LiveResources(Mapping[str, Any]):
    """Resources by name, each set up once, by whichever thread asks first."""

    def __init__(self, resources: Mapping[str, Any], run_id: str, log: logging.Logger) -> None:
        self._given = resources
        self._run_id = run_id
        self._log = log
        self._lock = RLock()
        self._open: dict[int, Any] = {}
        self._closing = ExitStack()

    def __getitem__(self, name: str) -> Any:
        """The resource, set up. Raises ConfigError where a variable that it needs is not set."""
        with self._lock:
            return self._value(self._given[name], name)

    def __iter__(self) -> Iterator[str]:
        return iter(self._given)

    def __len__(self) -> int:
        return len(self._given)

    def __contains__(self, name: object) -> bool:
        return name in self._given  # the mixin's would set it up

    def close(self) -> None:
        """Tear down what was set up, last first; an error there is logged and ends nothing."""
        self._closing.close()

    def _value(self, value: Any, name: str) -> Any:
        from bridge.resources import ConfigurableResource, EnvVar, IntEnvVar  # noqa: PLC0415

        if isinstance(value, (EnvVar, IntEnvVar)):
            return _read(value, name)
        if not isinstance(value, ConfigurableResource):
            return value
        if id(value) not in self._open:
            self._open[id(value)] = self._set_up(value, name)
        return self._open[id(value)]

    def _set_up(self, resource: ConfigurableResource, name: str) -> Any:
        from bridge.resources import InitResourceContext  # noqa: PLC0415 - pydantic, see `live_resources`

        filled = self._filled(resource, name)
        context = InitResourceContext(resource_name=name, run_id=self._run_id, log=self._log)
        opened = filled.yield_for_execution(context)
        value = opened.__enter__()

        def tear_down(*error: Any) -> bool:
            try:
                opened.__exit__(*error)
            except Exception:  # noqa: BLE001 - user code; the others must still be torn down
                self._log.exception("the resource %s could not be torn down", name)
            return False

        self._closing.push(tear_down)
        return value

    def _filled(self, resource: ConfigurableResource, name: str) -> ConfigurableResource:
        """The resource with its variables read and its own resources set up, else itself."""
        from bridge.resources import aliases  # noqa: PLC0415 - pydantic, see `live_resources`

        fields = {each: getattr(resource, each) for each in type(resource).model_fields}
        filled = {each: self._inside(value, f"{name}.{each}") for each, value in fields.items()}
        if all(filled[each] is fields[each] for each in fields):
            return resource
        given_as = {field: alias for alias, field in aliases(type(resource)).items()}
        values = {
            given_as.get(each, each): value
            for each, value in filled.items()
            if value is not fields[each] or each in resource.model_fields_set
        }
        shown = {each: repr(value) for each, value in fields.items() if filled[each] is not value}
        try:
            made = type(resource)(**values)
        except ValueError as error:  # pydantic's own is one; its text may hold the value
            raise _unfit(name, shown, given_as, error) from None
        made._from_environment.update(shown)  # noqa: SLF001 - kept from users, not from us
        return made

    def _inside(self, value: Any, name: str) -> Any:
        if isinstance(value, dict):
            found = {key: self._inside(each, name) for key, each in value.items()}
            return value if all(found[key] is value[key] for key in value) else found
        if isinstance(value, (list, tuple)):
            several = [self._inside(each, name) for each in value]
            same = all(new is old for new, old in zip(several, value, strict=True))
            return value if same else several
        return self._value(value, name)


def require_environment(resources: Mapping[str, Any], needed: Iterable[str]) -> None:
    """Raise ConfigError where a variable that one of the `needed` resources takes is not set."""
    if not _has_settings(resources):
        return
    for name in needed:
        if name in resources:
            _require(resources[name], name)


def needed_resources(steps: Iterable[Step], graph: AssetGraph) -> set[str]:
    """The names of the resources and IO managers that these steps may use."""
    found: set[str] = set()
    for step in steps:
        arguments = [check.arguments for check in step.checks]
        if step.definition is not None:
            arguments.append(step.definition.arguments)
            found |= step.definition.resource_keys
            found |= {step.definition.io_manager_key(key) for key in step.keys}
        for each in arguments:
            found.update(each.resources)
            for key in each.inputs.values():
                made_by = graph.nodes[key].definition
                found.add(IO_MANAGER if made_by is None else made_by.io_manager_key(key))
    return found


def _has_settings(resources: Mapping[str, Any]) -> bool:
    kinds = sys.modules.get("bridge.resources")
    if kinds is None:  # then nobody can have made one
        return False
    ours = (kinds.ConfigurableResource, kinds.EnvVar, kinds.IntEnvVar)
    return any(isinstance(value, ours) for value in resources.values())


def _require(value: Any, name: str) -> None:
    from bridge.resources import ConfigurableResource, EnvVar, IntEnvVar  # noqa: PLC0415

    if isinstance(value, (EnvVar, IntEnvVar)):
        _read(value, name)
    elif isinstance(value, ConfigurableResource):
        for each in type(value).model_fields:
            _require(getattr(value, each), f"{name}.{each}")
    elif isinstance(value, Mapping):
        for inner in value.values():
            _require(inner, name)
    elif isinstance(value, (list, tuple)):
        for inner in value:
            _require(inner, name)


def _read(variable: EnvVar | IntEnvVar, name: str) -> str | int:
    resource, _, field = name.partition(".")
    of = f"The field {field} of the resource {resource!r}" if field else f"The resource {name!r}"
    if variable.env_var_name not in os.environ:
        raise ConfigError(
            f"{of} is the environment variable {variable.env_var_name}, which is not set. Set it "
            "where the run's process starts."
        )
    try:
        value = variable.get_value()
    except ValueError as error:
        raise ConfigError(f"{of} does not fit: {error}") from None
    assert value is not None  # noqa: S101 - it is set, see above
    return value


def _unfit(
    name: str, shown: Mapping[str, str], given_as: Mapping[str, str], error: ValueError
) -> ConfigError:
    """What is wrong with a resource once its variables are read, without their values."""
    secret = {given_as.get(each, each): variable for each, variable in shown.items()}
    wrong = []
    for each in getattr(error, "errors", list)():
        first = str(each["loc"][0]) if each["loc"] else ""
        is_public = first and first not in secret
        said = each["msg"] if is_public else f"{each['type']} ({secret.get(first, 'any field')})"
        wrong.append(f"{first or 'as a whole'}: {said}")
    return ConfigError(
        f"The resource {name!r} does not fit what its environment variables say: "
        f"{'; '.join(wrong) or type(error).__name__}."
    )
