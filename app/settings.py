"""Settings of this installation: ACRELINE_* variables, over an optional TOML file, over defaults."""

from __future__ import annotations

import difflib
import os
import tomllib
from base64 import b64decode
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Final, Literal, Self

from pydantic import Field, PositiveInt, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict, TomlConfigSettingsSource

from app.alerts.notices.mail import check_mailbox, is_loopback
from app.alerts.notices.signing import key_of
from app.db.engine import database_url, sqlite_url
from geo.errors import InputError

PREFIX: Final = "ACRELINE_"
#: Names the file of settings; not a setting itself.
FILE_VARIABLE: Final = f"{PREFIX}SETTINGS"
_DATABASE_FILE: Final = "acreline.db"
_KEY_BYTES: Final = 32


class Settings(BaseSettings):
    """What an installation may choose; a command's options win over it.

    Attributes:
        database_url: the institution's database; None: each run uses acreline.db in its own folder.
        data_dir: folder of real data, which tests read.
        scheduler: address of an existing Dask scheduler; None: a cluster of its own for each run.
        workers: processes of that cluster; None: one per core.
        host: address that the map is served on.
        port: port that it is served on; 0 takes a free one.
        origin: scheme, host and port under which browsers see the service behind a proxy
            ("https://acreline.bank.example"); None: it is opened on this machine.
        oidc_issuer: the bank's own sign-in service (OpenID Connect), as it names itself; None: passwords only.
        oidc_client_id: ours there.
        oidc_client_secret: its secret; None: a client without one.
        session_idle_minutes: how long somebody stays signed in without asking for anything, minutes.
        session_hours: how long at most, h.
        personal_key: 32 random bytes in base64 that identity numbers are encrypted and found again with; None: none are
            stored.
        cache_dir: where converted products are kept; None: a folder of the user's own cache.
        layer_dir: where map layers of an institution are kept; None: commands must name a folder.
        photo_dir: where photos of visits are kept; None: commands must name a folder.
        runs_dir: folder whose folders are runs that the office shows; None: none.
        book_dir: folder of the book (`acreline limits refresh --out`), where receipts lie; None: none.
        packs_dir: folder of the bank's own policy packs, which the office decides with; None: the shipped ones only.
        files_dir: where papers and uploads are kept, by their hash; None: the office takes none.
        files_days: so many days after their end jobs are forgotten, and files that no row of the book names go.
        catalog: where scenes are, as `acreline run --catalog` takes it, for parcels that people give; None: such
            parcels wait until a run of the book sees them.
        job_lease_s: after so many seconds without a sign a worker is taken for gone, and another does its job.
        worker_memory_mib: memory that one worker process may use, MiB.
        stac_token: sent to a STAC API as a bearer token, where it asks for one.
        planetary_computer_key: subscription key of Planetary Computer; its data can be read without one, slower.
        sentinelhub_client_id: OAuth client of Sentinel Hub.
        sentinelhub_client_secret: its secret.
        copernicus_client_id: OAuth client of the Copernicus Data Space.
        copernicus_client_secret: its secret.
        notice_secret: 24 to 64 random bytes in base64 that notices are signed with.
        notice_secret_old: the secret before, which also signs while receivers change over.
        notice_hosts: hosts, apart by commas, that webhooks may reach though they are inside or on http.
        smtp_host: the bank's mail server; None: no mail is sent.
        smtp_port: of it.
        smtp_security: how the way there is encrypted; "none" only on this machine.
        smtp_user: login there; None: it asks for none.
        smtp_password: of the login.
        smtp_sender: mailbox that notices come from.
    """

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_ignore_empty=True, extra="forbid", frozen=True, hide_input_in_errors=True
    )

    database_url: SecretStr | None = None
    data_dir: Path | None = None
    scheduler: Annotated[str, Field(pattern=r"^(tcp|tls|ws|wss|ucx)://[^\s/]+$")] | None = None
    workers: PositiveInt | None = None
    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535)] = 8000
    origin: Annotated[str, Field(pattern=r"^https://[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:[1-9][0-9]{0,4})?$")] | None = None
    oidc_issuer: Annotated[str, Field(max_length=255, pattern=r"^https?://[^\s?#]+$")] | None = None
    oidc_client_id: str | None = None
    oidc_client_secret: SecretStr | None = None
    session_idle_minutes: Annotated[int, Field(ge=5, le=60)] = 30
    session_hours: Annotated[int, Field(ge=1, le=24)] = 12
    personal_key: SecretStr | None = None
    cache_dir: Path | None = None
    layer_dir: Path | None = None
    photo_dir: Path | None = None
    runs_dir: Path | None = None
    book_dir: Path | None = None
    packs_dir: Path | None = None
    files_dir: Path | None = None
    files_days: Annotated[int, Field(ge=1, le=3650)] = 90
    catalog: str | None = None
    job_lease_s: Annotated[int, Field(ge=10, le=3600)] = 120
    worker_memory_mib: Annotated[int, Field(ge=512)] = 2048
    stac_token: SecretStr | None = None
    planetary_computer_key: SecretStr | None = None
    sentinelhub_client_id: str | None = None
    sentinelhub_client_secret: SecretStr | None = None
    copernicus_client_id: str | None = None
    copernicus_client_secret: SecretStr | None = None
    notice_secret: SecretStr | None = None
    notice_secret_old: SecretStr | None = None
    notice_hosts: str = ""
    smtp_host: str | None = None
    smtp_port: Annotated[int, Field(ge=1, le=65535)] = 587
    smtp_security: Literal["starttls", "tls", "none"] = "starttls"
    smtp_user: str | None = None
    smtp_password: SecretStr | None = None
    smtp_sender: str | None = None

    @field_validator("database_url")
    @classmethod
    def _check_database_url(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None:
            database_url(value.get_secret_value())
        return value

    @field_validator("personal_key")
    @classmethod
    def _check_personal_key(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None:
            try:
                fits = len(b64decode(value.get_secret_value(), validate=True)) == _KEY_BYTES
            except ValueError:
                fits = False
            if not fits:
                raise ValueError(f"it must be {_KEY_BYTES} random bytes in base64 (openssl rand -base64 {_KEY_BYTES})")
        return value

    @field_validator("notice_secret", "notice_secret_old")
    @classmethod
    def _check_notice_secret(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None:
            try:
                key_of(value)
            except ValueError:
                raise ValueError("it must be 24 to 64 random bytes in base64 (openssl rand -base64 32)") from None
        return value

    @field_validator("smtp_sender")
    @classmethod
    def _check_sender(cls, value: str | None) -> str | None:
        try:
            return None if value is None else check_mailbox(value)
        except InputError as error:
            raise ValueError("it must be a mailbox such as alerts@bank.example") from error

    @model_validator(mode="after")
    def _encrypt_mail(self) -> Self:
        if self.smtp_security == "none" and not is_loopback(self.smtp_host or "localhost"):
            raise ValueError("smtp_security may be none only where smtp_host is this machine")
        return self

    @property
    def hosts_of_notices(self) -> frozenset[str]:
        """Hosts that webhooks may reach though they are inside or on http."""
        return frozenset(host.strip().lower() for host in self.notice_hosts.split(",") if host.strip())

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - named so by the base class
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - same
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Read the environment first, then the file."""
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls)

    def run_database(self, run: Path) -> str:
        """URL of the database for a run in this folder: the institution's, or a file in the folder itself."""
        if self.database_url is None:
            return sqlite_url(run / _DATABASE_FILE)
        return self.database_url.get_secret_value()


def load_settings(file: Path | None = None) -> Settings:
    """Settings of this moment.

    Args:
        file: TOML file with the settings' names as keys; by default the one that ACRELINE_SETTINGS names, if any.

    Raises:
        InputError: a variable or key is unknown (with the nearest known names), a value does not fit, or the file
            is missing or not TOML.
    """
    named = os.environ.get(FILE_VARIABLE)
    path = file or (Path(named) if named else None)
    _refuse_unknown_variables()
    if path is not None:
        _check_file(path)

    class FileSettings(Settings):
        model_config = SettingsConfigDict(toml_file=path)

    try:
        return FileSettings()
    except ValidationError as error:
        raise _wrong_value(error, path) from None  # the chain would show what was given, passwords included


def _refuse_unknown_variables() -> None:
    known = [FILE_VARIABLE.removeprefix(PREFIX), *(name.upper() for name in Settings.model_fields)]
    for variable in sorted(name for name in os.environ if name.upper().startswith(PREFIX)):
        name = variable.upper().removeprefix(PREFIX)
        if name not in known:
            raise InputError("SETTING_UNKNOWN", f"There is no setting {variable}.", _nearest(name, known, PREFIX))


def _check_file(path: Path) -> None:
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise InputError(
            "SETTINGS_FILE",
            f"The settings file {path} cannot be read ({error.strerror}).",
            f"Check --settings or {FILE_VARIABLE}.",
        ) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InputError("SETTINGS_FILE", f"The settings file {path} is not TOML: {error}.", "Mend it.") from error
    for key in content:
        if key not in Settings.model_fields:
            raise InputError(
                "SETTING_UNKNOWN", f"There is no setting {key!r} ({path}).", _nearest(key, Settings.model_fields)
            )


def _nearest(name: str, known: Iterable[str], prefix: str = "") -> str:
    names = sorted(known)
    near = difflib.get_close_matches(name, names, n=3, cutoff=0.5)
    shown = [f"{prefix}{each}" for each in near or names]
    return f"Did you mean {' or '.join(shown)}?" if near else f"There are: {', '.join(shown)}."


def _wrong_value(error: ValidationError, path: Path | None) -> InputError:
    fault = error.errors(include_input=False, include_url=False)[0]
    name = str(fault["loc"][0]) if fault["loc"] else "smtp_security"  # the only rule about several settings
    variable = f"{PREFIX}{name}".upper()
    in_environment = bool(os.environ.get(variable))
    thing = variable if in_environment or path is None else f"{name!r} ({path})"
    said = fault["msg"].removeprefix("Value error, ")
    return InputError("SETTING_VALUE", f"The setting {thing} does not fit: {said}.", "Correct or unset it.")
