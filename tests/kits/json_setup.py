"""The shapes of what sets up and looks after: findings, sign-ins, schedules, settings, copies."""

from typing import Annotated, Any, Literal, NotRequired

from typing_extensions import TypedDict

from tests.kits.json_terms import Calls, Count, Moment, Path, Service, text


class About(TypedDict):
    """What a backup says of itself."""

    file: Path
    form: Annotated[int, text("The version of the file's form.")]
    made_at: Moment
    version: Annotated[str, text("Of the tool that made it.")]
    profile: str
    parts: Annotated[dict[str, str], text("The SHA-256 of each part by its name.")]


class BackupData(About):
    """A backup that was made."""

    bytes: Count


class RestoreData(About):
    """A backup that was put in place."""

    written: list[Path]
    kept: Annotated[list[Path], text("What was there before, under its new names.")]


class Finding(TypedDict):
    """Something that is wrong, or could be better."""

    code: str
    level: Literal["error", "warning", "hint"]
    where: Annotated[str, text("A setting, a file with its line, or a service.")]
    message: str
    hint: str


class PlacedFinding(Finding):
    """A finding with its line in the config; null for what is not in it."""

    line: int | None


class FindingsData(TypedDict):
    """What is to be said of the config file."""

    findings: list[Finding]


class EditedData(FindingsData):
    """What is to be said of the config file that was edited."""

    path: Path


class Checked(TypedDict):
    """A part of the check-up."""

    area: str
    what: str
    details: list[str]


class TriedFinding(TypedDict):
    """A question that is open about QuickBooks Desktop, and the answer of this one."""

    question: str
    found: str
    settled: Annotated[bool, text("False: it could not be tried, and `found` says why.")]
    counted_on: Annotated[bool, text("False: invoicesync counts on something else.")]


class TriedWrite(TypedDict):
    """One of the writes of a write test."""

    write: int
    what: str
    outcome: Literal["written", "refused", "not-tried"]
    message: Annotated[str, text("QuickBooks' words where it refused; why it was not tried.")]
    ids: list[str]
    seconds: str
    findings: list[TriedFinding]


class WriteTestData(TypedDict):
    """What `--write-test` has found in a sample company file."""

    company: str
    product: str
    customer: Annotated[str, text("The name of the customer that bears everything.")]
    file: Annotated[str, text("The file with all messages.")]
    writes: list[TriedWrite]
    afterwards: list[TriedFinding]
    earlier: Annotated[int, text("Taken back that an earlier test had left.")]
    taken_back: int
    left: Annotated[list[str], text("What could not be taken back.")]


class DoctorData(TypedDict):
    """Config, both services and this machine held against each other."""

    findings: list[PlacedFinding]
    checked: list[Checked]
    calls: Calls
    write_test: NotRequired[Annotated[WriteTestData, text("With `--write-test` only.")]]


class Step(TypedDict):
    """Something left to do; the command may be blank."""

    command: str
    why: str


class InitData(TypedDict):
    """The config that was written."""

    path: Path
    written: Annotated[dict[str, Any], text("The settings that were changed.")]
    signed_in: NotRequired[dict[Service, bool]]
    findings: list[Finding]
    next: list[Step]


class EntryFile(TypedDict):
    """A file of a schedule entry."""

    path: str
    text: str


class ScheduleData(TypedDict):
    """The schedule entry that is or would be installed."""

    installed: bool
    using: Literal["cron", "systemd", "launchd", "task-scheduler"]
    every: str
    next_run: Moment | None
    entry: str
    files: list[EntryFile]
    command: list[str]
    stays: Annotated[
        bool, text("Whether it starts a program that keeps running (`serve`), and not each run.")
    ]
    environment: dict[str, str]


class UnscheduledData(TypedDict):
    """What was removed."""

    installed: bool
    removed: list[str]


class SignedInData(TypedDict):
    """A sign-in that has worked."""

    service: Service
    signed_in: bool
    name: str
    id: str
    scopes: list[str]
    sign_in: str
    storage: Literal["keyring", "file", "environment"]
    store: str
    findings: NotRequired[
        Annotated[list[PlacedFinding], text("Of auth keap: what its data are like.")]
    ]


class SignedOutData(TypedDict):
    """A sign-in that was withdrawn."""

    service: Service
    signed_in: bool
    archived: Annotated[Path | None, text("Where the records were put, with --forget-books.")]


class ServiceStatus(TypedDict):
    """A service as `auth status` has it."""

    signed_in: bool
    name: str
    id: str
    scopes: list[str]
    expires: Annotated[Moment | None, text("When the sign-in ends if it is not used.")]
    access_expires: Annotated[Moment | None, text("When the token in use ends.")]
    signed_in_at: Moment | None
    refreshed_at: Moment | None
    storage: Literal["keyring", "file", "environment"]
    store: Annotated[str, text("The store in words.")]
    needed: Annotated[bool, text("Whether this profile's runs need it.")]
    hint: Annotated[str, text("The command to type; blank if nothing is missing.")]


class AuthStatusData(TypedDict):
    """Who is signed in where."""

    services: dict[Service, ServiceStatus]


Setting = TypedDict("Setting", {"value": Any, "from": str})
Setting.__doc__ = (
    "A setting's value, and where it comes from: option, environment, file or default."
)


class ConfigShowData(TypedDict):
    """Every setting."""

    path: Path
    settings: dict[str, Setting]


class PathData(TypedDict):
    """Where this profile's files are."""

    config: Path
    state: Path


class NotifiedData(TypedDict):
    """Whether a mail and a ping went out."""

    mail: bool
    ping: bool


class PasswordData(TypedDict):
    """Whether there is a password of the mail server now."""

    kept: bool


class SandboxData(TypedDict):
    """The environment by which the sandbox is reached, printed as soon as it is."""

    pages: Annotated[str, text("Address of its web pages: the shop and the books.")]
    environment: dict[str, str]


class ServeData(TypedDict):
    """Where the Web Connector is answered, printed as soon as it is."""

    listen: str
    url: Annotated[str, text("The origin that its .qwc file names.")]
    every: str
