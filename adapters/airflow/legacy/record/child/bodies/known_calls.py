"""Functions of Python's library whose result is known from their arguments: name -> what it does.
Those that need more than values are in `calling`.
"""

# Plain os.path: paths are texts here, known in part. One branch for each kind of value.
# ruff: noqa: PLR2004, PTH119, PTH122

import itertools
import os.path
import textwrap
import urllib.parse
from collections.abc import Callable
from typing import Any

from ..import_day import NOW
from . import programs, settings_files, sources, templated
from .text_methods import HOME, SCRATCH, at_home, joined, shown_alone
from .values import UNKNOWN, Made, Module, Some, choice

_MOST = 200
_SPELLING = frozenset(("replace", "strip", "rstrip", "lstrip", "removesuffix", "removeprefix"))
_Known = Callable[..., Any]


def _same(value: Any = "", *_: Any, **__: Any) -> Any:
    return value if isinstance(value, str) else None


def _path(*parts: Any, **_: Any) -> Any:
    return joined([shown_alone(each) for each in parts]) if parts else "."


def _of_text(change: Callable[[str], Any]) -> _Known:
    def known(value: Any = None, *_: Any, **__: Any) -> Any:
        return change(value) if isinstance(value, str) else None

    return known


def _text(value: Any = "", *_: Any, **__: Any) -> Any:
    if isinstance(value, (str, int, float)) and not isinstance(value, bool):
        return str(value)
    return None if isinstance(value, Made) else UNKNOWN


def _whole(value: Any = UNKNOWN, *_: Any, **__: Any) -> Any:
    if isinstance(value, str) and templated.is_templated(value):
        return value
    try:
        return int(value) if isinstance(value, (str, int, float)) else UNKNOWN
    except ValueError:
        return UNKNOWN


def _list(value: Any = None, *_: Any, **__: Any) -> Any:
    if value is None:
        return []
    if isinstance(value, (list, dict)):
        return Some(value) if isinstance(value, Some) else list(value)
    return UNKNOWN


def _sorted(value: Any = None, *_: Any, **named: Any) -> Any:
    items = _list(value)
    if not isinstance(items, list) or "key" in named:
        return items
    try:
        return type(items)(sorted(items))
    except TypeError:
        return items


def _dict(value: Any = None, *_: Any, **named: Any) -> Any:
    if isinstance(value, list) and all(isinstance(one, list) and len(one) == 2 for one in value):
        pairs = {key: each for key, each in value if isinstance(key, (str, int))}
        return {**pairs, **named}
    if value is not None and not isinstance(value, dict):
        return UNKNOWN
    return {**(value or {}), **named}


def _range(*bounds: Any, **_: Any) -> Any:
    if bounds and all(isinstance(each, int) for each in bounds) and 0 not in bounds[2:]:
        return list(itertools.islice(range(*bounds), _MOST))
    return UNKNOWN


def _zip(*lists: Any, **_: Any) -> Any:
    if all(isinstance(each, list) for each in lists):
        found = [list(each) for each in zip(*lists, strict=False)]
        return Some(found) if any(isinstance(each, Some) for each in lists) else found
    return UNKNOWN


def _product(*lists: Any, **_: Any) -> Any:
    if all(isinstance(each, list) for each in lists):
        return [list(each) for each in itertools.islice(itertools.product(*lists), _MOST)]
    return UNKNOWN


def _chain(*lists: Any, **_: Any) -> Any:
    if all(isinstance(each, list) for each in lists):
        return [one for each in lists for one in each]
    return UNKNOWN


def _enumerate(value: Any = None, start: Any = 0, *_: Any, **__: Any) -> Any:
    items = _list(value)
    at = start if isinstance(start, int) else 0
    if not isinstance(items, list):
        return UNKNOWN
    found = [[UNKNOWN if isinstance(items, Some) else at + n, each] for n, each in enumerate(items)]
    return type(items)(found)


def _one_of(value: Any = None, *rest: Any, **_: Any) -> Any:
    items = value if isinstance(value, list) else [value, *rest]
    return choice(list(items)) if items else UNKNOWN


def _length(value: Any = UNKNOWN, *_: Any, **__: Any) -> Any:
    if isinstance(value, str) and templated.is_templated(value):
        return UNKNOWN
    if isinstance(value, Some):
        return UNKNOWN
    return len(value) if isinstance(value, (list, dict, str)) else UNKNOWN


def _now(*_: Any, **__: Any) -> str:
    return NOW


def _moment(value: Any = None, *_: Any, **__: Any) -> Any:
    return None if isinstance(value, Made) else NOW


def _moments(*_: Any, **__: Any) -> list[str]:
    return [NOW]


def _first(value: Any = None, *_: Any, **__: Any) -> Any:
    return value


def _identifier(*names: Any, **_: Any) -> str:
    return ".".join(map(shown_alone, names))


def _package_folder(name: Any = None, *_: Any, **__: Any) -> Any:
    name = name.name if isinstance(name, Module) else name
    found = sources.package_folder(name) if isinstance(name, str) else None
    return found or UNKNOWN


def _resource(package: Any = None, name: Any = None, *_: Any, **__: Any) -> Any:
    folder = _package_folder(package)
    known = isinstance(folder, str) and isinstance(name, str)
    text = sources.text_of(joined([folder, name])) if known else None
    return UNKNOWN if text is None else text


def _split_ending(path: str) -> list[str]:
    return list(os.path.splitext(path))


def _relative(path: Any = None, start: Any = None, *_: Any, **__: Any) -> Any:
    if isinstance(path, str) and isinstance(start, str) and path.startswith(start + "/"):
        return path[len(start) + 1 :]
    return path if isinstance(path, str) else UNKNOWN


def _matching(pattern: Any = None, *_: Any, **__: Any) -> Any:
    return (sources.matching(pattern) or [pattern]) if isinstance(pattern, str) else UNKNOWN


def _listed(folder: Any = None, *_: Any, **__: Any) -> Any:
    if not isinstance(folder, str):
        return UNKNOWN
    return [os.path.basename(each) for each in sources.matching(joined([folder, "*"]))] or UNKNOWN


def _address(base: Any = None, path: Any = None, *_: Any, **__: Any) -> Any:
    if not isinstance(base, str) or not isinstance(path, str):
        return UNKNOWN
    if templated.is_templated(base + path):
        return f"{base.rstrip('/')}/{path.lstrip('/')}"
    try:
        return urllib.parse.urljoin(base, path)
    except ValueError:
        return UNKNOWN


def same_text(owner: Any, name: str, args: list[Any]) -> Any:
    """What a method gives that is the same text after all: a connection's URI in another spelling,
    a template's own text; None for another.
    """
    made_by = str(owner.chain[-1]["name"]) if type(owner) is Made else ""
    if name == "from_string" and made_by.endswith("Environment") and args:
        return args[0]
    return owner if made_by == "get_uri" and name in _SPELLING else None


def _substituted(*given: Any, **_: Any) -> Any:
    """`re.sub(pattern, by, text)`."""
    return same_text(given[2], "replace", []) if len(given) > 2 else None


def _scratch(*_: Any, **__: Any) -> str:
    return SCRATCH


_TABLE: dict[_Known, str] = {
    _same: """
        textwrap.dedent inspect.cleandoc os.fspath os.path.abspath os.path.realpath
        os.path.normpath os.path.expandvars shlex.quote urllib.parse.quote
        urllib.parse.quote_plus sqlalchemy.text sqlalchemy.sql.text sqlalchemy.sql.expression.text
        psycopg2.sql.SQL psycopg.sql.SQL
        string.Template jinja2.Template jinja2.environment.Template io.StringIO io.BytesIO
        builtins.repr copy.copy copy.deepcopy typing.cast
        """,
    _path: """
        os.path.join posixpath.join pathlib.Path pathlib.PurePath pathlib.PurePosixPath
        pathlib.PosixPath ntpath.join cloudpathlib.CloudPath cloudpathlib.S3Path
        cloudpathlib.GSPath upath.UPath airflow.io.path.ObjectStoragePath
        airflow.sdk.ObjectStoragePath
        """,
    _text: "builtins.str",
    _whole: "builtins.int",
    _list: "builtins.list builtins.tuple builtins.set builtins.frozenset builtins.iter",
    _sorted: "builtins.sorted builtins.reversed",
    _dict: "builtins.dict collections.OrderedDict collections.defaultdict",
    _range: "builtins.range",
    _zip: "builtins.zip itertools.zip_longest",
    _product: "itertools.product",
    _chain: "itertools.chain",
    _enumerate: "builtins.enumerate",
    _one_of: "builtins.max builtins.min builtins.next random.choice",
    _length: "builtins.len",
    _now: """
        datetime.datetime.now datetime.datetime.utcnow datetime.datetime.today datetime.date.today
        pendulum.now pendulum.today pendulum.yesterday pendulum.tomorrow time.time time.strftime
        airflow.utils.timezone.utcnow django.utils.timezone.now arrow.now arrow.utcnow
        """,
    _relative: "os.path.relpath",
    _matching: "glob.glob glob.iglob",
    _listed: "os.listdir",
    _moment: """
        datetime.datetime datetime.date datetime.datetime.strptime datetime.datetime.fromisoformat
        datetime.datetime.fromtimestamp datetime.datetime.utcfromtimestamp datetime.datetime.combine
        datetime.date.fromisoformat pendulum.parse pendulum.datetime pendulum.instance
        pendulum.from_format dateutil.parser.parse dateutil.parser._parser.parse pandas.Timestamp
        pandas.to_datetime arrow.get
        """,
    _moments: "pandas.date_range pandas.bdate_range",
    _first: """
        contextlib.closing contextlib.nullcontext contextlib.aclosing tqdm.tqdm tqdm.auto.tqdm
        tqdm.std.tqdm concurrent.futures.as_completed concurrent.futures._base.as_completed
        asyncio.create_task asyncio.ensure_future asyncio.wait_for asyncio.as_completed
        asyncio.tasks.create_task asyncio.tasks.ensure_future asyncio.tasks.wait_for
        """,
    _identifier: "psycopg2.sql.Identifier psycopg.sql.Identifier",
    _package_folder: "importlib.resources.files importlib_resources.files",
    _resource: """
        importlib.resources.read_text importlib.resources.read_binary pkgutil.get_data
        importlib_resources.read_text pkg_resources.resource_string
        """,
    _address: "urllib.parse.urljoin",
    _scratch: """
        tempfile.mkdtemp tempfile.mktemp tempfile.TemporaryDirectory tempfile.gettempdir
        tempfile.NamedTemporaryFile
        """,
}
KNOWN: dict[str, _Known] = {
    name: known for known, names in _TABLE.items() for name in names.split()
}
KNOWN |= {
    "os.path.expanduser": _of_text(at_home),
    "pathlib.Path.home": lambda *_, **__: HOME,
    "configparser.ConfigParser": lambda *_, **__: settings_files.Sections(),
    "configparser.RawConfigParser": lambda *_, **__: settings_files.Sections(),
    "argparse.ArgumentParser": programs.parser,
    "re.sub": _substituted,
    "builtins.vars": programs.attributes,
    "awsglue.utils.getResolvedOptions": programs.resolved,
    "os.path.dirname": _of_text(os.path.dirname),
    "os.path.basename": _of_text(os.path.basename),
    "os.path.splitext": _of_text(_split_ending),
    "os.path.split": _of_text(lambda path: list(os.path.split(path))),
    "uuid.uuid4": lambda *_, **__: "{{ uuid }}",
    "uuid.uuid1": lambda *_, **__: "{{ uuid }}",
    "textwrap.indent": _same,
    "textwrap.dedent": _of_text(textwrap.dedent),
}
