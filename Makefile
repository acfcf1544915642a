# Everything runs from a fresh clone: each target installs first what it needs, into the checkout and nowhere else.
PYTHON ?= python3
ARGS ?=
NAME ?= startup
VENV := .venv/bin
TOOLS := $(PYTHON) scripts/install_tools
LOCK := UV_CUSTOM_COMPILE_COMMAND="make lock" .tools/uv/bin/uv pip compile --quiet --universal --python-version 3.11 \
	--generate-hashes --no-emit-index-url --no-annotate $(ARGS)

.PHONY: help demo test check bench deep lock clean

help: ## Print these lines
	@sed -nE 's/^([a-z]+):.*## (.*)/  make \1\t\2/p' Makefile

demo: ## Start a whole community on this machine and print its address (ARGS=--tour plays its story and ends)
	@$(TOOLS) demo
	@$(VENV)/python scripts/demo.py $(ARGS)

test: ## Run all tests but the deep ones (ARGS are pytest's)
	@$(TOOLS) test
	@$(VENV)/python scripts/run_tests.py $(ARGS)

check: ## Run the static checks: format, lint, types, import rules, sizes, ABI freshness
	@$(TOOLS) check
	@$(VENV)/python scripts/run_checks.py $(ARGS)

deep: ## Run the tests that take long: more examples, longer histories
	@$(TOOLS) test
	@$(VENV)/python scripts/run_tests.py --deep $(ARGS)

bench: ## Run a benchmark of scripts/bench and write docs/benchmarks (NAME=startup, gas, ...)
	@$(TOOLS) test
	@$(VENV)/python -m scripts.bench.$(NAME) $(ARGS)
	@$(VENV)/python -m scripts.bench.report $(NAME)

lock: ## Resolve pyproject.toml and package.json into the lock files (ARGS=--upgrade for newer versions)
	@$(TOOLS) check
	$(LOCK) requirements/uv.in -o requirements/uv.txt
	$(LOCK) requirements/node.in -o requirements/node.txt
	$(LOCK) requirements/build.in -o requirements/build.txt
	$(LOCK) --group contracts --group test pyproject.toml -o requirements/test.txt
	$(LOCK) -c requirements/test.txt --group contracts pyproject.toml -o requirements/demo.txt
	$(LOCK) -c requirements/test.txt pyproject.toml -o requirements/runtime.txt
	npm install --package-lock-only

clean: ## Delete all that was installed or built here; the demo's data too
	rm -rf .venv .tools .build .demo node_modules dist build .mypy_cache .pytest_cache .ruff_cache .hypothesis .coverage*
