"""What an import is to read, from what a person typed; secrets come from elsewhere."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from bridge.errors import ConfigError

if TYPE_CHECKING:
    from bridge.capabilities import LegacyAddress, LegacySource

PASSWORD, TOKEN = "BRIDGE_AIRFLOW_PASSWORD", "BRIDGE_AIRFLOW_TOKEN"


def source_of(
    path: Path | None,
    address: LegacyAddress | None,
    *,
    names: str | None,
    dagbag: bool,
    python: Path | None,
) -> LegacySource:
    """A folder, a running system, or both; without either, where the settings say it runs.

    Raises ConfigError for what cannot be read together.
    """
    from bridge.capabilities import LegacyAddress, LegacySource

    if path is None and (dagbag or python):
        raise ConfigError("A DagBag loads a folder: give it before --dagbag or --python.")
    beside = Path(sys.executable) if dagbag else None
    return LegacySource(
        folder=None if path is None else path.absolute(),
        loaded_by=python or beside,
        running=LegacyAddress() if path is None and address is None else address,
        names=names,
    )


def address_of(url: str | None, username: str | None, *, live: bool) -> LegacyAddress | None:
    """Who is asked, with a token or password from the environment, else from the keyboard.

    None where nobody is. Raises ConfigError for a name without a password.
    """
    from bridge.capabilities import LegacyAddress

    if url is None:
        if username is not None:
            raise ConfigError("--username is for --url; the settings say who asks elsewhere.")
        return LegacyAddress() if live else None
    if not url.lower().startswith(("http://", "https://")):
        raise ConfigError(
            f"--url {url} is no address; write it as http://airflow.example.com:8080."
        )
    token, password = os.environ.get(TOKEN), os.environ.get(PASSWORD)
    if username is not None and password is None:
        if not sys.stdin.isatty():
            raise ConfigError(f"Put the password of {username} in the variable {PASSWORD}.")
        password = typer.prompt(f"Password of {username}", hide_input=True, err=True)
    return LegacyAddress(url=url, username=username, password=password, token=token)
