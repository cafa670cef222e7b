"""The REST API of a running Airflow, the same for v1 (2.x) and v2 (3.x).

Belongs here: the client (`rest`), the connection under it, what it reads as values (`rows`), and
who a project's Airflows are (`instances`). Not here: what its answers mean to us, such as
observing (`adapters.airflow.observe`).
"""
