"""Jinja rendered so that identities are kept: `sales_{{ ds_nodash }}` becomes `sales_{ds_nodash}`.

Values that only a run knows become marks: plain words to an SQL parser, put back as `{name}`
afterwards.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from types import CodeType
from typing import Any

from jinja2 import ChainableUndefined, DictLoader, Template, TemplateError
from jinja2.sandbox import SandboxedEnvironment

from bridge.capabilities import ConnectionAddress

_FAILS = (
    TemplateError,
    TypeError,
    ValueError,
    ArithmeticError,
    AttributeError,
    LookupError,
    RecursionError,
)
MAX_OUTPUT = 1 << 20
MAX_LOOP = 1000
MARK_BEGINS = "jinjamark"
MARK = rf"{MARK_BEGINS}\d+x"  # stands for a value that only the run knows
_MARK = re.compile(rf"{MARK_BEGINS}(\d+)x")
_SET = re.compile(r"\{%-?\s*set\s+(\w+)\s*=.*?%\}", re.DOTALL)
# What Airflow puts into every template. `params`, `dag` and `task` are given where they are known.
_CONTEXT_NAMES = (
    "ds",
    "ds_nodash",
    "ts",
    "ts_nodash",
    "ts_nodash_with_tz",
    "logical_date",
    "execution_date",
    "run_id",
    "dag_run",
    "data_interval_start",
    "data_interval_end",
    "macros",
    "ti",
    "task_instance",
    "var",
    "conn",
    "next_ds",
    "prev_ds",
    "next_ds_nodash",
    "prev_ds_nodash",
    "yesterday_ds",
    "yesterday_ds_nodash",
    "tomorrow_ds",
    "tomorrow_ds_nodash",
    "next_execution_date",
    "prev_execution_date",
    "prev_start_date_success",
    "prev_data_interval_start_success",
    "prev_data_interval_end_success",
    "test_mode",
    "conf",
    "inlets",
    "outlets",
    "task_instance_key_str",
    "partition_key",
    "expanded_ti_count",
    "triggering_dataset_events",
    "triggering_asset_events",
)


class Marks:
    """The marks of one rendering, and the names behind them."""

    def __init__(self) -> None:
        self.names: list[str] = []

    def word(self, name: str) -> str:
        """The mark for a name; one name has one mark."""
        if name not in self.names:
            self.names.append(name)
        return f"{MARK_BEGINS}{self.names.index(name)}x"

    def put_back(self, text: str) -> str:
        """The text with `{name}` for each mark."""
        return _MARK.sub(lambda match: "{" + self.names[int(match[1])] + "}", text)

    def has_marks(self, text: str) -> bool:
        """Does anything in the text depend on the run?"""
        return _MARK.search(text) is not None


class Params(dict[str, object]):
    """The params that are known; another may be given when a run is asked for."""


class _Later:
    """A value only a run knows: any use of it gives another one, printing it gives its mark."""

    unsafe_callable = False  # the sandbox asks before it calls
    alters_data = False

    def __init__(self, name: str, marks: Marks) -> None:
        self._name = name
        self._marks = marks

    def __getattr__(self, name: str) -> "_Later":
        if name.startswith("__"):
            raise AttributeError(name)
        return _Later(f"{self._name}.{name}", self._marks)

    def __getitem__(self, item: object) -> "_Later":
        return _Later(f"{self._name}.{item}", self._marks)

    def __call__(self, *args: object, **kwargs: object) -> "_Later":
        shown = ",".join(self._marks.put_back(str(arg)) for arg in (*args, *kwargs.values()))
        return _Later(f"{self._name}({shown})", self._marks)

    def __iter__(self) -> Iterator["_Later"]:
        yield self

    def __bool__(self) -> bool:
        return True

    def __len__(self) -> int:
        return 1

    def __str__(self) -> str:
        return self._marks.word(re.sub(r"[^\w.,()+-]", "", self._name)[:80])

    __html__ = __str__

    def __add__(self, other: object) -> object:
        return f"{self}{other}" if isinstance(other, str) else self

    def __radd__(self, other: object) -> object:
        return f"{other}{self}" if isinstance(other, str) else self

    def _same(self, *others: object) -> "_Later":
        return self

    __sub__ = __rsub__ = __mul__ = __rmul__ = __truediv__ = __mod__ = _same

    def _compare(self, other: object) -> bool:
        return False

    __lt__ = __le__ = __gt__ = __ge__ = _compare


class Connections(dict[str, ConnectionAddress]):
    """The connections that are known, without what is secret of them."""


class _Connection(_Later):
    """A connection that is known: its host, port, schema and kind; the rest only a run knows."""

    def __init__(self, name: str, marks: Marks, address: ConnectionAddress) -> None:
        super().__init__(name, marks)
        self._told = {
            "host": address.host,
            "port": address.port,
            "schema": address.database,
            "conn_type": address.kind,
        }

    def __getattr__(self, name: str) -> Any:
        return self._told.get(name) or super().__getattr__(name)


class _ByConnection(_Later):
    """`conn` of a template."""

    def __init__(self, marks: Marks, known: Connections) -> None:
        super().__init__("conn", marks)
        self._known = known

    def __getattr__(self, name: str) -> Any:
        if name in self._known:
            return _Connection(f"conn.{name}", self._marks, self._known[name])
        return super().__getattr__(name)


class _Environment(SandboxedEnvironment):
    intercepted_binops = frozenset({"*", "**"})

    def call_binop(self, context: object, operator: str, left: object, right: object) -> object:
        if isinstance(left, (int, float)) and isinstance(right, (int, float)) and operator == "*":
            return left * right
        return left if isinstance(left, _Later) else right


@lru_cache(maxsize=4096)
def _compiled(text: str) -> CodeType:
    """The code of a template: tasks of one DAG share many, and several rules read each."""
    return _Environment(cache_size=0).compile(text)


def _short_range(*bounds: int) -> range:
    return range(*bounds)[:MAX_LOOP]


def _filled(
    value: Any, values: Mapping[str, object], files: Mapping[str, str], marks: Marks
) -> Any:
    """A value of `params` with its own templates filled in: they stand for what nobody supplied."""
    if isinstance(value, str):
        return render(value, values, files, marks)[0] if "{{" in value else value
    if isinstance(value, dict):
        return {name: _filled(each, values, files, marks) for name, each in value.items()}
    if isinstance(value, list):
        return [_filled(each, values, files, marks) for each in value]
    return value


def render(
    text: str,
    values: Mapping[str, object],
    files: Mapping[str, str],
    shared: Marks | None = None,
) -> tuple[str, Marks, str | None]:
    """(text with marks, the marks, what went wrong or None). Where rendering fails, each `{{ … }}`
    becomes a mark.

    `values` are names known already; `files` are templates that may be included; `shared` are the
    marks of texts that belong together.
    """
    marks = Marks() if shared is None else shared
    if "{{" not in text and "{%" not in text and "{#" not in text:
        return text, marks, None

    class Missing(ChainableUndefined):
        """A macro or variable of the user's own."""

        unsafe_callable = False
        alters_data = False

        def __str__(self) -> str:
            return marks.word(self._whole_name())

        def _whole_name(self) -> str:
            inside = "params." if isinstance(self._undefined_obj, Params) else ""
            return f"{inside}{self._undefined_name or 'unknown'}"

        def __call__(self, *args: object, **kwargs: object) -> Any:
            return _Later(f"{self._undefined_name}()", marks)

        def __iter__(self) -> Iterator["_Later"]:
            yield _Later(str(self._undefined_name), marks)

        def __bool__(self) -> bool:
            return True

    environment = _Environment(undefined=Missing, loader=DictLoader(dict(files)), cache_size=0)
    environment.globals["range"] = _short_range
    context: dict[str, object] = {name: _Later(name, marks) for name in _CONTEXT_NAMES}
    context.update(values)
    if isinstance(given := values.get("params"), Params):
        inside = {**values, "params": Params()}
        context["params"] = Params(_filled(dict(given), inside, files, marks))
    if isinstance(known := values.get("conn"), Connections):
        context["conn"] = _ByConnection(marks, known)
    try:
        template = Template.from_code(environment, _compiled(text), environment.make_globals(None))
        return _bounded(template.generate(context)), marks, None
    except _FAILS as error:
        plain = re.sub(r"\{%.*?%\}|\{#.*?#\}", " ", text, flags=re.DOTALL)
        alone = _alone(environment, context, marks)
        marked = re.sub(r"\{\{-?(.*?)-?\}\}", alone, plain, flags=re.DOTALL)
        return marked, marks, f"{type(error).__name__}: {error}".splitlines()[0]


def names_set(text: str, values: Mapping[str, object]) -> dict[str, str]:
    """What a template's `{% set name = … %}` come to, with `{name}` for what only a run knows."""
    found = {match[1]: match[0] for match in _SET.finditer(text)}
    statements = "".join(found.values())
    shown: dict[str, str] = {}
    for name in found:
        rendered, marks, _ = render(f"{statements}{{{{ {name} }}}}", values, {})
        shown[name] = marks.put_back(rendered).strip()
    return shown


def _alone(
    environment: SandboxedEnvironment, context: Mapping[str, object], marks: Marks
) -> Callable[["re.Match[str]"], str]:
    """Renders one `{{ … }}` by itself; one that fails becomes a mark."""

    def rendered(match: "re.Match[str]") -> str:
        try:
            code = _compiled(match[0])
            template = Template.from_code(environment, code, environment.make_globals(None))
            return _bounded(template.generate(dict(context)))
        except _FAILS:
            return marks.word(re.sub(r"[^\w.,()+-]", "", match[1])[:80])

    return rendered


def _bounded(parts: Iterator[str]) -> str:
    written: list[str] = []
    size = 0
    for part in parts:
        written.append(part)
        size += len(part)
        if size > MAX_OUTPUT:
            raise ValueError("the template writes too much")
    return "".join(written)
