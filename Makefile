# What one can do here. All but bench runs in .venv, which each target sets up where it is missing.
BIN := .venv/bin
JOBS ?= 2
CORPORA ?= ../shared/corpora
BENCH := .venv-bench/bin
BENCH_ARGS ?=
# Engines that can live together share an environment, .venv-engines/NAME, as engines_NAME lists them.
ENGINES := .venv-engines
engines_ci := arrow spark polars datatrove scrapy
engines_one := arrow spark polars duckdb datatrove scrapy trafilatura
engines_two := arrow ray datasets
DOCUMENTS ?= 10000
comma := ,
space := $(subst ,, )

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

test-engines: engines-one engines-two  ## run the engines' tests, each against the real engine, on 10,000 documents

test-engines-ci: DOCUMENTS = 300
test-engines-ci: engines-ci  ## the same with some of the engines, on fewer documents

engines-%:
	python3 -m venv $(ENGINES)/$*
	$(ENGINES)/$*/bin/pip install -q -e '.[$(subst $(space),$(comma),$(engines_$*))]' 'pytest>=8.2'
	INJECTCLEAN_ENGINES_REQUIRED=1 INJECTCLEAN_ENGINE_DOCUMENTS=$(DOCUMENTS) \
	  $(ENGINES)/$*/bin/pytest -q --durations=12 $(engines_$*:%=tests/engines/test_%.py) \
	  src/injectclean/integrations

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

.PHONY: help demo test test-engines test-engines-ci check train evaluate bench
