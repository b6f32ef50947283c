# The portal's verbs. `make` alone explains them; the work is in tools/, one small script each.
SHELL := /bin/bash
# letters are UTF-8 whatever the machine's language says
export PYTHONUTF8 := 1
.DEFAULT_GOAL := help
PYTHON := .venv/bin/python
ARGS ?=

.PHONY: help run test soak faults fuzz bare browsers lint bench mixed-load demo-reset pictures setup setup-test lock clean fonts translations

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
	@echo '  PORT, HOST, PORTAL_DATABASE_URL and the other PORTAL_* settings are honoured; see README.md.'

run: ## set up what is missing, then start the portal on http://localhost:8000 (Ctrl-C stops it)
	@exec tools/run.sh

test: ## set up what is missing, then run every test (ARGS="-k word" narrows it)
	@exec tools/test.sh $(ARGS)

soak: setup-test ## races and killed workers at full size, on both databases: half an hour
	@exec tools/soak.sh $(ARGS)

fuzz: setup-test ## 1,000 odd requests a door, 500 foreign objects a role, 50,000 broken messages, on both databases: a quarter of an hour
	@exec tools/fuzz.sh $(ARGS)

browsers: setup-test ## the main journeys in Firefox and WebKit too; as root it installs them: a few minutes
	@exec tools/browsers.sh $(ARGS)

bare: ## what a newcomer meets: bare roots of Debian 12 and 13, `make run` and `make test` as root and as a user (root)
	@exec tools/bare.sh

faults: setup-test ## stop, cut, fill and kill what the portal stands on; the table goes into docs/reliability.md (20 minutes, as root)
	@exec tools/portal.sh python -m tests.faults $(ARGS)

lint: setup-test ## ruff, types, import contracts, template lint
	@exec tools/lint.sh

bench: setup-test ## measure the portal against its baselines, in ratios
	@exec tools/portal.sh python -m tests.bench $(ARGS)

mixed-load: setup-test ## half an hour of everything at once, then the proof that nothing was lost (ARGS=--minutes=3)
	@exec tools/portal.sh python -m tests.bench.mixed $(ARGS)

demo-reset: setup ## throw away var/portal.sqlite with its files and load the demonstration set anew
	@exec tools/demo-reset.sh

pictures: setup-test ## take the README's pictures anew
	@exec tools/portal.sh python tools/pictures.py $(ARGS)

setup: ## the environment, fonts and translations for `make run`
	@exec tools/setup.sh run

setup-test: ## the same for tests and lint
	@exec tools/setup.sh test

fonts: setup ## subset the web fonts again
	@$(PYTHON) tools/fonts.py

translations: setup ## compile the translations again
	@$(PYTHON) -m babel.messages.frontend compile -d portal/translations --statistics

lock: setup-test ## resolve the dependencies of setup.cfg into requirements/*.txt, with hashes
	@exec tools/lock.sh $(ARGS)

clean: ## remove what the commands above made, except var/ (the data)
	@rm -rf .venv .cache .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache portal.egg-info
	@rm -f static/fonts/*.woff2 portal/translations/*/LC_MESSAGES/*.mo
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
