"""A stand-in for QuickBooks Desktop: company files, and the SDK's qbXML 13.0 that reaches them.

A test opens a company file and sends one message like this:

    qbd = QbdSandbox()                      # one PC, QuickBooks runs, its file is open
    qbd.add_account("Sales", "Income")      # what a user does there: screens.py
    ticket = qbd.begin("invoicesync")       # BeginSession; SdkError instead of an answer
    answer = qbd.request(ticket, xml)       # ProcessRequest: the whole XML in, the whole XML out
    qbd.end(ticket)

or, without a session of its own and with the envelope made for it:

    answer = qbd.send("<HostQueryRq/>", newMessageSetID="k1")

`WorkerCalls(qbd).answer({"id": 1, "do": "open", ...})` in `worker_calls.py` is the conversation
with the COM worker inside the process; `python -m invoicesync_sandbox.qbd.worker ROOT` is that
worker as a process, which talks to a sandbox served at ROOT (`invoicesync_sandbox.serve`). What
came and went is in `qbd.exchanges`; the books are in `qbd.invoices`, `qbd.payments` and so on.

`WebConnector(qbd, text_of_the_qwc, password)` in `web_connector.py` adds an application, and its
`update()` is one poll, from `serverVersion` to `closeConnection`; `Kill` ends one half-way.

What goes wrong: `qbd.break_down("die", done=7)` ends QuickBooks when seven requests of the next
message are done, `"drop"` and `"lose"` fail a call before and after the work, `qbd.refuse` refuses
a request with a status, `qbd.lock_row` has an object in use, `qbd.lose_iterators()`,
`qbd.forget_message_sets()`, `qbd.dialog`, `qbd.other_single_user`, `qbd.consent`, and
`qbd.message_sets(app).unstorable` for 9005. What is not known of QuickBooks is in `switches.py`.
"""

from invoicesync_sandbox.qbd.errors import Refused, SdkError
from invoicesync_sandbox.qbd.screens import sale
from invoicesync_sandbox.qbd.server import QbdSandbox
from invoicesync_sandbox.qbd.switches import QbdSwitches
from invoicesync_sandbox.qbd.worlds import WorldName

__all__ = ["QbdSandbox", "QbdSwitches", "Refused", "SdkError", "WorldName", "sale"]
