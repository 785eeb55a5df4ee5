"""Fingerprints: the same for a mesh moved, turned, mirrored or cut otherwise; another for another size or shape."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from render.geometry.fingerprint import fingerprint, same_shape, shape_matches, shape_pairs, shape_similarity
from render.geometry.mesh import Triangles, read_stl, write_stl


def box(x: float, y: float, z: float, *, n_cuts: int = 1) -> Triangles:
    """A box whose faces are cut into n_cuts x n_cuts squares."""
    steps = np.linspace(0, 1, n_cuts + 1)
    corners = []
    for axis in range(3):
        for side in (0.0, 1.0):
            for u0, u1 in itertools.pairwise(steps):
                for v0, v1 in itertools.pairwise(steps):
                    square = [np.insert([u, v], axis, side) for u, v in ((u0, v0), (u1, v0), (u1, v1), (u0, v1))]
                    if (side == 1.0) == (axis == 1):
                        square.reverse()
                    corners += [[square[0], square[1], square[2]], [square[0], square[2], square[3]]]
    return read_stl(write_stl(np.array(corners) * [x, y, z]))


def prism(radius: float, height: float, n_sides: int, *, bore: float = 0.0) -> Triangles:
    """A cylinder of so many sides, with a bore or without."""
    angles = np.linspace(0, 2 * np.pi, n_sides, endpoint=False)
    ring = np.stack((np.cos(angles), np.sin(angles)), axis=1)
    triangles = []
    for i in range(n_sides):
        j = (i + 1) % n_sides
        (a, b), (p, q) = radius * ring[[i, j]], bore * ring[[i, j]]
        low, high = 0.0, height
        faces = [[(*a, low), (*b, low), (*b, high)], [(*a, low), (*b, high), (*a, high)]]
        faces += [[(*p, high), (*a, high), (*b, high)], [(*q, low), (*b, low), (*a, low)]]
        if bore:
            faces += [[(*p, high), (*b, high), (*q, high)], [(*q, low), (*a, low), (*p, low)]]
            faces += [[(*p, low), (*q, high), (*q, low)], [(*p, low), (*p, high), (*q, high)]]
        triangles += faces
    return read_stl(write_stl(np.array(triangles)))


def shape_of(mesh: Triangles) -> tuple[float, ...]:
    found = fingerprint(mesh)
    assert found is not None
    return found


def turned(mesh: Triangles, seed: int, *, is_mirrored: bool = False) -> Triangles:
    rng = np.random.default_rng(seed)
    matrix = np.linalg.qr(rng.normal(size=(3, 3)))[0]
    if (np.linalg.det(matrix) < 0) != is_mirrored:
        matrix[:, 0] *= -1
    faces = mesh.faces[:, ::-1] if is_mirrored else mesh.faces
    return Triangles(mesh.vertices @ matrix.T + rng.uniform(-500, 500, 3), faces)


L_SHAPE = read_stl(
    write_stl(np.concatenate([box(30, 10, 4).corners, (box(10, 20, 4).corners + [40, 0, 9])]))
)  # two bodies, no plane of symmetry


def test_the_numbers_of_a_box_are_those_of_the_textbook() -> None:
    shape = shape_of(box(2, 4, 6))
    assert shape[:5] == (1.0, 1.0, 0.0, pytest.approx(48), pytest.approx(88))
    assert shape[5:8] == pytest.approx([side / math.sqrt(12) for side in (2, 4, 6)])
    assert shape[12] == pytest.approx(math.sqrt(1 + 4 + 9))


@settings(deadline=None)
@given(st.integers(0, 10_000), st.booleans())
def test_moved_turned_and_mirrored_it_is_the_same(seed: int, is_mirrored: bool) -> None:
    for mesh in (box(10, 20, 35), L_SHAPE, prism(10, 8, 40, bore=4)):
        other = turned(mesh, seed, is_mirrored=is_mirrored)
        rounded = read_stl(write_stl(other.corners))  # 24 bits, as an engine writes it
        assert shape_similarity(shape_of(mesh), shape_of(rounded)) > 0.9999


def test_cut_into_other_triangles_it_is_the_same() -> None:
    assert shape_of(box(10, 20, 35)) == pytest.approx(shape_of(box(10, 20, 35, n_cuts=7)), rel=1e-5)
    for n_sides in (32, 48, 64, 256):
        assert same_shape(shape_of(prism(10, 30, 128)), shape_of(prism(10, 30, n_sides)))
    assert not same_shape(shape_of(prism(10, 30, 128)), shape_of(prism(10, 30, 12)))


@settings(deadline=None)
@given(st.floats(0.2, 5), st.integers(0, 2))
def test_another_size_is_another_shape(factor: float, axis: int) -> None:
    sides = [10.0, 20.0, 35.0]
    one = shape_of(box(*sides))
    sides[axis] *= factor
    other = shape_of(box(*sides))
    if abs(math.log(factor)) > 0.03:
        assert not same_shape(one, other)
    elif abs(math.log(factor)) < 0.009:
        assert same_shape(one, other)


def test_shapes_of_one_volume_and_one_box_are_told_apart() -> None:
    bored = shape_of(prism(10, 8, 64, bore=1))
    plain = shape_of(prism(10, 8, 64))
    assert bored[2] == 1.0
    assert not same_shape(bored, plain)
    assert shape_similarity(bored, plain) == 0.0
    assert not same_shape(shape_of(box(10, 10, 40)), shape_of(box(20, 20, 10)))
    near = np.concatenate([box(30, 10, 4).corners, (box(10, 20, 4).corners + [35, 0, 9])])
    assert not same_shape(shape_of(L_SHAPE), shape_of(read_stl(write_stl(near))))


def test_an_open_mesh_has_a_shape_of_its_own_and_nothing_has_none() -> None:
    whole = box(10, 20, 30)
    lidless = Triangles(whole.vertices, whole.faces[2:])
    shape = shape_of(lidless)
    assert shape[0] == 0.0
    assert shape[3] == 0.0
    assert same_shape(shape, shape_of(turned(lidless, 3)))
    assert not same_shape(shape, shape_of(whole))
    flat = Triangles(whole.vertices * [1, 1, 0], whole.faces[:1])
    assert np.isfinite(shape_of(flat)).all() if fingerprint(flat) else True
    assert fingerprint(Triangles(whole.vertices, whole.faces[:0])) is None
    assert fingerprint(Triangles(whole.vertices * 0, whole.faces)) is None


def test_pairs_and_matches_are_those_of_comparing_all() -> None:
    rng = np.random.default_rng(6)
    shapes = [
        shape_of(turned(box(10 * (1 + rng.integers(0, 3) * 0.004), 20, 30 + rng.integers(0, 4)), seed))
        for seed in range(60)
    ]
    shapes += [shape_of(prism(5 + 0.01 * i, 9, 24, bore=2)) for i in range(20)]
    all_pairs = {(i, j) for j in range(80) for i in range(j) if same_shape(shapes[i], shapes[j])}
    found = {(i, j) for i, j in shape_pairs(shapes).tolist()}
    assert found <= all_pairs
    assert components(found, 80) == components(all_pairs, 80)
    matches = shape_matches(shapes[:40], shapes[40:])
    wanted = {i for i in range(40) if any((i, j) in all_pairs for j in range(40, 80))}
    assert set(matches) == wanted
    for i, (j, similarity) in matches.items():
        assert similarity == pytest.approx(max(shape_similarity(shapes[i], other) for other in shapes[40:]))
        assert similarity == pytest.approx(shape_similarity(shapes[i], shapes[40 + j]))


def test_a_thousand_of_one_shape_are_joined_by_few_pairs() -> None:
    shapes = [shape_of(box(10, 20, 30))] * 500 + [shape_of(turned(box(10, 20, 30), seed)) for seed in range(500)]
    pairs = shape_pairs(shapes)
    assert len(pairs) < 20 * len(shapes)
    assert len(set(components({(i, j) for i, j in pairs.tolist()}, 1000))) == 1
    assert shape_pairs([]).shape == (0, 2)
    assert shape_matches([], shapes) == shape_matches(shapes, []) == {}


def components(pairs: set[tuple[int, int]], n: int) -> list[int]:
    names = list(range(n))
    for _ in range(n):
        before = list(names)
        for i, j in pairs:
            names[i] = names[j] = min(names[i], names[j])
        if names == before:
            break
    return names
