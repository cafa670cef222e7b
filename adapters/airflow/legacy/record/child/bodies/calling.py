"""Calls: a function of the code base is followed, a known one gives its value, others are kept."""

# One branch for each kind of value; methods are called as `ast` calls its nodes.
# ruff: noqa: N802, PLR0911, PLR2004

import ast
from typing import Any

from ..worth_reading import ASKING, OF_MODELS, OF_SQL, is_worth_reading, only_asks
from . import (
    containers,
    imported,
    loaded,
    models,
    objects,
    rows,
    settings_files,
    sources,
    text_methods,
)
from .contexts import Context, TaskInstance
from .frames import REGISTERING, frames_in, registered
from .handed import Handing
from .known_calls import same_text
from .values import (
    UNKNOWN,
    Bound,
    Choice,
    File,
    Instance,
    Later,
    Made,
    Module,
    Native,
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
_WITH_OPTIONS = ("read", "write", "readStream", "writeStream")  # of Spark: each has its own
_FILE_READS = frozenset(("read", "read_text", "readlines", "read_bytes"))
# What they are called on is another one afterwards.
SETTLING = frozenset(("connect", "cwd", "chdir", "cd"))
_NEEDED_UNUSED = OF_MODELS | ASKING | SETTLING | {REGISTERING}


class Calling(Handing):
    """Follows calls; what a call makes that is `unused` need not be known."""

    unused: ast.expr | None = None

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
        if isinstance(owner, Later):
            return owner.value if name in ("result", "get") else UNKNOWN
        same = same_text(owner, name, args)
        if same is not None:
            return same
        if name == "get_template" and args and isinstance(args[0], str) and type(owner) is Made:
            return sources.template(args[0], self.file) or self.call(
                self.attribute(owner, name), args, named, node
            )
        if isinstance(owner, (Instance, Super)) and name == "__init__":
            return self._parent_made(owner, args, named)
        return self.call(self.attribute(owner, name), args, named, node)

    def _of_plain(
        self, node: ast.Call, owner: Any, name: str, args: list[Any], named: dict[str, Any]
    ) -> Any:
        if isinstance(owner, settings_files.Sections):
            return settings_files.method(owner, name, args, named, self.file)
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
            self.keep(Made([place, {"name": name}]), args, named, node)
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
        if name == "copy":
            return Context(dict(owner.known), owner.prefix)
        if name in ("items", "keys", "values"):
            return containers.method(owner.known, name, [], {})
        if name == "render_template" and args and owner.prefix == "task.":
            text = next((each for each in args[::-1] if isinstance(each, str)), None)
            given = args[-1].known if isinstance(args[-1], Context) else args[-1]
            return UNKNOWN if text is None else text_methods.method(text, "render", [given], {})
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
                self.budget.has_asked = True
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
            *before, last = instance.made.chain
            last = {key: each for key, each in last.items() if key in ("name", "module")}
            instance.made = loaded.call_of(Made([*before, last]), args, named)
        return None

    def call(  # noqa: C901 - one branch per kind
        self, function: Any, args: list[Any], named: dict[str, Any], node: ast.Call
    ) -> Any:
        """What calling a value gives."""
        if isinstance(function, Choice):
            return choice([self.call(each, args, named, node) for each in function.values])
        if isinstance(function, Routine):
            return self.follow(function, args, named)
        if isinstance(function, Native):
            return function.does(args, named)
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
        known = self.known(function, args, named, node)
        if known is not None:
            return known
        given = self.handed(function, args, named, node)
        made = self.keep(function, args, named, node)
        return made if given is None else given

    def made(self, cls: Any, args: list[Any], named: dict[str, Any]) -> Any:
        """An object of a class of the code base."""
        base = objects.base_of(cls)
        instance = Instance(cls, None, None if base is None else loaded.call_of(base, args, named))
        found = objects.of_class(cls, "__init__", instance)
        if isinstance(found, Bound):
            self.follow(found.function, [*found.args, *args], {**found.named, **named})
        elif isinstance(cls, type):
            if models.table_of(cls) is not None:
                instance.attributes.update(named)
            waiting = list(args)
            for parameter in loaded.parameters_of(cls):
                if parameter.name in named:
                    instance.attributes[parameter.name] = named[parameter.name]
                elif waiting:
                    instance.attributes[parameter.name] = waiting.pop(0)
                elif parameter.default is not parameter.empty:
                    instance.attributes[parameter.name] = loaded.value_of(parameter.default)
            instance.attributes.update(objects.settings_of(cls, named))
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

    def changed(self, owner: Any, node: Any) -> None:
        """A row of a model is changed in place, for its session to write."""
        for each in owner.values if isinstance(owner, Choice) else [owner]:
            found = rows.changed(each) if isinstance(each, Made) else None
            if found is not None and rows.are_kept(self.file):
                session, table = found
                self.keep(session.then("merge"), [table], {}, node)

    def keep(self, function: Made, args: list[Any], named: dict[str, Any], node: ast.Call) -> Any:
        """Note a call that touches data, once for each choice of its arguments."""
        args = [models.as_table(each) for each in args]
        named = {key: models.as_table(each) for key, each in named.items()}
        *chain, last = models.as_table(function).chain
        is_options = last["name"] == "option" or (last["name"] == "options" and not args)
        if is_options and len(chain) > 1:
            return _with_option(chain, str(last["name"]), args, named)
        if "arguments" in last:  # what a call gave is called: `sessionmaker(engine)()`
            chain, last = [*chain, last], {"name": "()"}
        module = last.get("module")
        if len(chain) == 1 and "module" in chain[0] and _is_part(chain[0]):
            module, chain = f"{chain[0]['module']}.{chain[0]['name']}", []
        name = str(last["name"])
        is_of_data = is_worth_reading(name, module, chain)
        if node is self.unused and not is_of_data and name not in _NEEDED_UNUSED:
            return UNKNOWN
        is_only_made = not chain and (module or "").startswith(("sqlalchemy", "sqlmodel"))
        found: list[Any] = []
        for given, by_name in _combinations(args, named):
            call = described(name, given, by_name, module)
            found.append(Made([*chain, call]))
            is_about_tables = (
                name in OF_MODELS
                and not is_only_made
                and (models.is_about_tables(given) or models.is_about_tables(Made(chain)))
            )
            is_kept = is_about_tables or is_of_data
            if is_kept or (name in ASKING and only_asks(self.budget.task)):
                kinds = imported.told([self.file]) if is_about_tables or name in OF_SQL else {}
                named_so = (*self.names, *self.budget.frames)
                frames = frames_in(module, chain, given, named_so)
                call = {**call, "on": chain, "line": node.lineno, **kinds, **frames}
                self.budget.keep(call, self.file)
            self.budget.frames |= registered(name, module, chain, given)
        return choice(found[:1])


def _with_option(chain: list[dict[str, Any]], name: str, args: list[Any], named: Any) -> Made:
    """A chain with `option("key", value)` among the options of one step. What a reader was given
    is not what is given to a writer behind it.
    """
    started = [n for n, step in enumerate(chain) if step["name"] in _WITH_OPTIONS]
    before, chain = chain[: (started or [0])[-1]], chain[(started or [0])[-1] :]
    if name == "option":
        known = len(args) > 1 and isinstance(args[0], str)
        named = {args[0]: args[1]} if known else {}
    others = [step for step in chain if step["name"] != "options"]
    said = [step.get("named", {}) for step in chain if step["name"] == "options"]
    step = described("options", [], {key: each for key, each in named.items() if _is_plain(each)})
    step["named"] = {
        key: each for one in (*said, step.get("named", {})) for key, each in one.items()
    }
    return Made([*before, *others, step])


def _is_plain(value: Any) -> bool:
    return isinstance(value, (str, int, float, Choice))


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
