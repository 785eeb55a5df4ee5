"""What the text depths of dedup compare of a source: an exact key, a masked key and a MinHash.

Pure. Covers one source's text, not its companions nor its mesh. `corpus.near` compares MinHashes; rows are kept in
the table `sketches`, so that a refresh sketches only what is new.
"""

from __future__ import annotations

import hashlib
import re
from array import array
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from importlib.metadata import version
from itertools import chain, islice

import numpy as np
import numpy.typing as npt
from rensa import RMinHash

from corpus.masked import MASK, masked_tokens
from corpus.normalize import content_key, tokens
from corpus.schema import SketchRow

__all__ = [
    "MIN_MASKED_TOKENS",
    "N_PERMUTATIONS",
    "SHINGLE_TOKENS",
    "SKETCHER",
    "minhash_matrix",
    "minhashes",
    "shingle_hashes",
    "sketch_of",
    "sketches",
]

N_PERMUTATIONS = 128
SHINGLE_TOKENS = 5
MIN_MASKED_TOKENS = 30
"""With its names and numbers blanked, a shorter source is any cube with a hole."""
_SEED = 1
SKETCHER = (
    f"exact-1 {MASK}>={MIN_MASKED_TOKENS} minhash-1 {SHINGLE_TOKENS}-grams x {N_PERMUTATIONS}"
    f" (rensa {version('rensa')} v{RMinHash.ALGORITHM_VERSION}, seed {_SEED})"
)
"""Method, version and settings: rows of two sketchers can't be compared."""

Hashes = npt.NDArray[np.uint64]
Matrix = npt.NDArray[np.uint32]
Ints = npt.NDArray[np.int64]

_BATCH_CHARS = 1 << 16
"""Characters hashed at once: arrays of 8 bytes for each of them stay in a core's cache."""
_HIDDEN = re.compile(r'"[^"\\]*+(?:\\.[^"\\]*+)*+(?:"|\\?\Z)|//[^\n]*|/\*.*?(?:\*/|\Z)', re.DOTALL)
_LINE_COMMENT = re.compile("//[^\n]*")
_MULTIPLIER = 0x9E3779B97F4A7C15
"""Odd, without a pattern in its bits."""
_BLANK, _WORD, _MARK = 0, 1, 2


def sketch_of(scad: str) -> SketchRow:
    """The sketch of one source, keyed by its content."""
    return next(sketches([scad], sha256s=[content_key(scad)]))


def sketches(scads: Iterable[str], *, sha256s: Iterable[str]) -> Iterator[SketchRow]:
    """The sketch of each source, keyed by the sha256 given for it; in bounded memory."""
    pairs = zip(scads, sha256s, strict=True)
    while batch := list(islice(pairs, 256)):
        rows = minhashes([scad for scad, _ in batch])
        for (scad, sha256), row in zip(batch, rows, strict=True):
            words = tokens(scad)
            masked = masked_tokens(words)
            yield SketchRow(
                sha256=sha256,
                sketcher=SKETCHER,
                exact_key=_key(words),
                masked_key=_key(masked) if len(masked) >= MIN_MASKED_TOKENS else None,
                n_tokens=len(words),
                minhash=row.astype("<u4").tobytes(),
            )


def minhashes(scads: Sequence[str]) -> Matrix:
    """(n, 128) the least hash of each source's runs of five tokens under each permutation."""
    out = np.empty((len(scads), N_PERMUTATIONS), dtype=np.uint32)
    done = 0
    for hashes, starts in _batches(scads):
        matrix = RMinHash.digest_matrix_from_flat_token_hashes(hashes, starts.astype(np.uint64), N_PERMUTATIONS, _SEED)
        rows = array("I", chain.from_iterable(matrix.to_rows()))
        out[done : done + len(starts) - 1] = np.frombuffer(rows, dtype=np.uint32).reshape(-1, N_PERMUTATIONS)
        done += len(starts) - 1
    return out


def shingle_hashes(scads: Sequence[str]) -> list[Hashes]:
    """Of each source the hashes of its distinct runs of five tokens, sorted; a shorter source is one run."""
    return [
        _distinct(hashes[start:end])
        for hashes, starts in _batches(scads)
        for start, end in zip(starts[:-1].tolist(), starts[1:].tolist(), strict=True)
    ]


def minhash_matrix(rows: Sequence[SketchRow]) -> Matrix:
    """(n, 128) the MinHashes of rows. Raises ValueError for rows of another sketcher."""
    strange = {row.sketcher for row in rows} - {SKETCHER}
    if strange:
        raise ValueError(f"sketches by {sorted(strange)}, not by {SKETCHER!r}: sketch these contents again")
    flat = np.frombuffer(b"".join(row.minhash for row in rows), dtype="<u4")
    return flat.astype(np.uint32).reshape(len(rows), N_PERMUTATIONS)


def _distinct(hashes: Hashes) -> Hashes:
    """As np.unique, which takes four times as long for some hundred."""
    ordered = np.sort(hashes)
    return ordered[np.concatenate(([True], ordered[1:] != ordered[:-1]))]


def _key(words: Sequence[str]) -> str:
    return hashlib.sha256(" ".join(words).encode("utf-8", errors="surrogatepass")).hexdigest()


def _batches(scads: Sequence[str]) -> Iterator[tuple[Hashes, Ints]]:
    batch: list[bytes] = []
    n_bytes = 0
    for scad in scads:
        # what has neither strings nor block comments is most, and is done in a third of the time
        is_plain = '"' not in scad and "/*" not in scad
        bare = _LINE_COMMENT.sub(" ", scad) if is_plain else _HIDDEN.sub(_unless_comment, scad)
        text = bare.encode("utf-8", errors="surrogatepass")
        if batch and n_bytes + len(text) > _BATCH_CHARS:
            yield _hash_batch(batch)
            batch, n_bytes = [], 0
        batch.append(text)
        n_bytes += len(text)
    if batch:
        yield _hash_batch(batch)


def _unless_comment(match: re.Match[str]) -> str:
    return match[0] if match[0].startswith('"') else " "


def _hash_batch(texts: Sequence[bytes]) -> tuple[Hashes, Ints]:
    """The hashes of all runs of the texts, one after the other, and where each text's begin (and the last ends).

    A token is a run of letters, digits, `_`, `$` and `.`, or one other mark; the words of a string are tokens of their
    own. Numpy over the characters of a thousand sources takes a quarter of the time of a regex over each.
    """
    buffer = np.frombuffer(b"\n".join(texts) + b"\n", dtype=np.uint8)
    kinds = _KINDS[buffer]
    is_start = kinds == _MARK
    is_start[1:] |= (kinds[1:] == _WORD) & (kinds[:-1] != _WORD)
    is_start[:1] |= kinds[:1] == _WORD
    starts = np.flatnonzero(is_start)
    ends = np.cumsum([len(text) + 1 for text in texts])
    bounds = np.concatenate(([0], np.searchsorted(starts, ends)))
    words = _hash_words(buffer, starts)
    return _hash_runs(words, bounds)


def _hash_words(buffer: npt.NDArray[np.uint8], starts: Ints) -> Hashes:
    """A hash of each token: the sum of its characters' values times the powers of a number, by their place in it.

    Sums over all that went before, as in Karp and Rabin, "Efficient randomized pattern-matching algorithms" (1987),
    from which a token's is a difference, divided by the power of its place: all modulo 2^64. Blanks count nothing.
    """
    powers, inverses = _powers(1 << max(16, (len(buffer) - 1).bit_length()))
    sums = np.zeros(len(buffer) + 1, dtype=np.uint64)
    np.cumsum(_VALUES[buffer] * powers[: len(buffer)], out=sums[1:])
    before = sums[starts]
    after = np.append(before[1:], sums[-1:])
    return _mix((after - before) * inverses[starts])


@cache
def _powers(n: int) -> tuple[Hashes, Hashes]:
    """The first n powers of the multiplier and of its inverse modulo 2^64."""
    factors = np.full((2, n), _MULTIPLIER, dtype=np.uint64)
    factors[1] = pow(_MULTIPLIER, -1, 1 << 64)
    factors[:, 0] = 1
    powers, inverses = np.cumprod(factors, axis=1, dtype=np.uint64)
    return powers, inverses


def _hash_runs(words: Hashes, bounds: Ints) -> tuple[Hashes, Ints]:
    """Runs of five that stay within their text; a text of fewer words is one run of all it has."""
    n_words = np.diff(bounds)
    n_runs = np.maximum(n_words - SHINGLE_TOKENS + 1, 1)
    run_bounds = np.concatenate(([0], np.cumsum(n_runs)))
    padded = np.concatenate((words, np.zeros(SHINGLE_TOKENS, dtype=np.uint64)))
    runs = padded[: len(words) + 1].copy()
    factors = np.full(SHINGLE_TOKENS, _MULTIPLIER, dtype=np.uint64).cumprod(dtype=np.uint64)
    for k in range(1, SHINGLE_TOKENS):
        runs += padded[k : len(runs) + k] * factors[k]
    # where the runs of a text begin among those of all words, less those that would run into the next text
    at = np.arange(int(run_bounds[-1])) + np.repeat(bounds[:-1] - run_bounds[:-1], n_runs)
    picked = _mix(runs[at])
    for text in np.flatnonzero(n_words < SHINGLE_TOKENS).tolist():
        few = words[bounds[text] : bounds[text + 1]]
        picked[run_bounds[text]] = _mix(np.sum(few * factors[: len(few)], keepdims=True, dtype=np.uint64))[0]
    return picked, run_bounds


def _mix(values: Hashes) -> Hashes:
    """Spreads what differs in few bits over all 64 (the finalizer of MurmurHash3)."""
    shift = np.uint64(33)
    values = values ^ (values >> shift)
    values *= np.uint64(0xFF51AFD7ED558CCD)
    values ^= values >> shift
    values *= np.uint64(0xC4CEB9FE1A85EC53)
    values ^= values >> shift
    return values


def _kind(code: int) -> int:
    if code >= 128 or chr(code).isalnum() or chr(code) in "_$.":
        return _WORD
    return _BLANK if code <= 32 else _MARK


_KINDS = np.array([_kind(code) for code in range(256)], dtype=np.uint8)
_VALUES = np.where(_KINDS == _BLANK, np.uint64(0), _mix(np.arange(1, 257, dtype=np.uint64)))
