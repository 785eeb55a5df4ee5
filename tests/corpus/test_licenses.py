"""Licences: words and texts to SPDX, unknown is never guessed, and the gate."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.licenses import DEFAULT_ALLOWED, NOASSERTION, detect_license, is_allowed, spdx_of

DECLARED = {
    "CC0": "CC0-1.0",
    "cc0-1.0": "CC0-1.0",
    "CC0 1.0 Universal": "CC0-1.0",
    "Creative Commons - Public Domain Dedication": "CC0-1.0",
    "Public Domain": "LicenseRef-PublicDomain",
    "CC BY 4.0": "CC-BY-4.0",
    "Attribution 4.0 International (CC BY 4.0)": "CC-BY-4.0",
    "CC-BY-SA 3.0 Unported": "CC-BY-SA-3.0",
    "cc-by-nc-sa-2.5": "CC-BY-NC-SA-2.5",
    "MIT License": "MIT",
    "The MIT Licence": "MIT",
    "BSD 2-Clause": "BSD-2-Clause",
    'BSD 2-Clause "Simplified" License': "BSD-2-Clause",
    "3-clause BSD": "BSD-3-Clause",
    "BSD License": "LicenseRef-BSD-unversioned",
    "Apache License, Version 2.0": "Apache-2.0",
    "GNU - GPL": "LicenseRef-GPL-unversioned",
    "GNU - LGPL": "LicenseRef-LGPL-unversioned",
    "GPLv3": "GPL-3.0-only",
    "GPL v2 or later": "GPL-2.0-or-later",
    "GPL-3.0+": "GPL-3.0-or-later",
    "LGPL-2.1": "LGPL-2.1-only",
    "GNU Lesser General Public License v2.1": "LGPL-2.1-only",
    "Creative Commons - GNU LGPL 2.1": "LGPL-2.1-only",
    "CC-GNU GPL v2": "GPL-2.0-only",
    "MIT licenses": "MIT",
    "LicenseRef-Cults-PU": "LicenseRef-Cults-PU",
}
ASSUMED = {
    "Creative Commons - Attribution": "CC-BY-4.0",
    "Creative Commons - Attribution - Share Alike": "CC-BY-SA-4.0",
    "Attribution - No Derivatives": "CC-BY-ND-4.0",
    "Creative Commons - Attribution - Non-Commercial": "CC-BY-NC-4.0",
    "Creative Commons - Attribution - Non-Commercial - Share Alike": "CC-BY-NC-SA-4.0",
    "Attribution - Non-Commercial - No Derivatives": "CC-BY-NC-ND-4.0",
    "Apache": "Apache-2.0",
}
UNKNOWN = (None, "", "All Rights Reserved", "not MIT", "GPL-4", "cults_pu", "Attribution 3.0 or 4.0", "free", "☃",
           "Creative Commons LGPL", "GNU CC GPL", "CC BY GNU GPL")  # fmt: skip


@pytest.mark.parametrize(("raw", "spdx"), [*DECLARED.items(), *ASSUMED.items()])
def test_the_words_of_sites_become_spdx(raw: str, spdx: str) -> None:
    guess = spdx_of(raw)
    assert guess.spdx == spdx
    assert guess.confidence == ("declared" if raw in DECLARED else "assumed")


@pytest.mark.parametrize("raw", UNKNOWN)
def test_what_is_not_understood_whole_is_noassertion(raw: str | None) -> None:
    assert spdx_of(raw) == spdx_of(None)
    assert spdx_of(raw).spdx == NOASSERTION


@given(st.text())
def test_no_text_makes_it_fail_and_every_answer_is_an_id(text: str) -> None:
    assert " " not in spdx_of(text).spdx
    assert detect_license(text) != NOASSERTION


MIT = (
    "Copyright 2020 A\n\nPermission is hereby granted, free of charge, to any person obtaining a copy\nof this software"
)
BSD2 = "Redistribution and use in source and binary forms, with or without\nmodification, are permitted"
GPL_NOTICE = """// This library is free software: you can redistribute it under the terms of the GNU
// Lesser General Public License as published by the FSF, either version 2.1 of the License, or
// (at your option) any later version.
"""
TEXTS = {
    MIT: "MIT",
    BSD2: "BSD-2-Clause",
    BSD2 + "\nNeither the name of the copyright holder": "BSD-3-Clause",
    "Apache License\n   Version 2.0, January 2004\n": "Apache-2.0",
    "GNU GENERAL PUBLIC LICENSE\nVersion 3 ... TERMS AND CONDITIONS ... any later version": "GPL-3.0-only",
    "GNU LESSER GENERAL PUBLIC LICENSE\nVersion 3 ... the GNU General Public License version 3": "LGPL-3.0-only",
    GPL_NOTICE: "LGPL-2.1-or-later",
    "Mozilla Public License Version 2.0 ... GNU General Public License, version 2.0": "MPL-2.0",
    "This is free and unencumbered software released into the public domain.": "Unlicense",
    "CC0 1.0 Universal\n\nStatement of Purpose": "CC0-1.0",
    "// see <https://creativecommons.org/licenses/by-nc/4.0/>": "CC-BY-NC-4.0",
    "Attribution-ShareAlike 4.0 International ... the CC0 1.0 Universal dedication": "CC-BY-SA-4.0",
    "// SPDX-License-Identifier: GPL-2.0-or-later\n" + MIT: "GPL-2.0-or-later",
    "/* SPDX-License-Identifier: (Foo OR mit) */": "MIT",
    "// a box\n// License: CC BY-SA 3.0.\ncube(1);": "CC-BY-SA-3.0",
    " * Licensed under the MIT license\n": "MIT",
    "// Dual licenced under CC BY-SA 3.0 and LGPL2 or later\n": "CC-BY-SA-3.0",
    "// This file is dual-licensed under the MIT and GPL v3 licenses.": "MIT",
    "// Dual licensed under LGPL2 or later or MIT": "LGPL-2.0-or-later",
    "/* This library is licensed under the Creative Commons - GNU LGPL 2.1 */": "LGPL-2.1-only",
    "// as per http://creativecommons.org/licenses/LGPL/2.1/ .": "LGPL-2.1-only",
    "// This part is licensed under CC BY 4.0.\n// Prints flat.": "CC-BY-4.0",
    "// License: MIT\n// With a lid\n": "MIT",
}
NO_NOTICES = (
    "// Licensed under CC BY\n// NonCommercial 3.0\n",
    "// License: GPL v2\n * or any later one",
    "// Dual licensed under MIT and a commercial licence",
    "// Licensed under MIT and CC BY-NC 4.0",
    "// It uses gears, which is licensed under GPL v3",
    "// This text is dual licensed under CC BY 4.0 and MIT",
    "// Licensed under CC BY 4.0 for the models",
    "// dual",
)


@pytest.mark.parametrize("text", TEXTS)
def test_texts_and_notices_are_recognised_by_what_they_name_first(text: str) -> None:
    assert detect_license(text) == TEXTS[text]


@pytest.mark.parametrize("text", NO_NOTICES)
def test_a_notice_that_is_not_understood_whole_names_no_licence(text: str) -> None:
    assert detect_license(text) is None


@pytest.mark.parametrize("text", ["\n" * 250_000, "*\n" * 125_000, " " * 250_000, "license " + "\n" * 250_000])
def test_a_text_of_nothing_is_read_in_no_time(text: str) -> None:
    assert detect_license(text) is None  # where time grows with the square of the length, this takes half an hour


def test_our_own_license_file_is_recognised_and_code_is_not_a_licence() -> None:
    assert detect_license((Path(__file__).parents[2] / "LICENSE").read_text()) == "Apache-2.0"
    assert detect_license('// a box\nwidth = 3; text("license plate");\ncube(width);') is None


def test_the_gate_is_closed_to_unknown_non_commercial_and_no_derivatives() -> None:
    assert is_allowed("CC-BY-SA-3.0") is True
    assert is_allowed("BSD-2-Clause") is True
    assert is_allowed(NOASSERTION) == (False, "no_license")
    for refused in ("CC-BY-NC-4.0", "CC-BY-ND-4.0", "LicenseRef-Cults-PU"):
        assert is_allowed(refused) == (False, "license_refused")
    assert is_allowed("MIT", frozenset({"CC0-1.0"})) == (False, "license_refused")
    assert not any("NC" in spdx or "ND" in spdx.split("-") for spdx in DEFAULT_ALLOWED)
