"""What no one would call data: logs, locks, code that a task reads to know what to do; addresses
that messages go to, and those that give leave to ask.
"""

from __future__ import annotations

import re
from pathlib import PurePosixPath
from urllib.parse import urlsplit

from adapters.airflow.legacy.datasets import Direction

_FOLDERS = frozenset(("log", "logs", "dev", "proc", "run"))
# What the recorder gives a file for temporary files.
_SCRATCH = "/tmp/bridge-record/"  # noqa: S108 - a name that it writes, not a place
_XCOM = "/airflow/xcom/"  # what a pod leaves for its operator
_KEPT = frozenset(("lock", "log", "pid", "sock"))
_CODE = frozenset(
    """
    cfg conf cql ddl dml env hql ini j2 jar jinja jinja2 pem pig py pyc sh sql toml whl yaml yml
    """.split()  # noqa: SIM905
)
_MESSAGES = re.compile(
    r"api\.telegram\.org/bot[^/]*/(send|edit|delete|pin|answer)\w*"
    r"|hooks\.slack\.com/.*|slack\.com/api/(chat|files|reactions)\.\w+.*"
    r"|discord(app)?\.com/api/(v\d+/)?webhooks/.*|chat\.googleapis\.com/v1/spaces/.*"
    r"|([\w-]+\.webhook|outlook)\.office(365)?\.com/webhook.*|oapi\.dingtalk\.com/robot/.*"
    r"|qyapi\.weixin\.qq\.com/cgi-bin/webhook/.*|open\.feishu\.cn/open-apis/bot/.*"
    r"|events\.pagerduty\.com/.*|api\.opsgenie\.com/.*|hc-ping\.com/.*"
)
_LEAVE = re.compile(r"/(oauth2?|openid-connect|connect)(/v?[\d.]+)?/(access_?)?token/?$", re.I)


def is_housekeeping(uri: str, direction: Direction = "read") -> bool:
    """Whether a URI names such a file, on a disk or in a bucket, or such an address. SQL that is
    written is a dump.
    """
    parts = urlsplit(uri)
    if parts.scheme in ("http", "https"):
        where = f"{parts.netloc}{parts.path}".partition("%3F")[0]
        return bool(_MESSAGES.fullmatch(where) or _LEAVE.search(where))
    path = PurePosixPath(parts.path)
    ending = path.suffix.lower().lstrip(".")
    if parts.scheme in ("file", "s3", "gs", "wasbs", "abfss", "hdfs", "sftp", "ftp", "ssh"):
        is_logged = parts.scheme == "file" and not _FOLDERS.isdisjoint(path.parts[:-1])
        is_code = ending in _CODE and (direction == "read" or ending != "sql")
        return is_code or ending in _KEPT or is_logged or parts.path.startswith((_SCRATCH, _XCOM))
    return False
