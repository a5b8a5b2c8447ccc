# Two commands do everything: `make run` (the main job, with a demo world) and `make test`.
PYTHON ?= python3
BIN := .venv/bin
STAMP := .venv/.installed
WORKERS ?= 3
unexport PYTHONDONTWRITEBYTECODE  # each process would compile everything anew

.PHONY: setup run test test-postgres test-all check bench bench-living bench-burden lock browser

setup: $(STAMP)

$(STAMP): requirements-dev.txt pyproject.toml
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@# Compiles the kernels once, and shows that the main job runs on this machine.
	$(BIN)/zaidao diagnose src/zaidao/diagnosis/demo/haiwan-group.xlsx --out .venv/first-run 2>.venv/first-run.log || { cat .venv/first-run.log; exit 1; }
	touch $(STAMP)

run: setup
	$(BIN)/zaidao run

# Browser tests never skip: where the browser is missing and may be installed, it is.
browser:
	@test -x /usr/bin/chromium || { test "$$(id -u)" = 0 && command -v apt-get >/dev/null \
	  && apt-get -o DPkg::Lock::Timeout=300 update -qq \
	  && apt-get -o DPkg::Lock::Timeout=300 install -y -qq --no-install-recommends chromium fonts-noto-cjk >/dev/null; } \
	  || { echo "The browser tests need Chromium at /usr/bin/chromium."; exit 1; }

test: setup browser
	$(BIN)/python -m pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder -q

# Everything that touches the database, on a real PostgreSQL of its own.
test-postgres: setup
	$(BIN)/python -m tests.postgres $(BIN)/python -m pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder -q --database

test-all: setup browser
	$(MAKE) test-postgres
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-cluster.txt
	$(BIN)/python -m pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder -q -m ""

check: setup
	$(BIN)/ruff check src tests bench
	$(BIN)/lint-imports
	$(BIN)/mypy
	$(BIN)/djlint --lint --quiet src
	DJANGO_SETTINGS_MODULE=zaidao.config.settings $(BIN)/python -m django makemigrations --check --dry-run

bench: setup
	$(BIN)/python -m bench.run

# The living system at full size on a PostgreSQL of its own: a quarter of an hour on two idle cores.
bench-living: setup
	$(BIN)/python -m tests.postgres $(BIN)/python -m bench.living

# A branch's regular month by the keyboard alone, counted: a minute and a half.
bench-burden: setup browser
	$(BIN)/python -m bench.burden

# Anew from pyproject.toml, with hashes and without the address of any registry.
lock: setup
	$(BIN)/python -m pip install --quiet uv
	$(BIN)/uv pip compile --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --quiet pyproject.toml -o requirements.txt
	$(BIN)/uv pip compile --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --quiet --extra postgres pyproject.toml -o requirements-postgres.txt
	$(BIN)/uv pip compile --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --quiet --group build -o requirements-build.txt
	$(BIN)/uv pip compile --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --quiet --group dev pyproject.toml -o requirements-dev.txt
	$(BIN)/uv pip compile --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --quiet --group dev --extra cluster pyproject.toml -o requirements-cluster.txt
