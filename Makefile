# All commands run in the virtual environment .venv; the lock file pins every package by its hash.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: help setup demo test lint unit browser rehearsal style pages mutants nightly docs packages lock clean

help:            ## this list
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/'

$(VENV)/ready: requirements-dev.lock pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "ks-reset needs Python 3.11 or newer")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements-dev.lock
	$(BIN)/python -m pip install -q --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

setup: $(VENV)/ready  ## create .venv with the pinned packages and ks-reset itself

demo: $(VENV)/ready  ## the incident and its cure, on two real control planes
	$(BIN)/ks-reset rehearse demo

test: lint unit rehearsal  ## lint, types, layers, unit tests, and the rehearsals on real control planes

lint: $(VENV)/ready  ## ruff, mypy --strict, import-linter
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache

unit: $(VENV)/ready  ## the tests without control planes
	$(BIN)/pytest -m "not rehearsal and not browser" -n 3 --dist worksteal

browser: $(VENV)/ready  ## the pages in chromium, which must be on PATH; not part of make test
	$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements-browser.lock
	$(BIN)/pytest -m browser

rehearsal: $(VENV)/ready  ## the tests on real control planes; finds or builds the programs first
	$(BIN)/ks-reset rehearse binaries
	$(BIN)/pytest -m "rehearsal and not nightly" -n 3 --dist loadscope --no-loadscope-reorder --durations 25

style: $(VENV)/ready  ## figures of names, prose, sizes and flags, each with its goal
	$(BIN)/python -m bench.style

pages: $(VENV)/ready  ## write what pages take from the code: layers, examples and their output, findings, licences, docs/img/doctor.svg
	$(BIN)/python -m bench.layers
	$(BIN)/python -m bench.examples
	$(BIN)/python -m bench.doctor_page
	$(BIN)/python -m bench.example_runs
	$(BIN)/python -m bench.terminal_session
	$(BIN)/python -m tools.sbom --page

mutants: $(VENV)/ready  ## mutation tests of guards, seatbelt and simulation with mutmut; half an hour, less with SAMPLE=800
	rm -rf mutants
	$(BIN)/python -m bench.mutants --sample $(or $(SAMPLE),0)

nightly: $(VENV)/ready  ## the longest rehearsals, five thousand random clusters, four thousand tenants; some hours
	$(BIN)/ks-reset rehearse binaries
	$(BIN)/pytest -m nightly -n 2
	$(BIN)/python -m bench.differential --worlds 5000
	$(BIN)/python -m bench.tenants --worlds 2000 --kubernetes 1.24.17
	$(BIN)/python -m bench.tenants --worlds 2000 --kubernetes 1.34.4

docs: $(VENV)/ready  ## site/: the pages as a site, every warning an error; serve it with python3 -m http.server -d site
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build -q

packages: $(VENV)/ready  ## dist/: sdist, wheel, a file that runs by itself, krew's manifest, SBOM; HOMEPAGE=URL of the releases
	$(BIN)/python -m pip install -q pex
	$(BIN)/python -m tools.packages --homepage $(HOMEPAGE)
	$(BIN)/python -m tools.sbom dist/sbom.cdx.json

lock:  ## write requirements.lock, requirements-dev.lock and requirements-browser.lock from pyproject.toml
	$(BIN)/python -m pip install -q uv
	$(BIN)/uv pip compile -q --universal --generate-hashes --no-header --no-emit-index-url --python-version 3.11 \
	  --group dev pyproject.toml -o requirements-dev.lock
	$(BIN)/uv pip compile -q --universal --generate-hashes --no-header --no-emit-index-url --python-version 3.11 \
	  -c requirements-dev.lock pyproject.toml -o requirements.lock
	$(BIN)/uv pip compile -q --universal --generate-hashes --no-header --no-emit-index-url --python-version 3.11 \
	  --group browser -c requirements-dev.lock -o requirements-browser.lock

clean:  ## remove the virtual environment and caches; built programs stay in the user's cache
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis mutants site
