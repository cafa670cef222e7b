"""Definitions: what one code location declares, and loading it by the name of its module."""

from __future__ import annotations

import importlib
import importlib.util
import os
import sys
import traceback
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from types import ModuleType, TracebackType
from typing import TYPE_CHECKING, Any

from bridge.assets import IO_MANAGER, AssetsDefinition
from bridge.checks import AssetChecksDefinition
from bridge.errors import DefinitionError, LoadError
from bridge.graph import AssetGraph
from bridge.later import Later
from bridge.loading import (
    calling_module,
    load_asset_checks_from_modules,
    load_assets_from_modules,
    map_asset_specs,
    modules_below,
    values_of,
)
from bridge.nodes import AssetNode
from bridge.places import user_place
from bridge.specs import AssetSpec

# A task that computes an asset loads this, and pays for what starts runs only where there is some.
if TYPE_CHECKING:
    from bridge import executors
    from bridge import selection as picking
    from bridge.automation import jobs, location, named, schedules, sensors
    from bridge.automation.jobs import JobDefinition
    from bridge.automation.location import Automation
    from bridge.automation.schedules import ScheduleDefinition
    from bridge.automation.sensors import SensorDefinition
    from bridge.executors import Executor
else:
    executors = Later("bridge.executors")
    jobs = Later("bridge.automation.jobs")
    location = Later("bridge.automation.location")
    named = Later("bridge.automation.named")
    picking = Later("bridge.selection")
    schedules = Later("bridge.automation.schedules")
    sensors = Later("bridge.automation.sensors")


class Definitions:
    """Assets, checks, resources, and jobs, schedules and sensors of one code location.

    `resources` hold what functions and checks get by the name of an argument, and IO managers by
    key; assets without `io_manager_key` use the one called "io_manager". `executor` computes their
    runs, one step after the other in the run's process unless given.
    """

    def __init__(
        self,
        assets: Iterable[AssetsDefinition | AssetSpec] = (),
        asset_checks: Iterable[AssetChecksDefinition] = (),
        resources: Mapping[str, Any] | None = None,
        jobs: Iterable[JobDefinition] = (),
        schedules: Iterable[ScheduleDefinition] = (),
        sensors: Iterable[SensorDefinition] = (),
        *,
        executor: Executor | None = None,
    ) -> None:
        if executor is not None and not isinstance(executor, executors.Executor):
            raise DefinitionError(
                f"Definitions(executor={executor!r}) is no executor; there are in_process_executor "
                f"and multiprocess_executor. At {user_place()}"
            )
        self.executor = executor
        self.assets = tuple(assets)
        self.asset_checks = tuple(asset_checks)
        self.resources = dict(resources or {})
        self.jobs = tuple(jobs)
        self.schedules = tuple(schedules)
        self.sensors = tuple(sensors)
        if self.jobs or self.schedules or self.sensors:
            _require_automation(self)
        for item in self.assets:
            if not isinstance(item, (AssetsDefinition, AssetSpec)):
                raise DefinitionError(
                    f"Definitions(assets=[…, {item!r}]) is no asset. Give functions decorated with "
                    f"@asset, or AssetSpecs. At {user_place()}"
                )
        for check in self.asset_checks:
            if not isinstance(check, AssetChecksDefinition):
                raise DefinitionError(
                    f"Definitions(asset_checks=[…, {check!r}]) is no check. Give functions "
                    f"decorated with @asset_check. At {user_place()}"
                )
        for name in self.resources:
            if not name.isidentifier():
                raise DefinitionError(
                    f"A resource is called {name!r}, which no argument can be. Use letters, digits "
                    f"and _. At {user_place()}"
                )

    @classmethod
    def merge(cls, *parts: Definitions) -> Definitions:
        """All of several code locations.

        A resource key may be given twice only for the same object.
        """
        resources: dict[str, Any] = {}
        for part in parts:
            for name, resource in part.resources.items():
                if resources.setdefault(name, resource) is not resource:
                    raise DefinitionError(
                        f"Two code locations define the resource {name!r}. Rename one."
                    )
        executors = {part.executor for part in parts} - {None}
        if len(executors) > 1:
            raise DefinitionError("Code locations that run together name two executors. Keep one.")
        return cls(
            (asset for part in parts for asset in part.assets),
            (check for part in parts for check in part.asset_checks),
            resources,
            (job for part in parts for job in part.jobs),
            (schedule for part in parts for schedule in part.schedules),
            (sensor for part in parts for sensor in part.sensors),
            executor=next(iter(executors), None),
        )

    def map_asset_specs(
        self, func: Callable[[AssetSpec], AssetSpec], selection: str | None = None
    ) -> Definitions:
        """The same with `func` of each selected asset's spec in its place, of all without one.

        Raises what `bridge.loading.map_asset_specs` and `select` raise.
        """
        chosen = (
            None if selection is None else picking.select(self.graph(), selection, outside="walked")
        )

        def changed(spec: AssetSpec) -> AssetSpec:
            return func(spec) if chosen is None or spec.key in chosen else spec

        return Definitions(
            map_asset_specs(changed, self.assets),
            self.asset_checks,
            self.resources,
            self.jobs,
            self.schedules,
            self.sensors,
        )

    def graph(self) -> AssetGraph:
        """The graph of these assets and checks.

        Raises what `AssetGraph.build` raises, and DefinitionError for a resource nobody provides
        and for an automation condition that names an asset which is not there.
        """
        graph = AssetGraph.build(self.assets, self.asset_checks, self.resources)
        require_resources(graph, self.resources)
        if _has_conditions(graph):
            named.require_named_assets(graph)
        return graph

    def executor_of(self, job_name: str | None) -> Executor | None:
        """What computes the steps of a run of this job, or of none; None where nothing says so."""
        held = [target for each in self.schedules for target in each.targets]
        held += [target for each in self.sensors for target in each.targets]
        for job in (*self.jobs, *held):
            if (
                isinstance(job, jobs.JobDefinition)
                and job_name is not None
                and job.name == job_name
            ):
                return job.executor or self.executor
        return self.executor

    def automation(self, graph: AssetGraph | None = None) -> Automation:
        """The jobs, schedules and sensors in the graph of these assets.

        Raises DefinitionError, with file and line, for what could never run.
        """
        return location.resolve(
            graph or self.graph(), self.jobs, self.schedules, self.sensors, self.resources
        )


def _require_automation(given: Definitions) -> None:
    """Raise DefinitionError for what is no job, schedule or sensor, and for two of one name."""
    _require_kind("jobs", given.jobs, jobs.JobDefinition, "define_asset_job makes them")
    _require_kind(
        "schedules", given.schedules, schedules.ScheduleDefinition, "@schedule makes them"
    )
    _require_kind("sensors", given.sensors, sensors.SensorDefinition, "@sensor makes them")
    location.require_distinct(given.jobs, given.schedules, given.sensors)


def _require_kind(field: str, given: tuple[object, ...], kind: type, hint: str) -> None:
    for item in given:
        if not isinstance(item, kind):
            raise DefinitionError(
                f"Definitions({field}=[…, {item!r}]) is none of those; {hint}. At {user_place()}"
            )


def _has_conditions(graph: AssetGraph) -> bool:
    return any(
        node.spec.automation_condition is not None
        or any(spec.automation_condition for check in node.checks for spec in check.specs)
        for node in graph
    )


def require_resources(graph: AssetGraph, resources: Mapping[str, Any]) -> None:
    """Raise DefinitionError where an asset or a check needs a resource that is not there.

    "io_manager" need not be: projects store files by default.
    """
    for node in graph:
        for definition in (node.definition, node.observer):
            if definition is None:
                continue
            for name in {*definition.arguments.resources, *definition.resource_keys}:
                if name not in resources:
                    raise _missing(f"Asset {node.key} needs the resource", name, resources, node)
            manager = definition.io_manager_key(node.key)
            if manager not in resources and manager != IO_MANAGER:
                raise _missing(
                    f"Asset {node.key} is stored by the IO manager", manager, resources, node
                )
        for check in node.checks:
            for name in check.arguments.resources:
                if name not in resources:
                    raise _missing(
                        f"Check {check.specs[0].name} of {node.key} needs the resource",
                        name,
                        resources,
                        check,
                    )


def _missing(
    who: str, name: str, resources: Mapping[str, Any], at: AssetNode | AssetChecksDefinition
) -> DefinitionError:
    known = ", ".join(sorted(resources)) or "none"
    place = at.place if isinstance(at, AssetChecksDefinition) else at.spec.place
    return DefinitionError(
        f"{who} {name!r}, which no code location provides (there are: {known}). Add it to "
        f"Definitions(resources={{{name!r}: …}}). At {place}"
    )


def load_definitions_from_modules(
    modules: Iterable[ModuleType], resources: Mapping[str, Any] | None = None
) -> Definitions:
    """All assets, checks, jobs, schedules and sensors at the top level of these modules."""
    several = tuple(modules)
    found = list(values_of(several))
    return Definitions(
        load_assets_from_modules(several),
        load_asset_checks_from_modules(several),
        resources,
        (value for value in found if isinstance(value, jobs.JobDefinition)),
        (value for value in found if isinstance(value, schedules.ScheduleDefinition)),
        (value for value in found if isinstance(value, sensors.SensorDefinition)),
    )


def load_definitions_from_module(
    module: ModuleType, resources: Mapping[str, Any] | None = None
) -> Definitions:
    """`load_definitions_from_modules` for one module."""
    return load_definitions_from_modules([module], resources)


def load_definitions_from_current_module(
    resources: Mapping[str, Any] | None = None,
) -> Definitions:
    """`load_definitions_from_modules` for the module that calls this, as far as it is executed."""
    return load_definitions_from_modules([calling_module()], resources)


def load_definitions_from_package_module(
    package_module: ModuleType, resources: Mapping[str, Any] | None = None
) -> Definitions:
    """`load_definitions_from_modules` for a package and every module below it."""
    return load_definitions_from_modules(modules_below(package_module), resources)


def load_definitions_from_package_name(
    package_name: str, resources: Mapping[str, Any] | None = None
) -> Definitions:
    """`load_definitions_from_package_module` for the package of this name."""
    return load_definitions_from_package_module(importlib.import_module(package_name), resources)


def load_code_location(name: str) -> Definitions:
    """The one Definitions object of a module (`package.module`, or a path to a .py file).

    A module without one counts as the Definitions of what stands at its top level. Raises
    LoadError, with the user's own traceback, where it does not import, and DefinitionError where it
    declares nothing or twice.
    """
    module = _import(name)
    found = [value for value in vars(module).values() if isinstance(value, Definitions)]
    distinct = list({id(value): value for value in found}.values())
    if len(distinct) == 1:
        return distinct[0]
    if distinct:
        raise DefinitionError(
            f"{name} has {len(distinct)} Definitions objects at its top level; keep one, or merge "
            "them with Definitions.merge."
        )
    declared = load_definitions_from_module(module)
    if not declared.assets:
        raise DefinitionError(
            f"{name} declares no assets: it has neither a Definitions object nor an @asset at its "
            f"top level. Looked in {module.__file__}."
        )
    return declared


def load_code_locations(names: Sequence[str]) -> Definitions:
    """All of several code locations in one."""
    return Definitions.merge(*(load_code_location(name) for name in names))


def _import(name: str) -> ModuleType:
    try:
        if name.endswith(".py"):
            return _import_file(Path(name))
        return importlib.import_module(name)
    except DefinitionError:
        raise
    except (Exception, SystemExit) as error:
        hint = ""
        if isinstance(error, ModuleNotFoundError) and error.name == name.partition(".")[0]:
            hint = f"There is no module {error.name!r} on the path. "
        raise LoadError(
            f"The code location {name} does not import. {hint}{user_traceback(error)}"
        ) from error


def _import_file(path: Path) -> ModuleType:
    if not path.is_file():
        raise LoadError(f"The code location {path} is not there.")
    spec = importlib.util.spec_from_file_location(path.stem, path)
    if spec is None or spec.loader is None:
        raise LoadError(f"The code location {path} is no Python file.")
    module = importlib.util.module_from_spec(spec)
    sys.modules[path.stem] = module
    spec.loader.exec_module(module)
    return module


def user_traceback(error: BaseException) -> str:
    """The error as Python prints it, without frames of this package and of the import system."""
    own = f"{Path(__file__).parent}{os.sep}"
    frames = error.__traceback__
    kept: TracebackType | None = frames
    while kept is not None and _is_hidden(kept.tb_frame.f_code.co_filename, own):
        kept = kept.tb_next
    lines = traceback.format_exception(type(error), error, kept, chain=False)
    return "\n" + "".join(lines).rstrip()


def _is_hidden(filename: str, own: str) -> bool:
    return filename.startswith((own, "<frozen importlib")) or "/importlib/" in filename
