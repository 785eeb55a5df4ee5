"""Reading and measuring: exact facts of simple solids, agreement with other libraries, and bytes of any kind."""

from __future__ import annotations

import struct
import subprocess
import sys

import numpy as np
import pytest
import trimesh
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from render.geometry import mesh as mesh_module
from render.geometry.mesh import Triangles, label_pieces, measure, measure_triangles, read_stl, write_stl

pytestmark = pytest.mark.filterwarnings("error")

QUADS = [(0, 2, 3, 1), (4, 5, 7, 6), (0, 1, 5, 4), (2, 6, 7, 3), (0, 4, 6, 2), (1, 3, 7, 5)]


def box(x: float = 10.0, y: float = 10.0, z: float = 10.0, *, at: tuple[float, float, float] = (0, 0, 0)) -> np.ndarray:
    points = np.array([[i, j, k] for k in (0, z) for j in (0, y) for i in (0, x)]) + at
    return np.array([points[list(t)] for a, b, c, d in QUADS for t in ((a, b, c), (a, c, d))])


def stl_of(solid: trimesh.Trimesh) -> bytes:
    return write_stl(np.asarray(solid.triangles))


def test_a_box_has_the_mass_properties_of_the_textbook() -> None:
    stats = measure(write_stl(box(10, 20, 30, at=(1000, -500, 64))))
    assert (stats.is_closed, stats.is_manifold, stats.genus, stats.n_components) == (True, True, 0, 1)
    assert stats.size_mm == (10, 20, 30)
    assert stats.area_mm2 == pytest.approx(2200, rel=1e-12)
    assert stats.volume_mm3 == pytest.approx(6000, rel=1e-12)
    assert stats.center_of_mass_mm == pytest.approx((1005, -490, 79), rel=1e-12)
    expected = np.diag([500.0 * (400 + 900), 500.0 * (100 + 900), 500.0 * (100 + 400)])  # m / 12 (b² + c²)
    assert np.array(stats.inertia_mm5) == pytest.approx(expected, rel=1e-9, abs=1e-6)


def test_a_fine_sphere_nears_two_fifths_m_r_squared() -> None:
    stats = measure(stl_of(trimesh.creation.icosphere(subdivisions=5, radius=7)))
    assert stats.volume_mm3 is not None
    assert stats.volume_mm3 == pytest.approx(4 / 3 * np.pi * 7**3, rel=2e-3)
    assert np.array(stats.inertia_mm5) == pytest.approx(
        np.eye(3) * 0.4 * stats.volume_mm3 * 49, rel=2e-3, abs=1e-3 * stats.volume_mm3
    )


def test_a_lopsided_solid_measures_as_trimesh_has_it() -> None:
    points = np.random.default_rng(3).normal(size=(60, 3)) * (3, 11, 5) + (40, -7, 2)
    solid = trimesh.convex.convex_hull(np.float32(points).astype(np.float64))
    stats = measure(stl_of(solid))
    assert stats.volume_mm3 == pytest.approx(solid.volume, rel=1e-9)
    assert stats.area_mm2 == pytest.approx(solid.area, rel=1e-9)
    assert stats.center_of_mass_mm == pytest.approx(solid.center_mass, rel=1e-9)
    assert np.array(stats.inertia_mm5) == pytest.approx(solid.moment_inertia, rel=1e-8)


@pytest.mark.parametrize(
    ("solid", "genus", "n_components"),
    [
        (trimesh.creation.torus(10, 3, major_sections=16, minor_sections=8), 1, 1),
        (trimesh.creation.annulus(3, 6, 4, sections=12), 1, 1),
        (trimesh.creation.icosphere(subdivisions=2), 0, 1),
        (trimesh.creation.torus(10, 3) + trimesh.creation.torus(10, 3).apply_translation((0, 0, 50)), 2, 2),
    ],
)
def test_holes_and_pieces_are_counted(solid: trimesh.Trimesh, genus: int, n_components: int) -> None:
    stats = measure(stl_of(solid))
    assert (stats.genus, stats.n_components, stats.is_manifold) == (genus, n_components, True)


def test_an_inside_out_box_has_negative_measures_about_the_same_middle() -> None:
    stats = measure(write_stl(box(10, 20, 30)[:, ::-1]))
    assert stats.volume_mm3 == pytest.approx(-6000)
    assert stats.center_of_mass_mm == pytest.approx((5, 10, 15))
    assert stats.inertia_mm5 is not None
    assert stats.inertia_mm5[0][0] == pytest.approx(-500 * 1300)


def test_an_open_box_is_manifold_nowhere_at_its_rim_and_has_no_mass() -> None:
    stats = measure(write_stl(box()[:-1]))
    assert (stats.is_closed, stats.is_manifold) == (False, False)
    assert (stats.volume_mm3, stats.center_of_mass_mm, stats.inertia_mm5, stats.genus) == (None, None, None, None)
    assert stats.n_components == 1


def test_a_box_with_one_face_flipped_is_manifold_but_not_closed() -> None:
    corners = box()
    corners[0] = corners[0, ::-1]
    stats = measure(write_stl(corners))
    assert (stats.is_closed, stats.is_manifold, stats.volume_mm3, stats.genus) == (False, True, None, None)


def test_two_boxes_that_share_an_edge_are_closed_but_not_manifold() -> None:
    stats = measure(write_stl(np.concatenate((box(), box(at=(10, 10, 0))))))
    assert (stats.is_closed, stats.is_manifold, stats.genus) == (True, False, None)
    assert stats.volume_mm3 == pytest.approx(2000)
    assert stats.center_of_mass_mm == pytest.approx((10, 10, 5))


def test_a_sheet_with_two_sides_is_closed_and_has_no_center_of_mass() -> None:
    sheet = np.array([[[0.1, 0, 0], [7.3, 0.7, 2], [3, 9.1, 4.3]]])
    stats = measure(write_stl(np.concatenate((sheet, sheet[:, ::-1]))))
    assert (stats.is_closed, stats.center_of_mass_mm, stats.inertia_mm5) == (True, None, None)
    assert stats.volume_mm3 == pytest.approx(0, abs=1e-9)


def test_triangles_without_three_corners_are_dropped() -> None:
    needle = np.array([[[0, 0, 0], [0, 0, 0], [1, 1, 1]]], dtype=np.float64)
    stats = measure(write_stl(np.concatenate((box(), needle))))
    assert (stats.n_triangles, stats.is_closed, stats.n_components) == (12, True, 1)
    assert measure(write_stl(needle)) == measure(write_stl(np.zeros((0, 3, 3))))


def test_a_minus_sign_before_zero_makes_no_other_corner() -> None:
    corners = box()
    corners[::2][corners[::2] == 0] = -0.0
    mesh = read_stl(write_stl(corners))
    assert len(mesh.vertices) == 8
    assert not np.signbit(mesh.vertices).any()


def test_vertices_come_in_the_order_of_their_first_use() -> None:
    mesh = read_stl(write_stl(box(at=(5, 5, 5))))
    firsts = [int(np.nonzero(mesh.faces.ravel() == k)[0][0]) for k in range(len(mesh.vertices))]
    assert firsts == sorted(firsts)
    assert (mesh.corners == box(at=(5, 5, 5))).all()


@pytest.mark.parametrize("kind", [bytes, bytearray, memoryview])
def test_any_buffer_is_read_and_left_as_it_was(kind: type) -> None:
    stl = write_stl(box())
    buffer = kind(stl)
    assert measure(buffer) == measure(stl)
    assert bytes(buffer) == stl


def test_trailing_bytes_are_no_triangles() -> None:
    assert measure(write_stl(box()) + b"more") == measure(write_stl(box()))


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_a_corner_that_is_no_number_is_named(value: float) -> None:
    corners = box()
    corners[3, 1, 2] = value
    with pytest.raises(ValueError, match="finite"):
        read_stl(write_stl(corners))


@pytest.mark.parametrize("scale", [1e-38, 3e37])
def test_the_smallest_and_the_largest_numbers_measure_without_overflow(scale: float) -> None:
    stats = measure(write_stl(box() * np.float32(scale)))
    side = float(np.float32(10) * np.float32(scale))
    assert stats.volume_mm3 == pytest.approx(side**3, rel=1e-5)
    assert stats.inertia_mm5 is not None
    assert stats.inertia_mm5[0][0] == pytest.approx(side**5 / 6, rel=1e-5)


def test_rows_of_one_hash_are_told_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    expected = read_stl(write_stl(box(10, 20, 30)))
    monkeypatch.setattr(mesh_module, "_HASH_FACTORS", (0, 0, 0))
    found = read_stl(write_stl(box(10, 20, 30)))
    assert (found.vertices == expected.vertices).all()
    assert (found.faces == expected.faces).all()


@given(arrays.arrays(np.uint32, st.tuples(st.integers(1, 60), st.just(3)), elements=st.integers(0, 2)))
def test_the_first_of_equal_rows_is_found(rows: np.ndarray) -> None:
    _, firsts, inverse = np.unique(rows, axis=0, return_index=True, return_inverse=True)
    assert (mesh_module._first_of_equals(rows) == firsts[inverse]).all()


@given(st.integers(1, 80), st.integers(0, 120), st.integers(0, 2**32 - 1))
def test_groups_are_those_of_a_graph_library(n_nodes: int, n_pairs: int, seed: int) -> None:
    one, other = np.random.default_rng(seed).integers(0, n_nodes, size=(2, n_pairs))
    graph = coo_array((np.ones(n_pairs), (one, other)), shape=(n_nodes, n_nodes))
    _, expected = connected_components(graph, directed=False)
    lowest = np.array([np.nonzero(expected == k)[0][0] for k in expected])
    assert (mesh_module._label_groups(one, other, n_nodes) == lowest).all()


def test_a_long_strip_is_one_piece_whatever_its_order() -> None:
    points = np.stack((np.arange(3002) // 2, np.arange(3002) % 2, np.zeros(3002)), axis=1).astype(np.float64)
    faces = np.arange(3000)[:, None] + np.arange(3)
    for order in (np.arange(3000), np.random.default_rng(1).permutation(3000)):
        assert (label_pieces(Triangles(points, faces[order])) == 0).all()


def test_pieces_carry_the_number_of_their_first_triangle() -> None:
    mesh = read_stl(write_stl(np.concatenate((box(), box(at=(50, 0, 0)), box(at=(10, 10, 10))))))
    assert label_pieces(mesh).tolist() == [0] * 12 + [12] * 12 + [24] * 12


def test_too_many_vertices_for_packed_keys_measure_the_same() -> None:
    small = read_stl(write_stl(box(10, 20, 30)))
    vertices = np.broadcast_to(np.zeros(3), (2**31, 3))  # takes no memory

    edges = mesh_module._Edges.of(Triangles(vertices, small.faces + (2**31 - 8)))
    assert (edges.is_closed, edges.is_manifold, edges.n_components(), edges.genus(1)) == (True, True, 1, 0)


@given(st.binary(max_size=300))
def test_any_bytes_are_a_mesh_or_a_value_error(data: bytes) -> None:
    n_whole = int.from_bytes(data[80:84], "little") if len(data) >= 84 else None
    if n_whole is None or len(data) < 84 + 50 * n_whole:
        with pytest.raises(ValueError, match="STL"):
            measure(data)
    elif np.isfinite(np.frombuffer(data, mesh_module._STL_TRIANGLE, n_whole, 84)["corners"]).all():
        assert measure(data).n_triangles <= n_whole
    else:
        with pytest.raises(ValueError, match="finite"):
            measure(data)


WILD = st.one_of(
    st.floats(width=32),
    st.sampled_from([0.0, -0.0, 1.0, -1.0, 1e-45, 3.4028234663852886e38, -3.4028234663852886e38, float("nan")]),
)


@settings(max_examples=200)
@given(arrays.arrays(np.float32, st.tuples(st.integers(0, 9), st.just(3), st.just(3)), elements=WILD))
def test_any_corners_measure_or_are_named(corners: np.ndarray) -> None:
    stl = b"\0" * 80 + struct.pack("<I", len(corners))
    stl += b"".join(b"\xff" * 12 + triangle.tobytes() + b"\0\0" for triangle in corners)
    if not np.isfinite(corners).all():
        with pytest.raises(ValueError, match="finite"):
            measure(stl)
        return
    stats = measure(stl)
    assert stats.n_triangles <= len(corners)
    assert np.isfinite([stats.area_mm2, *stats.size_mm]).all()
    assert stats.n_components <= max(stats.n_triangles, 0)
    if stats.is_manifold and stats.is_closed:
        assert stats.genus is not None


@settings(max_examples=100)
@given(st.integers(0, 2**32 - 1), st.integers(1, 12))
def test_closed_and_manifold_are_as_counting_edges_has_it(seed: int, n_faces: int) -> None:
    rng = np.random.default_rng(seed)
    faces = np.array([rng.permutation(5)[:3] for _ in range(n_faces)])
    used = {}
    for a, b, c in faces.tolist():
        for edge in ((a, b), (b, c), (c, a)):
            used[edge] = used.get(edge, 0) + 1
    pairs = {frozenset(edge) for edge in used}
    both = {pair: [used.get(tuple(pair), 0), used.get(tuple(pair)[::-1], 0)] for pair in pairs}
    stats = measure_triangles(Triangles(rng.normal(size=(5, 3)), faces))
    assert stats.is_closed == all(one == other for one, other in both.values())
    assert stats.is_manifold == all(sum(counts) == 2 for counts in both.values())


def test_measuring_needs_numpy_alone() -> None:
    script = (
        "import sys, numpy as np\n"
        "from render.geometry.mesh import measure, write_stl\n"
        "measure(write_stl(np.random.default_rng(0).normal(size=(600, 3, 3))))\n"
        "print({'scipy', 'trimesh', 'manifold3d'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-W", "error", "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


def test_solids_far_apart_have_a_mass() -> None:
    stats = measure(write_stl(np.concatenate((box(1, 1, 1), box(1, 1, 1, at=(2e4, 0, 0))))))
    assert stats.volume_mm3 == pytest.approx(2)
    assert stats.center_of_mass_mm == pytest.approx((10000.5, 0.5, 0.5))
