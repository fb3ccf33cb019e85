"""The sign of each verdict: color never speaks alone. Lines on a disc of 24 by 24, drawn by every form."""

from __future__ import annotations

from deepfake.reports.wording import COLORS, REFUSED
from deepfake.verdicts import FAKE, NO_FACE, REAL, UNCERTAIN

SHAPES = {
    FAKE: '<path d="M12 3 22 20.5H2Z" stroke-linejoin="round"/><path d="M12 9.5v5"/><path d="M12 17.4v.2"/>',
    REAL: '<circle cx="10.5" cy="10.5" r="6.5"/><path d="m15.5 15.5 5.5 5.5"/>',
    UNCERTAIN: '<path d="M8 9a4 4 0 1 1 6 3.4c-1.5.8-2 1.4-2 3.1"/><path d="M12 19.3v.2"/>',
    NO_FACE: '<rect x="4" y="4" width="16" height="16" rx="2" stroke-dasharray="4 3"/>',
    REFUSED: '<path d="m6 6 12 12M18 6 6 18"/>',
}


def sign_svg(kind: str) -> str:
    """A white sign on a disc in the verdict's color; it repeats what the headline says, so nothing reads it out.

    Args:
        kind: A verdict, or `REFUSED`.
    """
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="-7 -7 38 38" aria-hidden="true">'
        f'<circle cx="12" cy="12" r="19" fill="{COLORS[kind]}"/>'
        '<g fill="none" stroke="#fff" stroke-width="2.4" stroke-linecap="round">'
        f"{SHAPES[kind]}</g></svg>"
    )
