"""How sure a dataset is that a call names, by what of its place only the run knows."""

import re

SEEN, BY_SETTING, PARTLY, GUESS, ROUGH, HARDLY = 0.85, 0.8, 0.6, 0.5, 0.4, 0.3
_UNKNOWN = re.compile(r"\{([^{}]*)\}")
# Dates, parameters and settings: the same for every task that asks for them.
_SETTING = re.compile(
    r"(var|conn|params|dag_run|macros|conf|dag|task|data_interval_\w+)\b[.(].*"
    r"|(next_|prev_|yesterday_|tomorrow_)?(ds|ts|execution_date)(_nodash)?(_with_tz)?\b.*"
    r"|(logical_date|data_interval_start|data_interval_end|run_id|partition_key)\b.*"
    r"|params_\w+|now\b.*|folder|[A-Z][A-Z0-9_]+"
)
_FILES = frozenset(
    "file s3 gs http https wasbs abfss adl hdfs sftp ftp smb swift gsheets".split()  # noqa: SIM905
)
_WORD = re.compile(r"[A-Za-z0-9]{2,}")
_SUFFIX = re.compile(r"\.[A-Za-z0-9]{1,8}$")


def rated(uri: str, most: float = SEEN) -> float:
    """The confidence of a URI in which `{name}` stands for what only the run knows."""
    scheme, _, rest = uri.partition("://")
    authority, _, path = rest.partition("/")
    if any(map(_is_local, _UNKNOWN.findall(authority))):
        return min(most, GUESS)
    if "{" in authority:
        most = min(most, BY_SETTING)
    parts = re.split(r"/" if scheme in _FILES else r"[./]", path.rstrip("/"))
    if any(map(_says_nothing, parts[:-1])):
        most = min(most, PARTLY)
    is_unclear = any(map(_is_local, _UNKNOWN.findall(parts[-1]))) and not _is_telling(parts[-1])
    return min(most, GUESS) if is_unclear else most


def says_something(path: str) -> bool:
    """Whether a path has a word beside what only the run knows and its suffix."""
    return any(map(_is_telling, path.split("/")))


def _is_local(name: str) -> bool:
    return _SETTING.fullmatch(name) is None


def _says_nothing(part: str) -> bool:
    found = _UNKNOWN.fullmatch(part)
    return found is not None and _is_local(found[1])


def _is_telling(part: str) -> bool:
    """Whether a part of a path says more than what only the run knows."""
    return bool(_WORD.search(_SUFFIX.sub("", _UNKNOWN.sub("/", part))))
