# What people and CI run. `make help` lists it.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
UV := $(shell command -v uv 2>/dev/null)
INSTALL := $(if $(UV),$(UV) pip install --python $(BIN)/python --compile-bytecode -q,$(BIN)/pip install -qq --disable-pip-version-check)
CATALOGUE := portal/translations/en/LC_MESSAGES/messages
LOCK_OPTIONS := --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links \
	--no-header --no-annotate --extra build

.DEFAULT_GOAL := help
.PHONY: help setup setup-dev run test test-fast lint tools faults bench screenshots messages lock clean

help: ## list what can be made
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: $(VENV)/.runtime $(CATALOGUE).mo ## make the environment from the lock (needs Python 3.11 or newer)

setup-dev: $(VENV)/.development $(CATALOGUE).mo ## the same, with what the tests need

run: setup ## start everything on this machine, with a demo in an empty database
	@exec $(BIN)/sanpo run

test: setup-dev tools lint ## everything CI checks: SQLite, PostgreSQL and a real browser
	$(BIN)/pytest -n 2
	SANPO_TEST_DATABASE=postgresql $(BIN)/pytest -n 2 -m database

test-fast: setup-dev ## the inner loop: no browser, nothing slow
	$(BIN)/pytest -n 2 -q -m "not browser and not slow"

lint: setup-dev ## style, types, import contracts, templates, translations
	$(BIN)/ruff check --quiet
	$(BIN)/ruff format --check --quiet
	$(BIN)/mypy --no-error-summary
	$(BIN)/lint-imports --no-cache > $(VENV)/imports.txt || { cat $(VENV)/imports.txt; exit 1; }
	$(BIN)/djlint --quiet --lint --allow-empty-input templates
	$(BIN)/python -m tests.tools.translations check

tools: ## find or install what Python packages cannot bring
	@sh tests/tools/package.sh chromium "browser tests" chromium chromium-browser google-chrome

faults: setup-dev ## 700 kills while mail leaves, answers are saved, backups are made; FAULTS="--only NAME --seed N"
	@sh tests/tools/package.sh rabbitmq-server "fault runs" /usr/lib/rabbitmq/bin/rabbitmq-server
	@sh tests/tools/package.sh strace "fault runs" strace
	$(BIN)/python -m tests.faults $(FAULTS)

bench: setup-dev ## time and memory beside the yardsticks
	$(BIN)/python -m tests.bench

screenshots: setup-dev tools ## take the README's pictures anew
	SANPO_SCREENSHOTS=1 $(BIN)/pytest -m browser tests/journeys

messages: setup-dev ## bring the English catalogue in step with the source
	$(BIN)/python -m tests.tools.translations update

lock: ## resolve the dependencies anew (needs uv)
	uv pip compile -q --upgrade $(LOCK_OPTIONS) pyproject.toml -o requirements.lock
	uv pip compile -q --upgrade $(LOCK_OPTIONS) --extra dev -c requirements.lock pyproject.toml -o requirements-dev.lock

clean: ## remove the environment and the caches, never data
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache *.egg-info test-results
	rm -f $(CATALOGUE).mo

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "Python 3.11 or newer is needed: put it on PATH, or run make PYTHON=/path/to/python3." >&2; exit 1; }
	@$(PYTHON) -m venv $(VENV) \
		|| { rm -rf $(VENV); echo "The venv module is missing: install Debian's package python3-venv." >&2; exit 1; }

$(VENV)/.runtime: requirements.lock pyproject.toml | $(BIN)/python
	@echo "Installing what requirements.lock names."
	@$(INSTALL) --require-hashes -r requirements.lock
	@$(INSTALL) --no-deps --no-build-isolation -e .
	@$(BIN)/python -m compileall -q portal assessments scoring
	@touch $@

$(VENV)/.development: requirements-dev.lock pyproject.toml | $(BIN)/python
	@echo "Installing what requirements-dev.lock names."
	@$(INSTALL) --require-hashes -r requirements-dev.lock
	@$(INSTALL) --no-deps --no-build-isolation -e .
	@touch $@ $(VENV)/.runtime

$(CATALOGUE).mo: $(CATALOGUE).po | $(VENV)/.runtime
	@$(BIN)/pybabel -q compile --directory portal/translations --locale en
