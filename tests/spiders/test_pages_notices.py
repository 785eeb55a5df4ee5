"""What texts beside a design say: who made it, under which licence, and what it is; hostile ones cost no time."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spiders.pages.docs_examples import parse_docs_page
from spiders.pages.local import has_customizer, leading_comment
from spiders.pages.notices import credited_author, readme_license, source_license


@given(st.text(st.sampled_from("#`~ \n\t-;(){}[]ab=."), max_size=200))
def test_no_page_makes_the_parsers_raise(text: str) -> None:
    parse_docs_page(text)
    source_license(text)
    leading_comment(text)
    readme_license(text)
    credited_author(text)


@pytest.mark.parametrize("mark", ["\n", "*\n", "[", "[\n", "[a](", "![license ", "/*[", "a@b", "x = 1;//["])
def test_texts_of_one_mark_are_read_in_no_time(mark: str) -> None:
    # where time grows with the square of the length, each of these takes minutes
    text = mark * (200_000 // len(mark))
    for opening in ("", "# License\n", "/* "):
        assert readme_license(opening + text) is None
        assert source_license(opening + text) is None
        assert not has_customizer(opening + text)
        parse_docs_page(opening + text)
        leading_comment(opening + text)
        credited_author(opening + text)


@pytest.mark.parametrize(
    ("scad", "spdx"),
    [
        ("// License: MIT\ncube(1);", "MIT"),
        ("/*\n  Released by Ada.\n  License: CC BY-SA 4.0\n*/\ncube(1);", "CC-BY-SA-4.0"),
        ("/* one line */\nLicense: MIT\ncube(1);", None),
        ('/*\n over\n*/ x = 1;\nlicense = "MIT";\ncube(1);', None),
        ("cube(1);\n" * 200 + "/*\n  License: ISC\n*/", "ISC"),
        ("cube(1);\n" * 200 + "// License: ISC\n" + "cube(1);\n" * 200, None),
        ("cube(1);", None),
    ],
)
def test_a_sources_notice_stands_in_its_comments_at_either_end(scad: str, spdx: str | None) -> None:
    found = source_license(scad)
    assert (found.spdx if found else None) == spdx


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("// Copyright (c) 2020 Ada Lovelace", "Ada Lovelace"),
        ("// Copyright 2019-2021 by Ada, all rights reserved", "Ada"),
        ("/* (c) 2018, 2019 ada */", "ada"),
        ("// SPDX-FileCopyrightText: 2021 Ada L. <a@example.org>", "Ada L"),
        ("// @author Ada", "Ada"),
        ("// by Ada Lovelace", "Ada Lovelace"),
        ("// by default it is round", None),
        ("// (c) 2013 Ada, example.org/ada May 13", "Ada"),
        ("// divide by Two", None),
        ("// The above copyright notice and this permission notice shall be included", None),
        ("cube(1); // (c) 2020 Ada", None),
        ("// Copyright", None),
        ("// copyright holders are not liable", None),
    ],
)
def test_only_a_credit_names_an_author(line: str, name: str | None) -> None:
    assert credited_author(f"{line}\ncube(1);\n") == name


@pytest.mark.parametrize(
    ("readme", "spdx"),
    [
        ("# A\n\n**License:** MIT\n", "MIT"),
        ("# A\n\n## License\n\n[CC BY-SA 4.0](https://example.org)\n", "CC-BY-SA-4.0"),
        ("# A\n\n## Licence\n\nSee [here][l].\n\n[l]: https://creativecommons.org/licenses/by/4.0/\n", "CC-BY-4.0"),
        ("A\n=\n\nLicense\n-------\nGPL v3\n", "GPL-3.0-only"),
        ("# A\n\nThis model is licensed under the GNU General Public License v3.0.\n", "GPL-3.0-only"),
        ("# A\n\n![License: MIT](https://example.org/badge.svg)\n", "MIT"),
        (
            "# A\n\n## License\n\nThe code is released under the MIT license. Models are licensed under CC BY 4.0.\n",
            None,
        ),
        ("# A\n\nIt uses BOSL2, which is released under the BSD 2-clause license.\n", None),
        ("# A\n\n## License\n\nSee LICENSE.\n", None),
        ("# License plate holder\n\nFor MIT cars.\n", None),
    ],
)
def test_a_readme_names_a_licence_only_in_so_many_words(readme: str, spdx: str | None) -> None:
    assert readme_license(readme) == spdx


@pytest.mark.parametrize(
    ("scad", "comment"),
    [
        (
            "// Lib Copyright Ada 2018\n// GPL.\n\n//! Screws of all sizes.\ninclude <core.scad>\nx = 1;",
            "Screws of all sizes.",
        ),
        ("include <core.scad>\n// Hook\ncube(1);", "Hook"),
        ("// hook.scad - A coat hook *\n// MIT license\n// https://example.org/x\n// hook();\ncube(1);", "A coat hook"),
        ("// Public domain trochoids\n// a@example.org\nx = 1;", "Public domain trochoids"),
        (
            "// Hook\n// Author: Ada\n// by Ada Lovelace\n// Version: 2\n// Holds a coat.\ncube(1);",
            "Hook\nHolds a coat.",
        ),
        ("x = 1;\n// not leading\ncube(1);", None),
    ],
)
def test_a_source_describes_itself_after_its_notice_and_without_its_credits(scad: str, comment: str | None) -> None:
    assert leading_comment(scad) == comment
