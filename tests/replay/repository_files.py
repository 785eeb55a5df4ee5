"""The files of replayed repositories, and what a crawl must make of each.

What is expected of a file is said where the file is planted, never worked out with the spider's own code. Contents are
made anew from a repository's number and generation each time: five thousand of them need no memory.
"""

from __future__ import annotations

import random
import tarfile

from tests.replay.repositories import Content, Expected, Repo

__all__ = ["content_of", "scad_of", "vendored_scad"]

MIT_TEXT = (
    "MIT License\n\nCopyright (c) 2020 Somebody\n\nPermission is hereby granted, free of charge, to any person "
    "obtaining a copy\nof this software and associated documentation files\n"
)
_NOUNS = ("bracket", "hook", "gear", "tray", "clip", "vase", "stand", "hinge", "knob", "spacer", "funnel", "rail")
_MATERIALS = ("wall", "desk", "cable", "camera", "garden", "bicycle", "drawer", "lamp", "printer", "bottle")
_MEAN_FILES = 10
"""Sources of an ordinary repository; 1 to 20."""


def content_of(repo: Repo, seed: int) -> Content:
    """What the repository holds at its present commit."""
    rng = random.Random(f"{seed} {repo.number}")
    plant = _QUIRKS.get(repo.quirk)
    if plant is None:
        plant = rng.choices((_single, _collection, _models), (1, 6, 3))[0]
    content = Content()
    plant(content, repo, rng)
    return content


def scad_of(repo: Repo, place: int, *, comment: str = "") -> str:
    """A small source that no other file equals."""
    rng = random.Random(f"{repo.number} {repo.generation} {place}")
    body = (
        f"width_{repo.number}_{place} = {rng.randrange(5, 200)}; // [5:200]\n"
        f"height = {rng.randrange(1, 90)}.{rng.randrange(10)};\n\n"
        f"module part_{place}() {{\n    difference() {{\n        cube([width_{repo.number}_{place}, "
        f"{rng.randrange(4, 60)}, height], center = {rng.choice(('true', 'false'))});\n"
        f"        cylinder(r = {rng.randrange(1, 9)}, h = {rng.randrange(5, 99)}, $fn = {rng.choice((24, 48, 96))});\n"
        f"    }}\n}}\n\npart_{place}();\n"
    )
    return comment + body


def vendored_scad() -> str:
    """A library's file, the same in every repository that carries a copy."""
    return "// Rounded things\n// A box with round edges, copied over and over.\nmodule rounded() { sphere(3); }\n"


def _single(content: Content, repo: Repo, rng: random.Random) -> None:
    """One design, described by the README."""
    noun = rng.choice(_NOUNS)
    words = f"Holds {rng.randrange(1, 90)} kg and needs no support, number {repo.number}."
    scad = scad_of(repo, 0)
    content.files["README.md"] = f"# Simple {noun} {repo.number}\n\n{words}\n\n## Printing\n\nSlowly.\n".encode()
    content.files[f"{noun}.scad"] = scad.encode()
    _license_file(content, repo)
    content.expected.append(Expected(f"{noun}.scad", f"Simple {noun} {repo.number}", words, "readme", repo.spdx,
                                     repo.owner, scad))  # fmt: skip


def _collection(content: Content, repo: Repo, rng: random.Random) -> None:
    """Many designs below one README: those with a comment describe themselves."""
    about = f"Parts for the workshop, collection {repo.number}."
    if rng.random() < 0.8:
        content.files["README.md"] = f"# Collection {repo.number}\n\n{about}\n".encode()
    else:
        about = repo.description or ""
    _license_file(content, repo)
    for place in range(max(2, _n_files(rng))):
        _part(content, repo, rng, place=place, about=about)
    if repo.generation:  # from the second night on, so that the library's own repository has shown it first
        content.files["libs/rounded.scad"] = vendored_scad().encode()


def _part(content: Content, repo: Repo, rng: random.Random, *, place: int, about: str) -> None:
    noun, material = rng.choice(_NOUNS), rng.choice(_MATERIALS)
    path = f"{rng.choice(('', 'parts/', 'src/'))}{material}_{noun}_{place}.scad"
    title, kind, license_spdx, author = f"{material.capitalize()} {noun} {place}", "readme", repo.spdx, repo.owner
    words, comment = about, ""
    style = rng.randrange(5)
    if style <= 1:
        title, kind = f"{material.title()} {noun} no. {place}", "doc_comment"
        words = f"For a {material} of {rng.randrange(10, 90)} mm, as asked for by many."
        comment = f"// {title}\n// {words}\n\n"
    elif style == 2:
        license_spdx, author = "CC-BY-SA-4.0", "Ada Lovelace"
        comment = "// SPDX-License-Identifier: CC-BY-SA-4.0\n// Copyright (c) 2021 Ada Lovelace\n\n"
    scad = scad_of(repo, place, comment=comment)
    content.files[path] = scad.encode()
    content.expected.append(Expected(path, title, words or None, kind if words else "none", license_spdx, author, scad))


def _models(content: Content, repo: Repo, rng: random.Random) -> None:
    """A folder a model, each with a README that describes it and names its licence; a shared part below it."""
    content.files["README.md"] = f"# Models {repo.number}\n\nAll my models.\n".encode()
    _license_file(content, repo)
    for place in range(max(1, _n_files(rng) // 2)):
        noun, folder = rng.choice(_NOUNS), f"models/model-{place}"
        name, words = f"model-{place}", f"A {noun} for the {rng.choice(_MATERIALS)}, model {repo.number}/{place}."
        says_license = rng.random() < 0.5
        spdx = "CC-BY-4.0" if says_license else repo.spdx
        section = "\n## License\n\n[CC BY 4.0](https://creativecommons.org/licenses/by/4.0/)\n" if says_license else ""
        content.files[f"{folder}/README.md"] = f"# The {noun} {place}\n\n{words}\n{section}".encode()
        main = f"use <inner.scad>\n{scad_of(repo, 2 * place)}"
        inner = scad_of(repo, 2 * place + 1, comment="// Inner part\n// Not printed by itself.\n")
        content.files[f"{folder}/{name}.scad"] = main.encode()
        content.files[f"{folder}/inner.scad"] = inner.encode()
        content.expected += [
            Expected(f"{folder}/{name}.scad", f"The {noun} {place}", words, "readme", spdx, repo.owner, main),
            Expected(
                f"{folder}/inner.scad", "Inner part", "Not printed by itself.", "doc_comment", spdx, repo.owner, inner
            ),
        ]


def _n_files(rng: random.Random) -> int:
    return round(rng.triangular(1, 20, _MEAN_FILES + 4))


def _license_file(content: Content, repo: Repo) -> None:
    if repo.license_key == "mit":
        content.files["LICENSE"] = MIT_TEXT.encode()


def _hostile(content: Content, repo: Repo, rng: random.Random) -> None:
    """Names that lead outside, links, names of every kind, and one honest file."""
    _part(content, repo, rng, place=0, about=repo.description or "")
    odd = scad_of(repo, 1)
    content.files["a b/100% #1 größe.scad"] = odd.encode()
    content.expected.append(
        Expected("a b/100% #1 größe.scad", "100% #1 größe", repo.description, "readme", repo.spdx, repo.owner, odd)
    )
    evil = b"// Evil\ncube(666);\n"
    content.files |= {"../../evil.scad": evil, "/tmp/evil.scad": evil, "x/../../../evil.scad": evil}
    content.links |= {
        "link.scad": (tarfile.SYMTYPE, "/etc/passwd"),
        "folder": (tarfile.SYMTYPE, "/etc"),
        "hard.scad": (tarfile.LNKTYPE, "/etc/passwd"),
        "pipe.scad": (tarfile.FIFOTYPE, ""),
    }


def _bomb(content: Content, repo: Repo, rng: random.Random) -> None:
    """A good file, then a member of 3 GiB in 3 MB."""
    _part(content, repo, rng, place=0, about=repo.description or "")
    content.is_bomb = True
    content.expected.append(Expected("zeros.scad", "Zeros", repo.description, "readme", repo.spdx, repo.owner, None))


def _odd_files(content: Content, repo: Repo, rng: random.Random) -> None:
    """A binary, two that are too large, a file under a licence that is refused, and a good one."""
    _part(content, repo, rng, place=0, about=repo.description or "")
    content.files |= {
        "scan.scad": b"solid\0\0",
        "mesh.scad": b"cube(1);\n" * 150_000,
        "vast.scad": b"cube(2);\n" * 600_000,
    }
    for path, title in (("mesh.scad", "Mesh"), ("scan.scad", "Scan"), ("vast.scad", "Vast")):
        content.expected.append(Expected(path, title, repo.description, "readme", repo.spdx, repo.owner, None))
    content.files["closed.scad"] = ("// License: CC BY-NC 4.0\ninclude <mesh/closed.csv>\n" + scad_of(repo, 1)).encode()
    content.files["mesh/closed.csv"] = b"1,2\n"
    content.expected.append(
        Expected("closed.scad", "Closed", repo.description, "readme", "CC-BY-NC-4.0", repo.owner, None)
    )


def _library(content: Content, repo: Repo, rng: random.Random) -> None:
    """A library that others come to carry copies of."""
    scad = vendored_scad()
    content.files["rounded.scad"] = scad.encode()
    words = ("Rounded things", "A box with round edges, copied over and over.", "doc_comment")
    content.expected.append(Expected("rounded.scad", *words, repo.spdx, repo.owner, scad))


def _no_scad(content: Content, repo: Repo, rng: random.Random) -> None:
    content.files |= {"README.md": b"# Nothing\n\nOnly words.\n", "part.stl": b"solid x\nendsolid x\n"}


def _bare(content: Content, repo: Repo, rng: random.Random) -> None:
    """Known, not taken."""
    content.expected.append(Expected(None, repo.name, repo.description, "author", repo.spdx, repo.owner, None))


def _nothing(content: Content, repo: Repo, rng: random.Random) -> None:
    """Nothing to be had, nothing to be said."""


_LIBRARY = """\
// LibFile: pegs.scad
//   Pegs and holes.
// Includes:
//   include <BOSL2/std.scad>
//   include <BOSL2/pegs.scad>
// FileGroup: Parts

// Module: peg()
// Synopsis: Makes a peg.
// Topics: Pegs, Joints
// Example: A peg with a brim
//   peg(5) {
//     brim();
//   }
// Example(2D): flat
//   square(1);
// Example(3D,VPR=[1,2,3]): A long peg
//   peg(60);
module peg(l) { cylinder(h = l, d = 4); children(); }
"""
_PEG = "include <BOSL2/std.scad>\ninclude <BOSL2/pegs.scad>\n\n"
_PAGE = """\
# spiral_box

A box whose walls wind upwards.

## Parameters

- `size` : The length of a side.

## Examples

    use <spiral_box.scad>

    spiral_box(20, 5);

With a lid:

```openscad
use <spiral_box.scad>

spiral_box(20, 5, lid = true);
```

## Signature

    spiral_box(size, turns, lid = false);
"""


def _doc_comments(content: Content, repo: Repo, rng: random.Random) -> None:
    content.files |= {"pegs.scad": _LIBRARY.encode(), "LICENSE": b"BSD 2-Clause License\n\nRedistribution and use in "
                      b"source and binary forms, with or without\nmodification, are permitted\n"}  # fmt: skip
    for path, words, code in (
        ("pegs.scad#peg-0", "A peg with a brim. Makes a peg.", "peg(5) {\n  brim();\n}\n"),
        ("pegs.scad#peg-2", "A long peg. Makes a peg.", "peg(60);\n"),
    ):
        content.expected.append(Expected(path, "peg", words, "doc_comment", "BSD-2-Clause", repo.owner, _PEG + code))


def _docs(content: Content, repo: Repo, rng: random.Random) -> None:
    source = f"// Spiral box\n// Winds upwards.\n{scad_of(repo, 0)}"
    content.files |= {"docs/spiral_box.md": _PAGE.encode(), "src/spiral_box.scad": source.encode(),
                      "tests/test_spiral.scad": b"use <../src/spiral_box.scad>\nspiral_box(1, 1);\n"}  # fmt: skip
    synopsis, use = "A box whose walls wind upwards.", "use <spiral_box.scad>\n\n"
    content.expected += [
        Expected("src/spiral_box.scad", "Spiral box", "Winds upwards.", "doc_comment", repo.spdx, repo.owner, source),
        Expected("docs/spiral_box.md#0", "spiral_box", synopsis, "doc_comment", repo.spdx, repo.owner,
                 f"{use}spiral_box(20, 5);\n"),
        Expected("docs/spiral_box.md#1", "spiral_box", f"With a lid. {synopsis}", "doc_comment", repo.spdx, repo.owner,
                 f"{use}spiral_box(20, 5, lid = true);\n"),
    ]  # fmt: skip


def _per_model(content: Content, repo: Repo, rng: random.Random) -> None:
    """No licence of its own; each model's README names one, and one of them is refused."""
    content.files["README.md"] = b"# Models\n\nOdds and ends.\n"
    for place, (words, spdx) in enumerate((
        ("This model is licensed under [Creative Commons Attribution-ShareAlike][l].\n\n"
         "[l]: https://creativecommons.org/licenses/by-sa/4.0/", "CC-BY-SA-4.0"),
        ("CC BY-NC-ND 4.0", "CC-BY-NC-ND-4.0"),
        ("GPL-3.0-or-later", "GPL-3.0-or-later"),
    )):  # fmt: skip
        scad = scad_of(repo, place)
        content.files[f"m{place}/README.md"] = f"# Model {place}\n\nThe {place}.\n\n## License\n\n{words}\n".encode()
        content.files[f"m{place}/m{place}.scad"] = scad.encode()
        kept = None if "NC" in spdx else scad
        content.expected.append(
            Expected(f"m{place}/m{place}.scad", f"Model {place}", f"The {place}.", "readme", spdx, repo.owner, kept)
        )
    content.files["bare/thing.scad"] = scad_of(repo, 9).encode()
    content.expected.append(
        Expected("bare/thing.scad", "Thing", "Odds and ends.", "readme", "NOASSERTION", repo.owner, None)
    )


def _vouched(content: Content, repo: Repo, rng: random.Random) -> None:
    scad = scad_of(repo, 0, comment="// Tree\n// For the window.\n\n")
    content.files["01.scad"] = scad.encode()
    content.expected.append(Expected("01.scad", "Tree", "For the window.", "doc_comment", "CC0-1.0", repo.owner, scad))


_QUIRKS = {
    "hostile": _hostile,
    "bomb": _bomb,
    "odd files": _odd_files,
    "library": _library,
    "no scad": _no_scad,
    "no license": _bare,
    "other license": _bare,
    "large": _bare,
    "endless": _bare,
    "empty": _nothing,
    "missing": _nothing,
    "fork": _nothing,
    "private": _nothing,
    "doc comments": _doc_comments,
    "docs": _docs,
    "per model": _per_model,
    "vouched": _vouched,
}
