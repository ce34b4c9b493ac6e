"""The config file: its keys, their defaults, and readable problems with file and line."""

import difflib
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from invoicesync_cli.errors import ConfigError

NUMBER_ROOM = 10
"""Places that a prefix has to leave for the id (R1)."""
NUMBER_LIMITS = {"xero": 255, "qbo": 21}

Count = Annotated[int, Field(ge=0)]


class Section(BaseModel):
    """A table of the config: unknown keys are errors, nothing is converted silently."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Sync(Section):
    """[sync]"""

    destination: Literal["xero", "qbo"] = "xero"
    mode: Literal["invoices", "invoices-and-payments", "paid-only", "off"] = "invoices-and-payments"
    start: str = "first"
    max_invoices: Count = 0
    max_payments: Count = 0

    @field_validator("start")
    @classmethod
    def _start(cls, value: str) -> str:
        if value == "first" or re.fullmatch(r"id:\d+", value):
            return value
        try:
            date.fromisoformat(value)
        except ValueError:
            msg = 'should be "first", "id:1234" (an invoice id) or a date like "2026-01-31"'
            raise ValueError(msg) from None
        return value


class Keap(Section):
    """[keap]"""

    sign_in: Literal["api-key", "oauth"] = "api-key"
    client_id: str = ""
    redirect_uri: str = ""
    currency: Literal["auto", "AUD", "EUR", "GBP", "NZD", "USD"] = "auto"


class Invoices(Section):
    """[invoices]"""

    number: Literal["order", "invoice"] = "order"
    number_prefix: str = ""
    due_days: Count = 14
    order_status: Literal["any", "paid", "unpaid"] = "any"
    skip_synced: bool = True
    skip_zero_total: bool = False
    paid_only_when: Literal["fully-paid", "any-payment"] = "fully-paid"


class Tax(Section):
    """[tax]"""

    untaxed_invoices: Literal["exempt", "inclusive", "exclusive"] = "exempt"
    tax_finance_charges: bool = False


class Payments(Section):
    """[payments]"""

    account: str = ""
    skip_overpayment: bool = True
    credits: Literal["credit-note", "skip"] = "credit-note"
    refunds: Literal["credit-note", "skip"] = "credit-note"
    accounts: dict[str, str] = Field(default_factory=dict)


class Contacts(Section):
    """[contacts]"""

    match: tuple[Literal["email", "name", "company-city"], ...] = ("email", "name", "company-city")
    when_missing: Literal["create", "hold"] = "create"
    pins: dict[str, str] = Field(default_factory=dict)

    @field_validator("match", mode="before")
    @classmethod
    def _list(cls, value: object) -> object:
        return tuple(value) if isinstance(value, list) else value


class Xero(Section):
    """[xero]"""

    sign_in: Literal["pkce", "custom-connection"] = "pkce"
    client_id: str = ""
    redirect_uri: str = "http://localhost:8743/callback"
    status: Literal["draft", "submitted", "authorised"] = "draft"
    account: str = "200"
    discount_account: str = ""
    finance_charge_account: str = ""
    shipping_account: str = ""
    tax_type: str = ""
    zero_tax_type: str = ""
    sku_accounts: bool = True
    sku_item_codes: bool = False


class Qbo(Section):
    """[qbo]"""

    client_id: str = ""
    redirect_uri: str = ""
    environment: Literal["production", "sandbox"] = "production"
    document: Literal["invoice", "sales-receipt-when-paid"] = "invoice"
    taxable_code: str = "TAX"
    non_taxable_code: str = "NON"
    match_items_by: Literal["sku", "name"] = "sku"
    default_item: str = ""
    unmatched_item: str = "unknown_do_not_delete"
    discount_item: str = ""
    finance_charge_item: str = ""
    shipping_item: str = ""


class Reverse(Section):
    """[reverse]"""

    enabled: bool = False
    start: str = ""

    @field_validator("start")
    @classmethod
    def _start(cls, value: str) -> str:
        if value:
            try:
                date.fromisoformat(value)
            except ValueError:
                msg = 'should be a date like "2026-01-31", or empty'
                raise ValueError(msg) from None
        return value


class Notify(Section):
    """[notify]"""

    email: Literal["off", "problems", "daily"] = "off"
    to: str = ""
    from_: Annotated[str, Field(alias="from")] = ""
    smtp_host: str = ""
    smtp_port: Annotated[int, Field(ge=1, le=65535)] = 587
    smtp_security: Literal["starttls", "tls", "none"] = "starttls"
    smtp_user: str = ""
    ping_url: str = ""


class Auth(Section):
    """[auth]"""

    storage: Literal["keyring", "file"] = "keyring"


class Config(Section):
    """The whole file."""

    sync: Sync = Field(default_factory=Sync)
    keap: Keap = Field(default_factory=Keap)
    invoices: Invoices = Field(default_factory=Invoices)
    tax: Tax = Field(default_factory=Tax)
    payments: Payments = Field(default_factory=Payments)
    contacts: Contacts = Field(default_factory=Contacts)
    xero: Xero = Field(default_factory=Xero)
    qbo: Qbo = Field(default_factory=Qbo)
    reverse: Reverse = Field(default_factory=Reverse)
    notify: Notify = Field(default_factory=Notify)
    auth: Auth = Field(default_factory=Auth)

    @property
    def sends_payments(self) -> bool:
        """Whether the mode carries payments, credits and refunds."""
        return self.sync.mode in {"invoices-and-payments", "paid-only"}


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong with the file: where (`file:line: key`), what, and a mend."""

    where: str
    message: str
    mend: str = ""
    code: str = "config"

    def __str__(self) -> str:
        mend = f" {self.mend}" if self.mend else ""
        return f"{self.where}: {self.message}{mend}"


@dataclass(frozen=True)
class Loaded:
    """A config with where each value came from (`file`, `default` or `option --name`)."""

    config: Config
    path: Path
    text: str
    origins: Mapping[str, str]

    def where(self, key: str) -> str:
        """`file:line: key` for messages about a value."""
        return f"{self.path}:{line_of(self.text, key)}: {key}"


def load(path: Path, *, complete: bool = True) -> Loaded:
    """Read and check the file at `path`.

    Without `complete` it may still lack what only the services can tell, such as accounts: signing
    in comes before those are known.
    Raises `ConfigError` with every problem, one a line, as `file:line: key: what is wrong`.
    """
    data, text = _read(path)
    config, problems = _check(data, path, text)
    if config is None or (problems and complete):
        raise _failure(problems)
    origins = {key: "default" for key, _ in flatten(config.model_dump(by_alias=True))}
    origins |= {key: "file" for key, _ in flatten(data)}
    return Loaded(config, path, text, origins)


def problems_of(path: Path) -> list[Problem]:
    """Every problem of the file at `path`; empty when it can be used.

    Raises `ConfigError` when the file is missing or is not TOML.
    """
    data, text = _read(path)
    return _check(data, path, text)[1]


def overridden(loaded: Loaded, options: Mapping[str, object]) -> Loaded:
    """The config with options of the command line put over it (`{"sync.max_invoices": 5}`)."""
    data = loaded.config.model_dump(by_alias=True)
    origins = dict(loaded.origins)
    for key, value in options.items():
        table, name = key.split(".")
        data[table][name] = value
        origins[key] = "option --" + name.replace("_", "-")
    return replace(loaded, config=Config.model_validate(data), origins=origins)


def flatten(data: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Dotted keys and values of nested tables; an empty table is a value."""
    for name, value in data.items():
        key = f"{prefix}{name}"
        if isinstance(value, Mapping) and value:
            yield from flatten(value, f"{key}.")
        else:
            yield key, value


def _read(path: Path) -> tuple[dict[str, Any], str]:
    try:
        text = path.read_text(encoding="utf-8-sig")
        return tomllib.loads(text, parse_float=Decimal), text
    except FileNotFoundError:
        raise ConfigError(
            f"There is no config file at {path}.",
            hint="Copy examples/config.toml there and fill it in, or name one with --config.",
            code="config-missing",
        ) from None
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path} cannot be read: {error}.", code="config-unreadable") from None
    except tomllib.TOMLDecodeError as error:
        line = re.search(r"at line (\d+)", str(error))
        where = f"{path}:{line.group(1)}" if line else f"{path}:{_last_line(path)}"
        raise ConfigError(
            f"{where}: this is no valid TOML: {error}.",
            hint="Text goes in double quotes, true and false in lower case, tables in [brackets].",
            code="config-syntax",
        ) from None


def _last_line(path: Path) -> int:
    return len(path.read_text(encoding="utf-8-sig").splitlines()) or 1


def _failure(problems: list[Problem]) -> ConfigError:
    return ConfigError(
        "\n".join(str(problem) for problem in problems),
        hint="`invoicesync config check` lists every problem; examples/config.toml has every key.",
    )


def _check(data: dict[str, Any], path: Path, text: str) -> tuple[Config | None, list[Problem]]:
    try:
        config = Config.model_validate(data)
    except ValidationError as error:
        return None, [_problem(detail, path, text) for detail in error.errors(include_url=False)]
    return config, [
        Problem(f"{path}:{line_of(text, key)}: {key}", message, mend)
        for key, message, mend in _across(config)
    ]


def _problem(detail: Any, path: Path, text: str) -> Problem:
    key = ".".join(str(part) for part in detail["loc"])
    where = f"{path}:{line_of(text, key)}: {key}"
    if detail["type"] == "extra_forbidden":
        return Problem(where, "there is no such key.", _near(detail["loc"]))
    message = str(detail["msg"]).removeprefix("Value error, ")
    value = "a table" if isinstance(detail["input"], dict) else repr(detail["input"])
    return Problem(where, f"{message[0].lower()}{message[1:]}, not {value}.")


def _near(loc: tuple[Any, ...]) -> str:
    model: type[BaseModel] = Config
    for part in loc[:-1]:
        inner = (
            model.model_fields[str(part)].annotation if str(part) in model.model_fields else None
        )
        if not (isinstance(inner, type) and issubclass(inner, BaseModel)):
            return ""
        model = inner
    names = [field.alias or name for name, field in model.model_fields.items()]
    wanted = str(loc[-1])
    found = difflib.get_close_matches(wanted, names, 1, 0.6) or [
        name for name in names if len(wanted) > 2 and wanted in name
    ]
    if found:
        return f"Did you mean {found[0]!r}?"
    elsewhere = [
        f"[{table}] {wanted}"
        for table, field in Config.model_fields.items()
        if isinstance(field.annotation, type) and wanted in field.annotation.model_fields
    ]
    return f"Did you mean {elsewhere[0]}?" if elsewhere else ""


def line_of(text: str, key: str) -> int:
    """The line (from 1) at which a dotted key is set, else its table's, else 1.

    tomllib tells no positions, so this looks for the table's heading and then for the key.
    """
    table, _, name = key.rpartition(".")
    current, best = "", 1
    for number, line in enumerate(text.splitlines(), 1):
        heading = re.match(r"\s*\[([^\[\]]+)\]", line)
        if heading:
            current = re.sub(r"[\s\"']", "", heading.group(1))
            if current in {key, table}:
                best = number
            continue
        found = re.match(r"\s*([A-Za-z0-9_.\-\"' ]+?)\s*=", line)
        if found:
            left = re.sub(r"[\"']", "", found.group(1)).replace(" ", "")
            dotted = f"{current}.{left}" if current else left
            if dotted == key or (current == table and found.group(1).strip("\"' ") == name):
                return number
    return best


def _across(config: Config) -> Iterator[tuple[str, str, str]]:
    """Problems that only show between keys: key, message, mend."""
    ledger = config.sync.destination
    prefix = config.invoices.number_prefix
    limit = NUMBER_LIMITS[ledger]
    if len(prefix) > limit - NUMBER_ROOM:
        yield (
            "invoices.number_prefix",
            f"this prefix leaves less than {NUMBER_ROOM} of the {limit} places of a document "
            "number for the id.",
            f"Use at most {limit - NUMBER_ROOM} characters.",
        )
    if not all(" " <= letter <= "~" for letter in prefix):
        yield (
            "invoices.number_prefix",
            "document numbers hold printable ASCII characters only.",
            "Use plain letters, digits and signs.",
        )
    if ledger == "xero" and any(letter in ',"\\' for letter in prefix):
        yield (
            "invoices.number_prefix",
            "Xero could not look up numbers with a comma, a quotation mark or a backslash.",
            "Use plain letters, digits and signs.",
        )
    if ledger == "xero" and config.sends_payments and not config.payments.account:
        yield (
            "payments.account",
            f'mode "{config.sync.mode}" needs the Xero account that receives payments.',
            'Name its code or id, or set sync.mode = "invoices".',
        )
    for kind, account in config.payments.accounts.items():
        if not account.strip():
            yield (
                f"payments.accounts.{kind}",
                "this names no account.",
                "Name one, or drop the line: payments.account takes what has no account here.",
            )
    if ledger == "xero" and config.sync.mode != "off":
        for key, what in (("tax_type", "taxed"), ("zero_tax_type", "untaxed")):
            if not getattr(config.xero, key):
                yield (
                    f"xero.{key}",
                    f"the Xero tax type for {what} lines is not set.",
                    "In the United Kingdom these are OUTPUT2 and ZERORATEDOUTPUT, in Australia "
                    "OUTPUT and EXEMPTOUTPUT, in New Zealand OUTPUT2 and ZERORATED.",
                )
        if not config.xero.account:
            yield "xero.account", "the default account is not set.", 'In most books it is "200".'
