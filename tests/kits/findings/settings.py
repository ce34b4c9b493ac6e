"""What `doctor` finds of the config against what both services have."""

from collections.abc import Sequence

from tests.kits.findings.row import ERROR, HINT, WARNING, Row

SETTINGS: dict[str, Sequence[Row]] = {
    "The config": (
        Row("config-missing", ERROR, "There is no config file yet.", "`invoicesync init`"),
        Row(
            "config-unreadable",
            ERROR,
            "The config file cannot be read.",
            "Let yourself read it, or name another one with `--config`.",
        ),
        Row(
            "config",
            ERROR,
            "A setting is missing, is not one, or has a value that cannot be used.",
            "`invoicesync config edit`: the message names the line, and what can stand there.",
        ),
        Row(
            "authorised",
            WARNING,
            "`xero.status` is `authorised`: such invoices can never be changed or deleted in Xero.",
            'Begin with `"draft"`, look at some of them in Xero, and switch then.',
        ),
        Row(
            "nothing-sent",
            WARNING,
            "By these settings nothing is ever sent.",
            "Change `sync.mode` or `invoices.order_status`.",
        ),
        Row(
            "match-empty",
            WARNING,
            "`contacts.match` is empty: nobody is looked for in the ledger.",
            'Set `contacts.match = ["email", "name", "company-city"]`.',
        ),
        Row(
            "setting-unused",
            HINT,
            "A setting does nothing beside the others.",
            "Nothing; or change the setting that keeps it from working.",
        ),
        Row(
            "reverse-start",
            ERROR,
            "Invoices of the ledger are to go to Keap, and `reverse.start` does not say from which "
            "day on.",
            "Set it to a date.",
        ),
        Row(
            "root-refused",
            ERROR,
            "An `INVOICESYNC_…_ROOT` is neither https nor an address of this machine.",
            "Correct or unset it.",
        ),
    ),
    "Accounts, tax codes and items": (
        Row(
            "account-unknown",
            ERROR,
            "The ledger does not have an account of the config, or it takes no sales or payments.",
            "Name another one: `invoicesync lookup accounts`",
        ),
        Row(
            "account-type",
            WARNING,
            "Sales go to an account that is none of revenue.",
            "Name a revenue account, unless it is meant so.",
        ),
        Row(
            "payment-method-unknown",
            ERROR,
            "The company file has no such payment method of a card type.",
            "Name one of those listed as `qbd.refund_method`, or leave it blank.",
        ),
        Row(
            "tax-code-unknown",
            "error/warning",
            "The ledger does not have a tax code of the config, or it cannot be used for sales; as "
            "a warning: sales tax is switched off there, and Keap has tax on its orders.",
            "Name another one: `invoicesync lookup taxes`; or switch sales tax on.",
        ),
        Row(
            "tax-untaxed-invoices",
            ERROR,
            "In this company the total of an invoice could not be known before.",
            'Set `tax.untaxed_invoices = "exempt"`.',
        ),
        Row(
            "tax-rate",
            "warning/hint",
            "Keap's tax is not worked out by the rate of the code that it is booked under.",
            "Look at these orders in Keap, or name the code that the message says fits better.",
        ),
        Row(
            "item-missing",
            ERROR,
            "QuickBooks does not have an item of the config.",
            "Name another one: `invoicesync lookup items`",
        ),
        Row(
            "item-account",
            WARNING,
            "Items have a sales account that takes no sales; invoices with them are held.",
            "Give them another sales account in the ledger.",
        ),
        Row(
            "tracking-unknown",
            ERROR,
            "The ledger does not have a tracking option, class or location of the config.",
            "Name another one: `invoicesync lookup tracking`, or `classes` in QuickBooks",
        ),
        Row(
            "payment-type-unknown",
            WARNING,
            "`[payments.accounts]` has a name that no payment of this Keap account has.",
            "Correct it; the message lists what there is.",
        ),
    ),
    "Currency, dates, numbers and contacts": (
        Row(
            "currency-differs",
            "error/warning/hint",
            "Keap's currency is not the config's, or not the ledger's.",
            'Set `keap.currency = "auto"`, or add the currency in the ledger.',
        ),
        Row(
            "period-locked",
            WARNING,
            "What is dated in the locked period of the books is held.",
            "Start after it (`sync.start`), or move the lock date in the ledger.",
        ),
        Row(
            "time-zone-unknown",
            ERROR,
            "This machine does not know the time zone of the Keap account.",
            "Choose a city's time zone in Keap, or upgrade the package tzdata.",
        ),
        Row(
            "number-taken",
            WARNING,
            "Documents of others have numbers that the next invoices would have.",
            "Look at them first: they may be the same sales. `invoicesync adopt --dry-run`",
        ),
        Row(
            "numbers-counted",
            HINT,
            "QuickBooks gives its own invoices numbers that a Keap order may have later.",
            "Switch custom transaction numbers on there, or set `invoices.number_prefix` at once.",
        ),
        Row(
            "other-runs",
            WARNING,
            "The ledger has documents of invoicesync's that no record here knows.",
            "See that only one machine carries these orders. The next run takes them up.",
        ),
        Row(
            "pin-unknown",
            "warning/hint",
            "A pinned contact is archived or does not exist.",
            "Correct the pin or drop it: `invoicesync lookup contacts`",
        ),
        Row(
            "ledger-setting",
            HINT,
            "A setting of the ledger's that changes what comes of an invoice there.",
            "Nothing, unless it surprises you.",
        ),
    ),
    "Keap's own data": (
        Row(
            "keap-lines",
            WARNING,
            "The lines of some orders do not add up to their totals; such orders are held.",
            "Look at these orders in Keap.",
        ),
        Row(
            "keap-total-paid",
            WARNING,
            "What Keap says is paid of some orders is not what their payments come to.",
            "Look at these orders in Keap.",
        ),
        Row(
            "keap-order-unit",
            ERROR,
            "Amounts of orders are not in the unit that is expected.",
            "Send nothing, and report it with the output of `invoicesync doctor --json`.",
        ),
        Row(
            "keap-payment-unit",
            ERROR,
            "Amounts of payments are not in the unit that is expected.",
            "The same.",
        ),
        Row(
            "keap-filter",
            ERROR,
            "A filter that runs rely on gives other orders or payments than it should.",
            "The same.",
        ),
        Row(
            "keap-page-token",
            ERROR,
            "Lists cannot be read page by page as runs do.",
            "The same.",
        ),
    ),
}
