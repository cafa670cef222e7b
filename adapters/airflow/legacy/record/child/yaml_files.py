"""Reading YAML that makes DAGs: the value, and the lines its parts stand on."""

# Plain os.path: quicker to load, and the user's code may have changed pathlib.
# ruff: noqa: PTH123

import os
import re
from typing import Any

import yaml

from .journal import journal

_LEFT = re.compile(r"\$\{\w+\}")


def text_of(path: str) -> str:
    """The file's text."""
    with open(path, encoding="utf-8") as file:
        return file.read()


def with_environment(text: str, path: str) -> str:
    """`$NAME` and `${NAME}` replaced by the environment's values; what is not known stays, and is
    noted.
    """
    filled = os.path.expandvars(text)
    for number, line in enumerate(filled.splitlines(), start=1):
        for name in _LEFT.findall(line):
            message = f"the environment has no {name[2:-1]}; {name} stays as it is written"
            journal.note("info", "environment_not_known", message, place=(path, number))
    return filled


class Lines:
    """Where the keys of a YAML text stand: `lines.of("my_dag", "tasks", "load")`."""

    def __init__(self, text: str, path: str) -> None:
        self.path = path
        try:
            self.root = yaml.compose(text, Loader=yaml.SafeLoader)
        except yaml.YAMLError:
            self.root = None

    def of(self, *keys: str) -> tuple[str, int]:
        """The place of the innermost of the keys that is found."""
        node: Any = self.root
        line = 0
        for key in keys:
            step = _child(node, key)
            if step is None:
                break
            node, line = step
        return self.path, line


def _child(node: Any, key: str) -> tuple[Any, int] | None:
    """The value of a key, or the item of a list that calls itself so, and its line."""
    if isinstance(node, yaml.MappingNode):
        for name, value in node.value:
            if name.value == key:
                return value, name.start_mark.line + 1
    if isinstance(node, yaml.SequenceNode):
        for item in node.value:
            for naming in ("task_id", "group_name"):
                found = _child(item, naming)
                if found is not None and getattr(found[0], "value", None) == key:
                    return item, item.start_mark.line + 1
    return None
