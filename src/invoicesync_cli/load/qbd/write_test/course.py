"""The eight writes of a write test, each a message, and what QuickBooks' answers show.

The questions are those that nobody has answered in public who has a QuickBooks
(docs/desktop.md, "What is open").
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from invoicesync_cli.load.qbd import found as there
from invoicesync_cli.load.qbd.answers import Answer, MessageAnswer, Outcome
from invoicesync_cli.load.qbd.bodies import Values, own_id
from invoicesync_cli.load.qbd.channel import MessageRefused
from invoicesync_cli.load.qbd.client import DesktopClient
from invoicesync_cli.load.qbd.requests import message, request
from invoicesync_cli.load.qbd.schemas import CreditMemoRow, InvoiceRow, PersonRow, all_read
from invoicesync_cli.load.qbd.write_test.material import CUSTOMER, NO_TAX_ITEM, Material, ref
from invoicesync_cli.load.qbd.write_test.readings import (
    SALES_TAX,
    SUBTOTAL,
    accepted,
    by_id,
    means,
    note_total,
    sum_of,
    where,
)
from invoicesync_cli.load.qbd.write_test.results import OneWrite
from invoicesync_cli.load.qbd.writing import ALL, EACH
from invoicesync_cli.model import Reason, money

LETTERS = {"@1@": "\u20ac", "@2@": "\u2019", "@3@": "\u0142"}
"""Letters beyond ISO-8859-1, which are written as numbers in the place of these."""
OTHER_CONTENT = "9001"
DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
NO_CLOSING_DATE = (
    "the file has no closing date: set one (Edit > Preferences > Accounting > Company "
    "Preferences), and run it again"
)
NO_INVOICE = "there is no invoice to try it on"


@dataclass
class EightWrites:
    """The writes, one after the other. `step` is called with the name of each before it."""

    client: DesktopClient
    material: Material
    at: datetime
    step: Callable[[str], None]
    writes: list[OneWrite] = field(default_factory=list)
    customer_id: str = ""
    invoice_id: str = ""
    memo_id: str = ""
    keys: list[str] = field(default_factory=list)

    @property
    def customer(self) -> str:
        """The name of the customer that bears everything."""
        return f"{CUSTOMER}{self.at:%Y-%m-%d %H%M%S}"

    @property
    def mark(self) -> str:
        """Six letters for the time, which stand in all numbers and ids of messages."""
        left, letters = int(self.at.timestamp()), ""
        while left:
            left, digit = divmod(left, len(DIGITS))
            letters = DIGITS[digit] + letters
        return letters

    def run(self) -> list[OneWrite]:
        """All of them. Raises what the channel raises; what was written is on the customer."""
        self._customer()
        if self.customer_id:
            self._taxed_invoice()
            self._twice()
            self._discounted()
            self._payment()
            self._credit_memo()
            self._check()
            self._refused()
        return self.writes

    # --- the writes ---

    def _customer(self) -> None:
        write = self._begin("a customer, who bears all that follows")
        question = "Letters beyond ISO-8859-1, written as numbers (we write the nearest instead)"
        notes = "Letters: @1@ @2@ @3@; made by invoicesync doctor --write-test"
        values = {"Name": self.customer, "Notes": notes}
        plain = request("CustomerAdd", values, "1")
        spoilt = plain
        for place, letter in LETTERS.items():
            spoilt = spoilt.replace(place, f"&#{ord(letter)};")
        try:
            answers = self._send(write, [spoilt])
        except MessageRefused as why:
            write.finds(question, f"the whole message is refused ({why.message})")
            answers = self._send(write, [plain], self._key("b"))
        self._note(write, answers)
        self.customer_id = next(iter(write.ids), "")
        if not self.customer_id or write.findings:
            return
        row = self._person()
        sent = f"Letters: {' '.join(LETTERS.values())};"
        kept = row.notes.partition(";")[0] + ";"
        came = kept.removeprefix("Letters: ").removesuffix(";")
        how = "they are kept as they are" if kept == sent else f"they come back as {came!r}"
        write.finds(question, how)

    def _taxed_invoice(self) -> None:
        tax = self.material.tax_line("8.25")
        total = Decimal("108.25") if tax else Decimal("100.00")
        write = self._begin(f"an invoice of {total}" + (", with its tax as a line" if tax else ""))
        lines = [self.material.line("100.00", "Write test"), *tax]
        text = request("InvoiceAdd", self._invoice("2", lines), "1")
        self._note(write, self._send(write, [text]))
        self.invoice_id = next(iter(write.ids), "")
        place = "Where a line of tax counts"
        if not self.invoice_id:
            write.leaves_open(place, NO_INVOICE)
            return
        row = self._invoice_row(self.invoice_id)
        if tax:
            write.finds(place, where(row), counted_on=where(row) in {SUBTOTAL, SALES_TAX})
        else:
            write.leaves_open(place, NO_TAX_ITEM if self.material.taxed else "sales tax is off")
        note_total(write, there.total_of(row), total)
        self._again(write, text)

    def _again(self, write: OneWrite, text: str) -> None:
        """The identical message once more, as after a lost answer."""
        key = self.keys[-1]
        answer = self.client.exchange(message([text], key=key), ALL + EACH)
        number = self._number("2")
        rows = self.client.found({("InvoiceQuery", "RefNumber"): [number]})
        count = len(rows["InvoiceQuery", "RefNumber"])
        write.finds(
            "The identical message once more, as after a lost answer",
            f"it is carried out {'once' if count == 1 else f'{count} times'} "
            f"(messageSetStatusCode {answer.status or 'missing'})",
            counted_on=count == 1,
        )
        one = answer.answers[0] if answer.answers else None
        if one and one.objects:
            has = "the whole document"
        elif one and one.recovery:
            has = "its ids only (ErrorRecovery)"
        else:
            has = "no id of what was made"
        write.finds("What the stored answer has", has)

    def _twice(self) -> None:
        write = self._begin("two more invoices: with the number, and with our own id, of the first")
        unsent = self._key()
        asked = self.client.exchange(message([], key=unsent, old=unsent), ALL)
        lines = [self.material.line("1.00", "Write test")]
        number = self._invoice("2", lines) | {"ExternalGUID": self._guid("3a")}
        same = self._invoice("3", lines) | {"ExternalGUID": self._guid("2")}
        texts = [request("InvoiceAdd", number, "1"), request("InvoiceAdd", same, "2")]
        answer = self._answer(write, texts, unsent)
        stores = answer.status == OTHER_CONTENT
        if stores:
            answer = self._answer(write, texts, self._key("b"))
        write.finds(
            "Asking what became of a message that was never sent",
            f"messageSetStatusCode {asked.status or 'missing'}; the message itself "
            + ("is refused afterwards (9001)" if stores else "goes through afterwards"),
        )
        answers = by_id(answer)
        self._note(write, answers, words=False)
        for place, question in (("1", "A number that is taken"), ("2", "An ExternalGUID twice")):
            write.finds(question, accepted(answers.get(place)))

    def _discounted(self) -> None:
        tax = self.material.tax_line("5.00")
        what = "an invoice with a discount" + (", and tax below that" if tax else "")
        write = self._begin(what)
        item = self.material.discount_item
        lines = [
            self.material.line("100.00", "Write test"),
            self.material.line("-10.00", "Discount", item),
            *tax,
        ]
        text = request("InvoiceAdd", self._invoice("4", lines), "1")
        self._note(write, self._send(write, [text]))
        kind = "a discount item" if item else "an ordinary item"
        below = "The sign of a tax line below a negative one (we put it elsewhere)"
        if not write.ids:
            write.leaves_open(f"The sign of a negative line with {kind}", NO_INVOICE)
            write.leaves_open(below, NO_INVOICE)
            return
        row = self._invoice_row(write.ids[0])
        amounts = [money(line.amount) for line in row.lines]
        off = amounts[1] if len(amounts) > 1 else Decimal(0)
        write.finds(
            f"The sign of a negative line with {kind}",
            f"sent as -10.00, it is {off}",
            counted_on=off == Decimal(-10),
        )
        if tax and len(amounts) > len(lines) - 1:
            write.finds(below, f"sent as 5.00, it is {amounts[2]}; the total is {sum_of(row)}")
        else:
            write.leaves_open(below, NO_TAX_ITEM)

    def _payment(self) -> None:
        write = self._begin("a payment of 40.00 of the first invoice")
        question = "The total of an invoice that is partly paid"
        if not self.invoice_id:
            self._untried(write, question, NO_INVOICE)
            return
        before = there.total_of(self._invoice_row(self.invoice_id))
        values = self._head("5") | {
            "TotalAmount": Decimal("40.00"),
            "AppliedToTxnAdd": {"TxnID": self.invoice_id, "PaymentAmount": Decimal("40.00")},
        }
        self._note(write, self._send(write, [request("ReceivePaymentAdd", values, "1")]))
        row = self._invoice_row(self.invoice_id)
        due, applied = money(row.balance_remaining), money(row.applied_amount)
        paid = bool(write.ids)
        write.finds(
            question,
            f"due {due}, applied {applied}: together {there.total_of(row)}, before it was {before}",
            counted_on=paid and applied == Decimal(-40) and there.total_of(row) == before,
        )

    def _credit_memo(self) -> None:
        tax = self.material.tax_line("1.65")
        total = Decimal("21.65") if tax else Decimal("20.00")
        write = self._begin(f"a credit memo of {total}")
        lines = [self.material.line("20.00", "Write test"), *tax]
        values = self._form("6", lines, "CreditMemoLineAdd")
        self._note(write, self._send(write, [request("CreditMemoAdd", values, "1")]))
        self.memo_id = next(iter(write.ids), "")
        if not self.memo_id:
            write.leaves_open("The total of a credit memo", "there is none")
            return
        note_total(write, money(self._memo_row().total_amount), total)

    def _check(self) -> None:
        write = self._begin("a check that pays the credit memo out")
        question = "What is left of a credit memo that a check pays out"
        if not (self.memo_id and self.material.bank):
            why = "the file has no bank account" if self.memo_id else "there is no credit memo"
            self._untried(write, question, why)
            return
        total = money(self._memo_row().total_amount)
        head = self._head("7")
        customer = head.pop("CustomerRef")
        values = head | {
            "AccountRef": ref(self.material.bank),
            "PayeeEntityRef": customer,
            "IsToBePrinted": False,
            "ApplyCheckToTxnAdd": {"TxnID": self.memo_id, "Amount": total},
            "ExpenseLineAdd": {
                "AccountRef": ref(self.material.receivable),
                "Amount": total,
                "CustomerRef": customer,
            },
        }
        self._note(write, self._send(write, [request("CheckAdd", values, "1")]))
        left = money(self._memo_row().credit_remaining)
        credit_left = f"{left} of {total}"
        write.finds(question, credit_left, counted_on=bool(write.ids) and not left)

    def _refused(self) -> None:
        write = self._begin("what QuickBooks may refuse")
        line = self.material.line
        closing = self.material.closing
        row = self._person()
        away = {"ListID": row.list_id, "EditSequence": row.edit_sequence, "IsActive": False}
        texts = [request("InvoiceAdd", self._invoice("8a", [line("-5.00", "Below zero")]), "1")]
        if closing:
            dated = self._invoice("8b", [line("1.00", "Closed")]) | {
                "TxnDate": closing.isoformat(),
                "DueDate": closing.isoformat(),
            }
            texts.append(request("InvoiceAdd", dated, "2"))
        last = self._invoice("8c", [line("1.00", "Out of use")])
        texts += [request("CustomerMod", away, "3"), request("InvoiceAdd", last, "4")]
        answers = self._send(write, texts)
        put_away = answers.pop("3", None)
        self._note(write, answers, words=False)
        write.finds("A total below zero", accepted(answers.get("1")))
        question = "A date in the closed period"
        if closing:
            answer = answers.get("2")
            known = answer is None or means(answer) in {None, Reason.PERIOD_LOCKED}
            write.finds(question, accepted(answer), counted_on=known)
        else:
            write.leaves_open(question, NO_CLOSING_DATE)
        question = "An invoice for a customer out of use"
        if put_away and put_away.outcome is Outcome.DONE:
            answer = answers.get("4")
            known = answer is None or means(answer) in {None, Reason.CONTACT_ARCHIVED}
            write.finds(question, accepted(answer), counted_on=known)
        else:
            write.leaves_open(question, f"the customer stays in use: {accepted(put_away)}")

    # --- what they share ---

    def _begin(self, what: str) -> OneWrite:
        write = OneWrite(len(self.writes) + 1, what)
        self.writes.append(write)
        self.step(f"{write.number} of 8: {what}")
        return write

    def _untried(self, write: OneWrite, question: str, why: str) -> None:
        write.outcome, write.words = "not-tried", why
        write.leaves_open(question, why)

    def _key(self, more: str = "") -> str:
        """The id of the message of the write that is begun."""
        return f"wt{self.mark}{len(self.writes)}{more}"

    def _number(self, place: str) -> str:
        return f"W{self.mark.upper()}-{place.upper()}"

    def _guid(self, place: str) -> str:
        return own_id("write test", self.mark, place)

    def _head(self, place: str) -> Values:
        """What all transactions have. The place makes the number, which says nothing else."""
        return {
            "CustomerRef": ref(self.customer_id),
            "TxnDate": self.at.date().isoformat(),
            "RefNumber": self._number(place),
            "Memo": f"{self.customer}, {place}",
            "ExternalGUID": self._guid(place),
        }

    def _form(self, place: str, lines: Sequence[Values], name: str) -> Values:
        unsent = {"IsToBePrinted": False, "IsToBeEmailed": False}
        return self._head(place) | self.material.tax_of_form() | unsent | {name: list(lines)}

    def _invoice(self, place: str, lines: Sequence[Values]) -> Values:
        due = {"DueDate": self.at.date().isoformat()}
        return self._form(place, lines, "InvoiceLineAdd") | due

    def _send(self, write: OneWrite, texts: Sequence[str], key: str = "") -> dict[str, Answer]:
        """Send the message of a write: the answers by the ids of their requests."""
        return by_id(self._answer(write, texts, key or self._key()))

    def _answer(self, write: OneWrite, texts: Sequence[str], key: str) -> MessageAnswer:
        timing = self.client.timing
        began = timing.monotonic()
        answer = self.client.exchange(message(texts, key=key), ALL + EACH * len(texts))
        write.seconds += timing.monotonic() - began
        if answer.status != OTHER_CONTENT:
            self.keys.append(key)
        return answer

    def _note(self, write: OneWrite, answers: Mapping[str, Answer], *, words: bool = True) -> None:
        """Note what was made and, unless the findings have them, in which words the rest was
        refused."""
        done = [answer for answer in answers.values() if answer.outcome is Outcome.DONE]
        write.ids = [answer.id for answer in done if answer.id]
        if not write.ids:
            write.outcome = "refused"
        refusals = [answer for answer in answers.values() if words and answer not in done]
        write.words = "; ".join(f"{answer.words} ({answer.code})" for answer in refusals)

    def _person(self) -> PersonRow:
        found = self.client.found({("CustomerQuery", "ListID"): [self.customer_id]})
        return all_read(PersonRow, found["CustomerQuery", "ListID"])[0]

    def _invoice_row(self, ident: str) -> InvoiceRow:
        found = self.client.found({("InvoiceQuery", "TxnID"): [ident]})
        return all_read(InvoiceRow, found["InvoiceQuery", "TxnID"])[0]

    def _memo_row(self) -> CreditMemoRow:
        found = self.client.found({("CreditMemoQuery", "TxnID"): [self.memo_id]})
        return all_read(CreditMemoRow, found["CreditMemoQuery", "TxnID"])[0]
