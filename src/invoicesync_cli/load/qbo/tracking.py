"""The classes and the location that the config names, found in the company's lists (R15)."""

from invoicesync_cli.load.qbo.setup_schemas import AccountingInfo
from invoicesync_cli.load.quickbooks import CLASS, UNKNOWN_TRACKING, classes_of, tracking_pair
from invoicesync_cli.load.settings import SettingsCheck
from invoicesync_cli.model import Tracking

LOCATION = "location"
"""What documents can be tracked by, beside classes."""


def tracked(check: SettingsCheck, prefs: AccountingInfo) -> Tracking:
    """What lines and documents are tracked by. A company has classes on lines or on whole forms."""
    qbo = check.loaded.config.qbo
    named = classes_of(qbo)
    on_lines, on_forms = prefs.class_tracking_per_txn_line, prefs.class_tracking_per_txn
    for key in named:
        if not on_lines and (key != "class" or not on_forms):
            what = "classes are for whole forms here" if on_forms else "it has no classes here"
            check.wrong(
                f"qbo.{key}",
                f"QuickBooks cannot track lines by classes: {what}.",
                "Set it in QuickBooks under Account and settings > Advanced > Categories.",
                UNKNOWN_TRACKING,
            )
    if qbo.location and not prefs.track_departments:
        check.wrong(
            "qbo.location",
            "QuickBooks has no locations here.",
            "Switch them on in QuickBooks under Account and settings > Advanced > Categories.",
            UNKNOWN_TRACKING,
        )
    classes = {key: tracking_pair(check, f"qbo.{key}", CLASS, name) for key, name in named.items()}
    general = classes.get("class", ())
    where = qbo.location
    location = tracking_pair(check, "qbo.location", LOCATION, where) if where else ()
    return Tracking(
        general if on_lines else (),
        {sku: classes[f"class_by_sku.{sku}"] for sku in qbo.class_by_sku},
        (*(() if on_lines else general), *location),
    )
