# Two commands are enough for a newcomer: `make demo` and `make test`.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin

.PHONY: install demo test test-slow bench lint clean

install: $(BIN)/axis

$(BIN)/axis: setup.cfg pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed, this is " + sys.version) if sys.version_info < (3, 11) else None'
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[test,lint]'
	@touch $(BIN)/axis

demo: install  ## the ministry of 2019 at work, on this machine, in a temporary folder
	$(BIN)/axis demo

test: install lint  ## everything CI runs
	$(BIN)/python -m pytest -n 2 --dist loadgroup -m "not slow" --cov --cov-report=term --cov-report=html -q

test-slow: install  ## the long versions of the crash, size and forgery suites
	$(BIN)/python -m pytest -m slow -q -s

bench: install  ## ratios measured in one run, with the machine named
	$(BIN)/python -m benchmarks

lint: install
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache

clean:
	rm -rf $(VENV) build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis htmlcov .coverage*
