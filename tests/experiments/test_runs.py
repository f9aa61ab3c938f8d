"""A run is found, is whole or is none, and says what made it."""

import json
import math
import os
import shutil
import socket
import subprocess
import sys
import threading
from dataclasses import fields, replace
from pathlib import Path

import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from safetensors.torch import load_file, save
from synthetic import splits

from convae.data import DataNotFoundError, load
from convae.data.photographs import patches
from convae.experiments import EXPERIMENTS, RECIPES, STUDIES
from convae.experiments.experiment import Place
from convae.experiments.locking import locked
from convae.experiments.rate_and_distortion import BaselineStudy
from convae.experiments.recipe import Recipe
from convae.experiments.running import run_experiment
from convae.experiments.runs import (
    OtherRunError,
    RunNotFoundError,
    checkpoint_path,
    differences,
    load_run,
    load_runs,
    load_trained,
    read_run,
    runs_folder,
    trained_path,
    write_run,
)
from convae.models import build
from convae.tasks import Reconstruction
from convae.training.loop import evaluate

ROOT = Path(__file__).parents[2]
NAME = "robledo-two-layer"
RECIPE = RECIPES[NAME]
SHORT = replace(RECIPE, epochs=2)
FILES = ["errors.safetensors", "run.json", "weights.safetensors"]


@pytest.fixture
def book(tmp_path, monkeypatch):
    """A book whose runs lie in a folder of their own, and whose data sets are a few made-up pictures."""
    monkeypatch.setenv("CONVAE_RUNS", str(tmp_path / "runs"))
    monkeypatch.setattr("convae.experiments.runs.CHECKSUMS", {})  # made-up pictures have others
    monkeypatch.setattr("convae.data.load", lambda name, validation: splits(name, validation=validation))
    return tmp_path


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def settings_of(run):
    """What a run leaves that does not depend on the clock."""
    timed = {"seconds", "seconds_with_scoring", "finished"}
    timed |= {"trained"}  # where a run of the book leaves what later studies ask for
    record = {name: value for name, value in run.record.items() if name not in timed}
    return json.loads(json.dumps(record | {"curves": record["curves"] | {"seconds": []}}))


# where runs/ is


def test_runs_are_where_the_environment_says(tmp_path, monkeypatch):
    monkeypatch.setenv("CONVAE_RUNS", str(tmp_path / "elsewhere"))
    (tmp_path / "_config.yml").touch()
    monkeypatch.chdir(tmp_path)
    assert runs_folder() == tmp_path / "elsewhere"


def test_else_beside_the_nearest_configuration_upwards(tmp_path, monkeypatch):
    monkeypatch.delenv("CONVAE_RUNS", raising=False)
    (tmp_path / "outer" / "book" / "part").mkdir(parents=True)
    for folder in [tmp_path, tmp_path / "outer"]:
        (folder / "_config.yml").touch()
        (folder / "convae").mkdir()
    for start in [tmp_path / "outer", tmp_path / "outer" / "book", tmp_path / "outer" / "book" / "part"]:
        monkeypatch.chdir(start)
        assert runs_folder() == tmp_path / "outer" / "runs"


def test_else_there_is_an_error_that_says_how_to_get_them(tmp_path, monkeypatch):
    monkeypatch.delenv("CONVAE_RUNS", raising=False)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(RunNotFoundError, match="work inside a clone of the book's repository, or set CONVAE_RUNS"):
        load_run(NAME)


# what a run leaves


@pytest.fixture(scope="module")
def on_digits(tmp_path_factory):
    """One epoch on real digits, end to end."""
    recipe = replace(RECIPE, data="digits", epochs=1)
    return run_experiment(recipe, 0, folder=tmp_path_factory.mktemp("run") / NAME / "0")


def test_one_epoch_on_the_digits_end_to_end(on_digits):
    record, digits = on_digits.record, load("digits", validation=0)
    assert names(on_digits.folder) == FILES
    assert record["data"] == {"name": "digits", "checksum": digits.checksum(), "train": 1497, "test": 300}
    assert (record["seed"], record["parameters"], record["format"]) == (0, 2481, 1)
    assert record["recipe"]["epochs"] == 1
    assert record["recipe"]["task"] == "Reconstruction(corrupt=None)"
    assert record["versions"].keys() == {"python", "convae", "torch", "numpy"}
    assert record["device"].startswith("CPU")
    curves = record["curves"]
    assert [len(curves["batches"]), len(curves["seconds"])] == [24, 1]  # 1,497 pictures in batches of 64
    assert {name: len(curve) for name, curve in curves["steps"].items()} == {"train": 2, "test": 2}
    assert {name: len(curve) for name, curve in curves["epochs"].items()} == {"train": 2, "test": 2}


def test_the_stored_net_has_the_stored_scores(on_digits):
    scores = evaluate(on_digits.model(), Reconstruction(), load("digits").test)
    assert on_digits.scores["test"] == pytest.approx({name: each.mean().item() for name, each in scores.items()}, 1e-5)
    torch.testing.assert_close(on_digits.errors()["mse"], scores["mse"], rtol=1e-3, atol=1e-6)
    assert on_digits.record["curves"]["epochs"]["test"][-1] == pytest.approx(on_digits.scores["test"]["mse"], rel=1e-3)
    assert not on_digits.model().training


def test_a_run_is_read_as_it_was_written(on_digits):
    assert read_run(on_digits.folder) == on_digits


def test_a_net_is_also_scored_with_its_paths_cut(tmp_path):
    recipe = Recipe("trial", "unet", data="digits", epochs=1, batch_size=256, validation=None, watched=20, ablate=True)
    run = run_experiment(recipe, 0, folder=tmp_path / "trial/0")
    test, model = (
        load("digits").test,
        run_experiment(replace(recipe, keep_weights=True), 0, folder=tmp_path / "kept/0").model(),
    )
    for cut, skips in {"skip 1": [False, True], "skip 2": [True, False], "all skips": [False, False]}.items():
        with torch.no_grad():
            mse = (model(test.all().images, skips) - test.all().images).square().mean().item()
        assert run.record["ablations"][cut]["mse"] == pytest.approx(mse, rel=1e-4)
    assert run.scores.keys() == {"train", "validation", "test"}
    assert run.record["recipe"]["validation"] is None
    seen = load("digits").train[:20]
    assert run.scores["train"]["mse"] == pytest.approx(
        evaluate(model, Reconstruction(), seen)["mse"].mean().item(), rel=1e-4
    )


def test_runs_for_the_record_lie_where_they_are_found(book):
    made = [run_experiment(RECIPE, seed) for seed in range(5)]
    assert [run.folder for run in made] == [book / "runs" / NAME / str(seed) for seed in range(5)]
    assert load_runs(NAME) == made
    assert load_run(NAME) == made[0]
    assert load_run(NAME, 3) == made[3]
    assert names(book / "checkpoints" / NAME) == [f"{seed}.trained.safetensors" for seed in range(5)]


def test_the_machine_that_trained_a_net_has_it_for_every_seed(book):
    made = [run_experiment(RECIPES["robledo-two-layer"], seed) for seed in range(2)]
    images = splits().test
    for seed, run in enumerate(made):
        mse = evaluate(load_trained("robledo-two-layer", seed), Reconstruction(), images)["mse"].mean().item()
        assert mse == pytest.approx(run.scores["test"]["mse"], rel=1e-5)
    (book / "checkpoints/robledo-two-layer/1.trained.safetensors").unlink()
    with pytest.raises(RunNotFoundError, match=r"this machine has not trained it, python -m convae train .* --seed 1"):
        load_trained("robledo-two-layer", 1)
    load_trained("robledo-two-layer", 0)  # the run itself keeps this one


def test_half_weights_are_what_is_scored(book):
    recipe = replace(SHORT, keep_weights=True, half_weights=True)
    run = run_experiment(recipe, 0, folder=book / "a")
    assert {value.dtype for value in run.weights().values()} == {torch.float16}
    mse = evaluate(run.model(), Reconstruction(), splits().test)["mse"].mean().item()
    assert mse == pytest.approx(run.scores["test"]["mse"], rel=1e-5)


def test_the_same_seed_gives_the_same_run_and_another_does_not(book):
    one, same, other = (run_experiment(SHORT, seed, folder=book / str(n)) for n, seed in enumerate([0, 0, 1]))
    assert settings_of(one) == settings_of(same)
    assert (one.folder / "weights.safetensors").read_bytes() == (same.folder / "weights.safetensors").read_bytes()
    assert one.scores != other.scores


def test_the_callers_generator_is_left_alone(book):
    before = torch.get_rng_state()
    run_experiment(SHORT, 0, folder=book / "a")
    run_experiment(replace(STUDIES["mnist-baselines"], code_sizes=(1,)), folder=book / "b")
    assert torch.equal(torch.get_rng_state(), before)


def test_only_seed_0_keeps_weights_and_only_where_the_recipe_says_so(book):
    assert names(run_experiment(SHORT, 1, folder=book / "a").folder) == ["errors.safetensors", "run.json"]
    recipe = replace(SHORT, keep_weights=False, keep_errors=False)
    run = run_experiment(recipe, 0, folder=book / "b")
    assert names(run.folder) == ["run.json"]
    with pytest.raises(RunNotFoundError, match=r"keeps no weights.* keep_weights=True"):
        run.model()
    with pytest.raises(RunNotFoundError, match=r"keeps no errors.* keep_errors=True"):
        run.errors()
    recipe = replace(recipe, keep_weights=True, keep_errors=True)  # the remedy
    again = run_experiment(recipe, 0, folder=book / "b", again=True)
    assert names(again.folder) == FILES
    again.model()


def test_nothing_of_an_earlier_run_stays_behind(book):
    run_experiment(SHORT, 0, folder=book / "a")
    again = run_experiment(replace(SHORT, keep_weights=False), 0, folder=book / "a", again=True)
    assert names(again.folder) == FILES[:2]


def test_what_selects_nothing_is_followed_on_test_and_what_selects_on_validation(book):
    assert run_experiment(SHORT, 0, folder=book / "a").scores.keys() == {"train", "test"}
    run = run_experiment(replace(SHORT, validation=20), 0, folder=book / "b")
    assert run.record["curves"]["epochs"].keys() == {"train", "validation"}
    assert run.scores.keys() == {"train", "validation", "test"}
    assert run.record["data"]["train"] == 50


def test_a_study_is_one_table(book):
    run = run_experiment(STUDIES["mnist-baselines"])
    assert run.folder == book / "runs" / "mnist-baselines" / "0"
    table = run.scores["test"]
    assert table["pca/7"]["mse"] < table["pca/1"]["mse"] < table["mean-image/0"]["mse"] < table["black-image/0"]["mse"]
    assert table["pca/512"]["mse"] <= table["pca-plain/512"]["mse"]
    assert table["pca-stretched/7"]["mse"] <= table["pca/7"]["mse"]
    assert table["pca-stretched/7"]["interval"][0] == pytest.approx(table["pca-stretched/7"]["mse"])
    assert table.keys() > {"pca/512", "pca-own-blocks/144", "pca-shared-blocks/144"}
    for name, errors in run.errors().items():
        assert errors.mean().item() == pytest.approx(table[name]["mse"], rel=2e-3, abs=1e-6)
    assert load_runs("mnist-baselines") == [run]
    with pytest.raises(RunNotFoundError, match="keeps no weights"):
        run.model()


def test_the_optimizer_is_the_recipes():
    net = build("dense-1")
    adam = replace(RECIPE, learning_rate=0.02, weight_decay=0.3).make_optimizer(net)
    assert type(adam) is torch.optim.Adam
    assert (adam.defaults["lr"], adam.defaults["weight_decay"]) == (0.02, 0.3)
    sgd = replace(RECIPE, optimizer="sgd", momentum=0.8).make_optimizer(net)
    assert type(sgd) is torch.optim.SGD
    assert [sgd.defaults[name] for name in ("lr", "momentum", "weight_decay")] == [1e-3, 0.8, 1e-5]
    assert sum(p.numel() for group in sgd.param_groups for p in group["params"]) == 2353


# what may stand in runs/


@pytest.mark.parametrize("change", [{"epochs": 1}, {"data": "digits"}, {"name": "mine"}, {"learning_rate": 0.1}])
def test_a_changed_recipe_is_not_written_to_runs(book, change):
    changed, study = replace(RECIPE, **change), replace(STUDIES["mnist-baselines"], blocks=False)
    (book / "link").symlink_to(book / "runs")
    for folder in [None, book / "runs" / NAME / "0", book / "link" / NAME / "0", book / "runs" / "a" / ".." / NAME]:
        with pytest.raises(
            ValueError, match="differs from the book's recipe of that name: name a folder for it outside"
        ):
            run_experiment(changed, 0, folder=folder)
        with pytest.raises(ValueError, match="differs from the book's recipe"):
            run_experiment(study, folder=folder)
    assert not (book / "runs").exists()


def test_outside_a_clone_a_changed_recipe_needs_only_a_folder(book, monkeypatch):
    monkeypatch.delenv("CONVAE_RUNS")
    monkeypatch.chdir(book)
    assert names(run_experiment(SHORT, 0, folder=Path("mine")).folder) == FILES


def test_a_run_for_the_record_refuses_a_substitute(tmp_path, monkeypatch):
    monkeypatch.delenv("CONVAE_DATA", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("CONVAE_RUNS", str(tmp_path / "runs"))
    for run in [lambda: run_experiment(RECIPE, 0), lambda: run_experiment(STUDIES["mnist-baselines"])]:
        with pytest.raises(DataNotFoundError, match="no mnist in"):
            run()
    assert names(tmp_path) == []


@pytest.mark.parametrize(
    ("bad", "message"),
    [({"device": "cuda:7"}, "no device 'cuda:7' on this machine"), ({"seed": -1}, "seed is -1: give 0 or more")],
)
def test_bad_input_is_refused_before_anything_is_written(book, bad, message):
    with pytest.raises(ValueError, match=message):
        run_experiment(RECIPE, **({"seed": 0} | bad))
    assert names(book) == []


# what was interrupted


@pytest.mark.parametrize("saves", [1, 12])
def test_an_interrupted_run_goes_on_exactly(book, monkeypatch, saves):
    from convae.training import loop

    left = iter(range(saves))

    def save(*state):
        training_save(*state)
        if next(left, None) == saves - 1:
            raise KeyboardInterrupt

    training_save = loop.save_checkpoint
    with monkeypatch.context() as patch:
        patch.setattr(loop, "save_checkpoint", save)
        with pytest.raises(KeyboardInterrupt):
            run_experiment(RECIPE, 0)
    with pytest.raises(RunNotFoundError):
        load_run(NAME)
    assert names(book / "checkpoints" / NAME) == ["0.safetensors"]
    resumed = run_experiment(RECIPE, 0)
    straight = run_experiment(RECIPE, 0, folder=book / "straight")
    assert settings_of(resumed) == settings_of(straight)
    for file in ["errors.safetensors", "weights.safetensors"]:
        assert (resumed.folder / file).read_bytes() == (straight.folder / file).read_bytes()


@pytest.mark.parametrize("earlier", [False, True], ids=["first", "again"])
@pytest.mark.parametrize("write", [1, 2, 3])
def test_killed_while_it_is_written_a_run_is_the_old_one_or_none_and_can_be_finished(book, monkeypatch, write, earlier):
    from convae.experiments import runs

    old = run_experiment(RECIPE, 0) if earlier else None
    written = []

    def fail(path, content):
        written.append(path)
        if len(written) == write:
            raise OSError("no space left on device")
        whole(path, content)

    whole = runs.write_whole
    with monkeypatch.context() as patch:
        patch.setattr(runs, "write_whole", fail)
        with pytest.raises(OSError, match="no space left"):
            run_experiment(RECIPE, 0, again=True)
    assert written[-1].name == ["errors.safetensors", "weights.safetensors", "run.json"][write - 1]
    if old:
        assert load_run(NAME) == old
        load_run(NAME).model()
    else:
        with pytest.raises(RunNotFoundError, match=rf"no run in .*{NAME}.0: make it with python -m convae reproduce"):
            load_run(NAME)
    load_file(book / "checkpoints" / NAME / "0.trained.safetensors")  # there before the record says so
    with monkeypatch.context() as patch:  # all epochs are behind it: nothing is trained again
        patch.setattr(torch.optim.Adam, "step", None)
        run = run_experiment(RECIPE, 0, again=True)
    assert names(run.folder) == FILES
    assert names(run.folder.parent) == ["0"]
    assert names(book / "checkpoints" / NAME) == ["0.trained.safetensors"]


def test_a_reader_finds_a_whole_run_while_it_is_written_again(book):
    run = run_experiment(SHORT, 0, folder=book / "a")
    record = {name: value for name, value in run.record.items() if name != "files"}
    kept = {"weights": run.weights(), "errors": run.errors()}
    stop = threading.Event()

    def write():
        while not stop.is_set():
            write_run(run.folder, record, kept)

    writer = threading.Thread(target=write)
    writer.start()
    try:
        for _ in range(200):
            read_run(run.folder).model()
    finally:
        stop.set()
        writer.join()
    assert names(book) == ["a"]


def test_two_processes_do_not_make_one_run(book):
    lock = book / "checkpoints" / NAME / "0.lock"
    with (
        locked(lock),
        pytest.raises(ValueError, match=f"process {os.getpid()} makes this run already: wait for it, or end it"),
    ):
        run_experiment(RECIPE, 0)
    assert not lock.exists()
    gone = subprocess.run([sys.executable, "-c", "import os; print(os.getpid())"], capture_output=True, check=True)
    for process in (int(gone.stdout), os.getpid()):  # a container's process may have the number of the one before it
        lock.write_text(json.dumps({"process": process, "machine": socket.gethostname()}))
        with pytest.warns(UserWarning, match="which is gone: taken over"), locked(lock):
            assert json.loads(lock.read_text())["process"] == os.getpid()
        assert names(lock.parent) == []
    lock.write_text("")
    with pytest.raises(ValueError, match=r"0\.lock is no lock of convae: delete it"), locked(lock):
        pass
    lock.write_text('{"process": 1, "machine": "elsewhere"}')
    with pytest.raises(ValueError, match=r"process 1 on elsewhere makes this run: wait, or delete .*0\.lock"):
        run_experiment(RECIPE, 0)


HOLD = """
import sys, time
from pathlib import Path
from convae.experiments.locking import locked
lock, inside = Path(sys.argv[1]), Path(sys.argv[2])
for _ in range(60):
    try:
        with locked(lock):
            inside.mkdir()
            time.sleep(0.001)
            inside.rmdir()
    except ValueError:
        time.sleep(0.0005)
"""


def test_no_two_processes_are_ever_inside(tmp_path):
    command = [sys.executable, "-W", "ignore", "-c", HOLD, str(tmp_path / "a.lock"), str(tmp_path / "inside")]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    running = [subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True) for _ in range(3)]
    assert [process.communicate()[1] for process in running] == ["", "", ""]
    assert list(tmp_path.iterdir()) == []


def test_weights_that_are_not_those_of_the_run_are_not_loaded(book):
    run_experiment(RECIPES["dense-1"], 1)
    path = trained_path(checkpoint_path("dense-1", 1))
    whole = path.read_bytes()
    assert load_trained("dense-1", 1).training is False
    for other in (save(build("dense-1").state_dict()), whole[:40], b"", whole[:-1] + bytes([whole[-1] ^ 1])):
        path.write_bytes(other)
        with pytest.raises(RunNotFoundError, match=r"torn or not what .* trained: python -m convae train"):
            load_trained("dense-1", 1)


def test_what_lies_beside_a_run_stays(book):
    for name in (".a.backup.2024", ".a.old.mine", "b"):
        (book / name).mkdir()
        (book / name / "kept").touch()
    run_experiment(SHORT, 0, folder=book / "a")
    run_experiment(SHORT, 0, folder=book / "a", again=True)
    assert names(book) == [".a.backup.2024", ".a.old.mine", "a", "b"]


def test_a_folder_where_nothing_can_be_written_is_told_before_the_training(book, monkeypatch):
    def full(path, size):
        raise OSError(f"{path} cannot be written (no space left): {size} bytes")

    monkeypatch.setattr("convae.experiments.running.check_room", full)
    monkeypatch.setattr("convae.experiments.recipe.build", None)  # it would fail if anything began
    with pytest.raises(OSError, match=r"robledo-two-layer.0 cannot be written .no space left.: 1000000 bytes"):
        run_experiment(RECIPE, 0)


def test_a_folder_with_other_things_is_not_replaced(book):
    (book / "mine").mkdir()
    (book / "mine" / "thesis.txt").write_text("years")
    with pytest.raises(ValueError, match=r"holds other things, thesis\.txt among them: name a folder of the run's own"):
        run_experiment(SHORT, 0, folder=book / "mine")
    (book / "file").touch()
    with pytest.raises(ValueError, match="file is a file: name another folder"):
        run_experiment(SHORT, 0, folder=book / "file")
    assert names(book) == ["file", "mine"]


def test_a_study_that_was_interrupted_keeps_the_parts_that_were_done(book, monkeypatch):
    study = replace(STUDIES["doubling"], epochs=(1,), repeats=1)
    straight = study.run(0, patches(32, each=10), Place(torch.device("cpu"), book / "a" / "0.safetensors", None))
    place = Place(torch.device("cpu"), book / "b" / "0.safetensors", None)
    table, made = type(study).table, []

    def interrupted(part, splits, nets):
        if made:
            raise KeyboardInterrupt
        made.append(part.kernels)
        return table(part, splits, nets)

    with monkeypatch.context() as patch:
        patch.setattr(type(study), "table", interrupted)
        with pytest.raises(KeyboardInterrupt):
            study.run(0, patches(32, each=10), place)
    assert made == [study.kernels[:1]]

    def second(part, splits, nets):
        assert part.kernels == study.kernels[1:]
        return table(part, splits, nets)

    with monkeypatch.context() as patch:
        patch.setattr(type(study), "table", second)
        resumed = study.run(0, patches(32, each=10), place)
    assert resumed.record["scores"] == straight.record["scores"]
    for name, tensor in straight.kept["weights"].items():
        assert torch.equal(resumed.kept["weights"][name], tensor)
    part = book / "b" / "part-0.table"
    whole = part.read_bytes()
    for spoiled in (b"", whole[:50], whole.replace(b"photographs", b"photogrophs"), whole[:-1] + b"!"):
        part.write_bytes(spoiled)  # made again
        again = study.run(0, patches(32, each=10), place)
        assert again.record["scores"] == straight.record["scores"]


def test_a_part_that_no_table_can_hold_is_refused_when_it_is_made(book, monkeypatch):
    study = STUDIES["doubling"]
    place = Place(torch.device("cpu"), book / "0.safetensors", None)
    monkeypatch.setattr(type(study), "table", lambda part, splits, nets: ({"a": {"named": [[0.5, 0.4]]}}, {}))
    with pytest.raises(ValueError, match=r"a named is \[0\.5, 0\.4\], no number"):
        study.run(0, patches(32, each=10), place)
    assert not [*book.rglob("part-*")]


def test_trials_do_not_take_the_checkpoint_of_the_record(book, monkeypatch):
    from convae.experiments import recipe

    def interrupt(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(recipe, "evaluate", interrupt)
        with pytest.raises(KeyboardInterrupt):
            run_experiment(RECIPE, 0)
    checkpoint = book / "checkpoints" / NAME / "0.safetensors"
    before = checkpoint.read_bytes()
    for folder in [book / "trials" / NAME / "0", book / "0", book / "other" / NAME / "0"]:
        run_experiment(SHORT, 0, folder=folder)
    assert checkpoint.read_bytes() == before


# what is no run


def test_a_run_that_was_not_made_yet_says_how_to_make_it(book):
    with pytest.raises(RunNotFoundError, match=f"python -m convae reproduce {NAME} --seed 3$"):
        load_run(NAME, 3)
    with pytest.raises(RunNotFoundError, match=r"python -m convae reproduce mnist-baselines --seed 0$"):
        load_run("mnist-baselines")
    with pytest.raises(RunNotFoundError, match="name the folder of a finished run, <recipe>/<seed>"):
        read_run(book)


def test_a_slip_in_a_name_is_told_from_a_missing_run(book):
    for loader in [load_run, load_runs]:
        with pytest.raises(ValueError, match=r"no recipe is called 'robledo-twolayer': did you mean robledo-two-layer"):
            loader("robledo-twolayer")


@pytest.fixture
def copied(book, on_digits, monkeypatch):
    """A whole run where the book looks for it, to be spoiled."""
    monkeypatch.setitem(EXPERIMENTS, NAME, replace(RECIPE, data="digits", epochs=1))
    folder = book / "runs" / NAME / "0"
    shutil.copytree(on_digits.folder, folder)
    load_run(NAME)
    return folder


def test_a_torn_record_is_refused(copied):
    whole = (copied / "run.json").read_bytes()
    for length in [0, 1, 100, len(whole) - 3]:
        (copied / "run.json").write_bytes(whole[:length])
        with pytest.raises(ValueError, match=r"run\.json is torn or no run of convae .*: delete .*0 and make it again"):
            load_run(NAME)


@pytest.mark.parametrize("content", ["[]", "{}", '"text"', "3", "null", '{"format": 1}', '{"format": 1, "recipe": 3}'])
def test_a_foreign_record_is_refused(copied, content):
    (copied / "run.json").write_text(content)
    with pytest.raises(ValueError, match="is torn or no run of convae"):
        load_run(NAME)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"format": 2}, "format 2, this package reads 1"),
        ({"recipe": {}}, "without the name of its recipe"),
        ({"recipe": {"name": "dense-7", "model": "dense-7"}}, "holds dense-7, seed 0: delete it and make it again"),
        ({"seed": 4}, f"holds {NAME}, seed 4: delete it"),
    ],
)
def test_a_record_of_something_else_is_refused(copied, change, message):
    record = json.loads((copied / "run.json").read_text())
    (copied / "run.json").write_text(json.dumps(record | change))
    with pytest.raises(ValueError, match=message):
        load_run(NAME)


@pytest.mark.parametrize("name", ["recipe", "seed", "scores", "data", "versions", "device", "seconds"])
def test_a_record_with_a_part_missing_is_refused(copied, name):
    record = json.loads((copied / "run.json").read_text())
    del record[name]
    (copied / "run.json").write_text(json.dumps(record))
    with pytest.raises(ValueError, match=f"without {name}"):
        load_run(NAME)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"mse":', '"mse":"0.1","was":'),
        ('"mse":', '"mse":null,"was":'),
        ('"mse":', '"mse":NaN,"was":'),
        ('"mse":', '"mse":Infinity,"was":'),
        ('"mse":', '"mse":-0.1,"was":'),
        ('"mse":', '"mse":[0.1],"was":'),
        ('"mse":', '"mse":true,"was":'),
        ('"scores":', '"scores":3,"was":'),
        ('"scores":', '"scores":{},"was":'),
        ('"recipe":', '"recipe":[],"was":'),
        ('"files":', '"files":7,"was":'),
        ('"data":{', '"data":{"checksum":5,"was":{'),
        ('"seed":', f'"seed":{"[" * 100_000},"was":'),
    ],
)
def test_a_record_without_numbers_is_refused(copied, old, new):
    path = copied / "run.json"
    path.write_text(path.read_text().replace(old, new, 1))
    with pytest.raises(ValueError, match=r"run\.json is torn or no run of convae .*: delete .*0 and make it again"):
        load_run(NAME)


@settings(deadline=None, max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(place=st.floats(0, 1), bit=st.integers(0, 7), name=st.sampled_from(["weights", "errors"]))
def test_a_flipped_bit_is_seen(copied, place, bit, name):
    path = copied / f"{name}.safetensors"
    whole = path.read_bytes()
    flipped = bytearray(whole)
    flipped[min(int(place * len(whole)), len(whole) - 1)] ^= 1 << bit
    path.write_bytes(flipped)
    try:
        with pytest.raises(ValueError, match=rf"{name}\.safetensors is torn or not of {NAME}"):
            getattr(load_run(NAME), name)()
    finally:
        path.write_bytes(whole)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"recipe": {"epochs": 6}}, "epochs was 6 and is 1"),
        ({"recipe": {"learning_rate": 0.1}}, r"learning_rate was 0\.1 and is 0\.001"),
        ({"recipe": {"task": "Reconstruction(corrupt=Blur())"}}, "task was"),
        ({"data": {"checksum": "0" * 16}}, "the data had the checksum 0000"),
    ],
)
def test_a_run_of_other_settings_or_data_is_not_the_books(copied, on_digits, monkeypatch, change, message):
    monkeypatch.setattr("convae.experiments.runs.CHECKSUMS", {"digits": (on_digits.record["data"]["checksum"],)})
    load_run(NAME)
    record = json.loads((copied / "run.json").read_text())
    for part, values in change.items():
        record[part] |= values
    (copied / "run.json").write_text(json.dumps(record))
    with pytest.raises(OtherRunError, match=f"is not the book's run .{message}"):
        load_run(NAME)
    assert len(differences(read_run(copied), EXPERIMENTS[NAME])) == 1


def test_a_setting_that_changes_no_number_makes_no_other_run(copied, monkeypatch):
    monkeypatch.setitem(EXPERIMENTS, NAME, replace(EXPERIMENTS[NAME], seeds=9, keep_errors=False))
    load_run(NAME)


def test_torn_or_foreign_weights_and_errors_are_refused(copied):
    run, whole = load_run(NAME), (copied / "weights.safetensors").read_bytes()
    for content in [b"", whole[:50], whole[:-1], (copied / "errors.safetensors").read_bytes()]:
        (copied / "weights.safetensors").write_bytes(content)
        with pytest.raises(ValueError, match=rf"weights\.safetensors is torn or not of {NAME} .*delete"):
            run.model()
    (copied / "errors.safetensors").write_bytes(whole[:50])
    with pytest.raises(ValueError, match=r"errors\.safetensors is torn .*delete"):
        run.errors()


# what is stored


def stored():
    return sorted(path.parent for path in (ROOT / "runs").glob("*/*/run.json"))


def test_every_stored_run_is_of_a_recipe_as_it_stands():
    assert stored()
    for folder in stored():
        run, experiment = read_run(folder), EXPERIMENTS[folder.parent.name]
        assert (run.record["recipe"]["name"], str(run.record["seed"])) == (folder.parent.name, folder.name)
        assert run.record["seed"] < experiment.seeds
        for setting in fields(experiment):
            if setting.name in run.record["recipe"]:  # one that came later has its default
                now = getattr(experiment, setting.name)
                now = repr(now) if setting.name == "task" else json.loads(json.dumps(now))
                assert run.record["recipe"][setting.name] == now, (folder, setting.name)


def test_every_stored_run_is_complete_and_finite():
    for folder in stored():
        run, experiment = read_run(folder), EXPERIMENTS[folder.parent.name]
        rows = run.scores["test"].values() if experiment.name in STUDIES else run.scores.values()
        columns = [column if isinstance(column, list) else [column] for row in rows for column in row.values()]
        assert all(math.isfinite(value) for column in columns for value in column if not isinstance(value, str))
        if not isinstance(experiment, Recipe | BaselineStudy):
            if (folder / "weights.safetensors").is_file():
                assert all(weights.isfinite().all() for weights in run.weights().values())
            continue
        if isinstance(experiment, BaselineStudy) or experiment.keep_errors:
            assert all(
                errors.isfinite().all() and len(errors) == run.record["data"]["test"]
                for errors in run.errors().values()
            )
        if isinstance(experiment, Recipe):
            batches = -(-run.record["data"]["train"] // experiment.batch_size)
            curves = run.record["curves"]
            assert len(curves["batches"]) == batches + (experiment.epochs - 1) * -(-batches // 20)
            assert {len(curve) for curve in curves["epochs"].values()} == {experiment.epochs + 1}
            assert {len(curve) for curve in curves["steps"].values()} == {-(-batches // 20)}
            if experiment.keep_errors:
                assert run.errors()["mse"].mean().item() == pytest.approx(run.scores["test"]["mse"], rel=1e-3)
            assert run.record["parameters"] == sum(p.numel() for p in build(experiment.model).parameters())
        weights = folder / "weights.safetensors"
        assert weights.is_file() == (getattr(experiment, "keep_weights", False) and folder.name == "0")
        if weights.is_file():
            assert weights.stat().st_size < 1_000_000
            assert all(value.isfinite().all() for value in load_file(weights).values())
            run.model()


def test_runs_stay_small():
    assert sum(path.stat().st_size for path in (ROOT / "runs").rglob("*") if path.is_file()) <= 15_000_000
