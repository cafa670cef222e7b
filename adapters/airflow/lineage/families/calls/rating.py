"""How sure a dataset is that a call names, by what of its place only the run knows."""

import re

SEEN, BY_SETTING, GUESS, ROUGH, HARDLY = 0.85, 0.8, 0.5, 0.4, 0.3
_UNKNOWN = re.compile(r"\{([^{}]*)\}")
# Dates, parameters and settings: the same for every task that asks for them.
_SETTING = re.compile(
    r"(var|conn|params|dag_run|macros|conf|dag|task|data_interval_\w+)\b[.(].*"
    r"|(next_|prev_|yesterday_|tomorrow_)?(ds|ts|execution_date)(_nodash)?(_with_tz)?\b.*"
    r"|(logical_date|data_interval_start|data_interval_end|run_id|partition_key)\b.*"
    r"|params_\w+|now\b.*|folder|[A-Z][A-Z0-9_]+"
)
_WORD = re.compile(r"[A-Za-z0-9]{2,}")
_SUFFIX = re.compile(r"\.[A-Za-z0-9]{1,8}$")


def rated(uri: str, most: float = SEEN) -> float:
    """The confidence of a URI in which `{name}` stands for what only the run knows."""
    authority, _, path = uri.partition("://")[2].partition("/")
    found = _UNKNOWN.findall(authority)
    if any(not _SETTING.fullmatch(name) for name in found):
        return min(most, GUESS)
    if found:
        most = min(most, BY_SETTING)
    local = [name for name in _UNKNOWN.findall(path) if not _SETTING.fullmatch(name)]
    return min(most, GUESS) if local and not _is_telling(path) else most


def _is_telling(path: str) -> bool:
    """Whether the last part says more than what only the run knows."""
    *_, last = path.rstrip("/").split("/")
    return bool(_WORD.search(_SUFFIX.sub("", _UNKNOWN.sub("/", last))))
