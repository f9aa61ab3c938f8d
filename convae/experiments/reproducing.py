"""What of the book is not in runs/ yet, in which order it is made, and how long that may take."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from convae.experiments import RECIPES
from convae.experiments.experiment import Experiment
from convae.experiments.recipe import Recipe
from convae.experiments.runs import OtherRunError, Run, RunNotFoundError, load_run, read_run, runs_folder


@dataclass(frozen=True)
class Missing:
    """A run that is asked for and not there.

    Args:
        reason: Why what lies in its place does not count; empty where nothing does.
        seconds: Of one core, as far as another run tells.
        torn: What lies in its place cannot be read as a run of its own; nobody but its owner takes it away.
    """

    experiment: Experiment
    seed: int
    reason: str = ""
    seconds: float | None = None
    torn: bool = False

    def __str__(self) -> str:
        return f"{self.experiment.name}, seed {self.seed}"

    @property
    def command(self) -> str:
        """What makes it, as a line for a shell."""
        return f"python -m convae reproduce {self.experiment.name} --seed {self.seed}"


def missing(experiments: Iterable[Experiment], seeds: Sequence[int] | None = None) -> list[Missing]:
    """The runs of these experiments that are not there, cheapest first; those that need others' nets come last.

    Args:
        seeds: These alone, of each experiment that has them; by default all that each asks for.

    Raises:
        ValueError: a seed that none of them has.
        RunNotFoundError: there is no runs/ at all.
    """
    runs_folder()
    chosen = {each.name: each for each in experiments}.values()
    if most := max(chosen, key=lambda each: each.seeds, default=None):
        for other in set(seeds or ()) - set(range(most.seeds)):
            raise ValueError(f"{most.name} has no seed {other}: the book asks for 0 to {most.seeds - 1}")
    found = []
    for experiment in chosen:
        asked = range(experiment.seeds)
        for seed in asked if seeds is None else sorted(set(seeds) & set(asked)):
            try:
                load_run(experiment.name, seed)
            except RunNotFoundError:
                found.append(Missing(experiment, seed, "", estimate(experiment)))
            except OtherRunError as error:
                found.append(Missing(experiment, seed, str(error), estimate(experiment)))
            except ValueError as error:
                found.append(Missing(experiment, seed, str(error), torn=True))
    never = float("inf")  # what is not known is not called cheap
    return sorted(found, key=lambda each: (each.experiment.of_nets, each.seconds or never, each.seed))


def estimate(experiment: Experiment) -> float | None:
    """Seconds that a run of it took, or one of the same net on the same data; None where there is no such run."""
    for seed in range(experiment.seeds):
        if run := _stored(experiment, seed):
            return _seconds(run)
    if isinstance(experiment, Recipe):
        alike = [each for each in RECIPES.values() if (each.model, each.data) == (experiment.model, experiment.data)]
        for other in alike:
            if run := _stored(other, 0):
                return _seconds(run) * experiment.epochs / other.epochs
    return None


def _stored(experiment: Experiment, seed: int) -> Run | None:
    try:
        return read_run(runs_folder() / experiment.name / str(seed))
    except (OSError, ValueError):
        return None


def _seconds(run: Run) -> float:
    seconds: float = run.record.get("seconds_with_scoring", run.record["seconds"])
    return seconds


def duration(seconds: float | None) -> str:
    """Seconds, minutes or hours in words."""
    if seconds is None:
        return "no estimate"
    for size, unit in ((3600, "hours"), (60, "minutes")):
        if seconds >= 2 * size:
            return f"about {seconds / size:.0f} {unit}"
    return f"about {counted(max(round(seconds), 1), 'second')}"


def counted(count: int, thing: str) -> str:
    """So many of a thing: "1 run", "2 runs"."""
    return f"{count} {thing}{'s' * (count != 1)}"
