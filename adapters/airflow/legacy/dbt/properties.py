"""The properties files of a dbt project: sources, tests, and configuration of nodes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from adapters.airflow.legacy.dbt.configs import by_folder
from adapters.airflow.legacy.dbt.files import Files, mapping, mappings, words
from adapters.airflow.legacy.dbt.forms import DbtNode
from adapters.airflow.legacy.dbt.jinja_calls import Argument, Asked, Block, calls

_TESTS = ("tests", "data_tests")
# What a test may be given that is no argument of its macro.
_ABOUT_TEST = frozenset(
    """
    severity tags enabled where limit warn_if error_if fail_calc store_failures store_failures_as
    meta database schema alias config name description docs arguments test_name
    """.split()  # noqa: SIM905
)


@dataclass(frozen=True, slots=True, kw_only=True)
class GenericTest:
    """A test of a node by a macro: its name as dbt makes it, and what else it asks for."""

    name: str
    path: str
    owner: str
    tags: tuple[str, ...] = ()
    asked: tuple[Asked, ...] = ()


@dataclass(frozen=True, slots=True)
class _Owner:
    """What tests are about, and what they have of it: words of their names, and tags."""

    key: str
    shown: str
    prefix: str = ""
    tags: tuple[str, ...] = ()


@dataclass(slots=True)
class Properties:
    """Everything that the properties files of one project say."""

    sources: list[DbtNode] = field(default_factory=list)
    tests: list[GenericTest] = field(default_factory=list)
    nodes: dict[str, dict[str, Any]] = field(default_factory=dict)
    versions: dict[str, str] = field(default_factory=dict)
    latest: dict[str, str] = field(default_factory=dict)


def read(
    files: Files,
    places: Iterable[str],
    project: str,
    source_configs: object,
    test_macros: Mapping[str, Block],
) -> Properties:
    """Every properties file below these folders. A file's versions are by the name of its file."""
    found = Properties()
    for path in files.below(places, ".yml", ".yaml"):
        name = files.name(path)
        content = files.mapping(path)
        for source in mappings(content.get("sources")):
            _source(source, name, project, source_configs, test_macros, found)
        for kind in ("models", "seeds", "snapshots"):
            for entry in mappings(content.get(kind)):
                owner = str(entry.get("name", ""))
                found.nodes.setdefault(owner, entry)
                _versions(entry, owner, found)
                for tested, said in _tested(entry, owner):
                    found.tests += _tests(said, tested, name, test_macros)
    return found


def _tested(entry: dict[str, Any], owner: str) -> Iterator[tuple[_Owner, dict[str, Any]]]:
    """The node, or each of its versions, with what is said of it: a version has the columns and the
    tests of the model where it does not say its own.
    """
    versions = [one for one in mappings(entry.get("versions")) if "v" in one]
    if not versions:
        yield _Owner(f"model:{owner}", owner), entry
    for one in versions:
        columns: list[dict[str, Any]] = []
        for column in mappings(one.get("columns", [{"include": "all"}])):
            wanted = column.get("include")
            left = words(column.get("exclude", []))
            columns += [
                each
                for each in mappings(entry.get("columns"))
                if (wanted in ("all", "*") or each.get("name") in words(wanted or []))
                and each.get("name") not in left
            ]
            columns += [column] if "name" in column else []
        own = {word: one.get(word, entry.get(word)) for word in _TESTS}
        tested = _Owner(f"model:{owner}.v{one['v']}", f"{owner}_v{one['v']}")
        yield tested, {**entry, **own, "columns": columns}


def _versions(entry: dict[str, Any], owner: str, found: Properties) -> None:
    known = [str(one["v"]) for one in mappings(entry.get("versions")) if "v" in one]
    for one in mappings(entry.get("versions")):
        if "v" in one:
            file = str(one.get("defined_in", f"{owner}_v{one['v']}"))
            found.versions[file] = f"{owner}.v{one['v']}"
    if known:
        last = str(entry.get("latest_version", max(known, key=lambda v: (len(v), v))))
        found.versions.setdefault(owner, f"{owner}.v{last}")  # its file may be called as the model
        found.latest[owner] = f"{owner}.v{last}"


def _source(
    source: dict[str, Any],
    path: str,
    project: str,
    configs: object,
    test_macros: Mapping[str, Block],
    found: Properties,
) -> None:
    name = str(source.get("name", ""))
    for table in mappings(source.get("tables")):
        last = str(table.get("name", ""))
        settings = by_folder(configs, project, [name, last])
        for one in (source, table):
            settings.add({"tags": one.get("tags")})
            settings.add(one.get("config"))
        if not settings.is_enabled:
            continue
        database = source.get("database") or source.get("project") or source.get("catalog")
        schema = source.get("schema") or source.get("dataset") or name
        found.sources.append(
            DbtNode(
                id=f"source.{project}.{name}.{last}",
                path=path,
                database_name=None if database is None else str(database).strip(),
                schema_name=str(schema).strip(),
                alias=str(table.get("identifier") or last).strip(),
                is_placed=True,
                tags=tuple(settings.tags),
            )
        )
        tags = (*words(source.get("tags")), *words(table.get("tags")))
        owner = _Owner(f"source:{name}.{last}", f"{name}_{last}", "source_", tags)
        found.tests += _tests(table, owner, path, test_macros)


def _tests(
    entry: dict[str, Any],
    owner: _Owner,
    path: str,
    test_macros: Mapping[str, Block],
) -> Iterator[GenericTest]:
    levels: list[tuple[dict[str, Any], dict[str, Any]]] = [(entry, {})]
    levels += [
        (column, {"column_name": column.get("name")}) for column in mappings(entry.get("columns"))
    ]
    for level, given in levels:
        for said in (one for word in _TESTS for one in _listed(level.get(word))):
            kind, about = _test(said)
            if not kind or str(mapping(about.get("config")).get("enabled", True)) == "False":
                continue
            arguments = {key: one for key, one in about.items() if key not in _ABOUT_TEST}
            arguments |= {**mapping(about.get("arguments")), **given}
            test = kind.replace(".", "_")
            above = (level, mapping(level.get("config"))) if given else ()
            each = (*above, about, mapping(about.get("config")))
            tags = [*owner.tags, *(tag for one in each for tag in words(one.get("tags")))]
            yield GenericTest(
                name=str(
                    about.get("name")
                    or _name_of_test(f"{owner.prefix}{test}_{owner.shown}", arguments)
                ),
                path=path,
                owner=owner.key,
                tags=tuple(dict.fromkeys(tags)),
                asked=tuple(_asked(kind, arguments, test_macros)),
            )


def _listed(value: object) -> list[object]:
    return value if isinstance(value, list) else []


def _test(said: object) -> tuple[str, dict[str, Any]]:
    """`not_null`, `{not_null: {…}}`, or `{test_name: not_null, …}`."""
    if isinstance(said, str):
        return said, {}
    if not isinstance(said, dict) or not said:
        return "", {}
    if "test_name" in said:
        return str(said["test_name"]), {str(key): one for key, one in said.items()}
    name, about = next(iter(said.items()))
    return str(name), {
        **{str(key): one for key, one in said.items() if key != name},
        **mapping(about),
    }


def _name_of_test(begin: str, arguments: Mapping[str, object]) -> str:
    """As dbt makes it (dbt-core 1.10, `synthesize_generic_test_names`)."""
    flat: list[str] = []
    for _, value in sorted(arguments.items()):
        if isinstance(value, dict):
            flat += map(str, value.values())
        elif isinstance(value, list):
            flat += map(str, value)
        else:
            flat.append(str(value))
    return f"{begin}_" + "__".join(re.sub("[^0-9a-zA-Z_]+", "_", one) for one in flat)


def _asked(
    kind: str, arguments: Mapping[str, object], test_macros: Mapping[str, Block]
) -> Iterator[Asked]:
    """What else a test looks at: `to: ref('x')`, or what its macro makes of an argument."""
    for value in arguments.values():
        if isinstance(value, str) and "(" in value:
            yield from calls(value).asked
    macro = test_macros.get(kind)
    for asked in calls(macro.text).asked if macro else ():
        filled = tuple(
            arguments.get(one.name) if isinstance(one, Argument) else one for one in asked.arguments
        )
        if all(isinstance(one, str) for one in filled):
            yield Asked(asked.kind, tuple(str(one) for one in filled), asked.version)
