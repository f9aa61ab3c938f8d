"""Where the arithmetic is done."""

import platform

import torch


def choose_device(name: str = "auto") -> torch.device:
    """A device by name: "auto" (the first GPU if there is one, else the CPU), "cpu", "cuda" or "cuda:1".

    Raises:
        ValueError: no such device on this machine; the message says which there are.
    """
    gpus = [f"cuda:{index}" for index in range(torch.cuda.device_count())]
    if name == "auto":
        return torch.device("cuda:0" if gpus else "cpu")
    if name == "cuda" and gpus:
        return torch.device("cuda:0")
    if name == "cpu" or name in gpus:
        return torch.device(name)
    raise ValueError(f"no device {name!r} on this machine: choose one of {', '.join(['auto', 'cpu', *gpus])}")


def describe(device: torch.device) -> str:
    """The device's name for the record of a run."""
    if device.type == "cuda":
        return torch.cuda.get_device_name(device)
    threads = torch.get_num_threads()
    return f"CPU ({platform.machine()}), {threads} thread{'s' * (threads > 1)}"
