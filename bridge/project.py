"""Settings of a project: [tool.bridge] in pyproject.toml, or bridge.toml, and the environment."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from bridge.errors import ConfigError

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

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


class _Settings(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    definitions: list[str] = Field(default_factory=list)
    store: str = "sqlite:///.bridge/bridge.db"
    storage: str = ".bridge/storage"
    migration: str = "migration"
    generated: str = "dags/generated"
    airflow: dict[str, AirflowSettings] = Field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Project:
    """A project's settings, all paths absolute.

    `file` is None where none was found and defaults hold.
    """

    root: Path
    file: Path | None
    definitions: tuple[str, ...]
    store_url: str
    storage: Path
    migration: Path
    generated: Path
    airflow: Mapping[str, AirflowSettings]

    def import_path(self) -> None:
        """Make modules below the project's root importable."""
        root = str(self.root)
        if root not in sys.path:
            sys.path.insert(0, root)


def find_project(start: Path | None = None) -> Project:
    """The project around `start`: BRIDGE_PROJECT, else the nearest folder upward with settings.

    BRIDGE_STORE and BRIDGE_DEFINITIONS (comma-separated) override the file. Raises ConfigError for
    bad settings.
    """
    named = os.environ.get("BRIDGE_PROJECT")
    if named:
        root = Path(named).absolute()
        if not root.is_dir():
            raise ConfigError(f"BRIDGE_PROJECT is {named}, which is no folder.")
        return _project(root, _settings_file(root))
    here = (start or Path.cwd()).absolute()
    for folder in (here, *here.parents):
        file = _settings_file(folder)
        if file is not None:
            return _project(folder, file)
    return _project(here, None)


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
        problems = "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors())
        raise ConfigError(f"Settings in {file} are wrong: {problems}. {_EXAMPLE}") from error
    from_environment = os.environ.get("BRIDGE_DEFINITIONS")
    names = from_environment.split(",") if from_environment else settings.definitions
    return Project(
        root=root,
        file=file,
        definitions=tuple(name.strip() for name in names if name.strip()),
        store_url=_absolute_url(os.environ.get("BRIDGE_STORE") or settings.store, root),
        storage=root / os.environ.get("BRIDGE_STORAGE", settings.storage),
        migration=root / settings.migration,
        generated=root / settings.generated,
        airflow=settings.airflow,
    )


def _absolute_url(url: str, root: Path) -> str:
    prefix = "sqlite:///"
    path = url.removeprefix(prefix)
    if not url.startswith(prefix) or path in ("", ":memory:") or path.startswith("/"):
        return url
    return f"{prefix}{root / path}"
