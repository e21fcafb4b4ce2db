"""Which service a flow is of, by its port and, where the flows tell it, its protocol."""

from __future__ import annotations

import numpy as np
import polars as pl

DYNAMIC = 49_152
"""Ports from here on are nobody's (RFC 6335): a server's answer taken for a request has one, and no service does."""
NAMES = {
    20: "ftp-data", 21: "ftp", 22: "ssh", 23: "telnet", 25: "smtp", 53: "domain", 67: "bootps", 80: "http",
    88: "kerberos", 110: "pop3", 123: "ntp", 135: "epmap", 137: "netbios-ns", 138: "netbios-dgm", 139: "netbios-ssn",
    143: "imap", 161: "snmp", 389: "ldap", 443: "https", 445: "microsoft-ds", 465: "submissions", 587: "submission",
    636: "ldaps", 993: "imaps", 995: "pop3s", 1900: "ssdp", 3268: "msft-gc", 3389: "ms-wbt-server", 5353: "mdns",
    5355: "llmnr", 8080: "http-alt",
}  # fmt: skip
"""Names of ports in IANA's registry of services, those that a network of offices and web servers uses."""
PROTOCOLS = {6: "tcp", 17: "udp"}


def services(port: pl.Series, protocol: pl.Series | None = None) -> np.ndarray:
    """The service of each flow in words, shape (n,): number, protocol and name of its port.

    >>> services(pl.Series([53, 60000, 53]), pl.Series([17, 6, 6])).tolist()
    ['53/udp domain', 'dynamic port, tcp', '53/tcp domain']
    """
    pairs = pl.DataFrame({"port": port.cast(pl.Int64), "protocol": protocol if protocol is not None else None})
    known = pairs.unique()
    words = [_words(*pair) for pair in known.iter_rows()]
    named = pairs.join(known.with_columns(words=pl.Series(words)), on=["port", "protocol"], how="left",
                       nulls_equal=True, maintain_order="left")  # fmt: skip
    return np.asarray(named["words"].to_list())


def _words(port: int | None, protocol: int | None) -> str:
    said = "" if protocol is None else PROTOCOLS.get(int(protocol), f"protocol {int(protocol)}")
    if port is None:
        return "no port"
    if port >= DYNAMIC:
        return f"dynamic port{said and f', {said}'}"
    name = NAMES.get(port)
    return f"{port}{said and f'/{said}'}{f' {name}' if name else ''}"
