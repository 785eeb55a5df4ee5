"""Pictures: what hides what, which way each view looks, what changed, sheets, turntables and broken meshes."""

from __future__ import annotations

import io
import itertools

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image, ImageDraw

from render.geometry.mesh import Triangles, read_stl, write_stl
from render.pictures.camera import View, axes_of, fit
from render.pictures.difference import Change, compare, difference_png
from render.pictures.drawing import render_views
from render.pictures.lettering import drawable, font, shortened, size_in_words
from render.pictures.preview import Tile, contact_sheet, render_png
from render.pictures.raster import draw, draw_mesh
from render.pictures.scan import scan
from render.pictures.turntable import turntable_gif

Pixels = npt.NDArray[np.int64]

BOX_QUADS = [(0, 2, 3, 1), (4, 5, 7, 6), (0, 1, 5, 4), (2, 6, 7, 3), (0, 4, 6, 2), (1, 3, 7, 5)]
EMPTY = b"\0" * 84


def box(*size: float, at: tuple[float, float, float] = (0, 0, 0)) -> np.ndarray:
    points = np.array([[x, y, z] for z in (0, size[2]) for y in (0, size[1]) for x in (0, size[0])], dtype=float) + at
    return np.array([points[list(t)] for a, b, c, d in BOX_QUADS for t in ((a, b, c), (a, c, d))])


def mesh_of(*parts: np.ndarray) -> Triangles:
    return read_stl(write_stl(np.concatenate(parts)))


def sphere(n: int) -> np.ndarray:
    u, v = np.meshgrid(np.linspace(0, 2 * np.pi, 2 * n + 1), np.linspace(0, np.pi, n + 1), indexing="ij")
    p = 10 * np.stack((np.cos(u) * np.sin(v), np.sin(u) * np.sin(v), np.cos(v)), axis=-1)
    a, b, c, d = p[:-1, :-1], p[1:, :-1], p[1:, 1:], p[:-1, 1:]
    return np.concatenate((np.stack((a, d, c), axis=-2).reshape(-1, 3, 3), np.stack((a, c, b), -2).reshape(-1, 3, 3)))


def pixels_of(data: bytes) -> Pixels:
    return np.asarray(Image.open(io.BytesIO(data)).convert("RGB")).astype(np.int64)


def bounds(mask: np.ndarray) -> tuple[int, int, int, int]:
    """Left, top, right, bottom, the last two inclusive."""
    ys, xs = np.nonzero(mask)
    return int(xs.min()), int(ys.min()), int(xs.max()), int(ys.max())


def is_red(pixels: Pixels) -> npt.NDArray[np.bool_]:
    return pixels[..., 0] > np.maximum(pixels[..., 1], pixels[..., 2]) + 6


def is_green(pixels: Pixels) -> npt.NDArray[np.bool_]:
    return pixels[..., 1] > np.maximum(pixels[..., 0], pixels[..., 2]) + 6


def test_a_picture_shows_the_part_and_leaves_the_corners_free() -> None:
    image = Image.open(io.BytesIO(render_png(write_stl(box(10, 10, 10)), size_px=128, is_transparent=True)))
    assert image.size == (128, 128)
    pixels = np.asarray(image)
    assert pixels[64, 64, 3] == 255
    assert pixels[2, 2, 3] == 0
    assert 0.2 < (pixels[:, :, 3] == 255).mean() < 0.9
    solid = pixels[pixels[:, :, 3] == 255][:, :3].astype(int)
    assert len({tuple(p) for p in (solid // 16).tolist()}) >= 4  # three faces and dark edges


def test_a_nearer_part_hides_a_farther_one_in_whatever_order_they_come() -> None:
    near, far = box(10, 10, 10), box(2, 2, 2, at=(-4, 14, 4))  # behind, as seen from the front right
    both, swapped = draw_mesh(mesh_of(far, near), 96), draw_mesh(mesh_of(near, far), 96)
    assert (both == swapped).all()
    front = draw_mesh(mesh_of(box(10, 10, 10), box(2, 2, 2, at=(4, 14, 4))), 96, view=View.FRONT)
    assert (front == draw_mesh(mesh_of(box(10, 10, 10)), 96, view=View.FRONT)).all()


@pytest.mark.parametrize("view", list(View))
def test_the_nearest_triangle_is_the_one_a_ray_hits_first(view: View) -> None:
    generator = np.random.default_rng(7)
    mesh = mesh_of(generator.uniform(0, 10, (60, 3, 3)))
    n = 24
    camera = fit(mesh.vertices, axes_of(view), n)
    screen = camera.project(mesh.vertices)
    hits = scan(screen, mesh.faces, n)
    corners = screen.T.astype(np.float64)[mesh.faces]
    n_checked = 0
    for y, x in itertools.product(range(n), repeat=2):
        depths = np.array([_depth_at(triangle, x + 0.5, y + 0.5) for triangle in corners])
        nearest, second = np.sort(depths)[[-1, -2]]
        if np.isfinite(nearest) and nearest - max(second, -1e9) > 0.1 and hits.depth[y, x] < nearest + 0.1:
            assert hits.face[hits.triangle[y, x]] == depths.argmax()
            assert hits.depth[y, x] == pytest.approx(nearest, abs=0.05)
            n_checked += 1
    assert n_checked > 100


def _depth_at(triangle: np.ndarray, x: float, y: float) -> float:
    """Depth of a triangle's plane at a point inside it, -inf outside."""
    matrix = np.vstack((triangle[:, :2].T, np.ones(3)))
    weights = np.linalg.solve(matrix, [x, y, 1.0])
    return float(weights @ triangle[:, 2]) if weights.min() > 0 else -np.inf


def test_a_closed_surface_has_no_pinholes_at_any_fineness() -> None:
    for n_rings in (6, 60, 300):
        mesh = mesh_of(sphere(n_rings))
        n = 120
        hits = scan(fit(mesh.vertices, axes_of(View.ISO), n).project(mesh.vertices), mesh.faces, n)
        for row in hits.triangle >= 0:
            inside = np.nonzero(row)[0]
            assert len(inside) == 0 or row[inside[0] : inside[-1] + 1].all()


# A block of 20 x 30 x 10 with a tower on the corner of least x, least y: where each view shows the tower.
TOWER = [box(20, 30, 10), box(6, 6, 10, at=(0, 0, 10))]


@pytest.mark.parametrize(
    ("view", "is_left", "width", "height"),
    [(View.FRONT, True, 20, 20), (View.BACK, False, 20, 20), (View.RIGHT, True, 30, 20), (View.LEFT, False, 30, 20)],
)
def test_a_side_view_shows_the_tower_on_its_side(view: View, is_left: bool, width: int, height: int) -> None:
    solid = draw_mesh(mesh_of(*TOWER), 200, view=view)[:, :, 3] > 128
    left, top, right, bottom = bounds(solid)
    assert (right - left) / (bottom - top) == pytest.approx(width / height, rel=0.03)
    upper = np.nonzero(solid[top + (bottom - top) // 4])[0]
    assert bool(upper.mean() < 100) is is_left
    assert len(upper) == pytest.approx(6 / width * (right - left), abs=3)


@pytest.mark.parametrize(("view", "corner"), [(View.TOP, (0.15, 0.9)), (View.BOTTOM, None)])
def test_the_top_view_has_x_to_the_right_and_y_up(view: View, corner: tuple[float, float] | None) -> None:
    pixels = draw_mesh(mesh_of(*TOWER), 200, view=view).astype(int)
    left, top, right, bottom = bounds(pixels[:, :, 3] > 128)
    assert (right - left) / (bottom - top) == pytest.approx(20 / 30, rel=0.03)
    inner = pixels[top + 4 : bottom - 3, left + 4 : right - 3, :3].sum(axis=2)
    dark = inner < inner.max() - 150
    if corner is None:
        assert not dark.any()  # the floor is flat
    else:
        ys, xs = np.nonzero(dark)  # the outline of the tower, in the lower left quarter
        assert ys.min() > dark.shape[0] * 0.7
        assert xs.max() < dark.shape[1] * 0.4


def test_only_the_iso_view_has_a_shadow() -> None:
    mesh = mesh_of(box(10, 10, 10))
    for view in View:
        alpha = draw_mesh(mesh, 96, view=view)[:, :, 3]
        assert bool(((alpha > 10) & (alpha < 70)).sum() > 50) is (view is View.ISO)


def test_what_is_thinner_than_a_pixel_is_still_seen() -> None:
    plate = draw_mesh(mesh_of(box(100, 60, 0.01)), 100, view=View.FRONT)[:, :, 3]
    assert (plate[48:53].max(axis=0)[12:88] > 100).all()
    wire = draw_mesh(mesh_of(box(0.01, 0.01, 100), box(20, 20, 20, at=(20, 0, 0))), 128)[:, :, 3]
    assert (wire.max(axis=1)[20:100] > 100).all()


@pytest.mark.parametrize("size_px", [40, 257, 2049])
def test_a_picture_has_the_size_asked_for(size_px: int) -> None:
    assert draw_mesh(mesh_of(box(1, 2, 3)), size_px).shape == (size_px, size_px, 4)


def test_the_edges_of_a_box_are_dark_and_a_fine_sphere_has_none_but_its_outline() -> None:
    def n_dark_inside(mesh: Triangles) -> int:
        pixels = draw_mesh(mesh, 200, view=View.TOP).astype(int)
        ys, xs = np.indices((200, 200)) - 100
        return int((pixels[:, :, :3].sum(axis=2)[ys**2 + xs**2 < 40**2] < 420).sum())

    assert n_dark_inside(mesh_of(sphere(80))) == 0
    assert n_dark_inside(mesh_of(box(20, 20, 5), box(8, 8, 5, at=(6, 6, 5)))) > 100


def test_a_contact_sheet_has_the_size_its_tiles_need() -> None:
    stl = write_stl(box(10, 10, 10))
    tiles = [Tile(stl, "a box\nfine", True), Tile(None, "failed\nsyntax error, line 3", False), Tile(stl, "x", None)]
    sheet = Image.open(io.BytesIO(contact_sheet(tiles, columns=2, tile_px=96)))
    assert sheet.size == (6 + 2 * (96 + 6), 6 + 2 * (96 + 16 + 6))
    colours = np.asarray(sheet.convert("RGB")).reshape(-1, 3).tolist()
    assert [46, 160, 92] in colours
    assert [208, 66, 62] in colours
    with pytest.raises(ValueError, match="at least one tile"):
        contact_sheet([])


def test_a_long_caption_is_cut_where_it_would_leave_the_picture() -> None:
    pen, face = ImageDraw.Draw(Image.new("L", (1, 1))), font(12)
    cut = shortened(pen, "a bracket with four holes and a rib", face, 90)
    assert cut.endswith("…")
    assert "a bracket with four holes and a rib".startswith(cut[:-1])
    assert pen.textlength(cut, face) <= 90 < pen.textlength(cut[:-1] + "wide…", face)
    assert shortened(pen, "short", face, 90) == "short"
    pixels = pixels_of(render_png(None, size_px=128, caption="long " * 40))
    assert pixels.shape == (128 + 18, 128, 3)
    assert (pixels[128:, -6:] == 255).all()


def test_letters_that_the_font_lacks_become_their_relatives() -> None:
    assert drawable("Ø 20 × 3½ mm³, façade, 箱 ±0.1°…") == "O 20 x 31/2 mm3, facade, ? ±0.1°…"
    missing = bytes(font(20).getmask("\ufff0"))
    assert all(bytes(font(20).getmask(letter)) != missing for letter in "…°±·‘’“”©«»")


@pytest.mark.parametrize(
    ("length", "words"),
    [(60, "60"), (3.25, "3.25"), (1200.5, "1,200.5"), (0.00123, "0.00123"), (0, "0"), (1e12, "1e+12")],
)
def test_lengths_are_written_short(length: float, words: str) -> None:
    assert size_in_words(length) == words


def test_the_drawing_shows_all_views_to_one_scale_and_in_line() -> None:
    pixels = pixels_of(render_views(write_stl(np.concatenate(TOWER)), size_px=600))
    assert pixels.shape == (600, 600, 3)
    is_blue = (pixels[..., 2] > pixels[..., 0] + 30) & (pixels[..., 2] > 150)
    top = bounds(is_blue[:299, :299])
    front = bounds(is_blue[301:, :299])
    right = bounds(is_blue[301:, 301:])
    for size, expected in (
        (top, (20, 30)),
        (front, (20, 20)),
        (right, (30, 20)),
    ):
        measured = (size[2] - size[0], size[3] - size[1])
        assert measured == pytest.approx([side / 30 * (top[3] - top[1]) for side in expected], abs=3)
    assert (top[0], top[2]) == pytest.approx((front[0], front[2]), abs=1)  # top stands over front
    assert (front[1], front[3]) == pytest.approx((right[1], right[3]), abs=1)  # right stands beside front
    assert is_blue[1:299, 301:599].any()


@pytest.mark.parametrize("size", [(120, 80, 0.5), (1, 1, 200), (1e6, 2e6, 3e5), (1e-3, 2e-3, 5e-4)])
def test_no_dimension_leaves_its_quarter(size: tuple[float, float, float]) -> None:
    pixels = pixels_of(render_views(write_stl(box(*size)), size_px=600))
    ink = pixels.sum(axis=2) < 600
    for edge in (slice(1, 5), slice(295, 299), slice(302, 306), slice(595, 599)):
        assert not ink[edge, 8:290].any()
        assert not ink[310:590, edge].any()


def test_added_is_green_and_removed_is_red_and_nothing_else_is() -> None:
    before = np.concatenate((box(40, 20, 10), box(6, 6, 12, at=(2, 2, 10))))
    after = np.concatenate((box(40, 20, 10), box(6, 6, 12, at=(30, 2, 10))))
    pixels = pixels_of(difference_png(write_stl(before), write_stl(after), size_px=200, view=View.FRONT))[:200]
    red, green = bounds(is_red(pixels)), bounds(is_green(pixels))
    left, _, right, _ = bounds(np.ptp(pixels, axis=2) > 15)
    scale = (right - left) / 40
    assert (red[0], red[2]) == pytest.approx((left + 2 * scale, left + 8 * scale), abs=3)
    assert (green[0], green[2]) == pytest.approx((left + 30 * scale, left + 36 * scale), abs=3)
    assert (red[1], red[3]) == pytest.approx((green[1], green[3]), abs=2)


def test_a_hidden_change_shines_through() -> None:
    block, cavity = box(30, 30, 30), box(10, 10, 10, at=(10, 10, 10))
    hollow = write_stl(np.concatenate((block, cavity[:, ::-1])))
    filled = pixels_of(difference_png(hollow, write_stl(block), size_px=160))[:160]
    emptied = pixels_of(difference_png(write_stl(block), hollow, size_px=160))[:160]
    assert is_green(filled).sum() > 100
    assert not is_red(filled).any()
    assert is_red(emptied).sum() > 100
    assert not is_green(emptied).any()


def test_the_volumes_of_a_change_are_exact() -> None:
    change = compare(mesh_of(box(10, 10, 10)), mesh_of(box(10, 10, 6), box(2, 2, 2, at=(20, 0, 0))))
    assert isinstance(change, Change)
    assert change.added_mm3 == pytest.approx(8)
    assert change.removed_mm3 == pytest.approx(400)
    same = compare(mesh_of(box(10, 10, 10)), mesh_of(box(10, 10, 10)))
    assert isinstance(same, Change)
    assert (same.added_mm3, same.removed_mm3) == (0, 0)


def test_films_of_rounding_are_no_change() -> None:
    change = compare(mesh_of(box(100, 100, 10)), mesh_of(box(100, 100, 10.00001)))
    assert isinstance(change, Change)
    assert (change.added_mm3, len(change.added.faces)) == (0, 0)


def test_nothing_before_means_all_was_added() -> None:
    stl = write_stl(box(10, 10, 10))
    for nothing in (None, EMPTY):
        pixels = pixels_of(difference_png(nothing, stl, size_px=96))[:96]
        assert is_green(pixels).sum() > 1000
        assert not is_red(pixels).any()


@pytest.mark.parametrize(
    ("triangles", "reason"), [(box(10, 10, 10)[:-1], "isn't a closed solid"), (box(10, 10, 10)[:, ::-1], "inside out")]
)
def test_what_cannot_be_compared_stands_side_by_side_with_the_reason(triangles: np.ndarray, reason: str) -> None:
    whole = mesh_of(box(10, 10, 10))
    found = compare(whole, mesh_of(triangles))
    assert isinstance(found, str)
    assert found.startswith("the mesh after")
    assert reason in found
    pixels = pixels_of(difference_png(write_stl(box(10, 10, 10)), write_stl(triangles), size_px=240))
    assert pixels.shape == (240 + 20, 480, 3)
    assert not is_red(pixels).any()
    assert not is_green(pixels).any()
    assert (pixels[244:, 10:300].sum(axis=2) < 200).any()  # the sentence


def test_a_triptych_shows_before_after_and_difference_to_one_scale() -> None:
    before, after = write_stl(box(10, 10, 10)), write_stl(box(10, 10, 20))
    pixels = pixels_of(difference_png(before, after, size_px=120, view=View.FRONT, is_triptych=True))
    assert pixels.shape == (120 + 20, 360, 3)
    is_part = np.ptp(pixels[:120], axis=2) > 26  # neither ground nor label
    first, second, third = (bounds(is_part[:, i * 120 : (i + 1) * 120]) for i in range(3))
    assert first[2] - first[0] == second[2] - second[0]
    assert 2 * (first[3] - first[1]) == pytest.approx(second[3] - second[1], abs=3)
    assert (third[0], third[2], third[3]) == (second[0], second[2], second[3])
    assert is_green(pixels[:120, 240:]).any()
    assert not is_green(pixels[:120, :240]).any()


def test_a_turntable_loops_and_has_the_frames_and_the_time_asked_for() -> None:
    gif = Image.open(io.BytesIO(turntable_gif(write_stl(box(10, 20, 5)), size_px=64, n_frames=7, seconds=1.0)))
    assert (gif.format, gif.size, gif.n_frames, gif.info["loop"]) == ("GIF", (64, 64), 7, 0)
    durations = []
    for index in range(gif.n_frames):
        gif.seek(index)
        durations.append(gif.info["duration"])
    assert sum(durations) == 1000


def test_a_turntable_keeps_scale_axis_and_background_in_all_frames() -> None:
    stl = write_stl(np.concatenate((box(30, 4, 4, at=(-15, -2, 0)), box(2, 2, 20, at=(-1, -1, 4)))))
    gif = Image.open(io.BytesIO(turntable_gif(stl, size_px=120, n_frames=8)))
    first, tips = None, []
    for index in range(gif.n_frames):
        gif.seek(index)
        pixels = np.asarray(gif.convert("RGB")).astype(int)
        first = pixels if first is None else first
        assert (pixels[0] == first[0]).all()
        is_part = np.ptp(pixels, axis=2) > 15
        left, top, right, bottom = bounds(is_part)
        assert min(left, top, 119 - right, 119 - bottom) > 1
        tips.append((top, float(np.nonzero(is_part[top + 2])[0].mean())))
    assert np.ptp([top for top, _ in tips]) <= 1  # the mast on the axis keeps its height and place
    assert np.ptp([x for _, x in tips]) <= 2


def test_a_turntable_shares_one_palette() -> None:
    data = turntable_gif(write_stl(box(10, 20, 5)), size_px=64, n_frames=5)
    has_own_palette = []
    place = 13 + 3 * 2 ** ((data[10] & 7) + 1)  # behind the palette that all share
    while data[place] != 0x3B:
        is_extension = data[place] == 0x21
        if not is_extension:
            has_own_palette.append(bool(data[place + 9] & 0x80))
            assert not has_own_palette[-1]
        place += 2 if is_extension else 11
        while data[place]:
            place += data[place] + 1
        place += 1
    assert has_own_palette == [False] * 5


@pytest.mark.parametrize("stl", [None, EMPTY])
def test_no_mesh_is_a_grey_picture_everywhere(stl: bytes | None) -> None:
    for data in (render_png(stl), render_views(stl, size_px=96), difference_png(stl, stl), turntable_gif(stl)):
        assert np.ptp(pixels_of(data)[0, 0]) < 10
        assert pixels_of(data)[0, 0, 0] == pytest.approx(226, abs=2)


def test_bytes_that_are_no_stl_are_refused() -> None:
    for draw_it in (render_png, render_views, turntable_gif, lambda stl: difference_png(stl, None)):
        with pytest.raises(ValueError, match="STL"):
            draw_it(b"solid ascii")
    with pytest.raises(ValueError, match="0 frames"):
        turntable_gif(None, n_frames=0)


DEGENERATE = {
    "one triangle": np.array([[[0, 0, 0], [10, 0, 0], [0, 10, 0]]], dtype=float),
    "on one line": np.array([[[0, 0, 0], [5, 0, 0], [10, 0, 0]]], dtype=float),
    "upright": np.array([[[0, 0, 0], [10, 0, 0], [0, 0, 10]]], dtype=float),
    "huge": box(1e6, 2e6, 3e5),
    "tiny": box(1e-3, 2e-3, 5e-4),
    "at the end of float32": box(1e37, 1e37, 1e37),
    "below float32": box(1e-40, 1e-40, 1e-40),
    "needle": box(1e-3, 1e-3, 100),
    "far away": box(10, 10, 10, at=(1e5, 1e5, 1e5)),
}


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("triangles", DEGENERATE.values(), ids=DEGENERATE)
def test_an_odd_mesh_is_seen_in_every_picture_without_a_warning(triangles: np.ndarray) -> None:
    mesh, stl = mesh_of(triangles), write_stl(triangles)
    assert (draw_mesh(mesh, 64)[:, :, 3] > 128).any()
    for view in View:
        draw_mesh(mesh, 32, view=view)
    render_views(stl, size_px=120)
    turntable_gif(stl, size_px=32, n_frames=2)
    difference_png(stl, write_stl(box(1, 1, 1)), size_px=32)


def test_a_camera_of_ones_own_may_leave_part_of_the_mesh_outside() -> None:
    mesh = mesh_of(box(10, 10, 10))
    camera = fit(mesh.vertices, axes_of(View.FRONT), 64, scale=20.0)
    assert (draw(mesh, camera, 64, has_shadow=False)[:, :, 3] == 255).all()
