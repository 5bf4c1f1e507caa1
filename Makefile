# One command each: make demo | test | check | bench | fmt
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STATIC := src/qingyuan/interfaces/web/static/build/.vite/manifest.json
PLATFORM := requirements/platform.txt
DEVELOP := requirements/develop.txt

.PHONY: demo test check bench fmt docs lock messages frontend clean

demo: $(VENV)/.platform messages $(STATIC) ## the platform with a simulated province, at the printed address
	$(BIN)/qingyuan demo

test: $(VENV)/.develop messages $(STATIC) ## everything the tests need, then all of them
	@command -v chromium >/dev/null || { echo "Chromium is missing. As root: apt-get install -y chromium fonts-noto-cjk"; exit 1; }
	@command -v java >/dev/null || { echo "A Java runtime is missing. As root: apt-get install -y openjdk-17-jre-headless"; exit 1; }
	@PATH="$$PATH:/usr/sbin" command -v nats-server >/dev/null || { echo "NATS is missing. As root: apt-get install -y nats-server"; exit 1; }
	@command -v pg_ctl >/dev/null || ls /usr/lib/postgresql/*/bin/pg_ctl >/dev/null 2>&1 || { echo "PostgreSQL is missing. As root: apt-get install -y postgresql"; exit 1; }
	$(BIN)/python -m pytest -n auto --dist loadfile

check: $(VENV)/.develop ## format, lint, types, import directions, documents
	$(BIN)/ruff format --check src tests benchmarks tools
	$(BIN)/ruff check src tests benchmarks tools
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python tools/documents.py --check

bench: $(VENV)/.develop messages $(STATIC) ## figures as ratios of one run
	$(BIN)/python -m benchmarks

fmt: $(VENV)/.develop
	$(BIN)/ruff format src tests benchmarks tools
	$(BIN)/ruff check --fix src tests benchmarks tools

docs: $(VENV)/.develop ## write the generated documents
	$(BIN)/python tools/documents.py

messages: $(VENV)/.platform ## compile the translations
	$(BIN)/python tools/messages.py compile

frontend $(STATIC): $(VENV)/.platform $(shell find frontend -path frontend/node_modules -prune -o -type f -print)
	$(BIN)/python tools/frontend.py

lock: ## renew the pinned requirements (names no host)
	$(BIN)/pip-compile -q --strip-extras --no-emit-index-url --no-emit-trusted-host --no-emit-find-links --no-header --no-annotate --extra platform -o $(PLATFORM) pyproject.toml
	$(BIN)/pip-compile -q --strip-extras --no-emit-index-url --no-emit-trusted-host --no-emit-find-links --no-header --no-annotate --extra platform --extra spark --extra test --extra check -c $(PLATFORM) -o $(DEVELOP) pyproject.toml

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed: set PYTHON=..."; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { echo "The venv module is missing. As root: apt-get install -y python3-venv"; exit 1; }

$(VENV)/.platform: $(VENV)/bin/python $(PLATFORM) pyproject.toml
	$(BIN)/pip install -q --disable-pip-version-check -r $(PLATFORM)
	$(BIN)/pip install -q --disable-pip-version-check --no-deps --no-build-isolation -e . 2>/dev/null || $(BIN)/pip install -q --disable-pip-version-check --no-deps -e .
	@touch $@

$(VENV)/.develop: $(VENV)/.platform $(DEVELOP)
	$(BIN)/pip install -q --disable-pip-version-check -r $(DEVELOP)
	@touch $@

clean:
	rm -rf $(VENV) frontend/node_modules src/qingyuan/interfaces/web/static/build
