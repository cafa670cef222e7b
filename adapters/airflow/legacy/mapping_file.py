"""The mapping file `migration/<instance>.yaml`: where it is, how it is read and written."""

import gc
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import yaml
from pydantic import ValidationError

from adapters.airflow.legacy.comments import comments_in, with_comments
from adapters.airflow.legacy.mapping import Mapping, Thing
from bridge.errors import ConfigError, DefinitionError, PartitionError
from bridge.project import Project

# libyaml reads three times as fast; the wheels of PyYAML have it.
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_INSTANCE = re.compile(r"[^\W_][\w.-]*")

_HEADER = """\
# Which assets the tasks of the Airflow {instance!r} write and read. Made by `bridge import
# airflow`; yours to change. An entry with `confirmed: true` is never touched again; in the others a
# changed `asset` is kept, the rest is renewed.
"""


def mapping_path(project: Project, instance: str) -> Path:
    """Where the mapping of one Airflow is kept.

    Raises ConfigError for a name that is no file's, such as `../prod`.
    """
    if not _INSTANCE.fullmatch(instance):
        raise ConfigError(
            f"The instance {instance!r} gives a file its name. Use letters, digits, '.', '-' and "
            "'_', and begin with a letter or digit."
        )
    return project.migration / f"{instance}.yaml"


def to_yaml(mapping: Mapping) -> str:
    """The file's text; equal mappings give equal bytes."""
    data = mapping.model_dump(mode="json", exclude_defaults=True)
    ordered = {"format": mapping.format, **{name: data[name] for name in data if name != "format"}}
    with _collecting_nothing():
        body = yaml.safe_dump(
            ordered, sort_keys=False, allow_unicode=True, width=110, default_flow_style=False
        )
    return _HEADER.format(instance=mapping.instance) + str(body)


def rewritten(mapping: Mapping, old: Mapping, old_text: str) -> str:
    """The file's text, with the comments that people wrote in an earlier one."""
    places = {thing: place for place, thing in _entries(mapping)}
    renamed = {place: places[thing] for place, thing in _entries(old) if thing in places}
    return with_comments(to_yaml(mapping), comments_in(old_text), renamed)


def _entries(mapping: Mapping) -> Iterator[tuple[tuple[str, int], Thing]]:
    """Where each entry stands in its file, and what it is about."""
    for index, unit in enumerate(mapping.units):
        yield ("units", index), ("task", unit.dag, unit.task)
    for index, source in enumerate(mapping.sources):
        yield ("sources", index), ("source", source.uri)
    for index, kept in enumerate(mapping.kept):
        yield ("kept", index), ("kept", kept.granularity, *kept.thing)


def from_yaml(text: str, place: str = "the mapping") -> Mapping:
    """Raises ConfigError, naming the entry, for what is no mapping of this version."""
    try:
        with _collecting_nothing():
            data = yaml.load(text, Loader=_LOADER)  # noqa: S506 - a safe one
    except yaml.YAMLError as error:
        raise ConfigError(f"{place} is no YAML: {' '.join(str(error).split())}") from error
    if not isinstance(data, dict):
        raise ConfigError(
            f"{place} is no mapping file. Make one with `bridge import airflow FOLDER`."
        )
    try:
        mapping = Mapping.model_validate(data)
        for unit in mapping.units:
            _ = unit.assets
        for partitions in {unit.partitions for unit in mapping.units}:  # few, in many entries
            _ = partitions.definition()
        for freshness in {unit.freshness for unit in mapping.units}:
            _ = freshness.policy() if freshness is not None else None
    except (ValueError, DefinitionError, PartitionError) as error:
        raise ConfigError(f"{place}: {_first_problem(error)}") from error
    seen: set[tuple[str, str]] = set()
    for unit in mapping.units:
        if (unit.dag, unit.task) in seen:
            raise ConfigError(
                f"{place} has two entries for {unit.dag}.{unit.task}. Keep one of them."
            )
        seen.add((unit.dag, unit.task))
    return mapping


@contextmanager
def _collecting_nothing() -> Iterator[None]:
    """Without looking for garbage: YAML of 5,000 entries is half a million objects, all of which
    are looked through again and again, and none is garbage. Reading takes a fifth of the time.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _first_problem(error: ValueError | DefinitionError | PartitionError) -> str:
    if not isinstance(error, ValidationError):
        return str(error)
    first = error.errors()[0]
    return f"{'.'.join(str(part) for part in first['loc'])}: {first['msg']}"


def load_mapping(path: str | os.PathLike[str]) -> Mapping:
    """The mapping in the file. Raises ConfigError if it is not there or cannot be read."""
    return from_yaml(read_mapping(Path(path)), str(path))


def read_mapping(place: Path) -> str:
    """The text of the file. Raises ConfigError if it is not there or cannot be read."""
    try:
        return place.read_bytes().decode("utf-8")
    except OSError as error:
        message = (
            f"There is no mapping {place} to read ({error.strerror}). "
            "Make it with `bridge import airflow FOLDER`."
        )
        raise ConfigError(message) from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"The mapping {place} is no text in UTF-8: {error}.") from error
