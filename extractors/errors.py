"""What can go wrong, by name. Each error says what was found, where, and what was expected; handling it belongs to the caller."""

from __future__ import annotations


class OgiError(Exception):
    """Base of every error that this library raises on purpose."""


class DocumentError(OgiError):
    """A document that cannot be used. `reason` is the stable name that ends in `raw.outcomes.reason`."""

    reason = "unusable"

    def __init__(self, detail: str) -> None:
        super().__init__(f"{self.reason}: {detail}")
        self.detail = detail


class MissingFile(DocumentError):
    """The location names no file."""

    reason = "missing_file"


class UnsafeLocation(DocumentError):
    """The location leaves the folder of the catalogue."""

    reason = "unsafe_location"


class UnsupportedLocation(DocumentError):
    """The location has a scheme that is not fetched."""

    reason = "unsupported_location"


class EmptyDocument(DocumentError):
    """No bytes, or no text in them."""

    reason = "empty"


class TooLarge(DocumentError):
    """More bytes, cells or nesting than the limits allow."""

    reason = "too_large"


class UnknownType(DocumentError):
    """The content is of no type that is read."""

    reason = "unknown_type"


class Undecodable(DocumentError):
    """The bytes are text in no encoding that fits."""

    reason = "undecodable"


class Damaged(DocumentError):
    """The type is known but the file is broken or truncated."""

    reason = "damaged"


class NeedsConverter(DocumentError):
    """An old Word file, and LibreOffice, which turns it into a new one, is not installed here."""

    reason = "needs_converter"


class Encrypted(DocumentError):
    """The file asks for a password."""

    reason = "encrypted"


class NoText(DocumentError):
    """Pages without a text layer: a scan."""

    reason = "no_text_layer"


class NotAReport(DocumentError):
    """Readable, but nothing in it says that it is an annual report of this kind."""

    reason = "not_a_report"


class BlankForm(DocumentError):
    """The statutory form with no figure in it."""

    reason = "blank_form"


class YearUnknown(DocumentError):
    """A report, but neither its text nor the catalogue says of which year."""

    reason = "year_unknown"


class AgencyUnknown(DocumentError):
    """A report, but neither its text nor the catalogue says of which agency."""

    reason = "agency_unknown"


class FormsError(OgiError):
    """A form's files break a rule of the catalogue of forms. Says file and line; nothing is loaded."""


class CatalogueError(OgiError):
    """The catalogue of sources is refused as a whole. Says file and line; nothing is written."""
