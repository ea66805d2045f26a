# Everything that is done at a prompt. On a new machine: `make run`.

VENV := .venv
PYTHON := $(VENV)/bin/python
MANAGE := $(PYTHON) manage.py

# For `make run` and `make demo`, which prints addresses with it.
export PORT ?= 8000

# What to append to the command: make test ARGS="-k search"
ARGS ?=

# The first of these that is recent enough makes the virtual environment.
PYTHONS := python3 python3.14 python3.13 python3.12 python3.11 /usr/bin/python3

.DEFAULT_GOAL := help
.PHONY: help run demo test test-fast test-long test-faults test-install lint format bench lock audit messages clean
.DELETE_ON_ERROR:

help: ## Say what can be made
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: demo ## Install, fill with a demonstration, and serve on http://localhost:8000/ (PORT=…)
	$(MANAGE) runserver $(PORT)

demo: $(VENV)/installed ## Bring the database up to date and fill it with a demonstration
	$(MANAGE) migrate
	$(MANAGE) load_demo

test: $(VENV)/installed-dev ## Run the tests on SQLite and PostgreSQL, with a browser (ARGS=…)
	@$(PYTHON) -m scripts.test $(ARGS)

test-fast: $(VENV)/installed-dev ## Run tests on one engine, its database kept (ARGS="tests/search -k …")
	@$(PYTHON) -m pytest --reuse-db -m "not browser" $(ARGS)

test-long: $(VENV)/installed-dev ## Ask for every address, do 10,000 random acts, for an hour or two (ARGS="--seed …")
	@$(PYTHON) -m scripts.test_long $(ARGS)

test-faults: $(VENV)/installed-dev ## Stop, kill and starve the whole site, for minutes (ARGS="--soak 10")
	@$(PYTHON) -m scripts.test_faults $(ARGS)

test-install: $(VENV)/installed-dev ## Follow docs/operations.md as root on a machine to throw away
	@$(PYTHON) -m scripts.test_install $(ARGS)

lint: $(VENV)/installed-dev ## Check style, types, imports, templates, migrations
	@$(PYTHON) -m scripts.lint

format: $(VENV)/installed-dev ## Rewrite code and templates in our style
	$(VENV)/bin/ruff check --fix-only
	$(VENV)/bin/ruff format
	@# Exit code 1 of djlint only says that it rewrote something.
	$(VENV)/bin/djlint --reformat --quiet site/templates || test $$? -eq 1

bench: $(VENV)/installed-dev ## Measure what is meant to be fast (ARGS=…)
	@$(PYTHON) -m benchmarks $(ARGS)

# Versions that are already in a file stay, unless ARGS="--upgrade" or "--upgrade-package NAME".
# With hashes, pip refuses a file that is not the one that was pinned.
COMPILE := $(VENV)/bin/uv pip compile pyproject.toml --quiet --universal --generate-hashes \
	--custom-compile-command "make lock"

lock: $(VENV)/installed-dev ## Pin the requirements of pyproject.toml, with hashes (ARGS=--upgrade)
	$(COMPILE) $(ARGS) --output-file requirements.txt
	$(COMPILE) $(ARGS) --group dev --constraints requirements.txt --output-file requirements-dev.txt

audit: $(VENV)/installed-dev ## Look for known vulnerabilities in the pinned packages
	@$(PYTHON) -m scripts.audit

messages: $(VENV)/installed ## Collect the texts to translate, and compile translations
	$(MANAGE) makemessages --locale en --locale ar --add-location file --extension html,txt,py,mjml \
	  --ignore $(VENV) --ignore var --ignore tests --ignore benchmarks
	$(PYTHON) -m scripts.french
	$(MANAGE) compilemessages --ignore $(VENV) --ignore var

clean: ## Remove what was installed or cached, not your data in var/
	rm -rf $(VENV) .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# Installed again when the requirements change, and only then.
# Every package is pinned, so pip has nothing to resolve; pip before 23.3 would look for a
# `pydantic[email]` beside the pydantic that is pinned.
INSTALL := $(PYTHON) -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps \
	--requirement

$(VENV)/installed: requirements.txt | $(PYTHON)
	$(INSTALL) $<
	@touch $@

# With all that requirements.txt has, at the same versions.
$(VENV)/installed-dev: requirements-dev.txt | $(PYTHON)
	$(INSTALL) $<
	@touch $@ $(VENV)/installed

$(PYTHON):
	@for python in $(PYTHONS); do \
	  if $$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then \
	    $$python -m venv $(VENV) && exit; \
	    rm -rf $(VENV); \
	    echo "$$python could not make a virtual environment: the reason is above." >&2; \
	    exit 1; \
	  fi; \
	done; \
	echo "Python 3.11 or later is needed; here python3 is: $$(python3 --version 2>&1)" >&2; \
	exit 1
