"""Which nodes of a project dbt's selection syntax chooses.

https://docs.getdbt.com/reference/node-selection/syntax. Cosmos has a smaller syntax of its own,
which the recorder's child follows for Cosmos (`record/child/cosmos_selection.py`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from fnmatch import fnmatchcase

from pydantic import JsonValue

from adapters.airflow.legacy.dbt.forms import DbtNode, DbtProject

_CRITERION = re.compile(
    r"(?P<at>@)?(?P<above>\d*\+)?((?P<method>[\w.]+):)?(?P<value>[^+]+?)(?P<below>\+\d*)?"
)
_WILD = re.compile(r"[*?\[]")
_ENDINGS = (".sql", ".csv", ".py", ".yml", ".yaml")
_DEFINITION = frozenset({"method", "value"})


class NotKnown(Exception):
    """A selection that the project's files do not decide, such as `state:modified`."""


class Selection:
    """The nodes of a project and what is above and below each."""

    def __init__(self, project: DbtProject) -> None:
        self.project = project
        self.nodes = {node.id: node for node in project.nodes}
        self.above = {
            node.id: [one for one in node.depends_on if one in self.nodes] for node in project.nodes
        }
        self.below: dict[str, list[str]] = {}
        for key, parents in self.above.items():
            for parent in parents:
                self.below.setdefault(parent, []).append(key)
        self.names = {node.id: _fqn(node, project.folders) for node in project.nodes}

    def chosen(
        self,
        select: Sequence[str],
        exclude: Sequence[str] = (),
        selector: str | None = None,
        indirect: str = "eager",
    ) -> set[str]:
        """The ids of the chosen nodes and of the tests about them. Raises NotKnown."""
        if selector is not None:
            found = self._named(selector)
        else:
            found = self._union(select) if select else set(self.nodes)
        found = self._with_tests(found, indirect)
        return found - self._with_tests(self._union(exclude), indirect)

    def _union(self, criteria: Iterable[str]) -> set[str]:
        found: set[str] = set()
        for text in criteria:
            parts = [self._criterion(part) for part in text.split(",") if part]
            found |= set.intersection(*parts) if parts else set()
        return found

    def _with_tests(self, found: set[str], indirect: str) -> set[str]:
        """Tests about a chosen node are chosen with it; `cautious`: if about nothing else."""
        if indirect == "empty" or not found:
            return found
        tests = {one for key in found for one in self.below.get(key, ()) if _is_test(one)}
        if indirect in ("cautious", "buildable"):
            tests = {one for one in tests if set(self.above[one]) <= found}
        return found | tests

    def _criterion(self, text: str) -> set[str]:
        match = _CRITERION.fullmatch(text)
        if match is None:
            raise NotKnown(text)
        found = self._by_method(match["method"], match["value"])
        reached = set(found)
        if match["above"]:
            reached |= _walk(found, self.above, match["above"][:-1])
        if match["below"] or match["at"]:
            reached |= _walk(found, self.below, (match["below"] or "+")[1:])
        if match["at"]:
            reached |= _walk(reached, self.above, "")
        return reached

    def _by_method(self, method: str | None, value: str) -> set[str]:
        if method is None:
            by_path = "/" in value or value.endswith(_ENDINGS)
            method = "fqn" if not by_path else ("path" if "/" in value else "file")
        if method == "selector":
            return self._named(value)
        if method.startswith("config."):
            return self._filtered(_by_config(method.removeprefix("config.")), value)
        test = _METHODS.get(method)
        if test is not None:
            return self._filtered(test, value)
        if method != "fqn":
            raise NotKnown(f"{method}:{value}")
        return {key for key, names in self.names.items() if names and _is_named(names, value)}

    def _filtered(self, test: Callable[[DbtNode, str], bool], value: str) -> set[str]:
        return {key for key, node in self.nodes.items() if test(node, value)}

    def _named(self, selector: str) -> set[str]:
        if selector not in self.project.selectors:
            raise NotKnown(f"selector {selector}")
        return self._defined(self.project.selectors[selector])

    def _defined(self, definition: JsonValue) -> set[str]:
        """A definition of selectors.yml."""
        if isinstance(definition, str):
            return self._union(definition.split())
        if not isinstance(definition, dict):
            raise NotKnown(str(definition))
        for word in ("union", "intersection"):
            parts = definition.get(word)
            if isinstance(parts, list):
                return self._combined(word, parts)
        if not definition.keys() >= _DEFINITION:
            method, value = next(iter(definition.items()), ("", ""))
            return self._by_method(method, str(value))
        found = self._by_method(str(definition["method"]), str(definition["value"]))
        reached = set(found)
        for word, edges in (("parents", self.above), ("children", self.below)):
            if definition.get(word):
                reached |= _walk(found, edges, str(definition.get(f"{word}_depth") or ""))
        if definition.get("childrens_parents"):
            reached |= _walk(reached | _walk(found, self.below, ""), self.above, "")
        excluded = definition.get("exclude")
        return reached - (
            self._combined("union", excluded) if isinstance(excluded, list) else set()
        )

    def _combined(self, word: str, parts: Sequence[JsonValue]) -> set[str]:
        without: set[str] = set()
        found: list[set[str]] = []
        for part in parts:
            excluded = part.get("exclude") if isinstance(part, dict) and len(part) == 1 else None
            if isinstance(excluded, list):
                without |= self._combined("union", excluded)
            else:
                found.append(self._defined(part))
        together = (
            set.intersection(*found) if word == "intersection" and found else set().union(*found)
        )
        return together - without


def _is_test(key: str) -> bool:
    return key.startswith("test.")


def _fqn(node: DbtNode, folders: Iterable[str]) -> tuple[str, ...]:
    """Package, folders, name; nothing for a source, which has no such name."""
    if node.kind == "source":
        return ()
    places = sorted((f"{one.strip('/')}/" for one in folders), key=len, reverse=True)
    inside = next((node.path[len(one) :] for one in places if node.path.startswith(one)), None)
    parts = (node.path.split("/")[1:] if inside is None else inside.split("/"))[:-1]
    return (node.package, *parts, node.name)


def _is_named(names: tuple[str, ...], value: str) -> bool:
    """As dbt-core 1.10 compares (`is_selected_node`), with the package and without."""
    if value in (names[-1], names[-1].rpartition(".v")[0]):
        return True
    wanted = value.split(".")
    for fqn in (names, names[1:]):
        flat = [part for name in fqn for part in name.split(".")]
        if len(flat) >= len(wanted) and _begins(flat, wanted):
            return True
    return False


def _begins(flat: list[str], wanted: list[str]) -> bool:
    for index, part in enumerate(wanted):
        if _WILD.search(part):
            return fnmatchcase(".".join(flat[index:]), ".".join(wanted[index:]))
        if flat[index] != part:
            return False
    return True


def _has_tag(node: DbtNode, value: str) -> bool:
    return any(fnmatchcase(tag, value) for tag in node.tags)


def _is_source(node: DbtNode, value: str) -> bool:
    names = [node.package, *node.name.split(".")]
    wanted = value.split(".")
    return node.kind == "source" and any(
        len(wanted) <= len(own) and all(map(fnmatchcase, own, wanted)) for own in (names[1:], names)
    )


def _is_below(node: DbtNode, value: str) -> bool:
    path = value.removeprefix("./").rstrip("/")
    return node.path == path or node.path.startswith(f"{path}/") or fnmatchcase(node.path, path)


def _is_file(node: DbtNode, value: str) -> bool:
    last = node.path.rpartition("/")[2]
    return not _is_test(node.id) and (
        fnmatchcase(last, value) or fnmatchcase(last.rpartition(".")[0], value)
    )


def _is_kind_of_test(node: DbtNode, value: str) -> bool:
    is_single = node.path.endswith(".sql")
    return _is_test(node.id) and is_single == (value in ("singular", "data"))


_METHODS: dict[str, Callable[[DbtNode, str], bool]] = {
    "tag": _has_tag,
    "source": _is_source,
    "path": _is_below,
    "file": _is_file,
    "package": lambda node, value: fnmatchcase(node.package, value) or value == "this",
    "resource_type": lambda node, value: node.kind == value,
    "test_type": _is_kind_of_test,
    "test_name": lambda node, value: _is_test(node.id) and node.name.startswith(f"{value}_"),
}


def _by_config(name: str) -> Callable[[DbtNode, str], bool]:
    if name == "tags":
        return _has_tag
    if name not in _CONFIGURED:
        raise NotKnown(f"config.{name}")
    return lambda node, value: _CONFIGURED[name](node).lower() == value.lower()


_CONFIGURED: dict[str, Callable[[DbtNode], str]] = {
    "materialized": lambda node: node.materialized or ("view" if node.kind == "model" else ""),
    "schema": lambda node: node.schema_name or "",
    "database": lambda node: node.database_name or "",
    "alias": lambda node: node.alias or "",
}


def _walk(start: Iterable[str], edges: Mapping[str, Iterable[str]], depth: str) -> set[str]:
    found: set[str] = set()
    level = set(start)
    left = int(depth) if depth else -1
    while level and left:
        level = {one for key in level for one in edges.get(key, ())} - found
        found |= level
        left -= 1
    return found
