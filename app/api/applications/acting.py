"""The addresses that change applications; each answers with the page as it stands then."""

from __future__ import annotations

from collections.abc import Callable
from secrets import token_bytes
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi import Path as InPath

from app.alerts.visits.photos import MOST_BYTES
from app.api.access.roles import Lender
from app.api.access.schemas import MOST_NUMBER
from app.api.access.scope import require_parcels
from app.api.applications import bodies as given
from app.api.applications.answers import page_of
from app.api.applications.desk import REFUSALS, ByNumber, Desk, In, Kept, looking, store_of, working
from app.api.applications.routes import note_look
from app.api.applications.schemas import ApplicationPage
from app.book.applications import drafting, drawing, granting, papers, reviewing, statements
from app.book.applications.files import Filed
from app.book.parties.consents import Agreed
from app.db.tables.office_kinds import PaperKind
from geo.area import convert_area
from scoring.money import to_minor
from scoring.policy import Pack

router = APIRouter(prefix="/api/v1/applications/{number}", tags=["applications"], responses=REFUSALS)

RowNumber = Annotated[int, InPath(ge=1, le=MOST_NUMBER)]
_SALT_BYTES: Final = 32
_FILES: Final = {
    "requestBody": {
        "required": True,
        "content": {
            kind: {"schema": {"type": "string", "format": "binary"}} for kind in ("image/jpeg", "image/png", papers.PDF)
        },
    }
}


async def _body(request: Request) -> bytes:
    """The whole body; the route's own limit cuts it off."""
    return await request.body()


Do = Callable[[Desk, Filed, Pack], object]


def _done(access: In, signed: Lender, folders: Kept, number: str, do: Do) -> ApplicationPage:
    """Do something in one transaction, and show what became of it."""
    note_look(access, signed, folders, number, "name and contact", "work on an application")
    with working(access, signed, folders) as desk:
        filed = desk.filed(number)
        do(desk, filed, desk.pack(filed.policy_id))
    with looking(access, signed, folders) as desk:
        return page_of(desk, desk.filed(number))


@router.put("/asked")
def ask_for(access: In, signed: Lender, folders: Kept, number: ByNumber, asked: given.AskedFor) -> ApplicationPage:
    """Write policy, amount and season."""

    def do(desk: Desk, _filed: Filed, _pack: Pack) -> None:
        more = {"amount": given.decimal_of(asked.amount), "season_id": asked.season_id}
        doing, pack = desk.doing(asked.version), desk.pack(asked.policy_id)
        drafting.ask_for(desk.connection, number, desk.within, doing, pack=pack, **more)  # type: ignore[arg-type]

    return _done(access, signed, folders, number, do)


@router.put("/plots")
def put_plots(access: In, signed: Lender, folders: Kept, number: ByNumber, asked: given.PlotPlans) -> ApplicationPage:
    """Write the plots and their plan, in place of those so far."""

    def do(desk: Desk, _filed: Filed, _pack: Pack) -> None:
        require_parcels(desk.connection, desk.scope, [plot.parcel_id for plot in asked.plots])
        plans = [
            drafting.Plan(**plot.model_dump(exclude={"area"}), area=given.decimal_of(plot.area)) for plot in asked.plots
        ]
        drafting.pick_plots(desk.connection, number, desk.within, desk.doing(asked.version), plans)

    return _done(access, signed, folders, number, do)


@router.post("/consents")
def add_consent(
    access: In, signed: Lender, folders: Kept, number: ByNumber, asked: given.NewConsent
) -> ApplicationPage:
    """Write that the borrower agrees."""

    def do(desk: Desk, _filed: Filed, _pack: Pack) -> None:
        agreed = Agreed(asked.purpose, asked.text_version, asked.language, None, asked.expires_on)
        statements.agree(desk.connection, number, desk.within, desk.doing(asked.version), agreed, asked.paper_id)

    return _done(access, signed, folders, number, do)


@router.post("/bureau")
def add_report(
    access: In, signed: Lender, folders: Kept, number: ByNumber, asked: given.BureauReport
) -> ApplicationPage:
    """Write what the credit bureau answered, or that it could not."""

    def do(desk: Desk, _filed: Filed, pack: Pack) -> None:
        debt, overdue = (_minor(text, pack) for text in (asked.debt, asked.overdue))
        report = statements.Report(asked.outcome, debt, overdue, asked.as_of, asked.expires_on, asked.paper_id)
        statements.enter_report(desk.connection, number, desk.within, desk.doing(asked.version), report, pack)

    return _done(access, signed, folders, number, do)


@router.post("/capacity")
def add_capacity(access: In, signed: Lender, folders: Kept, number: ByNumber, asked: given.Capacity) -> ApplicationPage:
    """Write what the household can repay in a year."""

    def do(desk: Desk, _filed: Filed, pack: Pack) -> None:
        amount = _minor(asked.amount, pack) or 0
        statements.enter_capacity(desk.connection, number, desk.within, desk.doing(asked.version), amount, pack)

    return _done(access, signed, folders, number, do)


@router.post("/land-rights")
def add_right(access: In, signed: Lender, folders: Kept, number: ByNumber, asked: given.NewRight) -> ApplicationPage:
    """Write a certificate or lease of the borrower."""

    def do(desk: Desk, _filed: Filed, pack: Pack) -> None:
        area = given.decimal_of(asked.area)
        hectares = None if area is None else float(convert_area(area, asked.unit, "ha"))
        right = statements.Right(asked.basis, asked.kind, asked.starts_on, asked.ends_on, hectares)
        statements.enter_right(desk.connection, number, desk.within, desk.doing(asked.version), right, pack)

    return _done(access, signed, folders, number, do)


@router.post("/papers", max_body_size=MOST_BYTES, openapi_extra=_FILES)
def add_paper(
    access: In,
    signed: Lender,
    folders: Kept,
    number: ByNumber,
    version: Annotated[int, Query(ge=1, le=MOST_NUMBER)],
    kind: PaperKind,
    content: Annotated[bytes, Depends(_body)],
) -> ApplicationPage:
    """Keep a photographed or scanned paper: JPEG, PNG or PDF as the whole body."""
    store, sheet = store_of(folders), papers.read_sheet(content)

    def do(desk: Desk, _filed: Filed, _pack: Pack) -> None:
        doing = desk.doing(version)
        papers.add_paper(desk.connection, number, desk.within, doing, sheet, store, kind=kind, expires_on=None)

    return _done(access, signed, folders, number, do)


@router.get(
    "/papers/{paper_id}",
    responses={200: {"content": {kind: {} for kind in ("image/jpeg", "image/png", papers.PDF)}}},
    response_class=Response,
)
def show_paper(access: In, signed: Lender, folders: Kept, number: ByNumber, paper_id: RowNumber) -> Response:
    """A paper: pictures to be looked at, a PDF only as a file to save; that one looked is written down first."""
    store = store_of(folders)
    note_look(access, signed, folders, number, "paper", "paper of an application")
    with looking(access, signed, folders) as desk:
        paper = papers.find_paper(desk.connection, number, desk.within, paper_id)
    how = "attachment" if paper.media_type == papers.PDF else "inline"
    ending = {"image/jpeg": "jpg", "image/png": "png", papers.PDF: "pdf"}[paper.media_type]
    headers = {
        "Cache-Control": "no-store",
        "X-Content-Type-Options": "nosniff",
        "Content-Disposition": f'{how}; filename="paper-{paper_id}.{ending}"',
    }
    return Response(store.read(paper.content_hash), media_type=paper.media_type, headers=headers)


@router.delete("/papers/{paper_id}")
def remove_paper(
    access: In,
    signed: Lender,
    folders: Kept,
    number: ByNumber,
    paper_id: RowNumber,
    version: Annotated[int, Query(ge=1, le=MOST_NUMBER)],
) -> ApplicationPage:
    """Take a paper back, and its file away."""
    store, gone = store_of(folders), set[str]()

    def do(desk: Desk, _filed: Filed, _pack: Pack) -> None:
        gone.update(papers.remove_paper(desk.connection, number, desk.within, desk.doing(version), paper_id))

    page = _done(access, signed, folders, number, do)
    for digest in gone:  # only now that the row is gone for good
        store.drop(digest)
    return page


@router.post("/submit")
def submit(access: In, signed: Lender, folders: Kept, number: ByNumber, asked: given.Seen) -> ApplicationPage:
    """Hand it over to who reviews it."""

    def do(desk: Desk, _filed: Filed, pack: Pack) -> None:
        reviewing.submit(desk.connection, number, desk.within, desk.doing(asked.version), pack)

    return _done(access, signed, folders, number, do)


@router.post("/take-up")
def take_up(access: In, signed: Lender, folders: Kept, number: ByNumber, asked: given.Seen) -> ApplicationPage:
    """Take it up as its reviewer."""

    def do(desk: Desk, _filed: Filed, _pack: Pack) -> None:
        reviewing.take_up(desk.connection, number, desk.within, desk.doing(asked.version))

    return _done(access, signed, folders, number, do)


@router.post("/return")
def hand_back(access: In, signed: Lender, folders: Kept, number: ByNumber, asked: given.Noted) -> ApplicationPage:
    """Return it to those who prepare it, with a note."""

    def do(desk: Desk, _filed: Filed, _pack: Pack) -> None:
        reviewing.hand_back(desk.connection, number, desk.within, desk.doing(asked.version), asked.note)

    return _done(access, signed, folders, number, do)


@router.post("/withdraw")
def withdraw(access: In, signed: Lender, folders: Kept, number: ByNumber, asked: given.Noted) -> ApplicationPage:
    """Take it back for good, with a note."""

    def do(desk: Desk, _filed: Filed, _pack: Pack) -> None:
        reviewing.withdraw(desk.connection, number, desk.within, desk.doing(asked.version), asked.note)

    return _done(access, signed, folders, number, do)


@router.post("/propose")
def propose(access: In, signed: Lender, folders: Kept, number: ByNumber, asked: given.Seen) -> ApplicationPage:
    """Turn it into a proposal, which another person decides."""
    store = store_of(folders)

    def do(desk: Desk, _filed: Filed, pack: Pack) -> None:
        doing = desk.doing(asked.version)
        reviewing.propose(desk.connection, number, desk.within, doing, pack, store, lambda: token_bytes(_SALT_BYTES))

    return _done(access, signed, folders, number, do)


@router.post("/facility")
def grant(access: In, signed: Lender, folders: Kept, number: ByNumber, asked: given.Signed) -> ApplicationPage:
    """Write the contract that the decision gave, as the core system numbered it."""

    def do(desk: Desk, _filed: Filed, _pack: Pack) -> None:
        contract = granting.Contract(asked.number, asked.starts_on, asked.ends_on, asked.revolving)
        granting.grant(desk.connection, number, desk.within, desk.doing(asked.version), contract)

    return _done(access, signed, folders, number, do)


@router.post("/drawdowns")
def ask_to_draw(access: In, signed: Lender, folders: Kept, number: ByNumber, asked: given.Draw) -> ApplicationPage:
    """Ask for a draw-down."""

    def do(desk: Desk, _filed: Filed, pack: Pack) -> None:
        amount = _minor(asked.amount, pack) or 0
        drawing.ask_to_draw(desk.connection, number, desk.within, desk.doing(asked.version), amount, pack)

    return _done(access, signed, folders, number, do)


@router.post("/drawdowns/{drawdown_id}/approve")
def approve_draw(
    access: In, signed: Lender, folders: Kept, number: ByNumber, drawdown_id: RowNumber, asked: given.Seen
) -> ApplicationPage:
    """Approve a draw-down that somebody else asked for."""

    def do(desk: Desk, _filed: Filed, pack: Pack) -> None:
        drawing.approve_draw(desk.connection, number, desk.within, desk.doing(asked.version), drawdown_id, pack)

    return _done(access, signed, folders, number, do)


@router.post("/drawdowns/{drawdown_id}/refuse")
def refuse_draw(
    access: In, signed: Lender, folders: Kept, number: ByNumber, drawdown_id: RowNumber, asked: given.Noted
) -> ApplicationPage:
    """Refuse a draw-down, or cancel one's own, with a note."""

    def do(desk: Desk, _filed: Filed, _pack: Pack) -> None:
        drawing.refuse_draw(desk.connection, number, desk.within, desk.doing(asked.version), drawdown_id, asked.note)

    return _done(access, signed, folders, number, do)


def _minor(text: str | None, pack: Pack) -> int | None:
    amount = given.decimal_of(text)
    return None if amount is None else to_minor(amount, pack.currency.exponent)
