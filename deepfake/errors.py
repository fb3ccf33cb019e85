"""Everything this package refuses to do, as one tree of exceptions.

Each message says what was received, what was expected and how to mend it, in words fit to show to a
person. Only the doors (the app, the command line, `train.py`) catch them.

```
DeepfakeError
├── InputError                 something a person gave
│   ├── UnreadableImageError   bytes that are no picture we can open
│   ├── ImageTooLargeError     more pixels than the stated limit
│   ├── UnreadableClipError    bytes that are no clip we can decode, within the stated limits
│   ├── InvalidBoxError        a box without area
│   ├── ExplanationSettingsError   an explanation that cannot be made as asked
│   └── FileAccessError        a path that cannot be read or written
├── DataError                  training or test data
│   ├── UnknownLayoutError     a folder that follows no known layout
│   ├── EmptyDatasetError      nothing usable in it, or a class missing
│   └── DownloadError          the data set could not be fetched
├── ModelError                 a model folder
│   ├── ModelNotFoundError     no such model
│   ├── InvalidCardError       a card that is not complete or not consistent
│   ├── InvalidMeasurementError    measurements that are not complete or not consistent
│   ├── WeightsMismatchError   the weights are not those that the card speaks of
│   ├── BackboneWeightsError   the weights that a network starts from cannot be had
│   ├── ForeignWeightsError    weights that were not trained here cannot be read, or do not fit
│   └── ModelExistsError       a model that would be replaced
├── TrainingError              a run that cannot go on
└── ScanError                  a scan that cannot begin or go on
```
"""

from __future__ import annotations


class DeepfakeError(Exception):
    """Anything this package refuses to do; the message is fit to show to a person."""


class InputError(DeepfakeError):
    """Something a person gave cannot be used."""


class UnreadableImageError(InputError):
    """Bytes that are no picture we can open."""


class ImageTooLargeError(InputError):
    """A picture with more pixels than the stated limit."""


class UnreadableClipError(InputError):
    """Bytes that are no clip we can decode, within the stated limits."""


class InvalidBoxError(InputError, ValueError):
    """A box without area."""


class ExplanationSettingsError(InputError, ValueError):
    """An explanation that cannot be made as asked: too few samples, an unknown method, missing landmarks."""


class FileAccessError(InputError):
    """A path that cannot be read or written."""


class DataError(DeepfakeError):
    """Training or test data cannot be used."""


class UnknownLayoutError(DataError):
    """A folder that follows no known layout."""


class EmptyDatasetError(DataError):
    """Nothing usable in a data set, or one of its classes is missing."""


class DownloadError(DataError):
    """A data set could not be fetched."""


class ModelError(DeepfakeError):
    """A model folder cannot be used."""


class ModelNotFoundError(ModelError):
    """No such model."""


class InvalidCardError(ModelError, ValueError):
    """A model card that is not complete or not consistent."""


class InvalidMeasurementError(ModelError, ValueError):
    """Measurements beside a model that are not complete or not consistent."""


class WeightsMismatchError(ModelError):
    """Weights that are not those the card speaks of."""


class BackboneWeightsError(ModelError):
    """The weights that a network starts from cannot be had, or do not fit it."""


class ForeignWeightsError(ModelError):
    """Weights that were not trained here, and that cannot be read or do not fit."""


class ModelExistsError(ModelError):
    """A model that would be replaced without the user's word."""


class TrainingError(DeepfakeError):
    """A training run that cannot go on."""


class ScanError(DeepfakeError):
    """A scan of an archive that cannot begin or go on: a package, a scheduler or the archive itself is missing."""
