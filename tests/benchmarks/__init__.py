"""Benchmarks: `python -m tests.benchmarks` measures the budgets beside what they are compared with.

Belongs here: one module for each side of a comparison, run in fresh processes, and the budgets. Not
here: tests of what the code does; nothing in this folder runs under pytest.
"""
