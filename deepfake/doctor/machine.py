"""Memory and disk."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from deepfake.doctor.findings import Finding, fault, fine, note

NEEDED_MEMORY_BYTES = 1_500_000_000  # the libraries and a model, and a picture of the largest size
NEEDED_DISK_BYTES = 1_000_000_000
_MEMINFO = Path("/proc/meminfo")
_GROUP = Path("/sys/fs/cgroup")  # of a container; it may have less than its machine


def check_memory(free_bytes: int | None) -> Finding:
    """Whether a large picture can be judged.

    Args:
        free_bytes: From `free_memory_bytes`.
    """
    needed = f"{NEEDED_MEMORY_BYTES / 1e9:.1f} GB"
    if free_bytes is None:
        return note(f"How much memory is free cannot be told on this system; {needed} are enough for any picture.")
    free = f"{free_bytes / 1e9:.1f} GB of memory are free"
    if free_bytes < NEEDED_MEMORY_BYTES:
        return fault(f"Only {free}. Expected {needed}, enough for any picture. Close other programs.")
    return fine(f"{free}; {needed} are enough for any picture.")


def free_memory_bytes(meminfo: Path = _MEMINFO, group: Path = _GROUP) -> int | None:
    """What this process could still take; None where the system does not tell (all but Linux)."""
    try:
        lines = meminfo.read_text(encoding="ascii").splitlines()
        free = 1024 * next(int(line.split()[1]) for line in lines if line.startswith("MemAvailable:"))
    except (OSError, ValueError, StopIteration):
        return None
    try:
        most = int((group / "memory.max").read_text(encoding="ascii"))
        return min(free, max(0, most - int((group / "memory.current").read_text(encoding="ascii"))))
    except (OSError, ValueError):  # no such group, or "max": no limit
        return free


def check_disk(cache_dir: Path) -> Finding:
    """Whether faces of data sets can be kept; the page and `check` keep nothing.

    Args:
        cache_dir: See `default_cache_dir`; it need not be there yet.
    """
    there = next((folder for folder in (cache_dir, *cache_dir.parents) if folder.exists()), Path("/"))
    if not there.is_dir() or not os.access(there, os.W_OK):
        return fault(
            f"The cache {cache_dir} cannot be written, and training and `evaluate` keep faces there. Name another "
            "folder in the environment variable DEEPFAKE_CACHE."
        )
    free_bytes = shutil.disk_usage(there).free
    free = f"{free_bytes / 1e9:.0f} GB of disk are free for the cache {cache_dir}"
    if free_bytes < NEEDED_DISK_BYTES:
        return note(f"Only {free}; training on large sets needs more. Verdicts do not.")
    return fine(f"{free}.")
