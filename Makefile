# Everything a person or CI does with Trellis. `make` alone prints this list.
.DEFAULT_GOAL := help
SHELL := /bin/bash
BIN := .venv/bin
# What `make run` installs: runtime, or team for many hosts and object storage.
PACKAGES ?= runtime
JS := PATH="$(CURDIR)/.venv/bin:$$PATH" .venv/javascript/node_modules/.bin
# Test processes: one more than processors, since those that drive browsers and workers often wait for them.
WORKERS ?= $(shell expr $$(nproc 2>/dev/null || echo 1) + 1)
# Real datasets for tests and benchmarks, if they lie beside the project.
export TRELLIS_DATA ?= $(abspath $(wildcard ../shared/data))

# What generated modules run with in a TFX pipeline, beside what the tests import. tensorflow-cpu is named because
# pyproject.toml leaves the package tensorflow out.
TFT_PACKAGES := tensorflow-transform==1.21.0 tensorflow-cpu==2.21.0 tensorflow-recommenders==0.7.7 polars pydantic ruff
TFT := PYTHONPATH=src:. TF_USE_LEGACY_KERAS=1 TF_CPP_MIN_LOG_LEVEL=2 .venv-tft/bin/python

.PHONY: help run test test-tft lint types rules unit bench screenshots pins format clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-11s %s\n", $$1, $$2}' Makefile

run: ## set everything up and start Trellis on http://127.0.0.1:8050
	@requirements/bootstrap.sh $(PACKAGES)
	@$(BIN)/python app.py

test: ## lint, types, import rules and all tests
	@requirements/bootstrap.sh dev
	@requirements/browser.sh
	@requirements/javascript.sh
	@$(MAKE) --no-print-directory -j $(WORKERS) --output-sync lint rules
	@$(MAKE) --no-print-directory -j 2 --output-sync=line types unit

test-tft: ## generated modules against the real tensorflow-transform, in an environment of its own (~10 minutes)
	@requirements/bootstrap.sh dev
	@[ -x .venv-tft/bin/python ] || $(BIN)/uv venv --quiet --python 3.11 .venv-tft
	@$(BIN)/uv pip install --quiet --python .venv-tft/bin/python $(TFT_PACKAGES)
	$(TFT) tests/tft/compare_preprocessing.py
	$(TFT) tests/tft/train_pair.py

lint: ## ruff: style and formatting; oxlint for the scripts of the pages
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(JS)/oxlint --deny-warnings assets

types: ## pyright; tsc for the scripts of the pages
	$(BIN)/pyright
	$(JS)/tsc --project tests/javascript

rules: ## who may import whom
	$(BIN)/lint-imports

unit: ## the tests alone; ARGS="-k name" chooses
	$(BIN)/python -m pytest -n $(WORKERS) --dist worksteal $(ARGS)

bench: ## all benchmarks; writes bench/RESULTS.md
	@requirements/bootstrap.sh dev
	$(BIN)/python -m bench

screenshots: ## the pictures of README and docs, drawn anew (needs MovieLens-100K below TRELLIS_DATA)
	@requirements/bootstrap.sh dev
	@requirements/browser.sh
	$(BIN)/python -m docs.screenshots

format: ## let ruff fix style and formatting
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

pins: ## recompute the pinned requirement files from pyproject.toml
	cd requirements && for set in runtime:"--extra team" team:"--extra team --extra celery --extra s3" dev:"--extra team --extra celery --extra s3 --extra dev"; do \
	  ../$(BIN)/uv pip compile ../pyproject.toml $${set#*:} -o $${set%%:*}.txt --generate-hashes --no-annotate --no-header --no-emit-index-url -q --python-version 3.11; \
	done

clean: ## remove the environment and caches (never your models: they live in TRELLIS_HOME)
	rm -rf .venv .venv-tft .pytest_cache .ruff_cache .hypothesis .import_linter_cache
