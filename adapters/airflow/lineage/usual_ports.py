"""Servers that a code base names with the port they usually listen on, and without it: one server,
not two.
"""

from __future__ import annotations

from collections.abc import Mapping

from adapters.airflow.legacy.datasets import TaskLineage, TaskPlace
from adapters.airflow.lineage.addresses import USUAL_PORTS
from adapters.airflow.lineage.renaming import renamed


def with_ports(lineage: Mapping[TaskPlace, TaskLineage]) -> dict[TaskPlace, TaskLineage]:
    """The same with `mysql://h:3306/d.t` for `mysql://h/d.t`, where both servers are named. What is
    declared stays.
    """
    refs = [ref for each in lineage.values() for ref in each.datasets]
    servers = {_server(ref.uri) for ref in refs}
    declared = {ref.uri for ref in refs if ref.evidence == "declared"}
    names: dict[str, str] = {}
    for uri in {ref.uri for ref in refs} - declared:
        server = _server(uri)
        port = USUAL_PORTS.get(server.partition("://")[0])
        if port is not None and f"{server}:{port}" in servers:
            names[uri] = f"{server}:{port}{uri[len(server) :]}"
    return {place: renamed(each, names) for place, each in lineage.items()}


def _server(uri: str) -> str:
    scheme, _, rest = uri.partition("://")
    return f"{scheme}://{rest.partition('/')[0]}"
