# Two commands matter: `make book` and `make test`. Each makes .venv first when it is missing or older than the lock.
# Only Python >= 3.11 with venv, git and make are assumed; uv is fetched from PyPI where it is not on the PATH.
# A recipe's line is one command for any POSIX shell and for makes back to 3.81; several steps are Python in book/tools/.
.DELETE_ON_ERROR:

FITS := import sys, venv; sys.exit(sys.version_info < (3, 11))
PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11 python3.14 python; do \
	$$p -c '$(FITS)' >/dev/null 2>&1 && { command -v $$p; break; }; done)
# The PATH ends a folder at a colon, and the system's loader replaces $LIB, $ORIGIN and $PLATFORM in a library's path.
define NEEDS
@case "$$(pwd)" in *:*|*[$$]LIB*|*[$$]ORIGIN*|*[$$]PLATFORM*|*[$$]{*) \
	printf '%s\n' 'convae works in no folder whose path has : or a $$ of the loader, $$LIB say: '"$$(pwd)"; exit 1 ;; esac
@"$(PYTHON)" -c '$(FITS)' 2>/dev/null || \
	{ echo "convae needs Python 3.11 or newer with the venv module: install it, or name one with make PYTHON=..."; exit 1; }
endef
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/stamp
BOOTSTRAP = $(shell uv --version >/dev/null 2>&1 || echo .bootstrap/bin/uv)
UV = $(or $(BOOTSTRAP),uv)
# One thread a process: with two cores and two processes more threads only get in each other's way.
OMP_NUM_THREADS ?= 1
export OMP_NUM_THREADS

.PHONY: book serve lab test browser browsers lint types notebooks references lock data train environment clean test-colab test-wheel test-binder benchmarks
book: environment            ## build the book (cells that did not change are not run again)
	$(BIN)/python -m book.tools.build

serve: book                  ## the same, shown on localhost
	$(BIN)/python -m http.server --bind 127.0.0.1 --directory _build/html $${PORT:-8000}

lab: environment             ## JupyterLab: chapters (.md) open as notebooks by "Open With"
	$(BIN)/jupyter lab book

test: environment browser lint types ## everything CI runs
	$(BIN)/python -m book.tools.test

browser: environment         ## find a browser for the tests; BROWSER=/path names one, BROWSER=none downloads none
	$(BIN)/python -m book.tools.browser

browsers: book               ## the built pages in Firefox and WebKit, where they are; BROWSERS="command" names another
	$(BIN)/python -m book.tools.browsers

lint: environment
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: environment
	$(BIN)/mypy

notebooks: environment       ## write the .ipynb beside each chapter
	$(BIN)/python -m book.tools.notebooks

references: environment      ## run the chapters and store what their checked cells print
	$(BIN)/python -m pytest -p no:cacheprovider --nbval-lax --nbval-current-env --nbval-update book
	$(BIN)/python -m book.tools.notebooks

data: environment            ## download MNIST and Fashion-MNIST into the user's cache
	$(BIN)/python -m convae data mnist fashion-mnist

train: environment           ## every run of the book that is not in runs/ yet
	$(BIN)/python -m convae reproduce

# The package has to work beside what Colab has.
COLAB := .venv-colab
test-colab: environment browser $(COLAB)/stamp ## unit tests and chapters with Colab's torch and torchvision
	$(COLAB)/bin/python --version
	$(COLAB)/bin/python -m pytest -n 2 --dist loadfile tests --ignore tests/pages
	$(COLAB)/bin/python -m pytest -n 2 --dist loadfile --nbval-lax --nbval-current-env --nbval-cell-timeout 300 book

$(COLAB)/stamp: requirements.lock pyproject.toml | $(STAMP)
	$(BIN)/python -m book.tools.colab $(COLAB) "$(UV)"
	touch $@

test-wheel: environment      ## the wheel in an empty environment (part of make test)
	$(BIN)/python -m pytest tests/book/test_distribution.py -k wheel

test-binder: environment     ## what Binder picks up (part of make test)
	$(BIN)/python -m pytest tests/book/test_distribution.py -k binder

benchmarks: environment browser ## the measured limits, as tables
	$(BIN)/python -m benchmarks

lock: $(BOOTSTRAP)           ## resolve requirements.lock again
	"$(UV)" pip compile pyproject.toml --extra test --universal --generate-hashes --no-emit-index-url \
		--no-header --python-version 3.11 --upgrade -o requirements.lock

environment: $(STAMP)

# Without a stamp, what is there was interrupted half-way: it is made again from nothing. What is installed is compiled once:
# with PYTHONDONTWRITEBYTECODE, as in many containers, each process would else compile PyTorch and the rest anew.
$(STAMP): requirements.lock pyproject.toml | $(BOOTSTRAP)
	$(NEEDS)
	test -e $(STAMP) && test -x $(BIN)/python || "$(UV)" venv --quiet --clear --python "$(PYTHON)" $(VENV)
	"$(UV)" pip sync --quiet --compile-bytecode --python $(BIN)/python requirements.lock
	"$(UV)" pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation --editable .
	touch $(STAMP)

.bootstrap/bin/uv:
	$(NEEDS)
	"$(PYTHON)" -m venv --clear .bootstrap
	.bootstrap/bin/python -m pip install --quiet --disable-pip-version-check uv

clean:                       ## what the commands made, the environment included
	rm -rf $(VENV) $(COLAB) .bootstrap .browser _build .pytest_cache .mypy_cache .ruff_cache .hypothesis
