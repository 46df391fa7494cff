# Everything runs in a virtual environment of its own, .venv; the lock file names every package with its hash.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: demo test lint unit rehearsal lock clean help mutants nightly

help:            ## this list
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/'

$(VENV)/ready: requirements-dev.lock pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "ks-reset needs Python 3.11 or newer")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements-dev.lock
	$(BIN)/python -m pip install -q --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

demo: $(VENV)/ready  ## the incident and its cure, on two real control planes
	$(BIN)/ks-reset rehearse demo

test: lint unit rehearsal  ## everything: style, types, layers, unit tests, and the rehearsals on real control planes

lint: $(VENV)/ready  ## ruff, mypy --strict, import-linter
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache

unit: $(VENV)/ready  ## the tests that need no control plane
	$(BIN)/pytest -m "not rehearsal" -n 2

rehearsal: $(VENV)/ready  ## the tests on real control planes; builds or finds the binaries first
	$(BIN)/ks-reset rehearse binaries
	$(BIN)/pytest -m "rehearsal and not nightly" -n 3 --dist loadscope --no-loadscope-reorder --durations 25

mutants: $(VENV)/ready  ## change guards, seatbelt and model in every way mutmut knows; the tests have to notice
	rm -rf mutants
	$(BIN)/mutmut run
	$(BIN)/mutmut results

nightly: $(VENV)/ready  ## the longest rehearsals, and five thousand random worlds, about two hours
	$(BIN)/ks-reset rehearse binaries
	$(BIN)/pytest -m nightly -n 2
	$(BIN)/python -m bench.differential --worlds 5000

lock:  ## make requirements-dev.lock anew
	$(BIN)/python -m pip install -q uv
	$(BIN)/uv pip compile -q --universal --generate-hashes --no-header --no-emit-index-url --python-version 3.11 \
	  --group dev pyproject.toml -o requirements-dev.lock

clean:  ## remove the virtual environment and caches; built binaries stay in the user's cache
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis mutants
