# What one can do here. All but bench runs in .venv, which each target sets up where it is missing.
BIN := .venv/bin
JOBS ?= 2
CORPORA ?= ../shared/corpora
BENCH := .venv-bench/bin
BENCH_ARGS ?=

help:  ## list what one can do
	@grep -E '^[a-z-]+:.*## ' Makefile | sed -E 's/:.*## /\t/' | expand -t 14

$(BIN)/injectclean: pyproject.toml
	python3 -m venv .venv
	$(BIN)/pip install -q -e '.[dev]'
	@touch $@

demo: $(BIN)/injectclean  ## scan the five real documents, and show what cleaning changes
	-$(BIN)/injectclean scan seeds/
	$(BIN)/injectclean clean --diff seeds/

test: $(BIN)/injectclean  ## run the tests
	$(BIN)/pytest -q

check: $(BIN)/injectclean  ## lint, format and types
	$(BIN)/ruff check src tests benchmarks
	$(BIN)/ruff format --check src tests benchmarks
	$(BIN)/mypy

train: $(BIN)/injectclean  ## train models/default.npz from data/labels.csv, with its metrics
	$(BIN)/injectclean train --measure --jobs $(JOBS) --cache .cache

evaluate: $(BIN)/injectclean  ## measure, write docs/accuracy.md, fail under the floors of data/floors.json
	$(BIN)/pip install -q -e '.[dev,evaluate]'
	$(BIN)/injectclean evaluate --jobs $(JOBS) --cache .cache --corpora $(CORPORA) \
	  --write docs/accuracy.md --floors data/floors.json
	$(BIN)/injectclean evaluate --jobs $(JOBS) --cache .cache --without seeds --write docs/accuracy.md

# A venv of its own: what we are measured beside need not be fit for what we are made with.
$(BENCH)/injectclean: pyproject.toml
	python3 -m venv .venv-bench
	$(BENCH)/pip install -q -e '.[bench]'
	@touch $@

bench: $(BENCH)/injectclean  ## measure speed beside others, write docs/speed.md; BENCH_ARGS=--help
	$(BENCH)/python -m benchmarks --corpora $(CORPORA) --write docs/speed.md \
	  --json .cache/speed.json $(BENCH_ARGS)

.PHONY: help demo test check train evaluate bench
