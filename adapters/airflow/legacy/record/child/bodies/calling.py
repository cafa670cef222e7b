"""Calls: a function of the code base is followed, a known one gives its value, others are kept."""

# One branch for each kind of value; methods are called as `ast` calls its nodes.
# ruff: noqa: N802, PLR0911, PLR2004

import ast
from typing import Any

from ..worth_reading import is_worth_reading
from . import containers, loaded, objects, sources, text_methods
from .contexts import Context, TaskInstance
from .expressions import Expressions
from .known_calls import KNOWN
from .values import (
    UNKNOWN,
    Bound,
    Choice,
    File,
    Instance,
    Made,
    Module,
    Routine,
    SourceClass,
    Super,
    choice,
    over,
)
from .written import described, written

_MOST_COMBINED = 12
# not the name of a step, where a module is asked for something: `wr.s3.read_parquet`
_STEPS = frozenset("read write readStream writeStream meta client session sql io".split())  # noqa: SIM905
_LISTS = frozenset(("glob.glob", "glob.iglob", "os.listdir"))
_FILE_READS = frozenset(("read", "read_text", "readlines", "read_bytes"))


class Calling(Expressions):
    """Follows calls."""

    def visit_Call(self, node: ast.Call) -> Any:
        args = [each for item in node.args for each in self.items(item)]
        named: dict[str, Any] = {}
        for keyword in node.keywords:
            value = self.visit(keyword.value)
            if keyword.arg is not None:
                named[keyword.arg] = value
            elif isinstance(value, dict):
                named.update({key: each for key, each in value.items() if isinstance(key, str)})
            elif isinstance(value, Context):
                named.update(value.known)
        if isinstance(node.func, ast.Attribute):
            return self._method(node, self.visit(node.func.value), node.func.attr, args, named)
        if isinstance(node.func, ast.Name) and node.func.id == "super" and not args:
            return self.parent()
        return self.call(self.visit(node.func), args, named, node)

    def parent(self) -> Any:
        """`super()` here; UNKNOWN outside of a method."""
        return UNKNOWN

    def _method(
        self, node: ast.Call, owner: Any, name: str, args: list[Any], named: dict[str, Any]
    ) -> Any:
        if isinstance(owner, Choice):
            found = [self._method(node, each, name, args, named) for each in owner.values]
            return choice(found)
        if isinstance(owner, (str, list, dict, bool, int, float)):
            return self._of_plain(node, owner, name, args, named)
        if isinstance(owner, Context):
            return self._of_context(owner, name, args)
        if isinstance(owner, TaskInstance):
            return self._of_task_instance(name, args, named)
        if isinstance(owner, File):
            return self._of_file(owner, name)
        if isinstance(owner, (Instance, Super)) and name == "__init__":
            return self._parent_made(owner, args, named)
        return self.call(self.attribute(owner, name), args, named, node)

    def _of_plain(
        self, node: ast.Call, owner: Any, name: str, args: list[Any], named: dict[str, Any]
    ) -> Any:
        if isinstance(owner, (list, dict)):
            return containers.method(owner, name, args, named)
        if not isinstance(owner, str):
            return UNKNOWN
        if name in ("read_text", "open", "read_bytes"):
            path = sources.own_path(owner, self.file)
            if path is not None:
                return File(path) if name == "open" else sources.text_of(path) or UNKNOWN
        if not hasattr(str, name):
            place = {"name": "Path", "module": "pathlib", "arguments": [written(owner)]}
            self._keep(Made([place, {"name": name}]), args, named, node)
        found = over(
            lambda text, *given: text_methods.method(text, name, list(given), named), owner, *args
        )
        return Made([{"name": name}]) if found is None else found

    @staticmethod
    def _of_context(owner: Context, name: str, args: list[Any]) -> Any:
        if name in ("get", "pop", "setdefault", "__getitem__") and args:
            if not isinstance(args[0], str):
                return UNKNOWN
            found = owner.get(args[0])
            return args[1] if found is UNKNOWN and len(args) > 1 else found
        if name in ("items", "keys", "values"):
            return containers.method(owner.known, name, [], {})
        return owner.get(name) if owner.prefix else UNKNOWN

    def _of_task_instance(self, name: str, args: list[Any], named: dict[str, Any]) -> Any:
        if name == "xcom_push":
            key = named.get("key", args[0] if args else None)
            value = named.get("value", args[1] if len(args) > 1 else UNKNOWN)
            if isinstance(key, str):
                pushed = self.budget.pushed
                pushed[key] = choice([pushed[key], value]) if key in pushed else value
            return None
        if name == "xcom_pull" and self.budget.tasks is not None:
            ids = named.get("task_ids", args[0] if args else None)
            key = named.get("key", args[2] if len(args) > 2 else "return_value")
            if isinstance(key, str):
                return self.budget.tasks.pulled(self.budget.task, ids, key)
        return UNKNOWN

    def _of_file(self, owner: File, name: str) -> Any:
        if name not in _FILE_READS:
            return UNKNOWN
        text = sources.text_of(owner.path)
        if text is None:
            return UNKNOWN
        return text.splitlines() if name == "readlines" else text

    def _parent_made(self, owner: Any, args: list[Any], named: dict[str, Any]) -> Any:
        found = self.of_instance(owner, "__init__")
        if isinstance(found, Bound):
            return self.follow(found.function, [*found.args, *args], {**found.named, **named})
        instance = owner.instance if isinstance(owner, Super) else owner
        if isinstance(instance, Instance) and instance.made is not None and instance.loaded is None:
            instance.made = loaded.call_of(instance.made, args, named)
        return None

    def call(self, function: Any, args: list[Any], named: dict[str, Any], node: ast.Call) -> Any:
        """What calling a value gives."""
        if isinstance(function, Choice):
            return choice([self.call(each, args, named, node) for each in function.values])
        if isinstance(function, Routine):
            return self.follow(function, args, named)
        if isinstance(function, Bound):
            inner = [*function.args, *args]
            return self.call(function.function, inner, {**function.named, **named}, node)
        if isinstance(function, Instance):
            method = self.of_instance(function, "__call__")
            return self.call(method, args, named, node) if isinstance(method, Bound) else UNKNOWN
        if isinstance(function, (type, SourceClass)):
            return self.made(function, args, named)
        if isinstance(function, Module):
            function = loaded.as_name(function)
        if not isinstance(function, Made):
            name = node.func.id if isinstance(node.func, ast.Name) else None
            if name is None:
                return UNKNOWN
            function = Made([{"name": name}])
        known = self._known(function, args, named, node)
        if known is not None:
            return known
        self._given_functions(function, args, named, node)
        return self._keep(function, args, named, node)

    def made(self, cls: Any, args: list[Any], named: dict[str, Any]) -> Any:
        """An object of a class of the code base."""
        base = objects.base_of(cls)
        instance = Instance(cls, None, None if base is None else loaded.call_of(base, args, named))
        found = objects.of_class(cls, "__init__", instance)
        if isinstance(found, Bound):
            self.follow(found.function, [*found.args, *args], {**found.named, **named})
        elif isinstance(cls, type):
            waiting = list(args)
            for parameter in loaded.parameters_of(cls):
                if parameter.name in named:
                    instance.attributes[parameter.name] = named[parameter.name]
                elif waiting:
                    instance.attributes[parameter.name] = waiting.pop(0)
                elif parameter.default is not parameter.empty:
                    instance.attributes[parameter.name] = loaded.value_of(parameter.default)
            self._after_init(cls, instance)
        else:
            fields = [name for name in cls.names.get("__annotations__", []) if name not in named]
            instance.attributes.update({**dict(zip(fields, args, strict=False)), **named})
            self._after_init(cls, instance)
        return instance

    def _after_init(self, cls: Any, instance: Instance) -> None:
        found = objects.of_class(cls, "__post_init__", instance)
        if isinstance(found, Bound):
            self.follow(found.function, found.args, {})

    def _known(self, function: Made, args: list[Any], named: dict[str, Any], node: ast.Call) -> Any:
        """The value that a known function gives; None for another."""
        path = function.path
        if path in KNOWN:
            if path in _LISTS and args and not sources.is_own_place(args[0]):
                self._keep(function, args, named, node)
            return over(lambda *given: KNOWN[path](*given, **named), *args)
        special = self._SPECIAL.get(path)
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
        if isinstance(default, str):
            return default
        return "{{ " + args[0] + " }}" if args and isinstance(args[0], str) else UNKNOWN

    def _variable(self, args: list[Any], named: dict[str, Any], node: ast.Call) -> Any:
        if not args or not isinstance(args[0], str):
            return UNKNOWN
        is_json = named.get("deserialize_json") is True
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

    def _given_functions(
        self, function: Made, args: list[Any], named: dict[str, Any], node: ast.Call
    ) -> None:
        """Functions of the code base that a library is handed: a thread, a pool, `apply`."""
        for index, value in enumerate(args):
            if isinstance(value, (Routine, Bound)):
                rest = args[index + 1 :]
                name = function.chain[-1]["name"]
                items = self.turns(rest[0]) if rest and name in ("map", "starmap", "imap") else None
                for item in (items or [None])[:50]:
                    each = rest if items is None else item if name == "starmap" else [item]
                    self.call(value, each if isinstance(each, list) else [each], {}, node)
        target = named.get("target", named.get("func"))
        if isinstance(target, (Routine, Bound)):
            given = named.get("args", [])
            by_name = named.get("kwargs", {})
            self.call(
                target,
                given if isinstance(given, list) else [],
                by_name if isinstance(by_name, dict) else {},
                node,
            )

    def _keep(self, function: Made, args: list[Any], named: dict[str, Any], node: ast.Call) -> Any:
        """Note a call that touches data, once for each choice of its arguments."""
        *chain, last = function.chain
        module = last.get("module")
        if len(chain) == 1 and "module" in chain[0] and _is_part(chain[0]):
            module, chain = f"{chain[0]['module']}.{chain[0]['name']}", []
        found: list[Any] = []
        for given, by_name in _combinations(args, named):
            call = described(str(last["name"]), given, by_name, module)
            found.append(Made([*chain, call]))
            if is_worth_reading(call["name"], module, chain):
                self.budget.keep({**call, "on": chain, "line": node.lineno})
        return choice(found[:1])

    @property
    def file(self) -> str:
        """The file that is followed."""
        return str(self.scope.file)


def _is_part(step: dict[str, Any]) -> bool:
    name = str(step["name"])
    return len(step) == 2 and name.islower() and name not in _STEPS


def _combinations(args: list[Any], named: dict[str, Any]) -> list[tuple[list[Any], dict[str, Any]]]:
    found: list[tuple[list[Any], dict[str, Any]]] = [([], {})]
    for value in args:
        options = value.values if isinstance(value, Choice) else [value]
        options = options if len(found) * len(options) <= _MOST_COMBINED else options[:1]
        found = [([*given, one], by_name) for given, by_name in found for one in options]
    for key, value in named.items():
        options = value.values if isinstance(value, Choice) else [value]
        options = options if len(found) * len(options) <= _MOST_COMBINED else options[:1]
        found = [(given, {**by_name, key: one}) for given, by_name in found for one in options]
    return found
