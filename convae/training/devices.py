"""Where the arithmetic is done."""

from __future__ import annotations

import platform
from contextlib import contextmanager
from typing import TYPE_CHECKING

import torch

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["NotEnoughMemoryError", "choose_device", "describe", "enough_memory"]

# How allocators say it that raise a plain RuntimeError: the CPU's on Linux and on Windows, CUDA's driver, its libraries
FULL = ("DefaultCPUAllocator: can't allocate memory", "not enough memory", "out of memory", "ALLOC_FAILED")


class NotEnoughMemoryError(MemoryError):
    """Something did not fit into the memory; the message names what would."""


def choose_device(name: str | torch.device = "auto") -> torch.device:
    """A device by name: "auto" (the first GPU if there is one, else the CPU), "cpu", "cuda" or "cuda:1".

    Raises:
        TypeError: no name.
        ValueError: no such device on this machine; the message says which there are.
    """
    gpus = [f"cuda:{index}" for index in range(torch.cuda.device_count())]
    there = f"choose one of {', '.join(['auto', 'cpu', *gpus])}"
    if not isinstance(name, str | torch.device):
        raise TypeError(f"a device is chosen by its name, not by {name!r}: {there}")
    name = str(name)
    if name == "auto":
        return torch.device("cuda:0" if gpus else "cpu")
    if name == "cuda" and gpus:
        return torch.device("cuda:0")
    if name == "cpu" or name in gpus:
        return torch.device(name)
    raise ValueError(f"no device {name!r} on this machine: {there}")


def describe(device: torch.device | str) -> str:
    """The device's name for the record of a run."""
    if not isinstance(device, torch.device):
        device = choose_device(device)
    if device.type == "cuda":
        return torch.cuda.get_device_name(device)
    threads = torch.get_num_threads()
    return f"CPU ({platform.machine()}), {threads} thread{'s' * (threads > 1)}"


@contextmanager
def enough_memory(batch_size: int | None = None) -> Iterator[None]:
    """What runs out of memory inside becomes one sentence with a batch size to try; all else passes.

    Raises:
        NotEnoughMemoryError: the memory of the CPU or of a GPU was full.
    """
    try:
        yield
    except NotEnoughMemoryError:
        raise
    except (MemoryError, RuntimeError) as error:  # torch.OutOfMemoryError is a RuntimeError
        text = str(error)
        gpu = isinstance(error, torch.OutOfMemoryError) or any(name in text for name in ("CUDA", "CUDNN", "CUBLAS"))
        if not isinstance(error, MemoryError | torch.OutOfMemoryError) and not any(part in text for part in FULL):
            raise
        remedy = "try a smaller batch_size"
        if batch_size is not None:
            remedy = f"try a batch_size of {batch_size // 2} instead of {batch_size}"
            if batch_size == 1:
                remedy = "one picture is too much already: take smaller ones, or a smaller net"
        where, other = ("the GPU", ', or the CPU, device "cpu"') if gpu else ("this machine", "")
        raise NotEnoughMemoryError(f"the memory of {where} is full: {remedy}{other}") from error
