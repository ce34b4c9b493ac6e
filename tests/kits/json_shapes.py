"""What each command prints under `data` with `--json`: `docs/json.schema.json` is made of it.

What a test prints is held against them, strictly: a field that is not here fails, and so does one
that is here and is not printed.
"""

from typing import Annotated, Any

from tests.kits.json_figures import ReportData, VerifyData
from tests.kits.json_setup import (
    AuthStatusData,
    BackupData,
    ConfigShowData,
    DoctorData,
    EditedData,
    FindingsData,
    InitData,
    NotifiedData,
    PasswordData,
    PathData,
    RestoreData,
    SandboxData,
    ScheduleData,
    ServeData,
    SignedInData,
    SignedOutData,
    UnscheduledData,
)
from tests.kits.json_terms import text
from tests.kits.json_work import (
    DemoData,
    Documents,
    ExplainData,
    LogData,
    LookupData,
    MatchData,
    ProcessingData,
    RunData,
    StatusData,
    TodoData,
)

SHAPES: dict[str, Any] = {
    "init": InitData,
    "sync": RunData,
    "sync-id": RunData,
    "apply": RunData,
    "retry": RunData,
    "undo": RunData,
    "approve": RunData,
    "adopt": RunData,
    "reverse-sync": RunData,
    "demo": DemoData,
    "todo": TodoData,
    "explain": ExplainData,
    "dismiss": Documents,
    "log": LogData,
    "status": StatusData,
    "pause": ProcessingData,
    "resume": ProcessingData,
    "lookup": LookupData,
    "verify": VerifyData,
    "match": MatchData,
    "backup": BackupData,
    "restore": RestoreData,
    "report": ReportData,
    "doctor": DoctorData,
    "sandbox": SandboxData,
    "notify test": NotifiedData,
    "notify password": PasswordData,
    "schedule show": ScheduleData,
    "serve": ServeData,
    "schedule install": ScheduleData,
    "schedule remove": UnscheduledData,
    "auth keap": SignedInData,
    "auth xero": SignedInData,
    "auth qbo": SignedInData,
    "auth qbd": SignedInData,
    "auth status": AuthStatusData,
    "auth logout": SignedOutData,
    "config show": ConfigShowData,
    "config path": PathData,
    "config check": FindingsData,
    "config edit": EditedData,
    "config schema": Annotated[dict[str, Any], text("The JSON schema of the config file.")],
}
"""The data of each command; a command that does one run has `RunData`."""
