"""The model that ships: whole, as its card says, and as good as the README says."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from sklearn.metrics import roc_auc_score

from deepfake.analysis import analyze_image
from deepfake.classifier.classifier import Classifier
from deepfake.classifier.library import DEFAULT_FILE, EVALUATION_FILE, find_model, list_models, load_model_named
from deepfake.data.clip_layouts import read_clip_set
from deepfake.data.layouts import read_dataset
from deepfake.evaluation.clips import evaluate_clips, judge_clips
from deepfake.media.detectors import make_detector
from deepfake.reports.tables import clip_table, metrics_table, montage_table, robustness_table, verdict_table
from tests.conftest import REPO


@pytest.fixture(scope="module")
def shipped() -> Classifier:
    return load_model_named()


@pytest.fixture(scope="module")
def evaluation() -> dict:
    return json.loads((find_model() / EVALUATION_FILE).read_text(encoding="utf-8"))


def test_the_default_model_is_there() -> None:
    named = (REPO / "models" / DEFAULT_FILE).read_text(encoding="utf-8").strip()
    assert list_models()[0] == named


def test_every_shipped_file_is_small_enough_to_clone() -> None:
    for path in (REPO / "models").rglob("*"):
        assert path.stat().st_size < 60_000_000, path


def test_the_readme_and_the_docs_show_the_numbers_of_the_evaluation(shipped: Classifier, evaluation: dict) -> None:
    readme = (REPO / "README.md").read_text(encoding="utf-8")
    results = (REPO / "docs" / "results" / f"{shipped.card.name}.md").read_text(encoding="utf-8")
    assert verdict_table(evaluation) in readme
    assert metrics_table(evaluation) in readme
    assert clip_table(evaluation) in readme
    assert robustness_table(evaluation) in results
    assert montage_table(evaluation) in results


def test_the_card_repeats_the_evaluation(shipped: Classifier, evaluation: dict) -> None:
    for name, one in evaluation["sets"].items():
        for metric, estimate in shipped.card.metrics["sets"][name].items():
            if not metric.startswith("firm_"):
                assert estimate == one["metrics"][metric]
    assert evaluation["threshold"] == shipped.card.rules.threshold


def test_the_example_picture_gets_a_verdict_and_the_same_one_twice(shipped: Classifier, astronaut_bytes: bytes) -> None:
    first, second = (analyze_image(astronaut_bytes, shipped) for _ in range(2))
    assert len(first.faces) == 1
    assert first.verdict == second.verdict


def test_clips_judged_again_get_the_numbers_of_the_evaluation(
    shipped: Classifier, evaluation: dict, data_dir: Path
) -> None:
    dataset = read_clip_set(data_dir / "celeb-df-v2")
    again = evaluate_clips(judge_clips(dataset, dataset.clips, shipped), shipped.card)
    expected = evaluation["clips"]["celeb-df-v2"]
    for unit in ("frame", "clip"):
        assert again[unit]["num_real"] == expected[unit]["num_real"]
        measured = again[unit]["metrics"]["auc"]["value"]
        assert measured == pytest.approx(expected[unit]["metrics"]["auc"]["value"], abs=0.01)


def test_judging_files_one_by_one_ranks_them_as_evaluate_does(
    shipped: Classifier, evaluation: dict, data_dir: Path
) -> None:
    """What `check --faces central` says of a test split has the AUC that stands in evaluation.json."""
    dataset = read_dataset(data_dir / "140k")
    detector = make_detector(shipped.card.crop.detector)
    labels, probabilities = [], []
    for sample in (one for one in dataset.samples if one.split == "test"):
        data = (dataset.root / sample.path).read_bytes()
        analysis = analyze_image(data, shipped, faces="central", detector=detector)
        if analysis.faces:
            labels.append(sample.label)
            probabilities.append(analysis.verdict.probability)
    expected = evaluation["sets"]["140k"]["metrics"]["auc"]
    assert len(labels) == expected["n"]
    assert roc_auc_score(labels, probabilities) == pytest.approx(expected["value"], abs=0.005)
