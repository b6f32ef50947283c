"""A message in its receiver's own dialect. Most get the very bytes that came: what is signed, what is in their dialect
already, and what goes to another portal of this kind, which reads them all. The others get it written for them."""
import os
import tempfile
from typing import IO, BinaryIO, cast

from portal.exchange.edxml.message import Refused, Signature
from portal.exchange.edxml.profiles import PROFILES, Profile
from portal.exchange.models import Message, Participant, Way
from portal.kit import files
from portal.kit.db import slow


def profile_for(message: Message, receiver: Participant) -> Profile | None:
    """The dialect in which it must be written for this receiver; None where the bytes that came are the right ones."""
    profile = PROFILES.get(receiver.profile)
    if profile is None or receiver.way == Way.push or receiver.upstream or message.signature != Signature.none:
        return None
    if message.kind == "status":
        return profile if profile.status_older is not ("status_older" in message.deviations) else None
    return profile if message.dialect != profile.name else None


def translated(stream: IO[bytes], profile: Profile) -> tuple[IO[bytes], int]:
    """The message in that dialect, and its size in bytes. Takes the stream over; slow: not inside a transaction. What
    cannot be written so goes as it came: it was accepted, and late is worse than in another dialect."""
    from portal.exchange.edxml import reading, writing  # noqa: PLC0415  heavy, and only needed here
    slow("writing a message anew")
    out = tempfile.TemporaryFile()  # noqa: SIM115  whoever asked closes it
    try:
        with files.bench() as bench:
            writing.write(reading.read(cast(BinaryIO, stream), bench), profile, cast(BinaryIO, out))
    except (Refused, writing.SignedAlready, ValueError):
        out.close()
        size = stream.seek(0, os.SEEK_END)
        stream.seek(0)
        return stream, size
    except BaseException:
        out.close()
        stream.close()
        raise
    stream.close()
    size = out.tell()
    out.seek(0)
    return out, size
