"""TensorFlow, LiteRT and ONNX Runtime as engines for the models that ship: python benchmarks/engines.py.

Needs onnxruntime and tf2onnx beside the requirements. Each engine is started in a process of its own
and judges the same crops: what it takes until the first answer, what memory, what each crop costs, and how far its
answers are from TensorFlow's. In turns, best of the rounds; read the ratios.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

REPO = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(REPO))
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np

from deepfake.classifier.library import find_model, list_models

ENGINES = ("TensorFlow", "LiteRT", "ONNX Runtime")
BATCHES = (1, 32, 128)
_SAME = 1e-4
_REPEATS = 5
_MEASURE = "--measure"
Judge = Callable[[np.ndarray], np.ndarray]


def main() -> None:
    """Print a table for each model."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("models", nargs="*", help="all that ship by default")
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    for name in options.models or list_models():
        with tempfile.TemporaryDirectory() as place:
            folder = Path(place)
            sizes_mb = convert(name, folder)
            found = {engine: [] for engine in ENGINES}
            for _ in range(options.rounds):
                for engine in ENGINES:
                    found[engine].append(start(engine, name, folder))
            show(name, found, sizes_mb)


def convert(name: str, folder: Path) -> dict[str, float]:
    """Write the model in every form, and crops to judge, into a folder; gives the sizes in MB."""
    import keras

    from deepfake.classifier.classifier import WEIGHTS_FILE
    from deepfake.classifier.lite import write_lite

    path = find_model(name) / WEIGHTS_FILE
    model = keras.saving.load_model(path, compile=False)
    side = model.input_shape[1]
    crops = np.random.default_rng(0).uniform(0, 255, (max(BATCHES), side, side, 3)).astype(np.float32)
    np.save(folder / "crops.npy", crops)
    write_lite(model, folder / "model.tflite")
    model.export(str(folder / "model.onnx"), format="onnx", verbose=False)
    sizes = (path, folder / "model.tflite", folder / "model.onnx")
    return {engine: file.stat().st_size / 1e6 for engine, file in zip(ENGINES, sizes, strict=True)}


def start(engine: str, name: str, folder: Path) -> dict:
    """What a process with that engine says of itself."""
    command = [sys.executable, __file__, _MEASURE, engine, name, str(folder)]
    done = subprocess.run(command, cwd=REPO, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"{engine} ended with {done.returncode}:\n{done.stderr[-2000:]}")
    return json.loads(done.stdout.splitlines()[-1])


def measure(engine: str, name: str, folder: Path) -> None:
    """In a process of its own: start, judge, and say what it took as a line of JSON."""
    started = time.perf_counter()
    crops = np.load(folder / "crops.npy")
    judge = _ENGINES[engine](name, folder)
    judge(crops[:1])
    start_s = time.perf_counter() - started
    start_mb = _held_mb("VmRSS")
    scores = judge(crops)
    ms = {}
    for size in BATCHES:
        judge(crops[:size])
        taken = []
        for _ in range(_REPEATS):
            begun = time.perf_counter()
            judge(crops[:size])
            taken.append(time.perf_counter() - begun)
        ms[size] = 1000 * min(taken) / size
    print(json.dumps({"start_s": start_s, "start_mb": start_mb, "peak_mb": _held_mb("VmHWM"), "ms": ms,
                      "scores": scores.tolist()}))  # fmt: skip


def _tensorflow(name: str, folder: Path) -> Judge:
    from deepfake.classifier.card import read_card
    from deepfake.classifier.classifier import CARD_FILE, Classifier, compile_scorer, load_network

    place = find_model(name)
    card = read_card(place / CARD_FILE)
    return Classifier(compile_scorer(load_network(place, card)), card).scores


def _litert(name: str, folder: Path) -> Judge:
    from ai_edge_litert.interpreter import Interpreter

    engine = Interpreter(str(folder / "model.tflite"), num_threads=len(os.sched_getaffinity(0)))
    given, made = engine.get_input_details()[0]["index"], engine.get_output_details()[0]["index"]
    held = 0

    def judge(crops: np.ndarray) -> np.ndarray:
        nonlocal held
        if len(crops) != held:
            engine.resize_tensor_input(given, crops.shape)
            engine.allocate_tensors()
            held = len(crops)
        engine.set_tensor(given, crops)
        engine.invoke()
        return np.array(engine.get_tensor(made))[:, 0]

    return judge


def _onnx(name: str, folder: Path) -> Judge:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = len(os.sched_getaffinity(0))
    session = onnxruntime.InferenceSession(str(folder / "model.onnx"), options, providers=["CPUExecutionProvider"])
    given = session.get_inputs()[0].name
    return lambda crops: session.run(None, {given: crops})[0][:, 0]


_ENGINES = {"TensorFlow": _tensorflow, "LiteRT": _litert, "ONNX Runtime": _onnx}


def _held_mb(what: str) -> float:
    lines = Path("/proc/self/status").read_text(encoding="utf-8").splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith(f"{what}:"))


def show(name: str, found: dict[str, list[dict]], sizes_mb: dict[str, float]) -> None:
    """One Markdown table; ratios against TensorFlow in brackets."""
    print(f"\n{name}, {len(os.sched_getaffinity(0))} cores, best of {len(found[ENGINES[0]])}\n")
    heads = ["engine", "file, MB", "to the first answer, s", "memory then, MB", "at its peak, MB"]
    heads += [f"ms a crop, {size} at once" for size in BATCHES] + ["largest difference", f"within {_SAME:g}"]
    print(f"| {' | '.join(heads)} |\n|{'---|' * len(heads)}")
    usual = np.array(found["TensorFlow"][0]["scores"])
    base: list[float] | None = None
    for engine in ENGINES:
        rounds = found[engine]
        values = [min(one[key] for one in rounds) for key in ("start_s", "start_mb", "peak_mb")]
        values += [min(one["ms"][str(size)] for one in rounds) for size in BATCHES]
        base = base or values
        cells = [
            f"{value:.{2 if value < 100 else 0}f} ({value / one:.2f})" for value, one in zip(values, base, strict=True)
        ]
        apart = float(np.abs(np.array(rounds[0]["scores"]) - usual).max())
        print(f"| {engine} | {sizes_mb[engine]:.1f} | {' | '.join(cells)} | {apart:.1e} | "
              f"{'yes' if apart <= _SAME else 'no'} |")  # fmt: skip


if __name__ == "__main__":
    if sys.argv[1:2] == [_MEASURE]:
        measure(sys.argv[2], sys.argv[3], Path(sys.argv[4]))
    else:
        main()
