"""Whether the disks still have room: what people hand in must not fill the disk that everything else needs."""
import errno
import shutil
from pathlib import Path

from flask import current_app

FULL = (errno.ENOSPC, errno.EDQUOT)


def has_room(place: Path | None = None) -> bool:
    """Whether the disk of `place`, or of the files folder, has at least DISK_FREE_BYTES left. One that is not there is
    not full: what is wrong with it others say."""
    place = place or Path(current_app.config["FILES_FOLDER"])
    try:
        while not place.exists() and place != place.parent:
            place = place.parent
        return shutil.disk_usage(place).free >= int(current_app.config["DISK_FREE_BYTES"])
    except OSError:
        return True
