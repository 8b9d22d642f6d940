# The two commands of this project: `make run` and `make test`. Both set up what they need.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: help run workshop test format clean
help: ## This list
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/'

$(VENV)/run.stamp: requirements.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@

$(VENV)/test.stamp: $(VENV)/run.stamp requirements-dev.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch $@

run: $(VENV)/run.stamp ## Open the app on this machine
	$(BIN)/streamlit run app.py

workshop: $(VENV)/run.stamp ## Open the app to the local network, and print who finds it where
	$(BIN)/python -m kiertokylat.web.start

test: $(VENV)/test.stamp ## Lint, types, and every test, those in a real browser included
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python tests/browser/find_chromium.py --install
	$(BIN)/python tests/browser/find_axe.py --install
	$(BIN)/python tests/find_postgres.py --install
	$(BIN)/python -m pytest --numprocesses auto --dist loadfile

format: $(VENV)/test.stamp ## Let ruff format and mend what it can
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

clean: ## Remove the environment and the caches
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis
