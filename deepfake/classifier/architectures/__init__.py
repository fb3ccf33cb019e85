"""The layers of each network. Inputs are RGB 0..255; every rescaling is a layer inside the model, once."""

from deepfake.classifier.architectures.cnn64 import Blocks, build_cnn64

__all__ = ["Blocks", "build_cnn64"]
