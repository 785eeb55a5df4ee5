"""The one prompt template and the one extractor of OpenSCAD source from a completion.

Training, evaluation and serving all come through here, so a model never meets a prompt in another shape than
the one it was tuned on. Covers text only: token ids are `ml.tokenizer`'s, sampling is `ml.generate`'s, and
whether an extracted source compiles is the engine's to say.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

__all__ = [
    "CHAT_TEMPLATE",
    "Message",
    "Role",
    "build_messages",
    "ensure_chat_template",
    "extract_scad",
    "format_example",
    "format_prompt",
]

# The end of an assistant turn is the tokenizer's own end of sequence, so any tokenizer without a template can
# carry this one. On our base the two role marks and the end are one token each: three tokens a pair.
CHAT_TEMPLATE = (
    "{% if bos_token %}{{ bos_token }}{% endif %}"
    "{% for message in messages %}"
    "{% if message['role'] == 'assistant' %}<|assistant|>{{ message['content'] }}{{ eos_token }}"
    "{% elif message['role'] in ('user', 'system') %}<|user|>{{ message['content'] }}"
    "{% else %}{{ raise_exception('unknown role ' + message['role']) }}{% endif %}"
    "{% endfor %}"
    "{% if add_generation_prompt %}<|assistant|>{% endif %}"
)

# LLaMA 3.x templates write today's date into the prompt unless they are given one: training and inference
# would differ, and so would two runs of the same data.
_DATE_STRING = "26 Jul 2024"


class Role(StrEnum):
    SYSTEM = "system"
    USER = "user"
    ASSISTANT = "assistant"


@dataclass(frozen=True)
class Message:
    role: Role
    content: str


def build_messages(prompt: str, *, turns: Sequence[tuple[str, str]] = ()) -> tuple[Message, ...]:
    """The conversation that ends with `prompt`; `turns` are the (prompt, scad) pairs that came before it."""
    messages: list[Message] = []
    for asked, answered in turns:
        messages += [Message(Role.USER, asked), Message(Role.ASSISTANT, answered)]
    return (*messages, Message(Role.USER, prompt))


def ensure_chat_template(tokenizer: PreTrainedTokenizerBase) -> None:
    """Sets CHAT_TEMPLATE on a tokenizer that has no template of its own; an instruct model's own one stays."""
    if tokenizer.chat_template is None:
        if tokenizer.eos_token is None:
            raise ValueError(f"the tokenizer {tokenizer.name_or_path!r} has no end-of-sequence token; set eos_token")
        tokenizer.chat_template = CHAT_TEMPLATE


def format_prompt(tokenizer: PreTrainedTokenizerBase, messages: Sequence[Message]) -> str:
    """The text up to where the model's answer begins. Encode it with `add_special_tokens=False`."""
    return _apply_template(tokenizer, messages, is_prompt=True)


def format_example(
    tokenizer: PreTrainedTokenizerBase, prompt: str, scad: str, *, turns: Sequence[tuple[str, str]] = ()
) -> tuple[str, str]:
    """(prompt text, completion text) of one training pair; the completion ends with the end-of-turn mark.

    The turns before it are part of the prompt.
    """
    messages = build_messages(prompt, turns=turns)
    prompt_text = format_prompt(tokenizer, messages)
    whole = _apply_template(tokenizer, (*messages, Message(Role.ASSISTANT, scad)), is_prompt=False)
    if not whole.startswith(prompt_text):
        raise ValueError(
            f"the chat template of {tokenizer.name_or_path!r} renders an answered prompt differently from an open one; "
            "set tokenizer.chat_template = ml.chat.CHAT_TEMPLATE"
        )
    return prompt_text, whole[len(prompt_text) :]


def _apply_template(tokenizer: PreTrainedTokenizerBase, messages: Sequence[Message], *, is_prompt: bool) -> str:
    ensure_chat_template(tokenizer)
    marks = [*tokenizer.all_special_tokens, *_ROLE_MARKS]
    return str(
        tokenizer.apply_chat_template(
            [{"role": m.role.value, "content": _defuse_marks(m.content, marks)} for m in messages],
            tokenize=False,
            add_generation_prompt=is_prompt,
            date_string=_DATE_STRING,
        )
    )


_ROLE_MARKS = ("<|user|>", "<|assistant|>")


def _defuse_marks(text: str, marks: Sequence[str]) -> str:
    """A prompt that spells out a control token must not end the turn: `<|end|>` becomes `< |end|>`."""
    for mark in marks:
        text = text.replace(mark, f"{mark[0]} {mark[1:]}")
    return text


_END_MARK = re.compile(r"<\|[a-z0-9_]+\|>|</s>")
_FENCE = re.compile(
    r"^[ \t]*```[ \t]*(?P<tag>[\w+-]*)[^\n]*\n(?P<body>.*?)(?:^[ \t]*```[ \t]*$|\Z)", re.MULTILINE | re.DOTALL
)
_SCAD_TAGS = frozenset({"openscad", "scad"})
_COMMENT_OR_STRING = re.compile(r'//[^\n]*|/\*.*?(?:\*/|\Z)|"(?:\\.|[^"\\])*"', re.DOTALL)
_STATEMENT = re.compile(
    r"^[ \t]*(?:"
    r"(?:include|use)[ \t]*<"  # include <BOSL2/std.scad>
    r"|(?:module|function)[ \t]+[A-Za-z_]\w*[ \t]*\("
    r"|\$?[A-Za-z_]\w*[ \t]*=[^=]"  # width = 60;
    r"|[#%!*]?[A-Za-z_]\w*\("  # translate([…, and a truncated cube(
    r"|[#%!*]?(?:cube|sphere|cylinder|difference|union|intersection|hull|minkowski)[ \t]+\("
    r")",
    re.MULTILINE,
)
_SOURCE_LINE_START = re.compile(r"^[ \t]*(?://|/\*|[{})\]#%!*$]|(?:include|use)[ \t]*<)")
_SOURCE_LINE_END = re.compile(r"(?:[;{}()\[\],=+*/?:&|-]|//.*|\*/)[ \t]*$")

_WORD = re.compile(r"[^\W\d_]+")
_SENTENCE_END = re.compile(r"[A-Za-z]\)?[.!?][ \t]*$")


def extract_scad(completion: str) -> str | None:
    """The OpenSCAD source in a model's answer, or None where there is only prose.

    Takes the longest ```openscad block (any block that holds statements, failing that; one that was cut off
    counts), else the answer itself less the lines of prose around the source. A bare source comes back
    character for character; whether it is whole is `finish_reason`'s to say.
    """
    end = _END_MARK.search(completion)
    answer = completion[: end.start()] if end else completion
    blocks = [(m["tag"].lower(), m["body"]) for m in _FENCE.finditer(answer)]
    tagged = [body for tag, body in blocks if tag in _SCAD_TAGS and _has_statement(body)]
    fenced = tagged or [body for _, body in blocks if _has_statement(body)]
    if fenced:
        return max(fenced, key=len)
    return _without_prose(answer) if not blocks and _has_statement(answer) else None


def _has_statement(text: str) -> bool:
    return _STATEMENT.search(_COMMENT_OR_STRING.sub(" ", text)) is not None


def _without_prose(text: str) -> str:
    """`text` from its first line of source to its last; unchanged where no prose surrounds it."""
    lines = text.splitlines(keepends=True)
    first = next(i for i, line in enumerate(lines) if _SOURCE_LINE_START.match(line) or _STATEMENT.match(line))
    last = len(lines)
    # only whole paragraphs of prose go: the last line of a truncated source may end anywhere
    while last > first + 1 and _is_after_blank(lines, last - 1) and _is_prose(lines[last - 1]):
        last -= 1
        while not lines[last - 1].strip():
            last -= 1
    has_lead = any(line.strip() for line in lines[:first])
    return "".join(lines[first if has_lead else 0 : last])


def _is_prose(line: str) -> bool:
    """True for a line of words; a source that broke off in `differen` or `module plate` is no prose."""
    if _SOURCE_LINE_START.match(line) or _STATEMENT.match(line) or _SOURCE_LINE_END.search(line):
        return False
    return _SENTENCE_END.search(line) is not None or len(_WORD.findall(line)) >= 3


def _is_after_blank(lines: Sequence[str], index: int) -> bool:
    return index > 0 and not lines[index - 1].strip()
