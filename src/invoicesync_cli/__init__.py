"""invoicesync: carries Keap invoices and payments into Xero or QuickBooks Online."""

__version__ = "0.1.0"
