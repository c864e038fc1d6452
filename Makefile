# Needs Python 3.11 or newer, git and make. Everything else is fetched by hash
# and stays in .cache and .venv.

PYTHON = python3
UV = $(PYTHON) tools/bootstrap.py
BIN = .venv/bin

# Set to --upgrade to move the pins as far as pyproject.toml allows.
UPGRADE =

COMPILE = $(UV) pip compile --quiet --universal --python-version 3.11 \
	--generate-hashes --no-annotate --no-emit-index-url --no-emit-find-links \
	--custom-compile-command "make lock" $(UPGRADE)
INSTALL = $(UV) pip install --quiet --python $(BIN)/python
TOO_OLD = FlowOps needs Python 3.11 or newer; this is %d.%d. Try: make PYTHON=python3.13 $(MAKECMDGOALS)

.DELETE_ON_ERROR:
.PHONY: help demo test lint lint-actions format goldens lock dist clean

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "%-14s%s\n", $$1, $$2}' Makefile

demo: .venv/runtime ## See FlowOps work, with no account
	@$(BIN)/flowops demo

test: lint ## Check everything, as the build does
	$(BIN)/pytest --numprocesses auto --maxprocesses 8 --dist loadgroup

lint: lint-actions ## Check style and types
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy

lint-actions: .venv/development ## Check the action and the workflows
	$(BIN)/zizmor --offline --quiet --persona=pedantic action.yml .github templates/github
	$(BIN)/check-jsonschema --quiet --builtin-schema vendor.github-actions action.yml
	$(BIN)/check-jsonschema --quiet --builtin-schema vendor.github-workflows .github/workflows/*.yml \
		templates/github/*.yml
	$(BIN)/check-jsonschema --quiet --builtin-schema vendor.dependabot .github/dependabot.yml
	$(BIN)/check-jsonschema --quiet --builtin-schema vendor.gitlab-ci \
		--data-transform gitlab-ci templates/gitlab/*.yml
	$(BIN)/python tools/action_inputs.py --check
	$(BIN)/python tools/workflow_templates.py --check

format: .venv/development ## Format the code
	$(BIN)/ruff check --fix-only
	$(BIN)/ruff format

goldens: .venv/development ## Accept what the golden tests print now
	$(BIN)/pytest --update-goldens --quiet

lock: ## Pin dependencies again, after an edit of pyproject.toml
	$(COMPILE) --output-file requirements.lock pyproject.toml
	$(COMPILE) --output-file requirements-action.lock --constraints requirements.lock \
		--extra kafka --extra kubernetes --extra postgresql pyproject.toml
	$(COMPILE) --output-file requirements-dev.lock --constraints requirements.lock \
		--group dev pyproject.toml
	$(COMPILE) --output-file requirements-build.lock --group build

dist: .venv/development ## Build what is published; VERSION has to be the package's own
	@$(BIN)/python -c 'import flowops, sys; w = "$(VERSION)" or flowops.__version__; \
		w == flowops.__version__ or sys.exit(f"this is {flowops.__version__}, not {w}")'
	@rm -rf dist
	@$(UV) build --quiet --build-constraints requirements-build.lock --require-hashes

clean: ## Remove everything make made
	rm -rf .venv .cache .mypy_cache .pytest_cache .ruff_cache .hypothesis tests/actual

.venv/bin/python:
	@$(PYTHON) -c 'import sys; v = sys.version_info[:2]; v < (3, 11) and sys.exit("$(TOO_OLD)" % v)'
	@echo "Preparing .venv"
	@$(UV) venv --quiet --clear --python "$$($(PYTHON) -c 'import sys; print(sys.executable)')" .venv

# The package is installed in place, so that an edit needs no new install.
.venv/runtime: .venv/bin/python pyproject.toml requirements.lock requirements-build.lock
	@$(INSTALL) --require-hashes --requirements requirements.lock
	@$(INSTALL) --no-deps --build-constraints requirements-build.lock --editable .
	@touch $@

.venv/development: .venv/runtime requirements-dev.lock
	@$(INSTALL) --require-hashes --requirements requirements-dev.lock
	@touch $@
