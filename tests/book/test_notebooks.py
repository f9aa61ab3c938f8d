"""The .ipynb beside each chapter: every form of MyST that chapters use, and the committed notebooks themselves."""

import json
import re

import nbformat
import pytest
import yaml
from hypothesis import event, given, settings
from hypothesis import strategies as st

from book.tools import chapters, notebooks, plain
from book.tools.myst import blocks

ADDRESS = "https://github.com/someone/convae"
REFERENCES = r"""
@misc{one, author = {Robledo, José}, title = {T}, year = {2021}}
@misc{two, author = {Bald{\'i}, Pierre and van Hornik, Kurt}, title = {T}, year = {1989}, doi = {10.1/x}}
@misc{three, author = {Goodfellow, Ian and Bengio, Yoshua and Courville, Aaron}, title = {T}, year = {2016}}
@misc{many, author = {Fraz, Muhammad and others}, title = {T}, year = {2012}, url = {https://example.org/fraz}}
@misc{nobody, title = {The {IDX} format}}
"""
OTHER = """# The other chapter

(a-heading)=
## A heading there

```{exercise} Theirs
:label: theirs
```

```{code-cell}
1
```
"""


@pytest.fixture
def book(tmp_path, monkeypatch):
    """Writes a chapter into a small book and gives its Markdown as the notebook has it."""
    (tmp_path / "book").mkdir()
    config = {"repository": {"url": ADDRESS, "branch": "main"}}
    parts = [{"chapters": [{"file": f"book/{name}"} for name in ("other", "page", "words")]}]
    (tmp_path / "_config.yml").write_text(yaml.dump(config))
    (tmp_path / "_toc.yml").write_text(yaml.dump({"root": "book/welcome", "parts": parts}))
    (tmp_path / "book/references.bib").write_text(REFERENCES)
    (tmp_path / "book/welcome.md").write_text("# Welcome\n")
    (tmp_path / "book/words.md").write_text("# Words\n\n(a-word)=\n## A word\n")
    (tmp_path / "book/other.md").write_text(chapters.chapters_header() + OTHER)
    (tmp_path / "book/picture.png").write_bytes(b"")
    (tmp_path / "code.py").write_text("def first():\n    return 1\n\n\ndef second():\n    return '```'\n")
    for module in (chapters, plain, notebooks):
        monkeypatch.setattr(module, "ROOT", tmp_path)

    def convert(text, values=None):
        page = tmp_path / "book/page.md"
        page.write_text(f"{chapters.chapters_header()}# Page\n\n{text}\n\n```{{code-cell}}\n1\n```\n")
        return plain.Chapter(plain.Book(), page, values or {}).markdown(text.split("\n")).strip("\n")

    return convert


@pytest.mark.parametrize(
    ("source", "result"),
    [
        # roles
        ("An error of {glue:text}`mse`.", "An error of 0.0043 ± 0.0001."),
        ("{math}`x^2`, {abbr}`MSE (mean squared error)`", "$x^2$, MSE (mean squared error)"),
        ("{term}`code`, {term}`codes <code>`", "code, codes"),
        ("{py:func}`convae.data.load` {class}`~convae.experiments.runs.Run`", "`convae.data.load` `Run`"),
        ("H{sub}`2`O, {kbd}`Tab`", "H<sub>2</sub>O, <kbd>Tab</kbd>"),
        ("`{cite}` and ``{glue:text}`x` `` stay code", "`{cite}` and ``{glue:text}`x` `` stay code"),
        ("**{glue:text}`mse`** over\ntwo lines", "**0.0043 ± 0.0001** over\ntwo lines"),
        # citations
        ("as said {cite}`one`", "as said (Robledo, 2021)"),
        ("{cite:t}`three` say", "Goodfellow et al. (2016) say"),
        ("{cite:p}`two`", "([Baldí and van Hornik, 1989](https://doi.org/10.1/x))"),
        ("{cite}`one, many`", "(Robledo, 2021; [Fraz et al., 2012](https://example.org/fraz))"),
        ("{cite:t}`nobody`", "The IDX format (no year)"),
        # links
        ("{doc}`other`", "[The other chapter](other.ipynb)"),
        (
            "{doc}`that one <other>` and {doc}`/book/other`",
            "[that one](other.ipynb) and [The other chapter](other.ipynb)",
        ),
        ("{doc}`words`, [here](words.md), [](words.md)", "Words, here, Words"),
        ("[there](other.md), [](other.md#a-heading)", "[there](other.ipynb), [The other chapter](other.ipynb)"),
        ("{ref}`a-heading`, {ref}`so <a-heading>`", "[A heading there](other.ipynb), [so](other.ipynb)"),
        ("{ref}`a-word`, [](#a-word), [x](#a-word)", "A word, A word, x"),
        ("[`code`](https://example.org)", "[`code`](https://example.org)"),
        ("[the file](../code.py)", f"[the file]({ADDRESS}/blob/main/code.py)"),
        ("![a **net**](picture.png){width=50%}", f"![a **net**]({ADDRESS}/raw/main/book/picture.png)"),
        ("[marked]{.red} `code`{.python}", "marked `code`"),
        # labels, comments, lists
        ("(here)=\n## Title\n\n% a comment\n\ntext, {ref}`here`", "## Title\n\ntext, Title"),
        ("code\n: what the net passes on", "**code**: what the net passes on"),
        ("- [ ] to do\n- [x] done", "- [ ] to do\n- [x] done"),
        # formulas
        ("$a[0](x)$ and \\$5", "$a[0](x)$ and \\$5"),
        ("$$ a $$ (first)\n\nsee {eq}`first`", "$$ a  \\tag{1}$$\n\nsee (1)"),
        ("```{math}\n:label: sum\na \\\\ b\n```\n{eq}`sum`", "$$\\begin{split}a \\\\ b\\end{split} \\tag{1}$$\n(1)"),
        # directives
        ("```{note}\nOne {math}`x`.\n\nTwo.\n```", "> **Note**\n>\n> One $x$.\n>\n> Two."),
        (":::{warning} Short.\n:::", "> **Warning**\n>\n> Short."),
        ("```{admonition} A *title*\n:class: tip\nText.\n```", "> **A *title***\n>\n> Text."),
        ("```{tip}\n:class: dropdown\nText.\n```", "<details>\n<summary>Tip</summary>\n\nText.\n\n</details>"),
        ("```{dropdown} More\nText.\n```", "<details>\n<summary>More</summary>\n\nText.\n\n</details>"),
        ("````{note}\n```{tip}\nInner.\n```\n````", "> **Note**\n>\n> > **Tip**\n> >\n> > Inner."),
        ("- item\n  ```{note}\n  Text.\n  ```", "- item\n  > **Note**\n  >\n  > Text."),
        ("```{image} picture.png\n:alt: a net\n```", f"![a net]({ADDRESS}/raw/main/book/picture.png)"),
        ("```{image} picture.png\n:class: only-dark\n```", ""),
        (
            "```{figure} picture.png\n:name: fig\n:alt: a net\nThe *net*.\n```\n\n{ref}`fig`",
            f"![a net]({ADDRESS}/raw/main/book/picture.png)\n\nThe *net*.\n\nThe *net*.",
        ),
        (
            "```{literalinclude} ../code.py\n:language: python\n:pyobject: first\n```",
            "```python\ndef first():\n    return 1\n```",
        ),
        ("```{literalinclude} ../code.py\n:lines: 6\n:dedent: 4\n```", "````python\nreturn '```'\n````"),
        ("```{code-block} bash\nmake book\n```", "```bash\nmake book\n```"),
        ("```python\nf'{x}`'\n```", "```python\nf'{x}`'\n```"),
        (
            ":::{exercise-start} Sum\n:label: mine\n:::\n\nDo.\n\n:::{exercise-end}\n:::\n\n{ref}`mine`, {ref}`theirs`",
            "### Exercise 2: Sum\n\nDo.\n\nExercise 2, [Exercise 1](other.ipynb)",
        ),
        (
            "```{exercise}\n:label: mine\nDo.\n```\n\n:::{solution-start} mine\n:::\n\nSo.\n\n:::{solution-end}\n:::",
            "### Exercise 2\n\nDo.\n\n### Solution to Exercise 2\n\nSo.",
        ),
        ("```{table} Scores\n| a |\n| - |\n| 1 |\n```", "**Scores**\n\n| a |\n| - |\n| 1 |"),
        (
            "```{list-table} Nets\n:header-rows: 1\n\n* - name\n  - size\n* - {math}`x`\n  - one\n    two\n```",
            "**Nets**\n\n| name | size |\n| --- | --- |\n| $x$ | one two |",
        ),
        ("```{list-table}\n* - a\n  - b\n```", "|  |  |\n| --- | --- |\n| a | b |"),
        ("```{tableofcontents}\n```", "- Welcome\n- [The other chapter](other.ipynb)\n- Words"),
    ],
)
def test_each_form_becomes_plain(book, source, result):
    assert re.sub("\n{3,}", "\n\n", book(source, {"mse": "0.0043 ± 0.0001"})) == result


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("\n{numref}`x`", r"page.md:2: the role \{numref\}"),
        ("\n\n```{mermaid}\n```", r"page.md:4: the directive \{mermaid\}"),
        ("a\n````{note}\nb\n{glue:text}`nothing`\n````", "page.md:4: no checked cell prints 'nothing'"),
        ("{cite}`one,nine`", "page.md:1: 'nine' is not in references.bib"),
        ("{ref}`nowhere`", "page.md:1: nothing has the label 'nowhere'"),
        ("{doc}`nowhere`", "page.md:1: nowhere.md leads nowhere"),
        ("[x](nowhere.png)", "page.md:1: nowhere.png leads nowhere"),
        ("[](../code.py)", "page.md:1: .* has no title"),
        ("text {cite}`one", r"page.md:1: \{cite\}` begins a role that does not end"),
        ("a\n{{ name }}", "page.md:2: .*substitution"),
        ("a[^1]\n\n[^1]: b", "page.md:1: .*footnote"),
        ("```{literalinclude} ../none.py\n```", "page.md:2: .*none.py"),
        ("```{literalinclude} ../code.py\n:pyobjekt: first\n```", "pyobjekt"),
        ("```{literalinclude} ../code.py\n:pyobject: third\n```", "third"),
        ("```{exercise}\n```", "page.md:2: the exercise has no label"),
        ("::: plain\n:::", "page.md:2: the directive"),
    ],
)
def test_what_is_not_known_names_file_and_line(book, source, message):
    with pytest.raises(ValueError, match=message):
        book(source)


TEXT = st.text(st.sampled_from("ab {}`:~$[]()!\\|*\n-%.=#^1"), max_size=60)


@settings(deadline=None, max_examples=300)
@given(text=TEXT)
def test_blocks_lose_no_line_and_number_them(text):
    lines = text.split("\n")
    found = list(blocks(lines))
    for block in found:
        for offset, line in enumerate(block.body):
            assert lines[block.line - 1 + offset].endswith(line)
    kept = sum(len(block.body) + len(block.options) + (2 if block.marks else 0) for block in found)
    assert kept - len(lines) in (0, 1)  # 1: a fence that ends with the text


@settings(deadline=None, max_examples=300)
@given(text=TEXT)
def test_plain_text_is_refused_or_has_no_role_left(text):
    page = plain.Chapter.__new__(plain.Chapter)
    page.__dict__ |= {"book": None, "path": chapters.ROOT / "page.md", "values": {}}
    page.book = type("Empty", (), {"labels": {}, "titles": {}, "references": {}, "with_code": [], "branch": "main"})
    try:
        result = page.markdown(text.split("\n"))
    except ValueError as error:
        event(re.sub(r".*:\d+: ", "", str(error))[:20])
        return
    prose = "\n".join("\n".join(block.body) for block in blocks(result.split("\n")) if not block.marks)
    assert not re.search(r"(?<!`)\{[\w:-]+\}`", re.sub(r"(?<!`)(`+)(?!`).+?(?<!`)\1(?!`)", "", prose, flags=re.DOTALL))


def test_values_are_read_from_what_checked_cells_print(tmp_path, monkeypatch):
    monkeypatch.setattr(notebooks, "OUTPUTS", tmp_path)
    outputs = [
        {"output_type": "stream", "name": "stdout", "text": "mse: 0.0043\nno value here\nsize: 2,481: all\n"},
        {"output_type": "execute_result", "metadata": {}, "data": {"text/plain": "title: 1"}},
    ]
    (tmp_path / "page.json").write_text(json.dumps({"a": outputs, "b": []}))
    assert notebooks.printed(tmp_path / "page.md") == {"mse": "0.0043", "size": "2,481: all"}
    assert notebooks.printed(tmp_path / "none.md") == {}


def test_the_same_chapter_gives_the_same_bytes_and_ids_follow_the_text(book):
    book("Text.")
    page = chapters.ROOT / "book/page.md"
    first = notebooks.notebook(plain.Book(), page)
    assert first == notebooks.notebook(plain.Book(), page)
    before = {cell["source"]: cell["id"] for cell in nbformat.reads(first, 4).cells}
    page.write_text(page.read_text() + "\nMore.\n\n```{code-cell}\n:tags: [hide-input]\n\n1\n```\n")
    cells = nbformat.reads(notebooks.notebook(plain.Book(), page), 4).cells
    assert [cell.source for cell in cells] == ["# Page\n\nText.", "1", "More.", "1"]
    assert {cell.source: cell.id for cell in cells[:2]} == before
    assert len({cell.id for cell in cells}) == 4
    assert cells[3].metadata.tags == ["hide-input"]
    assert all(cell.outputs == [] for cell in cells if cell.cell_type == "code")


def test_a_fault_in_one_chapter_is_told_and_stops_no_other(book, monkeypatch, capsys):
    with pytest.raises(ValueError, match="nine"):
        book("{cite}`nine`")
    monkeypatch.setattr("sys.argv", ["notebooks"])
    assert notebooks.main() == 1
    assert "page.md:9: 'nine' is not in references.bib" in capsys.readouterr().err
    assert [path.name for path in (chapters.ROOT / "book").glob("*.ipynb")] == ["other.ipynb"]


def test_check_writes_nothing_and_fails(book, monkeypatch, capsys):
    book("Text.")
    folder = chapters.ROOT / "book"
    monkeypatch.setattr("sys.argv", ["notebooks", "--check"])
    assert notebooks.main() == 1
    assert not list(folder.glob("*.ipynb"))
    monkeypatch.setattr("sys.argv", ["notebooks"])
    assert notebooks.main() == 0
    assert sorted(path.name for path in folder.glob("*.ipynb")) == ["other.ipynb", "page.ipynb"]
    monkeypatch.setattr("sys.argv", ["notebooks", "--check"])
    assert notebooks.main() == 0
    (folder / "foreign.ipynb").write_text("{}")
    assert notebooks.main() == 1
    assert "foreign.ipynb belongs to no chapter" in capsys.readouterr().out


def test_copies_that_jupyterlab_keeps_are_passed_over(book, monkeypatch, capsys):
    book("Text.")
    monkeypatch.setattr("sys.argv", ["notebooks"])
    assert notebooks.main() == 0
    for folder in ("book", "book/deeper"):
        copy = chapters.ROOT / folder / ".ipynb_checkpoints/page-checkpoint.ipynb"
        copy.parent.mkdir(parents=True)
        copy.write_text("{}")
    monkeypatch.setattr("sys.argv", ["notebooks", "--check"])
    assert notebooks.main() == 0
    assert "checkpoint" not in capsys.readouterr().out
    (chapters.ROOT / "book/deeper/page.ipynb").write_text("{}")
    assert notebooks.main() == 1


# The committed notebooks.


def test_committed_notebooks_are_in_sync():
    book = plain.Book()
    for page in chapters.chapters():
        made = page.with_suffix(".ipynb")
        assert made.is_file(), f"{made.name} is missing: run `make notebooks`"
        same = made.read_text(encoding="utf-8") == notebooks.notebook(book, page)
        assert same, f"{made.name} is not what {page.name} gives: run `make notebooks`"
    made = {page.with_suffix(".ipynb") for page in chapters.chapters()}
    assert set(chapters.files("*.ipynb")) == made


def test_committed_notebooks_are_plain_and_begin_with_the_set_up_cell():
    for page in chapters.chapters():
        made = nbformat.read(page.with_suffix(".ipynb"), 4)
        nbformat.validate(made)
        assert made.metadata.kernelspec.name == "python3"
        assert next(cell.source for cell in made.cells if cell.cell_type == "code") == chapters.setup_cell()
        for cell in made.cells:
            if cell.cell_type == "code":
                assert not cell.outputs
                assert cell.execution_count is None
                continue
            prose = "\n".join("\n".join(block.body) for block in blocks(cell.source.split("\n")) if not block.marks)
            assert not any(block.name for block in blocks(cell.source.split("\n"))), page.name
            prose = re.sub(r"(`+).+?\1", "", prose)
            assert not re.search(r"\{[\w:-]+\}`|^\(\S+\)=|\{\{|\]\([^)]*\.md\)", prose, re.MULTILINE), page.name


def test_a_chapter_without_its_header_is_an_error(book):
    book("Text.")
    (chapters.ROOT / "book/words.md").write_text("# Words\n\n```{code-cell}\n1\n```\n")
    with pytest.raises(ValueError, match=r"words\.md has code cells but no notebook header[^$]*format_name: myst"):
        chapters.chapters()
