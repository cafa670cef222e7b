"""Functions of the code base that a library is handed, to call them: a thread, a pool, a loop."""

import ast
from typing import Any

from .special_calls import Special
from .values import UNKNOWN, Bound, Later, Made, Routine

_OF_EACH = frozenset(("map", "starmap", "imap", "imap_unordered", "map_async", "starmap_async"))
_IN_BAGS = frozenset(("apply_async", "apply_sync"))
_LATER = frozenset(("submit", "run_in_executor", "to_thread"))
_MOST_ITEMS = 50


class Handing(Special):
    """Follows what is handed on."""

    def handed(self, function: Made, args: list[Any], named: dict[str, Any], node: ast.Call) -> Any:
        """Follow the functions among the arguments: what they give, where the library hands that
        back; else None.
        """
        name = str(function.chain[-1]["name"])
        found: Any = None
        for index, value in enumerate(args):
            if not isinstance(value, (Routine, Bound)):
                continue
            rest = args[index + 1 :]
            if name in _OF_EACH:
                found = self._of_each(value, rest, node, is_spread=name.startswith("starmap"))
                found = Later(found) if name.endswith("async") else found
            elif name in _IN_BAGS:
                found = Later(self._of_bags(value, [*rest, *named.values()], node))
            else:
                given = self.call(value, rest, named if name in _LATER else {}, node)
                found = Later(given) if name in _LATER else None
        target = named.get("target", named.get("func"))
        if isinstance(target, (Routine, Bound)):
            self._of_bags(target, [named.get("args"), named.get("kwargs")], node)
        return found

    def _of_each(self, function: Any, rest: list[Any], node: ast.Call, *, is_spread: bool) -> Any:
        """`map(f, items)`, `starmap(f, [(a, b)])`."""
        lists = [self.turns(each) or [UNKNOWN] for each in (rest[:1] if is_spread else rest)]
        turns = [list(each) for each in zip(*lists, strict=False)]
        if is_spread:
            turns = [each[0] if isinstance(each[0], list) else each for each in turns]
        return [self.call(function, each, {}, node) for each in turns[:_MOST_ITEMS]]

    def _of_bags(self, function: Any, bags: list[Any], node: ast.Call) -> Any:
        """`Thread(target=f, args=(a,), kwargs={"b": c})`, `apply_async(f, (a,), {"b": c})`."""
        args = next((each for each in bags if isinstance(each, list)), [])
        named = next((each for each in bags if isinstance(each, dict)), {})
        return self.call(function, args, named, node)
