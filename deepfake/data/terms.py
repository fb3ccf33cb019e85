"""What each known data set is, what kind of fakes it shows, and under which terms it may be used."""

from __future__ import annotations

from dataclasses import dataclass

from deepfake.data.layouts import Dataset


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """A data set in words.

    Attributes:
        title: Its name and owner.
        shows: What its pictures are, as a phrase.
        terms: Under which terms it may be used.
    """

    title: str
    shows: str
    terms: str


_RESEARCH = "Research and non-commercial use; the owner's terms apply."
TERMS = {
    "140k": Terms(
        title="140k Real and Fake Faces (Kaggle xhlulu/140k-real-and-fake-faces)",
        shows="portraits from Flickr (FFHQ) and faces made by StyleGAN",
        terms="FFHQ: CC BY-NC-SA 4.0, NVIDIA; StyleGAN pictures: CC BY-NC 4.0, NVIDIA. Non-commercial use.",
    ),
    "ciplab": Terms(
        title="Real and Fake Face Detection (Kaggle ciplab/real-and-fake-face-detection, Yonsei University)",
        shows="portraits and the same kind of portraits edited by hand",
        terms=_RESEARCH,
    ),
    "dfdc-faces": Terms(
        title="Deepfake faces (Kaggle dagnelies/deepfake-faces), from the Deepfake Detection Challenge",
        shows="faces from videos of actors and face swaps in video",
        terms="DFDC: Meta's data set terms, research use.",
    ),
    "ffpp": Terms(
        title="FaceForensics++ (Technical University of Munich)",
        shows="people speaking in YouTube clips, and the same clips with faces swapped or reenacted",
        terms="FaceForensics++ terms of use: non-commercial research and education.",
    ),
    "celeb-df-v2": Terms(
        title="Celeb-DF v2 (University at Albany)",
        shows="celebrities in YouTube clips, and the same clips with faces swapped",
        terms="Celeb-DF terms of use: non-commercial research and education.",
    ),
    "dfdc-clips": Terms(
        title="Deepfake Detection Challenge, clips (Meta)",
        shows="clips of actors and face swaps in them",
        terms="DFDC: Meta's data set terms, research use.",
    ),
    "lfw": Terms(
        title="Labeled Faces in the Wild, deep-funneled (University of Massachusetts)",
        shows="news photos of real people",
        terms=_RESEARCH,
    ),
    "utkface": Terms(
        title="UTKFace (University of Tennessee)", shows="photos of real people of all ages", terms=_RESEARCH
    ),
}
OWN_PICTURES = Terms(
    title="A person's own folders of pictures",
    shows="real and fake faces from a person's own folders",
    terms="Not known to this program; ask whoever made the model.",
)


def terms_of(dataset: Dataset) -> Terms:
    """The terms of a set, by its layout; of face crops of clips by the name that the extraction took from theirs."""
    return TERMS.get(dataset.name if dataset.layout == "clip-crops" else dataset.layout, OWN_PICTURES)
