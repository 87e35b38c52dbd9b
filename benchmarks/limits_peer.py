"""The same rules written plainly: one parcel after the other, one farmer after the other, with pandas' apply.

Written from docs/policy.md and independent of the engine: it shares the pack, the words of a line and nothing else. It
is the peer that benchmarks/limits.py times, and what the engine is compared with digit by digit in the tests.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pandas as pd

from geo.area import HECTARE_M2, convert_area
from scoring.pack_schema import KccRules, Pack, Rounding
from scoring.receipt import write_line
from scoring.wording import MOST_PRINCIPAL, WORDINGS

_BY_CROP = (
    "CROP_COST", "NO_PRICE", "NO_PRICE_SEASON_UNKNOWN", "CYCLE_NO_PRICE", "CYCLE_SEASON_UNKNOWN", "CYCLE_REPEATED",
    "CYCLE_UNCERTAIN",
)  # fmt: skip
_OF_ONE_PARCEL = {"cycle", "measured", "factor", "peers", "seen", "season", "seasons"}
_PREMIUMS = ("crop_insurance", "personal_insurance", "asset_insurance")
_OF_CARD = ("facility_year", *(f"{name}_minor" for name in _PREMIUMS), "term_loan_minor")
_HALF = Fraction(1, 2)
_ONE = 10_000


@dataclass
class Plot:
    """One parcel with what it grows: (cycle, crop, own, known, certain, repeated, mid, low, high, season, undated)."""

    row: dict[str, Any]
    decided: bool
    kept: int | None
    crops: list[tuple[Any, ...]]
    area: dict[str, int]
    measured: int
    certified: int | None


@dataclass
class Sheet:
    """Running amounts of one farmer's parcels, and the entries: (code, [(parcel, effect, facts, area)])."""

    amounts: list[int]
    entries: list[tuple[str, list[tuple[int, int, dict[str, Any], int | None]]]] = field(default_factory=list)

    def post(self, code: str, lines: Iterable[tuple[int, int, dict[str, Any], int | None]]) -> None:
        """Add the effects and keep the lines."""
        kept = list(lines)
        for place, effect, _, _ in kept:
            self.amounts[place] += effect
        if kept:
            self.entries.append((code, kept))


def decide_plainly(parcels: pd.DataFrame, seasons: pd.DataFrame, pack: Pack) -> pd.DataFrame:
    """Limits as scoring.limits.limit_book gives them, for parcels that all have a farmer; no checks."""
    cycles = {key: part.to_dict("records") for key, part in seasons.groupby("parcel_id")}
    plots = parcels.apply(lambda row: _plot(row.to_dict(), cycles.get(row.parcel_id, []), pack), axis=1)
    if pack.vigour is not None and pack.vigour.applied:
        _add_peers(plots)
    farmers = plots.groupby(parcels.farmer_id.to_numpy(), sort=False).apply(lambda part: _farmer(list(part), pack))
    by_id = {row["subject_id"]: row for rows, _ in farmers for row in rows}
    rows = [by_id[name] for name in parcels.parcel_id] + [farmer for _, farmer in farmers]
    return pd.DataFrame(rows)


def _plot(row: dict[str, Any], cycles: list[dict[str, Any]], pack: Pack) -> Plot:
    row = {name: None if not isinstance(value, list) and pd.isna(value) else value for name, value in row.items()}
    ok = row["status"] == "OK"
    crops = _crops(row, cycles, pack) if ok else []
    measured = row["area_ha"] if row["cropped_area_ha"] is None else row["cropped_area_ha"]
    certified = row["certified_area_ha"]
    own = row.get("area_error_ha")
    reach = measured * float(pack.area.interval_share) if own is None else own
    areas = {"low": max(measured - reach, 0.0), "mid": measured, "high": measured + reach}
    if pack.area.basis == "lesser_of_measured_and_certified" and certified is not None:
        areas = {name: min(area, certified) for name, area in areas.items()}
    steps = {name: _steps(area, pack) for name, area in areas.items()}
    if pack.evidence.pays == "low":
        steps["mid"] = steps["low"]
    return Plot(
        row=row,
        decided=ok and crops[0][3],
        kept=None if ok or row["approved_minor"] is None else int(row["approved_minor"]),
        crops=crops,
        area=steps,
        measured=_steps(measured, pack),
        certified=None if certified is None else _steps(certified, pack),
    )


def _steps(area_ha: float, pack: Pack) -> int:
    per_ha = float(convert_area(HECTARE_M2, "ha", pack.prices.area_unit) / HECTARE_M2) * 10**pack.area.decimals
    return int(_to_whole(Fraction(round(area_ha * per_ha, 6)), str(pack.area.mode)))


def _to_whole(value: Fraction, mode: str) -> int:
    if mode == "down":
        return math.floor(value)
    if mode == "up":
        return math.ceil(value)
    return round(value) if mode == "half_even" else math.floor(value + _HALF)


def _crops(row: dict[str, Any], cycles: list[dict[str, Any]], pack: Pack) -> list[tuple[Any, ...]]:
    def price(crop: str | None, season: str | None) -> int | None:
        amount = None if crop is None else pack.prices.amount(crop, row["district"], season)
        return None if amount is None else pack.minor(amount)

    def is_undated(crop: str | None, season: str | None) -> bool:
        asked = [price(crop, each.key) for each in pack.calendar.seasons] if pack.prices.seasons else []
        return season is None and price(crop, None) is None and any(amount is not None for amount in asked)

    sown = _start(row, pack)
    named = [cycle for cycle in cycles if cycle["crop"] is not None and not pd.isna(cycle["crop"])]
    same = [cycle for cycle in named if cycle["crop"] == row["crop"]]
    started = [cycle for cycle in same if sown is not None and _start(cycle, pack) == sown]
    own_cycle = min((int(cycle["cycle"]) for cycle in started or same), default=1)
    further = sorted((cycle for cycle in named if cycle["cycle"] != own_cycle), key=lambda cycle: cycle["cycle"])
    found = [(own_cycle, row["crop"], [row["crop"]], True, _season(sown, pack))]
    found += [
        (int(each["cycle"]), each["crop"], list(each["crop_set"]), False, _season(_start(each, pack), pack))
        for each in further
    ]
    lines, seen = [], set()
    for cycle, crop, crop_set, own, season in found:
        mid, options = price(crop, season), [max(price(each, season) or 0, 0) for each in crop_set]
        certain = own or len(crop_set) == 1
        repeated = crop in seen and crop not in pack.evidence.repeat_crops
        seen.add(crop)
        counted = mid is not None and certain and not repeated
        most = max([mid, *options]) if mid is not None and not repeated else 0
        low = min(options, default=0) if counted else 0
        chosen = (low if pack.evidence.pays == "low" else mid) if counted else 0
        undated = is_undated(crop, season)
        lines.append((cycle, crop, own, mid is not None, certain, repeated, chosen, low, most, season, undated))
    return lines


def _start(row: dict[str, Any], pack: Pack) -> date | None:
    """Day on which a crop started, where the policy asks for it."""
    sos = row.get("sos")
    return None if not pack.prices.seasons or sos is None or pd.isna(sos) else pd.Timestamp(sos).date()


def _season(start: date | None, pack: Pack) -> str | None:
    return None if start is None else pack.calendar.season_of(start)


def _add_peers(plots: pd.Series) -> None:
    decided = [plot for plot in plots if plot.decided]
    own = pd.DataFrame([(plot.row["crop"], plot.row["district"] or "", plot.row["vigour_pct"]) for plot in decided])
    if own.empty:
        return
    own[2] = own[2].astype(float)
    by = own.groupby([0, 1])[2]
    for plot, count, median in zip(decided, by.transform("count"), by.transform("median"), strict=True):
        plot.row |= {"peers": count, "peer_median": median}


def _farmer(plots: list[Plot], pack: Pack) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    sheet = _worked(plots, "mid", pack)
    low, high = (_worked(plots, case, pack).amounts for case in ("low", "high"))
    _post_facts(sheet, plots, pack)
    known = [plot.decided or plot.kept is not None for plot in plots]
    rows = []
    for place, plot in enumerate(plots):
        lines = [
            write_line(pack, "parcel", code, effect, facts)
            for code, posted in sheet.entries
            for at, effect, facts, _ in posted
            if at == place
        ]
        figures = (sheet.amounts[place], low[place], high[place]) if known[place] else None
        rows.append(_row("parcel", plot.row["parcel_id"], plot.row["farmer_id"], figures, lines, pack))
    figures = (sum(sheet.amounts), sum(low), sum(high)) if any(known) else None
    name = plots[0].row["farmer_id"]
    return rows, _row("farmer", name, name, figures, _summed(sheet, known, pack), pack)


def _row(kind: str, name: str, farmer: str, figures: tuple[int, ...] | None, lines: list[Any], pack: Pack) -> Any:
    codes = [line["code"] for line in lines]
    always = (
        "NOT_DECIDED_", "NO_PRICE", "CROP_NOT_NAMED", "LEFT_OUT", "CYCLE_SEASON_UNKNOWN", "FACILITY_ENDED",
        "CARD_FACTS_DISAGREE",
    )  # fmt: skip
    amount, low, high = figures or (None, None, None)
    return {
        "subject_kind": kind,
        "subject_id": name,
        "farmer_id": farmer,
        "amount_minor": amount,
        "currency": pack.currency.code,
        "policy_id": pack.id,
        "policy_hash": pack.content_hash,
        "low_minor": None if figures is None else min(low, amount),
        "high_minor": None if figures is None else max(high, amount),
        "needs_visit": any(code.startswith(always) or code in pack.evidence.visit_reasons for code in codes),
        "reasons": json.dumps(_marked(lines), ensure_ascii=False, separators=(",", ":")),
    }


def _marked(lines: list[dict[str, Any]]) -> list[dict[str, Any]]:
    ranked = [(WORDINGS[line["code"]].rank, -abs(line["effect_minor"]), place) for place, line in enumerate(lines)]
    marked: set[str] = set()
    for rank, _, place in sorted(ranked):
        if rank and lines[place]["code"] not in marked and len(marked) < MOST_PRINCIPAL:
            lines[place]["principal"] = True
            marked.add(lines[place]["code"])
    return lines


def _summed(sheet: Sheet, known: list[bool], pack: Pack) -> list[Any]:
    lines = []
    if not all(known):
        lines.append(write_line(pack, "farmer", "LEFT_OUT", 0, {"parcels": known.count(False), "of": len(known)}))
    for code, posted in sheet.entries:
        sums: dict[str, list[tuple[int, int, dict[str, Any], int | None]]] = {}
        for line in posted:
            sums.setdefault(line[2]["crop"] if code in _BY_CROP else "", []).append(line)
        for part in sums.values():
            effect = sum(line[1] for line in part)
            gone = _OF_ONE_PARCEL | (set() if code in _BY_CROP else {"crop", "declared"})
            facts = {name: fact for name, fact in part[0][2].items() if name not in gone}
            if part[0][3] is not None:
                facts["area"] = _area_text(sum(line[3] or 0 for line in part), pack)
            if code == "KEPT_APPROVED":
                facts["amount"] = _money(effect, pack)
            facts["parcels"] = len({line[0] for line in part})
            lines.append(write_line(pack, "farmer", code, effect, facts))
    return lines


def _worked(plots: list[Plot], case: str, pack: Pack) -> Sheet:
    sheet = Sheet([0] * len(plots))
    _post_crops(sheet, plots, case, pack)
    if isinstance(pack.rules, KccRules):
        _post_card(sheet, plots, pack)
    else:
        _post_planting(sheet, plots, case, pack)
    _post_undecided(sheet, plots, pack)
    return sheet


def _post_crops(sheet: Sheet, plots: list[Plot], case: str, pack: Pack) -> None:
    lines = []
    for place, plot in enumerate(plots):
        for cycle, crop, _, known, certain, repeated, mid, low, high, season, _ in plot.crops if plot.decided else []:
            price = {"mid": mid, "low": low, "high": high}[case]
            if price > 0 or (known and certain and not repeated):
                area = plot.area[case]
                effect = _to_whole(Fraction(area * price, 10**pack.area.decimals), "half_up")
                facts = {"crop": crop, "cycle": cycle, "area": _area_text(area, pack), "price": _money(price, pack)}
                lines.append((place, effect, facts | ({"season": season or ""} if pack.prices.seasons else {}), area))
    sheet.post("CROP_COST", lines)


def _post_card(sheet: Sheet, plots: list[Plot], pack: Pack) -> None:
    rules, base = pack.rules, _total(sheet, plots)
    for code, share in (("CONSUMPTION", rules.consumption_share), ("MAINTENANCE", rules.maintenance_share)):
        _add_share(sheet, plots, code, base, share, rules.rounding.share, {}, pack)
    for name in _PREMIUMS:
        if name != "crop_insurance" or rules.crop_insurance == "added_after_shares":
            _add_of_farmer(sheet, plots, name.upper(), _least(plots, f"{name}_minor"), pack)
    _round(sheet, plots, _total(sheet, plots), rules.rounding.first_year, pack)
    decided = [place for place, plot in enumerate(plots) if plot.decided]
    stated = _least(plots, "facility_year")
    year = 1 if stated is None or stated > rules.years else stated
    for number in range(1, 1 if stated is None else year + 1):
        if number > 1:
            total, rounding = _total(sheet, plots), rules.rounding.increment
            _add_share(sheet, plots, "ESCALATION", total, rules.escalation_share, rounding, {"year": number}, pack)
        sheet.post("YEAR_LIMIT", [(place, 0, {"year": number}, None) for place in decided])
    if stated is not None and year == rules.years:
        _round(sheet, plots, _total(sheet, plots), rules.rounding.final, pack)
    _add_of_farmer(sheet, plots, "TERM_LOANS_OUTSTANDING", _least(plots, "term_loan_minor"), pack)


def _add_share(
    sheet: Sheet, plots: list[Plot], code: str, base: int, share: Any, rounding: Rounding, facts: Any, pack: Pack
) -> None:
    added = _to_whole(base * Fraction(share), "half_up")
    _change(sheet, plots, code, added, {**facts, "share": _percent(share)})
    _round(sheet, plots, added, rounding, pack)


def _add_of_farmer(sheet: Sheet, plots: list[Plot], code: str, figure: int | None, pack: Pack) -> None:
    """What kept amounts hold of it already is taken off again."""
    decided, kept = _total(sheet, plots), sum(plot.kept or 0 for plot in plots)
    if figure and decided:
        _change(sheet, plots, code, figure, {"amount": _money(figure, pack)})
        _change(sheet, plots, "KEPT_PART", figure * decided // (decided + kept) - figure, {})


def _least(plots: list[Plot], column: str) -> int | None:
    return min(_stated(plots, column), default=None)


def _post_planting(sheet: Sheet, plots: list[Plot], case: str, pack: Pack) -> None:
    rules, steps = pack.rules, 10**pack.area.decimals
    decided = [(place, plot) for place, plot in enumerate(plots) if plot.decided]
    rent = pack.minor(rules.rent)
    lines = []
    for place, plot in decided:
        if plot.row["land_right"] == "lease":
            area, count = plot.area[case], sum(line[3] and line[4] and not line[5] for line in plot.crops)
            facts = {"area": _area_text(area, pack), "price": _money(rent, pack), "cycles": max(count, 1)}
            lines.append((place, _to_whole(Fraction(area * rent, steps), "half_up"), facts, area))
    sheet.post("RENT", lines)
    _post_vigour(sheet, decided, pack)
    _post_haircuts(sheet, decided, pack)
    share = Fraction(rules.financed_share)
    cut = [(place, math.floor(sheet.amounts[place] * share) - sheet.amounts[place]) for place, _ in decided]
    sheet.post("OWN_FUNDS", [(place, effect, {"share": _percent(rules.financed_share)}, None) for place, effect in cut])
    if rules.most_per_area is not None:
        most = pack.minor(rules.most_per_area)
        caps = [(place, plot.area[case] * most // steps - sheet.amounts[place]) for place, plot in decided]
        sheet.post("AREA_CAP", [(place, cut, {"price": _money(most, pack)}, None) for place, cut in caps if cut < 0])
    debts = _stated(plots, "other_debt_minor")
    debt = max(debts, default=0)
    _change(sheet, plots, "OTHER_DEBT", -min(debt, _total(sheet, plots)), {"amount": _money(debt, pack)})
    if rules.most_per_farmer is not None:
        _ceiling(sheet, plots, "PRODUCT_CAP", pack.minor(rules.most_per_farmer), pack)
    capacities = _stated(plots, "household_capacity_minor")
    if capacities:
        _ceiling(sheet, plots, "HOUSEHOLD_CAPACITY", min(capacities), pack)
    _round(sheet, plots, _total(sheet, plots), rules.rounding, pack)


def _post_vigour(sheet: Sheet, decided: list[tuple[int, Plot]], pack: Pack) -> None:
    rules = pack.vigour
    if rules is None or not rules.applied:
        return
    few = [place for place, plot in decided if plot.row["peers"] < rules.least_peers]
    sheet.post("VIGOUR_FEW_PEERS", [(place, 0, {"least": rules.least_peers}, None) for place in few])
    lines = []
    for place, plot in decided:
        if place in few or plot.row["vigour_pct"] is None:
            continue
        away = plot.row["vigour_pct"] - plot.row["peer_median"]
        beyond = math.copysign(max(abs(away) - float(rules.band_points), 0.0), away)
        raw = 1.0 + float(rules.slope) * beyond / 100.0
        factor = round(min(max(raw, float(rules.lowest)), float(rules.highest)) * _ONE)
        if factor != _ONE:
            now = sheet.amounts[place]
            effect = _to_whole(Fraction(now * factor, _ONE), "half_up") - now
            lines.append((place, effect, {"factor": f"{factor / _ONE:.4f}", "peers": int(plot.row["peers"])}, None))
    sheet.post("VIGOUR", lines)


def _post_haircuts(sheet: Sheet, decided: list[tuple[int, Plot]], pack: Pack) -> None:
    shares = {} if pack.rules.haircuts is None else pack.rules.haircuts.model_dump()
    for name, share in shares.items():
        found = [place for place, plot in decided if share and (plot.row["land_right"] or "not_stated") == name]
        cut = [(at, math.floor(sheet.amounts[at] * (1 - Fraction(share))) - sheet.amounts[at]) for at in found]
        sheet.post("HAIRCUT", [(at, effect, {"share": _percent(share)}, None) for at, effect in cut])


def _post_undecided(sheet: Sheet, plots: list[Plot], pack: Pack) -> None:
    places = range(len(plots))
    for status in WORDINGS:
        if status.startswith("NOT_DECIDED_"):
            found = [place for place in places if plots[place].row["status"] == status.removeprefix("NOT_DECIDED_")]
            sheet.post(status, [(place, 0, {}, None) for place in found])
    kept = [(place, plots[place].kept) for place in places]
    sheet.post(
        "KEPT_APPROVED",
        [(place, minor, {"amount": _money(minor, pack)}, None) for place, minor in kept if minor is not None],
    )
    open_ = [place for place in places if plots[place].crops and not plots[place].decided]
    named = [place for place in open_ if plots[place].row["crop"] is not None]
    for code, undated in (("NO_PRICE", False), ("NO_PRICE_SEASON_UNKNOWN", True)):
        found = [place for place in named if plots[place].crops[0][10] is undated]
        sheet.post(code, [(place, 0, {"crop": plots[place].row["crop"]}, None) for place in found])
    sheet.post("CROP_NOT_NAMED", [(place, 0, {}, None) for place in open_ if place not in named])


def _post_facts(sheet: Sheet, plots: list[Plot], pack: Pack) -> None:
    decided = [(place, plot) for place, plot in enumerate(plots) if plot.decided]
    _post_remarks(sheet, plots)
    tests: tuple[tuple[str, Callable[[Any], bool]], ...] = (
        ("CYCLE_NO_PRICE", lambda line: not line[3] and not line[10]),
        ("CYCLE_SEASON_UNKNOWN", lambda line: line[10]),
        ("CYCLE_REPEATED", lambda line: line[3] and line[5]),
        ("CYCLE_UNCERTAIN", lambda line: line[3] and not line[5] and not line[4]),
    )
    for code, holds in tests:
        further = [(place, line) for place, plot in decided for line in plot.crops if not line[2] and holds(line)]
        sheet.post(code, [(place, 0, {"crop": line[1], "cycle": line[0]}, None) for place, line in further])
    _post_areas(sheet, decided, pack)
    other = [
        (place, plot)
        for place, plot in decided
        if plot.row["declared_crop"] is not None and plot.row["declared_crop"] not in [line[1] for line in plot.crops]
    ]
    facts = ("declared_crop", "crop")
    sheet.post(
        "CROP_MISMATCH",
        [(at, 0, {"declared": plot.row[facts[0]], "crop": plot.row[facts[1]]}, None) for at, plot in other],
    )
    _post_missing(sheet, plots, decided, pack)


def _post_remarks(sheet: Sheet, plots: list[Plot]) -> None:
    texts = [plot.row.get("remarks") for plot in plots]
    remarks = [(place, said) for place, text in enumerate(texts) if text is not None for said in json.loads(text)]
    for code in WORDINGS:
        sheet.post(code, [(place, 0, said["facts"], None) for place, said in remarks if said["code"] == code])


def _post_areas(sheet: Sheet, decided: list[tuple[int, Plot]], pack: Pack) -> None:
    bounds = pack.area.basis == "lesser_of_measured_and_certified"
    share = float(pack.area.mismatch_share)
    stated = [(place, plot, plot.certified) for place, plot in decided if plot.certified is not None]
    smaller = [(at, plot, area) for at, plot, area in stated if bounds and area < plot.measured]
    apart = [(at, plot, area) for at, plot, area in stated if abs(plot.measured - area) > share * area]
    for code, found in (("CERTIFIED_AREA", smaller), ("AREA_MISMATCH", apart)):
        sheet.post(
            code,
            [
                (at, 0, {"area": _area_text(area, pack), "measured": _area_text(plot.measured, pack)}, area)
                for at, plot, area in found
            ],
        )


def _post_missing(sheet: Sheet, plots: list[Plot], decided: list[tuple[int, Plot]], pack: Pack) -> None:
    if isinstance(pack.rules, KccRules):
        _post_of_card(sheet, plots, [place for place, _ in decided], pack)
        return
    bare = [place for place, plot in decided if plot.row["land_right"] is None]
    sheet.post("LAND_RIGHT_NOT_STATED", [(place, 0, {}, None) for place in bare])
    facts = {code: _stated(plots, column) for code, column in (
        ("INCOMPLETE_DEBT", "other_debt_minor"), ("INCOMPLETE_HOUSEHOLD", "household_capacity_minor"),
    )}  # fmt: skip
    for code, stated in facts.items():
        sheet.post(code, [(place, 0, {}, None) for place, _ in decided if not stated])
    if any(len(set(stated)) > 1 for stated in facts.values()):
        sheet.post("FACTS_DISAGREE", [(place, 0, {}, None) for place, _ in decided])


def _post_of_card(sheet: Sheet, plots: list[Plot], places: list[int], pack: Pack) -> None:
    stated = {name: _stated(plots, name) for name in _OF_CARD}
    year = min(stated["facility_year"], default=1)
    if year > pack.rules.years:
        sheet.post("FACILITY_ENDED", [(at, 0, {"year": year, "years": pack.rules.years}, None) for at in places])
    if not any(stated[f"{name}_minor"] for name in _PREMIUMS):
        sheet.post("INSURANCE_NOT_STATED", [(place, 0, {}, None) for place in places])
    crop = min(stated["crop_insurance_minor"], default=0)
    if crop and pack.rules.crop_insurance == "in_scale_of_finance":
        sheet.post("CROP_INSURANCE_INSIDE", [(place, 0, {"amount": _money(crop, pack)}, None) for place in places])
    if any(len(set(figures)) > 1 for figures in stated.values()):
        sheet.post("CARD_FACTS_DISAGREE", [(place, 0, {}, None) for place in places])


def _stated(plots: list[Plot], column: str) -> list[int]:
    return [int(plot.row[column]) for plot in plots if plot.row.get(column) is not None]


def _total(sheet: Sheet, plots: list[Plot]) -> int:
    return sum(amount for amount, plot in zip(sheet.amounts, plots, strict=True) if plot.decided)


def _ceiling(sheet: Sheet, plots: list[Plot], code: str, ceiling: int, pack: Pack) -> None:
    kept, facts = sum(plot.kept or 0 for plot in plots), {"amount": _money(ceiling, pack)}
    _change(sheet, plots, code, -max(_total(sheet, plots) - max(ceiling - kept, 0), 0), facts)
    if kept > ceiling:
        over = [place for place, plot in enumerate(plots) if plot.decided or plot.kept is not None]
        sheet.post("KEPT_ABOVE_CAP", [(place, 0, facts, None) for place in over])


def _round(sheet: Sheet, plots: list[Plot], figure: int, rounding: Rounding, pack: Pack) -> None:
    step = pack.minor(rounding.to)
    change = _to_whole(Fraction(figure, step), str(rounding.mode)) * step - figure
    _change(sheet, plots, "ROUNDING", change, {"step": _words(rounding.to), "mode": str(rounding.mode)})


def _change(sheet: Sheet, plots: list[Plot], code: str, change: int, facts: dict[str, Any]) -> None:
    weights = [amount if plot.decided else 0 for amount, plot in zip(sheet.amounts, plots, strict=True)]
    if not change:
        return
    if not any(weights):
        weights[0] = 1
    shares = [abs(change) * weight // sum(weights) for weight in weights]
    rests = [abs(change) * weight % sum(weights) for weight in weights]
    for place in sorted(range(len(plots)), key=lambda place: (-rests[place], place))[: abs(change) - sum(shares)]:
        shares[place] += 1
    sign = 1 if change > 0 else -1
    posted = [(place, sign * share) for place, share in enumerate(shares) if share and plots[place].decided]
    sheet.post(code, [(place, effect, facts, None) for place, effect in posted])


def _area_text(steps: int, pack: Pack) -> str:
    return str(Decimal(steps).scaleb(-pack.area.decimals))


def _money(minor: int, pack: Pack) -> str:
    return _words(Decimal(minor).scaleb(-pack.currency.exponent))


def _words(amount: Decimal) -> str:
    return f"{amount:,.0f}" if amount == amount.to_integral_value() else f"{amount:,.2f}"


def _percent(share: Decimal) -> str:
    return f"{(share * 100).normalize():f} %"
