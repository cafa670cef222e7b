"""How sure a dataset is whose name has parts that only the run knows."""

import re

GUESS = 0.5
_MARK = re.compile(r"\{([^{}]*)\}")
# The time of the run, and settings that name one place for all runs.
_TOLD = re.compile(
    r"(ds|ts|next_|prev_|yesterday_|tomorrow_|logical_date|execution_date|data_interval_"
    r"|dag_run\.(logical_date|execution_date|data_interval|run_id|id)|run_id|partition_key"
    r"|macros\.|var\.|conn\.|dag\.|task\.)"
)


_DOUBT = "\0"
_LEAST = 3  # letters that tell `{anything}-orders` from any other name


def is_told(uri: str) -> bool:
    """Whether no word of the name is only what another task says, or what nobody could compute.

    The time of the run and settings are told; `{anything}-orders` is, too, by the rest of the word.
    """
    marked = _MARK.sub(lambda found: "" if _TOLD.match(found[1]) else _DOUBT, uri)
    words = [word for word in re.split(r"[/.:]", marked) if _DOUBT in word]
    return all(len(re.findall(r"[^\W_]", word)) >= _LEAST for word in words)


def rated(uri: str, confidence: float) -> float:
    """The confidence in a dataset of that name."""
    return confidence if is_told(uri) else min(confidence, GUESS)
