"""The tokenizer: no loss, no merged digits, and an exact border between prompt and answer."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import PreTrainedTokenizerFast

from corpus.starter import family_names, sample_examples
from ml.chat import build_messages, format_example, format_prompt
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
    assert tokenizer.tokenize("difference() {\n  translate([") == ["difference(", ")Ġ", "{ĊĠĠ", "translate(["]


def test_the_border_between_prompt_and_answer_is_exact(tokenizer: PreTrainedTokenizerFast) -> None:
    for example in EXAMPLES[:50]:
        encoded = encode_example(tokenizer, example.prompt, example.scad)
        ((start, end),) = encoded.supervised
        assert end == len(encoded.input_ids)
        prompt_ids, answer_ids = encoded.input_ids[:start], encoded.input_ids[start:]
        assert tokenizer.decode(prompt_ids) == f"<|user|>{example.prompt}<|assistant|>"
        assert tokenizer.decode(answer_ids) == example.scad + END_TOKEN
        assert answer_ids[-1] == tokenizer.eos_token_id
        assert list(prompt_ids) == ids(tokenizer, format_example(tokenizer, example.prompt, example.scad)[0])


LLAMA_2 = (
    "{% for m in messages %}{% if m['role'] == 'user' %}{{ bos_token + '[INST] ' + m['content'].strip() + ' [/INST]' }}"
    "{% else %}{{ ' ' + m['content'].strip() + ' ' + eos_token }}{% endif %}{% endfor %}"
)
LLAMA_3 = (
    "{% for m in messages %}{% if loop.first %}{{ bos_token }}{% endif %}{{ '<|start_header_id|>' + m['role'] "
    "+ '<|end_header_id|>\n\n' + m['content'] | trim + '<|eot_id|>' }}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|start_header_id|>assistant<|end_header_id|>\n\n' }}{% endif %}"
)
LLAMA_3_PIECES = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+"
    r"|\s+(?!\S)|\s+"
)
WITHOUT_MARKS = (
    "{% for m in messages %}{{ m['role'] }} {{ m['content'] }}\n{% endfor %}"
    "{% if add_generation_prompt %}assistant {% endif %}"
)


def llama_2_like() -> PreTrainedTokenizerFast:
    """SentencePiece's way: a space belongs to the word after it, and one is put before the first."""
    backend = Tokenizer(models.BPE(byte_fallback=True))
    backend.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="first")
    backend.decoder = decoders.Metaspace(prepend_scheme="first")
    return _trained(backend, ["<s>", "</s>"], LLAMA_2)


def llama_3_like() -> PreTrainedTokenizerFast:
    backend = Tokenizer(models.BPE())
    backend.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(LLAMA_3_PIECES), behavior="isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    backend.decoder = decoders.ByteLevel()
    marks = ["<|begin_of_text|>", "<|eot_id|>", "<|start_header_id|>", "<|end_header_id|>"]
    return _trained(backend, marks, LLAMA_3)


def merging_over_borders() -> PreTrainedTokenizerFast:
    """No marks, and merges that know no border: `\\n` and the role after it can be one token."""
    backend = Tokenizer(models.BPE())
    backend.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    backend.decoder = decoders.ByteLevel()
    texts = [f"user {e.prompt}\nassistant {e.scad}\nuser {e.prompt}\n" for e in EXAMPLES[:20]]
    return _trained(backend, ["<s>", "</s>"], WITHOUT_MARKS, texts)


def _trained(
    backend: Tokenizer, marks: list[str], template: str, texts: list[str] = TEXTS[:200]
) -> PreTrainedTokenizerFast:
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(vocab_size=700, special_tokens=marks, initial_alphabet=alphabet, show_progress=False)
    backend.train_from_iterator(texts, trainer)
    bos, eos, *others = marks
    return PreTrainedTokenizerFast(
        tokenizer_object=backend,
        bos_token=bos,
        eos_token=eos,
        additional_special_tokens=others,
        chat_template=template,
        clean_up_tokenization_spaces=False,
    )


FOREIGN = {"llama_2": llama_2_like, "llama_3": llama_3_like, "no_marks": merging_over_borders}
TALK = [
    ("a plate", "width = 60;\ncube([width, 40, 3]);\n"),
    ("  wider, please ", "\n\n  // wider\nwidth = 80;\ncube([width, 40, 3]);"),
    ("undo", "width = 60;\ncube([width, 40, 3]);\n"),
    ("[3] holes\n", "difference() {\n  cube(1);\n}\n\n"),
]


def assert_generation_starts_from_the_same_tokens(
    tokenizer: PreTrainedTokenizerFast, talk: list[tuple[str, str]]
) -> int:
    """The number of supervised answers, the ids before each being those of the prompt at its turn."""
    (*turns, (prompt, scad)) = talk
    encoded = encode_example(tokenizer, prompt, scad, turns=turns)
    n_told = len(encoded.supervised)
    for (start, end), i in zip(encoded.supervised, range(len(talk) - n_told, len(talk)), strict=True):
        asked = format_prompt(tokenizer, build_messages(talk[i][0], turns=talk[:i]))
        assert list(encoded.input_ids[:start]) == ids(tokenizer, asked)
        assert talk[i][1].strip() in tokenizer.decode(encoded.input_ids[start:end])
    assert encoded.supervised[-1][1] == len(encoded.input_ids)
    return n_told


@pytest.mark.parametrize("n_turns", [1, 2, 4])
def test_every_turn_of_a_conversation_starts_from_the_tokens_of_its_prompt(
    tokenizer: PreTrainedTokenizerFast, n_turns: int
) -> None:
    assert assert_generation_starts_from_the_same_tokens(tokenizer, TALK[:n_turns]) == n_turns


@pytest.mark.parametrize("style", ["llama_2", "llama_3"])
def test_so_it_does_with_the_templates_of_other_llamas(style: str) -> None:
    foreign = FOREIGN[style]()
    for n_turns in (1, 2, 4):
        assert assert_generation_starts_from_the_same_tokens(foreign, TALK[:n_turns]) == n_turns
    encoded = encode_example(foreign, *TALK[1], turns=TALK[:1])
    assert all(encoded.input_ids[end - 1] == foreign.eos_token_id for _, end in encoded.supervised)


def test_where_merges_cross_the_borders_the_last_answer_alone_is_supervised() -> None:
    foreign = FOREIGN["no_marks"]()
    assert assert_generation_starts_from_the_same_tokens(foreign, TALK) == 1


@settings(max_examples=60, deadline=None)
@given(talk=st.lists(st.tuples(st.text(max_size=20), st.text(max_size=20)), min_size=1, max_size=4))
def test_whatever_is_said_each_supervised_answer_follows_its_own_prompt(
    tokenizer: PreTrainedTokenizerFast, talk: list[tuple[str, str]]
) -> None:
    assert assert_generation_starts_from_the_same_tokens(tokenizer, talk) == len(talk)


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
