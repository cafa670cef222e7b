"""Task files of `gusty`: YAML, and the front matter of SQL, Python, notebooks and R Markdown."""

# Plain os.path: quicker to load, and the user's code may have changed pathlib.
# ruff: noqa: PTH119, PTH122

import inspect
import json
import os
import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import yaml

from .airflow_operators import days_ago
from .dotted import function_in_file
from .journal import journal
from .placeholders import Unknown
from .yaml_files import text_of

_FRONT = re.compile(r"\A---[ \t]*\n(.*?)^---[ \t]*$\n?(.*)\Z", re.DOTALL | re.MULTILINE)
_IN_PYTHON = re.compile(
    r"\A(?:#!.*\n)?\s*# ?---[ \t]*\n(.*?)^# ?---[ \t]*$", re.DOTALL | re.MULTILINE
)
_IN_NOTEBOOK = re.compile(r"\A```ya?ml\n(.*?)```", re.DOTALL)
PYTHON = "airflow.operators.python.PythonOperator"

Tags = dict[str, Callable[..., Any]]


def _env_switch(default: Any = None, **by_env: Any) -> Any:
    return by_env.get(os.environ.get("AIRFLOW_ENV") or "", by_env.get("default", default))


def tags_of(*given: Any) -> Tags:
    """What `!name` in YAML calls: gusty's own, then the code base's, by name."""
    tags: Tags = {
        "days_ago": lambda n=0: days_ago(int(n)),
        "timedelta": timedelta,
        "datetime": datetime,
        "env_var": lambda name, default=None: os.getenv(name, default),
        "env_switch": _env_switch,
    }
    for more in given:
        if isinstance(more, dict):
            tags.update({str(name).lstrip("!"): one for name, one in more.items()})
        elif isinstance(more, (list, tuple)):
            tags.update({one.__name__: one for one in more})
    return tags


def loader_of(tags: Tags) -> type[yaml.SafeLoader]:
    """A YAML loader that knows the tags; what stands behind another is unknown, and said."""

    class Loader(yaml.SafeLoader):
        """Safe but for the tags, which the code base brings."""

    def call(loader: Any, name: str, node: Any) -> Any:
        if name not in tags:
            place = (loader.name, node.start_mark.line + 1)
            journal.note("warning", "yaml_tag_not_read", f"!{name} is not known", place=place)
            return Unknown(f"!{name}")
        if isinstance(node, yaml.MappingNode):
            return tags[name](**loader.construct_mapping(node, deep=True))
        if isinstance(node, yaml.SequenceNode):
            return tags[name](*loader.construct_sequence(node, deep=True))
        value = yaml.safe_load(node.value)  # gusty reads the text behind a tag as YAML of its own
        if isinstance(value, dict):
            return tags[name](**value)
        if isinstance(value, list):
            return tags[name](*value)
        return tags[name]() if value is None else tags[name](value)

    Loader.add_multi_constructor("!", call)
    return Loader


def loaded(text: str, path: str, loader: type[yaml.SafeLoader], first_line: int = 0) -> Any:
    """The value of a YAML text; its marks name the file's own lines."""
    reader = loader(text)
    reader.name = path
    reader.line = first_line
    try:
        return reader.get_single_data()
    finally:
        reader.dispose()


def generic(path: str, loader: type[yaml.SafeLoader]) -> dict[str, Any]:
    """Front matter, or a whole file of YAML."""
    text = text_of(path)
    found = _FRONT.match(text)
    value = loaded(found[1], path, loader, 1) if found else loaded(text, path, loader)
    return value if isinstance(value, dict) else {}


def _sql(path: str, loader: type[yaml.SafeLoader]) -> dict[str, Any]:
    found = _FRONT.match(text_of(path))
    if found is None:
        return {"sql": text_of(path).strip()}
    return {**(loaded(found[1], path, loader, 1) or {}), "sql": found[2].strip()}


def _python(path: str, loader: type[yaml.SafeLoader]) -> dict[str, Any]:
    found = _IN_PYTHON.match(text_of(path))
    spec: dict[str, Any] = {"operator": PYTHON}
    if found is not None:
        lines = (line.removeprefix("#").removeprefix(" ") for line in found[1].splitlines())
        spec.update(loaded("\n".join(lines), path, loader, 1) or {})
    names = {"python_callable": spec.get("python_callable"), **(spec.get("extra_callables") or {})}
    for argument, name in names.items():
        if isinstance(name, str):
            spec[argument] = function_in_file(name, path, (path, 1))
    if "python_callable" not in spec:
        message = "the task runs the whole file; what that reads and writes is not followed"
        journal.note("info", "body_not_read", message, place=(path, 1))
        spec["python_callable"] = Unknown(os.path.basename(path))
    return spec


def _notebook(path: str, loader: type[yaml.SafeLoader]) -> dict[str, Any]:
    for cell in json.loads(text_of(path)).get("cells") or []:
        source = cell.get("source") or ""
        text = source if isinstance(source, str) else "".join(source)
        found = _IN_NOTEBOOK.match(text) if cell.get("cell_type") == "markdown" else None
        if found is not None:
            value = loaded(found[1], path, loader)
            return value if isinstance(value, dict) else {}
    raise ValueError("the notebook has no markdown cell that begins with ```yaml")


_BY_END: dict[str, Callable[[str, type[yaml.SafeLoader]], dict[str, Any]]] = {
    ".yml": generic,
    ".yaml": generic,
    ".Rmd": generic,
    ".sql": _sql,
    ".py": _python,
    ".ipynb": _notebook,
}


class SpecReader:
    """Reads task files by their endings, by the code base's own parsers too."""

    def __init__(self, loader: type[yaml.SafeLoader], hooks: dict[str, Any]) -> None:
        self.loader = loader
        self.hooks = hooks
        self.ends = (*_BY_END, *(end for end in hooks if end not in _BY_END))

    def read(self, path: str) -> list[dict[str, Any]]:
        """The tasks of one file; raises ValueError if it does not say which operator."""
        end = os.path.splitext(path)[1]
        spec = self._hooked(path, end) if end in self.hooks else _BY_END[end](path, self.loader)
        if not isinstance(spec, dict) or "operator" not in spec:
            raise ValueError("it names no operator")
        task_id = os.path.splitext(os.path.basename(path))[0].lower().strip()
        spec = {**spec, "task_id": task_id, "file_path": path}
        several = spec.get("multi_task_spec") or {}
        partials = spec.get("python_callable_partials") or {}
        for name, given in partials.items():
            several[name] = {**(several.get(name) or {}), "op_kwargs": given}
        return [
            _updated({**spec, "task_id": name}, more or {}) for name, more in several.items()
        ] or [spec]

    def _hooked(self, path: str, end: str) -> Any:
        hook = self.hooks[end]
        try:
            wanted = inspect.signature(hook).parameters
        except (TypeError, ValueError):
            wanted = {}  # type: ignore[assignment]
        return hook(path, **({"loader": self.loader} if "loader" in wanted else {}))


def _updated(given: dict[str, Any], more: dict[str, Any]) -> dict[str, Any]:
    """The second over the first, mappings merged."""
    return {
        **given,
        **{
            key: _updated(given.get(key) or {}, value) if isinstance(value, dict) else value
            for key, value in more.items()
        },
    }
