"""What is wrong with one element, gathered so that everything is said at once."""

from typing import NoReturn


class Findings:
    """Errors refuse the element, warnings do not. Lines are counted from 0."""

    def __init__(self) -> None:
        self.errors: list[str] = []
        self.warnings: list[str] = []
        self.line_errors: dict[int, list[str]] = {}

    def error(self, message: str) -> None:
        """Refuse the element; the same message is kept once."""
        if message not in self.errors:
            self.errors.append(message)

    def line_error(self, place: int, message: str) -> None:
        """Refuse the element because of one of its lines."""
        self.line_errors.setdefault(place, []).append(message)

    def warn(self, message: str) -> None:
        """Save the element, but say so."""
        self.warnings.append(message)

    def stop(self) -> None:
        """Raise `ElementRefused` if there is an error."""
        if self.errors or self.line_errors:
            self.refuse()

    def refuse(self) -> NoReturn:
        """Raise `ElementRefused`."""
        raise ElementRefused(self)


class ElementRefused(ValueError):
    """The element breaks rules of the vendor; `findings` names them."""

    def __init__(self, findings: Findings) -> None:
        lines = [text for texts in findings.line_errors.values() for text in texts]
        super().__init__("; ".join([*findings.errors, *lines]))
        self.findings = findings
