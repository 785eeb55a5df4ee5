"""A tarball and the site's facts -> designs: words, licences, authors, links, examples out of comments and docs."""

from __future__ import annotations

import gzip
import hashlib
import io
import tarfile

import pytest

from corpus.schema import Author, RepoInfo
from spiders.archive import ArchiveError
from spiders.items import License
from spiders.pages.docs_examples import parse_docs_page
from spiders.repository import RepoDesign, RepoFacts, designs_in, file_url

MIT = "MIT License\n\nPermission is hereby granted, free of charge, to any person obtaining a copy of this software"
COMMIT = "ab" * 20
FACTS = RepoFacts(
    repo=RepoInfo(host="github.com", full_name="Ada/Shelf", commit=COMMIT),
    web_url="https://github.com/Ada/Shelf",
    description="Things for a shelf",
    license=License("GPL-3.0", "GPL-3.0-only", "repo", "detected"),
    author=Author(id="ada", name="ada", profile_url="https://github.com/ada"),
    tags=("openscad",),
    created_at="2020-01-01T00:00:00Z",
    modified_at="2021-01-01T00:00:00Z",
    is_fork=False,
)


def packed(files: dict[str, str | bytes]) -> bytes:
    body = io.BytesIO()
    with tarfile.open(fileobj=body, mode="w") as tar:
        for name, content in files.items():
            raw = content.encode() if isinstance(content, str) else content
            member = tarfile.TarInfo(f"Ada-Shelf-{COMMIT[:7]}/{name}")
            member.size = len(raw)
            tar.addfile(member, io.BytesIO(raw))
    return gzip.compress(body.getvalue())


def taken(files: dict[str, str | bytes], facts: RepoFacts = FACTS, **how: tuple[str, ...]) -> dict[str, RepoDesign]:
    return {design.path: design for design in designs_in(packed(files), facts, **how).designs}


def words(design: RepoDesign) -> tuple[str | None, str | None, str]:
    return design.listing.title, design.listing.description, design.listing.description_kind


def license_of(design: RepoDesign) -> tuple[str, str | None, str | None]:
    found = design.listing.license
    return found.spdx, found.scope, found.confidence


def test_a_file_carries_the_sites_facts_and_a_link_to_itself_at_the_commit() -> None:
    design = taken({"wall parts/hook #1.scad": "// Hook\n// Holds a coat.\ncube(1); // 100 %\n"})[
        "wall parts/hook #1.scad"
    ]
    assert words(design) == ("Hook", "Holds a coat.", "doc_comment")
    assert design.listing.source_url == f"https://github.com/Ada/Shelf/blob/{COMMIT}/wall%20parts/hook%20%231.scad"
    assert (design.listing.repo, design.listing.tags, design.listing.category) == (
        FACTS.repo,
        ("openscad",),
        "wall parts",
    )
    assert (design.listing.created_at, design.listing.modified_at) == (FACTS.created_at, FACTS.modified_at)
    assert design.listing.author == FACTS.author
    assert license_of(design) == ("GPL-3.0-only", "repo", "detected")
    assert design.content == hashlib.sha256(b"// Hook\n// Holds a coat.\ncube(1); // 100 %\n").hexdigest()


@pytest.mark.parametrize(
    ("host", "place"), [("github.com", "blob"), ("gitlab.com", "-/blob"), ("codeberg.org", "src/commit")]
)
def test_each_forge_has_its_own_permanent_links(host: str, place: str) -> None:
    facts = RepoFacts(repo=RepoInfo(host=host, full_name="o/r", commit="abc"), web_url=f"https://{host}/o/r")
    assert file_url(facts, "a.scad") == f"https://{host}/o/r/{place}/abc/a.scad"


def test_a_readme_is_about_the_model_of_its_folder_and_about_nothing_else_there() -> None:
    found = taken({
        "README.md": "# The shelf\n\nAll of it.\n",
        "wall-hook/README.md": "# Wall hook\n\nHolds a coat.\n",
        "wall-hook/wall_hook.scad": "cube(1);\n",
        "wall-hook/screw.scad": "cube(2);\n",
        "box/README.md": "# Box\n\nWith a lid.\n",
        "box/main.scad": "include <lib/lid.scad>\ncube(3);\n",
        "box/lib/lid.scad": "// Lid\n// Shuts it.\ncube(4);\n",
        "loose/a.scad": "cube(5);\n",
    })  # fmt: skip
    assert words(found["wall-hook/wall_hook.scad"]) == ("Wall hook", "Holds a coat.", "readme")
    assert words(found["wall-hook/screw.scad"]) == ("Screw", "Holds a coat.", "readme")
    assert words(found["box/main.scad"]) == ("Box", "With a lid.", "readme")
    assert words(found["box/lib/lid.scad"]) == ("Lid", "Shuts it.", "doc_comment")
    assert words(found["loose/a.scad"]) == ("A", "All of it.", "readme")


def test_the_readme_of_the_repository_is_about_the_source_that_bears_its_name() -> None:
    found = taken({"README.md": "# My shelf\n\nHolds books.\n", "shelf.scad": "cube(1);\n", "board.scad": "cube(2);\n"})
    assert words(found["shelf.scad"]) == ("My shelf", "Holds books.", "readme")
    assert words(found["board.scad"]) == ("Board", "Holds books.", "readme")


def test_the_repositorys_own_words_are_the_last_resort() -> None:
    assert words(taken({"a.scad": "cube(1);\n"})["a.scad"]) == ("A", "Things for a shelf", "readme")
    nameless = RepoFacts(repo=FACTS.repo, web_url=FACTS.web_url)
    assert words(taken({"a.scad": "cube(1);\n"}, nameless)["a.scad"]) == ("A", None, "none")


def test_the_nearest_word_on_the_licence_counts() -> None:
    found = taken({
        "LICENSE": MIT,
        "README.md": "# Shelf\n\n## License\n\nCC BY 4.0\n",
        "a.scad": "cube(1);\n",
        "b.scad": "// SPDX-License-Identifier: CC0-1.0\ncube(2);\n",
        "model/README.md": "# Model\n\nNice.\n\nLicense: CC-BY-SA-4.0\n",
        "model/c.scad": "cube(3);\n",
        "model/deep/d.scad": "cube(4);\n",
        "both/README.md": "License: CC-BY-SA-4.0\n",
        "both/LICENSE": "CC0 1.0 Universal",
        "both/e.scad": "cube(5);\n",
    })  # fmt: skip
    assert license_of(found["a.scad"]) == ("MIT", "repo", "detected")
    assert license_of(found["b.scad"]) == ("CC0-1.0", "file", "declared")
    assert license_of(found["model/c.scad"]) == ("CC-BY-SA-4.0", "directory", "declared")
    assert license_of(found["model/deep/d.scad"]) == ("CC-BY-SA-4.0", "directory", "declared")
    assert license_of(found["both/e.scad"]) == ("CC0-1.0", "directory", "detected")


def test_a_credit_in_the_file_comes_before_the_owner_and_the_owner_keeps_their_page() -> None:
    found = taken({
        "a.scad": "// Copyright (c) 2020 Grace Hopper <grace@example.org>\ncube(1);\n",
        "b.scad": "// Author: ada\ncube(2);\n",
        "c.scad": "cube(3);\n",
    })  # fmt: skip
    assert found["a.scad"].listing.author == Author(name="Grace Hopper")
    assert found["b.scad"].listing.author == found["c.scad"].listing.author == FACTS.author


def test_sources_without_a_text_are_known_and_say_why() -> None:
    found = taken({"scan.scad": b"solid\0", "mesh.scad": b"cube(1);\n" * 120_000, "vast.scad": b"cube(1);\n" * 500_000})
    assert {path: design.problem for path, design in found.items()} == {
        "mesh.scad": "larger than 1048576 bytes",
        "scan.scad": "binary, not OpenSCAD text",
        "vast.scad": "larger than 1048576 bytes",
    }
    assert all(design.decoded is None for design in found.values())


def test_companions_are_found_in_the_archive_and_excluded_files_still_serve_as_such() -> None:
    files: dict[str, str | bytes] = {
        "a.scad": "use <tests/b.scad>\nb();\n",
        "tests/b.scad": "module b() { cube(1); }\n",
    }
    found = taken(files, exclude=("tests/**",))
    assert list(found) == ["a.scad"]
    assert [companion.path for companion in found["a.scad"].companions] == ["tests/b.scad"]


def test_a_companion_under_a_licence_that_is_refused_stays_behind_and_so_does_what_only_it_includes() -> None:
    files: dict[str, str | bytes] = {
        "a.scad": "include <own.scad>\nuse <kept/lib.scad>\ninclude <nc/LICENSE.scad>\ncube(1);\n",
        "own.scad": "/*\n   License: CC BY-NC 4.0\n*/\ninclude <deeper.scad>\n",
        "deeper.scad": "x = 1;\n",
        "kept/lib.scad": "// SPDX-License-Identifier: CC0-1.0\ny = 2;\n",
        "kept/LICENSE": "Attribution-NonCommercial 4.0 International",
        "nc/LICENSE": "Attribution-NonCommercial 4.0 International",
        "nc/LICENSE.scad": "z = 3;\n",
    }
    assert [companion.path for companion in taken(files)["a.scad"].companions] == sorted(
        ("deeper.scad", "kept/lib.scad", "nc/LICENSE.scad", "own.scad")
    )
    content = designs_in(packed(files), FACTS, is_refused=lambda license_found: "-NC-" in license_found.spdx)
    design = content.designs[0]
    assert [companion.path for companion in design.companions] == ["kept/lib.scad"]
    assert (design.path, design.n_companions_refused) == ("a.scad", 2)
    assert "own.scad" in {one.path for one in content.designs}  # as a design of its own, its row says why it is bare


@pytest.mark.parametrize(
    ("pattern", "kept"),
    [
        ("tests/**", {"a.scad", "x/tests/c.scad", "x/y_test.scad"}),
        ("**/tests", {"a.scad", "x/y_test.scad"}),
        ("**/*_test.scad", {"a.scad", "tests/b.scad", "x/tests/c.scad"}),
        ("*.scad", {"tests/b.scad", "x/tests/c.scad", "x/y_test.scad"}),
        ("x", {"a.scad", "tests/b.scad"}),
        ("[a].scad", {"a.scad", "tests/b.scad", "x/tests/c.scad", "x/y_test.scad"}),
    ],
)
def test_exclude_patterns_name_folders_files_and_depths(pattern: str, kept: set[str]) -> None:
    files: dict[str, str | bytes] = dict.fromkeys(
        ("a.scad", "tests/b.scad", "x/tests/c.scad", "x/y_test.scad"), "cube(1);\n"
    )
    assert set(taken(files, exclude=(pattern,))) == kept


LIBRARY = """\
// LibFile: pegs.scad
// Includes:
//   include <BOSL2/std.scad>
//   include <BOSL2/pegs.scad>
// FileGroup: Parts
// Module: peg()
// Synopsis: Makes a peg.
// Topics: Pegs
// Example: A peg with a brim
//   peg(5);
// Example(2D): flat
//   square(1);
// Example: Last
//   peg(6);
module peg(l) {}
"""


def test_captioned_examples_of_doc_comments_are_designs_with_their_includes() -> None:
    found = taken({"pegs.scad": LIBRARY, "LICENSE": MIT}, extracts=("doc_comments",))
    assert list(found) == ["pegs.scad#peg-0", "pegs.scad#peg-2"]
    design = found["pegs.scad#peg-0"]
    assert design.decoded is not None
    assert design.decoded.text == "include <BOSL2/std.scad>\ninclude <BOSL2/pegs.scad>\n\npeg(5);\n"
    assert design.decoded.transformations == (
        "prepended include <BOSL2/std.scad>",
        "prepended include <BOSL2/pegs.scad>",
    )
    assert words(design) == ("peg", "A peg with a brim. Makes a peg.", "doc_comment")
    assert (design.listing.category, design.listing.tags) == ("Parts", ("Pegs", "openscad"))
    assert design.listing.source_url == f"https://github.com/Ada/Shelf/blob/{COMMIT}/pegs.scad#L9"
    assert design.listing.license.spdx == "MIT"


PAGE = """\
# spiral

A spiral of `n` turns.

## Signature

    spiral(n, r);

## Examples

    use <spiral.scad>

    spiral(3, 5);

A **wide** one:

~~~openscad
use <spiral.scad>
spiral(3, 50);
~~~

```bash
make;
```

```
function area(r) = PI * r * r;
```

1. a step

    with four columns;
"""


def test_examples_of_docs_pages_are_designs_and_signatures_are_not() -> None:
    found = taken({"docs/spiral.md": PAGE, "notes/x.md": PAGE, "a.scad": "cube(1);\n"}, extracts=("docs",))
    assert {path: words(design) for path, design in found.items()} == {
        "docs/spiral.md#1": ("spiral", "A spiral of n turns.", "doc_comment"),
        "docs/spiral.md#2": ("spiral", "A wide one. A spiral of n turns.", "doc_comment"),
    }
    decoded = found["docs/spiral.md#1"].decoded
    assert decoded is not None
    assert (decoded.text, decoded.transformations) == ("use <spiral.scad>\n\nspiral(3, 5);\n", ("unfenced",))


@pytest.mark.parametrize(
    ("code", "is_taken"),
    [
        ("cube(10);", True),
        ("for (i = [0:3]) { translate([i, 0]) cube(1); }", True),
        ("module a() { cube(1); }", False),
        ("r = 3;", False),
        ("cuboid(size, center = false);", False),
        ("r = 3;\nsphere(r);", True),
        ("sphere(r = true);", True),
        ("translate(...) cube(1);", False),
        ("cube(1)", False),
        ("echo(1);", False),
    ],
)
def test_a_block_is_an_example_only_if_it_makes_something(code: str, is_taken: bool) -> None:
    assert bool(parse_docs_page(f"# t\n\n```openscad\n{code}\n```\n")) is is_taken


def test_what_is_no_archive_is_said_and_not_raised_as_anything_else() -> None:
    with pytest.raises(ArchiveError):
        designs_in(b"nothing", FACTS)


def test_a_library_that_all_include_is_read_once_and_given_until_the_allowance_ends() -> None:
    library = ("module x() { cube(1); }\n" * 43_000)[:1_000_000]
    files: dict[str, str | bytes] = {f"e/{n:03}.scad": f"include <../lib.scad>\nx(); // {n}\n" for n in range(100)}
    designs = taken({"lib.scad": library, **files})
    with_it = [path for path, design in designs.items() if design.companions]
    assert with_it == [f"e/{n:03}.scad" for n in range(67)]  # 64 MiB
    assert len({id(designs[path].companions[0].text) for path in with_it}) == 1
    assert [(path, design.problem) for path, design in designs.items() if design.problem] == [
        ("e/067.scad", "from here on no companions: more than 67108864 bytes in all")
    ]


@pytest.mark.timeout(30)  # quadratic time would be minutes
def test_thousands_of_folders_with_a_readme_each_take_no_longer_than_their_number() -> None:
    files: dict[str, str | bytes] = {}
    for n in range(4000):
        files |= {f"d{n}/x.scad": f"cube({n});\n", f"d{n}/README.md": f"# Box\n\nThe box of number {n} is for pens.\n"}
    designs = taken(files)
    assert len(designs) == 4000
    assert words(designs["d7/x.scad"])[1] == "The box of number 7 is for pens."
