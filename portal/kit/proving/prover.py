"""The program that judges files for the portal: started by portal.kit.proving, run as a file of its own.

It keeps the libraries that read PDFs and pictures in memory, and for each file splits off a process that may use so
much memory, processor and time, answers on the pipe it was given, and ends. Whatever a file does to its reader happens
there. It knows no setting and no secret of the portal, and ends when the portal does, or has had nothing to do.
"""
import array
import json
import os
import resource
import select
import signal
import socket
import sys
import types
from pathlib import Path

IDLE_S = 300
MOST_MEMORY, MOST_FILE, MOST_CPU_S, MOST_S = 1024 * 1024 * 1024, 64 * 1024 * 1024, 10, 20
LONGEST_REQUEST = 8192


def main() -> None:
    """Judge what comes on the socket that is the standard input, until it closes or nothing comes for IDLE_S."""
    _without_the_portal()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the portal's to answer
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for those that judge
    line = socket.socket(fileno=0)
    while select.select([line], [], [], IDLE_S)[0]:
        words, answer_to = _request(line)
        if answer_to is None:
            return
        _warm(json.loads(words)["ending"])
        if os.fork() == 0:
            line.close()
            _judge(json.loads(words), answer_to)
        os.close(answer_to)


def _without_the_portal() -> None:
    """`portal` here is its folder alone: its own first lines bring in the whole web framework."""
    package = types.ModuleType("portal")
    package.__path__ = [str(Path(__file__).parents[2])]
    sys.modules["portal"] = package


def _request(line: socket.socket) -> tuple[bytes, int | None]:
    handles = array.array("i")
    words, more, _flags, _from = line.recvmsg(LONGEST_REQUEST, socket.CMSG_LEN(handles.itemsize))
    for _level, _kind, data in more:
        handles.frombytes(data[:handles.itemsize])
    return words, handles[0] if handles else None


def _warm(ending: str) -> None:
    """What is imported before the split costs each file nothing."""
    from portal.kit.proving import judging  # noqa: F401

    if ending == ".pdf":
        import pikepdf  # noqa: F401
    elif ending in (".heic", ".heif"):
        import pillow_heif  # noqa: F401
    elif ending not in (".docx", ".xlsx"):
        import PIL.JpegImagePlugin
        import PIL.PngImagePlugin  # noqa: F401


def _judge(asked: dict[str, str], answer_to: int) -> None:
    from portal.kit.proving import judging
    from portal.kit.proving.verdict import Bad

    try:
        _limit()
        content = Path(asked["place"]).read_bytes()
        found = judging.judge(content, asked["ending"], int(asked["most"]))
        if found.content is not None:
            Path(asked["out"]).write_bytes(found.content)
        said = {"media_type": found.media_type, "ending": found.ending, "changed": found.content is not None}
    except Bad as bad:
        said = {"refused": bad.reason}
    except (MemoryError, RecursionError):
        said = {"refused": "bomb"}
    except BaseException as error:
        said = {"failed": f"{type(error).__name__}"}
    try:
        os.write(answer_to, json.dumps(said).encode())
    finally:
        os._exit(0)


def _limit() -> None:
    """Each limit ends the process by itself: the portal sees that no answer came."""
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.alarm(MOST_S)
    for what, most in ((resource.RLIMIT_AS, MOST_MEMORY), (resource.RLIMIT_CPU, MOST_CPU_S),
                       (resource.RLIMIT_FSIZE, MOST_FILE), (resource.RLIMIT_CORE, 0)):
        resource.setrlimit(what, (most, most))


if __name__ == "__main__":
    main()
