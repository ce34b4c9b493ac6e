"""The .qwc file, by which a user adds us to the Web Connector. It has no password in it.

Facts: Intuit's "QuickBooks Web Connector Programmer's Guide" 2.0, chapter 4.
"""

from xml.etree.ElementTree import Element, SubElement, indent, tostring

from invoicesync_cli.load.qbd.channel import APP_NAME, OWNER_ID

FILE_NAME = "invoicesync.qwc"
USER = "invoicesync"
"""The user name that the Web Connector says with the password."""
PATH = "/qbwc"
SUPPORT = "/support"
"""A page that the Web Connector looks at before it takes the file on."""


def text(root: str, file_id: str, minutes: int) -> str:
    """The file for a service at `root`; `file_id` is the company file's, a GUID in braces."""
    written = Element("QBWCXML")
    for name, value in (
        ("AppName", APP_NAME),
        ("AppID", ""),
        ("AppURL", f"{root}{PATH}"),
        ("AppDescription", "Keap orders and payments to QuickBooks"),
        ("AppSupport", f"{root}{SUPPORT}"),
        ("UserName", USER),
        ("OwnerID", OWNER_ID),
        ("FileID", file_id),
        ("QBType", "QBFS"),
    ):
        SubElement(written, name).text = value
    SubElement(SubElement(written, "Scheduler"), "RunEveryNMinutes").text = str(minutes)
    # With anything else the Web Connector cannot register (3263).
    SubElement(written, "IsReadOnly").text = "false"
    indent(written)
    found: str = tostring(written, encoding="us-ascii", xml_declaration=False).decode("ascii")
    return f'<?xml version="1.0"?>\n{found}\n'
