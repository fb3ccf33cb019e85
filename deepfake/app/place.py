"""Where a file's card stands on the page, and what it needs to be filled."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from deepfake.app.options import Options
from deepfake.app.results import Upload

if TYPE_CHECKING:
    from deepfake.classifier.card import Card

PendingExplanation = Callable[[], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a card stands.

    Attributes:
        upload: Its file.
        card: Of the model that answers.
        options: As chosen in the sidebar.
        key: Sets its widgets apart from those of other cards.
    """

    upload: Upload
    card: Card
    options: Options
    key: str
