# One line per habit; each works on a fresh clone.
.PHONY: app test lint types docs train

PYTHON = .venv/bin/python

.venv/ready: requirements.txt requirements-scale.txt requirements-dev.txt constraints.txt
	python3 -m venv .venv && .venv/bin/pip install -r requirements-dev.txt && touch .venv/ready

app: .venv/ready       ; $(PYTHON) -m streamlit run streamlit_app.py
test: .venv/ready      ; $(PYTHON) -m pytest -n 2 --dist loadfile
lint: .venv/ready      ; $(PYTHON) -m ruff check . && $(PYTHON) -m ruff format --check .
types: .venv/ready     ; $(PYTHON) -m mypy
docs: .venv/ready      ; $(PYTHON) -m mkdocs build --strict
train: .venv/ready     ; $(PYTHON) train.py
