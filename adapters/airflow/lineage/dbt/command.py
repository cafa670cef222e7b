"""The words of a dbt command: what it does, to which nodes, of which project and target."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import yaml

_SEVERAL = {
    **dict.fromkeys(("--select", "-s", "--models", "--model", "-m"), "select"),
    "--exclude": "exclude",
    **dict.fromkeys(("--resource-type", "--resource-types"), "resource_types"),
}
_ONE = {
    "--selector": "selector",
    "--project-dir": "project_dir",
    "--target": "target",
    "-t": "target",
    "--vars": "vars",
    "--indirect-selection": "indirect",
}
# They take a word along that says nothing here.
_OTHERS = frozenset(
    """
    --profiles-dir --profile --target-path --threads --state --defer-state --favor-state-path
    --exclude-resource-type --exclude-resource-types --log-level --log-level-file --log-format
    --log-format-file --log-path --output --output-keys --args --event-time-start
    --event-time-end --sample --printer-width --record-timing-info -r --inline --limit
    --packages-dir --warn-error-options --cache-selected-only-dir
    """.split()  # noqa: SIM905
)
_LAUNCHERS = frozenset(
    ("poetry", "pipenv", "uv", "uvx", "python", "python3", "pdm", "rye", "hatch", "conda", "docker")
)
_PROGRAMS = frozenset(("dbt", "dbtf"))
BUILDING = {
    "run": ("model",),
    "build": ("model", "seed", "snapshot"),
    "seed": ("seed",),
    "snapshot": ("snapshot",),
}
TESTING = ("test", "source freshness")
# They leave the tables alone.
QUIET = frozenset(
    """
    deps debug docs compile parse list ls clean init show --version --help environment
    """.split()  # noqa: SIM905
)


@dataclass(frozen=True, slots=True, kw_only=True)
class DbtCommand:
    """One dbt command. None of `select` and `selector` means all nodes of its kind.

    `others` are words that belong to nothing, such as a template that only a run fills.
    """

    verb: str
    select: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    resource_types: tuple[str, ...] = ()
    selector: str | None = None
    project_dir: str | None = None
    target: str | None = None
    variables: dict[str, object] = field(default_factory=dict)
    indirect: str = "eager"
    others: tuple[str, ...] = ()


def dbt_words(words: Sequence[str]) -> tuple[str, ...] | None:
    """The words behind `dbt`, also behind `poetry run dbt`; None for another program."""
    names = [word.rpartition("/")[2] for word in words]
    if not names or (names[0] not in _PROGRAMS and names[0] not in _LAUNCHERS):
        return None
    at = next((index for index, name in enumerate(names) if name in _PROGRAMS), None)
    return None if at is None else tuple(words[at + 1 :])


def parsed(words: Sequence[str]) -> DbtCommand:
    """The command that these words, those behind `dbt`, give."""
    several: dict[str, list[str]] = {name: [] for name in _SEVERAL.values()}
    one: dict[str, str] = {}
    plain: list[str] = []
    for name, values in _options(words):
        if name in _SEVERAL:
            several[_SEVERAL[name]] += [part for value in values for part in value.split()]
        elif name in _ONE:
            one[_ONE[name]] = values[0] if values else ""
        elif name == "" or name in QUIET:
            plain += values or [name]
    verb, *others = plain or [""]
    if verb == "source":
        verb, others = "source freshness", others[1:]
    return DbtCommand(
        verb=verb,
        select=tuple(several["select"]),
        exclude=tuple(several["exclude"]),
        resource_types=tuple(several["resource_types"]),
        selector=one.get("selector"),
        project_dir=one.get("project_dir"),
        target=one.get("target"),
        variables=_variables(one.get("vars")),
        indirect=one.get("indirect", "eager"),
        others=tuple(others) if verb not in QUIET else (),
    )


def _options(words: Sequence[str]) -> Iterator[tuple[str, list[str]]]:
    """Each option with its values; a word that belongs to none has the name ""."""
    index = 0
    while index < len(words):
        word = words[index]
        index += 1
        if not word.startswith("-"):
            yield "", [word]
            continue
        name, equals, value = word.partition("=")
        values = [value] if equals else []
        most = len(words) if name in _SEVERAL else int(name in _ONE or name in _OTHERS)
        while index < len(words) and len(values) < most and not words[index].startswith("-"):
            values.append(words[index])
            index += 1
        yield name, values


def _variables(text: str | None) -> dict[str, object]:
    try:
        found = yaml.safe_load(text or "")
    except yaml.YAMLError:
        return {}
    return {str(key): one for key, one in found.items()} if isinstance(found, dict) else {}
