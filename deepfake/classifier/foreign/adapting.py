"""What a filled network still lacks: which pixels its weights expect, and which class they call 1."""

from __future__ import annotations

from typing import Any

from deepfake.errors import ForeignWeightsError

AS_RECIPE, AS_APPLICATION = "recipe", "applications"
_SCALINGS = {"unit": (1 / 255, 0.0), "signed": (1 / 127.5, -1.0), "raw": (1.0, 0.0)}  # scale, offset
PIXELS = (AS_RECIPE, *_SCALINGS, AS_APPLICATION)
_SCORE_LAYER = "score"


def swap_classes(model: Any) -> None:
    """Make one minus its score the score of a model: sigmoid(-z) = 1 - sigmoid(z), so the last weights change sign."""
    layer = model.get_layer(_SCORE_LAYER)
    layer.set_weights([-values for values in layer.get_weights()])


def scale_pixels(model: Any, pixels: str, backbone: str | None) -> None:
    """Make a model turn RGB 0..255 into what its weights were trained on.

    Args:
        model: Filled with weights.
        pixels: One of `PIXELS`: "recipe" leaves the scaling of the recipe; in its place, "unit" is 0..1, "signed" is
            -1..1 and "raw" 0..255; "applications" is what the `preprocess_input` of the backbone in
            keras.applications gives.
        backbone: A key of `BACKBONES`, or None where the network has none.

    Raises:
        ForeignWeightsError: The network has no layer that could do it.
    """
    from keras import layers  # not above, since the command line's help names `PIXELS`

    from deepfake.classifier.architectures.backbones import BACKBONES
    from deepfake.classifier.architectures.pretrained import BACKBONE_LAYER

    kind = None if backbone is None else BACKBONES[backbone]
    if kind is not None and kind.adapt_foreign is not None:
        kind.adapt_foreign(model.get_layer(BACKBONE_LAYER))
    if pixels == AS_RECIPE:
        return
    if pixels == AS_APPLICATION:
        if kind is None or kind.application is None:
            raise ForeignWeightsError(
                f"--pixels {pixels} is for networks of keras.applications, and this one is not among them. Expected "
                f"one of {', '.join(PIXELS[:-1])}."
            )
        if kind.adapt_published is not None:
            kind.adapt_published(model.get_layer(BACKBONE_LAYER))
        return
    layer = next((one for one in model.layers if isinstance(one, layers.Rescaling)), None)
    if layer is None:
        raise ForeignWeightsError(
            f"--pixels {pixels} cannot be used: this network does more to its pixels than to scale them. Expected "
            f"{AS_RECIPE} or {AS_APPLICATION}."
        )
    layer.scale, layer.offset = _SCALINGS[pixels]
