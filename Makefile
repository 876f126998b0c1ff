# Two commands do everything on a machine that has only Python >= 3.11 and make:
#
#   make synth   the main job: synthesize the example app, with cdk-nag on, and print what came of it
#   make test    every test
#
# Both set up what is missing first, inside this directory: .venv (Python packages, Node from PyPI) and node_modules (the CDK
# CLI). A stamp file stands for each finished step, so a second run sets nothing up again. All paths are relative to this
# directory, because a path with a space in it survives neither make's lists nor unquoted shell words.

MAKEFLAGS += --no-print-directory --no-builtin-rules
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

# The Python that .venv is made from, if it is not `python3`: make PYTHON=python3.13 synth
PYTHON ?= python3
PIP_VERSION := 26.3

# The cdk-nag packs of `make synth`: one on every run, all six in CI. Names as in the report, separated by commas; `all`; `none`.
NAG_PACKS ?= $(if $(CI),all,AwsSolutions)

# Two workers: each one starts a Node process of its own for jsii.
PYTEST_WORKERS ?= 2
PYTEST_ARGS ?=

VENV_PYTHON := .venv/bin/python
PROGRESS = "$(PYTHON)" scripts/progress.py
# npm, cdk and jsii look `node` up on PATH; the one that belongs to this project comes first.
WITH_NODE := PATH="$$PWD/.venv/bin:$$PATH"

# Nothing here calls out: no telemetry, no look for a newer CLI. (The notices are off in cdk.json.)
export CDK_DISABLE_CLI_TELEMETRY := true
export CDK_DISABLE_VERSION_CHECK := 1

.PHONY: help setup synth test check lint types format constraints clean distclean

help:
	@echo "make synth        synthesize the example app and print stacks, resources, findings, acknowledgements"
	@echo "make test         run every test                     (PYTEST_ARGS='-k vpc' narrows it)"
	@echo "make check        lint, types, synth, tests: what CI runs"
	@echo "make lint         ruff: rules and format             make types    mypy --strict"
	@echo "make format       let ruff format and fix            make setup    set up only"
	@echo "make constraints  upgrade everything and pin it        make clean    remove what the above left behind"
	@echo "make distclean    clean, and remove .venv and node_modules"
	@echo "PYTHON=python3.13 chooses the Python of .venv; NAG_PACKS=all (or names) the cdk-nag packs of synth"

# --- set-up -----------------------------------------------------------------------------------------------------------------

setup: .venv/.stamp-packages node_modules/.stamp-cdk

# The stamp holds the path it was made at: the scripts of a virtual environment carry theirs, and break when it moves.
ifneq ("$(shell cat .venv/.stamp-python 2>/dev/null)","$(CURDIR)")
.PHONY: .venv/.stamp-python
endif

# An environment that was moved, or made by another Python version, is made anew; any other one is kept and completed.
.venv/.stamp-python:
	@"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
	  echo "Python 3.11 or newer is needed; $(PYTHON) is $$("$(PYTHON)" -V 2>&1 | tail -n 1)." >&2; \
	  echo "Name another one, for example: make PYTHON=python3.13 $(or $(MAKECMDGOALS),setup)" >&2; exit 1; }
	@"$(PYTHON)" -c 'import ensurepip, venv' 2>/dev/null || { \
	  echo "$(PYTHON) cannot make virtual environments: its venv or ensurepip module is missing." >&2; \
	  echo "On Debian and Ubuntu the package python3-venv has them; then run the same command again." >&2; exit 1; }
	@clear=; version='import sys; print(sys.version_info[:2])'; \
	  if [ -e $@ ]; then clear=--clear; \
	  elif [ -d .venv ] && [ "$$($(VENV_PYTHON) -c "$$version" 2>&1)" != "$$("$(PYTHON)" -c "$$version")" ]; then \
	    clear=--clear; fi; \
	  $(PROGRESS) "[1/3] Virtual environment .venv" -- "$(PYTHON)" -m venv $$clear .venv
	@$(PROGRESS) "      pip $(PIP_VERSION)" -- $(VENV_PYTHON) -m pip install "pip==$(PIP_VERSION)"
	@printf '%s\n' "$$PWD" > $@

.venv/.stamp-packages: .venv/.stamp-python constraints.txt pyproject.toml
	@$(PROGRESS) "[2/3] Python packages, with Node and npm (1 to 3 minutes)" -- \
	  $(VENV_PYTHON) -m pip install -c constraints.txt --build-constraint constraints.txt -e . --group dev
	@touch $@

# Order-only: a change of Python packages needs no new CLI. --include=dev, because NODE_ENV=production would leave it out.
node_modules/.stamp-cdk: package.json package-lock.json .npmrc | .venv/.stamp-packages
	@$(WITH_NODE) $(PROGRESS) "[3/3] CDK CLI" -- .venv/bin/npm ci --include=dev
	@touch $@

# --- the main job -----------------------------------------------------------------------------------------------------------

# '**' names the stacks inside stages too: without it the CLI looks at top-level stacks only, and an app whose stacks all stand
# in a stage would pass with findings. The table is printed also, and above all, when synthesis fails.
synth: setup
	@rm -rf cdk.out
	@echo "Synthesizing (cdk-nag: $(NAG_PACKS)) ..."
	@status=0; \
	  $(WITH_NODE) NAG_PACKS="$(NAG_PACKS)" node_modules/.bin/cdk synth --quiet --no-lookups '**' || status=$$?; \
	  $(VENV_PYTHON) scripts/synth_report.py cdk.out --packs "$(NAG_PACKS)" || status=$$?; \
	  exit $$status

test: setup
	@$(WITH_NODE) $(VENV_PYTHON) -m pytest -n $(PYTEST_WORKERS) $(PYTEST_ARGS)

# --- quality ----------------------------------------------------------------------------------------------------------------

# One after the other, also under `make -j`: the tests come last, so that pytest's closing line is the last word.
check: setup
	@$(MAKE) lint
	@$(MAKE) types
	@$(MAKE) synth
	@$(MAKE) test

lint: setup
	@.venv/bin/ruff check .
	@.venv/bin/ruff format --check .

types: setup
	@echo "Checking types (the first run takes some minutes, later ones seconds) ..."
	@$(VENV_PYTHON) -m mypy

format: setup
	@.venv/bin/ruff check --fix .
	@.venv/bin/ruff format .

# Everything to its newest version within pyproject.toml's bounds, then pinned.
constraints: setup
	@$(PROGRESS) "Upgrading everything" -- $(VENV_PYTHON) -m pip install --upgrade --upgrade-strategy eager -e . --group dev
	@$(VENV_PYTHON) scripts/pin_constraints.py
	@touch .venv/.stamp-packages

clean:
	@rm -rf cdk.out dist .coverage .coverage.* .mypy_cache .pytest_cache .ruff_cache .hypothesis
	@find src tests examples scripts -type d -name __pycache__ -prune -exec rm -rf {} +

distclean: clean
	@rm -rf .venv node_modules
