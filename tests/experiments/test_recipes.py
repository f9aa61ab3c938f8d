"""Every experiment of the book is a frozen value, and a wrong one does not come into being."""

import dataclasses
import math
import re
import sys

import pytest
import rooms

from book.tools.chapters import ROOT
from convae import corruption, experiments
from convae.experiments import EXPERIMENTS, RECIPES, STUDIES, THEMES
from convae.experiments.recipe import Recipe
from convae.experiments.study import Study
from convae.models import MODELS
from convae.tasks import Classification, Reconstruction, Variational

PLAIN = {"name": "trial", "model": "dense-7"}
MODULES = rooms.modules(experiments)


def test_a_recipe_is_frozen():
    with pytest.raises(dataclasses.FrozenInstanceError):
        RECIPES["dense-7"].epochs = 1


@pytest.mark.parametrize("name", EXPERIMENTS)
def test_what_is_printed_makes_the_same_value(name):
    tasks = (Reconstruction, Classification, Variational)
    own = vars(sys.modules[type(EXPERIMENTS[name]).__module__])  # its class, and what its settings are made of
    scope = vars(corruption) | {kind.__name__: kind for kind in tasks} | own
    assert eval(repr(EXPERIMENTS[name]), scope) == EXPERIMENTS[name]


CHANGED = {
    "name": "other",
    "model": "dense-1",
    "data": "digits",
    "task": Reconstruction(abs),
    "optimizer": "adam",
    "learning_rate": 1.0,
    "weight_decay": 1.0,
    "momentum": 0.5,
    "keep_weights": True,
    "keep_errors": True,
    "half_weights": True,
    "decay": True,
    "watched": 9,
    "ablate": True,
    "large": True,
    **dict.fromkeys(["epochs", "batch_size", "validation", "seeds"], 17),
}


@pytest.mark.parametrize("setting", [setting.name for setting in dataclasses.fields(Recipe)])
def test_recipes_are_compared_by_all_their_settings(setting):
    plain = Recipe(**PLAIN, optimizer="sgd")
    assert plain == Recipe(**PLAIN, optimizer="sgd")
    assert hash(plain) == hash(Recipe(**PLAIN, optimizer="sgd"))
    assert dataclasses.replace(plain, **{setting: CHANGED[setting]}) != plain


def test_no_two_experiments_share_a_name_or_a_folder():
    assert len(EXPERIMENTS) == len(RECIPES) + len(STUDIES)
    for name, experiment in EXPERIMENTS.items():
        assert experiment.name == name
        assert name == name.lower().replace("/", "").strip(". ")
        assert experiment.seeds >= 1


def test_the_records_of_the_source_are_asked_for_as_it_describes_them():
    for name in ["robledo-two-layer", "robledo-three-layer", "robledo-max-pool"] + [
        f"dense-{size}" for size in (64, 128, 256, 512, 144, 288, 1, 7)
    ]:
        recipe = RECIPES[name]
        assert recipe.model == name
        assert (recipe.data, recipe.validation, recipe.epochs, recipe.batch_size) == ("mnist", 0, 20, 64)
        assert (recipe.optimizer, recipe.learning_rate, recipe.weight_decay) == ("adam", 1e-3, 1e-5)
        assert recipe.seeds == 5
    assert STUDIES["mnist-baselines"].code_sizes == (1, 7, 30, 64, 128, 144, 256, 288, 512)


def test_every_recipe_names_a_model_that_can_be_built():
    assert {recipe.model for recipe in RECIPES.values()} <= set(MODELS)


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        ({"model": "dense-77"}, "no model is called 'dense-77': did you mean dense-7"),
        ({"optimizer": "adma"}, "no optimizer is called 'adma': did you mean adam?"),
        ({"optimizer": "lion"}, "there are adam, sgd"),
        ({"data": "mnits"}, "no data set is called 'mnits': did you mean mnist"),
        ({"epochs": 0}, "epochs is 0: give a whole number of at least 1"),
        ({"epochs": 2.5}, "epochs is 2.5: give a whole number"),
        ({"batch_size": -4}, "batch_size is -4: give a whole number of at least 1"),
        ({"validation": -1}, "validation is -1: give a whole number of at least 0"),
        ({"seeds": 0}, "seeds is 0"),
        ({"watched": 0}, "watched is 0: give a whole number of at least 1"),
        ({"learning_rate": 0}, "learning_rate is 0: it has to be above 0"),
        ({"learning_rate": -1e-3}, "learning_rate is -0.001"),
        ({"learning_rate": math.nan}, "learning_rate is nan"),
        ({"learning_rate": math.inf}, "learning_rate is inf"),
        ({"weight_decay": -1}, "weight_decay is -1: it has to be at least 0"),
        ({"weight_decay": math.nan}, "weight_decay is nan"),
        ({"optimizer": "sgd", "momentum": 1.0}, "momentum is 1.0: it has to be at least 0 and below 1"),
        ({"momentum": 0.9}, "momentum is 0.9, which adam does not take: use sgd or leave it 0"),
    ],
)
def test_a_setting_that_cannot_be_is_refused(bad, message):
    with pytest.raises(ValueError, match=message):
        Recipe(**(PLAIN | bad))
    plain = Recipe(**PLAIN)
    with pytest.raises(ValueError, match=message):  # a changed copy is checked like a new one
        dataclasses.replace(plain, **bad)


def test_a_setting_that_there_is_not_is_refused():
    with pytest.raises(TypeError, match="learning_rat"):
        Recipe(**PLAIN, learning_rat=1e-3)


def test_a_folder_of_own_pictures_is_a_data_set():
    assert Recipe(**PLAIN, data="folder:holidays").data == "folder:holidays"


def test_the_table_of_themes_has_all():
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `([\w-]+)`[^|]*\| `(\w+)` \|", text, re.MULTILINE)
    chapters = {path.stem for path in (ROOT / "book").glob("*.md")}
    assert {chapter for chapter, _ in rows} <= chapters
    graders = {path.stem for path in (ROOT / "convae/exercises").glob("[a-z]*.py")} - {"grading"}
    modules = {theme.replace("-", "_") for theme in THEMES}
    assert {theme for _, theme in rows} == graders | modules


def test_every_experiment_has_one_theme():
    names = [each.name for theme in THEMES.values() for each in theme]
    assert len(names) == len(set(names)) == len(EXPERIMENTS)


def test_no_theme_is_forgotten():
    themes = {name: vars(module).get("EXPERIMENTS") for name, module in MODULES.items()}
    themes = {name: theme for name, theme in themes.items() if isinstance(theme, tuple)}  # others import them all
    assert themes == {name.replace("-", "_"): theme for name, theme in THEMES.items()}


@pytest.mark.parametrize("module", MODULES)
def test_no_recipe_or_study_of_a_module_is_forgotten(module):
    named = [value for value in vars(MODULES[module]).values() if isinstance(value, Recipe | Study)]
    assert all(value in EXPERIMENTS.values() for value in named)
    assert rooms.concrete(MODULES[module], Study) <= {type(study) for study in STUDIES.values()}


@pytest.mark.parametrize("name", STUDIES)
def test_the_parts_of_a_study_are_smaller_ones_of_its_kind(name):
    study = STUDIES[name]
    assert {type(part) for part in study.parts()} == {type(study)}
    assert all(part.parts() == (part,) for part in study.parts())


@pytest.mark.parametrize(
    ("study", "change", "message"),
    [
        ("codes", {"points": 0}, "points is 0: give a whole number of at least 1"),
        ("doubling", {"learning_rate": -1.0}, r"learning_rate is -1\.0: it has to be above 0"),
        ("doubling", {"learning_rate": math.nan}, "learning_rate is nan"),
        ("variational-tradeoff", {"sigmas": ()}, "sigmas of the study variational-tradeoff is empty"),
        ("alarm", {"data": "mnits"}, "no data set is called 'mnits': did you mean mnist"),
    ],
)
def test_a_setting_of_a_study_that_cannot_be_is_refused(study, change, message):
    with pytest.raises(ValueError, match=message):
        dataclasses.replace(STUDIES[study], **change)
