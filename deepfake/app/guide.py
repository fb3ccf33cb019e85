"""What a verdict means, where it fails, what to do next: the words of a tab of the page, and of a page of the docs."""

from __future__ import annotations

from deepfake.reports.wording import HEADLINES, MEANINGS, PERCENTAGE

WHAT = """
#### What a deepfake is

A picture or a video in which a computer has changed or invented a face: someone's face put onto another body, a mouth
made to say other words, or a person who never existed.
"""

_LIST = "\n".join(f"- **{HEADLINES[verdict]}**: {meaning}" for verdict, meaning in MEANINGS.items())
MEANING = f"""
#### What the verdict means, and what it does not

{_LIST}

{PERCENTAGE}

#### Video clips

Some frames of each second are judged (how many can be set under “Advanced”), and the verdict on a **person** rests on
the usable frames of that person together (with some models, on the most suspicious third of them). A clip is called
manipulated if one person in it is.

- **The timeline** shows what each frame would be called if it were a single picture. Single frames stray: a turned
  head, a blink or motion blur can move one far up or down. A long high stretch says more than one high point.
- **People are numbered anew after a cut**, so the same person may appear under two numbers.
- **Someone seen only briefly**, or small, dark or blurred, is not judged, and the page says so.
- Only the pictures are judged. **A voice that was copied leaves no trace here.**

The colored areas show what the model relied on. They are **not proof of tampering**, and they do not show where
something was changed.
"""

NEXT = """
#### What to do with a suspicious picture or clip

1. **Find the source.** Who published it first, when, and where? Is there a longer or sharper version?
2. **Search the picture.** A reverse image search often finds the original, or an earlier copy with another caption.
   For a clip, search with a few of its frames; a longer version often shows what was cut or changed.
3. **Ask the person** shown, or someone who was there.
4. **Look at what should not be there**: edges of the face, teeth, glasses, earrings, and light from two sides.
   In a clip: flicker around the face, lips that do not fit the words, and what happens when the head turns.
5. **Do not decide on this tool alone.** A verdict is a reason to look closer, never a reason to publish or to accuse.
"""

GLOSSARY = """
| Word | Meaning |
|---|---|
| Confidence | How sure the stated verdict is |
| Probability | The model's estimate that a face is manipulated |
| Inconclusive | The probability lies where the model is too often wrong to say anything: in its uncertain band |
| Firm | Outside that band: “likely manipulated” or “no sign of manipulation found” |
| Threshold | From this probability on a face would be called manipulated if “inconclusive” were not allowed |
| Frame | One of the pictures that make up a clip |
| Area (segment) | A patch of similar color, the unit of the explanation |
| LIME | The method behind the explanation: areas are hidden in many combinations to see how the result moves |
| False alarm | A real face called manipulated |
| AUC | How often a manipulated face gets a higher score than a real one: 1 is always, 0.5 is guessing |
| EER (equal error rate) | The share of errors where as many real as manipulated faces are taken for the other |
| [0.77, 0.87] | How far chance in the choice of files may move the number: 19 of 20 such ranges hold the true one |
| Training, validation, test set | Files to learn from; to choose settings by; kept for one measurement at the end |
| Source | What several files have in common, such as the clip or the person that they come from |
| Card | The file beside each model that says what it learned from, its limits and its numbers |
| Crop | The square that is cut out around a face, which is all that the model sees |
| Calibration | Makes percentages mean what they say: of all “80 %” about 80 in 100 should be right |
| StyleGAN | A generator of invented faces (2018 to 2021) |
| Diffusion | The newer kind of generator, on which this model is untested |
"""

FAILS = (
    "**Newer generators.** Pictures made by diffusion models (the kind behind most of today's image generators) "
    "are untested. For those, “no sign found” means little.",
    "**Small, dark, blurred or strongly compressed faces.** The signs vanish first.",
    "**Other kinds of change.** A false caption, a cut, a changed background or a copied voice leave no trace in a "
    "face.",
)
