"""Personal data and secrets: what is masked, what is refused, and that geometry is never taken for either."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.normalize import segments, tokens
from corpus.privacy import find_secret, mask_prose, mask_source, without_credit

MASKED = {
    "mail ada.l+cad@example.co.uk now": ("mail <e-mail> now", "e-mail"),
    "ada (at) example (dot) org": ("<e-mail>", "e-mail"),
    "made in C:\\Users\\ada\\parts": ("made in C:\\Users\\<user>\\parts", "home folder"),
    "see /home/ada/parts.scad": ("see /home/<user>/parts.scad", "home folder"),
    "pay DE89 3704 0044 0532 0130 00": ("pay <iban>", "iban"),
    "card 4111 1111 1111 1111.": ("card <card>.", "card"),
    "call +49 30 1234 5678 today": ("call <phone> today", "phone"),
    "call (555) 010-4477": ("call <phone>", "phone"),
    "Tel: 030 / 1234567": ("Tel: <phone>", "phone"),
    "host 8.8.4.4 and 2a00:1450:4001:0:0:0:0:200e": ("host <ip> and <ip>", "ip address"),
    "12 Long Oak Street, Springfield, IL 62704": ("<address>", "postal address"),
    "Lange Hauptstraße 12, 10115 Berlin": ("Lange <address>", "postal address"),
}
KEPT = (
    "width 100 200 300 400 500 mm",
    "[10:5:100] and [-10 : 0.5 : 10]",
    "about 3.1415926535897932 or 0.4111111111111111",
    "+1.2345678901 mm",
    "x+100 -200 +300 -400",
    "OpenSCAD 2021.01.0.1, version 1.2.3.4, v2.0.1.5",
    "127.0.0.1 or 192.168.0.10",
    "GB00 WEST 1234 5698 7654 32",
    "4111 1111 1111 1112",
    "2014-05-12, 10:20:30",
    "1-555 and 12-34-56",
    "a @ b, M3@20, foo@bar",
    "/home and /Users/",
    "10 Small Holes, 4 Lane Road",
    "608 bearing 22x8x7, part 6001-2RS",
)


@pytest.mark.parametrize("text", MASKED)
def test_what_is_personal_is_masked(text: str) -> None:
    masked = mask_prose(text)
    assert (masked.text, masked.kinds) == (MASKED[text][0], (MASKED[text][1],))
    assert mask_prose(masked.text).kinds == ()


@pytest.mark.parametrize("text", KEPT)
def test_measures_versions_and_local_addresses_are_not_personal(text: str) -> None:
    assert mask_prose(text).text == text


def test_a_source_is_masked_in_comments_and_strings_and_nowhere_else() -> None:
    scad = 'pts = [+49 - 30 - 1234 - 5678, 4111111111111111]; // +49 30 1234 5678\ntext("a@b.org"); /* 8.8.8.8 */\n'
    masked = mask_source(scad)
    assert masked.text == scad.replace("+49 30 1234 5678", "<phone>").replace("a@b.org", "<e-mail>").replace(
        "8.8.8.8", "<ip>"
    )
    assert masked.kinds == ("e-mail", "phone", "ip address")


def _filled(prefix: str, length: int) -> str:
    """A made-up token, written so that no scanner takes this file for a leak."""
    return prefix + ("aB3dE5fG7hJ9kL1mN2pQ4rS6tU8vW0xY" * 4)[:length]


SECRETS = {
    "private key": "-----BEGIN RSA " + "PRIVATE KEY-----\nMIIE",
    "github token": _filled("gh" + "p_", 36),
    "gitlab token": _filled("gl" + "pat-", 20),
    "aws key": "AK" + "IA" + "ABCDEFGH12345678",
    "slack token": _filled("xo" + "xb-", 24),
    "google key": _filled("AI" + "za", 35),
    "openai key": _filled("s" + "k-", 40),
    "stripe key": _filled("s" + "k_live_", 24),
    "hugging face token": _filled("h" + "f_", 34),
    "jwt": ".".join((_filled("ey" + "J", 20), _filled("ey" + "J", 20), _filled("", 20))),
    "token": 'api_key = "' + _filled("", 24) + '";',
}


@pytest.mark.parametrize("kind", SECRETS)
def test_keys_and_tokens_are_found_by_kind(kind: str) -> None:
    assert find_secret(f"cube(1); // {SECRETS[kind]}\n") == kind


@pytest.mark.parametrize(
    "scad",
    ["token = coin_diameter_25mm_total_width;", "// token: game_token_holder_v2_final", "key_length = 33; secret = 1;"]
    + [
        'password = "correcthorsebattery";',
        "// sha 2fd4e1c67a2d28fced849ee1bb76e7391b93eb12",
        "// -----BEGIN CERTIFICATE",
    ],
)
def test_names_words_and_bare_hashes_are_no_secrets(scad: str) -> None:
    assert find_secret(scad) is None


def test_prompts_name_no_person() -> None:
    assert without_credit("A box by Ada Lovelace, with a lid", ()) == "A box, with a lid"
    assert without_credit("Vase designed by J. R. Smith.", ()) == "Vase."
    assert without_credit("A hinge by printfan3000 and thanks", ["printfan3000"]) == "A hinge and thanks"
    assert without_credit("Ada Lovelace made this hook", ["Ada Lovelace"]) == "the author made this hook"
    kept = "Held by two M3 screws; stands by the Door Frame? A box for cards"
    assert without_credit("A box for cards, 20 by 30 mm", ["cards"]) == "A box for cards, 20 by 30 mm"
    assert without_credit(kept.split(";")[0], ()) == kept.split(";")[0]


PIECES = st.sampled_from(
    [
        "a@b.co",
        "+49",
        "030",
        "-",
        " ",
        "\n",
        '"',
        "//",
        "/*",
        "*/",
        "4111",
        "by Ada B",
        "1.2.3.4",
        ":",
        "cube(1);",
        "C:\\",
    ]
    + ["Users\\", "/home/", "token=", "aB3", "(", ")", "/", "tel:", "DE89", "Street", ","]
)
SOUP = st.lists(PIECES, max_size=25).map("".join)


@given(SOUP | st.text())
def test_any_text_is_masked_without_a_change_of_its_code(text: str) -> None:
    masked = mask_source(text).text
    code = [s.text for s in segments(text) if s.kind in ("code", "target")]
    assert [s.text for s in segments(masked) if s.kind in ("code", "target")] == code
    assert len(tokens(masked)) == len(tokens(text))
    find_secret(text)
    without_credit(text, [text[:20]])


@pytest.mark.parametrize(
    "unit",
    [
        "a",
        "a@",
        "1",
        "+1",
        "1 ",
        "+49 30 ",
        "4111 ",
        "DE89",
        ":",
        "1.",
        "by ",
        "Aa ",
        " ",
        "token=",
        "/home/",
        "eyJ.",
        "tel:1-",
    ]
    + ["1 Aa Street, ", "a.b", "-", "sk-", "ab:"],
)
def test_a_megabyte_is_read_in_linear_time(unit: str) -> None:
    text = unit * (1_000_000 // len(unit))
    mask_prose(text)
    find_secret(text)
    without_credit(text[:50_000], ["Ada Lovelace"])
