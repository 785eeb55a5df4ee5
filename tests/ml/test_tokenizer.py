"""The tokenizer: no loss, no merged digits, and an exact border between prompt and answer."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from transformers import PreTrainedTokenizerFast

from corpus.starter import family_names, sample_examples
from ml.chat import format_example
from ml.tokenizer import END_TOKEN, encode_example, fingerprint, load_tokenizer, train_tokenizer

EXAMPLES = list(sample_examples(400, seed=7, families=family_names("base"), wording_pools=("base",), split="train"))
TEXTS = [text for example in EXAMPLES for text in (example.prompt, example.scad)]


@pytest.fixture(scope="module")
def tokenizer() -> PreTrainedTokenizerFast:
    return train_tokenizer(TEXTS, vocab_size=512)


def ids(tokenizer: PreTrainedTokenizerFast, text: str) -> list[int]:
    return list(tokenizer(text, add_special_tokens=False)["input_ids"])


@settings(max_examples=300, deadline=None)
@given(st.text() | st.text(alphabet=" \t\n\r_{}()[];=,.-/*019azé²½٣"))
def test_any_text_round_trips(tokenizer: PreTrainedTokenizerFast, text: str) -> None:
    assert tokenizer.decode(ids(tokenizer, text), skip_special_tokens=False) == text


def test_a_digit_is_always_a_token_of_its_own(tokenizer: PreTrainedTokenizerFast) -> None:
    with_digit = {token for token in tokenizer.get_vocab() if any(c.isdecimal() and c.isascii() for c in token)}
    assert with_digit == set("0123456789")
    assert tokenizer.tokenize("width = 60.25;") == ["width", "Ġ=Ġ", "6", "0", ".", "2", "5", ";"]


def test_structure_merges_with_its_white_space(tokenizer: PreTrainedTokenizerFast) -> None:
    assert tokenizer.tokenize("width = 6;\ndepth = 4;\n") == ["width", "Ġ=Ġ", "6", ";Ċ", "depth", "Ġ=Ġ", "4", ";Ċ"]
    assert tokenizer.tokenize("difference() {\n  cube(") == ["difference", "()Ġ", "{ĊĠĠ", "cube", "("]


def test_the_border_between_prompt_and_answer_is_exact(tokenizer: PreTrainedTokenizerFast) -> None:
    for example in EXAMPLES[:50]:
        encoded = encode_example(tokenizer, example.prompt, example.scad)
        prompt_ids = encoded.input_ids[: encoded.n_prompt_tokens]
        answer_ids = encoded.input_ids[encoded.n_prompt_tokens :]
        assert tokenizer.decode(prompt_ids) == f"<|user|>{example.prompt}<|assistant|>"
        assert tokenizer.decode(answer_ids) == example.scad + END_TOKEN
        assert answer_ids[-1] == tokenizer.eos_token_id
        assert list(prompt_ids) == ids(tokenizer, format_example(tokenizer, example.prompt, example.scad)[0])


def test_the_same_texts_give_the_same_tokenizer(tokenizer: PreTrainedTokenizerFast) -> None:
    assert fingerprint(train_tokenizer(TEXTS, vocab_size=512)) == fingerprint(tokenizer)
    assert fingerprint(train_tokenizer(TEXTS, vocab_size=500)) != fingerprint(tokenizer)


def test_a_saved_tokenizer_loads_as_it_was(tokenizer: PreTrainedTokenizerFast, tmp_path: Path) -> None:
    tokenizer.save_pretrained(tmp_path)
    loaded = load_tokenizer(tmp_path)
    assert fingerprint(loaded) == fingerprint(tokenizer)
    assert (loaded.pad_token_id, loaded.eos_token_id) == (tokenizer.pad_token_id, tokenizer.eos_token_id)
    example = EXAMPLES[0]
    assert encode_example(loaded, example.prompt, example.scad) == encode_example(
        tokenizer, example.prompt, example.scad
    )


def test_a_tokenizer_without_padding_or_template_gets_both(tokenizer: PreTrainedTokenizerFast, tmp_path: Path) -> None:
    bare = PreTrainedTokenizerFast(tokenizer_object=tokenizer.backend_tokenizer, eos_token=END_TOKEN)
    bare.save_pretrained(tmp_path)
    loaded = load_tokenizer(tmp_path)
    assert loaded.pad_token == END_TOKEN
    assert loaded.chat_template is not None


def test_a_vocabulary_too_small_for_the_bytes_is_refused() -> None:
    with pytest.raises(ValueError, match="260"):
        train_tokenizer(TEXTS, vocab_size=200)
