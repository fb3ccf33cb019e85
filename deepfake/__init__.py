"""Judge whether a face in a picture is real or manipulated, say how sure that is, and why.

`load_model`, `check_image` and `check_clip` are for people who build on it; see `deepfake/api.py`. They are imported
when they are first asked for, and TensorFlow when the first model is loaded.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from deepfake.api import check_clip, check_image, load_model

__version__ = "0.2.0"
__all__ = ["__version__", "check_clip", "check_image", "load_model"]


def __getattr__(name: str) -> Any:
    """The functions of `deepfake.api`, imported late (PEP 562)."""
    if name in __all__:
        from deepfake import api

        return getattr(api, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}. Expected one of {', '.join(__all__)}.")


def __dir__() -> list[str]:
    """What there is to be asked for."""
    return sorted([*globals(), *__all__])
