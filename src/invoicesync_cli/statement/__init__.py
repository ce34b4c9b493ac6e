"""The month-end statement: what is in the books for a period, from the records alone."""

from invoicesync_cli.statement.figures import Names, Period, Statement
from invoicesync_cli.statement.gather import statement_of

__all__ = ["Names", "Period", "Statement", "statement_of"]
