"""BOSL2's doc comments -> captioned example blocks, each a whole source that compiles against the library.

Pure: a library file's text in, blocks out. Takes `// Example(opts): caption` with its indented code;
leaves 2D, NORENDER and animated examples, those without a caption, and the plural `// Examples`
(one picture a line). Finding the installed library is `spiders.sites.bosl2`'s business.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain, islice, zip_longest

__all__ = ["ExampleBlock", "LibraryFile", "is_costly", "is_self_contained", "parse_library_file", "pick_spread"]

STD_INCLUDE = "include <BOSL2/std.scad>"

_HEADER = re.compile(r"^//\s?(?P<name>[A-Z][A-Za-z&]*(?: [A-Z][a-z]+)?)(?:\((?P<options>.*?)\))?:(?P<rest>\s.*|)$")
_ITEMS = frozenset({"Function", "Module", "Function&Module", "Constant"})
_UNUSABLE = ("2d", "norender", "anim", "frames", "hide")
_INCLUDE_LINE = re.compile(r"^\s*(include|use)\s*<[^>\n]+>\s*$")
# Captions that lean on a picture beside them or on the example before: poor as requests, fine as a last resort.
_LEANING = re.compile(
    r"(?i)\b(previous|above|below|last example|prior|earlier|again|here we|here is the|this time|as before|the same|"
    r"now |oh no|fix(ed|es)? (this|that|it|the)|in this (example|case)|this example|another|instead|fails?|"
    r"wrong|error|note that|we (can|need|use|get|see)|left|right hand)\b"
)
_MAX_SELF_CONTAINED_CHARS = 160
# Measured on 231 blocks: those with one of these words take 2.2 times as long to compile as the others (2.7 s against
# 1.2 s on a busy machine), and anchors are arrows with lettering, not part of a part.
_COSTLY = re.compile(
    r"show_anchors|expose_anchors|texture|minkowski|\bteardrop|clip_angle|text3d|path_text|grid_copies"
    r"|plot3d|plot_revolution|\$fn=256"
)


@dataclass(frozen=True)
class ExampleBlock:
    """One captioned example as the library's documentation shows it."""

    item: str
    """`cuboid()`: the module or function it documents."""
    index: int
    """0-based among all examples of that item, so that an id survives a change of the filter."""
    line: int
    caption: str
    synopsis: str | None
    topics: tuple[str, ...]
    includes: tuple[str, ...]
    """The lines put before `code`."""
    code: str

    @property
    def scad(self) -> str:
        """The whole source: the include lines the block needs, then its code."""
        return "\n".join((*self.includes, "", self.code)) + "\n"

    @property
    def description(self) -> str:
        """The caption, and what the item does in general."""
        if not self.synopsis or self.synopsis.rstrip(".").lower() in self.caption.lower():
            return self.caption
        stop = "" if self.caption.endswith((".", "!", "?", ":")) else "."
        return f"{self.caption}{stop} {self.synopsis}"


@dataclass(frozen=True)
class LibraryFile:
    name: str
    group: str | None
    is_in_std: bool
    """False where a block needs the file's own include line beside std.scad."""
    blocks: tuple[ExampleBlock, ...]


@dataclass
class _Item:
    """The documented item the scan is in."""

    name: str = ""
    synopsis: str | None = None
    topics: tuple[str, ...] = ()
    n_examples: int = field(default=0)


def parse_library_file(name: str, text: str) -> LibraryFile:
    """Every usable captioned block of one library file."""
    lines = text.replace("\r\n", "\n").split("\n")
    includes: tuple[str, ...] = (STD_INCLUDE,)
    group: str | None = None
    is_in_std = False
    item = _Item()
    blocks: list[ExampleBlock] = []
    for number, line in enumerate(lines):
        header = _HEADER.match(line)
        if header is None:
            continue
        kind, rest = header["name"], header["rest"].strip()
        if kind in _ITEMS:
            item = _Item(rest)
        elif kind == "Synopsis":
            item.synopsis = plain_words(rest) or None
        elif kind == "Topics":
            item.topics = tuple(topic.strip() for topic in rest.split(",") if topic.strip())
        elif kind == "FileGroup":
            group = rest
        elif kind == "FileFootnotes":
            is_in_std = "Included in std.scad" in rest
        elif kind == "Includes":
            own = [code.strip() for code in _body(lines, number) if _INCLUDE_LINE.match(code)]
            includes = tuple(dict.fromkeys((STD_INCLUDE, *own)))
        elif kind in ("Example", "Examples") and item.name:
            block = _block(lines, number, header, item, includes)
            item.n_examples += 1
            if block is not None:
                blocks.append(block)
    return LibraryFile(name, group, is_in_std, tuple(blocks))


def _block(
    lines: Sequence[str], number: int, header: re.Match[str], item: _Item, includes: tuple[str, ...]
) -> ExampleBlock | None:
    caption = plain_words(header["rest"])
    options = [option.strip().lower() for option in re.split(r"[,;]", header["options"] or "")]
    is_unusable = any(option.startswith(_UNUSABLE) for option in options)
    code = "\n".join(_body(lines, number)).strip("\n")
    if header["name"] != "Example" or not caption or is_unusable or not code or "$t" in code:
        return None
    missing = tuple(line for line in includes if line not in code)
    return ExampleBlock(item.name, item.n_examples, number + 1, caption, item.synopsis, item.topics, missing, code)


def _body(lines: Sequence[str], number: int) -> list[str]:
    """The indented comment lines after a header, without the comment marks and the three columns of indent."""
    body: list[str] = []
    for line in lines[number + 1 :]:
        if line.rstrip() == "//":
            body.append("")
        elif line.startswith(("//  ", "//\t")):
            body.append(line[2:].expandtabs(4).removeprefix("   ").rstrip())
        else:
            break
    while body and not body[-1]:
        body.pop()
    return body


def plain_words(markdown: str) -> str:
    """A caption as a sentence: links, emphasis, code marks and {{references}} reduced to their words."""
    text = re.sub(r"\{\{([^}]*)\}\}", r"\1", markdown)
    text = re.sub(r"\[([^\]]+)\]\([^)]*\)", r"\1", text)
    text = re.sub(r"\*\*|`|</?[a-z]+>", "", text)
    return " ".join(text.split()).removesuffix(":").strip()


def is_self_contained(block: ExampleBlock) -> bool:
    """True if the caption reads as a description by itself, without its neighbours or a picture."""
    return len(block.caption) <= _MAX_SELF_CONTAINED_CHARS and not _LEANING.search(block.caption)


def is_costly(block: ExampleBlock) -> bool:
    """True if the code uses what is known to compile slowly."""
    return _COSTLY.search(block.code) is not None


def pick_spread(files: Iterable[LibraryFile], limit: int | None) -> Iterator[tuple[LibraryFile, ExampleBlock]]:
    """Blocks taken in turn from each file (files in the order given): self-contained first, costly ones last.

    Deterministic; the first n of a longer pick are the pick of n.
    """
    in_order = list(files)
    yield from islice(chain.from_iterable(_in_turn(in_order, tier) for tier in range(3)), limit)


def _tier(block: ExampleBlock) -> int:
    """0: says all by itself and compiles quickly; 1: leans on the text around it; 2: slow."""
    return 2 if is_costly(block) else int(not is_self_contained(block))


def _in_turn(files: Sequence[LibraryFile], tier: int) -> Iterator[tuple[LibraryFile, ExampleBlock]]:
    queues = [[(file, block) for block in file.blocks if _tier(block) == tier] for file in files]
    for round_of_files in zip_longest(*queues):
        yield from (pair for pair in round_of_files if pair is not None)
