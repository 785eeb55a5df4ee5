"""The things of a replayed Thingiverse of which the true one has few: each a case that a crawl must bear."""

from __future__ import annotations

import random
from collections.abc import Iterator

from tests.replay.things import Expected, Thing, ThingFile, expect, ordinary_thing, scad_of, source_file

__all__ = ["plant_things"]


def plant_things(n_things: int, rng: random.Random) -> list[Thing]:
    """Ordinary things, newest last, and the special ones after them."""
    things = [ordinary_thing(1_000_001 + i, rng) for i in range(n_things)]
    return [*things, *_special_things(1_000_001 + n_things)]


def _special_things(first_id: int) -> Iterator[Thing]:
    """The cases of which a true Thingiverse has few."""
    for i, make in enumerate(_SPECIAL):
        thing = Thing(
            first_id + i, f"Special {make.__name__.strip('_')}", ("search:openscad", "tag:openscad"), words="Special."
        )
        thing.description = {"description": "Special."}
        thing.files = [source_file(thing, 1, "part.scad")]
        expect(thing)
        make(thing)
        yield thing


def _upper_case(thing: Thing) -> None:
    thing.files = [ThingFile(10 * thing.thing_id + 1, "BOX.SCAD", scad_of(thing.thing_id).encode())]
    expect(thing)


def _with_companion(thing: Thing) -> None:
    main = f"include <lib.scad>\nuse <missing.scad>\nlib_box({thing.thing_id});\n"
    thing.files = [
        ThingFile(10 * thing.thing_id + 1, "main.scad", main.encode()),
        ThingFile(10 * thing.thing_id + 2, "lib.scad", b"module lib_box(n) { cube(n % 9 + 1); }\n"),
    ]
    expect(thing)


def _same_names(thing: Thing) -> None:
    thing.files = [source_file(thing, 1, "a.scad"), source_file(thing, 2, "a.scad")]
    twin = thing.files[1]
    thing.expected = [
        Expected("a.scad", thing.files[0].body.decode()),
        Expected(f"{twin.file_id}/a.scad", twin.body.decode()),
    ]


def _folder_in_name(thing: Thing) -> None:
    thing.files = [source_file(thing, 1, "../../etc/part.scad")]
    thing.expected = [Expected("part.scad", thing.files[0].body.decode())]


def _only_meshes(thing: Thing) -> None:
    thing.has_zip, thing.files, thing.expected = False, [ThingFile(10 * thing.thing_id, "a.stl", b"solid\n")], []


def _no_files(thing: Thing) -> None:
    thing.files, thing.expected = [], []


def _private(thing: Thing) -> None:
    thing.odd, thing.expected = {"is_private": 1}, []


def _unpublished(thing: Thing) -> None:
    thing.odd, thing.expected = {"is_published": False}, []


def _nsfw(thing: Thing) -> None:
    thing.odd, thing.expected = {"is_nsfw": 1}, [Expected("part.scad", None)]


def _deleted(thing: Thing) -> None:
    thing.status, thing.expected = 404, []


def _forbidden(thing: Thing) -> None:
    thing.status, thing.expected = 403, []


def _lost_file(thing: Thing) -> None:
    thing.files[0].how, thing.expected = "missing", [Expected("part.scad", None)]


def _large(thing: Thing) -> None:
    thing.files[0].size_bytes, thing.expected = 3 << 30, [Expected("part.scad", None)]


def _larger_than_listed(thing: Thing) -> None:
    thing.files[0].how, thing.expected = "huge", [Expected("part.scad", None)]


def _binary(thing: Thing) -> None:
    thing.files[0].body, thing.expected = b"\x00\x01\x02mesh", [Expected("part.scad", None)]


def _latin1(thing: Thing) -> None:
    thing.files[0].body = f"// Größe {thing.thing_id}\ncube(3);\n".encode("latin-1")
    thing.expected = [Expected("part.scad", f"// Größe {thing.thing_id}\ncube(3);\n")]


def _crlf(thing: Thing) -> None:
    thing.files[0].body = f"// lines {thing.thing_id}\r\ncube(3);\r\n".encode()
    thing.expected = [Expected("part.scad", f"// lines {thing.thing_id}\ncube(3);\n")]


def _bare(thing: Thing) -> None:
    """Fields missing or null; no version but what the page says."""
    thing.odd = {"creator": None, "tags": None, "modified": None, "is_derivative": None, "is_ai": None}
    thing.description, thing.words, thing.author, thing.has_zip = {"description": None}, None, None, False


def _odd_types(thing: Thing) -> None:
    thing.odd = {
        "is_ai": "1",
        "tags": ["openscad", 7, None, {"name": "Customizer"}],
        "file_count": "1",
        "ancestors": None,
    }


def _no_license(thing: Thing) -> None:
    thing.license, thing.has_zip, thing.expected = (None, "NOASSERTION"), False, [Expected(None, None)]


def _remix_told_at_once(thing: Thing) -> None:
    thing.odd = {"is_derivative": True, "ancestors": [{"id": 42, "public_url": "https://www.thingiverse.com/thing:42"}]}


def _remix_of_the_lost(thing: Thing) -> None:
    thing.odd = {"is_derivative": 1}


_SPECIAL = (
    *(
        _upper_case,
        _with_companion,
        _same_names,
        _folder_in_name,
        _only_meshes,
        _no_files,
        _private,
        _unpublished,
        _nsfw,
    ),
    *(_deleted, _forbidden, _lost_file, _large, _larger_than_listed, _binary, _latin1, _crlf, _bare, _odd_types),
    *(_no_license, _remix_told_at_once, _remix_of_the_lost),
)
