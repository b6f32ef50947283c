"""A client of the national axis, written from what the deployed Java library (SDKVXP 2.0.0) sends and reads, without a
line of the server's: names and order of headers, the odd time stamp, the JSON as it serialises it, three tries."""
import hashlib
import hmac
import http.client
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from typing import Any
from urllib.parse import urlsplit

AGENT = "JAVASDKAgent/1.0.0 XRoad/VPCP"
VERSION = "3.0.201608"
Post = Callable[[str, Mapping[str, str], bytes], tuple[int, bytes]]


@dataclass
class Client:
    """`post(path, headers, body)` → (status, body). `tries`: so often a call is made that got no JSON."""

    post: Post
    system_id: str
    secret: str
    endpoint: str = "/api/exchange/axis"
    tries: int = 3
    now: Callable[[], datetime] = lambda: datetime.now(timezone(timedelta(hours=7)))
    answers: list[dict[str, Any]] = field(default_factory=list)

    def agencies(self) -> Any:
        return self.call("getAgenciesList", {})

    def register(self, **agency: str) -> Any:
        return self.call("registerAgency", {}, json.dumps(agency).encode())

    def send(self, content: bytes, source: str, *to: str, kind: str = "edoc", form: bool = False, **more: str) -> Any:
        said = {"servicetype": "eDoc", "messagetype": kind, "from": source, "to": json.dumps(list(to)),
                "hash-file": hashlib.sha256(content).hexdigest()} | more
        body, how = (in_a_form(content) if form else (content, "application/octet-stream"))
        return self.call("sendEdoc", said, body, {"Content-Type": how})

    def received(self, kind: str | None = "edoc") -> list[dict[str, str]]:
        return self._list("getReceivedEdocList", kind)

    def sent(self, kind: str | None = "edoc") -> list[dict[str, str]]:
        return self._list("getSentEdocList", kind)

    def document(self, number: str) -> Any:
        return self.call("getEdoc", {"docId": number})

    def update(self, number: str, status: str, **more: str) -> Any:
        return self.call("updateStatus", {"docId": number, "status": status} | more)

    def call(self, name: str, said: Mapping[str, str], body: bytes = b"", more: Mapping[str, str] | None = None) -> Any:
        for _try in range(self.tries):
            _status, text = self.post(f"{self.endpoint}/{name}", self.headers(said) | dict(more or {}), body)
            try:
                self.answers.append(json.loads(text))
            except ValueError:
                continue
            return self.answers[-1]
        raise AssertionError(f"no JSON after {self.tries} tries")

    def headers(self, said: Mapping[str, str]) -> dict[str, str]:
        """What is said, with system and stamp, and signed."""
        values = {"systemid": self.system_id, "timestamp": self.stamp(), **said}
        signed = json.dumps({f"XroadVnpt-{name}": value for name, value in values.items()}, separators=(",", ":"))
        seal = hmac.new(self.secret.encode(), signed.encode(), hashlib.sha256).hexdigest()
        return {f"XroadVnpt-{name}": value for name, value in values.items()} | {
            "XroadVnpt-sign-header-key": ";".join(values), "XroadVnpt-sign-header": signed,
            "XroadVnpt-hash-header": seal, "XroadVnpt-version": VERSION, "User-Agent": AGENT}

    def stamp(self) -> str:
        """ddMMyyyy'T'HHmmss+SSSS of SimpleDateFormat: milliseconds where a zone was meant."""
        now = self.now()
        return f"{now:%d%m%YT%H%M%S}+{now.microsecond // 1000:04}"

    def _list(self, name: str, kind: str | None) -> list[dict[str, str]]:
        answer = self.call(name, {"servicetype": "eDoc"} | ({"messagetype": kind} if kind else {}))
        assert (answer["status"], answer["ErrorCode"]) == ("OK", "0"), answer
        found: list[dict[str, str]] = answer["data"]
        return found


def in_a_form(content: bytes) -> tuple[bytes, str]:
    """As Apache's MultipartEntityBuilder writes the field file_doc."""
    mark = "----7d81b516112482"
    head = (f'--{mark}\r\nContent-Disposition: form-data; name="file_doc"; filename="edoc.edxml"\r\n'
            "Content-Type: application/octet-stream\r\nContent-Transfer-Encoding: binary\r\n\r\n")
    return head.encode() + content + f"\r\n--{mark}--\r\n".encode(), f"multipart/form-data; boundary={mark}"


def over_http(address: str) -> Post:
    """The same over a real connection."""
    host = urlsplit(address).netloc

    def post(path: str, headers: Mapping[str, str], body: bytes) -> tuple[int, bytes]:
        connection = http.client.HTTPConnection(host, timeout=60)
        try:
            connection.request("POST", path, body, dict(headers))
            answer = connection.getresponse()
            return answer.status, answer.read()
        except (OSError, http.client.HTTPException):
            return 0, b""
        finally:
            connection.close()

    return post
