"""Imports inside of a followed function, or of a module that is only read."""

# Methods are called as `ast` calls its nodes.
# ruff: noqa: N802

import ast
from typing import Any

from . import loaded
from .calling import Calling
from .values import UNKNOWN, Made, Module


class Importing(Calling):
    """Follows imports."""

    def module(self, name: str) -> Module:
        """A module by its name."""
        raise NotImplementedError

    def visit_Import(self, node: ast.Import) -> None:
        for alias in node.names:
            name = alias.name if alias.asname else alias.name.partition(".")[0]
            self.names[alias.asname or name] = self.module(name)

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        package = self.scope_package()
        if node.level:
            parts = package.split(".")
            package = ".".join(parts[: len(parts) - node.level + 1])
        name = ".".join(each for each in (package if node.level else "", node.module or "") if each)
        module = self.module(name)
        for alias in node.names:
            found = loaded.reached(module, alias.name)
            if found is UNKNOWN or (isinstance(found, Made) and module.loaded is None):
                inner = self.module(f"{name}.{alias.name}")
                found = inner if inner.names is not None or inner.loaded is not None else found
            self.names[alias.asname or alias.name] = found

    def scope_package(self) -> str:
        """The package of the file that is followed."""
        scope: Any = self
        while isinstance(scope, Importing):
            scope = scope.scope
        return str(getattr(scope, "package", ""))
