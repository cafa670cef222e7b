"""Letting a route decide, attempt by attempt, whether a legacy task runs its code or its assets.

Belongs here: which tasks are guarded, the swap of their class, the decision and the claims of one
attempt, and what Airflow has to say about cutting a unit over. Not here: changing a route
(`bridge.migration`), computing an asset (`adapters.airflow.steps`), or recording legacy runs: of
those the poller (`adapters.airflow.observe`) is the truth, so nothing is recorded here.
"""
