"""Selection strings, such as `+key:orders* and not group:raw`: a grammar, and the set of keys each
one names.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from functools import lru_cache
from typing import Any, Literal, TypeAlias

from lark import Lark, Token, Tree
from lark.exceptions import UnexpectedCharacters, UnexpectedEOF, UnexpectedInput

from bridge.errors import SelectionError
from bridge.graph import AssetGraph
from bridge.keys import AssetKey
from bridge.nodes import AssetNode

StatusOf = Callable[[AssetKey], str]
# How assets that something outside writes are treated. left_out: named by key, owner, is,
# partitions, status and walks downstream only. named: also by *, not, tag, group and kind; a walk
# upstream still ends before them. walked: as any other asset.
Outside: TypeAlias = Literal["left_out", "named", "walked"]

# NOT binds tighter than AND, AND tighter than OR; "+" belongs to one atom.
_GRAMMAR = r"""
start: or_
?or_: and_ (_OR and_)*
?and_: not_ (_AND not_)*
?not_: _NOT not_ -> negation
     | traversal
?traversal: up atom down -> walk
     | up atom -> walk_up
     | atom down -> walk_down
     | atom
     | "*" -> everything
up: [INT] "+"
down: "+" [INT]
?atom: FUNCTION "(" or_ ")" -> function
     | "(" or_ ")"
     | NAME ":" value -> attribute
     | "tag"i ":" value "=" value -> tag_pair
     | WORD -> bare
     | QUOTED -> bare
value: QUOTED | WORD | NAME | NULL | INT
_OR.3: /or\b/i
_AND.3: /and\b/i
_NOT.3: /not\b/i
FUNCTION.4: /(sinks|roots)(?=\s*\()/i
NAME.2: /[a-z_]+(?=\s*:)/i
NULL: "<null>"
QUOTED: /"[^"]*"/
WORD: /[A-Za-z_][A-Za-z0-9_*\/]*|\*[A-Za-z0-9_*\/]+/
INT: /[0-9]+/
%ignore /\s+/
"""


def select(
    graph: AssetGraph,
    text: str,
    status_of: StatusOf | None = None,
    *,
    outside: Outside = "left_out",
) -> set[AssetKey]:
    """The keys that a selection string names.

    `status_of` answers `status:` with the word that status pages show; `outside` says how far
    assets that we do not compute take part. Raises SelectionError, with a mark under the place, for
    a syntax error, an unknown attribute or word, or a bare key that does not exist.
    """
    try:
        tree = _parser().parse(text)
    except UnexpectedInput as error:
        raise _syntax_error(text, error) from error
    return _Evaluation(graph, text, status_of, outside).keys(tree.children[0])


@lru_cache(maxsize=1)
def _parser() -> Lark:
    return Lark(_GRAMMAR, parser="earley", maybe_placeholders=True)


class _Evaluation:
    def __init__(
        self, graph: AssetGraph, text: str, status_of: StatusOf | None, outside: Outside
    ) -> None:
        self.graph = graph
        self.text = text
        self.status_of = status_of
        self.ours = {node.key for node in graph if node.is_executable}
        self.everything = self.ours if outside == "left_out" else set(graph.nodes)
        self.on_walks_up = set(graph.nodes) if outside == "walked" else self.ours

    def keys(  # noqa: C901, PLR0911 - one line a rule of the grammar reads best
        self, tree: Any
    ) -> set[AssetKey]:
        kind, children = tree.data, tree.children
        if kind == "or_":
            return set().union(*(self.keys(child) for child in children))
        if kind == "and_":
            return set.intersection(*(self.keys(child) for child in children))
        if kind == "negation":
            return self.everything - self.keys(children[0])
        if kind == "everything":
            return self.everything
        if kind == "walk_up":
            return self._walk_up(self.keys(children[1]), _depth(children[0]))
        if kind == "walk_down":
            return self._walk(self.keys(children[0]), self.graph.downstream, _depth(children[1]))
        if kind == "walk":
            middle = self.keys(children[1])
            up = self._walk_up(middle, _depth(children[0]))
            return up | self._walk(middle, self.graph.downstream, _depth(children[2]))
        if kind == "function":
            inner = self.keys(children[1])
            return self._ends(inner, children[0].lower())
        if kind == "bare":
            return {self._existing(_text(children[0]))}
        if kind == "tag_pair":
            name, value = (_text(child.children[0]) or "" for child in children)
            return self._where(lambda node: node.spec.tags.get(name) == value) & self.everything
        return self._attribute(children[0], _text(children[1].children[0]))

    def _walk_up(self, start: set[AssetKey], depth: int | None) -> set[AssetKey]:
        return self._walk(start, self.graph.upstream, depth) & self.on_walks_up

    def _walk(
        self,
        start: set[AssetKey],
        onward: Callable[[AssetKey], Collection[AssetKey]],
        depth: int | None,
    ) -> set[AssetKey]:
        found, edge = set(start), set(start)
        while edge and depth != 0:
            edge = {key for each in edge for key in onward(each)} - found
            found |= edge
            depth = None if depth is None else depth - 1
        return found

    def _ends(self, keys: set[AssetKey], which: str) -> set[AssetKey]:
        """Those from which none of the others is reached, also by a way through assets outside."""
        reach = self.graph.ancestors if which == "roots" else self.graph.descendants
        return {key for key in keys if not reach(key) & keys}

    def _attribute(self, name: str, value: str | None) -> set[AssetKey]:
        name = name.lower()
        if name in ("group", "tag", "kind"):
            return self._described(name, value) & self.everything
        if name == "key":
            return self._by_key(value or "")
        if name == "owner":
            return self._where(lambda node: value in node.spec.owners)
        if name == "is":
            return self._by_writer(value)
        if name == "partitions":
            return self._where(lambda node: _partitioned(node) == (value or "none"))
        if name == "status" and self.status_of is not None:
            status_of = self.status_of
            return {key for key in self.graph.nodes if status_of(key) == value}
        raise SelectionError(
            f"{self.text!r}: there is no attribute {name!r} here. Use key, group, owner, tag, "
            f"kind, is, partitions{' or status' if self.status_of else ''}."
        )

    def _described(self, name: str, value: str | None) -> set[AssetKey]:
        if name == "group":
            pattern = _pattern(value or "")
            return self._where(lambda node: bool(pattern.fullmatch(node.spec.group_name)))
        if name == "tag":
            return self._where(lambda node: node.spec.tags.get(value or "") == "")
        if value is None:
            return self._where(lambda node: not node.spec.kinds)
        return self._where(lambda node: value in node.spec.kinds)

    def _by_writer(self, value: str | None) -> set[AssetKey]:
        if value == "materializable":
            return self.ours
        if value == "external":
            return set(self.graph.nodes) - self.ours
        raise SelectionError(
            f"{self.text!r}: no asset is:{value}. Write is:external or is:materializable."
        )

    def _by_key(self, value: str) -> set[AssetKey]:
        if "*" in value:
            pattern = _pattern(value)
            return {key for key in self.graph.nodes if pattern.fullmatch(str(key))}
        key = AssetKey.parse(value)
        return {key} if key in self.graph else set()

    def _existing(self, value: str | None) -> AssetKey:
        key = AssetKey.parse(value or "")
        if key not in self.graph:
            raise SelectionError(f"There is no asset {value}.{self.graph.suggest(value or '')}")
        return key

    def _where(self, holds: Callable[[AssetNode], bool]) -> set[AssetKey]:
        return {node.key for node in self.graph if holds(node)}


def _partitioned(node: AssetNode) -> str:
    """The word of `partitions:` for one asset: none, static, dynamic, multipartitions or time."""
    if node.spec.partitions_def is None:
        return "none"
    kind = str(node.spec.partitions_def.describe()["kind"])
    others = {"static": "static", "dynamic": "dynamic", "multi": "multipartitions"}
    return others.get(kind, "time")


def _depth(tree: Tree[Token]) -> int | None:
    number = tree.children[0]
    return None if number is None else int(str(number))


def _text(token: Any) -> str | None:
    if token.type == "NULL":
        return None
    return str(token)[1:-1] if token.type == "QUOTED" else str(token)


def _pattern(text: str) -> re.Pattern[str]:
    return re.compile(".*".join(re.escape(part) for part in text.split("*")))


def _syntax_error(text: str, error: UnexpectedInput) -> SelectionError:
    column = len(text) if isinstance(error, UnexpectedEOF) else getattr(error, "column", 1) - 1
    wrong = (
        text[column]
        if isinstance(error, UnexpectedCharacters) and column < len(text)
        else "its end"
    )
    return SelectionError(
        f"The selection cannot be read from {wrong!r} on.\n  {text}\n  {' ' * column}^\n"
        "Examples: orders, +orders, orders+2, key:marts/*, group:raw and not tag:pii, roots(*)."
    )
