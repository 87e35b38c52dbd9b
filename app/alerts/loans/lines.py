"""What stands beside an alert for a loan, as lines for a person to read."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from app.alerts.loans.context import OTHER_CROP, Claim, Cover, LoanContext
from geo.legend import load_legend
from scoring.lending.claim_notice import Notice
from scoring.lending.relief import Offer
from scoring.wording.relief import sentence, word


def context_lines(context: LoanContext, language: str) -> list[str]:
    """Lines in "en" or "zh": policies with notice and claims, then relief."""
    return [*_insurance(context, language), *_relief(context, language)]


def _insurance(context: LoanContext, language: str) -> Iterator[str]:
    if not context.covers:
        yield sentence("COVER_NONE", language, day=context.loss.happened_on)
    for cover in context.covers:
        policy = word(cover.policy_number, language)
        yield sentence("COVER", language, insurer=cover.insurer, policy=policy, kind=word(cover.kind, language))
        yield from (f"  {line}" for line in _of_cover(cover, context, language))


def _of_cover(cover: Cover, context: LoanContext, language: str) -> Iterator[str]:
    for code in cover.remarks:
        crop = _crop(cover.crop, language) if code == OTHER_CROP else ""
        yield sentence(code, language, crop=crop)
    if cover.notice is None:
        yield sentence("NOTICE_NO_RULE", language)
    else:
        yield from _notice(cover.notice, context, language)
    if not cover.claims:
        yield sentence("CLAIM_NONE", language)
    for claim in cover.claims:
        yield _claim(claim, language)


def _notice(notice: Notice, context: LoanContext, language: str) -> Iterator[str]:
    if notice.last_day is None or notice.days_left is None:
        yield sentence("NOTICE_BY_POLICY", language)
    else:
        code = "NOTICE_PASSED" if notice.passed else "NOTICE_BY"
        facts = {"last_day": notice.last_day, "counts_from": notice.counts_from}
        yield sentence(code, language, days_left=notice.days_left, days_past=-notice.days_left, **facts)
    if notice.careful_day is not None:
        before = context.loss.not_before
        yield sentence("NOTICE_CAREFUL", language, not_before=before, careful_day=notice.careful_day)
    yield notice.rule.says.en if language == "en" else notice.rule.says.zh


def _claim(claim: Claim, language: str) -> str:
    day = word(None if claim.starts_on is None else claim.starts_on.isoformat(), language)
    return sentence("CLAIM_THERE", language, event=claim.event, from_day=day, outcome=word(claim.outcome, language))


def _relief(context: LoanContext, language: str) -> Iterator[str]:
    if not context.relief_stated:
        yield sentence("NOT_STATED", language, what=word("relief", language))
    for offer in context.offers:
        title = offer.option.title
        yield f"{word(offer.option.kind, language)}: {title.en if language == 'en' else title.zh}"
        yield from (f"  {line}" for line in _of_offer(offer, language))
    if context.offers:
        yield sentence("OFFERED", language)


def _of_offer(offer: Offer, language: str) -> Iterator[str]:
    option = offer.option
    if option.least_loss is not None:
        seen = word(None, language) if offer.seen_loss is None else _percent(Decimal(str(offer.seen_loss)))
        code = "OFFER_DECLARED" if option.declared else "OFFER_LOSS"
        yield sentence(code, language, least=_percent(option.least_loss), seen=seen)
    if option.most_months is not None:
        yield sentence("OFFER_MONTHS", language, months=option.most_months)
    yield option.asks.en if language == "en" else option.asks.zh


def _percent(share: Decimal) -> str:
    return f"{share * 100:.0f} %"


def _crop(key: str | None, language: str) -> str:
    crop = None if key is None else load_legend().find(key)
    if crop is None:
        return word(key, language)
    return crop.en if language == "en" else crop.zh
