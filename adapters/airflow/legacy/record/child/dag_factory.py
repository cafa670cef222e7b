"""Stand-in for `dag-factory`: the DAGs that its YAML files describe, of versions before and after
1.0.

Semantics: https://astronomer.github.io/dag-factory/ (configuration, defaults, datasets, dynamic
tasks).
"""

# Plain os.path: quicker to load, and the user's code may have changed pathlib.
# ruff: noqa: PTH100, PTH110, PTH118, PTH119, PTH120

import copy
import os
from collections.abc import Callable, Iterator
from typing import Any

import yaml

from .airflow_graph import stacks
from .dag_factory_dags import build_dag
from .dag_factory_values import logical, typed
from .journal import journal
from .other_paths import dags_folder, found_here
from .yaml_files import Lines, text_of, with_environment

_NOT_DAGS = ("default", "task_groups")


class DagFactory:
    """The DAGs of one YAML file, or of one dictionary."""

    def __init__(
        self,
        config_filepath: Any = None,
        config: Any = None,
        default_args_config_path: Any = None,
        default_args_config_dict: Any = None,
        **named: Any,
    ) -> None:
        config = named.get("config_dict", config)
        self.defaults_path = named.get("defaults_config_path", default_args_config_path)
        self.defaults = named.get("defaults_config_dict", default_args_config_dict)
        self.path: str | None = None
        self.lines = Lines("", "")
        self.config: dict[str, Any] = {}
        if config_filepath:
            self.path = found_here(os.fspath(config_filepath))
            text = with_environment(text_of(self.path), self.path)
            self.lines = Lines(text, self.path)
            self.config = _loaded(text)
        elif isinstance(config, dict):
            self.config = config

    def generate_dags(self, globals: dict[str, Any]) -> None:
        """Put every DAG into the file's globals; one that cannot be built costs no other."""
        globals.update(self.build_dags())

    _generate_dags = generate_dags

    def clean_dags(self, globals: dict[str, Any]) -> None:
        """Nothing is left of an earlier reading here."""

    def get_dag_configs(self) -> dict[str, Any]:
        return {name: value for name, value in self.config.items() if name not in _NOT_DAGS}

    def get_default_config(self) -> dict[str, Any]:
        found: dict[str, Any] = self.config.get("default") or {}
        return found

    def build_dags(self) -> dict[str, Any]:
        """dag_id -> DAG."""
        everywhere = self._defaults_of_folders()
        default = copy.deepcopy(self.get_default_config())
        default["default_args"] = {
            **(everywhere.get("default_args") or {}),
            **(default.get("default_args") or {}),
        }
        level = {key: value for key, value in everywhere.items() if key != "default_args"}
        built: dict[str, Any] = {}
        for name, given in self.get_dag_configs().items():
            dag = self._built(str(name), {**level, **(given or {})}, default)
            if dag is not None:
                built[str(name)] = dag
        return built

    def _built(self, name: str, given: dict[str, Any], default: dict[str, Any]) -> Any:
        """The DAG; None, and nothing left of it, where dag-factory refuses it. (It would refuse the
        others of the file too; these are kept, since they are what is meant.)
        """
        before = len(stacks.created)
        try:
            return build_dag(name, _merged(copy.deepcopy(given), default), self.lines)
        except Exception as error:  # noqa: BLE001 - reported, and the next one is built
            reason = (str(error).splitlines() or [""])[0][:160]
            journal.note(
                "error",
                "yaml_dag_not_read",
                f"{name} was not read to its end ({type(error).__name__}: {reason})",
                place=self.lines.of(name) if self.path else None,
                dag_id=name,
            )
            refused = {id(dag) for dag in stacks.created[before:]}
            del stacks.created[before:]
            stacks.registered[:] = [dag for dag in stacks.registered if id(dag) not in refused]
            return None

    def _defaults_of_folders(self) -> dict[str, Any]:
        """`defaults.yml` of the folders from the root down to the file's; the nearer one wins."""
        if isinstance(self.defaults, dict):
            return self.defaults
        root = os.path.abspath(found_here(os.fspath(self.defaults_path or dags_folder())))
        merged: dict[str, Any] = {}
        for folder in reversed(_folders_up(self.path, root)):
            names = (os.path.join(folder, f"defaults.{end}") for end in ("yml", "yaml"))
            path = next((name for name in names if os.path.exists(name)), None)
            if path is None or path == self.path:
                continue
            found = _loaded(with_environment(text_of(path), path))
            args = {**(merged.get("default_args") or {}), **(found.get("default_args") or {})}
            tags = sorted({*(merged.get("tags") or []), *(found.get("tags") or [])})
            merged = {**merged, **found, "default_args": args, **({"tags": tags} if tags else {})}
        return merged


def load_yaml_dags(
    globals_dict: dict[str, Any],
    dags_folder: Any = None,
    config_filepath: Any = None,
    suffix: Any = None,
    **options: Any,
) -> None:
    """The DAGs of all YAML files below a folder, or of one file or dictionary."""
    if config_filepath or options.get("config_dict"):
        DagFactory(config_filepath, **options).generate_dags(globals_dict)
        return
    ends = tuple(suffix) if suffix is not None else (".yaml", ".yml")
    folder = found_here(os.fspath(dags_folder or _default_folder()))
    for path in _yaml_files(folder, ends):
        if os.path.basename(path) in ("defaults.yml", "defaults.yaml"):
            continue  # it holds no DAGs
        try:
            DagFactory(path, **options).generate_dags(globals_dict)
        except Exception as error:  # noqa: BLE001 - as dag-factory does: the others are read
            line = getattr(getattr(error, "problem_mark", None), "line", -1) + 1
            journal.note(
                "error",
                "yaml_not_read",
                f"not read: {type(error).__name__} in the YAML",
                place=(path, line),
            )


_default_folder: Callable[[], str] = dags_folder


def _yaml_files(folder: str, ends: tuple[str, ...]) -> Iterator[str]:
    for current, inner, files in os.walk(folder, followlinks=True):
        inner[:] = sorted(name for name in inner if not name.startswith("."))
        for name in sorted(files):
            if name.endswith(ends):
                yield os.path.abspath(os.path.join(current, name))


def _loaded(text: str) -> dict[str, Any]:
    value = logical(typed(yaml.load(text, Loader=yaml.FullLoader)))  # noqa: S506 - as dag-factory
    if not isinstance(value, dict):
        raise ValueError("the YAML is no mapping of DAGs")  # noqa: TRY004 - of its content
    return value


def _merged(config: dict[str, Any], default: dict[str, Any]) -> dict[str, Any]:
    """What the DAG does not say, the default says; mappings are merged all the way down."""
    for key, value in default.items():
        if isinstance(config.get(key), dict) and isinstance(value, dict):
            _merged(config[key], value)
        else:
            config.setdefault(key, copy.deepcopy(value))
    return config


def _folders_up(path: str | None, root: str) -> list[str]:
    """From the file's folder up to the root; if the root is not above it, the two alone."""
    if path is None:
        return [root]
    nearest = os.path.dirname(os.path.abspath(path))
    found = [nearest]
    while found[-1] != root and os.path.dirname(found[-1]) != found[-1]:
        found.append(os.path.dirname(found[-1]))
    return found if found[-1] == root else [nearest, root]
