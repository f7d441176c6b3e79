# Plateward from a source checkout. Needs GNU make and Python 3.11 or newer, nothing else: `make demo` or `make test`.

SHELL := /bin/sh
.SHELLFLAGS := -euc
MAKEFLAGS += --no-print-directory --no-builtin-rules
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

VENV := .venv
BIN := $(VENV)/bin
# Node comes with the wheel in the environment; its npm must find that node first.
export PATH := $(CURDIR)/$(BIN):$(PATH)
export PIP_DISABLE_PIP_VERSION_CHECK := 1
export PYTHONDONTWRITEBYTECODE :=
export npm_config_audit := false
export npm_config_fund := false
export npm_config_update_notifier := false
export npm_config_loglevel := error
# Options for pytest: make test PYTEST="-k hotlist"
PYTEST ?=
# Processes that run the tests side by side, each with a database of its own; one more than there are processors,
# since those with a browser mostly wait.
WORKERS ?= $(shell expr $$(getconf _NPROCESSORS_ONLN) + 1)

hash = $(shell cat $(1) | cksum | tr ' ' '-')
INSTALLED := $(VENV)/.installed-$(call hash,requirements/dev.txt)
LINKED := $(VENV)/.linked-$(call hash,pyproject.toml requirements/base.in)
PACKAGES := web/node_modules/.installed-$(call hash,web/package-lock.json)
DIST := plateward/ui/static/ui/dist
WEB_SOURCES := $(shell find web -path web/node_modules -prune -o -path web/tests -prune -o -type f -print)

# $(call step,NAME,COMMAND): one line per check; what it said only when it fails.
define step
@printf '  %-34s' '$(1)'; said=$$($(2) 2>&1) && echo '✓' || { status=$$?; echo '✗'; printf '%s\n' "$$said"; exit $$status; }
endef

# $(call quietly,COMMAND): what it said only when it fails.
quietly = @said=$$($(1) 2>&1) || { status=$$?; printf '%s\n' "$$said" >&2; exit $$status; }

.PHONY: help
help: ## List what make can do here
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: demo
demo: setup assets ## Run the demonstration; Ctrl-C ends it
	@$(BIN)/plateward demo

.PHONY: test
test: setup ## Every check and every test, on the embedded PostgreSQL (or PLATEWARD_TEST_DATABASE_URL)
	@$(MAKE) --jobs=2 --output-sync=target check front-end
	@$(BIN)/python -m pytest -n $(WORKERS) --dist loadfile $(PYTEST)

.PHONY: front-end
front-end: assets ## Types and tests of the front end
	$(call step,front end types,npm --prefix web run --silent check)
	$(call step,front end tests,npm --prefix web test --silent)

# The checks read the settings but keep nothing: a fixed key, no data folder.
.PHONY: check
check: export PLATEWARD_SECRET_KEY := only-for-checks-only-for-checks-only-for-checks
check: setup ## Format, lint, types, import contracts, clause map, migrations
	$(call step,format (ruff),$(BIN)/ruff format --check --output-format concise .)
	$(call step,lint (ruff),$(BIN)/ruff check --output-format concise .)
	$(call step,types (mypy),$(BIN)/mypy)
	$(call step,imports (import-linter),$(BIN)/lint-imports)
	$(call step,clause map is current,$(BIN)/python tools/clause_map.py --check)
	$(call step,no migration is missing,$(BIN)/plateward manage makemigrations --check --dry-run)

.PHONY: setup
setup: $(LINKED) ## The Python environment in .venv
	@:

.PHONY: assets
assets: $(DIST)/manifest.json ## Styles and scripts, built by Vite
	@:

.PHONY: lock
lock: setup ## Pin the newest allowed packages: requirements/*.in to *.txt, web/package-lock.json
	@for set in base edge dev lab; do \
	  $(BIN)/uv pip compile --quiet --upgrade --python-version 3.11 --universal --generate-hashes --no-header \
	    --no-emit-index-url --no-emit-package opencv-python \
	    $$([ $$set != edge ] || echo --constraints requirements/base.txt) requirements/$$set.in -o requirements/$$set.txt; \
	done
	@npm --prefix web update --omit-lockfile-registry-resolved

.PHONY: bench
bench: setup ## Measure ingest, alerts, search, the ledger, packages and, with PHOTOS=folder, recognition
	@$(BIN)/python tools/bench.py $(PHOTOS)

.PHONY: clean
clean: ## Remove everything that was built or installed here; data folders stay
	@rm -rf $(VENV) web/node_modules $(DIST) build dist *.egg-info
	@rm -rf .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

# PYTHON may name an interpreter; else the first of these that is new enough and can make environments.
$(BIN)/python:
	@for candidate in $(PYTHON) python3 python3.13 python3.12 python3.11 python3.14; do \
	  if "$$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then \
	    chosen=$$candidate; break; \
	  fi; \
	done; \
	if [ -z "$${chosen:-}" ]; then \
	  echo 'Plateward needs Python 3.11 or newer; none was found. Install one (Debian 12, Ubuntu 24.04 or newer:' >&2; \
	  echo 'apt-get install python3 python3-venv) or say where it is: make PYTHON=/path/to/python3 demo' >&2; \
	  exit 1; \
	fi; \
	if ! "$$chosen" -c 'import ensurepip, venv' 2>/dev/null; then \
	  echo "$$chosen cannot make environments. On Debian and Ubuntu: apt-get install python3-venv" >&2; exit 1; \
	fi; \
	echo "» making the Python environment in $(VENV) with $$($$chosen --version)"; \
	"$$chosen" -m venv $(VENV)

$(INSTALLED): | $(BIN)/python
	@echo '» installing the Python packages pinned in requirements/dev.txt (the first time takes a minute or two)'
	$(call quietly,$(BIN)/python -m pip install --no-input --no-deps --require-hashes -r requirements/dev.txt)
	@rm -f $(VENV)/.installed-*
	@touch $@

$(LINKED): $(INSTALLED)
	$(call quietly,$(BIN)/python -m pip install --no-input --no-deps --no-build-isolation --editable .)
	@rm -f $(VENV)/.linked-*
	@touch $@

$(PACKAGES): | $(INSTALLED)
	@echo '» installing the front end packages pinned in web/package-lock.json'
	$(call quietly,npm --prefix web ci)
	@touch $@

$(DIST)/manifest.json: $(PACKAGES) $(WEB_SOURCES)
	@echo '» building styles and scripts'
	$(call quietly,npm --prefix web run --silent build)
	@touch $@
