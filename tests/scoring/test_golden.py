"""Golden vectors: workings made without the program, checked line by line, and the program held against them."""

from __future__ import annotations

import ast
import json
import operator
import re
import tomllib
from datetime import date
from decimal import ROUND_DOWN, ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from geo.area import HECTARE_M2, convert_area
from geo.season import Season
from scoring.limits import limit_book
from scoring.pack_schema import Pack
from scoring.policy import load_pack
from scoring.worked_out import work_out

FOLDER = Path(__file__).parent / "golden"
PACKS = {"kcc": "in-kcc-2018", "planting": "cn-planting-generic"}
EQUATION = re.compile(r"^(?:[^:=]*: )?([^:=]+) = ([\d,.]+)$")
ROUNDING = re.compile(r"^[^:]*: ([\d,.]+) -> ([\d,.]+) \(to ([\d.]+), (\w+)\)$")
MODES = {"half_up": ROUND_HALF_UP, "half_even": ROUND_HALF_EVEN, "down": ROUND_DOWN}
OPERATORS = {ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Div: operator.truediv}


def _vectors(formula: str) -> list[dict[str, Any]]:
    return tomllib.loads((FOLDER / f"{formula}.toml").read_text(encoding="utf-8"))["vector"]


ALL = [(formula, vector) for formula in PACKS for vector in _vectors(formula)]
BOOKS = _vectors("book")
NAMES = [vector["name"] for _, vector in ALL]
WORKINGS = [*(vector for _, vector in ALL), *BOOKS]
each_working = pytest.mark.parametrize("vector", WORKINGS, ids=[vector["name"] for vector in WORKINGS])
each_book = pytest.mark.parametrize("vector", BOOKS, ids=[vector["name"] for vector in BOOKS])
SEASON = Season(date(2026, 1, 1), date(2026, 12, 31))


def _value(expression: str) -> Fraction:
    """Exact value of "10 % of 42,900" or "47,200 + 40,000 x 3 / 4"."""
    plain = re.sub(r"([\d.]+) % of", r"\1 / 100 *", expression.replace(",", "")).replace(" x ", " * ")

    def of(node: ast.expr) -> Fraction:
        if isinstance(node, ast.BinOp):
            return OPERATORS[type(node.op)](of(node.left), of(node.right))
        assert isinstance(node, ast.Constant)
        return Fraction(ast.get_source_segment(plain, node) or "")

    return of(ast.parse(plain, mode="eval").body)


@each_working
def test_every_line_of_a_working_holds(vector):
    equations = [match for line in vector["working"] if (match := EQUATION.match(line))]
    assert equations
    for match in equations:
        assert _value(match[1]) == _value(match[2]), match[0]
    for match in filter(None, map(ROUNDING.match, vector["working"])):
        before, after, step = (Decimal(part.replace(",", "")) for part in match.groups()[:3])
        assert (before / step).quantize(Decimal(1), MODES[match[4]]) * step == after, match[0]


@each_working
def test_what_comes_out_stands_in_the_working(vector):
    shown = {_value(text) for line in vector["working"] for text in re.findall(r"\d[\d,]*(?:\.\d+)?", line)}
    gives = vector["gives"]
    figures = [*gives.get("years", ()), *gives.get("drawing_limits", ()), *gives.get("limits", {}).values()]
    figures += [gives["limit"]] if "limit" in gives else []
    assert figures
    assert all(figure == 0 or Fraction(str(figure)) in shown for figure in figures)


@pytest.mark.parametrize(("formula", "vector"), ALL, ids=NAMES)
def test_the_program_gives_the_golden_figures(formula, vector):
    pack = load_pack(PACKS[formula])
    if "rules" in vector:
        said = pack.model_dump(mode="python")
        pack = type(pack).model_validate({**said, "rules": {**said["rules"], **vector["rules"]}})
    working = work_out(vector["facts"], pack)
    assert {name: working.figures[name] for name in vector["gives"]} == vector["gives"]
    assert sum(step.effect for step in working.steps) == Decimal(str(working.figures["limit"]))


def _pack_of(vector: dict[str, Any]) -> Pack:
    said = load_pack(vector["policy"]).model_dump(mode="python")
    return Pack.model_validate(said | {name: {**said[name], **table} for name, table in vector.get("pack", {}).items()})


def _book_of(vector: dict[str, Any], pack: Pack) -> pd.DataFrame:
    """Limits of a vector's parcels, indexed by subject."""
    unit = float(convert_area(HECTARE_M2, "ha", pack.prices.area_unit) / HECTARE_M2)
    common = {"season_id": SEASON.id, "status": "OK"}
    parcels = pd.DataFrame([{**common, **row, "area_ha": row["area"] / unit} for row in vector["parcels"]])
    rows = [{"season_id": SEASON.id, "crop_set": [row["crop"]], **row} for row in vector.get("cycles", ())]
    cycles = pd.DataFrame(rows, columns=["parcel_id", "season_id", "cycle", "crop", "crop_set", "sos"])
    return limit_book(parcels, cycles, pack, SEASON).set_index("subject_id")


@each_book
def test_a_book_gives_the_golden_figures_and_its_receipts_add_up(vector):
    pack = _pack_of(vector)
    limits, gives = _book_of(vector, pack), vector["gives"]
    minor = 10**pack.currency.exponent
    assert {name: limits.amount_minor[name] / minor for name in gives["limits"]} == gives["limits"]
    for row in limits.itertuples():
        lines = json.loads(row.reasons)
        assert sum(line["effect_minor"] for line in lines) == (0 if row.amount_minor is pd.NA else row.amount_minor)
    for name, code in gives.get("none", {}).items():
        assert (limits.amount_minor[name] is pd.NA, limits.needs_visit[name]) == (True, True)
        assert [line["code"] for line in json.loads(limits.reasons[name])] == [code]
    for name, code in gives.get("says", {}).items():
        assert limits.needs_visit[name]
        assert code in {line["code"] for line in json.loads(limits.reasons[name])}
    for name in list(gives["limits"])[:1] if "codes" in gives else ():
        assert [line["code"] for line in json.loads(limits.reasons[name])] == gives["codes"]


@each_book
def test_the_parcels_of_a_golden_book_make_their_farmers(vector):
    limits = _book_of(vector, _pack_of(vector))
    parcels = limits[(limits.subject_kind == "parcel") & limits.farmer_id.notna()]
    farmers = limits[limits.subject_kind == "farmer"].amount_minor
    assert parcels.groupby("farmer_id").amount_minor.sum().to_dict() == farmers.to_dict()


def test_there_are_enough_and_the_circulars_illustration_is_the_first():
    assert len(ALL) >= 30
    assert len({vector["name"] for _, vector in ALL}) == len(ALL)
    first = ALL[0][1]["gives"]
    assert (first["short_term_limit"], first["limit"]) == (63000, 133000)
