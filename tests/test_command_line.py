"""Every command does its work, and what cannot be done ends in one line that helps and in exit code 2."""

import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from synthetic import splits

from convae.__main__ import main
from convae.experiments import EXPERIMENTS, RECIPES, THEMES
from convae.experiments.reproducing import duration
from convae.experiments.runs import load_run

NAME = "robledo-two-layer"
COMMANDS = ["list", "show", "data", "train", "evaluate", "reproduce"]


@pytest.fixture
def book(tmp_path, monkeypatch):
    """An empty book at hand, with a few made-up pictures as its data sets."""
    (tmp_path / "_config.yml").touch()
    (tmp_path / "convae").mkdir()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("convae.experiments.runs.CHECKSUMS", {})  # made-up pictures have others
    monkeypatch.delenv("CONVAE_RUNS", raising=False)
    monkeypatch.setattr("convae.data.load", lambda name, validation=0: splits(name, validation=validation))
    return tmp_path


def refused(capsys, *arguments):
    """The one line on stderr with which a command is refused."""
    capsys.readouterr()
    assert main([*arguments]) == 2
    output, errors = capsys.readouterr()
    assert output == ""
    assert errors.startswith("convae: ")
    assert "Traceback" not in errors
    return errors.removeprefix("convae: ").removesuffix("\n")


def test_list_names_every_experiment(book, capsys):
    assert main(["list"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert sorted(line.split()[0] for line in lines) == sorted(EXPERIMENTS)
    assert f"{NAME:24} mnist           20 epochs, seeds 0 to 4" in lines


@pytest.mark.parametrize("name", EXPERIMENTS)
def test_show_prints_the_settings_and_what_was_run(book, capsys, name):
    assert main(["show", name]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split() == ["name", repr(name)]
    assert lines[-EXPERIMENTS[name].seeds :] == [
        f"seed {n}: not in {book / 'runs' / name}" for n in range(EXPERIMENTS[name].seeds)
    ]


def test_train_goes_to_runs_and_is_shown_and_evaluated(book, capsys):
    assert main(["train", NAME]) == 0
    output, progress = capsys.readouterr()
    run = load_run(NAME)
    assert output == f"{run.folder}: {run.scores['test']}\n"
    assert "epoch 20 of 20: 100%" in progress

    assert main(["show", NAME]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[-5:-3] == [f"seed 0: {run.scores['test']}", f"seed 1: not in {run.folder.parent}"]

    assert main(["evaluate", NAME]) == 0
    scores = {name: float(value) for name, value in map(str.split, capsys.readouterr().out.splitlines())}
    assert scores == pytest.approx(run.scores["test"], rel=1e-4)


def test_train_with_another_seed_device_or_number_of_epochs(book, capsys):
    assert main(["train", NAME, "--seed", "3", "--device", "cpu"]) == 0
    assert load_run(NAME, 3).record["seed"] == 3
    assert main(["train", NAME, "--epochs", "2", "--data", "digits"]) == 0
    assert main(["train", NAME, "--epochs", "3", "--folder", "mine"]) == 0
    record = json.loads(Path("checkpoints/trials/runs", NAME, "0", "run.json").read_text())
    assert (record["recipe"]["epochs"], record["data"]["name"]) == (2, "digits")
    assert json.loads(Path("mine", NAME, "0", "run.json").read_text())["recipe"]["epochs"] == 3
    assert [path.name for path in Path("runs", NAME).iterdir()] == ["3"]


def test_what_says_the_same_as_the_recipe_changes_nothing(book, capsys):
    assert main(["train", NAME, "--epochs", "20", "--data", "mnist"]) == 0
    assert load_run(NAME).record["recipe"]["epochs"] == 20


def test_a_changed_recipe_does_not_go_to_runs(book, capsys):
    assert "differs from the book's recipe" in refused(capsys, "train", NAME, "--epochs", "1", "--folder", "runs")
    assert not Path("runs").exists()


@pytest.fixture
def made(monkeypatch):
    """What reproduce would make."""
    made = []

    def make(experiment, seed, **_):
        made.append((experiment.name, seed))

    monkeypatch.setattr("convae.experiments.running.run_experiment", make)
    return made


def test_reproduce_makes_what_is_missing_and_only_that(book, capsys):
    assert main(["train", "dense-1", "--seed", "1"]) == 0
    before = Path("runs/dense-1/1/run.json").stat().st_mtime_ns
    capsys.readouterr()
    assert main(["reproduce", "dense-1", "mnist-baselines"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[3].startswith("dense-1, seed 4: about")
    assert lines[4] == "mnist-baselines, seed 0: no estimate"
    assert re.fullmatch(r"5 runs, about \d+ seconds? in all, 1 of them without an estimate", lines[5])
    assert lines[6:] == [f"dense-1, seed {seed}" for seed in (0, 2, 3, 4)] + ["mnist-baselines, seed 0"]
    assert Path("runs/dense-1/1/run.json").stat().st_mtime_ns == before
    assert main(["reproduce", "dense-1", "mnist-baselines"]) == 0
    assert capsys.readouterr().out == "nothing to make\n"


def test_reproduce_makes_everything_when_nothing_is_named(book, made):
    assert main(["reproduce"]) == 0
    small = {name: each for name, each in EXPERIMENTS.items() if not each.large}
    assert sorted(made) == sorted((name, seed) for name in small for seed in range(small[name].seeds))
    of_nets = [EXPERIMENTS[name].of_nets for name, _ in made]
    assert of_nets == sorted(of_nets)  # what needs others' nets comes last


def test_what_asks_for_a_gpu_is_run_where_it_is_named(book, made):
    assert main(["reproduce", "utec-3-at-256"]) == 0
    assert made == [("utec-3-at-256", 0)]


def test_reproduce_takes_a_theme_and_seeds(book, made, capsys):
    assert main(["reproduce", "--only", "kernels", "--seed", "2", "--seed", "4"]) == 0
    names = [experiment.name for experiment in THEMES["kernels"] if experiment.seeds == 5]
    assert 0 < len(names) < len(THEMES["kernels"])  # what has one seed only is not asked for another
    assert made == [(name, seed) for seed in (2, 4) for name in names]
    assert "no theme is called 'kernel': did you mean kernels?" in refused(capsys, "reproduce", "--only", "kernel")


def test_reproduce_takes_several_themes(book, made):
    assert main(["reproduce", "--only", "alarm", "--only", "kernels", "--seed", "0"]) == 0
    assert sorted(made) == sorted((each.name, 0) for theme in ("alarm", "kernels") for each in THEMES[theme])


def test_one_run_is_no_runs_and_one_second_no_seconds(book, capsys):
    assert main(["train", "dense-1", "--seed", "1"]) == 0
    capsys.readouterr()
    assert main(["reproduce", "dense-1", "--seed", "0"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert re.fullmatch(r"1 run, about \d+ seconds? in all", lines[1])
    assert main(["reproduce", "mnist-baselines"]) == 0
    assert capsys.readouterr().out.splitlines()[1] == "1 run without an estimate"
    assert [duration(seconds) for seconds in (0, 0.4, 1.4, 1.6, 119, 120, None)] == [
        *("about 1 second",) * 3,
        *("about 2 seconds", "about 119 seconds", "about 2 minutes", "no estimate"),
    ]


def test_what_no_run_can_be_made_on_is_refused_before_anything_is_listed(book, made, capsys, monkeypatch):
    assert "no device 'cuda:9' on this machine" in refused(capsys, "reproduce", "dense-1", "--device", "cuda:9")
    assert main(["reproduce", "dense-1", "--device", "cuda:9", "--commands"]) == 0  # may be another machine's
    Path("_config.yml").unlink()
    message = "work inside a clone of the book's repository, or set CONVAE_RUNS"
    for more in ([], ["--commands"]):
        assert message in refused(capsys, "reproduce", "dense-1", *more)
    assert made == []


def test_a_file_in_place_of_a_folder_is_named(book, capsys):
    Path("README.md").touch()
    for folder in ("README.md", "README.md/mine"):
        message = refused(capsys, "train", "dense-1", "--folder", folder)
        assert message == "README.md is a file: name another folder for the run"


def test_what_is_named_twice_is_made_once(book, made):
    assert main(["reproduce", "dense-1", "dense-1", "--only", "two-layer", "--seed", "1", "--seed", "1"]) == 0
    assert sorted(made) == sorted((each.name, 1) for each in THEMES["two-layer"] if each.seeds > 1)


@pytest.mark.parametrize("seed", ["9", "-1"])
def test_a_seed_that_nobody_asks_for_is_refused(book, made, capsys, seed):
    message = refused(capsys, "reproduce", "dense-1", "--seed", seed)
    assert message == f"dense-1 has no seed {seed}: the book asks for 0 to 4"


def test_the_cheapest_runs_come_first(book, made, monkeypatch):
    monkeypatch.setenv("CONVAE_RUNS", str(Path(__file__).parents[1] / "runs"))
    monkeypatch.setattr("convae.experiments.reproducing.load_run", lambda *_: load_run("dense-64", 99))
    assert main(["reproduce", "denoising", "denoise-unet", "utec-3", "dense-1", "--seed", "0"]) == 0
    assert [name for name, _ in made] == ["dense-1", "utec-3", "denoise-unet", "denoising"]


def test_commands_are_lines_that_a_shell_takes(book, made, capsys):
    assert main(["reproduce", "dense-1", "codes", "--device", "cpu", "--commands"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[-1] == "python -m convae reproduce codes --seed 0 --device cpu"
    assert made == []
    for line in lines:
        assert main(shlex.split(line)[3:]) == 0
    assert made == [("dense-1", seed) for seed in range(5)] + [("codes", 0)]


def test_a_finished_run_is_replaced_only_when_told(book, capsys):
    assert main(["train", "dense-1", "--epochs", "2", "--data", "digits"]) == 0
    path = Path("checkpoints/trials/runs/dense-1/0/run.json")
    before = path.read_bytes()
    for other in (["--epochs", "1"], ["--data", "digits"]):
        message = refused(capsys, "train", "dense-1", "--folder", "checkpoints/trials/runs", *other)
        assert re.search(r"holds a finished run \(.* was .* and is .*\): say --again", message)
    assert path.read_bytes() == before
    assert main(["train", "dense-1", "--epochs", "1", "--data", "digits", "--again"]) == 0
    assert json.loads(path.read_text())["recipe"]["epochs"] == 1


def test_the_folder_that_is_named_is_used_by_an_unchanged_recipe_too(book, capsys):
    assert main(["train", "dense-1", "--folder", "mine"]) == 0
    assert Path("mine/dense-1/0/run.json").is_file()
    assert not Path("runs").exists()


@pytest.mark.parametrize("name", ["bottleneck-32", "denoise-plain", "classifier"])
def test_another_data_set_keeps_back_its_own_share(name, made, book):
    from convae.__main__ import _changed, _parser

    options = _parser().parse_args(["train", name, "--data", "digits"])
    assert _changed(RECIPES[name], options).validation is None
    options = _parser().parse_args(["train", name, "--data", "digits", "--validation", "20"])
    assert _changed(RECIPES[name], options).validation == 20
    assert _changed(RECIPES[name], _parser().parse_args(["train", name])).validation == 5000
    assert _changed(RECIPES[NAME], options).validation == 20
    assert _changed(RECIPES[NAME], _parser().parse_args(["train", NAME, "--data", "digits"])).validation == 0


@pytest.mark.parametrize("error", [torch.OutOfMemoryError("CUDA out of memory."), MemoryError()])
def test_memory_that_is_full_is_said_in_one_line(book, capsys, monkeypatch, error):
    def full(*_, **__):
        raise error

    monkeypatch.setattr("convae.experiments.recipe.build", full)
    assert "is full: try a smaller batch_size" in refused(capsys, "train", "dense-1", "--batch-size", "32")


def test_a_run_of_other_settings_is_said_and_made_again(book, capsys):
    assert main(["train", "dense-1"]) == 0
    path = Path("runs/dense-1/0/run.json")
    path.write_text(path.read_text().replace('"epochs":20', '"epochs":6'))
    message = "is not the book's run (epochs was 6 and is 20)"
    assert message in refused(capsys, "evaluate", "dense-1")
    assert main(["reproduce", "dense-1", "--seed", "0"]) == 0
    assert message in capsys.readouterr().out
    assert load_run("dense-1").record["recipe"]["epochs"] == 20


def test_a_pipe_that_is_closed_is_no_error(book):
    root = Path(__file__).parents[1]
    command = f"{shlex.quote(sys.executable)} -m convae list | head -3; exit ${{PIPESTATUS[0]}}"
    done = subprocess.run(["bash", "-c", command], cwd=root, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert len(done.stdout.splitlines()) == 3


def test_who_stops_a_training_is_told_how_it_goes_on(book, capsys, monkeypatch):
    def interrupt(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("convae.experiments.recipe.evaluate", interrupt)
        assert main(["train", NAME]) == 130
    assert "convae: stopped; the same command goes on from the last finished epoch" in capsys.readouterr().err
    with monkeypatch.context() as patch:
        patch.setattr(torch.optim.Adam, "step", None)  # it would fail if anything were trained again
        assert main(["train", NAME]) == 0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["show", "robledo-twolayer"], "no recipe is called 'robledo-twolayer': did you mean robledo-two-layer"),
        (["train", "dense-77"], "no recipe is called 'dense-77': did you mean dense-7"),
        (["train", "mnist-baselines"], "use python -m convae reproduce mnist-baselines"),
        (["evaluate", "dens-64"], "did you mean dense-64"),
        (["reproduce", "dense-7", "dense-08"], "no recipe is called 'dense-08'"),
        (["data", "mnits"], "is called 'mnits': did you mean mnist?"),
        (["train", NAME, "--epochs", "0"], "epochs is 0: give a whole number of at least 1"),
        (["train", NAME, "--data", "mnits"], "no data set is called 'mnits': did you mean mnist"),
        (["train", NAME, "--seed", "-1"], "seed is -1: give 0 or more"),
        (["train", NAME, "--device", "cuda:9"], "no device 'cuda:9' on this machine: choose one of auto, cpu"),
        (["evaluate", NAME], f"make it with python -m convae reproduce {NAME} --seed 0"),
        (["evaluate", NAME, "--seed", "2"], f"make it with python -m convae reproduce {NAME} --seed 2"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_line(book, capsys, arguments, message):
    errors = refused(capsys, *arguments)
    assert message in errors
    assert "\n" not in errors
    assert not Path("runs").exists()


def test_a_run_without_weights_is_not_evaluated(book, capsys):
    assert main(["train", "dense-1"]) == 0
    assert "keeps no weights" in refused(capsys, "evaluate", "dense-1")


def test_a_torn_run_is_told_left_alone_and_the_rest_is_made(book, made, capsys):
    Path("runs/dense-1/0").mkdir(parents=True)
    Path("runs/dense-1/0/run.json").write_text("{")
    assert main(["evaluate", "dense-1"]) == 2
    assert "run.json is torn or no run of convae" in capsys.readouterr().err
    for more in ([], ["--commands"]):
        assert main(["reproduce", "dense-1", *more]) == 2
        output, errors = capsys.readouterr()
        first, last = errors.splitlines()
        assert "run.json is torn or no run of convae" in first
        assert last == "convae: 1 run left as found, to be deleted and made again: dense-1, seed 0"
        assert "seed 0" not in output
        assert len(output.splitlines()) == (4 if more else 9)
    assert made == [("dense-1", seed) for seed in (1, 2, 3, 4)]
    assert main(["show", "dense-1"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert "run.json is torn or no run of convae" in lines[-5]
    assert lines[-4] == f"seed 1: not in {book / 'runs/dense-1'}"
    assert Path("runs/dense-1/0/run.json").read_text() == "{"


def test_without_the_data_the_three_ways_to_get_it_are_named(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CONVAE_RUNS", str(tmp_path / "runs"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.delenv("CONVAE_DATA", raising=False)
    for command in [["train", NAME], ["reproduce", "mnist-baselines"], ["reproduce", NAME]]:
        capsys.readouterr()
        assert main(command) == 2
        errors = capsys.readouterr().err
        assert all(way in errors for way in ["python -m convae data mnist", "download=True", "CONVAE_DATA"])
    monkeypatch.setenv("CONVAE_DATA", str(tmp_path / "slip"))
    assert "which is no folder" in refused(capsys, "train", NAME)
    assert list(tmp_path.iterdir()) == []


def test_outside_a_clone_the_way_to_the_runs_is_named(tmp_path, monkeypatch, capsys):
    monkeypatch.delenv("CONVAE_RUNS", raising=False)
    monkeypatch.chdir(tmp_path)
    assert "work inside a clone of the book's repository, or set CONVAE_RUNS" in refused(capsys, "evaluate", NAME)


def test_a_loss_that_is_no_number_ends_the_command(book, capsys, monkeypatch):
    def diverge(*_, **__):
        raise FloatingPointError("the loss of batch 4 in epoch 2 is inf: use a smaller learning rate")

    monkeypatch.setattr("convae.experiments.recipe.fit", diverge)
    assert "use a smaller learning rate" in refused(capsys, "train", NAME)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "required: command"),
        (["tain"], "invalid choice: 'tain'"),
        (["train"], "required: recipe"),
        (["train", NAME, "--epoch-count", "3"], "unrecognized arguments: --epoch-count"),
        (["train", NAME, "--seed", "one"], "invalid int value: 'one'"),
        (["list", "all"], "unrecognized arguments: all"),
        (["data"], "required: name"),
    ],
)
def test_an_unknown_command_or_option_is_an_error(arguments, message, capsys):
    with pytest.raises(SystemExit) as stopped:
        main(arguments)
    assert stopped.value.code == 2
    assert message in capsys.readouterr().err


def test_the_help_names_every_command(capsys):
    with pytest.raises(SystemExit) as stopped:
        main(["--help"])
    assert stopped.value.code == 0
    text = capsys.readouterr().out
    assert set(COMMANDS) <= {line.split()[0] for line in text.splitlines() if line.startswith("    ")}


def test_as_a_program_of_its_own(tmp_path):
    root = Path(__file__).parent.parent
    command = [sys.executable, "-m", "convae", "show", "robledo-tow-layer"]
    environment = os.environ | {"PYTHONPATH": str(root), "CONVAE_RUNS": str(tmp_path)}
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("convae: no recipe is called 'robledo-tow-layer': did you mean robledo-two-layer")
