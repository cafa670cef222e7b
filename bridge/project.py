"""Settings of a project: [tool.bridge] in pyproject.toml, or bridge.toml, and the environment."""

from __future__ import annotations

import os
import sys
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Literal, cast, get_origin

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from bridge.errors import ConfigError
from bridge.events import PlainValue

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

_VARIABLES = {
    "definitions": "BRIDGE_DEFINITIONS",
    "store": "BRIDGE_STORE",
    "storage": "BRIDGE_STORAGE",
}
_EXAMPLE = 'In pyproject.toml: [tool.bridge] definitions = ["my_project.definitions"]'


class AirflowSettings(BaseModel):
    """`[tool.bridge.airflow.<instance>]`: where one Airflow answers.

    Secrets are named, never written.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    url: str | None = None
    username: str | None = None
    password_env: str | None = None
    token_env: str | None = None


class GenerateSettings(BaseModel):
    """`[tool.bridge.generate]`: how `bridge generate` says the assets to another system.

    `form`: a manifest and small files that load it, or a readable file a DAG. `target` is the
    version of Airflow that reads them. `fuse` names groups whose assets are one task, for many
    short steps. `partitions`: a run's partition is its data interval, or the partition key that
    Airflow 3 gives it. A task waits `wait_timeout_s` for upstream partitions that others write,
    with 0 not at all. `automation`: where the schedules and conditions are asked that a DAG's own
    schedule can say; with "airflow" `bridge daemon` leaves these alone. `python` names, by code
    location, the interpreter that runs its assets.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    form: Literal["loader", "rendered"] = "loader"
    target: Literal["2", "3", "both"] = "both"
    fuse: list[str] = Field(default_factory=list)
    partitions: Literal["intervals", "keys"] = "intervals"
    wait_timeout_s: float = Field(default=86_400.0, ge=0, allow_inf_nan=False)
    automation: Literal["daemon", "airflow"] = "daemon"
    python: dict[str, str] = Field(default_factory=dict)


class TagLimitSettings(BaseModel):
    """`[[tool.bridge.daemon.tag_concurrency_limits]]`: at most so many runs at a time with a tag.

    Without `value`, with any value of it; with `each_value`, so many for each value.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    key: str
    limit: int = Field(ge=0)
    value: str | None = None
    each_value: bool = False


class DaemonSettings(BaseModel):
    """`[tool.bridge.daemon]`: how much `bridge daemon` does at a time, and how long it waits.

    `timeout_s` is how long a schedule or sensor may take to answer. `run_on` is where runs are done
    whose tag `bridge/run_on` does not say it: `local`, or an Airflow, such as `airflow:eu`.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    max_concurrent_runs: int | None = Field(default=None, ge=1)
    tag_concurrency_limits: list[TagLimitSettings] = Field(default_factory=list)
    timeout_s: float = Field(default=60.0, gt=0)
    observe_every_s: float = Field(default=15.0, ge=1)
    run_on: str = Field(default="local", min_length=1)
    keep_ticks_days: int = Field(default=90, ge=1)


class RetentionSettings(BaseModel):
    """`[tool.bridge.retention]`: how much of the past `bridge retention` keeps; all unless said."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    events_days: int | None = Field(default=None, ge=1)
    events_per_asset: int | None = Field(default=None, ge=1)
    materializations_per_asset: int = Field(default=10, ge=1)
    runs_days: int | None = Field(default=None, ge=1)
    runs_count: int | None = Field(default=None, ge=1)
    logs_days: int | None = Field(default=None, ge=1)


class _Settings(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    definitions: list[str] = Field(default_factory=list)
    store: str = "sqlite:///.bridge/bridge.db"
    storage: str = ".bridge/storage"
    migration: str = "migration"
    generated: str = "dags/generated"
    generate: GenerateSettings = Field(default_factory=GenerateSettings)
    airflow: dict[str, AirflowSettings] = Field(default_factory=dict)
    daemon: DaemonSettings = Field(default_factory=DaemonSettings)
    pools: dict[str, Annotated[int, Field(ge=1)]] = Field(default_factory=dict)
    retention: RetentionSettings = Field(default_factory=RetentionSettings)


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting in effect, for people: no secret is in `value`.

    `source` is the file's name, the variable's, or `default`.
    """

    name: str
    value: PlainValue
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Project:
    """A project's settings, all paths absolute.

    `file` is None where none was found and defaults hold; `settings` says where each came from.
    `storage` is text where it is an address, such as s3://bucket/folder. `pools` says how many
    steps of one pool run at a time, over all runs.
    """

    root: Path
    file: Path | None
    definitions: tuple[str, ...]
    store_url: str
    storage: Path | str
    migration: Path
    generated: Path
    airflow: Mapping[str, AirflowSettings]
    generate: GenerateSettings = field(default_factory=GenerateSettings)
    daemon: DaemonSettings = field(default_factory=DaemonSettings)
    pools: Mapping[str, int] = field(default_factory=dict)
    retention: RetentionSettings = field(default_factory=RetentionSettings)
    settings: tuple[Setting, ...] = ()

    def located(self, location: str) -> str:
        """A code location; a file is meant from the project's root, wherever one is."""
        return str(self.root / location) if location.endswith(".py") else location

    def import_path(self) -> None:
        """Make modules below the project's root importable."""
        root = str(self.root)
        if root not in sys.path:
            sys.path.insert(0, root)


def find_project(start: Path | None = None) -> Project:
    """The project around `start`: BRIDGE_PROJECT, else the nearest folder upward with settings.

    BRIDGE_STORE, BRIDGE_STORAGE and BRIDGE_DEFINITIONS (comma-separated) override the file. Raises
    ConfigError for bad settings.
    """
    named = os.environ.get("BRIDGE_PROJECT")
    if named:
        root = Path(named).absolute()
        if not root.is_dir():
            raise ConfigError(f"BRIDGE_PROJECT is {named}, which is no folder.")
        return project_at(root)
    here = (start or Path.cwd()).absolute()
    for folder in (here, *here.parents):
        file = _settings_file(folder)
        if file is not None:
            return _project(folder, file)
    return _project(here, None)


def project_at(root: Path) -> Project:
    """The project in this folder, whatever BRIDGE_PROJECT says; else as `find_project`."""
    return _project(root, _settings_file(root))


def _settings_file(folder: Path) -> Path | None:
    own = folder / "bridge.toml"
    if own.is_file():
        return own
    shared = folder / "pyproject.toml"
    if shared.is_file() and "bridge" in _toml(shared).get("tool", {}):
        return shared
    return None


def _toml(file: Path) -> dict[str, dict[str, object]]:
    try:
        found: dict[str, dict[str, object]] = tomllib.loads(file.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{file} is no valid TOML: {error}") from error
    return found


def _project(root: Path, file: Path | None) -> Project:
    raw: object = {}
    if file is not None:
        values = _toml(file)
        raw = values if file.name == "bridge.toml" else values["tool"]["bridge"]
    try:
        settings = _Settings.model_validate(raw)
    except ValidationError as error:
        raise ConfigError(f"Settings in {file} are wrong: {_problems(error)}") from error
    given = {
        name: text for name, variable in _VARIABLES.items() if (text := os.environ.get(variable))
    }
    names = given["definitions"].split(",") if "definitions" in given else settings.definitions
    project = Project(
        root=root,
        file=file,
        definitions=tuple(name.strip() for name in names if name.strip()),
        store_url=_absolute_url(given.get("store", settings.store), root),
        storage=_absolute_storage(given.get("storage", settings.storage), root),
        migration=root / settings.migration,
        generated=root / settings.generated,
        airflow=settings.airflow,
        generate=settings.generate,
        daemon=settings.daemon,
        pools=settings.pools,
        retention=settings.retention,
    )
    return replace(project, settings=_in_effect(project, settings, given))


def _problems(error: ValidationError) -> str:
    """What is wrong with each setting; for an unknown one, which known one it may be."""
    said, example = [], ""
    for each in error.errors():
        name = ".".join(map(str, each["loc"]))
        if each["type"] != "extra_forbidden":
            said.append(f"{name}: {each['msg']}.")
            example = f" {_EXAMPLE}"
            continue
        beside = name.rpartition(".")[0]
        known = [setting for setting in _known() if setting.rpartition(".")[0] == beside]
        near = get_close_matches(name, known or list(_known()), n=1)
        hint = f"Did you mean {near[0]}?" if near else "Remove it, or check its table."
        said.append(f"there is no setting {name}. {hint}")
    return " ".join(said) + example


def _known() -> Iterator[str]:
    """The names of all settings, with those of tables that have a fixed name."""
    for name, about in _Settings.model_fields.items():
        yield name
        kind = about.annotation
        # in Python 3.10 `dict[str, int]` passes for a class
        if isinstance(kind, type) and get_origin(kind) is None and issubclass(kind, BaseModel):
            yield from (f"{name}.{inner}" for inner in kind.model_fields)


def _in_effect(
    project: Project, settings: _Settings, given: Collection[str]
) -> tuple[Setting, ...]:
    """Each setting with its value as it holds, in the order in which the docs name them."""
    values: dict[str, object] = settings.model_dump(mode="json")
    values |= {
        "definitions": list(project.definitions),
        "store": _without_secrets(project.store_url),
        "storage": _without_secrets(str(project.storage)),
        "migration": str(project.migration),
        "generated": str(project.generated),
    }
    own_file = "default" if project.file is None else project.file.name
    return tuple(
        Setting(path, value, source)
        for name, inside in values.items()
        for source in [
            _VARIABLES[name]
            if name in given
            else own_file
            if name in settings.model_fields_set
            else "default"
        ]
        for path, value in _flat(name, inside)
    )


def _flat(name: str, value: object) -> Iterator[tuple[str, PlainValue]]:
    """A table as one setting a line, `airflow.eu.url`; what is not given there is left out."""
    if isinstance(value, dict):
        for inner, each in value.items():
            if each is not None:
                yield from _flat(f"{name}.{inner}", each)
    elif isinstance(value, str):
        yield name, _without_secrets(value)
    else:
        yield name, cast("PlainValue", value)


def _without_secrets(text: str) -> str:
    """A URL without its password and without its query, which may hold one; other text as it is."""
    scheme, separator, rest = text.partition("://")
    if not separator:
        return text
    place = rest.partition("/")[0].partition("?")[0]
    who, at, host = place.rpartition("@")
    user, colon, _ = who.partition(":")
    hidden = f"{user}:***" if colon else user
    return f"{scheme}://{hidden}{at}{host}{rest[len(place) :].partition('?')[0]}"


def _absolute_storage(place: str, root: Path) -> Path | str:
    return place if "://" in place else root / place


def _absolute_url(url: str, root: Path) -> str:
    prefix = "sqlite:///"
    path = url.removeprefix(prefix)
    if not url.startswith(prefix) or path in ("", ":memory:") or path.startswith("/"):
        return url
    return f"{prefix}{root / path}"
