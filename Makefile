# Set-up, tests and checks. Nothing here needs more than Python >= 3.11 with venv, and make.
# Everything is installed from the locks in deploy/requirements, by hash; a second run needs no network.

VENV  := .venv
BIN   := $(VENV)/bin
LOCKS := deploy/requirements
PIP   := $(BIN)/python -m pip --disable-pip-version-check --no-input --quiet
UV    ?= uv
N     ?= 100000
MINUTES ?=
KILLS ?= 20
ARGS  ?=
PORT  ?=

.DEFAULT_GOAL := help
.PHONY: help run install test test-slow fuzz check bench growth soak crash hostile audit sbom looks lock clean again
.SUFFIXES:

# An environment of another interpreter, of another folder (scripts and the editable install hold its path) or
# of an interpreter that is gone is made again. Without PYTHON=, an environment that works is kept as it is.
ifeq ($(origin PYTHON),undefined)
  PYTHON := python3
else ifneq ($(shell cat $(VENV)/.python 2>/dev/null),$(PYTHON))
  $(VENV)/.made: again
endif
ifneq ($(shell cat $(VENV)/.place 2>/dev/null),$(CURDIR))
  $(VENV)/.made: again
endif
ifneq ($(shell $(BIN)/python -c 'print(1)' 2>/dev/null),1)
  $(VENV)/.made: again
endif
# Left behind by an installation that was cut short: packages may be half there.
ifneq ($(wildcard $(VENV)/.busy),)
  $(VENV)/.made: again
endif

# PORT=8081 moves the service and its URIs together.
ifneq ($(PORT),)
  run: export SHEAF_BASE_URL := http://127.0.0.1:$(PORT)
endif

help:  ## say what there is
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
	@echo '  PYTHON=python3.12 chooses the interpreter, PORT=8081 the port of make run,'
	@echo '  ARGS="-k title" goes to pytest, N=1000000 is the number of records of make bench'

run: install  ## set up, load records/, serve on http://127.0.0.1:8080 (PORT=... for another)
	@$(BIN)/sheaf ingest records
	@exec $(BIN)/sheaf serve $(if $(PORT),--port $(PORT))

install: $(VENV)/.run $(VENV)/.project $(VENV)/.yasgui  ## set up .venv with the command .venv/bin/sheaf

test: $(VENV)/.test $(VENV)/.project $(VENV)/.yasgui $(VENV)/.clients $(VENV)/.feeds  ## set up for tests and run them, but for the slow ones
	$(BIN)/python -m pytest -n auto --dist loadfile $(ARGS)

test-slow: $(VENV)/.test $(VENV)/.project $(VENV)/.yasgui  ## run the slow tests (minutes)
	$(BIN)/python -m pytest -m slow -n auto --dist loadfile $(ARGS)

fuzz: $(VENV)/.test $(VENV)/.project  ## hostile input to every reader for MINUTES (default 60); what is found is kept in tests/fuzz/seeds
	$(BIN)/python -m tests.fuzz --minutes $(or $(MINUTES),60) $(ARGS)

check: $(VENV)/.test $(VENV)/.project  ## lint, format, types, walls between rooms
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(VENV)/.test $(VENV)/.project  ## benchmarks side by side on N=100000 generated records
	$(BIN)/python -m tests.bench --records $(N) $(ARGS)

growth: $(VENV)/.test $(VENV)/.project  ## how everything grows with the records, and the plan of capacity (ARGS="--sizes 1000000 --stores DIR/log")
	$(BIN)/python -m tests.bench.scale $(ARGS)

soak: $(VENV)/.test $(VENV)/.project  ## mixed load on a real service for MINUTES (default 10), and what is left of it
	$(BIN)/python -m tests.soak --minutes $(or $(MINUTES),10) $(ARGS)

crash: $(VENV)/.test $(VENV)/.project  ## kill -9 at every named point, KILLS=20 times each, and a tally of what came of it
	$(BIN)/python -m tests.crash --kills $(KILLS) $(ARGS)

hostile: $(VENV)/.test $(VENV)/.project  ## slow and hostile clients through nginx, and what a reader beside them sees
	$(BIN)/python -m tests.hostile $(ARGS)

audit: $(VENV)/.test $(VENV)/.project $(VENV)/.audit  ## known holes in what runs (ARGS=--strict fails where nobody could be asked)
	$(BIN)/python -m tests.supply.audit $(AUDIT)/bin/pip-audit $(ARGS)

sbom: $(VENV)/.audit  ## what runs, as CycloneDX, in build/sheaf.cdx.json
	@mkdir -p build
	$(AUDIT)/bin/cyclonedx-py requirements --pyproject pyproject.toml --output-reproducible --of JSON \
	  -o build/sheaf.cdx.json $(LOCKS)/run.txt

looks: $(VENV)/.test $(VENV)/.project $(VENV)/.yasgui  ## pictures of each kind of page, by Chromium, in build/looks
	@mkdir -p build
	$(BIN)/python -m tests.looks build/looks $(ARGS)

# The only goal that needs uv (https://docs.astral.sh/uv/); run it after a change of dependencies.
COMPILE := $(UV) pip compile --universal --python-version 3.11 --generate-hashes --no-annotate --no-header \
	--no-config --quiet
lock:  ## write the locks again, with the newest versions that pyproject.toml allows
	$(COMPILE) --upgrade $(LOCKS)/build.in -o $(LOCKS)/build.txt
	$(COMPILE) --upgrade pyproject.toml -c $(LOCKS)/build.txt -o $(LOCKS)/run.txt
	$(COMPILE) --upgrade pyproject.toml --extra test --extra check -c $(LOCKS)/run.txt -o $(LOCKS)/test.txt
	$(COMPILE) --upgrade $(LOCKS)/audit.in -c $(LOCKS)/run.txt -o $(LOCKS)/audit.txt

clean:  ## remove .venv, build results and caches; data/ stays
	rm -rf $(VENV) build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# --- the environment, step by step; each stamp is written when its step is whole -------------------------------

$(VENV)/.made: $(LOCKS)/build.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
	  echo 'Sheaf needs Python 3.11 or newer, and $(PYTHON) is' "$$($(PYTHON) -V 2>&1 | tail -n 1)."; \
	  echo 'Name another one: make $(or $(MAKECMDGOALS),run) PYTHON=python3.12'; exit 1; } >&2
	@echo 'Setting up $(VENV) with' "$$($(PYTHON) -V)"
	@rm -rf $(VENV)
	@$(PYTHON) -m venv $(VENV) || { \
	  echo 'This Python cannot make environments. On Debian or Ubuntu: sudo apt-get install python3-venv'; \
	  exit 1; } >&2
	@touch $(VENV)/.busy
	@$(PIP) install --require-hashes -r $(LOCKS)/build.txt
	@printf '%s\n' '$(PYTHON)' > $(VENV)/.python
	@printf '%s\n' '$(CURDIR)' > $(VENV)/.place
	@rm $(VENV)/.busy
	@touch $@

$(VENV)/.run: $(VENV)/.made $(LOCKS)/run.txt
	@echo 'Installing what Sheaf runs on'
	@touch $(VENV)/.busy
	@$(PIP) install --no-build-isolation --require-hashes -r $(LOCKS)/run.txt
	@rm $(VENV)/.busy
	@touch $@

$(VENV)/.test: $(VENV)/.run $(LOCKS)/test.txt
	@echo 'Installing what the tests need'
	@touch $(VENV)/.busy
	@$(PIP) install --no-build-isolation --require-hashes -r $(LOCKS)/test.txt
	@rm $(VENV)/.busy
	@touch $@

$(VENV)/.project: $(VENV)/.made pyproject.toml
	@touch $(VENV)/.busy
	@$(PIP) install --no-build-isolation --no-index --no-deps --editable .
	@rm $(VENV)/.busy
	@touch $@

# Apart from everything else, whose versions it has no part in.
AUDIT := $(VENV)/audit
$(VENV)/.audit: $(VENV)/.made $(LOCKS)/audit.txt
	@rm -rf $(AUDIT) && $(BIN)/python -m venv $(AUDIT)
	@$(AUDIT)/bin/python -m pip --disable-pip-version-check --no-input --quiet install --require-hashes -r $(LOCKS)/audit.txt
	@touch $@

# The editor of the page /sparql (YASGUI), by the hashes in its lock, from the npm registry, without any script of a
# package being run. It is a comfort: without npm or a network everything else goes on, and the page has a plain
# editor. What failed is tried again the next time.
YASGUI := $(VENV)/share/sheaf/yasgui
NPM    ?= npm
$(VENV)/.yasgui: $(VENV)/.made deploy/yasgui/package.json deploy/yasgui/package-lock.json
	@if ! command -v $(NPM) >/dev/null; then \
	  echo 'There is no npm here, so the page /sparql has a plain editor. To have YASGUI, install npm (on Debian or'; \
	  echo 'Ubuntu: sudo apt-get install npm) and run make install again.'; exit 0; fi; \
	echo 'Bringing in the SPARQL editor'; \
	rm -rf $(VENV)/.npm && mkdir -p $(VENV)/.npm $(YASGUI) && cp deploy/yasgui/package*.json $(VENV)/.npm && \
	$(NPM) ci --prefix $(VENV)/.npm --ignore-scripts --no-audit --no-fund --fetch-retries=0 --fetch-timeout=30000 \
	  >$(VENV)/.npm/said 2>&1 && \
	cp $(VENV)/.npm/node_modules/@zazuko/yasgui/build/yasgui.min.js \
	  $(VENV)/.npm/node_modules/@zazuko/yasgui/build/yasgui.min.css $(YASGUI) && touch $@ || { \
	  echo 'It could not be brought in, so the page /sparql has a plain editor. npm said:'; \
	  tail -n 3 $(VENV)/.npm/said; echo 'To try again: make install'; }; \
	rm -rf $(VENV)/.npm

# Clients of others for the tests, in the same way: Comunica, a SPARQL engine, and rdf-dereference. Without them their
# tests are skipped.
CLIENTS := $(VENV)/share/sheaf/clients
$(VENV)/.clients: $(VENV)/.made tests/clients/package.json tests/clients/package-lock.json
	@if ! command -v $(NPM) >/dev/null; then \
	  echo 'There is no npm here, so Comunica and rdf-dereference are left out, and their tests skipped.'; exit 0; fi; \
	echo 'Bringing in Comunica and rdf-dereference for the tests'; \
	rm -rf $(CLIENTS) && mkdir -p $(CLIENTS) && cp tests/clients/package*.json $(CLIENTS) && \
	$(NPM) ci --prefix $(CLIENTS) --ignore-scripts --no-audit --no-fund --fetch-retries=0 --fetch-timeout=30000 \
	  >$(CLIENTS)/said 2>&1 && touch $@ || { \
	  echo 'They could not be brought in, so their tests are skipped. npm said:'; \
	  tail -n 3 $(CLIENTS)/said; echo 'To try again: make test'; rm -rf $(CLIENTS)/node_modules; }

# And ldes-client, which follows event streams.
FEEDS := $(VENV)/share/sheaf/feeds
$(VENV)/.feeds: $(VENV)/.made tests/feeds/client/package.json tests/feeds/client/package-lock.json
	@if ! command -v $(NPM) >/dev/null; then \
	  echo 'There is no npm here, so ldes-client is left out, and its tests skipped.'; exit 0; fi; \
	echo 'Bringing in ldes-client for the tests'; \
	rm -rf $(FEEDS) && mkdir -p $(FEEDS) && cp tests/feeds/client/package*.json $(FEEDS) && \
	$(NPM) ci --prefix $(FEEDS) --ignore-scripts --no-audit --no-fund --fetch-retries=0 --fetch-timeout=30000 \
	  >$(FEEDS)/said 2>&1 && touch $@ || { \
	  echo 'It could not be brought in, so its tests are skipped. npm said:'; \
	  tail -n 3 $(FEEDS)/said; echo 'To try again: make test'; rm -rf $(FEEDS)/node_modules; }
