"""Explanations of faces: made step by step, kept in the session, and gone on with where a click interrupted them."""

from __future__ import annotations

import time
from collections.abc import Callable, Hashable, Iterator
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import streamlit as st

from deepfake.app.loading import load_libraries
from deepfake.app.models import get_classifier, model_identity
from deepfake.app.options import ExplanationOptions
from deepfake.app.results import EXPLANATIONS, UNFINISHED, Upload
from deepfake.reports.pictures import encode

if TYPE_CHECKING:
    from deepfake.classifier.card import Card
    from deepfake.classifier.classifier import Classifier
    from deepfake.explain.base import Explanation, ExplanationSettings
    from deepfake.explain.checks import DeletionCheck
    from deepfake.explain.perturbed import PerturbedFace
    from deepfake.explain.wording import Account, Area
    from deepfake.media.faces import Point
    from deepfake.media.images import RGBImage
    from deepfake.media.quality import FaceQuality

OnProgress = Callable[[int], None]  # variants of the face judged so far


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """A face to be explained.

    Attributes:
        upload: The file it is in.
        card: Of the model.
        options: How thoroughly.
        part: Which face of the file; sets it apart from the file's others.
        crop: The face, as `crop_face` cut it.
        landmarks: Of the face, as `points_in_crop` gives them; may be empty.
        quality: How much there is to see of it.
        whose: "face 2", or "the face".
        key: Sets its widgets apart from those of others.
    """

    upload: Upload
    card: Card
    options: ExplanationOptions
    part: Hashable
    crop: RGBImage
    landmarks: tuple[Point, ...]
    quality: FaceQuality
    whose: str
    key: str

    @property
    def identity(self) -> tuple[Any, ...]:
        """Under which its explanation is kept."""
        return _identity(self.upload, self.card, self.part, self.options)


@dataclass(frozen=True, slots=True, kw_only=True)
class ExplainedFace:
    """An explanation, as far as it is known by now.

    Attributes:
        explanation: What the probability rests on.
        areas: The leading ones, strongest first.
        check: What hiding them does; None where there is nothing to hide, and before the end.
        account: All of it in sentences; None before the end.
        crop: Encoded crop.
        seconds: Time taken.
        overlays: Encoded, by the strength of their colors in percent; drawn when first wanted.
    """

    explanation: Explanation
    areas: tuple[Area, ...]
    check: DeletionCheck | None
    account: Account | None
    crop: bytes
    seconds: float
    overlays: dict[int, bytes] = field(default_factory=dict)

    def overlay(self, strength_percent: int = 100) -> bytes:
        """The map over the face, encoded."""
        if strength_percent not in self.overlays:
            from deepfake.reports.overlay import draw_overlay

            made = self.explanation
            self.overlays[strength_percent] = encode(
                draw_overlay(
                    made.crop,
                    made.segments,
                    made.agreed_weights,
                    [area.segment for area in self.areas],
                    disputed=made.disputed,
                    strength=strength_percent / 100,
                )
            )
        return self.overlays[strength_percent]


def recall(subject: Subject) -> ExplainedFace | None:
    """The finished explanation, if it was made before."""
    return recall_part(subject.upload, subject.card, subject.part, subject.options)


def recall_part(upload: Upload, card: Card, part: Hashable, options: ExplanationOptions) -> ExplainedFace | None:
    """The finished explanation of a part of a file, if it was made before."""
    key = _identity(upload, card, part, options)
    found: ExplainedFace | None = st.session_state.get(EXPLANATIONS, {}).get(key)
    return found


def parts_explained(
    upload: Upload, card: Card, options: ExplanationOptions
) -> Callable[[], dict[Hashable, ExplainedFace]]:
    """All finished explanations of a file, by its parts, whenever the answer is asked for.

    The answer needs no session: it may be asked for beside the page, and knows what was made until then.
    """
    made: dict[tuple[Any, ...], ExplainedFace] = st.session_state.setdefault(EXPLANATIONS, {})
    found_in = _identity(upload, card, None, options)

    def answer() -> dict[Hashable, ExplainedFace]:
        parts = {}
        for (sha256, model, part, chosen), explained in list(made.items()):
            if (sha256, model, None, chosen) == found_in:
                parts[part] = explained
        return parts

    return answer


def refine(subject: Subject, on_progress: OnProgress) -> Iterator[ExplainedFace]:
    """Explain a face, better with each step, and remember the end.

    What was judged is kept if a click ends this, so that the next run of the page goes on from there.

    Args:
        subject: The face.
        on_progress: Called while variants are judged; what it raises stops the work.

    Yields:
        A first, unchecked map; then better ones; last the finished one, tested by hiding its areas.

    Raises:
        ExplanationSettingsError: Face parts are wanted and the face finder gave no points.
        ModelError: The model cannot be used.
    """
    load_libraries()
    from deepfake.explain import explaining

    unfinished: dict[Any, _Work] = st.session_state.setdefault(UNFINISHED, {})
    work = unfinished.get(subject.identity) or _begin(subject)
    unfinished[subject.identity] = work
    work.judge.on_progress = on_progress
    started = time.perf_counter()
    for explanation in explaining.refine(work.face, _settings(subject.options)):
        if not explanation.is_final:
            yield _prepare(subject, explanation, time.perf_counter() - started)
    made = _finish(subject, work.face, explanation, started)
    st.session_state.setdefault(EXPLANATIONS, {})[subject.identity] = made
    del unfinished[subject.identity]
    yield made


def _identity(upload: Upload, card: Card, part: Hashable, options: ExplanationOptions) -> tuple[Any, ...]:
    """The file's hash comes first: by it, what is no longer on the page is forgotten."""
    return upload.sha256, model_identity(card), part, options


class _Judge:
    """The model, and who is to be told how many variants it has judged."""

    def __init__(self, classifier: Classifier) -> None:
        self.on_progress: OnProgress | None = None
        self._classifier = classifier
        self._done = 0

    def __call__(self, crops: Any) -> Any:
        values = self._classifier.probabilities(crops)
        self._done += len(crops)
        if self.on_progress is not None:
            self.on_progress(self._done)
        return values


@dataclass(frozen=True, slots=True, kw_only=True)
class _Work:
    """A face whose explanation is being made, with all that was judged of it."""

    face: PerturbedFace
    judge: _Judge


def _settings(options: ExplanationOptions) -> ExplanationSettings:
    from deepfake.explain.base import ExplanationSettings

    return ExplanationSettings(
        method=options.method,
        segmentation=options.segmentation,
        num_segments=options.num_segments,
        num_samples=options.num_samples,
        max_samples=4 * options.num_samples,
        seed=options.seed,
    )


def _begin(subject: Subject) -> _Work:
    from deepfake.explain import explaining

    classifier = get_classifier(subject.card)
    judge = _Judge(classifier)
    face = explaining.perturb_face(
        subject.crop,
        judge,
        side_px=classifier.card.crop.side_px,
        settings=_settings(subject.options),
        landmarks=subject.landmarks,
    )
    return _Work(face=face, judge=judge)


def _prepare(
    subject: Subject,
    explanation: Explanation,
    seconds: float,
    *,
    check: DeletionCheck | None = None,
    account: Account | None = None,
) -> ExplainedFace:
    from deepfake.reports.overlay import upscaled

    return ExplainedFace(
        explanation=explanation,
        areas=_areas(subject, explanation),
        check=check,
        account=account,
        crop=encode(upscaled(explanation.crop)),
        seconds=seconds,
    )


def _finish(subject: Subject, face: PerturbedFace, explanation: Explanation, started: float) -> ExplainedFace:
    """Test the map by hiding its areas, and say what was found."""
    from deepfake.explain.checks import check_by_hiding
    from deepfake.explain.parts import is_in_profile
    from deepfake.explain.wording import give_account, what_could_mislead

    rules = subject.card.rules
    check = check_by_hiding(face, explanation, threshold=rules.threshold) if explanation.is_stable else None
    account = give_account(explanation, check, _areas(subject, explanation), rules)
    cautions = what_could_mislead(
        subject.quality,
        rules,
        model_side_px=subject.card.crop.side_px,
        in_profile=is_in_profile(subject.landmarks),
    )
    account = replace(account, cautions=(*account.cautions, *cautions))
    return _prepare(subject, explanation, time.perf_counter() - started, check=check, account=account)


def _areas(subject: Subject, explanation: Explanation) -> tuple[Area, ...]:
    from deepfake.explain.places import describe_places
    from deepfake.explain.wording import leading_areas

    return leading_areas(explanation, describe_places(explanation.segments, subject.landmarks))
