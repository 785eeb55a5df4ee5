"""Comparing meshes: what is the same, what is turned, what is mirrored, and what can't be compared."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from manifold3d import Manifold

from render.geometry import overlap
from render.geometry.mesh import Triangles
from render.geometry.shapes import ROTATIONS, IouMethod, ShapeComparison, compare_shapes
from render.geometry.surface import Surface, sample_surface

pytestmark = pytest.mark.filterwarnings("error")


def triangles(solid: Manifold) -> Triangles:
    mesh = solid.to_mesh64()
    return Triangles(np.asarray(mesh.vert_properties)[:, :3], np.asarray(mesh.tri_verts).astype(np.int64))


def bracket() -> Manifold:
    return Manifold.cube((40, 20, 4)) + Manifold.cube((4, 20, 25))


def tripod() -> Manifold:
    """Arms of three lengths on three axes: no turn makes it its mirror image."""
    return Manifold.cube((40, 8, 8)) + Manifold.cube((8, 28, 8)) + Manifold.cube((8, 8, 16))


def moved(mesh: Triangles, x: float, y: float, z: float) -> Triangles:
    return Triangles(mesh.vertices + np.array([x, y, z]), mesh.faces)


def subdivided(mesh: Triangles) -> Triangles:
    """The same surface in three times as many triangles, slivers among them."""
    corners = mesh.corners
    middle = (corners * np.array([0.98, 0.01, 0.01])[None, :, None]).sum(axis=1)
    n, m = len(mesh.vertices), len(mesh.faces)
    new = np.arange(n, n + m)
    faces = [np.stack((mesh.faces[:, k], mesh.faces[:, (k + 1) % 3], new), axis=1) for k in range(3)]
    return Triangles(np.concatenate((mesh.vertices, middle)), np.concatenate(faces))


def test_there_are_24_proper_rotations_and_the_first_is_none() -> None:
    matrices = np.array(ROTATIONS)
    assert len(set(ROTATIONS)) == 24
    assert np.linalg.det(matrices) == pytest.approx(np.ones(24))
    assert (matrices[0] == np.eye(3)).all()


@pytest.mark.parametrize("is_subdivided", [False, True])
def test_the_same_surface_is_the_same_however_it_is_cut(is_subdivided: bool) -> None:
    part = triangles(bracket())
    found = compare_shapes(subdivided(part) if is_subdivided else part, part)
    assert found.iou_in_place == pytest.approx(1, abs=1e-9)
    assert found.iou_aligned == pytest.approx(1, abs=1e-9)
    assert found.iou_method is IouMethod.BOOLEAN
    assert found.chamfer_mm == pytest.approx(0, abs=1e-4)
    assert found.hausdorff_mm == pytest.approx(0, abs=1e-9)
    assert (found.f1, found.f1_aligned, found.rotation) == (1.0, 1.0, ROTATIONS[0])
    assert found.volume_ratio == pytest.approx(1)


@pytest.mark.parametrize("k", [1, 7, 13, 23])
def test_a_turned_bracket_fits_aligned_but_not_in_place(k: int) -> None:
    part = triangles(bracket())
    matrix = np.array(ROTATIONS[k], dtype=np.float64)
    turned = moved(Triangles(part.vertices @ matrix.T, part.faces), 3, -5, 9)
    found = compare_shapes(turned, part)
    assert found.iou_in_place is not None
    assert found.iou_in_place < 0.5
    assert found.iou_aligned == pytest.approx(1, abs=1e-9)
    assert found.chamfer_mm is not None
    assert found.chamfer_mm > 1
    assert found.chamfer_aligned_mm == pytest.approx(0, abs=1e-4)
    assert found.f1 is not None
    assert found.f1 < 0.9
    assert (found.f1_aligned, found.hausdorff_aligned_mm) == (1.0, pytest.approx(0, abs=1e-9))
    assert found.rotation is not None
    back = np.array(found.rotation) @ matrix  # the bracket has a mirror plane but no turn onto itself
    assert (back == np.eye(3)).all()


def test_no_turn_makes_a_mirrored_tripod_fit() -> None:
    found = compare_shapes(triangles(tripod().mirror((1, 0, 0))), triangles(tripod()))
    assert found.iou_aligned is not None
    assert found.iou_aligned < 0.8
    assert found.chamfer_aligned_mm is not None
    assert found.chamfer_aligned_mm > 0.5
    assert compare_shapes(triangles(tripod().rotate((90, 0, 180))), triangles(tripod())).iou_aligned == pytest.approx(1)


def test_cubes_apart_share_nothing_and_their_distances_are_known() -> None:
    cube = triangles(Manifold.cube((10, 10, 10)))
    found = compare_shapes(moved(cube, 100, 0, 0), cube)
    assert (found.iou_in_place, found.f1) == (0.0, 0.0)
    assert found.iou_aligned == pytest.approx(1)
    assert found.hausdorff_mm == pytest.approx(100)
    # the near side is 90 away, the far side 100, the other four 95 on average
    assert found.chamfer_mm == pytest.approx(95, rel=1e-3)
    assert found.f1_threshold_mm == pytest.approx(np.sqrt(300) / 100)


def test_a_cube_raised_by_a_tenth_has_the_textbook_iou() -> None:
    cube = triangles(Manifold.cube((10, 10, 10)))
    found = compare_shapes(moved(cube, 0, 0, 1), cube)
    assert found.iou_in_place == pytest.approx(9 / 11)
    assert found.hausdorff_mm == pytest.approx(1)
    # of each surface: the face moved out is 1 off; the face moved in is, but for its rim, which is nearer to the sides,
    # together 64 + 4 (10 / 2 - 2 / 3); and a tenth of the sides is 0.5 off on average
    assert found.chamfer_mm == pytest.approx((100 + 64 + 4 * (5 - 2 / 3) + 40 * 0.5) / 600, rel=0.01)


def test_half_a_cube_has_half_the_volume_and_is_not_scaled() -> None:
    found = compare_shapes(triangles(Manifold.cube((10, 10, 5))), triangles(Manifold.cube((10, 10, 10))))
    assert found.volume_ratio == pytest.approx(0.5)
    assert found.iou_in_place == pytest.approx(0.5)
    assert found.iou_aligned == pytest.approx(0.5)


def test_an_open_mesh_has_distances_but_no_iou() -> None:
    part = triangles(bracket())
    for found in (
        compare_shapes(Triangles(part.vertices, part.faces[:-1]), part),
        compare_shapes(part, Triangles(part.vertices, part.faces[:-1])),
        compare_shapes(Triangles(part.vertices, part.faces[:, ::-1]), part),
    ):
        assert (found.iou_in_place, found.iou_aligned, found.iou_method, found.volume_ratio) == (None,) * 4
        assert found.chamfer_mm is not None
        assert found.chamfer_mm < 1.5
        assert found.rotation == ROTATIONS[0]


def test_a_mesh_without_triangles_compares_to_nothing() -> None:
    part, empty = triangles(bracket()), Triangles(np.zeros((0, 3)), np.zeros((0, 3), dtype=np.int64))
    expected = ShapeComparison(*(None,) * 12, n_points=10)
    assert compare_shapes(empty, part, n_points=10) == expected
    assert compare_shapes(part, empty, n_points=10) == expected


def test_the_seed_decides_everything() -> None:
    one, other = triangles(tripod()), triangles(bracket())
    found = compare_shapes(one, other, seed=5)
    assert compare_shapes(one, other, seed=5) == found
    again = compare_shapes(one, other, seed=6)
    assert again.chamfer_mm != found.chamfer_mm
    assert again.chamfer_mm == pytest.approx(found.chamfer_mm, rel=0.02)


def test_either_way_round_is_as_far_and_as_alike() -> None:
    one, other = triangles(tripod()), triangles(bracket())
    there, back = compare_shapes(one, other), compare_shapes(other, one)
    assert there.chamfer_mm == pytest.approx(back.chamfer_mm, rel=1e-9)
    assert there.hausdorff_mm == pytest.approx(back.hausdorff_mm, rel=1e-9)
    assert there.iou_aligned == pytest.approx(back.iou_aligned, rel=1e-6)


def test_a_process_of_its_own_gives_the_same_iou(monkeypatch: pytest.MonkeyPatch) -> None:
    one, other = triangles(tripod()), triangles(bracket())
    expected = compare_shapes(one, other)
    monkeypatch.setattr(overlap, "_PAIRS_IN_PROCESS", 0)
    assert compare_shapes(one, other) == expected


def test_a_boolean_out_of_time_is_sampled(monkeypatch: pytest.MonkeyPatch) -> None:
    one, other = triangles(tripod()), triangles(bracket().translate((0.3, 0.2, 0.1)))
    expected = compare_shapes(one, other)
    monkeypatch.setattr(overlap, "_PAIRS_IN_PROCESS", 0)
    found = compare_shapes(one, other, timeout_seconds=0.001)
    assert found.iou_method is IouMethod.SAMPLED
    assert found.iou_in_place == pytest.approx(expected.iou_in_place, abs=2e-3)
    assert found.iou_aligned == pytest.approx(expected.iou_aligned, abs=2e-3)


def test_a_boolean_that_fails_is_sampled_and_said(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(overlap, "_PAIRS_IN_PROCESS", 0)
    monkeypatch.setattr(overlap.sys, "executable", "false")
    with caplog.at_level(logging.WARNING):
        found = compare_shapes(triangles(bracket()), triangles(bracket()))
    assert found.iou_method is IouMethod.SAMPLED
    assert found.iou_in_place == pytest.approx(1)
    assert "exit code 1" in caplog.text


def test_sampling_sees_cavities_and_pieces_that_overlap() -> None:
    rng = np.random.default_rng(0)
    cube = Manifold.cube((10, 10, 10))
    hollow = triangles(cube - Manifold.cube((6, 6, 6)).translate((2, 2, 2)))
    assert overlap._sampled_iou(hollow, triangles(cube), rng) == pytest.approx(1 - 0.216, abs=2e-3)
    one, other = triangles(cube), triangles(cube.translate((0, 0, 5)))
    pair = Triangles(
        np.concatenate((one.vertices, other.vertices)), np.concatenate((one.faces, other.faces + len(one.vertices)))
    )
    assert overlap._sampled_iou(pair, one, rng) == pytest.approx(2 / 3, abs=2e-3)
    far = triangles(cube.translate((50, 0, 0)))
    assert overlap._sampled_iou(far, one, rng) == 0.0


@pytest.mark.parametrize("scale", [1e-30, 1e30])
def test_sizes_beyond_reason_break_nothing(scale: float) -> None:
    part = triangles(bracket())
    found = compare_shapes(Triangles(part.vertices * scale, part.faces), part)
    assert found.iou_in_place is None or found.iou_in_place < 1e-6
    assert found.chamfer_mm is not None
    assert np.isfinite(found.chamfer_mm)


def test_distances_are_those_of_trying_every_triangle() -> None:
    mesh = triangles(tripod() + Manifold.sphere(9, 24).translate((20, 20, 5)))
    assert len(mesh.faces) > 100
    rng = np.random.default_rng(2)
    points = rng.uniform(-20, 50, size=(400, 3))
    every = Surface(mesh.corners, None, np.arange(len(mesh.faces)))
    expected = every.distances(points)
    found = Surface.of(mesh, rng).distances(points)
    assert (found >= expected - 1e-9).all()
    assert found == pytest.approx(expected, rel=0.02, abs=0.02)
    surface = Surface.of(mesh, rng)
    assert surface._exact(points, found + 1) == pytest.approx(expected, rel=1e-9)
    assert surface.greatest_distance(points, found + 1) == pytest.approx(expected.max(), rel=1e-9)
    on_it, _ = sample_surface(mesh, 2000, rng)
    assert surface.distances(on_it).max() < 0.05
    assert surface.greatest_distance(on_it, surface.distances(on_it)) < 1e-9


def test_points_fall_on_triangles_by_their_area() -> None:
    mesh = triangles(Manifold.cube((10, 10, 1)))
    points, faces = sample_surface(mesh, 2400, np.random.default_rng(0))
    is_flat = np.abs(points[:, 2] - 0.5) > 0.5 - 1e-9
    assert is_flat.sum() == pytest.approx(2400 * 200 / 240, abs=3)
    a: Any = mesh.corners[faces]
    normals = np.cross(a[:, 1] - a[:, 0], a[:, 2] - a[:, 0])
    assert np.abs(np.einsum("ij,ij->i", normals, points - a[:, 0])).max() < 1e-9
    assert points[is_flat].mean(axis=0) == pytest.approx([5, 5, 0.5], abs=0.2)


def shuffled(mesh: Triangles, seed: int) -> Triangles:
    """The same surface with its triangles in another order: sampled points are others too."""
    return Triangles(mesh.vertices, np.random.default_rng(seed).permutation(mesh.faces))


@pytest.mark.parametrize("rotation", ROTATIONS[::3])
def test_a_small_mark_tells_which_way_a_part_was_turned(rotation: tuple[tuple[int, int, int], ...]) -> None:
    plate = Manifold.cube([100, 100, 10]) - Manifold.cylinder(30, 1, 1, 24).translate([20, 35, -5])
    data = plate.to_mesh64()
    mesh = Triangles(np.asarray(data.vert_properties)[:, :3], np.asarray(data.tri_verts).astype(np.int64))
    turned = Triangles(mesh.vertices @ np.array(rotation).T, mesh.faces)
    found = compare_shapes(shuffled(turned, 1), mesh)
    assert found.iou_aligned == pytest.approx(1, abs=1e-9)
    assert found.hausdorff_aligned_mm == pytest.approx(0, abs=1e-6)


def test_a_boolean_of_its_own_process_needs_no_installation(tmp_path: Path) -> None:
    root = Path(overlap.__file__).parents[2]
    script = (
        f"import sys; sys.path.insert(0, {str(root)!r})\n"
        "import numpy as np; from manifold3d import Manifold\n"
        "from render.geometry.mesh import Triangles; from render.geometry.overlap import intersection_over_union\n"
        "data = Manifold.sphere(10, 100).to_mesh64()\n"
        "ball = Triangles(np.asarray(data.vert_properties)[:, :3], np.asarray(data.tri_verts).astype(np.int64))\n"
        "print(intersection_over_union([ball], ball, seed=0, timeout_seconds=60)[1])"
    )
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=tmp_path, env=environment, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == IouMethod.BOOLEAN
