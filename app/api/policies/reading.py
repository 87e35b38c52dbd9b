"""Policies that are at hand, and those that the database names."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection, func, select

from app.api.office.desk import pack_at_hand
from app.api.policies.schemas import (
    PolicyChange,
    PolicyCitation,
    PolicyDifference,
    PolicyFinding,
    PolicyLine,
    PolicyPage,
    PolicyPrice,
    PolicyRule,
    PolicyTitle,
    PolicyUse,
)
from app.db.tables import Decision, LimitBatch, Run
from geo.errors import InputError
from scoring.pack_changes import changes, said
from scoring.pack_check import check_pack
from scoring.pack_schema import Pack
from scoring.policy import pack_text, policy_ids

#: Parts of a pack that have a table of their own on its page.
_APART: Final = ("prices.", "citations.", "approval.")
#: Uses of a policy by id and content hash: runs, batches, decisions.
_Uses = Mapping[str, Mapping[str, list[int]]]


def policies_of(connection: Connection, packs: Path | None, day: date) -> list[PolicyLine]:
    """All policies, by id."""
    uses = _uses(connection)
    names = sorted({*policy_ids(packs), *uses})
    return [_line(name, pack_at_hand(name, packs), uses, day) for name in names]


def policy_page(connection: Connection, packs: Path | None, policy_id: str, day: date) -> PolicyPage:
    """A policy with everything that it says.

    Raises:
        InputError: it is not at hand.
    """
    pack = _at_hand(policy_id, packs)
    name, text = pack_text(policy_id, packs_dir=packs)
    return PolicyPage(
        line=_line(policy_id, pack, _uses(connection), day),
        country=pack.country,
        currency=pack.currency.code,
        formula=pack.rules.formula,
        valid_from=pack.valid_from,
        valid_to=pack.valid_to,
        rules_hash=pack.rules_hash,
        approval=pack.approval.model_dump(mode="json"),
        area_unit=pack.prices.area_unit,
        price_label=PolicyTitle(en=pack.prices.label.en, zh=pack.prices.label.zh),
        prices_are_example=pack.prices.example,
        prices=[_price(row) for row in pack.prices.rows],
        not_financed=list(pack.prices.not_financed),
        rules=[PolicyRule(key=key, value=value) for key, value in said(pack).items() if not key.startswith(_APART)],
        citations=[PolicyCitation(**each.model_dump()) for each in pack.citations],
        findings=[_finding(each) for each in check_pack(text, name, day).findings],
    )


def difference(connection: Connection, packs: Path | None, old: str, new: str, day: date) -> PolicyDifference:
    """What the new policy says otherwise than the old one."""
    pack_old, pack_new = _at_hand(old, packs), _at_hand(new, packs)
    uses = _uses(connection)
    return PolicyDifference(
        old=_line(old, pack_old, uses, day),
        new=_line(new, pack_new, uses, day),
        comparable=pack_old.currency == pack_new.currency,
        changes=[PolicyChange(key=each.key, old=each.a, new=each.b) for each in changes(pack_old, pack_new)],
        command=f"acreline policy diff {old} {new} --run RUN",
    )


def _at_hand(policy_id: str, packs: Path | None) -> Pack:
    pack = pack_at_hand(policy_id, packs) if policy_id in policy_ids(packs) else None
    if pack is None:
        raise InputError(
            "POLICY_UNKNOWN", f"The policy {policy_id!r} is not at hand.", "The list names those that are."
        )
    return pack


def _uses(connection: Connection) -> _Uses:
    found: dict[str, dict[str, list[int]]] = {}
    tables: tuple[Any, ...] = (Run, LimitBatch, Decision)
    for place, table in enumerate(tables):
        wanted: Any = select(table.policy_id, table.policy_hash, func.count()).where(table.policy_id.is_not(None))
        for name, digest, count in connection.execute(wanted.group_by(table.policy_id, table.policy_hash)):
            found.setdefault(name, {}).setdefault(digest or "", [0, 0, 0])[place] = count
    return found


def _line(name: str, pack: Pack | None, uses: _Uses, day: date) -> PolicyLine:
    digest = None if pack is None else pack.content_hash
    return PolicyLine(
        id=name,
        title=None if pack is None else PolicyTitle(en=pack.title.en, zh=pack.title.zh),
        version=None if pack is None else pack.version,
        content_hash=digest,
        in_force=None if pack is None else pack.in_force(day),
        approval=None if pack is None else pack.approval.state,
        uses=[_use(used, counts, digest) for used, counts in sorted(uses.get(name, {}).items())],
    )


def _use(digest: str, counts: list[int], at_hand: str | None) -> PolicyUse:
    runs, batches, decisions = counts
    same = digest == at_hand
    return PolicyUse(content_hash=digest, runs=runs, batches=batches, decisions=decisions, at_hand=same)


def _price(row: Any) -> PolicyPrice:
    return PolicyPrice(crop=row.crop, amount=f"{row.amount:f}", district=row.district, season=row.season)


def _finding(found: Any) -> PolicyFinding:
    return PolicyFinding(level=found.level, key=found.key, message=found.message, remedy=found.remedy)
