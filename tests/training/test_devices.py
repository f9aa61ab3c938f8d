"""A device is chosen or named; one that is not there is an error that says which are."""

import platform

import pytest
import torch

from convae.training.devices import choose_device, describe


@pytest.fixture(params=[0, 1, 2])
def gpus(request, monkeypatch):
    monkeypatch.setattr(torch.cuda, "device_count", lambda: request.param)
    return request.param


def test_auto_takes_the_first_gpu_if_there_is_one(gpus):
    assert choose_device() == choose_device("auto") == torch.device("cuda:0" if gpus else "cpu")


def test_every_device_that_is_there_can_be_named(gpus):
    assert choose_device("cpu") == torch.device("cpu")
    for index in range(gpus):
        assert choose_device(f"cuda:{index}") == torch.device("cuda", index)
    if gpus:
        assert choose_device("cuda") == torch.device("cuda:0")


def test_one_that_is_not_there_is_refused_with_those_that_are(gpus):
    absent = [f"cuda:{gpus}", "gpu", "mps", "", "CPU", "cuda:-1"] + ["cuda"] * (not gpus)
    there = ", ".join(["auto", "cpu", "cuda:0", "cuda:1"][: 2 + gpus])
    for name in absent:
        with pytest.raises(ValueError, match=f"no device '{name}' on this machine: choose one of {there}$"):
            choose_device(name)


@pytest.mark.parametrize(("threads", "called"), [(1, "1 thread"), (2, "2 threads")])
def test_the_record_names_processor_and_threads(threads, called, monkeypatch):
    monkeypatch.setattr(torch, "get_num_threads", lambda: threads)
    assert describe(torch.device("cpu")) == f"CPU ({platform.machine()}), {called}"


def test_the_record_names_the_gpu(monkeypatch):
    monkeypatch.setattr(torch.cuda, "get_device_name", lambda device: f"GPU {device.index}")
    assert describe(torch.device("cuda:1")) == "GPU 1"
