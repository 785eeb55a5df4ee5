"""Near-duplicates among many sources by MinHash: candidates from 32 bands of 4 rows, checked by true Jaccard.

A pair at Jaccard J shares a band with a chance of 1 - (1 - J^4)^32: at 0.7 99.98 %, at 0.8 all but one in 20 million,
at 0.5 87 %, at 0.3 23 %, at 0.1 0.3 %. Of these candidates the ones whose 128 hashes agree too seldom go unread: the
estimate's deviation at 0.7 is 0.04, and of pairs at 0.7 one in 20,000 is four of them below. The rest is read and
compared exactly, so no false pair is left.

Memory is 0.5 kB a source for the MinHashes and at most 128 MB of token sets, made when they are needed. Pure.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import numpy as np
import numpy.typing as npt

from corpus.sketches import N_PERMUTATIONS, Hashes, Ints, Matrix, shingle_hashes

__all__ = ["N_BANDS", "N_ROWS", "THRESHOLD", "Groups", "jaccard", "near_groups", "near_matches"]

N_BANDS = 32
N_ROWS = 4
THRESHOLD = 0.7
WINDOW = 16
"""In a band, a source is compared with the 16 next to it, those that share the following band first. All pairs of a
bucket of up to 17; of thousands made from one template enough to join them, and never millions of pairs."""
_N_DEVIATIONS = 4
_PAIRS_AT_ONCE = 1 << 12
_MAX_PAIRS = 1 << 20
"""What a block of queries can have for candidates at most, all being made from one template."""
_MAX_IN_VAIN = 32
"""A source found below the threshold so often is one of a crowd just below it, parts from one template with other
numbers. From then on it is read only beside what agrees with it in 0.7 of the hashes."""
_SETS_BYTES = 128 << 20

Keys = npt.NDArray[np.uint64]


class Groups:
    """Numbers 0 … n - 1 that are joined into groups; a group is named by its lowest number."""

    def __init__(self, n: int) -> None:
        self._parents = list(range(n))

    def join(self, one: int, other: int) -> None:
        a, b = self.root(one), self.root(other)
        self._parents[max(a, b)] = min(a, b)

    def root(self, i: int) -> int:
        parents = self._parents
        while parents[i] != i:
            parents[i] = parents[parents[i]]
            i = parents[i]
        return i

    def roots(self) -> list[int]:
        return [self.root(i) for i in range(len(self._parents))]


def jaccard(a: Hashes, b: Hashes) -> float:
    """Shared over all members of two sorted sets of hashes; 1.0 for two empty ones."""
    if not len(a) or not len(b):
        return float(len(a) == len(b))
    n_shared = int((a[np.minimum(np.searchsorted(a, b), len(a) - 1)] == b).sum())
    return n_shared / (len(a) + len(b) - n_shared)


def near_groups(
    minhashes: Matrix, sources: Sequence[str], *, keys: Sequence[str], threshold: float = THRESHOLD
) -> Groups:
    """Joins sources of a Jaccard similarity of at least the threshold; similarity is transitive here.

    `keys` are distinct names of the sources: by them, not by the order of the sources, is decided what is compared.
    """
    _check(threshold)
    order = np.array(sorted(range(len(keys)), key=keys.__getitem__), dtype=np.int64)
    minhashes = minhashes[order]
    numbers = order.tolist()
    sets = _Sets(sources)
    groups = Groups(len(numbers))
    roots = np.arange(len(numbers))
    refused: set[tuple[int, int]] = set()
    in_vain = np.zeros(len(numbers), dtype=np.int64)
    for band in range(N_BANDS):
        for one, other in _neighbours(minhashes, band):
            is_apart = roots[one] != roots[other]
            joined: list[int] = []
            for likely in _likely(minhashes, one[is_apart], other[is_apart], threshold, in_vain):
                unread = [(i, j) for i, j in likely if (i, j) not in refused and groups.root(i) != groups.root(j)]
                sets.make(numbers[i] for pair in unread for i in pair)
                for i, j in unread:
                    a, b = groups.root(i), groups.root(j)
                    if a == b:
                        continue
                    if jaccard(sets[numbers[i]], sets[numbers[j]]) >= threshold:
                        groups.join(a, b)
                        joined += (a, b)
                    else:
                        refused.add((i, j))
                        in_vain[i] += 1
                        in_vain[j] += 1
            if joined:
                renamed = np.arange(len(numbers))
                renamed[joined] = [groups.root(root) for root in joined]
                roots = renamed[roots]
    found = Groups(len(numbers))
    for i, root in zip(numbers, roots.tolist(), strict=True):
        found.join(i, numbers[root])
    return found


def near_matches(
    queries: Matrix, asked: Sequence[str], minhashes: Matrix, sources: Sequence[str], *, threshold: float = THRESHOLD
) -> dict[int, tuple[int, float]]:
    """Of each query over the threshold with any source: the one that its MinHash agrees with most, and their Jaccard.

    The sources are indexed, the queries are asked: give the smaller side as sources.
    """
    _check(threshold)
    found: dict[int, tuple[int, float]] = {}
    if not len(sources):
        return found
    orders = [np.argsort(_band_keys(minhashes, band), kind="stable") for band in range(N_BANDS)]
    sets, own = _Sets(sources), _Sets(asked)
    n_at_once = max(1, min(1024, _MAX_PAIRS // len(sources)))
    for start in range(0, len(asked), n_at_once):
        block = queries[start : start + n_at_once]
        codes = np.zeros(0, dtype=np.int64)
        for band, order in enumerate(orders):
            codes = np.union1d(codes, _shared(block, minhashes, order, band))
        query, source = np.divmod(codes, len(sources))
        likely: dict[int, list[tuple[float, int]]] = {}
        for part in range(0, len(codes), _PAIRS_AT_ONCE):
            a, b = query[part : part + _PAIRS_AT_ONCE], source[part : part + _PAIRS_AT_ONCE]
            agreement = (block[a] == minhashes[b]).mean(axis=1)
            for k in np.flatnonzero(agreement >= _least(threshold)).tolist():
                likely.setdefault(int(a[k]), []).append((-float(agreement[k]), int(b[k])))
        for i, candidates in likely.items():
            for _, j in sorted(candidates):
                similarity = jaccard(own[start + i], sets[j])
                if similarity >= threshold:
                    found[start + i] = (j, similarity)
                    break
    return found


class _Sets:
    """The shingles of sources, made when asked for; all are forgotten when they take too much memory."""

    def __init__(self, sources: Sequence[str]) -> None:
        self._sources = sources
        self._made: dict[int, Hashes] = {}
        self._n_bytes = 0

    def make(self, numbers: Iterable[int]) -> None:
        """Makes those of many at once, which takes a third of the time of one after the other."""
        if self._n_bytes > _SETS_BYTES:
            self._made, self._n_bytes = {}, 0
        missing = [i for i in dict.fromkeys(numbers) if i not in self._made]
        for i, made in zip(missing, shingle_hashes([self._sources[i] for i in missing]), strict=True):
            self._made[i] = made
            self._n_bytes += made.nbytes + 200

    def __getitem__(self, i: int) -> Hashes:
        if i not in self._made:
            self.make([i])
        return self._made[i]


def _check(threshold: float) -> None:
    if not 0 < threshold <= 1:
        raise ValueError(f"threshold {threshold} is not in (0, 1]")


def _least(threshold: float) -> float:
    """The least share of agreeing hashes at which a pair is read."""
    return float(threshold - _N_DEVIATIONS * np.sqrt(threshold * (1 - threshold) / N_PERMUTATIONS))


def _band_keys(minhashes: Matrix, band: int) -> Keys:
    """One number for the four hashes of a band; two bands of one number are read and told apart."""
    first = band % N_BANDS * N_ROWS
    rows = minhashes[:, first : first + N_ROWS].astype(np.uint64)
    keys = rows[:, 0]
    for k in range(1, N_ROWS):
        keys = (keys * np.uint64(0x9E3779B97F4A7C15)) ^ (rows[:, k] + (keys >> np.uint64(29)))
    return keys


def _neighbours(minhashes: Matrix, band: int) -> Iterator[tuple[Ints, Ints]]:
    """Pairs that share a band, at distance 1 in the order of this band and the next, then at distance 2, …"""
    keys = _band_keys(minhashes, band)
    order = np.lexsort((_band_keys(minhashes, band + 1), keys))
    ordered = keys[order]
    place = np.arange(len(order))
    for distance in range(1, min(WINDOW, len(order) - 1) + 1):
        place = place[place + distance < len(order)]
        place = place[ordered[place] == ordered[place + distance]]
        if not len(place):
            return
        yield order[place], order[place + distance]


def _likely(
    minhashes: Matrix, one: Ints, other: Ints, threshold: float, in_vain: Ints
) -> Iterator[list[tuple[int, int]]]:
    """Of the pairs those whose MinHashes agree often enough to be worth reading, some thousands at a time."""
    for start in range(0, len(one), _PAIRS_AT_ONCE):
        a, b = one[start : start + _PAIRS_AT_ONCE], other[start : start + _PAIRS_AT_ONCE]
        is_tired = np.maximum(in_vain[a], in_vain[b]) >= _MAX_IN_VAIN
        is_likely = (minhashes[a] == minhashes[b]).mean(axis=1) >= np.where(is_tired, threshold, _least(threshold))
        yield list(zip(a[is_likely].tolist(), b[is_likely].tolist(), strict=True))


def _shared(block: Matrix, minhashes: Matrix, order: Ints, band: int) -> Ints:
    """query * n_sources + source of all pairs that share a band."""
    keys = _band_keys(minhashes, band)[order]
    asked = _band_keys(block, band)
    low, high = np.searchsorted(keys, asked, side="left"), np.searchsorted(keys, asked, side="right")
    counts = high - low
    query = np.repeat(np.arange(len(block)), counts)
    nth = np.arange(len(query)) - np.repeat(np.cumsum(counts) - counts, counts)
    pairs: Ints = query * len(minhashes) + order[np.repeat(low, counts) + nth]
    return pairs
