"""Jobs, schedules, sensors and conditions: what should be computed when, as declared and asked.

Belongs here: declarations, their validation against a graph, and calling a user's function with a
context. Not here: clocks, the store (contexts see a small view of it) and starting runs, which is
the daemon's.
"""
