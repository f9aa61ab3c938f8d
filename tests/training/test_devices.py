"""A device is chosen or named; one that is not there is an error that says which are."""

import platform

import numpy
import pytest
import torch

from convae.training.devices import NotEnoughMemoryError, choose_device, describe, enough_memory


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


def test_a_device_may_be_given_as_one(gpus):
    assert choose_device(torch.device("cpu")) == torch.device("cpu")
    with pytest.raises(ValueError, match="no device 'cuda:9' on this machine"):
        choose_device(torch.device("cuda:9"))


@pytest.mark.parametrize("name", [None, 0, ["cpu"], b"cpu"])
def test_what_is_no_name_of_a_device(name):
    with pytest.raises(TypeError, match=r"a device is chosen by its name, not by .*: choose one of auto, cpu"):
        choose_device(name)


@pytest.mark.parametrize(("threads", "called"), [(1, "1 thread"), (2, "2 threads")])
def test_the_record_names_processor_and_threads(threads, called, monkeypatch):
    monkeypatch.setattr(torch, "get_num_threads", lambda: threads)
    assert describe(torch.device("cpu")) == f"CPU ({platform.machine()}), {called}"
    assert describe("cpu") == describe(torch.device("cpu"))


def test_the_record_names_the_gpu(monkeypatch):
    monkeypatch.setattr(torch.cuda, "get_device_name", lambda device: f"GPU {device.index}")
    assert describe(torch.device("cuda:1")) == "GPU 1"


@pytest.mark.parametrize(
    ("error", "where"),
    [
        (torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB."), "the GPU"),
        (RuntimeError("CUDA error: out of memory"), "the GPU"),
        (RuntimeError("cuDNN error: CUDNN_STATUS_ALLOC_FAILED"), "the GPU"),
        (MemoryError(), "this machine"),
        (RuntimeError("[enforce fail at alloc_cpu.cpp:129] . DefaultCPUAllocator: not enough memory"), "this machine"),
    ],
)
def test_a_full_memory_is_one_sentence_with_a_batch_size_to_try(error, where):
    for size, remedy in {
        64: "try a batch_size of 32 instead of 64",
        1: "one picture is too much already: take smaller ones, or a smaller net",
        None: "try a smaller batch_size",
    }.items():
        end = ', or the CPU, device "cpu"$' if where == "the GPU" else "$"
        message = f"^the memory of {where} is full: {remedy}{end}"
        with pytest.raises(NotEnoughMemoryError, match=message) as caught, enough_memory(size):
            raise error
        with pytest.raises(NotEnoughMemoryError) as again, enough_memory():  # the innermost knows the size
            raise caught.value
        assert again.value is caught.value


def test_the_allocators_of_this_machine_are_known():
    def by_torch():
        torch.empty(2**60, dtype=torch.uint8)

    def by_numpy():
        numpy.empty(2**60, dtype=numpy.uint8)

    def by_python():
        bytearray(2**60)

    for allocate in (by_torch, by_numpy, by_python):
        with pytest.raises(NotEnoughMemoryError, match="the memory of this machine is full"), enough_memory():
            allocate()


@pytest.mark.parametrize(
    "error", [RuntimeError("shapes cannot be multiplied"), ValueError("out of memory"), KeyError(1)]
)
def test_every_other_error_passes(error):
    with pytest.raises(type(error)) as caught, enough_memory(8):
        raise error
    assert caught.value is error
