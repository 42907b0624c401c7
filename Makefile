# Ndalama's commands. They need Python >= 3.12 and make; everything else goes into .venv/ and var/ of this checkout.

# Each candidate is run, not only looked up: a pyenv shim can exist and still fail. PYTHON=… overrides.
define FIND_PYTHON
if [ -n "$$PYTHON" ]; then set -- "$$PYTHON"; \
else set -- .venv/bin/python python3.13 python3.14 python3.12 python3 python \
  "$${PYENV_ROOT:-$$HOME/.pyenv}"/versions/3.1[2-9]*/bin/python3; fi; \
for python in "$$@"; do \
  "$$python" -I -S -c 'import sys; sys.exit(sys.version_info < (3, 12))' 2>/dev/null && break; \
  python=; \
done; \
if [ -z "$$python" ]; then \
  echo "Ndalama needs Python 3.12 or newer$${PYTHON:+, and PYTHON=$$PYTHON is none}:" \
    "install one, or name yours with make PYTHON=/path/to/python3." >&2; \
  exit 1; \
fi
endef
RUN = .venv/bin/python
# Everything here starts many processes. Where compiled files may not be kept, each takes 6 s to begin instead of 2.
unexport PYTHONDONTWRITEBYTECODE
LOCK = .venv/bin/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-annotate \
  --python-version 3.12 --custom-compile-command "make lock"

.PHONY: help demo test check chaos bench lock key clean runtime dev

help: ## this list
	@sed -n 's/^\([a-z]*\):.*## /\1	/p' Makefile | while IFS='	' read -r name text; do printf '  make %-7s %s\n' "$$name" "$$text"; done

demo: runtime ## run the whole product here, in the foreground (PORT, SIM_PORT, DATA_DIR, DATABASE_URL)
	@$(RUN) -m deploy.demo

test: dev ## run every test, browser tests included (ARGS="-k name" for some)
	@$(RUN) -m deploy.test_runner $(ARGS)

check: dev ## format, lint, types, import contracts, templates, migrations
	@$(RUN) -m deploy.check_runner

chaos: dev ## kill everything while money moves, then compare with what moved (N payments, SECONDS, SEED, FAULTS, KILL_EVERY, REDIS=1)
	@$(RUN) -m tests.chaos

bench: dev ## measure, beside a reference measured in the same run; writes var/bench.json
	@$(RUN) -m bench $(ARGS)

lock: dev ## write the two lock files from pyproject.toml (ARGS=--upgrade for newer versions)
	@$(LOCK) pyproject.toml --output-file requirements.lock $(ARGS)
	@$(LOCK) pyproject.toml --group dev --constraints requirements.lock --output-file requirements-dev.lock $(ARGS)

key: runtime ## print a new key for ENCRYPTION_KEYS
	@$(RUN) -c 'from cryptography.fernet import Fernet; print(Fernet.generate_key().decode())'

clean: ## remove what the tools made, but neither .venv nor the demo's data
	@rm -rf .coverage .coverage.* htmlcov .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache var/tests
	@find . -name __pycache__ -not -path './.venv/*' -prune -exec rm -rf {} +

runtime dev:
	@$(FIND_PYTHON); "$$python" -I bootstrap.py $@
