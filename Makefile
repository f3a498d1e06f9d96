# Everything a developer or a first-time visitor runs. `make` alone lists the targets.
.DEFAULT_GOAL := help
SHELL := /bin/sh

PYTHON ?= python3
UV := $(or $(shell command -v uv 2>/dev/null),.tools/bin/uv)
BIN := .venv/bin
# Tests wait for processes, browsers and databases half of their time.
N ?= $(shell $(PYTHON) -c "import os; print(2 * len(os.sched_getaffinity(0)))")

help:            ## show this list
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' Makefile | expand -t 14

setup: .venv/.ready   ## make .venv with everything that development needs

python-new-enough:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
	  echo "The relay needs Python 3.11 or newer; '$(PYTHON)' is $$($(PYTHON) --version 2>&1)." >&2; \
	  echo "Name another one:  make PYTHON=/path/to/python3.11 ..." >&2; exit 1; }

.tools/bin/uv: | python-new-enough
	@$(PYTHON) -m venv .tools
	@.tools/bin/pip install --quiet --disable-pip-version-check uv

.venv/.run: requirements/run.txt pyproject.toml | python-new-enough $(filter .tools/bin/uv,$(UV))
	@test -x $(BIN)/python || $(UV) venv --quiet --python $(PYTHON) .venv
	@$(UV) pip install --quiet --python $(BIN)/python --require-hashes -r requirements/run.txt
	@$(UV) pip install --quiet --python $(BIN)/python --no-deps --editable .
	@touch $@

.venv/.ready: .venv/.run requirements/dev.txt
	@$(UV) pip install --quiet --python $(BIN)/python --require-hashes -r requirements/dev.txt
	@touch $@

demo: .venv/.run   ## relay, simulated Sigfox and three receivers on loopback; ARGS="--messages 50"
	@$(BIN)/relay demo $(ARGS)

# Without byte code each process would compile everything again.
test torture properties: export PYTHONDONTWRITEBYTECODE =
test: .venv/.ready   ## the whole test suite
	@$(BIN)/pytest -n $(N) --dist worksteal $(ARGS)

torture: .venv/.ready   ## kill, stop and lock the real program hundreds of times (10 minutes)
	@$(BIN)/pytest -n 0 -m slow -s $(ARGS)

fuzz: .venv/.ready   ## ten minutes of made-up requests at the door for Sigfox; ARGS="--minutes 1 --seed 7"
	@$(BIN)/python -m tests.backend_ingest.fuzz $(ARGS)

properties: .venv/.ready   ## the tests that make up their own examples, with many more of them
	@$(BIN)/pytest -n $(N) -m hypothesis --hypothesis-profile many --timeout 3600 $(ARGS)

lint: .venv/.ready   ## format, lint, types, import contracts
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

check: lint test   ## everything that must hold before a change lands

format: .venv/.ready   ## rewrite the sources in the project's format
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

bench: .venv/.ready   ## measure the real program (forty minutes); ARGS="ceiling" for the first figure alone
	@$(BIN)/python -m bench $(ARGS)

catalogues: .venv/.ready   ## bring the translations' .po files in step with the sources
	@mkdir -p build && $(BIN)/pybabel -q extract -F relay/locale/babel.cfg -k phrase -k sentence -k refuse:1 --no-location --sort-output -o build/relay.pot .
	@for each in cs en; do $(BIN)/pybabel -q update --no-fuzzy-matching --ignore-obsolete --omit-header -w 110 \
	  -i build/relay.pot -o relay/locale/$$each/LC_MESSAGES/relay.po -l $$each; done

lock: $(filter .tools/bin/uv,$(UV))   ## renew the hashed requirement files
	@$(UV) pip compile --quiet --universal --generate-hashes --no-annotate --no-header --no-emit-index-url --no-emit-find-links \
	  --python-version 3.11 --extra fast --extra postgres pyproject.toml -o requirements/run.txt
	@$(UV) pip compile --quiet --universal --generate-hashes --no-annotate --no-header --no-emit-index-url --no-emit-find-links \
	  --python-version 3.11 --extra fast --extra postgres --group dev -c requirements/run.txt pyproject.toml -o requirements/dev.txt

clean:           ## remove what was built or installed here
	rm -rf .venv .tools .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache .coverage dist build
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

.PHONY: help setup python-new-enough demo test fuzz torture properties lint check format bench catalogues lock clean
