"""``qingyuan import FILE...``: real files into a dataset of their own."""

from __future__ import annotations

import argparse
import csv
import getpass
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from qingyuan.base.errors import UnreadableInput, WrongUsage

if TYPE_CHECKING:
    from qingyuan.observations.datasets import Dataset
    from qingyuan.observations.importing import ImportReport
    from qingyuan.places.points import Point


def add(commands: argparse._SubParsersAction) -> None:
    """Register the command."""
    command = commands.add_parser("import", help="bring real files into a dataset", description=__doc__)
    command.add_argument("files", nargs="+", type=Path, metavar="FILE", help="observations: CSV or Parquet")
    command.add_argument("--data", type=Path, metavar="DIR", help="data folder (else QINGYUAN_DATA, else ./var)")
    command.add_argument("--dataset", required=True, metavar="SLUG", help="dataset; made when it is new")
    command.add_argument("--title", metavar="TEXT", help="title of a new dataset")
    command.add_argument("--map", action="append", default=[], metavar="OURS=THEIRS", help="name a column")
    command.add_argument("--averaging", metavar="1h|24h|mda8", help="averaging of a file that does not say it")
    command.add_argument("--amend", action="store_true", help="enter values that differ from stored ones as amendments")
    command.add_argument("--reason", default="", metavar="TEXT", help="why the values are amended")
    command.add_argument(
        "--stations", type=Path, metavar="FILE", help="register of stations: CSV code,station,city,..."
    )
    command.add_argument(
        "--site", type=Path, metavar="FILE", help="outlets of sources: CSV or YAML, becomes the dataset's site file"
    )
    command.add_argument(
        "--outlets", action="store_true", help="all points are outlets; those no site file names are entered"
    )
    command.add_argument("--rejects", type=Path, metavar="FILE", help="where rejected rows go, else FILE.rejects.csv")
    command.add_argument("--strict", action="store_true", help="exit status 3 when anything was rejected")
    command.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Import every file; tell what was read, stored, known and rejected."""
    from qingyuan.base.settings import data_dir
    from qingyuan.interfaces.cli.assess import column_map
    from qingyuan.observations.importing import Wish, import_file
    from qingyuan.places.outlets import keep

    if args.amend and not args.reason:
        raise WrongUsage("An amendment needs a reason", "Add --reason TEXT")
    if args.rejects and len(args.files) > 1:
        raise WrongUsage("--rejects names one file for several imports", "Import one FILE, or leave --rejects out")
    dataset = _dataset((args.data or data_dir()).resolve(), args.dataset, args.title)
    wish = Wish(column_map(args.map), args.averaging, args.amend, args.reason, args.outlets)
    if args.stations:
        _register_stations(dataset, args.stations)
    if args.site:
        print(f"{args.site.name}: {len(keep(dataset.path, args.site))} outlets")
    rejected = 0
    for file in args.files:
        report = import_file(dataset, file, wish, by=_user(), rejects=args.rejects, progress=_progress)
        _tell(report)
        rejected += report.rows_rejected
    print(f"Compute the results with: qingyuan refresh --data {dataset.path.parent.parent} --dataset {dataset.slug}")
    return 3 if args.strict and rejected else 0


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "unknown"


def _progress(text: str) -> None:
    print(text, file=sys.stderr)


def _dataset(data: Path, slug: str, title: str | None) -> Dataset:
    from qingyuan.observations import datasets

    if any(each.slug == slug for each in datasets.list_datasets(data)):
        return datasets.open_dataset(data, slug)
    return datasets.create_dataset(data, slug, title or slug, title or slug, simulated=False)


def _tell(report: ImportReport) -> None:
    for note in report.notes:
        print(f"note: {note}", file=sys.stderr)
    if not report.repeated:
        print(
            f"{report.file}: {report.rows_read} rows read, {report.rows_stored} stored, "
            f"{report.rows_known} known before, {report.rows_amended} amended, {report.rows_rejected} rejected"
        )
    if report.rejects:
        print(f"rejects: {report.rejects}")


def _register_stations(dataset: Dataset, file: Path) -> None:
    """Stations of a CSV like the national list: code, station, city, lon, lat[, city_code, *_en]; cities with them."""
    from qingyuan.places.points import write_points

    try:
        with file.open(encoding="utf-8-sig", newline="") as stream:
            rows = list(csv.DictReader(stream))
        points = [*[_station(row) for row in rows], *_cities(rows)]
    except (OSError, KeyError, ValueError) as wrong:
        raise UnreadableInput(
            f"The stations of {file} cannot be read ({wrong})", "Write CSV with code,station,city,city_code,lon,lat"
        ) from wrong
    write_points(dataset.path, points)


def _station(row: dict[str, str]) -> Point:
    from qingyuan.places.points import Point

    code, lon, lat = row["code"], float(row["lon"]), float(row["lat"])
    name = row["station"]
    return Point(code, "station", name, row.get("station_en") or name, row["city_code"], None, lon, lat, "national")


def _cities(rows: list[dict[str, str]]) -> list[Point]:
    from qingyuan.places.points import Point

    cities = []
    for code in sorted({row["city_code"] for row in rows}):
        inside = [row for row in rows if row["city_code"] == code]
        lon, lat = (sum(float(row[axis]) for row in inside) / len(inside) for axis in ("lon", "lat"))
        name = inside[0]["city"]
        english = inside[0].get("city_en") or name
        cities.append(Point(code, "city", name, english, code, None, round(lon, 5), round(lat, 5), "national"))
    return cities
