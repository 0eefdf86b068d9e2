"""What can go wrong, by name. Each error says what was found, where, and what was expected; handling it belongs to the caller."""

from __future__ import annotations

import os
import traceback

READER_ERROR = "reader_error"
"""Not the document's fault but ours: what the reader raised, and nobody expected, over one document."""


def of_ours(error: Exception) -> str:
    """What was raised, where, in a line."""
    at = traceback.extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__} at {os.path.basename(at.filename)}:{at.lineno}: {error}"


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


class OtherReport(DocumentError):
    """A report of another agency or another year than the page that brings it."""

    reason = "other_report"


class TooMany(DocumentError):
    """One page brings more than the settings let us fetch."""

    reason = "too_many"


class YearUnknown(DocumentError):
    """A report, but neither its text nor the catalogue says of which year."""

    reason = "year_unknown"


class AgencyUnknown(DocumentError):
    """A report, but neither its text nor the catalogue says of which agency."""

    reason = "agency_unknown"


class FetchError(DocumentError):
    """An address that gave no document, this time."""

    reason = "not_fetched"


class UnsafeAddress(FetchError):
    """The address is, resolves to or redirects to a machine that is not on the public network."""

    reason = "unsafe_address"


class RefusedByRobots(FetchError):
    """robots.txt of the site refuses the address to us."""

    reason = "refused_by_robots"


class RobotsUnreachable(FetchError):
    """robots.txt cannot be had, so that nothing may be fetched (RFC 9309, 2.3.1.4)."""

    reason = "robots_unreachable"


class Gone(FetchError):
    """404, 410, or a page that says so with status 200 in the place of a document."""

    reason = "gone"


class Forbidden(FetchError):
    """401, 403 or another refusal that is no challenge."""

    reason = "forbidden"


class ChallengePage(FetchError):
    """A page that wants a browser or a person before it shows anything."""

    reason = "challenge_page"


class WrongContent(FetchError):
    """Status 200, but the content is an error page or not of the type that the address promises."""

    reason = "wrong_content"


class EndlessRedirects(FetchError):
    """More redirects than the limit, or a circle of them."""

    reason = "endless_redirects"


class BadResponse(FetchError):
    """An answer that breaks HTTP or that no rule covers."""

    reason = "bad_response"


class Truncated(FetchError):
    """The answer ended before the length that it announced."""

    reason = "truncated"


class TimedOut(FetchError):
    """No connection, no byte or no end within the limits of time."""

    reason = "timed_out"


class NameUnknown(FetchError):
    """The name of the host resolves to no address."""

    reason = "name_unknown"


class ConnectionFailed(FetchError):
    """The host refused or reset the connection, or was given up after failing again and again."""

    reason = "connection_failed"


class CertificateRefused(FetchError):
    """The certificate or its chain does not prove who the host is."""

    reason = "certificate_refused"


class TlsFailed(FetchError):
    """The host speaks no TLS that is accepted: too old a version or cipher, or none."""

    reason = "tls_failed"


class ServerFailed(FetchError):
    """A status of 500 or above."""

    reason = "server_error"

    def __init__(self, detail: str, retry_after: float | None = None) -> None:
        super().__init__(detail)
        self.retry_after = retry_after


class RateLimited(ServerFailed):
    """429: the host asks for fewer requests."""

    reason = "rate_limited"


class NothingFound(OgiError):
    """A page that should list reports lists none: its layout changed or is not known."""


class SettingsError(OgiError):
    """A file of settings is refused as a whole. Says file and key."""


class FormsError(OgiError):
    """A form's files break a rule of the catalogue of forms. Says file and line; nothing is loaded."""


class CatalogueError(OgiError):
    """The catalogue of sources is refused as a whole. Says file and line; nothing is written."""
