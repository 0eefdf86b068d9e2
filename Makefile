# Two commands are enough: `make run` and `make test`. Both set up first what is missing.
SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.ONESHELL:
.DEFAULT_GOAL := help
unexport PYTHONDONTWRITEBYTECODE        # without byte code every process compiles everything again
export DO_NOT_TRACK := 1
export DBT_SEND_ANONYMOUS_USAGE_STATS := false
export GX_ANALYTICS_ENABLED := false

PYTHON ?= python3
PORT ?= 3000
SITE_PORT ?= 8000
export OGI_HOME ?= data
BIN := .venv/bin
STAMP := .venv/.installed

.PHONY: help setup run test test-spark test-postgres ui docs serve bench lock clean

help:
	@echo "make run    the whole pipeline over OGI_CATALOG (default: the bundled samples) into OGI_HOME (default: ./data)"
	@echo "make test   lint, types, import rules and all tests"
	@echo "make test-spark  the whole job on a Spark cluster on loopback, proven equal to DuckDB (needs Java 17)"
	@echo "make test-postgres  Dagster's storage on a real PostgreSQL (needs Debian's postgresql)"
	@echo "make ui     Dagster UI on http://127.0.0.1:$(PORT) (PORT=…)"
	@echo "make docs   publish again what was collected, with the sites"
	@echo "make serve  the sites on http://127.0.0.1:$(SITE_PORT) (SITE_PORT=…); they open as files, too"
	@echo "make bench  benchmarks: reading and its accuracy, fetching, the pages, identities, models, the pipeline by phase"
	@echo "make setup  only the virtual environment .venv (PYTHON=python3.12 to choose the Python)"
	@echo "make lock   compile requirements.lock again (needs uv)"
	@echo "make clean  remove what was generated; never OGI_HOME"

setup: $(STAMP)

$(STAMP): requirements.lock pyproject.toml
	@command -v $(PYTHON) > /dev/null || { echo "No $(PYTHON) here. Python 3.11, 3.12 or 3.13 is needed: make PYTHON=/path/to/python3.12" >&2; exit 1; }
	$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' || {
	  echo "$$($(PYTHON) --version) found, but 3.11, 3.12 or 3.13 is needed: make PYTHON=/path/to/python3.12" >&2; exit 1; }
	echo "Setting up .venv with $$($(PYTHON) --version): about 150 packages at the versions of requirements.lock, one to two minutes ..."
	$(PYTHON) -m venv .venv || { echo "No virtual environment could be made (on Debian and Ubuntu: apt install python3-venv)" >&2; exit 1; }
	$(BIN)/python -m pip install -qq --disable-pip-version-check --no-deps --require-hashes -r requirements.lock
	$(BIN)/python -m pip install -qq --disable-pip-version-check --no-deps --no-build-isolation -e .
	touch $@
	echo "Set up."

run: $(STAMP)
	@exec $(BIN)/python -m orchestration.run

test: $(STAMP)
	@$(BIN)/ruff check --quiet .
	$(BIN)/ruff format --check --quiet .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m pytest --numprocesses auto --maxprocesses 4 --dist loadfile --no-loadscope-reorder

# The client goes into .venv; the server, of the same version, and its jars into an environment of its own that sees .venv's
# packages, as workers of a cluster have this project installed. Java is asked for first: without it this fails.
SPARK_SERVER := .venv-spark
SPARK_STAMP := $(SPARK_SERVER)/.installed

$(SPARK_STAMP): .ci/spark.lock $(STAMP)
	@command -v java > /dev/null || { echo "No java here: Spark needs Java 17 (Debian: openjdk-17-jre-headless)" >&2; exit 1; }
	$(BIN)/python -m pip install -qq --disable-pip-version-check --no-deps --require-hashes -r .ci/spark.lock
	$(BIN)/python -m venv $(SPARK_SERVER)
	version=$$(sed -n 's/^pyspark-client==\([0-9.]*\).*/\1/p' .ci/spark.lock)
	$(SPARK_SERVER)/bin/python -m pip install -qq --disable-pip-version-check pyspark==$$version
	site=$$($(BIN)/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')
	printf '%s\n' "$$site" "$$PWD" > "$$($(SPARK_SERVER)/bin/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/zz_project.pth"
	touch $@

test-spark: $(SPARK_STAMP)
	@exec timeout --kill-after=60 3600 $(BIN)/python -m tests.spark.proof --server $(SPARK_SERVER) --reports $(or $(REPORTS),2000)

test-postgres: $(STAMP)
	@$(BIN)/python -m pip install -qq --disable-pip-version-check --no-deps --require-hashes -r .ci/postgres.lock
	exec timeout --kill-after=60 900 $(BIN)/python -m tests.postgres.proof

# In a process group of its own: dagster dev starts children, and an interrupt must reach them all. Beside it the sites, so that
# the links of failed checks lead somewhere: a browser opens no file from a page that came over http.
ui: $(STAMP)
	@$(BIN)/python -m orchestration.run --prepare-only
	export DAGSTER_HOME="$$(cd "$$OGI_HOME/dagster" && pwd)"
	export OGI_SITE_URL="$${OGI_SITE_URL:-http://127.0.0.1:$(SITE_PORT)}"
	set -m
	$(BIN)/python -m http.server --bind 127.0.0.1 --directory "$$OGI_HOME/site" $(SITE_PORT) > /dev/null 2>&1 &
	site=$$!
	$(BIN)/dagster dev -w workspace.yaml -h 127.0.0.1 -p $(PORT) &
	child=$$!
	stop() {  # politely, then for good: dagster dev may hang when it is interrupted while it starts
	  trap - INT TERM EXIT
	  kill -TERM -- -$$site 2> /dev/null || true
	  kill -INT -- -$$child 2> /dev/null || return 0
	  for _ in {1..20}; do kill -0 -- -$$child 2> /dev/null || return 0; sleep 0.5; done
	  kill -KILL -- -$$child 2> /dev/null || true
	}
	trap stop INT TERM EXIT
	wait $$child

docs: $(STAMP)
	@exec $(BIN)/python -m orchestration.run --job publish

serve: $(STAMP)
	@[ -f "$$OGI_HOME/site/index.html" ] || { echo "No site in $$OGI_HOME yet: make run" >&2; exit 1; }
	exec $(BIN)/python -m http.server --bind 127.0.0.1 --directory "$$OGI_HOME/site" $(SITE_PORT)

bench: $(STAMP)
	@$(BIN)/python -m tests.bench.reading
	$(BIN)/python -m tests.bench.accuracy --count 300 --show 5
	$(BIN)/python -m tests.bench.fetching --rounds 3
	$(BIN)/python -m tests.bench.pages
	$(BIN)/python -m tests.bench.identities --reports 20000 --rounds 3
	$(BIN)/python -m tests.bench.models --facts 200000
	$(BIN)/python -m tests.bench.pipeline

LOCK := uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --no-emit-index-url --no-emit-find-links

lock:
	@$(LOCK) --group dev pyproject.toml -o requirements.lock
	$(LOCK) --extra ocr -c requirements.lock pyproject.toml -o .ci/ocr.lock
	$(LOCK) --extra postgres -c requirements.lock pyproject.toml -o .ci/postgres.lock
	$(LOCK) --extra spark -c requirements.lock pyproject.toml -o .ci/spark.lock

clean:
	rm -rf build dbt_project/target dbt_project/logs logs .pytest_cache .ruff_cache .mypy_cache .hypothesis .import_linter_cache *.egg-info
	find . -name __pycache__ -type d -not -path './.venv/*' -prune -exec rm -rf {} +
