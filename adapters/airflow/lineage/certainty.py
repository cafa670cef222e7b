"""How sure a dataset is, by what of its name only the run knows: `{name}` in a URI stands for that.

Such a part is one of these: the *time* of the run, or its id, which tells the partition; a
*setting*, the same for every run; what a run is *asked* for; anything else nobody knows from here.
"""

import re
from typing import Literal, TypeAlias

SEEN, BY_SETTING, PARTLY, GUESS, ROUGH, HARDLY = 0.85, 0.8, 0.6, 0.5, 0.4, 0.3
Kind: TypeAlias = Literal["time", "setting", "asked", "unknown"]

_UNKNOWN = re.compile(r"\{([^{}]*)\}")
_TIME = re.compile(
    r"((next_|prev_|yesterday_|tomorrow_)?(ds|ts|execution_date)(_nodash)?(_with_tz)?"
    r"|logical_date|data_interval_(start|end)|prev_\w*(start_date|data_interval)\w*|start_date"
    r"|run_id|partition_key|now|uuid|task_instance_key_str"
    r"|dag_run\.(logical_date|execution_date|data_interval\w*|run_id|id|start_date|run_after)"
    r"|(ti|task_instance)\.(start_date|execution_date|run_id|try_number)"
    r"|macros\.[\w.]+)(_success)?(?![a-z_]).*"
)
_SETTING = re.compile(
    r"(var|conn|conf|dag|task)[.(].*"
    r"|folder|[A-Z][A-Z0-9_]+"  # where the code base lies; a name of the environment
)
_ASKED = re.compile(r"(params|dag_run)\b[.(].*|params_\w+")
_FILES = frozenset(
    "file s3 gs http https wasbs abfss adl hdfs sftp ftp smb swift gsheets".split()  # noqa: SIM905
)
_FOLDERS = re.compile(r"/(?![^{}]*\})")
_WORDS = re.compile(r"[./](?![^{}]*\})")
_SOMEWHERE = ("{server}", "{host}", "{url}")
_LEAST = 3  # letters that tell `{anything}-orders` from any other name
_WORD = re.compile(r"[^\W_]")
_SUFFIX = re.compile(r"\.[A-Za-z0-9]{1,8}$")


def kind_of(name: str) -> Kind:
    """What `{name}` stands for."""
    known: tuple[tuple[re.Pattern[str], Kind], ...] = (
        (_TIME, "time"),
        (_SETTING, "setting"),
        (_ASKED, "asked"),
    )
    return next((kind for pattern, kind in known if pattern.fullmatch(name)), "unknown")


def rated(uri: str, most: float = SEEN) -> float:
    """The confidence in a dataset of that name, which is `most` where all of it is known."""
    if "{" not in uri:
        return most
    if "/{cwd}/" in uri:
        most = min(most, ROUGH)  # from wherever a worker stands
    scheme, _, rest = uri.partition("://")
    authority, _, path = rest.partition("/")
    is_file = scheme in _FILES
    if authority in _SOMEWHERE and scheme != "sql":
        authority = "{SERVER}"  # which one it is was not told, what it is was
    if _doubts(authority, "asked", "unknown"):
        return min(most, GUESS)
    if "{" in authority:
        most = min(most, BY_SETTING)
    *folders, last = (_FOLDERS if is_file else _WORDS).split(path.rstrip("/"))
    if any(_doubts(each, "asked", "unknown") for each in folders):
        is_named = is_file and len(_letters(last)) >= _LEAST
        most = min(most, BY_SETTING if is_named else PARTLY)
    # the file of a place that a run is asked for is one of its partitions, a table is not
    doubtful: tuple[Kind, ...] = ("unknown",) if is_file else ("unknown", "asked", "setting")
    return min(most, GUESS) if _doubts(last, *doubtful) else most


def is_told(uri: str) -> bool:
    """Whether no part of the name is a word that nobody knows from here."""
    return rated(uri, 1.0) >= BY_SETTING


def names_nothing(uri: str) -> bool:
    """Whether only a run knows the whole name, and on which server: `bigquery://default/{a}.{b}`."""
    authority, _, path = uri.partition("://")[2].partition("/")
    names = _UNKNOWN.findall(path)
    is_unknown = bool(names) and all(kind_of(name) == "unknown" for name in names)
    nowhere = (
        authority in ("", "default") or authority in _SOMEWHERE or _UNKNOWN.fullmatch(authority)
    )
    return is_unknown and bool(nowhere) and not _WORD.search(_UNKNOWN.sub("", path))


def says_something(path: str) -> bool:
    """Whether a path has a word beside what only the run knows and its suffix."""
    return any(len(_letters(part)) > 1 for part in path.split("/"))


def _doubts(part: str, *kinds: Kind) -> bool:
    """Whether a part of a name has something of these kinds, and little beside it."""
    names = _UNKNOWN.findall(part)
    return any(kind_of(name) in kinds for name in names) and len(_letters(part)) < _LEAST


def _letters(part: str) -> list[str]:
    return _WORD.findall(_SUFFIX.sub("", _UNKNOWN.sub("/", part)))
