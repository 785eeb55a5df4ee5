"""Where a part is looked at from, and how big it is drawn: parallel views, millimetres to pixels.

Pure arithmetic on points. Perspective is not covered: parallel views keep equal lengths equal.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np
import numpy.typing as npt

__all__ = ["MARGIN", "Camera", "View", "axes_of", "fit", "frame"]

Floats = npt.NDArray[np.float64]
Screen = npt.NDArray[np.float32]

MARGIN = 0.09
"""Empty border around the part, as a share of the picture."""
_ISO_EYE = (0.62, -1.0, 0.72)


class View(StrEnum):
    """The side a part is seen from."""

    ISO = "iso"
    FRONT = "front"
    TOP = "top"
    RIGHT = "right"
    BACK = "back"
    LEFT = "left"
    BOTTOM = "bottom"


_DIRECTIONS: dict[View, tuple[Sequence[float], Sequence[float]]] = {
    View.ISO: (_ISO_EYE, (0, 0, 1)),
    View.FRONT: ((0, -1, 0), (0, 0, 1)),
    View.TOP: ((0, 0, 1), (0, 1, 0)),
    View.RIGHT: ((1, 0, 0), (0, 0, 1)),
    View.BACK: ((0, 1, 0), (0, 0, 1)),
    View.LEFT: ((-1, 0, 0), (0, 0, 1)),
    View.BOTTOM: ((0, 0, -1), (0, -1, 0)),
}
"""From the part towards the viewer, and what is up: the iso view looks from the front right, from above."""


@dataclass(frozen=True, eq=False)
class Camera:
    """Turns points in space into pixels: x right, y down, depth towards the viewer, all in pixels."""

    axes: Floats
    """(3, 3) right, down and towards the viewer, as rows of unit vectors"""
    centre: Floats
    """(3,) mm; the point that is drawn at `origin`"""
    scale: float
    """pixels a mm"""
    origin: Floats
    """(3,) pixels; its depth is so large that no depth of the fitted points falls below 1"""

    def project(self, points: Floats) -> Screen:
        """(3, n) x, y and depth of (n, 3) points in mm, each in a row of its own."""
        seen = self.axes @ (points - self.centre).T
        seen *= self.scale
        seen += self.origin[:, None]
        return seen.astype(np.float32)

    def enlarged(self, factor: float) -> Camera:
        """The same view in a picture `factor` times as large."""
        origin = self.origin * factor
        origin[2] = (self.origin[2] - 1) * factor + 1
        return replace(self, scale=self.scale * factor, origin=origin)


def axes_of(view: View) -> Floats:
    """(3, 3) right, down and towards the viewer."""
    return _axes(*_DIRECTIONS[view])


def fit(points: Floats, axes: Floats, size_px: int, *, margin: float = MARGIN, scale: float | None = None) -> Camera:
    """A camera that shows all (n, 3) `points` in a square, centred, and as large as fits if no `scale` is given."""
    low, high = points.min(axis=0), points.max(axis=0)
    centre = (low + high) / 2
    seen = axes @ (points - centre).T
    return frame(seen.min(axis=1), seen.max(axis=1), axes, centre, size_px, margin=margin, scale=scale)


def frame(
    low: Floats,
    high: Floats,
    axes: Floats,
    centre: Floats,
    size_px: int,
    *,
    margin: float = MARGIN,
    scale: float | None = None,
) -> Camera:
    """As `fit`, for the box low..high, in mm from `centre` to the right, down and towards the viewer."""
    width, height, depth = (high - low).tolist()
    if scale is None:
        # what is 10,000 times as deep as wide is drawn smaller, so that depths keep their digits as float32
        extent = max(width, height, depth * 1e-4)
        scale = size_px * (1 - 2 * margin) / extent if extent > 0 else 1.0
    middle = (low + high) / 2 * scale
    origin = np.array([size_px / 2 - middle[0], size_px / 2 - middle[1], 1 - low[2] * scale])
    return Camera(axes, centre, scale, origin)


def _axes(towards: Sequence[float], up: Sequence[float]) -> Floats:
    forward = np.array(towards, dtype=np.float64)
    forward /= np.linalg.norm(forward)
    right = np.cross(np.array(up, dtype=np.float64), forward)
    right /= np.linalg.norm(right)
    return np.stack((right, -np.cross(forward, right), forward))
