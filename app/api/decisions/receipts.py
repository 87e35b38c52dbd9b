"""Receipts of limits, and what a farmer is told of them. A file that is gone is said."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256
from typing import Final

from sqlalchemy import Connection

from app.api.answers import decimal_text, money
from app.api.decisions.schemas import BothTexts, LimitReceipt, ReceiptFault, ReceiptRow
from app.api.decisions.told import PlainWords, Replayed, ToldLimit, ToldReason
from app.api.decisions.unfolding import Unfolded, seen_in_simulation, store_of
from app.artefacts.folders import Folders
from app.book.applications.proposed import kept_limit
from app.book.decisions.cases import find_case
from app.book.decisions.verdicts import verdict_told
from app.jobs.replay import replay_run
from app.reports.words import word
from geo.errors import AcrelineError, DataError, InputError
from scoring.pack_schema import Pack
from scoring.policy import load_pack
from scoring.receipts.explanation import Language, amount_text, explain, in_language
from scoring.receipts.limit import Limit
from scoring.replay import limit_bytes

#: Said before what the policy gives, where an application asked for less.
_ASKED: Final = ("You asked for {amount}, and that is what is proposed. ", "您申请{amount}，提议的就是这个金额。")


def application_receipt(connection: Connection, folders: Folders, proposal_id: int) -> LimitReceipt | None:
    """The receipt of a proposal that an application became, as it was kept; None: it is of a batch.

    Raises:
        InputError: the service has no folder of files, or the policy is not at hand.
        DataError: the file is gone or damaged, or the borrower's data were erased.
    """
    if find_case(connection, proposal_id).application_id is None:
        return None
    limit = kept_limit(connection, store_of(folders), proposal_id)
    pack = load_pack(limit.policy_id, packs_dir=folders.packs)
    return _receipt(limit, pack, simulated=seen_in_simulation(connection, proposal_id))


def receipt_or_fault(
    connection: Connection, folders: Folders, proposal_id: int, unfolded: Unfolded | None, fault: ReceiptFault | None
) -> tuple[LimitReceipt | None, ReceiptFault | None]:
    """The receipt, else the one kept for an application, and why lines of parcels or all of it cannot be shown."""
    if unfolded is not None:
        return receipt_of(unfolded), fault
    try:
        return application_receipt(connection, folders, proposal_id), fault
    except (InputError, DataError) as error:
        return None, ReceiptFault(code=error.code, message=error.message)


def receipt_of(unfolded: Unfolded) -> LimitReceipt:
    """The receipt of the subject's own limit."""
    made_by = unfolded.run_id, unfolded.code_version
    return _receipt(unfolded.limit, unfolded.pack, simulated=unfolded.simulated, made_by=made_by)


def receipt_rows(limit: Limit) -> list[ReceiptRow]:
    """Lines of a limit."""
    return [
        ReceiptRow(
            code=line["code"],
            en=line["en"],
            zh=line["zh"],
            effect=decimal_text(int(line["effect_minor"]), limit.currency),
            principal=bool(line["principal"]),
        )
        for line in limit.lines
    ]


def plain_words(unfolded: Unfolded, now: datetime) -> PlainWords:
    """What to tell the farmer today.

    Raises:
        InputError: another amount than the policy's was decided: these are not the words for it.
    """
    verdict = unfolded.verdict
    if verdict is not None and not verdict.gives(unfolded.proposed_minor):
        raise InputError(
            "LETTER_OF_OTHER_AMOUNT",
            f"Decision {verdict.decision_id} ({verdict.outcome}) did not give the policy's amount,"
            " which is what the farmer would be told.",
            "Tell the farmer of this decision by hand.",
        )
    return PlainWords(en=_told(unfolded, "en", now), zh=_told(unfolded, "zh", now))


def replayed(unfolded: Unfolded) -> Replayed:
    """The limit worked out again: the same bytes, or what is in the way."""
    limit = unfolded.limit
    try:
        said = _again(unfolded)
    except AcrelineError as error:
        return Replayed(same=False, size=None, sha256=None, code=error.code, message=error.message)
    digest = sha256(said).hexdigest()
    return Replayed(same=digest == limit.sha256, size=len(said), sha256=digest, code=None, message=None)


def _receipt(
    limit: Limit, pack: Pack, *, simulated: bool, made_by: tuple[str | None, str | None] = (None, None)
) -> LimitReceipt:
    return LimitReceipt(
        sha256=limit.sha256,
        adds_up=sum(int(line["effect_minor"]) for line in limit.lines) == (limit.amount_minor or 0),
        policy_amount=money(limit.amount_minor, limit.currency),
        lines=receipt_rows(limit),
        principal=[BothTexts(en=line["en"], zh=line["zh"]) for line in limit.principal],
        simulated=simulated,
        example=pack.approval.state == "example",
        run_id=made_by[0],
        code_version=made_by[1],
    )


def _again(unfolded: Unfolded) -> bytes:
    if isinstance(unfolded.again, bytes):
        return unfolded.again
    rows = replay_run(unfolded.again, [unfolded.limit.subject_id])
    return next(limit_bytes(row) for row in rows if row["subject_kind"] == unfolded.limit.kind)


def _told(unfolded: Unfolded, language: Language, now: datetime) -> ToldLimit:
    pack, verdict, limit = unfolded.pack, unfolded.verdict, unfolded.limit
    told = explain(limit, pack, language, pack.local_day(now))
    amount, before = told.amount, ""
    if unfolded.proposed_minor is not None and unfolded.proposed_minor != limit.amount_minor:
        amount = amount_text(unfolded.proposed_minor, pack, language)
        before = in_language(_ASKED, language).format(amount=amount)
    return ToldLimit(
        about=told.about,
        decided="" if verdict is None else verdict_told(verdict, pack, language),
        amount=amount or word("no_amount", language),
        opening=before + told.opening,
        span=told.span,
        visit=told.visit,
        reasons=[ToldReason(text=reason.text, effect=reason.effect) for reason in told.reasons],
        changes=list(told.changes),
        automated=told.automated,
        no_contract=word("no_contract", language),
        objection=list(told.objection),
        labels=_labels(unfolded, language),
    )


def _labels(unfolded: Unfolded, language: Language) -> list[str]:
    marks: Sequence[tuple[bool, str]] = (
        (unfolded.simulated, "simulated"),
        (unfolded.pack.approval.state == "example", "example"),
    )
    return [word(key, language) for holds, key in marks if holds]
