"""One file judged, explained, tested and put into words, without a page: what the command line does for each file.

Explained is the face that the file's probability comes from; of a clip, that person's most suspicious frame.
"""

from __future__ import annotations

from collections.abc import Sequence

from deepfake.analysis import FRAMES_PER_SECOND, MAX_FRAMES, Analysis, ClipAnalysis, analyze_clip, analyze_image
from deepfake.classifier.classifier import Classifier
from deepfake.errors import InputError
from deepfake.explain.base import ExplanationSettings
from deepfake.explain.checks import check_by_hiding
from deepfake.explain.explaining import explain, perturb_face
from deepfake.explain.stress import StressTest, mean_test
from deepfake.media.clips import Sampling, is_clip
from deepfake.media.crops import points_in_crop
from deepfake.media.detectors import Detector
from deepfake.media.faces import Face
from deepfake.media.images import RGBImage
from deepfake.reports.building import GivenFile, clip_file, image_file, refused_file
from deepfake.reports.explained import Explained
from deepfake.reports.pictures import KeptFrame, keep_frame
from deepfake.reports.report import FileReport
from deepfake.reports.suspicion import Moment, telling_moment
from deepfake.stressing import stress_people, stress_picture
from deepfake.verdicts import unfit_reasons


def report_on_file(
    given: GivenFile,
    classifier: Classifier,
    *,
    detector: Detector | None = None,
    settings: ExplanationSettings | None,
    with_stress: bool = True,
    frames_per_second: float = FRAMES_PER_SECOND,
) -> FileReport:
    """Judge a file, explain it, test it, and say all of it; a file that cannot be judged is reported as refused.

    Args:
        given: The file, with its bytes.
        classifier: Weights with their card.
        detector: To reuse one over many files; made as the card says by default.
        settings: How explanations are made; None for none.
        with_stress: Whether what was judged is judged again after mild changes.
        frames_per_second: So many frames of each second of a clip are judged.
    """
    assert given.data is not None  # a file that cannot be read is refused before it comes here
    card = classifier.card
    try:
        if not is_clip(given.data):
            analysis = analyze_image(given.data, classifier, detector=detector)
            explained = {} if settings is None else _explain_image(analysis, classifier, settings)
            stress = _stress_image(given.data, analysis, classifier) if with_stress else {}
            return image_file(given, analysis, card, explained=explained, stress=stress)
        frames: list[KeptFrame] = []
        clip = analyze_clip(
            given.data,
            classifier,
            frames_per_second=frames_per_second,
            detector=detector,
            on_frame=lambda _, frame: frames.append(keep_frame(frame)),
        )
        moments = {} if settings is None else _explain_clip(clip, classifier, settings)
        tests = _stress_clip(given.data, clip, classifier, frames_per_second) if with_stress else {}
        return clip_file(given, clip, card, frames=frames, explained=moments, stress=tests)
    except InputError as error:
        return refused_file(given, str(error))


def explain_face(crop: RGBImage, face: Face, classifier: Classifier, settings: ExplanationSettings) -> Explained:
    """Explain one face, and check the explanation by hiding what it points to.

    Args:
        crop: What was cut out around the face, shape (s, s, 3), uint8.
        face: Where it lies in its picture.
        classifier: Weights with their card.
        settings: How.
    """
    card = classifier.card
    landmarks = points_in_crop(face.landmarks, face.box, margin=card.crop.margin)
    perturbed = perturb_face(
        crop, classifier.probabilities, side_px=card.crop.side_px, settings=settings, landmarks=landmarks
    )
    made = explain(perturbed, settings)
    return Explained(explanation=made, check=check_by_hiding(perturbed, made, threshold=card.rules.threshold))


def telling_face(analysis: Analysis) -> int:
    """The position of the face that a picture's probability comes from; the picture has at least one."""
    probability = analysis.verdict.probability
    positions: Sequence[int] = [at for at, one in enumerate(analysis.faces) if one.verdict.probability == probability]
    return positions[0] if positions else 0


def _explain_image(analysis: Analysis, classifier: Classifier, settings: ExplanationSettings) -> dict[int, Explained]:
    if not analysis.faces:
        return {}
    at = telling_face(analysis)
    one = analysis.faces[at]
    return {at: explain_face(one.crop, one.face, classifier, settings)}


def _stress_image(data: bytes, analysis: Analysis, classifier: Classifier) -> dict[int, StressTest]:
    rules = classifier.card.rules
    boxes = {at: one.face.box for at, one in enumerate(analysis.faces) if not unfit_reasons(one.quality, rules)}
    if not boxes:
        return {}
    return dict(zip(boxes, stress_picture(data, list(boxes.values()), classifier), strict=True))


def _stress_clip(
    data: bytes, analysis: ClipAnalysis, classifier: Classifier, frames_per_second: float
) -> dict[int, StressTest]:
    sampling = Sampling(per_second=frames_per_second, max_frames=MAX_FRAMES)
    tests = stress_people(data, analysis.people, classifier, sampling)
    return {number: mean_test(of_person) for number, of_person in tests.items()}


def _explain_clip(
    analysis: ClipAnalysis, classifier: Classifier, settings: ExplanationSettings
) -> dict[Moment, Explained]:
    if not any(person.is_judged for person in analysis.people):
        return {}
    moment = telling_moment(analysis.people, analysis.verdict.probability)
    [one] = [
        one
        for person in analysis.people
        for one in person.sightings
        if (person.number, one.frame) == (moment.person, moment.frame)
    ]
    return {moment: explain_face(one.crop, one.face, classifier, settings)}
