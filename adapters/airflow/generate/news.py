"""Automation conditions as news of assets that start a DAG: any of them, all of them. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Literal, NamedTuple, TypeAlias, Union

from bridge.conditions import AllOf, AnyOf, AssetMatches, AutomationCondition, Since
from bridge.keys import AssetKey
from bridge.nodes import AssetNode

Quantifier: TypeAlias = Literal["any", "all"]
News: TypeAlias = Union[AssetKey, "NewsOf"]


class NewsOf(NamedTuple):
    """News of any, or of all, of these since the run before."""

    quantifier: Quantifier
    of: tuple[News, ...]


def is_conditional(nodes: Sequence[AssetNode]) -> bool:
    """Whether conditions say when each of these is computed."""
    return all(node.spec.automation_condition is not None for node in nodes)


def news_wanted(nodes: Sequence[AssetNode]) -> News | None:
    """What starts a DAG of these assets, as all of their conditions ask; None where none can say.

    A condition that asks for any news is met inside the DAG where the asset reads others of it and
    nothing else. All others have to ask for the same, since a run computes them all.
    """
    inside = {node.key for node in nodes}
    found: set[News | None] = set()
    for node in nodes:
        condition, deps = node.spec.automation_condition, node.spec.deps
        outside = tuple(sorted({*deps} - inside, key=lambda key: key.path))
        if condition is None:
            return None
        if condition not in _any_news():
            found.add(_as_written(condition))
        elif outside:
            found.add(_joined("any", outside))
        elif not deps:
            return None
    news = found.pop() if len(found) == 1 else None
    return None if news is None or inside.intersection(keys_in(news)) else news


def keys_in(news: News) -> Iterator[AssetKey]:
    """The assets of which there may be news, again where one is named again."""
    if isinstance(news, AssetKey):
        yield news
        return
    for each in news.of:
        yield from keys_in(each)


def as_json(news: News, uri: Callable[[AssetKey], str]) -> str | dict[str, object]:
    """As what JSON knows: a URI, or `{"any": [...]}`."""
    if isinstance(news, AssetKey):
        return uri(news)
    return {news.quantifier: [as_json(each, uri) for each in news.of]}


def _any_news() -> tuple[AutomationCondition, ...]:
    of = AutomationCondition
    return (of.any_deps_updated(), of.eager(), of.eager(pick_up_missing=True))


def _as_written(condition: AutomationCondition) -> News | None:
    """`asset_matches(key, newly_updated()).since_last_handled()`, joined by `&` and `|`.

    Within `|`, an asset may also be asked for without `since_last_handled()`: its news are acted on
    at once. None for anything else.
    """
    if isinstance(condition, AnyOf):
        return _joined("any", [_of_asset(each) or _as_written(each) for each in condition.operands])
    if isinstance(condition, AllOf):
        return _joined("all", [_as_written(each) for each in condition.operands])
    if isinstance(condition, Since) and condition == condition.trigger.since_last_handled():
        return _of_asset(condition.trigger)
    return None


def _of_asset(condition: AutomationCondition) -> AssetKey | None:
    if not isinstance(condition, AssetMatches):
        return None
    is_news = condition.operand == AutomationCondition.newly_updated()
    return condition.key if is_news else None


def _joined(quantifier: Quantifier, of: Sequence[News | None]) -> News | None:
    """In one order, whichever way it was written; None where a part is."""
    known = [each for each in of if each is not None]
    if len(known) < len(of):
        return None
    unique = sorted(dict.fromkeys(known), key=lambda each: (isinstance(each, NewsOf), str(each)))
    return unique[0] if len(unique) == 1 else NewsOf(quantifier, tuple(unique))
