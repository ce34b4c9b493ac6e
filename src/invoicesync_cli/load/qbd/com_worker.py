"""The process that owns the COM connection to QuickBooks (Windows): JSON lines in, JSON lines out.

`com.py` starts it and describes the lines. It ends with its input, and with it the session.
(Intuit, "QBXMLRP2 Request Processor"; one thread makes and uses the object.)
"""

import json
import sys
from collections.abc import Mapping
from typing import Any

LOCAL = 1
"""The kind of a connection to QuickBooks on this PC (localQBD)."""


class Processor:
    """QuickBooks' Request Processor with at most one session."""

    def __init__(self) -> None:
        from win32com.client import Dispatch

        self._com = Dispatch("QBXMLRP2.RequestProcessor")
        self._ticket = ""

    def answer(self, line: Mapping[str, Any]) -> dict[str, Any]:
        """The answer to a line, without its id."""
        what = line["do"]
        if what == "open":
            self._com.OpenConnection2("", str(line["app_name"]), LOCAL)
            self._ticket = self._com.BeginSession(str(line["file"]), int(line["mode"]))
            return {"ok": True}
        if what == "request":
            return {"xml": self._com.ProcessRequest(self._ticket, str(line["xml"]))}
        self._com.EndSession(self._ticket)
        self._com.CloseConnection()
        return {"ok": True}


def hresult_of(error: Any) -> tuple[str, str]:
    """The HRESULT of a `com_error`, and what QuickBooks says of it.

    Behind the general 0x80020009 stands QuickBooks' own, in the last place of `excepinfo`.
    """
    code, text = int(error.hresult), str(error.strerror or "")
    if error.excepinfo:
        text = str(error.excepinfo[2] or text)
        code = int(error.excepinfo[5] or code)
    return f"0x{code & 0xFFFFFFFF:08X}", text


def main() -> int:
    """Answer lines until the input ends."""
    from pythoncom import com_error

    processor: Processor | None = None
    for text in sys.stdin:
        line = json.loads(text)
        answer: dict[str, Any] = {"id": line.get("id")}
        try:
            processor = processor or Processor()
            answer |= processor.answer(line)
        except com_error as error:
            answer["hresult"], answer["message"] = hresult_of(error)
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main())
