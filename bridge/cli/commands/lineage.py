"""`bridge lineage`: what an asset is made of and what is made of it, as a tree."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

import typer
from rich.text import Text
from rich.tree import Tree

from bridge.cli import plain
from bridge.cli.options import Json, Key
from bridge.cli.session import Session, session_of
from bridge.cli.terminal import symbol
from bridge.cli.words import ago, count, what_is_read

if TYPE_CHECKING:
    from bridge.graph import AssetGraph
    from bridge.keys import AssetKey
    from bridge.status import AssetStatus

_FOLD_FROM = 9  # more neighbours than this, and those under one prefix become one line
_FOLD_AT_LEAST = 3

Onward = Callable[["AssetKey"], tuple["AssetKey", ...]]


def lineage(
    context: typer.Context,
    key: Key,
    up: Annotated[int, typer.Option(min=0, help="How many steps upstream.")] = 2,
    down: Annotated[int, typer.Option(min=0, help="How many steps downstream.")] = 2,
    as_json: Json = False,
) -> None:
    """Show what an asset is made of, and what of it.

    A tree of upstream and downstream with the status of each.
    """
    session = session_of(context)
    root, graph = session.key(key), session.graph
    known = session.statuses()
    if as_json:
        session.terminal.json(_plain(graph, known, root, up, down))
        return
    view = _View(session, graph, known)
    tree = Tree(view.label(root), guide_style="dim")
    if up and (graph.upstream(root) or graph.nodes[root].produced_by):
        view.grow(tree.add("upstream"), root, graph.upstream, up, "--up", legacy=True)
    if down and graph.downstream(root):
        view.grow(tree.add("downstream"), root, graph.downstream, down, "--down")
    session.terminal.out.print(tree, soft_wrap=True)


@dataclass(frozen=True, slots=True)
class _View:
    session: Session
    graph: AssetGraph
    known: dict[AssetKey, AssetStatus]

    def label(self, key: AssetKey) -> Text:
        found = self.known[key]
        words: list[str] = [found.status]
        if found.latest is not None and found.status != "running":
            words[0] += f" {ago(found.latest, self.session.now)}"
        if found.stale_because is not None and found.status == "stale":
            words[0] = f"stale, {found.stale_because} is {self.known[found.stale_because].status}"
        if found.route is not None:
            words.append(found.route)
        return Text.assemble(symbol(found.status), f" {key}  ", (", ".join(words), "dim"))

    def read_label(self, key: AssetKey, other: AssetKey) -> Text:
        """A neighbour, with what partitions read of the upstream where that was declared."""
        nodes = self.graph.nodes
        words = what_is_read(nodes[key].spec, other) or what_is_read(nodes[other].spec, key)
        return self.label(other).append(f"  ({words})" if words else "", style="dim")

    def grow(
        self,
        top: Tree,
        start: AssetKey,
        onward: Onward,
        depth: int,
        option: str,
        *,
        legacy: bool = False,
    ) -> None:
        """Hang everything up to `depth` below `top`; what was shown is only named again."""
        seen: set[AssetKey] = set()
        hidden: set[AssetKey] = set()

        def add(branch: Tree, key: AssetKey, left: int) -> None:
            if legacy:
                for unit in self.graph.nodes[key].produced_by:
                    branch.add(self.unit_label(unit, key))
            if not left:
                hidden.update(onward(key))
                return
            single, folded = _fold(onward(key))
            for each in single:
                if each in seen:
                    branch.add(self.read_label(key, each).append("  see above", style="dim"))
                    continue
                seen.add(each)
                add(branch.add(self.read_label(key, each)), each, left - 1)
            for prefix, keys in folded.items():
                seen.update(keys)
                branch.add(self.folded_label(prefix, keys))

        add(top, start, depth)
        beyond = hidden - seen
        if beyond:
            top.add(
                Text(f"{len(beyond):,} more at depth {depth + 1}, see {option} {depth + 1}", "dim")
            )

    def unit_label(self, unit: str, key: AssetKey) -> Text:
        return Text.assemble(
            symbol("passed" if self.known[key].latest else "unknown"),
            f" {unit.partition(':')[2] or unit}  ",
            (f"Airflow task, {self.known[key].route or 'observed'}", "dim"),
        )

    def folded_label(self, prefix: str, keys: list[AssetKey]) -> Text:
        counts = Counter(self.known[key].status for key in keys)
        worst = next(
            (w for w in ("failed", "stale", "running", "missing", "unknown") if counts[w]), "done"
        )
        bad = [f"{counts[word]} {word}" for word in ("failed", "stale", "missing") if counts[word]]
        words = ", ".join([count(len(keys), "asset"), *bad])
        return Text.assemble(symbol(worst), f" {prefix}/*  ", (words, "dim"))


def _fold(keys: Iterable[AssetKey]) -> tuple[list[AssetKey], dict[str, list[AssetKey]]]:
    """Neighbours one by one, and, where they are many, those under one prefix together."""
    every = list(keys)
    if len(every) < _FOLD_FROM:
        return every, {}
    groups: dict[str, list[AssetKey]] = {}
    for key in every:
        groups.setdefault("/".join(key.path[:-1]), []).append(key)
    folded = {
        name: group for name, group in groups.items() if name and len(group) >= _FOLD_AT_LEAST
    }
    return [key for key in every if "/".join(key.path[:-1]) not in folded], folded


def _plain(
    graph: AssetGraph, known: dict[AssetKey, AssetStatus], root: AssetKey, up: int, down: int
) -> plain.Plain:
    reached: dict[AssetKey, int] = {root: 0}
    edges: set[tuple[AssetKey, AssetKey]] = set()
    for onward, depth, sign in ((graph.upstream, up, -1), (graph.downstream, down, 1)):
        edge = [root]
        for step in range(1, depth + 1):
            found = [(here, there) for here in edge for there in onward(here)]
            edges.update((there, here) if sign < 0 else (here, there) for here, there in found)
            edge = [
                there for there in dict.fromkeys(pair[1] for pair in found) if there not in reached
            ]
            reached.update(dict.fromkeys(edge, sign * step))
    return {
        "root": str(root),
        "assets": [
            plain.status(known[key])
            | {"depth": depth, "produced_by": list(graph.nodes[key].produced_by)}
            for key, depth in reached.items()
        ],
        "edges": [[str(source), str(target)] for source, target in sorted(edges)],
        "reads_partitions": [
            {"upstream": str(source), "downstream": str(target), "reads": words}
            for source, target in sorted(edges)
            if (words := what_is_read(graph.nodes[target].spec, source))
        ],
    }
