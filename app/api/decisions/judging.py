"""What somebody may do with a proposal or a request: asked of the very rules that decide, so that both agree."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection

from app.api.decisions.schemas import Able, DecisionAct
from app.book.decisions.by_people import (
    Sitting,
    require_approval,
    require_closing,
    require_overriding,
    require_undecided,
)
from app.book.decisions.cases import Case, find_case, in_force, require_policy
from app.book.decisions.people import Person, find_user
from app.book.decisions.requests import Request, require_answer, require_other, require_own, require_waiting
from geo.errors import InputError
from scoring.policy import Pack, load_pack


@dataclass(frozen=True, slots=True)
class Bench:
    """Who sits over proposals, with the packs that made them.

    Attributes:
        connection: database.
        by: who decides.
        now: instant.
        packs: folder of the bank's own packs; None: the shipped ones only.
    """

    connection: Connection
    by: Person
    now: datetime
    packs: Path | None
    _loaded: dict[str, Pack] = field(default_factory=dict)

    def pack(self, policy_id: str) -> Pack:
        """Pack of an id, loaded once; InputError where it is not at hand."""
        if policy_id not in self._loaded:
            self._loaded[policy_id] = load_pack(policy_id, packs_dir=self.packs)
        return self._loaded[policy_id]

    def sitting(self, policy_id: str) -> Sitting:
        """Who decides by which pack; errors as pack's."""
        return Sitting(self.by, self.pack(policy_id), self.now)

    def known_pack(self, case: Case) -> Pack | None:
        """The very pack that made a proposal; None where it is not at hand."""
        try:
            pack = self.pack(case.policy_id)
            require_policy(case, pack)
        except InputError:
            return None
        return pack

    def approving(self, case: Case) -> Able:
        """Whether a proposal may be approved."""
        return able_to(
            DecisionAct.APPROVE, lambda: require_approval(self.connection, case, self.sitting(case.policy_id))
        )

    def acts(self, case: Case, waiting: Request | None) -> list[Able]:
        """What may be done with a proposal, of which a request may wait."""

        def closing() -> object:
            return require_closing(self.connection, case, self.sitting(case.policy_id))

        return [
            self.approving(case),
            able_to(DecisionAct.REFUSE, closing),
            able_to(DecisionAct.RETURN, closing),
            able_to(DecisionAct.ASK, lambda: self._asking(case, waiting)),
        ]

    def answers(self, request: Request) -> list[Able]:
        """What may be done with a request."""
        return [
            able_to(DecisionAct.APPROVE, lambda: self._approving(request)),
            able_to(DecisionAct.REFUSE, lambda: self._refusing(request)),
            able_to(DecisionAct.WITHDRAW, lambda: self._withdrawing(request)),
        ]

    def _asking(self, case: Case, waiting: Request | None) -> None:
        require_undecided(self.connection, case)
        sitting = self.sitting(case.policy_id)
        require_policy(case, sitting.pack)
        in_force(sitting.pack, self.now)
        if sitting.pack.overrides is None:
            raise InputError(
                "OVERRIDES_NOT_ALLOWED",
                f"The policy {case.policy_id!r} has no section [overrides]: no other amounts are allowed.",
            )
        if not case.amount_minor:
            said = f"The proposal {case.id} gives nothing, and a share of nothing allows no other amount."
            raise InputError("OVERRIDE_NO_ROOM", said)
        if waiting is not None:
            said = f"The proposal {case.id} has an open request already: {waiting.id}, by {waiting.made_by}."
            raise InputError("REQUEST_WAITS", said)

    def _approving(self, request: Request) -> None:
        require_waiting(request)
        require_other(request, self.by)
        case = find_case(self.connection, request.proposal_id)
        maker = find_user(self.connection, request.made_by)
        require_overriding(self.connection, case, request.change, maker, self.sitting(case.policy_id))

    def _refusing(self, request: Request) -> None:
        require_waiting(request)
        case = find_case(self.connection, request.proposal_id)
        require_answer(self.connection, request, self.sitting(case.policy_id))

    def _withdrawing(self, request: Request) -> None:
        require_waiting(request)
        require_own(request, self.by)


def able_to(act: DecisionAct, rule: Callable[[], object]) -> Able:
    """Whether a rule lets something be done, and what it says against it."""
    try:
        rule()
    except InputError as error:
        return Able(act=act, allowed=False, code=error.code, message=error.message)
    return Able(act=act, allowed=True, code=None, message=None)
