"""How errors become answers: one table from the error tree to HTTP statuses, one shape for every failure (RFC 9457)."""

from __future__ import annotations

from http import HTTPStatus
from typing import Final

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from app.api.schemas import Problem
from geo.errors import AcrelineError, DataError, InputError, TransientError

PROBLEM_JSON: Final = "application/problem+json"
#: What the kind of a failure is named by; it leads nowhere, since the code stands in docs/runbook.md.
_TYPE: Final = "urn:acreline:problem:"

#: Codes that have a status of their own.
STATUS_BY_CODE: Final = {
    "PARCEL_UNKNOWN": HTTPStatus.NOT_FOUND,
    "LAYER_UNKNOWN": HTTPStatus.NOT_FOUND,
    "LAYER_CHANGED": HTTPStatus.NOT_FOUND,
    "OUTLINES_NOT_MADE": HTTPStatus.NOT_FOUND,
    "PAGE_NOT_BUILT": HTTPStatus.SERVICE_UNAVAILABLE,
    "PARTY_UNKNOWN": HTTPStatus.NOT_FOUND,
    "FACILITY_UNKNOWN": HTTPStatus.NOT_FOUND,
    "RUN_UNKNOWN": HTTPStatus.NOT_FOUND,
    "POLICY_UNKNOWN": HTTPStatus.NOT_FOUND,
    "ALERT_UNKNOWN": HTTPStatus.NOT_FOUND,
    "ALERT_STATUS": HTTPStatus.CONFLICT,
    "CURVE_NONE": HTTPStatus.NOT_FOUND,
    "PICTURE_NONE": HTTPStatus.NOT_FOUND,
    "UNKNOWN_UNIT": HTTPStatus.NOT_FOUND,
    "RUN_FILES_MISSING": HTTPStatus.NOT_FOUND,
    "FOLDER_MISSING": HTTPStatus.SERVICE_UNAVAILABLE,
    "VISIT_UNKNOWN": HTTPStatus.NOT_FOUND,
    "JOB_UNKNOWN": HTTPStatus.NOT_FOUND,
    "SITE_UNKNOWN": HTTPStatus.NOT_FOUND,
    "SITE_NOT_WATCHED": HTTPStatus.CONFLICT,
    "METER_CLASH": HTTPStatus.CONFLICT,
    "METER_OVERLAP": HTTPStatus.CONFLICT,
    "LETTER_NOT_READY": HTTPStatus.CONFLICT,
    "DRAWN_OVERLAP": HTTPStatus.CONFLICT,
    "PARCEL_TAKEN": HTTPStatus.CONFLICT,
    "IMPORT_NOT_READ": HTTPStatus.CONFLICT,
    "VISIT_KEY": HTTPStatus.CONFLICT,
    "VISIT_PHOTO": HTTPStatus.CONFLICT,
    "UNKNOWN_PROPOSAL": HTTPStatus.NOT_FOUND,
    "UNKNOWN_REQUEST": HTTPStatus.NOT_FOUND,
    "UNKNOWN_DECISION": HTTPStatus.NOT_FOUND,
    "UNKNOWN_BATCH": HTTPStatus.NOT_FOUND,
    "PROPOSAL_CLOSED": HTTPStatus.CONFLICT,
    "PROPOSAL_HELD": HTTPStatus.CONFLICT,
    "REQUEST_CLOSED": HTTPStatus.CONFLICT,
    "REQUEST_WAITS": HTTPStatus.CONFLICT,
    "BATCH_NOT_HELD": HTTPStatus.CONFLICT,
    "APPLICATION_UNKNOWN": HTTPStatus.NOT_FOUND,
    "PAPER_UNKNOWN": HTTPStatus.NOT_FOUND,
    "DRAW_UNKNOWN": HTTPStatus.NOT_FOUND,
    "APPLICATION_CHANGED": HTTPStatus.CONFLICT,
    "APPLICATION_REWRITTEN": HTTPStatus.CONFLICT,
    "APPLICATION_STAGE": HTTPStatus.CONFLICT,
    "DRAW_ANSWERED": HTTPStatus.CONFLICT,
    "FARMER_TAKEN": HTTPStatus.CONFLICT,
    "CONTRACT_TAKEN": HTTPStatus.CONFLICT,
    "NOT_SIGNED_IN": HTTPStatus.UNAUTHORIZED,
    "SIGN_IN_REFUSED": HTTPStatus.UNAUTHORIZED,
    "OIDC_NOT_SET": HTTPStatus.NOT_FOUND,
    "OIDC_REFUSED": HTTPStatus.UNAUTHORIZED,
    "OIDC_STALE": HTTPStatus.UNAUTHORIZED,
    "OIDC_TOKEN": HTTPStatus.UNAUTHORIZED,
    "OIDC_NOT_LINKED": HTTPStatus.FORBIDDEN,
    "OIDC_ADDRESS": HTTPStatus.SERVICE_UNAVAILABLE,
    "OIDC_DISCOVERY": HTTPStatus.SERVICE_UNAVAILABLE,
    "KEY_REFUSED": HTTPStatus.UNAUTHORIZED,
    "KEY_UNKNOWN": HTTPStatus.NOT_FOUND,
    "KEY_REVOKED": HTTPStatus.CONFLICT,
    "SCOPE_LACKS": HTTPStatus.FORBIDDEN,
    "KEYS_THROTTLED": HTTPStatus.TOO_MANY_REQUESTS,
    "CSRF_REFUSED": HTTPStatus.FORBIDDEN,
    "OTHER_ORIGIN": HTTPStatus.FORBIDDEN,
    "ROLE_LACKS": HTTPStatus.FORBIDDEN,
    "SIGN_IN_THROTTLED": HTTPStatus.TOO_MANY_REQUESTS,
}

#: All other errors, by kind.
STATUS_BY_KIND: Final[dict[type[AcrelineError], HTTPStatus]] = {
    InputError: HTTPStatus.BAD_REQUEST,
    DataError: HTTPStatus.INTERNAL_SERVER_ERROR,
    TransientError: HTTPStatus.SERVICE_UNAVAILABLE,
    AcrelineError: HTTPStatus.INTERNAL_SERVER_ERROR,
}

#: What is said of a bare status, of the router or a library: code, line and remedy. Python renames its phrases.
_BARE: Final = {
    404: ("NOT_FOUND", "There is nothing at this address.", "See /api/openapi.json for the addresses."),
    405: ("METHOD_NOT_ALLOWED", "The address does not take this method.", "The header Allow says which it takes."),
    413: ("BODY_TOO_LARGE", "The body is larger than this address takes.", "Send a smaller one."),
    416: ("RANGE_UNKNOWN", "The file is shorter than the range that was asked for.", "Ask for the whole file."),
}


def status_of(error: AcrelineError) -> HTTPStatus:
    """HTTP status of an error: by its code, else by the nearest of its kinds."""
    if error.code in STATUS_BY_CODE:
        return STATUS_BY_CODE[error.code]
    return next(STATUS_BY_KIND[kind] for kind in type(error).__mro__ if kind in STATUS_BY_KIND)


def install_error_handlers(app: FastAPI) -> None:
    """Answer every failure as a Problem."""
    app.add_exception_handler(AcrelineError, _expected)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(Exception, _fault)


def problem_answer(
    status: int, code: str, message: str, remedy: str, headers: dict[str, str] | None = None
) -> JSONResponse:
    """A failure as an answer that nobody keeps."""
    problem = Problem(
        type=f"{_TYPE}{code}",
        title=HTTPStatus(status).phrase,
        status=int(status),
        detail=message,
        code=code,
        message=message,
        remedy=remedy,
    )
    kept = {"Cache-Control": "no-store"} | (headers or {})
    return JSONResponse(problem.model_dump(), status_code=status, headers=kept, media_type=PROBLEM_JSON)


def error_answer(error: AcrelineError) -> JSONResponse:
    """The answer of an error."""
    wait_s = error.context.get("retry_after_s")
    headers = {} if wait_s is None else {"Retry-After": str(wait_s)}
    return problem_answer(status_of(error), error.code, error.message, error.remedy, headers)


def status_answer(status: int, headers: dict[str, str]) -> JSONResponse:
    """The answer of a bare status."""
    named = HTTPStatus(status)
    return problem_answer(status, *_BARE.get(status, (named.name, f"{named.phrase}.", "")), headers)


def _expected(_request: Request, error: Exception) -> JSONResponse:
    if not isinstance(error, AcrelineError):
        raise error
    return error_answer(error)


def _invalid(_request: Request, error: Exception) -> JSONResponse:
    if not isinstance(error, RequestValidationError):
        raise error
    places = ", ".join(str(problem["loc"][-1]) for problem in error.errors())
    remedy = "See /api/openapi.json for what each address accepts."
    return problem_answer(
        HTTPStatus.UNPROCESSABLE_ENTITY, "REQUEST_INVALID", f"The request does not fit: {places}.", remedy
    )


def _http(_request: Request, error: Exception) -> JSONResponse:
    if not isinstance(error, HTTPException):
        raise error
    return status_answer(error.status_code, dict(error.headers or {}))


def _fault(_request: Request, _error: Exception) -> JSONResponse:
    """A fault of the program; the server logs it with its trace, and nothing of it is told."""
    remedy = "Try again; if it stays, tell who runs the service the time."
    return problem_answer(HTTPStatus.INTERNAL_SERVER_ERROR, "FAULT", "The service failed.", remedy)
