"""Messages as they pass on a bus, byte by byte, also those that no library would write."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from dbus_fast import MessageType, Variant
from dbus_fast._private.marshaller import Marshaller

if TYPE_CHECKING:
    from collections.abc import Sequence

OURS: Final = ":1.42"
"""The name on the bus of whoever is tried."""
SERVER: Final = ":1.5"
"""The name of everybody else there; the bus itself has the next."""
BUS: Final = "org.freedesktop.DBus"
PLACE: Final = 0x7ABBCCDD
"""Stands in a reply until it is known what it replies to."""
_FIELDS: Final = (
    *(("path", 1, "o"), ("interface", 2, "s"), ("member", 3, "s"), ("error", 4, "s")),
    *(("reply", 5, "u"), ("destination", 6, "s"), ("sender", 7, "s"), ("signature", 8, "g")),
)


@dataclass(frozen=True)
class Spoken:
    """One message.

    Attributes:
        body: The arguments, for the signature; None for bytes that are none.
    """

    kind: MessageType
    fields: dict[str, Any]
    signature: str = ""
    body: Sequence[Any] = field(default_factory=list)

    def bytes(self) -> bytes:
        """Return it as it passes on the bus.

        Raises:
            Exception: The body is none for that signature.
        """
        body = bytes(Marshaller(self.signature, list(self.body)).marshall())
        given = self.fields | ({"signature": self.signature} if self.signature else {})
        fields = [
            [code, Variant(kind, given[name])] for name, code, kind in _FIELDS if name in given
        ]
        head = [ord("l"), self.kind.value, 0, 1, len(body), 77, fields]
        header = bytes(Marshaller("yyyyuua(yv)", head).marshall())
        return header + bytes(-len(header) % 8) + body


def reply(signature: str = "", *body: Any, sender: str = SERVER) -> Spoken:  # noqa: ANN401 -- as D-Bus has it
    """Return a reply; what it replies to is put in by whoever sends it."""
    fields = {"reply": PLACE, "destination": OURS, "sender": sender}
    return Spoken(MessageType.METHOD_RETURN, fields, signature, body)


def refusal(name: str, text: str = "", sender: str = SERVER) -> Spoken:
    """Return an error in place of a reply."""
    fields = {"reply": PLACE, "destination": OURS, "sender": sender, "error": name}
    return Spoken(MessageType.ERROR, fields, "s", [text])


def signal(  # the parts of a signal
    path: str,
    interface: str,
    member: str,
    signature: str = "",
    *body: Any,  # noqa: ANN401 -- as D-Bus has it
    sender: str = SERVER,
) -> Spoken:
    """Return a signal."""
    fields = {"path": path, "interface": interface, "member": member, "sender": sender}
    return Spoken(MessageType.SIGNAL, fields, signature, body)


def in_reply(content: bytes, serial: int) -> bytes:
    """Return a reply with the number of the call that it is about."""
    return content.replace(PLACE.to_bytes(4, "little"), serial.to_bytes(4, "little"))
