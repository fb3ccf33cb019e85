"""What the tests of the page do again and again: drop files, read verdicts, put measurements beside a model."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from streamlit.testing.v1 import AppTest

from deepfake.classifier.card import Card, write_card
from deepfake.classifier.classifier import CARD_FILE

SPLITS = {"train": {"real": 600, "fake": 590}, "valid": {"real": 1, "fake": 1}, "test": {"real": 122, "fake": 126}}


def add_model(models: Path, card: Card) -> Path:
    """Put a card where the page looks for models."""
    folder = models / card.name
    folder.mkdir(exist_ok=True)
    write_card(folder / CARD_FILE, card)
    return folder


def upload(page: AppTest, *files: tuple[str, bytes]) -> AppTest:
    """Drop files and let the page answer."""
    page.file_uploader(key="files").set_value([(name, data, "image/png") for name, data in files])
    page.run()
    assert not page.exception, [error.value for error in page.exception]
    return page


def choose(page: AppTest, label: str, value: object) -> AppTest:
    """Click pills that stand under a label."""
    next(one for one in page.get("button_group") if one.proto.label == label).set_value(value).run()
    assert not page.exception, [error.value for error in page.exception]
    return page


def open_fold(page: AppTest, start: str) -> AppTest:
    """Open a fold-out whose title begins so."""
    page.session_state[next(box.key for box in page.expander if box.label.startswith(start))] = True
    page.run()
    assert not page.exception, [error.value for error in page.exception]
    return page


def html_of(page: AppTest) -> list[str]:
    """The bodies of the page's own HTML pieces."""
    return [element.proto.body for element in page.get("html")]


def verdict_of(page: AppTest) -> str:
    """The first verdict card."""
    return next(body for body in html_of(page) if 'aria-label="Verdict"' in body)


def alternative_texts(page: AppTest) -> list[str]:
    """Of all pictures; an empty text stands for a picture that has none."""
    return [image.alt for element in page.get("image") for image in element.proto.imgs]


def all_text(page: AppTest) -> str:
    """What the page says outside its own HTML."""
    kinds = (page.markdown, page.caption, page.info, page.warning, page.error, page.subheader)
    return "\n".join(str(element.value) for kind in kinds for element in kind)


def estimate(value: float, n: int = 248) -> dict[str, Any]:
    """A measured value as `evaluation.json` has it."""
    return {"value": value, "low": value - 0.02, "high": value + 0.02, "n": n}


def write_evaluation(folder: Path, *, worst_auc: float = 0.71) -> None:
    """Put measurements beside a model: two sets with both classes, one of real faces alone."""
    curve = [0.0, 0.5, 1.0]
    both = {
        "unit": "image",
        "num_real": 122,
        "num_fake": 126,
        "num_without_face": 3,
        "metrics": {"auc": estimate(0.93), "accuracy": estimate(0.85), "ap": estimate(0.9)},
        "confusion": [[110, 12], [26, 100]],
        "firm": {
            "coverage": estimate(0.7),
            "correctness": estimate(0.93),
            "verdicts": {
                "real": {"real": 98, "uncertain": 14, "fake": 10},
                "fake": {"real": 15, "uncertain": 25, "fake": 86},
            },
        },
        "roc": {"false_alarm_rate": curve, "detection_rate": curve},
        "precision_recall": {"recall": curve, "precision": curve[::-1]},
        "reliability": [{"low": 0.7, "high": 0.8, "n": 50, "mean_probability": 0.8, "share_fake": 0.78}],
    }
    real_alone = {
        **both,
        "num_fake": 0,
        "metrics": {"false_alarm_rate": estimate(0.1)},
        "confusion": [[110, 12], [0, 0]],
        "roc": None,
        "precision_recall": None,
    }
    hard = {**both, "metrics": {**both["metrics"], "auc": estimate(worst_auc)}}
    values = {
        "format_version": 1,
        "model": folder.name,
        "split": "test",
        "threshold": 0.6,
        "band": [0.3, 0.7],
        "sets": {"140k": both, "ciplab": hard, "lfw": real_alone},
        "macro": {"auc": estimate(0.82), "accuracy": estimate(0.8)},
    }
    (folder / "evaluation.json").write_text(json.dumps(values), encoding="utf-8")


def add_to_evaluation(folder: Path, **changes: Any) -> None:
    """Change what `write_evaluation` wrote."""
    path = folder / "evaluation.json"
    values = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps(values | changes), encoding="utf-8")


def measured_set(folder: Path, name: str = "140k", **changes: Any) -> dict[str, Any]:
    """A set that `write_evaluation` wrote, changed as wished."""
    values = json.loads((folder / "evaluation.json").read_text(encoding="utf-8"))
    return {**values["sets"][name], **changes}


def write_history(folder: Path) -> None:
    """Put three epochs beside a model."""
    lines = [
        "epoch,accuracy,auc,loss,val_accuracy,val_auc,val_loss",
        "0,0.55,0.6,0.7,0.56,0.61,0.69",
        "1,0.65,0.8,0.5,0.64,0.78,0.55",
        "2,0.75,0.9,0.3,0.63,0.77,0.6",
    ]
    (folder / "history.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")


def show(page: AppTest, tab: str) -> AppTest:
    """Turn to a tab."""
    page.session_state["tab"] = tab
    page.run()
    assert not page.exception, [error.value for error in page.exception]
    return page


def tables(page: AppTest) -> str:
    """All tables, as text."""
    return "\n".join(table.value.to_string() for table in page.table)


def rows_of(page: AppTest, column: str) -> list[dict[str, str]]:
    """The rows of the table that has such a column."""
    return next(table.value for table in page.table if column in table.value.columns).to_dict("records")


def unfold(page: AppTest, key: str) -> AppTest:
    """Open the fold that keeps its state under a key."""
    page.session_state[key] = True
    page.run()
    assert not page.exception, [error.value for error in page.exception]
    return page
