"""The configs that a rehearsal starts with, one for each ledger and kind of company."""

from invoicesync_sandbox.qbo import WorldName

CLIENT_ID = "sandbox-client"
REDIRECT = "http://localhost:8743/callback"
"""The redirect address that the sandbox's apps at Xero and QuickBooks are registered with."""
LANDED = "https://example.com/landed"
"""The one with https, as Keap and QuickBooks' production keys want it."""

KEAP = f"""\
[keap]
client_id = "{CLIENT_ID}"   # for sign_in = "oauth"
redirect_uri = "{LANDED}"
"""

QBO = f"""\
[qbo]
client_id = "{CLIENT_ID}"
redirect_uri = "{REDIRECT}"
environment = "sandbox"
"""

XERO = f"""\
# A config for the sandbox. examples/config.toml has every key.

[invoices]
due_days = 14
skip_zero_total = true

[tax]
untaxed_invoices = "exempt"

[payments]
account = "090"              # the business current account

[payments.accounts]
"Stripe" = "091"             # the clearing account of the card processor

{KEAP}
{QBO}
[xero]
sign_in = "custom-connection"   # or "pkce", to rehearse a sign-in in a browser
client_id = "{CLIENT_ID}"
status = "authorised"
account = "200"
discount_account = "460"
shipping_account = "425"
tax_type = "OUTPUT2"         # 20 % (VAT on Income)
zero_tax_type = "ZERORATEDOUTPUT"
"""


def for_xero(status: str) -> str:
    """The config for Xero, with invoices sent in this status: `draft` is what a config without a
    status would send."""
    return XERO.replace('status = "authorised"', f'status = "{status}"')


TAX_CODES: dict[WorldName, tuple[str, str]] = {
    "uk": ("20.0% S", "0.0% Z"),
    "au": ("GST", "GST free"),
}
"""Names of the codes for taxed and untaxed lines; in the United States they are TAX and NON."""


def for_quickbooks(company: WorldName) -> str:
    """The config for a company of this kind."""
    taxable, untaxed = TAX_CODES.get(company, ("TAX", "NON"))
    return f"""\
# A config for the sandbox. examples/config.toml has every key.

[sync]
destination = "qbo"

[invoices]
due_days = 14
skip_zero_total = true

[payments]
account = "Business current account"   # "" would leave the money undeposited

[payments.accounts]
"Stripe" = "Stripe clearing"           # the clearing account of the card processor

{KEAP}
{QBO}taxable_code = "{taxable}"
non_taxable_code = "{untaxed}"
default_item = "Sales"                 # for products that match no item by their SKU
finance_charge_item = "Finance charge"

[auth]
storage = "file"                       # no keyring for a rehearsal
"""


DESKTOP = f"""\
# A config for the sandbox's QuickBooks Desktop.

[sync]
destination = "qbd"

[invoices]
due_days = 14
skip_zero_total = true

[payments]
account = "Business checking"

[payments.accounts]
"Stripe" = "Stripe clearing"           # the clearing account of the card processor

{KEAP}
[qbd]
transport = "com"                      # the sandbox's worker stands in for it
tax = "line"                           # Keap's amount, as a line of its own
tax_item = "Keap sales tax"
zero_tax_item = "No tax"
match_items_by = "name"
default_item = "Sales"
unmatched_account = "Product sales"
discount_item = "Discount"
finance_charge_item = "Finance charge"
shipping_item = "Postage"

[auth]
storage = "file"                       # no keyring for a rehearsal
"""
"""The config for the company file in QuickBooks Desktop."""
