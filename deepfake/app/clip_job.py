"""A clip being judged beside the page, so that the page stays alive: it watches, and may cancel."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from deepfake.app.results import Refusal
from deepfake.app.turns import Line
from deepfake.errors import InputError
from deepfake.reports.pictures import KeptFrame, keep_frame

if TYPE_CHECKING:
    from deepfake.analysis import ClipAnalysis
    from deepfake.classifier.classifier import Classifier
    from deepfake.media.clips import Frame

_ABANDONED_S = 10.0  # the page looks in several times a second, unless the machine is very busy


@dataclass(frozen=True, slots=True, kw_only=True)
class ClipInspection:
    """A clip that was judged, ready for the screen.

    Attributes:
        analysis: What is said of it.
        frames: Each judged frame, by its position.
    """

    analysis: ClipAnalysis
    frames: tuple[KeptFrame, ...]


@dataclass(frozen=True, slots=True)
class Cancelled:
    """A clip whose judging a person ended."""


class ClipJob:
    """The judging of one clip, in a thread of its own.

    It ends by itself when the page that watches it is gone.

    Attributes:
        duration_s: As the file declares, once its first frame was searched.
        time_s: Decoded up to here.
        num_frames: Searched for faces so far.
        preview: What is said of the clip so far.
        num_before: So many clips must end before it begins.
        was_abandoned: It ended by itself because nobody looked in; a page that was only late begins again.
    """

    def __init__(
        self, data: bytes, classifier: Classifier, frames_per_second: float, *, line: Line | None = None
    ) -> None:
        """Begin, or wait for a turn.

        Args:
            data: The file's bytes.
            classifier: Weights with their card.
            frames_per_second: To be judged of each second.
            line: Where to wait; begin at once without.
        """
        self.duration_s: float | None = None
        self.time_s = 0.0
        self.num_frames = 0
        self.preview: ClipAnalysis | None = None
        self.num_before = 0
        self.was_abandoned = False
        self._frames: list[KeptFrame] = []
        self._outcome: ClipInspection | Refusal | Cancelled | None = None
        self._error: Exception | None = None
        self._is_cancelled = threading.Event()
        self._watched_at = time.monotonic()
        self._thread = threading.Thread(
            target=self._run, args=(data, classifier, frames_per_second, line or Line(1)), daemon=True
        )
        self._thread.start()

    @property
    def num_faces(self) -> int:
        """Judged so far."""
        return sum(len(person.sightings) for person in self.preview.people) if self.preview else 0

    @property
    def share_done(self) -> float:
        """0..1; 0 where the length is not known."""
        return min(1.0, self.time_s / self.duration_s) if self.duration_s else 0.0

    def wait(self, seconds: float) -> bool:
        """Wait for the end, as someone who watches; whether it has come."""
        self._watched_at = time.monotonic()
        self._thread.join(seconds)
        return not self._thread.is_alive()

    def cancel(self) -> None:
        """End it at the next frame, and with it the process that decodes."""
        self._is_cancelled.set()

    def outcome(self) -> ClipInspection | Refusal | Cancelled:
        """What came of it, once `wait` says that it has ended.

        Raises:
            ModelError: The model cannot be used.
        """
        if self._error is not None:
            raise self._error
        assert self._outcome is not None
        return self._outcome

    def _run(self, data: bytes, classifier: Classifier, frames_per_second: float, line: Line) -> None:
        try:
            with line.turn(self._stand_by):
                self.num_before = 0
                self._outcome = self._judge(data, classifier, frames_per_second)
        except _EndedError:
            self._outcome = Cancelled()
        except InputError as error:
            self._outcome = Refusal(message=str(error))
        except MemoryError:
            self._outcome = Refusal(
                message="The clip could be opened but not judged: it does not fit into memory. A shorter or smaller "
                "copy of it may help."
            )
        except Exception as error:  # noqa: BLE001 - the page raises it where it can be seen
            self._error = error

    def _judge(self, data: bytes, classifier: Classifier, frames_per_second: float) -> ClipInspection:
        from deepfake import analysis as story

        analysis = story.analyze_clip(
            data, classifier, frames_per_second=frames_per_second, on_progress=self._report, on_frame=self._keep
        )
        self._go_on()
        return ClipInspection(analysis=analysis, frames=tuple(self._frames))

    def _stand_by(self, num_before: int) -> None:
        self._go_on()
        self.num_before = num_before

    def _keep(self, position: int, frame: Frame) -> None:
        self._go_on()
        self._frames.append(keep_frame(frame))
        self.num_frames, self.time_s = position + 1, frame.time_s

    def _report(self, preview: ClipAnalysis) -> None:
        self._go_on()
        self.preview, self.duration_s = preview, preview.info.duration_s

    def _go_on(self) -> None:
        if self._is_cancelled.is_set():
            raise _EndedError
        if time.monotonic() - self._watched_at > _ABANDONED_S:
            self.was_abandoned = True
            raise _EndedError


class _EndedError(Exception):
    """Nobody waits for the answer any more."""
