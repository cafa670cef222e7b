"""Which nodes of a manifest `select` and `exclude` choose, as Cosmos itself does it."""

import re
from collections.abc import Callable, Iterable
from typing import Any

from .journal import journal

_GRAPH = re.compile(r"^(?P<above>\d*\+)?(?P<plain>[^+@]+)(?P<below>\+\d*)?$")
Node = dict[str, Any]


def _tags(node: Node) -> list[str]:
    return [*(node.get("tags") or []), *((node.get("config") or {}).get("tags") or [])]


_METHODS: dict[str, Callable[[Node, str], bool]] = {
    "tag": lambda node, value: value in _tags(node),
    "path": lambda node, value: _below(str(node.get("original_file_path")), value),
    "resource_type": lambda node, value: node.get("resource_type") == value,
    "package": lambda node, value: node.get("package_name") == value,
    "fqn": lambda node, value: ".".join(node.get("fqn") or []) == value,
}


def selected(nodes: dict[str, Node], select: Iterable[str], exclude: Iterable[str]) -> set[str]:
    """The chosen nodes' ids: everything selected, less what is excluded."""
    wanted, unwanted = list(select), list(exclude)
    found = set(nodes) if not wanted else _union(nodes, wanted, set(nodes))
    return found - _union(nodes, unwanted, set())


def _union(nodes: dict[str, Node], texts: list[str], unknown: set[str]) -> set[str]:
    found: set[str] = set()
    for text in (one for each in texts for one in str(each).split()):
        parts = [_chosen(nodes, part) for part in text.split(",")]
        if None in parts:
            message = f"the selection {text} is not understood; tasks may be too many"
            journal.note("warning", "selection_not_read", message)
            found |= unknown
        else:
            found |= set.intersection(*(part for part in parts if part is not None))
    return found


def _chosen(nodes: dict[str, Node], text: str) -> set[str] | None:
    graph = _GRAPH.match(text)
    if graph is None or "*" in text:
        return None
    base = _plain(nodes, graph["plain"])
    if base is None:
        return None
    above = {
        key: set((node.get("depends_on") or {}).get("nodes") or []) for key, node in nodes.items()
    }
    below: dict[str, set[str]] = {}
    for key, parents in above.items():
        for parent in parents:
            below.setdefault(parent, set()).add(key)
    found = set(base)
    if graph["above"]:
        found |= _walk(base, above, graph["above"].rstrip("+"))
    if graph["below"]:
        found |= _walk(base, below, graph["below"].lstrip("+"))
    return found & nodes.keys()


def _plain(nodes: dict[str, Node], text: str) -> set[str] | None:
    method, colon, value = text.partition(":")
    if not colon:
        named = {key for key in nodes if key.split(".", 2)[-1] == text}
        return named or {key for key, node in nodes.items() if _is_in(node, text.split("."))}
    if method.startswith("config."):
        name = method.removeprefix("config.")
        if name in ("tags", "meta"):
            return None
        return {
            key
            for key, node in nodes.items()
            if str((node.get("config") or {}).get(name)).lower() == value.lower()
        }
    test = _METHODS.get(method)
    return None if test is None else {key for key, node in nodes.items() if test(node, value)}


def _is_in(node: Node, folders: list[str]) -> bool:
    """As dbt takes a name that no node has: a package, or folders below it."""
    fqn = node.get("fqn") or []
    return folders in (fqn[: len(folders)], fqn[1 : len(folders) + 1])


def _walk(start: set[str], edges: dict[str, set[str]], depth: str) -> set[str]:
    found: set[str] = set()
    level = set(start)
    steps = int(depth) if depth else len(edges) + 1
    while level and steps:
        level = {one for key in level for one in edges.get(key, ())} - found
        found |= level
        steps -= 1
    return found


def _below(path: str, folder: str) -> bool:
    return path == folder or path.startswith(folder.rstrip("/") + "/")
