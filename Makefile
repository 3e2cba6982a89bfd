# Two commands are enough for a newcomer: `make demo` and `make test`.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
PIP    := $(BIN)/python -m pip install --quiet --disable-pip-version-check
# Editing the version or a dependency makes a new installation; editing code does not.
NEEDS  := setup.cfg pyproject.toml

.DEFAULT_GOAL := help
.PHONY: help install demo test test-slow bench lint docs clean

help:  ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | sort

install: $(BIN)/axis  ## make .venv with the axis command

$(BIN)/axis: $(NEEDS)
	@$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed; this is " + sys.version.split()[0]) if sys.version_info < (3, 11) else 0'
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(PIP) -e .
	@touch $@

$(VENV)/.for-tests: $(BIN)/axis
	$(PIP) -e '.[test,lint,browser]'
	@touch $@

demo: install  ## the ministry of 2019 at work, on this machine, in a temporary folder
	@$(BIN)/axis demo

test: lint  ## everything CI runs: lint, types, import contracts, tests with coverage
	$(BIN)/python -m pytest -n 2 --dist loadgroup -m "not slow" --cov --cov-report= -q
	$(BIN)/python -m coverage report --skip-covered --fail-under=$(COVERAGE)

# Percent, branches included. What is not covered is explained in CONTRIBUTING.md.
COVERAGE ?= 95

test-slow: $(VENV)/.for-tests  ## the long crash, size and forgery suites
	$(BIN)/python -m pytest -m slow -q -s

bench: $(VENV)/.for-tests  ## ratios measured in one run, with the machine named
	$(BIN)/python -m benchmarks

lint: $(VENV)/.for-tests  ## ruff, mypy --strict, import-linter
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache

docs: install  ## write the pages that are drawn from the program's own tables
	$(BIN)/axis errors --markdown > docs/errors.md
	$(BIN)/axis states --markdown > docs/states.md

clean:  ## forget the installation and every cache
	rm -rf $(VENV) build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis htmlcov .coverage*
