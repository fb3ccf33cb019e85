"""One training over two processes, as over two machines: python benchmarks/two_processes.py.

Keras shares a training between machines on its JAX backend: every process runs the same program on its own half of
each batch, `keras.distribution.DataParallel` keeps the weights alike. Here both processes are on this machine and talk
over loopback; on two, the address of the first takes its place. Made-up crops, since what is shown is that both learn
what one process learns from whole batches: with plain gradient descent to the last digits; Adam divides a gradient by
its own size, and so magnifies the rounding of those that are nearly zero. Needs JAX, in an environment of its own,
where TensorFlow need not be:

    python3 -m venv jaxvenv && jaxvenv/bin/pip install -c constraints.txt keras jax==0.10.2
    jaxvenv/bin/python benchmarks/two_processes.py
"""

from __future__ import annotations

import argparse
import json
import os
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from itertools import product
from pathlib import Path

os.environ["KERAS_BACKEND"] = "jax"
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import jax
import keras
import numpy as np

from deepfake.classifier.architectures.celebdf import build_celebdf
from deepfake.classifier.architectures.cnn64 import build_cnn64

_SIDE, _BATCH, _STEPS, _EPOCHS = 16, 16, 20, 2
_PROCESSES = 2
_WAIT_S = 1800
NETWORKS = {
    "celebdf-leakyrelu (no BatchNormalization)": lambda: build_celebdf(
        input_side_px=_SIDE, activation="leaky_relu", name="plain"
    ),
    "cnn64, smaller (BatchNormalization, no dropout)": lambda: build_cnn64(
        input_side_px=_SIDE, blocks=((8,), (16,)), block_dropout=0, dense_units=16, dense_dropout=0
    ),
}
OPTIMIZERS = {"SGD": lambda: keras.optimizers.SGD(1e-2), "Adam": lambda: keras.optimizers.Adam(1e-3)}


def main() -> None:
    """Train alone, then in two processes; print what each saw."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("--one-of", nargs=4, metavar=("COUNT", "NUMBER", "ADDRESS", "FOLDER"), help=argparse.SUPPRESS)
    worker = parser.parse_args().one_of
    if worker:
        count, number, address, folder = worker
        train_share(int(count), int(number), address, Path(folder))
        return
    with tempfile.TemporaryDirectory() as folder:
        for count in (1, _PROCESSES):
            run_together(count, Path(folder))
        report(Path(folder))


def run_together(count: int, folder: Path) -> None:
    """Start so many processes of this file, and wait for them."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{free.getsockname()[1]}"
    started = [
        subprocess.Popen(
            [sys.executable, __file__, "--one-of", str(count), str(number), address, str(folder)],
            stderr=subprocess.PIPE,
            text=True,
        )
        for number in range(count)
    ]
    try:
        for process in started:
            _, errors = process.communicate(timeout=_WAIT_S)
            if process.returncode:
                sys.exit(f"A process of {count} ended with {process.returncode}:\n{errors}")
    finally:
        for process in started:
            process.kill()


def train_share(count: int, number: int, address: str, folder: Path) -> None:
    """What one process does: its share of every batch, the same model as the others."""
    if count > 1:
        jax.config.update("jax_cpu_collectives_implementation", "gloo")
        keras.distribution.initialize(address, num_processes=count, process_id=number)
        keras.distribution.set_distribution(keras.distribution.DataParallel(auto_shard_dataset=False))
    for place, (network, optimizer) in enumerate(product(NETWORKS, OPTIMIZERS)):
        keras.utils.set_random_seed(0)
        model = NETWORKS[network]()
        model.compile(OPTIMIZERS[optimizer](), "binary_crossentropy", weighted_metrics=["accuracy"])
        log = model.fit(shares(count, number), steps_per_epoch=_STEPS, epochs=_EPOCHS, verbose=0)
        name = f"{count}-{number}-{place}"
        (folder / f"{name}.json").write_text(json.dumps(log.history["loss"]))
        np.savez(folder / f"{name}.npz", *model.get_weights())


def shares(count: int, number: int) -> Iterator[tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """This process's part of each batch: crops whose class shows in their brightness, labels, weights in the loss."""
    rng = np.random.default_rng(0)
    part = slice(number * _BATCH // count, (number + 1) * _BATCH // count)
    for _ in range(_STEPS * _EPOCHS):
        labels = rng.integers(0, 2, (_BATCH, 1)).astype(np.float32)
        crops = rng.uniform(0, 150, (_BATCH, _SIDE, _SIDE, 3)) + 60 * labels[:, :, None, None]
        yield crops[part].astype(np.float32), labels[part], rng.uniform(0.5, 1.5, _BATCH)[part].astype(np.float32)


def report(folder: Path) -> None:
    """Print one Markdown table."""
    print(f"JAX {jax.__version__}, Keras {keras.__version__}, batches of {_BATCH}, {_STEPS} steps an epoch\n")
    runs = [(1, 0), *((_PROCESSES, number) for number in range(_PROCESSES))]
    who = ["one process", *(f"process {number + 1} of {_PROCESSES}" for number in range(_PROCESSES))]
    print(f"| network | optimizer | {' | '.join(f'loss of {one}' for one in who)} | greatest difference of a weight |")
    print("|---" * (len(who) + 3) + "|")
    for place, (network, optimizer) in enumerate(product(NETWORKS, OPTIMIZERS)):
        losses = [json.loads((folder / f"{count}-{number}-{place}.json").read_text()) for count, number in runs]
        weights = [np.load(folder / f"{count}-{number}-{place}.npz") for count, number in runs]
        apart = max(
            float(np.abs(one[name] - weights[0][name]).max()) for one in weights[1:] for name in weights[0].files
        )
        cells = [", ".join(f"{loss:.6f}" for loss in one) for one in losses]
        print(f"| {' | '.join([network, optimizer, *cells, f'{apart:.0e}'])} |")


if __name__ == "__main__":
    main()
