"""`make gguf-test`: llama.cpp itself reads our GGUF files and computes what the merged models do.

Two steps, since llama-cpp-python lives in an environment of its own: `write FOLDER` (project's environment) exports
models and notes tokens and logits; `read FOLDER` (llama.cpp's environment) loads each file and compares. Covers the
shipped base in each type, and small random models with grouped heads, an own head, both rope scalings, and LLaMA's two
vocabularies.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

# Of the logits' relative error; a wrong row order gives 0.7. llama.cpp rounds activations to 8 bits too and
# keeps keys and values in fp16, so it can't come as near as an unpacked file does: 0.013 on the base in q8_0, 0.065 on
# random weights, which even out nothing. Those choose between near-equal tokens, so only the base's answer is compared.
TOLERANCES = {"f16": 0.005, "q8_0": 0.15, "q4_0": 0.4, "q4_1": 0.4}
PROMPT = "a plate 60 x 40 x 3 mm with a 5 mm hole in the middle"


def write(folder: Path) -> None:
    sys.path.insert(0, str(Path(__file__).parents[1] / "ml"))
    from export_models import byte_level_tokenizer, llama3_tokenizer, random_llama, sentencepiece_tokenizer

    from ml.export import ExportFormat, export_model, find_source

    llama3 = {
        "rope_type": "llama3",
        "rope_theta": 10000.0,
        "factor": 8.0,
        "low_freq_factor": 1.0,
        "high_freq_factor": 4.0,
        "original_max_position_embeddings": 64,
    }
    linear = {"rope_type": "linear", "rope_theta": 10000.0, "factor": 4.0}
    bases = {"base": "base"}
    for name, tokenizer, settings in (
        ("grouped", byte_level_tokenizer(), {"num_key_value_heads": 2, "tie_word_embeddings": False}),
        ("llama3", byte_level_tokenizer(), {"num_key_value_heads": 1, "rope_parameters": llama3}),
        ("linear", byte_level_tokenizer(), {"rope_parameters": linear}),
        ("split", llama3_tokenizer(), {}),
        ("pieces", sentencepiece_tokenizer(), {}),
    ):
        bases[name] = str(random_llama(folder / name, tokenizer, **settings))
    cases = []
    for name, base in bases.items():
        for form in ExportFormat if name == "base" else (ExportFormat.GGUF_F16, ExportFormat.GGUF_Q8_0):
            if form.gguf_type is None:
                continue
            report = export_model(find_source(base), folder / f"{name}-{form}", form)
            assert report.gguf is not None
            case = {"name": f"{name} {form.gguf_type}", "type": form.gguf_type.value}
            cases.append(case | {"file": str(folder / f"{name}-{form}" / report.gguf.path)} | _expected(base))
    (folder / "cases.json").write_text(json.dumps(cases))


def _expected(base: str) -> dict[str, Any]:
    import torch

    from ml.chat import build_messages, format_prompt
    from ml.gguf_vocab import measure_texts, read_vocab
    from ml.model import base_path, load_base
    from ml.tokenizer import load_tokenizer

    tokenizer, model = load_tokenizer(base_path(base)), load_base(base)
    prompt = format_prompt(tokenizer, build_messages(PROMPT))
    ids = tokenizer(prompt, add_special_tokens=False)["input_ids"][:200]
    texts = [*measure_texts(n_examples=20), "  two spaces", "naïve 日本 é\n\n\ttab", "'LL 3333.25"]
    rows = [tokenizer(text, add_special_tokens=False)["input_ids"] for text in texts]
    with torch.no_grad():
        logits = model(torch.tensor([ids])).logits[0]
        answer = model.generate(torch.tensor([ids]), max_new_tokens=100, do_sample=False)[0, len(ids) :]
    vocab = read_vocab(tokenizer, n_rows=model.config.vocab_size, texts=texts)
    return {
        "prompt": prompt,
        "ids": ids,
        "logits": logits.tolist(),
        "answer": answer.tolist(),
        "texts": texts,
        "text_ids": rows,
        "is_exact": vocab.pre is None or vocab.pre.n_texts_differ == 0,
        "n_texts_differ": vocab.pre.n_texts_differ if vocab.pre else 0,
        "chat": [{"role": "user", "content": PROMPT}],
    }


def read(folder: Path) -> None:
    import numpy as np
    from llama_cpp import Llama
    from llama_cpp.llama_chat_format import Jinja2ChatFormatter

    failures = []
    for case in json.loads((folder / "cases.json").read_text()):
        llama = Llama(case["file"], n_ctx=256, n_threads=1, logits_all=True, verbose=False)
        ids, expected = case["ids"], np.array(case["logits"])
        llama.eval(ids)
        got = np.array(llama.scores[: len(ids)])
        spread = np.sqrt(((expected - expected.mean(-1, keepdims=True)) ** 2).mean())
        error = float(np.sqrt(((got - expected) ** 2).mean()) / spread)
        answer = _greedy(llama, ids, len(case["answer"]))
        n_same = next((i for i, (a, b) in enumerate(zip(answer, case["answer"], strict=False)) if a != b), len(answer))
        found = [llama.tokenize(t.encode(), add_bos=False, special=False) for t in case["texts"]]
        n_differ = sum(a != b for a, b in zip(found, case["text_ids"], strict=True))
        bos = llama.detokenize([llama.token_bos()], special=True).decode() if llama.token_bos() >= 0 else ""
        eos = llama.detokenize([llama.token_eos()], special=True).decode()
        template = llama.metadata["tokenizer.chat_template"]
        chat = Jinja2ChatFormatter(template, eos_token=eos, bos_token=bos)(messages=case["chat"]).prompt
        checks = {
            "logits": error <= TOLERANCES[case["type"]],
            "answer": case["name"] != "base f16" or n_same == len(case["answer"]),
            "tokens": n_differ == 0 if case["is_exact"] else n_differ <= case["n_texts_differ"] + 1,
            "chat": chat == case["prompt"],
            "end": llama.token_eos() == case["answer"][-1] or len(case["answer"]) == 100,
        }
        failures += [f"{case['name']}: {what}" for what, is_right in checks.items() if not is_right]
        print(
            f"{case['name']:14} relative error {error:.5f}, largest {np.abs(got - expected).max():.4f}, "
            f"greedy tokens alike {n_same} of {len(case['answer'])}, texts of other tokens {n_differ} of {len(found)} "
            f"(foretold {case['n_texts_differ']})"
        )
    if failures:
        raise SystemExit("llama.cpp disagrees: " + "; ".join(failures))
    print("llama.cpp agrees")


def _greedy(llama: Any, ids: list[int], n_tokens: int) -> list[int]:
    answer: list[int] = []
    for token in llama.generate(ids, temp=0.0, repeat_penalty=1.0, reset=True):
        answer.append(int(token))
        if len(answer) == n_tokens or token == llama.token_eos():
            break
    return answer


if __name__ == "__main__":
    {"write": write, "read": read}[sys.argv[1]](Path(sys.argv[2]))
