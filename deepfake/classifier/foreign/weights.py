"""What a stranger's file of weights is once it was read: layers with arrays, and the limits it was read under."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from deepfake.errors import ForeignWeightsError

SUFFIXES = (".h5", ".hdf5", ".keras")


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredLayer:
    """A layer as a file has it.

    Attributes:
        path: Where it is in the file.
        name: What it was called in the model; "" where the file does not say.
        kind: Its class in small letters without underscores, such as "conv2d"; "" where the file does not say.
        arrays: In the layer's order, float32, any shapes.
    """

    path: str
    name: str
    kind: str
    arrays: tuple[npt.NDArray[np.float32], ...]

    @property
    def shapes(self) -> tuple[tuple[int, ...], ...]:
        return tuple(array.shape for array in self.arrays)


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredWeights:
    """All weights of a file.

    Attributes:
        file: Its name, without its folder.
        sha256: Of its bytes.
        layers: Those that have weights: in the model's order where no kind is known, else in the model's order
            within each kind.
    """

    file: str
    sha256: str
    layers: tuple[StoredLayer, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class WeightsLimits:
    """What reading a file of weights may cost.

    Attributes:
        max_file_bytes: On disk, and unpacked.
        max_arrays: Of all layers together.
        max_array_bytes: The same, in bytes, as float32 or as stored, whichever is more.
        max_objects: Groups, links and arrays that are looked at on the way.
        max_memory_bytes: Address space of the reading process, where the system can enforce it.
        max_silence_s: It is ended when an array takes longer,
        max_wait_s: or all of them together.
    """

    max_file_bytes: int = 600_000_000
    max_arrays: int = 5_000
    max_array_bytes: int = 600_000_000
    max_objects: int = 50_000
    max_memory_bytes: int = 3 * 2**30
    max_silence_s: float = 30.0
    max_wait_s: float = 180.0


def unreadable(what: str) -> ForeignWeightsError:
    """The refusal of a file, with what is expected."""
    return ForeignWeightsError(
        f"{what} Expected a file that Keras wrote by `model.save` or `model.save_weights`, ending in "
        f"{', '.join(SUFFIXES)}. Save the model again, or fetch the file again."
    )
