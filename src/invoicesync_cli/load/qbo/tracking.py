"""The classes and the location that the config names, found in the company's lists (R15)."""

from invoicesync_cli.load.qbo.setup_schemas import AccountingInfo
from invoicesync_cli.load.settings import SettingsCheck
from invoicesync_cli.model import Tracking, TrackingPair

CLASS, LOCATION = "class", "location"
"""What documents and lines can be tracked by."""
UNKNOWN = "tracking-unknown"


def tracked(check: SettingsCheck, prefs: AccountingInfo) -> Tracking:
    """What lines and documents are tracked by. A company has classes on lines or on whole forms."""
    qbo = check.loaded.config.qbo
    named = {"class": qbo.class_} if qbo.class_ else {}
    named |= {f"class_by_sku.{sku}": name for sku, name in qbo.class_by_sku.items()}
    on_lines, on_forms = prefs.class_tracking_per_txn_line, prefs.class_tracking_per_txn
    for key in named:
        if not on_lines and (key != "class" or not on_forms):
            what = "classes are for whole forms here" if on_forms else "it has no classes here"
            check.wrong(
                f"qbo.{key}",
                f"QuickBooks cannot track lines by classes: {what}.",
                "Set it in QuickBooks under Account and settings > Advanced > Categories.",
                UNKNOWN,
            )
    if qbo.location and not prefs.track_departments:
        check.wrong(
            "qbo.location",
            "QuickBooks has no locations here.",
            "Switch them on in QuickBooks under Account and settings > Advanced > Categories.",
            UNKNOWN,
        )
    classes = {key: _pair(check, key, CLASS, name) for key, name in named.items()}
    general = classes.get("class", ())
    location = _pair(check, "location", LOCATION, qbo.location) if qbo.location else ()
    return Tracking(
        general if on_lines else (),
        {sku: classes[f"class_by_sku.{sku}"] for sku in qbo.class_by_sku},
        (*(() if on_lines else general), *location),
    )


def _pair(check: SettingsCheck, key: str, category: str, name: str) -> tuple[TrackingPair, ...]:
    """The class or location of that name or id; one that is not there is noted."""
    known = [pair for pair in check.found.tracking if pair.category == category]
    for matches in (
        [pair for pair in known if name in {pair.option, pair.id}],
        [pair for pair in known if name.strip().casefold() == pair.option.casefold()],
    ):
        if matches:
            return (matches[0],)
    check.unknown(f"qbo.{key}", category, name, UNKNOWN, [(pair.option, pair.id) for pair in known])
    return ()
