# Every target makes the environments it needs from a bare python3 (3.10 or newer) and keeps them:
#   .nox/bootstrap  nox, and uv where none is on PATH
#   .venv           everything a contributor needs; also lint, types, import contracts, tests without Airflow
#   .nox/<session>  one for each other session of noxfile.py
# An environment is made anew only when pyproject.toml or its file in constraints/ changes.

PYTHON ?= python3
ARGS ?=
# How many test sessions run side by side.
PARALLEL ?= 2

# Left set, every Airflow process would compile all of Airflow again.
unexport PYTHONDONTWRITEBYTECODE

BOOTSTRAP := .nox/bootstrap
STAMP := $(BOOTSTRAP)/installed
NOX := $(BOOTSTRAP)/bin/nox
# Old uv releases know no dependency groups; such a one is treated as absent.
UV := $(shell uv pip install --help 2>/dev/null | grep -q -e '--exact' && uv pip install --help 2>/dev/null | grep -q -e '--group' && echo uv)
.DEFAULT_GOAL := help
.PHONY: help setup demo demo-celery test test-core test-lowest test-airflow2 test-airflow3 check format bench constraints clean

help: ## Show this list
	@grep -hE '^[a-z0-9-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | awk -F '\t' '{printf "  make %-14s %s\n", $$1, $$2}'

$(STAMP): constraints/dev.txt
	@$(PYTHON) -c 'import sys; v = sys.version_info; v < (3, 10) and sys.exit("error: Python 3.10 or newer is needed, $(PYTHON) is %d.%d. Name another: make PYTHON=python3.11 ..." % v[:2])'
	@rm -rf $(BOOTSTRAP)
ifeq ($(UV),uv)
	@uv venv --quiet --python "$$($(PYTHON) -c 'import sys; print(sys.executable)')" $(BOOTSTRAP)
	@uv pip install --quiet --compile-bytecode --python $(BOOTSTRAP)/bin/python --constraints constraints/dev.txt nox
else
	@$(PYTHON) -m venv $(BOOTSTRAP)
	@$(BOOTSTRAP)/bin/python -m pip install --quiet --disable-pip-version-check --constraint constraints/dev.txt uv nox
endif
	@touch $@

setup: $(STAMP) ## Make .venv with everything a contributor needs
	@$(NOX) --session dev
	@echo 'Ready. Activate it with: . .venv/bin/activate'

demo: $(STAMP) ## Tell the whole story on a real Airflow 3.3, in a few minutes
	@$(NOX) --session demo -- $(ARGS)

demo-celery: $(STAMP) ## Airflow 3.3 on two Celery workers; ARGS='--postgres URL --redis URL'
	@$(NOX) --session demo_celery -- $(ARGS)

check: $(STAMP) ## Lint, types and import contracts
	@$(NOX) --session lint types imports

format: $(STAMP) ## Format, and mend what ruff can mend
	@$(NOX) --session lint -- --fix

test: $(STAMP) ## All tests: without Airflow, Airflow 2.11 and 3.3, lowest versions
	@echo 'Sessions run $(PARALLEL) at a time; each shows its output when it is done.'
	@$(NOX) --parallel $(PARALLEL) --session tests airflow2 airflow3 lowest

test-core: $(STAMP) ## Tests without Airflow; ARGS='tests/bridge -k keys' picks some
	@$(NOX) --session tests -- $(ARGS)

test-lowest: $(STAMP) ## The same with the lowest allowed versions
	@$(NOX) --session lowest -- $(ARGS)

test-airflow2: $(STAMP) ## Tests with Airflow 2.11 and SQLAlchemy 1.4
	@$(NOX) --session airflow2 -- $(ARGS)

test-airflow3: $(STAMP) ## Tests with Airflow 3.3 and SQLAlchemy 2
	@$(NOX) --session airflow3 -- $(ARGS)

bench: $(STAMP) ## Benchmarks as JSON, Dagster measured in the same run
	@$(NOX) --install-only --session peers airflow2 airflow3 >&2
	@$(NOX) --session bench -- $(ARGS)

constraints: $(STAMP) ## Write constraints/*.txt from pyproject.toml; ARGS=--upgrade moves all pins
	@$(NOX) --session constraints -- $(ARGS)

clean: ## Remove environments and caches
	rm -rf .nox .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache dist
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
