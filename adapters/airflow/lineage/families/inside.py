"""Commands inside of others: they run in a container or on another machine, with other files."""

from __future__ import annotations

from adapters.airflow.legacy.record.child.shell import Command, commands

_SHELLS = frozenset(("sh", "bash", "/bin/sh", "/bin/bash"))
_FLAGS = frozenset(
    """
    -i -t -it -ti -d --rm --tty --interactive --privileged --init --detach -T --stdin -n -q -v -x
    """.split()  # noqa: SIM905
)


def inside(command: Command) -> list[Command]:
    """The commands that `docker exec`, `docker run`, `kubectl exec` and `ssh` run."""
    name, words = command.name, list(command.words[1:])
    if name in ("docker", "podman", "docker-compose"):
        words = words[1:] if words[:1] == ["compose"] else words
        if words[:1] not in (["exec"], ["run"]):
            return []
        rest = _after_options(words[1:])[1:]
    elif name in ("kubectl", "oc"):
        rest = words[words.index("--") + 1 :] if words[:1] == ["exec"] and "--" in words else []
    elif name == "ssh":
        rest = _after_options(words)[1:]
        return _parsed(" ".join(rest) if rest else command.fed or "")
    else:
        return []
    if len(rest) > 2 and rest[0] in _SHELLS and rest[1].startswith("-") and "c" in rest[1]:  # noqa: PLR2004
        return _parsed(rest[2])
    return (
        [Command(words=tuple(rest), fed=command.fed, piped=command.piped, asked=command.asked)]
        if rest
        else []
    )


def _after_options(words: list[str]) -> list[str]:
    """What is behind the options; most of them have a value."""
    left = list(words)
    while left and left[0].startswith("-"):
        option = left.pop(0)
        if "=" not in option and option not in _FLAGS and left and not left[0].startswith("-"):
            left.pop(0)
    return left


def _parsed(script: str) -> list[Command]:
    try:
        return commands(script)
    except ValueError:
        return []
