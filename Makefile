# CAD Copilot. `make demo` runs the whole line, `make test` proves it; both set up what they need.
SHELL := /bin/bash
.DEFAULT_GOAL := help
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
export CAD_COPILOT_DATA_DIR ?= var
export PATH := $(CURDIR)/$(BIN):$(PATH)
export MLFLOW_DISABLE_TELEMETRY := true
export DO_NOT_TRACK := 1
PIP_INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt

.PHONY: help setup demo test check up down status bench bench-render bench-spiders bench-dataset bench-training prove kill-test kill-train gguf-test fuzz clean distclean

help: ## this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-13s %s\n", $$1, $$2}'

setup: $(VENV)/.installed ## the Python environment and the OpenSCAD engine, nothing twice
	@$(BIN)/python -m render.engines.install --dest $(CAD_COPILOT_DATA_DIR)/engine

$(VENV)/.python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "setup: $(PYTHON) is older than 3.11; name a newer one: make setup PYTHON=python3.12" >&2; exit 2; }
	@$(PYTHON) -m venv $(VENV) \
	  || { echo "setup: $(PYTHON) can't make a virtual environment; Debian keeps that in python3-venv" >&2; exit 2; }
	@touch $@

# torch first and pinned, so that a build already in .venv (the CPU one, say) is kept
$(VENV)/.torch: $(VENV)/.python
	@echo "setup: installing torch (once)"
	@$(PIP_INSTALL) torch
	@touch $@

$(VENV)/.installed: pyproject.toml constraints.txt $(VENV)/.torch
	@echo "setup: installing the packages of constraints.txt"
	@$(PIP_INSTALL) -e '.[dev]'
	@{ node --version 2>/dev/null | grep -qE '^v(2[0-9]|[3-9][0-9])' && npm --version >/dev/null 2>&1; } \
	  || $(PIP_INSTALL) -e '.[node]'
	@touch $@

demo: setup ## the whole line on two cores: crawl, curate, fine-tune, evaluate
	@$(BIN)/cad-copilot demo

test: setup ## every test, in two processes
	@$(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder

check: setup ## format, lint, types, imports, tests
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder

up: setup ## Prefect server and worker, MLflow page, deployments
	@$(BIN)/cad-copilot up

down: ## stop what `make up` started
	@if [ -x $(BIN)/cad-copilot ]; then $(BIN)/cad-copilot down; else echo "nothing is set up, so nothing runs"; fi

status: ## what runs, and where
	@$(BIN)/cad-copilot status

bench: bench-render bench-spiders bench-dataset bench-training ## every benchmark

bench-render: setup ## render/ beside what one would use instead, 15 minutes; last results: docs/BENCHMARKS.md
	@{ command -v openscad && dpkg -s openscad-testing-data; } >/dev/null 2>&1 \
	  || apt-get install -y --no-install-recommends openscad openscad-testing-data bubblewrap \
	  || { echo "bench-render: sudo apt-get install openscad openscad-testing-data bubblewrap, then again" >&2; exit 2; }
	@for name in compile engines soak hostile measure preview; do \
	  echo "== bench/bench_$$name.py"; $(BIN)/python bench/bench_$$name.py || exit 1; done

bench-spiders: setup ## every source against its replayed site at full size, 10 minutes; last results: docs/BENCHMARKS.md
	@$(BIN)/python bench/bench_spiders.py

bench-dataset: setup ## the generator against the engine, dedup beside datasketch, a refresh beside a cold build, 40 minutes
	@$(PIP_INSTALL) -e '.[bench]'
	@$(BIN)/python bench/bench_synth.py
	@$(BIN)/python bench/bench_dedup.py
	@$(BIN)/python bench/bench_dataset.py

kill-train: setup ## kill -9 of a rank at ten random steps of a fine-tune: the next run ends with the same bytes, 15 minutes
	@$(BIN)/python tests/ml/kill_training.py

gguf-test: setup ## llama.cpp itself reads our GGUF files; builds it once, 5 minutes
	@sh tests/export/llama_cpp.sh $(PYTHON) $(BIN)/python

bench-training: setup ## our training loop beside TRL's on the same model and data, 20 minutes
	@$(PIP_INSTALL) -e '.[bench]'
	@$(BIN)/python bench/bench_training.py

prove: setup ## the tests that take over a minute each, 2 minutes
	@$(BIN)/python -m pytest -m proof

kill-test: setup ## kill -9 twenty times in each stage of a build: the next run ends with the same bytes, 20 minutes
	@$(BIN)/python tests/flows/kill_trials.py --times 20

fuzz: setup ## the parsers of untrusted text under atheris, a minute each
	@$(PIP_INSTALL) -e '.[fuzz]'
	@for name in customizer diagnostics mesh; do \
	  $(BIN)/python tests/render/fuzz_parsers.py $$name -max_total_time=60 || exit 1; done

clean: ## remove caches and build leftovers; keeps var/ and .venv/
	@rm -rf build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	@find . -name __pycache__ -not -path './$(VENV)/*' -prune -exec rm -rf {} +

distclean: down clean ## also the environment and everything in var/
	@rm -rf $(VENV) var
