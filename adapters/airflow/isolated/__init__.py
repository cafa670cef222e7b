"""A task whose assets are computed by another interpreter, whose packages clash with Airflow's.

Belongs here: what Airflow's side says to it and hears from it (`calling`), and what runs in it
(`child`). Not here: what computing an asset is: both interpreters run the same `attempt`.
"""
