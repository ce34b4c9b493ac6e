"""What `invoicesync --help` prints, made by python -m tests.kits.help_page."""

COLUMNS = 80
"""How wide a terminal has to be for these lines; Typer makes them no longer on a wider one."""
PAGE = """\
Usage: invoicesync [OPTIONS] COMMAND [ARGS]...

  Carries Keap invoices and payments into Xero or QuickBooks Online: once, to
  the cent, and says why.

Options:
  --config PATH         The config file to use.
  --profile NAME        A second company's own settings.
  --json                One JSON document on stdout.
  -q, --quiet           Only what needs you.
  -v, --verbose         Say more; twice: every call.  [default: 0]
  --no-input            Never ask anything.
  --record FILE         Write every call, masked, to a new file to send in.
  --version             Say the version.
  --install-completion  Install completion for the current shell.
  --show-completion     Show completion for the current shell, to copy it or
                        customize the installation.
  -h, --help            Show this message and exit.

Commands:
  init          Ask the first-time questions and write the config.
  sync          Carry new Keap invoices into the ledger: one run.
  apply         Carry out a plan that sync --dry-run --save kept, and no...
  sync-id       Carry these invoices over, at once; ids as Keap lists them.
  todo          What is open, to work through: by reason, the oldest first.
  explain       Why an invoice is booked, skipped or held as it is.
  retry         Try what is open again; by its ids also what was skipped...
  dismiss       Take documents off the open list; they are not sent.
  undo          Take back in the ledger what a run, or some invoices, put...
  approve       Approve in the ledger what a run, or some invoices, drafted.
  adopt         Link what the ledger has already, entered by hand or...
  reverse-sync  Carry invoices made in the ledger into Keap as orders.
  log           What happened, newest first.
  status        Connections, processing, last run, and what is open.
  doctor        Check the config and both services against each other.
  pause         Let scheduled runs do nothing until `resume`.
  resume        Let scheduled runs work again.
  serve         Answer QuickBooks Desktop's Web Connector until Ctrl-C...
  lookup        The ledger's accounts, taxes, items, contacts and the like.
  verify        Keap against the ledger, document by document, to the cent.
  report        The month-end statement, from the records alone.
  match         A payout report of the merchant account against the...
  backup        Save config and state, never secrets, as one file.
  restore       Put config and state of a backup in place.
  demo          The whole job on simulated services: no account, no network.
  sandbox       Serve simulated services on this machine until Ctrl-C.
  schedule      Run `sync` by itself, by the system's own schedule.
  notify        Mail and pings of scheduled runs: try them, keep the mail...
  auth          Sign in and out, and see who is signed in.
  config        Show, find, check and edit the config file.

  invoicesync help COMMAND says more about a command. Keap was called
  Infusionsoft before. Questions and problems: see the README, or open an
  issue where you got invoicesync from.
"""
