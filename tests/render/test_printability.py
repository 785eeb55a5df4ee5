"""The engineer's report: walls, overhangs, standing, fit and mass of parts whose answers are known."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from manifold3d import CrossSection, Manifold

from render import Engine, compile_scad
from render.geometry.boxes import BoxTree
from render.geometry.mesh import Triangles, read_stl
from render.geometry.printability import DENSITIES_G_CM3, PrintReport, printability
from render.geometry.rays import first_exits

pytestmark = pytest.mark.filterwarnings("error")


def triangles(solid: Manifold) -> Triangles:
    mesh = solid.to_mesh64()
    return Triangles(np.asarray(mesh.vert_properties)[:, :3], np.asarray(mesh.tri_verts).astype(np.int64))


def report(solid: Manifold, **options: object) -> PrintReport:
    return printability(triangles(solid), **options)  # type: ignore[arg-type]


def together(*solids: Manifold) -> Manifold:
    return Manifold.compose(list(solids))


def cube(x: float, y: float, z: float, *, at: tuple[float, float, float] = (0, 0, 0)) -> Manifold:
    return Manifold.cube((x, y, z)).translate(at)


def slope(degrees: float) -> Manifold:
    """A bar that leans over: its two sides are at so many degrees from horizontal."""
    shift = 20 / np.tan(np.radians(degrees))
    outline = CrossSection([[(0.0, 0.0), (20.0, 0.0), (20.0 + shift, 20.0), (shift, 20.0)]])
    return Manifold.extrude(outline, 10).rotate((90, 0, 0))


def test_a_plain_cube_has_no_problem() -> None:
    found = report(cube(20, 20, 20))
    assert found.problems == ()
    assert found.thinnest_wall_mm == pytest.approx(20)
    assert (found.overhang_area_mm2, found.contact_area_mm2) == (0.0, pytest.approx(400))
    assert (found.is_stable, found.fits_as_it_lies, found.n_pieces, found.narrow_wall_share) == (True, True, 1, 0.0)
    assert found.mass_g == pytest.approx(8 * 1.24)
    assert found.n_wall_samples == 4012


def test_a_hollow_box_has_walls_of_just_its_thickness() -> None:
    found = report(cube(30, 40, 50) - cube(26, 36, 46, at=(2, 2, 2)))
    assert found.thinnest_wall_mm == pytest.approx(2, abs=1e-9)
    assert found.overhang_area_mm2 == pytest.approx(26 * 36)  # the ceiling
    assert found.n_pieces == 1  # the cavity is none


def test_one_thin_wall_is_found_and_named_where_it_is() -> None:
    part = cube(60, 60, 20) - cube(20, 59.4 - 10, 18, at=(20, 10, 2))  # leaves y 59.4 to 60 at x 20 to 40
    found = report(part)
    assert found.thinnest_wall_mm == pytest.approx(0.6, abs=1e-9)
    assert found.thinnest_wall_at_mm is not None
    x, y, z = found.thinnest_wall_at_mm
    assert 20 < x < 40
    assert y == pytest.approx(59.7)
    assert 2 < z < 20
    (line,) = found.problems
    assert line == (f"thinnest wall 0.6 mm at ({x:.1f}, 59.7, {z:.1f}): under 0.8 mm (two lines of a 0.4 mm nozzle)")
    assert report(part, nozzle_mm=0.3).problems == ()
    assert report(part, nozzle_mm=0.3).narrow_wall_share == 0


def test_the_share_of_narrow_walls_is_the_share_of_the_surface() -> None:
    found = report(cube(30, 30, 0.5))
    assert found.narrow_wall_share == pytest.approx(1800 / 1860, abs=2e-3)


def test_a_wall_of_just_two_lines_is_thick_enough() -> None:
    sheet = triangles(cube(30, 0.8, 30) + cube(30, 30, 1))
    in_32_bits = Triangles(np.float32(sheet.vertices).astype(np.float64), sheet.faces)
    found = printability(in_32_bits)
    assert found.thinnest_wall_mm is not None
    assert found.thinnest_wall_mm < 0.8 + 1e-6
    assert found.problems == ()


def test_the_crest_of_a_right_angle_is_no_wall() -> None:
    wedge = Manifold.extrude(CrossSection([[(0.0, 0.0), (40.0, 0.0), (20.0, 20.0)]]), 30)
    assert (report(wedge).thinnest_wall_mm or 0) == pytest.approx(30)  # between its ends, not at its edges


def test_a_tube_is_as_thick_as_its_wall_though_made_of_facets() -> None:
    tube = Manifold.cylinder(20, 10, circular_segments=64) - Manifold.cylinder(20, 8.5, circular_segments=64)
    assert report(tube).thinnest_wall_mm == pytest.approx(1.5 * np.cos(np.pi / 64), rel=1e-6)


def test_a_bridge_hangs_over_between_its_piers_only() -> None:
    bridge = cube(60, 10, 20) - cube(40, 10, 15, at=(10, 0, 0))
    found = report(bridge)
    assert found.overhang_area_mm2 == pytest.approx(400)
    assert found.overhang_share == pytest.approx(400 / triangles_area(bridge))
    assert found.contact_area_mm2 == pytest.approx(200)
    assert found.is_stable
    assert found.problems == (
        f"overhang of 400 mm² flatter than 45° ({400 / triangles_area(bridge):.0%} of the surface): needs supports",
    )


def triangles_area(solid: Manifold) -> float:
    return float(solid.surface_area())


@pytest.mark.parametrize(("degrees", "is_overhang"), [(30, True), (44.9, True), (45, False), (45.1, False)])
def test_45_degrees_print_and_less_hang_over(degrees: float, is_overhang: bool) -> None:
    found = report(slope(degrees))
    side = 20 / np.sin(np.radians(degrees)) * 10
    assert found.overhang_area_mm2 == pytest.approx(side if is_overhang else 0, abs=1e-6)


def test_what_lies_on_the_bed_does_not_hang_over_wherever_the_bed_is() -> None:
    assert report(cube(20, 20, 5, at=(0, 0, -730))).overhang_area_mm2 == 0
    assert report(cube(20, 20, 5, at=(0, 0, 81))).contact_area_mm2 == pytest.approx(400)


def test_a_leaning_bar_tips_over_once_its_middle_is_past_its_foot() -> None:
    assert report(slope(60)).is_stable
    found = report(slope(30))
    assert found.is_stable is False
    assert "it tips over: its centre of mass is not above the area that it stands on" in found.problems


def test_four_legs_are_stable_though_none_is_below_the_middle() -> None:
    legs = [cube(3, 3, 20, at=(x, y, 0)) for x in (0, 47) for y in (0, 47)]
    table = cube(50, 50, 3, at=(0, 0, 20))
    for leg in legs:
        table += leg
    assert (report(table).is_stable, report(table).contact_area_mm2) == (True, pytest.approx(36))
    two_legs = cube(50, 50, 3, at=(0, 0, 20)) + legs[0] + legs[1]
    assert report(two_legs).is_stable is False


def test_a_ball_stands_on_a_point() -> None:
    found = report(Manifold.sphere(10, 32))
    assert (found.contact_area_mm2, found.is_stable) == (0.0, False)
    assert any("stands on a point" in line for line in found.problems)


def test_a_pin_of_little_contact_asks_for_a_brim() -> None:
    assert report(cube(2, 2, 4)).problems == ("only 4 mm² lie on the bed: it may come loose, use a brim",)


@pytest.mark.parametrize(
    ("size", "turn"),
    [
        ((200, 100, 50), "as it lies"),
        ((100, 200, 50), "turned 90° about z"),
        ((200, 50, 100), "turned 90° about x"),
        ((50, 100, 200), "turned 90° about y"),
        ((50, 200, 100), "turned 90° about z, then about x"),
        ((100, 50, 200), "turned 90° about z, then about y"),
        ((201, 1, 1), None),
    ],
)
def test_the_bed_is_filled_in_the_first_turn_that_fits(size: tuple[float, float, float], turn: str | None) -> None:
    found = report(cube(*size), bed_mm=(200, 100, 50))
    assert (found.fitting_turn, found.fits_as_it_lies) == (turn, turn == "as it lies")
    bed_lines = [line for line in found.problems if "bed of 200 x 100 x 50 mm" in line]
    assert len(bed_lines) == (turn != "as it lies")
    if turn is None:
        assert bed_lines[0].endswith("however it is turned")
    elif bed_lines:
        assert bed_lines[0].endswith(f"but fits {turn}")


def test_pieces_in_mid_air_and_crumbs_are_counted() -> None:
    found = report(together(cube(20, 20, 20), cube(5, 5, 5, at=(40, 0, 30)), cube(9, 0.9, 5, at=(0, 40, 0))))
    assert (found.n_pieces, found.n_floating_pieces, found.n_small_pieces) == (3, 1, 1)
    assert "1 of 3 separate pieces start in mid-air, not on the bed" in found.problems
    assert "1 of 3 pieces have a side under 1 mm" in found.problems


@pytest.mark.parametrize("material", DENSITIES_G_CM3)
def test_a_litre_weighs_what_its_density_says(material: str) -> None:
    assert report(cube(100, 100, 100), material=material).mass_g == pytest.approx(1000 * DENSITIES_G_CM3[material])


def test_an_unknown_material_names_those_that_are_known() -> None:
    with pytest.raises(ValueError, match=r"'unobtainium'.*PLA, PETG"):
        report(cube(1, 1, 1), material="unobtainium")


def bad(name: str) -> Triangles:
    box = triangles(cube(300, 20, 20))
    faces = {"open": box.faces[:-1], "inside out": box.faces[:, ::-1], "no triangles": box.faces[:0]}[name]
    return Triangles(box.vertices, faces)


@pytest.mark.parametrize("name", ["open", "inside out", "no triangles"])
def test_what_is_no_solid_has_a_size_and_a_problem_and_nothing_else(name: str) -> None:
    found = printability(bad(name))
    assert name in found.problems[0]
    known = {"size_mm", "fits_as_it_lies", "fitting_turn", "material", "problems"}
    assert all(value is None for key, value in vars(found).items() if key not in known)
    if name != "no triangles":
        assert found.size_mm == (300, 20, 20)
        assert "too large" in found.problems[1]


@pytest.mark.parametrize("scale", [1e-35, 1e35])
def test_sizes_beyond_reason_break_nothing(scale: float) -> None:
    part = triangles(cube(20, 20, 20))
    found = printability(Triangles(part.vertices * scale, part.faces))
    assert found.thinnest_wall_mm == pytest.approx(20 * scale)
    assert found.problems


def test_the_seed_decides_everything() -> None:
    part = triangles(Manifold.sphere(10, 32) - cube(3, 3, 30))
    assert printability(part, seed=4) == printability(part, seed=4)
    assert printability(part, seed=4).thinnest_wall_at_mm != printability(part, seed=5).thinnest_wall_at_mm


def test_rays_leave_where_trying_every_triangle_says() -> None:
    part = triangles((Manifold.sphere(20, 40) - Manifold.sphere(17, 24)) + cube(50, 4, 4))
    rng = np.random.default_rng(8)
    points = rng.uniform(-20, 20, size=(300, 3))
    ways = rng.normal(size=(300, 3))
    ways[:90] = np.eye(3)[np.arange(90) % 3] * np.where(np.arange(90) < 45, 1.0, -1.0)[:, None]
    ways /= np.linalg.norm(ways, axis=1, keepdims=True)
    tree = BoxTree.of(part.corners)
    assert len(tree.levels) > 3
    found, cosines = first_exits(tree, points, ways, least_mm=1e-9)
    a, b, c = (part.corners[:, k] for k in range(3))
    normals = np.cross(b - a, c - a)
    for point, way, length, cosine in zip(points, ways, found, cosines, strict=True):
        # solve point + t way = a + u (b - a) + v (c - a) for every triangle
        system = np.stack((np.broadcast_to(-way, a.shape), b - a, c - a), axis=2)
        is_solvable = np.abs(np.linalg.det(system)) > 1e-9
        t, u, v = np.linalg.solve(system[is_solvable], (point - a)[is_solvable][..., None])[..., 0].T
        hits = (t > 1e-9) & (u >= 0) & (v >= 0) & (u + v <= 1) & (normals[is_solvable] @ way > 0)
        assert length == pytest.approx(t[hits].min(initial=np.inf), rel=1e-9)
        assert (cosine > 0) == np.isfinite(length)


DESIGNS = sorted((Path(__file__).parents[2] / "spiders" / "sample_site" / "designs").glob("*.scad"))


@pytest.mark.parametrize("name", ["dovetail-slide", "jar-lid", "shaft-coupler", "electronics-case", "shelf-bracket"])
def test_the_thinnest_wall_is_the_same_at_every_seed(engine: Engine, name: str) -> None:
    source = next(path for path in DESIGNS if path.stem == name).read_text()
    stl = compile_scad(source, engine=engine, timeout_seconds=60).stl
    assert stl is not None
    found = [printability(read_stl(stl), seed=seed).thinnest_wall_mm or 0.0 for seed in range(4)]
    assert min(found) > 0
    assert max(found) <= 1.1 * min(found), found


@pytest.mark.parametrize(
    "source",
    [
        "intersection() { sphere(20, $fn = 96); translate([-25, -25, 15]) cube(50); }",
        "cylinder(h = 9, r1 = 20, r2 = 0);",
    ],
)
def test_an_edge_that_thins_out_is_no_wall(engine: Engine, source: str) -> None:
    stl = compile_scad(source, engine=engine).stl
    assert stl is not None
    assert not [p for p in printability(read_stl(stl)).problems if "wall" in p]
