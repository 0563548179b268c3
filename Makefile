# What one can do here. Everything runs in .venv, which each target sets up where it is missing.
BIN := .venv/bin
JOBS ?= 2
CORPORA ?= ../shared/corpora

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
	$(BIN)/ruff check src tests
	$(BIN)/ruff format --check src tests
	$(BIN)/mypy

train: $(BIN)/injectclean  ## train models/default.npz from data/labels.csv, with its metrics
	$(BIN)/injectclean train --measure --jobs $(JOBS) --cache .cache

evaluate: $(BIN)/injectclean  ## measure, write docs/accuracy.md, fail under the floors of data/floors.json
	$(BIN)/pip install -q -e '.[dev,bench]'
	$(BIN)/injectclean evaluate --jobs $(JOBS) --cache .cache --corpora $(CORPORA) \
	  --write docs/accuracy.md --floors data/floors.json
	$(BIN)/injectclean evaluate --jobs $(JOBS) --cache .cache --without seeds --write docs/accuracy.md

.PHONY: help demo test check train evaluate
