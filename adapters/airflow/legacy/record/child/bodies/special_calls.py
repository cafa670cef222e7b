"""Known functions that need more than values: files, settings, functions that are handed on."""

# ruff: noqa: PLR2004

import ast
from typing import Any

from ..airflow_values import Supplied
from ..settings_libraries import READERS
from . import loaded, sources
from .contexts import Context
from .deciding import is_certain
from .expressions import Expressions
from .known_calls import KNOWN
from .values import UNKNOWN, Bound, File, Instance, Made, over

_LISTS = frozenset(("glob.glob", "glob.iglob", "os.listdir"))


class Special(Expressions):
    """Follows calls of functions that are known by their name."""

    @property
    def file(self) -> str:
        """The file that is followed."""
        return str(self.scope.file)

    def call(self, function: Any, args: list[Any], named: dict[str, Any], node: ast.Call) -> Any:
        """What calling a value gives."""
        raise NotImplementedError

    def keep(self, function: Made, args: list[Any], named: dict[str, Any], node: ast.Call) -> Any:
        """Note a call that touches data, and say what it made."""
        raise NotImplementedError

    def known(self, function: Made, args: list[Any], named: dict[str, Any], node: ast.Call) -> Any:
        """The value that a known function gives; None for another."""
        path = function.path
        if path in KNOWN:
            if path in _LISTS and args and not sources.is_own_place(args[0]):
                self.keep(function, args, named, node)
            return over(lambda *given: KNOWN[path](*given, **named), *args)
        special = self._SPECIAL.get(path)
        if special is None and _reads_settings(function.chain):
            special = Special._environment
        if special is None and path.startswith("airflow"):
            name = ".".join(str(step["name"]) for step in function.chain[-2:])
            special = self._SPECIAL.get(f"airflow:{name}")
        return None if special is None else special(self, args, named, node)

    def _opened(self, args: list[Any], named: dict[str, Any], node: ast.Call) -> Any:
        path = args[0] if args else named.get("file")
        mode = args[1] if len(args) > 1 else named.get("mode", "r")
        if isinstance(path, str) and isinstance(mode, str) and "r" in mode:
            found = sources.own_path(path, self.file)
            if found is not None:
                return File(found)
        return None

    def _decoded(self, args: list[Any], named: dict[str, Any], node: ast.Call) -> Any:
        value = args[0] if args else None
        text = sources.text_of(value.path) if isinstance(value, File) else value
        if not isinstance(text, str):
            return None
        is_json = "json" in ast.unparse(node.func)
        found = sources.decoded(text, "json" if is_json else "yaml")
        return UNKNOWN if found is None else loaded.value_of(found)

    def _environment(self, args: list[Any], named: dict[str, Any], node: ast.Call) -> Any:
        default = args[1] if len(args) > 1 else named.get("default")
        if args and args[0] in self.budget.environment:
            Supplied.tell(args[0], place=(self.file, node.lineno))
            return self.budget.environment[args[0]]
        if isinstance(default, str):
            return default
        return "{{ " + args[0] + " }}" if args and isinstance(args[0], str) else UNKNOWN

    def _variable(self, args: list[Any], named: dict[str, Any], node: ast.Call) -> Any:
        if not args or not isinstance(args[0], str):
            return UNKNOWN
        is_json = named.get("deserialize_json") is True
        if args[0] in Supplied.variables:
            return loaded.value_of(Supplied.variable(args[0], decoded=is_json))
        default = named.get("default_var", named.get("default", [*args, None][1]))
        if default is not None and is_certain(default):
            return default
        return "{{ var." + ("json." if is_json else "value.") + args[0] + " }}"

    def _setting(self, args: list[Any], named: dict[str, Any], node: ast.Call) -> Any:
        names = [each for each in args[:2] if isinstance(each, str)]
        default = named.get("fallback")
        return default if isinstance(default, str) else "{{ conf." + ".".join(names) + " }}"

    def _context(self, args: list[Any], named: dict[str, Any], node: ast.Call) -> Any:
        return Context({})

    def _partial(self, args: list[Any], named: dict[str, Any], node: ast.Call) -> Any:
        return Bound(args[0], args[1:], named) if args else UNKNOWN

    def _getattr(self, args: list[Any], named: dict[str, Any], node: ast.Call) -> Any:
        if len(args) < 2 or not isinstance(args[1], str):
            return UNKNOWN
        found = self.attribute(args[0], args[1])
        return args[2] if found is UNKNOWN and len(args) > 2 else found

    def _setattr(self, args: list[Any], named: dict[str, Any], node: ast.Call) -> Any:
        if len(args) > 2 and isinstance(args[0], Instance) and isinstance(args[1], str):
            args[0].attributes[args[1]] = args[2]
            args[0].changes += 1
        elif len(args) > 2:
            self.changed(args[0], node)
        return UNKNOWN

    def _mapped(self, args: list[Any], named: dict[str, Any], node: ast.Call) -> Any:
        items = self.turns(args[1]) if len(args) > 1 else None
        if items is None:
            return UNKNOWN
        return [self.call(args[0], [each], {}, node) for each in items[:50]]

    def _kept_of(self, args: list[Any], named: dict[str, Any], node: ast.Call) -> Any:
        return args[1] if len(args) > 1 and isinstance(args[1], list) else UNKNOWN

    def _enough(self, args: list[Any], named: dict[str, Any], node: ast.Call) -> Any:
        return UNKNOWN

    def _moved(self, args: list[Any], named: dict[str, Any], node: ast.Call) -> Any:
        """`os.chdir(folder)`: relative paths begin there, or at the worker's own folder again."""
        folder = args[0] if args and isinstance(args[0], str) else None
        is_known = (
            folder is not None and folder.startswith(("/", "{{")) and folder != sources.WORKERS_OWN
        )
        self.budget.folder = folder if is_known else None
        return UNKNOWN

    def _standing(self, args: list[Any], named: dict[str, Any], node: ast.Call) -> Any:
        return self.budget.folder or sources.WORKERS_OWN

    def _last(self, args: list[Any], named: dict[str, Any], node: ast.Call) -> Any:
        """`asyncio.run(main())`, `asyncio.gather(one(), two())`: what was given was followed."""
        return args[0] if len(args) == 1 else list(args)

    def _kind(self, args: list[Any], named: dict[str, Any], node: ast.Call) -> Any:
        return args[0].cls if args and isinstance(args[0], Instance) else UNKNOWN

    _SPECIAL = {  # noqa: RUF012 - a table of methods
        "builtins.open": _opened,
        "io.open": _opened,
        "codecs.open": _opened,
        "json.load": _decoded,
        "json.loads": _decoded,
        "yaml.safe_load": _decoded,
        "yaml.load": _decoded,
        "yaml.full_load": _decoded,
        "os.getenv": _environment,
        "os.environ.get": _environment,
        "decouple.config": _environment,
        "os.chdir": _moved,
        "os.getcwd": _standing,
        "airflow:Variable.get": _variable,
        "airflow:conf.get": _setting,
        "airflow:get_current_context": _context,
        "functools.partial": _partial,
        "builtins.getattr": _getattr,
        "builtins.setattr": _setattr,
        "builtins.map": _mapped,
        "builtins.filter": _kept_of,
        "builtins.type": _kind,
        "asyncio.run": _last,
        "asyncio.gather": _last,
        **dict.fromkeys(
            (
                f"builtins.{name}"
                for name in ("print", "isinstance", "any", "all", "hasattr", "sum")
            ),
            _enough,
        ),
    }


def _reads_settings(chain: list[dict[str, Any]]) -> bool:
    """`env(…)` or `env.str(…)` of an `Env()` that was made earlier."""
    first, *kind = chain
    is_reader = first["name"] in READERS and first.get("module") in ("environs", "decouple")
    return is_reader and "arguments" in first and [each["name"] for each in kind] in ([], *_AS)


_AS = (["str"], ["int"], ["path"], ["url"], ["get"])
