"""The benchmarks measure what they say; no time is asserted."""

import json
import subprocess
import sys

import pytest

from benchmarks import builds, chapters, ensembles, epoch, imports, training
from benchmarks.__main__ import main
from book.tools.chapters import ROOT, chapters_header
from book.tools.chapters import chapters as all_chapters

HUNDREDS = "block = bytearray(b'x') * 300_000_000\ndel block"


def chapter(folder, name, *cells):
    path = folder / f"{name}.md"
    path.write_text(chapters_header() + "".join(f"\n```{{code-cell}} ipython3\n{cell}\n```\n" for cell in cells))
    return path


def test_cost_of_a_chapter_is_its_peak(tmp_path):
    """Memory that was given back counts."""
    small, large = (chapters.cost(chapter(tmp_path, name, cell)) for name, cell in (("a", "1"), ("b", HUNDREDS)))
    assert 250 < large["megabytes"] - small["megabytes"] < 350
    assert large["seconds"] > 0


def test_failing_chapter_has_no_cost(tmp_path):
    with pytest.raises(Exception, match="ZeroDivisionError"):
        chapters.cost(chapter(tmp_path, "c", "1 / 0"))


def test_costs_are_kept_for_chapters_that_are_not_measured_again(tmp_path, monkeypatch):
    first, second = (chapter(tmp_path, name, "1") for name in ("first", "second"))
    costs = tmp_path / "chapters.json"
    costs.write_text(json.dumps({"second": {"seconds": 1, "megabytes": 2, "machine": "m"}, "gone": {}}))
    monkeypatch.setattr(chapters, "chapters", lambda: [first, second])
    monkeypatch.setattr(chapters, "COSTS", costs)
    monkeypatch.setattr(chapters, "cost", lambda path: {"seconds": 3.0, "megabytes": 4})
    table = chapters.measure("first")
    assert [row[:2] for row in table.rows] == [["first", "3.0 s"], ["second", "1.0 s"], ["average, most", "2.0 s"]]
    stored = json.loads(costs.read_text())
    assert list(stored) == ["first", "second"]
    assert stored["first"] == {"seconds": 3.0, "megabytes": 4, "machine": chapters.machine()}
    with pytest.raises(ValueError, match="no chapter is called 'frist': did you mean first"):
        chapters.measure("frist")


def test_every_chapter_knows_its_cost():
    stored = json.loads(chapters.COSTS.read_text(encoding="utf-8"))
    assert list(stored) == [path.stem for path in all_chapters()], "run python -m benchmarks.chapters"
    for name, cost in stored.items():
        assert cost.keys() == {"seconds", "megabytes", "machine"}, name
        assert cost["seconds"] > 0, name
        assert 0 < cost["megabytes"] <= 1500, name


def test_tables_of_imports_and_of_an_epoch():
    table = imports.measure(repeats=1)
    assert [row[0] for row in table.rows[:3]] == ["import torch, clock", "import convae, clock", "difference, clock"]
    table = epoch.measure(pictures=128, repeats=1)
    clock, resident, ratio = (float(row[1].removesuffix(" s")) for row in table.rows[:3])
    assert ratio == pytest.approx(clock / resident, rel=0.2)


def test_table_of_ensembles():
    table = ensembles.measure(nets=2, pictures=100, repeats=1)
    first, second, ratio = (float(row[1].removesuffix(" s")) for row in table.rows)
    assert first > 0
    assert second > 0
    assert ratio > 0


def test_table_of_training(browser):
    """That all train the same net, the benchmark sees for itself."""
    table, kept = training.measured(browser, turns=1, steps=2)
    assert [row[0] for row in table.rows] == [
        "PyTorch",
        "Node, SIMD",
        "Node, plain loops",
        "worker of Chromium, SIMD",
        "worker of Chromium, plain loops",
    ]
    first, second = (float(table.rows[k][1].removesuffix(" ms")) for k in (0, 1))
    assert float(table.rows[1][3]) == pytest.approx(second / first, abs=0.01)
    assert list(kept["steps"]) == [row[0] for row in table.rows]
    assert kept["steps"]["Node, SIMD"]["ratio"] == pytest.approx(second / first, abs=0.01)


def test_ratios_of_training_are_taken_within_a_turn():
    """A machine that is busy in some turns makes all slow there, and no ratio."""
    busy = [1.0] * 50 + [7.0] * 50
    kept = training.record(
        {"PyTorch": [4 * own for own in busy], "page": [own * (1 + k / 99) for k, own in enumerate(busy)]}
    )
    assert kept["turns"] == 100
    assert kept["steps"]["PyTorch"] == {"milliseconds": 16, "least": 4, "ratio": 1, "low": 1, "high": 1}
    ratios = [kept["steps"]["page"][part] for part in ("low", "ratio", "high")]
    assert ratios == [pytest.approx((1 + share) / 4, abs=1e-3) for share in (0.05, 0.5, 0.95)]


def test_build_runs_in_a_copy_without_what_git_ignores(tmp_path):
    builds.copy_tree(tmp_path)
    assert (tmp_path / "_config.yml").read_bytes() == (ROOT / "_config.yml").read_bytes()
    assert (tmp_path / "runs/robledo-two-layer/0/run.json").is_file()
    assert not (tmp_path / ".venv").exists()
    assert not (tmp_path / "_build").exists()
    (tmp_path / "book/tools/build.py").write_text("raise SystemExit(3)")
    with pytest.raises(subprocess.CalledProcessError):
        builds.build(tmp_path)


def test_command_line_suggests_the_right_name(capsys):
    assert main(["epohc"]) == 2
    assert "did you mean epoch" in capsys.readouterr().err
    command = [sys.executable, "-m", "benchmarks.chapters", "wellcome"]
    process = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert "did you mean welcome" in process.stderr
