"""Receipts before the season and of tranches, word for word, worked by hand in golden/seasons.toml."""

from __future__ import annotations

import json
import tomllib
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from scoring.limits import limit_table
from scoring.policy import load_pack
from scoring.seasons.earlier import join_seasons
from scoring.seasons.plan import planned_inputs
from scoring.seasons.progress import Seen
from scoring.seasons.tranches import draw_tranches

CN = load_pack("cn-planting-generic")
GOLDEN = Path(__file__).parents[1] / "golden" / "seasons.toml"
CASES: list[dict[str, Any]] = tomllib.loads(GOLDEN.read_text(encoding="utf-8"))["case"]


def _lines(reasons: str) -> list[list[object]]:
    return [[line["code"], line.get("effect", "0.00"), line["en"], line["zh"]] for line in json.loads(reasons)]


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_receipts_and_tranches_read_as_worked_by_hand(case, book, plan, shown, coming):
    past = join_seasons([shown(int(year), row) for year, row in case["earlier"].items()])
    inputs = planned_inputs(book(case["parcel"]), plan(*(("p1", crop) for crop in case["plan"])), past, CN, coming)
    limits = limit_table(inputs.take_in(CN, coming), CN)
    receipt = limits[limits.subject_id == "p1"].iloc[0]
    amount = None if pd.isna(receipt.amount_minor) else f"{receipt.amount_minor / 100:.2f}"
    assert (amount or "none", bool(receipt.needs_visit)) == (case["amount"], case["visit"])
    assert _lines(receipt.reasons) == case["receipt"]
    table = draw_tranches(limits, inputs, _seen(case), CN, coming, date.fromisoformat(case["as_of"]))
    rows = table[table.subject_id == "p1"]
    drawn = [[row.tranche, row.amount_minor / 100, row.drawable_minor / 100, row.state] for row in rows.itertuples()]
    assert [[key, f"{due:.2f}", f"{drawable:.2f}", state] for key, due, drawable, state in drawn] == case["tranches"]
    assert [line["en"] for line in json.loads(rows.reasons.iloc[-1])] == case["last"]


def _seen(case: dict[str, Any]) -> Seen | None:
    if "seen" not in case:
        return None
    season_id = f"2026-10-01/{case['as_of']}"
    row = {"parcel_id": "p1", "area_ha": 2.0, "cropped_area_ha": 2.0, "season_id": season_id} | case["seen"]
    cycles = pd.DataFrame([row]).assign(cycle=1)
    cycles["crop_set"] = [[row["crop"]]]
    return Seen(pd.DataFrame([row]), cycles)
