"""Whose account a profile belongs to, and at which hosts: the one owner of these questions."""

from invoicesync_cli.auth.accounts import Account, described
from invoicesync_cli.errors import ConfigError, SignInNeeded, TryLater
from invoicesync_cli.services import Origins
from invoicesync_cli.state import Store
from invoicesync_cli.vendors import KEAP, VENDORS

BOOKS = "books"
"""The fact that says which ledger the records are about, from the first run on."""


class Pins:
    """Which account each service of a profile belongs to.

    A sign-in pins its account, and signing out frees it. From the first run on the state holds the
    books of one Keap account and one organisation: their pins stay with it, signed in or not (R18).
    """

    def __init__(self, state: Store) -> None:
        self._state = state

    def check_root(self, where: Origins) -> None:
        """Raise `ConfigError` when the state was made against another root."""
        known, root = self._state.get_meta(f"root_{where.vendor}"), _root(where)
        if known and known != root:
            raise ConfigError(
                f"This state was made against {known} for {VENDORS[where.vendor].title}, now it "
                f"is {root}.",
                hint="Use another INVOICESYNC_HOME or --profile for the sandbox, so that real and "
                "rehearsed documents never mix.",
                code="root-differs",
            )

    def pin_root(self, where: Origins) -> None:
        """Keep the state to the root that it is made against. Raises as `check_root` does."""
        self.check_root(where)
        self._state.set_meta(f"root_{where.vendor}", _root(where))

    def known(self, service: str) -> Account:
        """The pinned account; blanks while there is none."""
        ident, name = VENDORS[service].pin
        return Account(self._state.get_meta(ident), self._state.get_meta(name))

    def check(self, service: str, found: Account) -> None:
        """Raise `SignInNeeded` when another account is pinned."""
        known = self.known(service)
        bare = VENDORS[service].account_id
        if known.id and found.id and bare(known.id) != bare(found.id):
            raise self._another(service, service, found)

    def pin(self, service: str, found: Account) -> None:
        """Tie the profile to an account. Raises as `check` does."""
        self.check(service, found)
        ident, name = VENDORS[service].pin
        if found.id and not self.known(service).id:
            self._state.set_meta(ident, found.id)
        if found.name:
            self._state.set_meta(name, found.name)

    def renew(self, service: str, found: Account) -> None:
        """Know the pinned account by a new id, if it is the one of that name."""
        if found.id and found.name and found.name == self.known(service).name:
            self._state.set_meta(VENDORS[service].pin[0], found.id)

    def put_into(self, service: str, storage: str) -> None:
        """Remember which store the secrets of a sign-in went into."""
        self._state.set_meta(f"storage_{service}", storage)

    def stores(self) -> dict[str, str]:
        """The store that the secrets of each service's last sign-in went into, or blank."""
        return {service: self._state.get_meta(f"storage_{service}") for service in VENDORS}

    def keep_books(self, ledger: str, found: Account) -> None:
        """Tie the records to the organisation of a ledger, before anything is done with them.

        Raises as `check_books` does.
        """
        self.check_books(ledger, found)
        self.pin(ledger, found)
        self._state.set_meta(BOOKS, ledger)

    def check_books(self, ledger: str, found: Account) -> None:
        """Raise `SignInNeeded` when the records are of another organisation than the one found,
        `TryLater` when it is not known whose ledger this is."""
        if not found.id:
            raise TryLater(
                f"The {VENDORS[ledger].account} does not say which one it is.",
                hint="Nothing was done. Try again later.",
                code="unreadable-answer",
            )
        books = self._state.get_meta(BOOKS)
        if books not in {"", ledger}:
            raise self._another(books, ledger, found)
        self.check(ledger, found)

    def bound(self, service: str) -> bool:
        """Whether the records of this profile belong to the pinned account of a service."""
        books = self._state.get_meta(BOOKS)
        return bool(books) and service in {KEAP.key, books}

    def forget(self, service: str) -> None:
        """Tie the profile to no account of a service any more, unless its records are."""
        vendor = VENDORS[service]
        facts = () if self.bound(service) else vendor.pin
        for name in (*facts, *vendor.account_facts, f"storage_{service}"):
            self._state.set_meta(name, "")

    def _another(self, pinned: str, service: str, found: Account) -> SignInNeeded:
        known = self.known(pinned)
        forget = " --forget-books" if self.bound(pinned) else ""
        what = "the books of this profile are those of" if forget else "this profile belongs to"
        return SignInNeeded(
            f"{what[0].upper()}{what[1:]} the {VENDORS[pinned].account} {described(known)}; the "
            f"sign-in is for the {VENDORS[service].account} {described(found)}. Nothing was stored "
            "or sent.",
            hint="Sign in to the right one, or use --profile NAME for the other. To give up "
            f"{known.name or known.id} in this profile: invoicesync auth logout {pinned}{forget}"
            + (", which puts its records away and begins anew" if forget else ""),
            code="wrong-account",
        )


def _root(where: Origins) -> str:
    return where.root or "the vendor's own"
