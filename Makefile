# Needs only python3 (3.11 or later) and make. `make demo` is the place to start.
PYTHON ?= python3
BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check install --quiet --constraint constraints.txt

.PHONY: demo venv test lint bench docs notebooks

demo: .venv/.installed  ## train LeNet on real digits, export it, use the export
	$(BIN)/keras-course train

venv: .venv/.installed-dev  ## everything for work on the project itself

test: .venv/.installed-dev  ## all tests, tutorials included, with coverage
	$(BIN)/python -m pytest --numprocesses 2 --cov --cov-report=term --cov-fail-under=95

lint: .venv/.installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

bench: .venv/.installed-dev  ## the ratios of benchmarks/RESULTS.md, measured here
	$(PIP) --editable '.[dev,bench]'
	$(BIN)/python -m benchmarks

docs: .venv/.installed-dev  ## the site, in docs/_build/html; executes the tutorials that have changed
	$(BIN)/python -m docs

OUTPUTS ?= strip
notebooks: .venv/.installed-dev  ## the tutorials in notebooks/ and, as an archive, in dist/; OUTPUTS=keep runs them first
	$(BIN)/python -m docs notebooks --outputs $(OUTPUTS)

.venv/.installed: pyproject.toml constraints.txt
	$(PYTHON) -m venv .venv
	$(PIP) --editable .
	touch $@

.venv/.installed-dev: .venv/.installed
	$(PIP) --editable '.[dev]'
	touch $@
