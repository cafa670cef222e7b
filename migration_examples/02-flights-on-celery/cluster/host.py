"""The name under which a process here appears as a host of its own."""

import os
import socket

HOST = "CLUSTER_HOST"


def name() -> str:
    """What Airflow notes with every task, and shows; set by [core] hostname_callable."""
    return os.environ.get(HOST) or socket.gethostname()
