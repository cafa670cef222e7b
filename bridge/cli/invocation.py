"""How this command line was started, so that commands in our output work when copied.

iproute2 owns /usr/sbin/bridge on most Linux machines, so the bare word `bridge` may be somebody
else's program.
"""

from __future__ import annotations

import re
import shlex
import shutil
import sys
from collections.abc import Iterable
from pathlib import Path


def prefix(started: str) -> str:
    """What to type before a verb; `started` is `sys.argv[0]`."""
    program = Path(started)
    if program.name == "__main__.py":
        return f"{_python()} -m bridge"
    if program.name != "bridge":  # started from Python, such as in a test
        return "bridge"
    found = shutil.which("bridge")
    if found is not None and program.is_file() and Path(found).resolve() == program.resolve():
        return "bridge"
    return _short(program)


def anywhere(prefix: str) -> str:
    """The same, but so that it also works after a `cd`."""
    program, *others = shlex.split(prefix)
    if "/" in program:
        program = str(Path(program).absolute())
    return shlex.join([program, *others])


def in_words_of(prefix: str, text: str, verbs: Iterable[str]) -> str:
    """`text` with every command of ours in it, one of these verbs, written as it works here."""
    known = "|".join(map(re.escape, ("--version", *verbs)))
    ours = rf"(?:python -m |(?<![\w/.-]))bridge (?=(?:{known})\b)"
    return re.sub(ours, lambda _found: f"{prefix} ", text)


def quoted(selection: str) -> str:
    """One argument, quoted for a shell; in double quotes, as people write it, where safe."""
    if re.fullmatch(r"[\w:/.@%+=,-]+", selection):
        return selection
    return shlex.quote(selection) if re.search(r'["$`\\!]', selection) else f'"{selection}"'


def _python() -> str:
    here = Path(sys.executable)
    for name in ("python", "python3"):
        found = shutil.which(name)
        if found is not None and Path(found).parent == here.parent:
            return name
    return _short(here)


def _short(program: Path) -> str:
    absolute, here = program.absolute(), Path.cwd()
    if absolute.is_relative_to(here):
        inside = str(absolute.relative_to(here))
        return shlex.quote(inside if "/" in inside else f"./{inside}")
    return shlex.quote(str(absolute))
