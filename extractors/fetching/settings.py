"""How fetching behaves, as data: pace, limits, identity, exceptions for hosts. Read from TOML; decides nothing.

```toml
contact = "https://example.org/about-our-crawl"   # goes into the user agent
delay = 1.0                                       # seconds between two requests to a host
[hosts."www.example.gov.cn"]
delay = 5.0
```
"""

from __future__ import annotations

import dataclasses
import tomllib
import typing
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path

from extractors.documents.limits import MAX_BYTES
from extractors.errors import SettingsError

Network = IPv4Network | IPv6Network


@dataclass(frozen=True, slots=True)
class HostRule:
    """What differs for one host. None: as for all."""

    delay: float | None = None
    per_host: int | None = None
    ca_file: str | None = None
    """PEM file with the certificates that the host forgets to send, or of its own authority."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that can be chosen. The defaults are polite."""

    contact: str = ""
    delay: float = 1.0
    per_host: int = 1
    concurrency: int = 32
    obey_robots: bool = True
    max_crawl_delay: float = 30.0
    """A longer Crawl-delay is cut to this: some sites say 86400, which would mean never."""

    connect_timeout: float = 15.0
    read_timeout: float = 30.0
    total_timeout: float = 180.0
    max_bytes: int = MAX_BYTES
    """At most what is read at all."""
    max_redirects: int = 8

    attempts: int = 4
    """Requests for one address before it counts as failed."""
    wait_initial: float = 2.0
    wait_max: float = 60.0
    """Longest pause before a retry. A longer Retry-After is obeyed by not asking again in this run."""
    wait_jitter: float = 2.0
    give_up_after: int = 5
    """Failures to connect in a row after which a host is left alone for the rest of the run."""

    fresh_for: float = timedelta(days=7).total_seconds()
    """An address that was had less than this ago is not asked for at all: its outcome is `unchanged`."""
    follow: bool = True
    """Fetch attachments and next pages of the pages that are asked for."""
    max_attachments: int = 30
    max_pages: int = 20

    allowed_networks: tuple[Network, ...] = ()
    """Networks that are fetched from although they are not public. For tests; empty in every real use."""
    hosts: Mapping[str, HostRule] = field(default_factory=dict)

    @property
    def user_agent(self) -> str:
        contact = f"; {self.contact}" if self.contact else ""
        return f"ogi-warehouse/0.1 (archive of open-government-information annual reports{contact})"

    def host(self, name: str) -> HostRule:
        return self.hosts.get(name.lower(), HostRule())


def load(path: Path) -> Settings:
    """Read settings from a TOML file. A key that is left out keeps its default.

    Raises SettingsError naming file and key: no such file, not TOML, an unknown key, a value of the wrong type or below
    zero.
    """
    try:
        with path.open("rb") as file:
            given = tomllib.load(file)
    except FileNotFoundError:
        raise SettingsError(f"{path}: no such file") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
        raise SettingsError(f"{path}: {error}") from error
    hosts = {}
    for name, rule in _table(path, "hosts", given.pop("hosts", {})).items():
        hosts[name.lower()] = HostRule(**_checked(path, f"hosts.{name}.", HostRule, _table(path, name, rule)))
    networks = given.pop("allowed_networks", [])
    try:
        allowed = tuple(ip_network(n) for n in networks)
    except (ValueError, TypeError) as error:
        raise SettingsError(f"{path}: allowed_networks: {error}") from error
    return Settings(**_checked(path, "", Settings, given), hosts=hosts, allowed_networks=allowed)


def _table(path: Path, key: str, value: object) -> dict[str, typing.Any]:
    if not isinstance(value, dict):
        raise SettingsError(f"{path}: {key}: expected a table, found {value!r}")
    return value


def _checked(path: Path, prefix: str, cls: type, given: dict[str, typing.Any]) -> dict[str, typing.Any]:
    types = typing.get_type_hints(cls)
    known = {f.name for f in dataclasses.fields(cls)} - {"hosts", "allowed_networks"}
    checked: dict[str, typing.Any] = {}
    for key, value in given.items():
        if key not in known:
            raise SettingsError(f"{path}: {prefix}{key}: unknown key (expected one of {', '.join(sorted(known))})")
        wanted = next(t for t in (typing.get_args(types[key]) or (types[key],)) if t is not type(None))
        found = float(value) if wanted is float and type(value) is int else value
        if type(found) is not wanted:
            raise SettingsError(f"{path}: {prefix}{key}: expected {wanted.__name__}, found {value!r}")
        if wanted in (int, float) and not 0 <= found < 10**12:  # also refuses nan
            raise SettingsError(f"{path}: {prefix}{key}: expected a number from 0, found {value!r}")
        if wanted is int and key not in ("max_redirects", "max_attachments", "max_pages") and not found:
            raise SettingsError(f"{path}: {prefix}{key}: expected at least 1")
        if key == "max_bytes" and found > MAX_BYTES:
            raise SettingsError(
                f"{path}: max_bytes: expected at most {MAX_BYTES}, which is what is read, found {found}"
            )
        if isinstance(found, str) and any(not 32 <= ord(c) < 127 for c in found):  # they go into a header
            raise SettingsError(f"{path}: {prefix}{key}: expected printable ASCII, found {value!r}")
        checked[key] = found
    return checked
