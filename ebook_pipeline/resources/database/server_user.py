"""Who the embedded server runs as, and how that user comes to its files.

Postgres refuses root: started by root it is the system user `pgserver`, to whom a home is shut.
It needs no way through the folders above its own: it is started in them, and calls where it is
``/proc/self/cwd``. No folder's rights are changed but its own's.
"""

import contextlib
import functools
import hashlib
import os
import pwd
import shutil
import stat
import subprocess
from pathlib import Path
from typing import Any

from ebook_pipeline.foundation.errors import ServiceError

SYSTEM_USER = "pgserver"
_ENVIRONMENT = {"LC_ALL": "C", "TZ": "UTC", "PATH": "/usr/bin:/bin"}
_HERE = Path("/proc/self/cwd")
_COPIES = Path("/var/cache/ebook-pipeline")


def is_another() -> bool:
    """Whether the server runs as another user than this process."""
    return _system_user() is not None


def seen_from(folder: Path, path: Path) -> str:
    """How a program that is started in `folder` names `path`, above which it may pass nowhere.

    That is as it stands where the program is our own user's, or `path` lies elsewhere.
    """
    if not is_another() or not _HERE.exists() or not path.is_relative_to(folder.parent):
        return str(path)
    return str(_HERE) if path == folder else os.path.relpath(path, folder)


@functools.cache
def reachable(installed: Path) -> Path:
    """`installed`, a folder of programs, or a copy where the server's user may not get to it."""
    above = (installed, *installed.resolve().parents)
    if not is_another() or all(_is_open(folder) for folder in above):
        return installed
    state = installed.stat()
    named = f"{installed}:{state.st_mtime_ns}:{state.st_ino}".encode()
    copy = _COPIES / hashlib.sha256(named).hexdigest()[:16]
    if not copy.exists():
        fresh = copy.with_name(f"{copy.name}.{os.getpid()}")
        shutil.copytree(installed, fresh, symlinks=True)
        _open(fresh)
        with contextlib.suppress(OSError):  # another was faster
            fresh.rename(copy)
        shutil.rmtree(fresh, ignore_errors=True)
    return copy


def _is_open(folder: Path) -> bool:
    return bool(folder.stat().st_mode & stat.S_IXOTH)


def _open(copied: Path) -> None:
    """Let everybody read and run what lies in `copied`; we have just made it."""
    for path in (_COPIES, copied, *copied.rglob("*")):
        if not path.is_symlink():
            mode = path.stat().st_mode
            path.chmod(0o755 if mode & stat.S_IXUSR else 0o644)


def server_side(folder: Path) -> dict[str, Any]:
    """What `subprocess` needs to run a program in `folder` as the server's user."""
    common: dict[str, Any] = {"cwd": folder, "env": _ENVIRONMENT}
    user = _system_user()
    if user is None:
        return common
    return common | {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}


def _system_user() -> pwd.struct_passwd | None:
    """Who the server runs as when we are root (the user is made when missing), else None."""
    if os.geteuid() != 0:
        return None
    with contextlib.suppress(KeyError):
        return pwd.getpwnam(SYSTEM_USER)
    useradd = shutil.which("useradd", path="/usr/sbin:/sbin:/usr/bin:/bin")
    if useradd is None:
        raise ServiceError(f"Postgres refuses root: run as another user, or make {SYSTEM_USER!r}")
    command = [useradd, "--system", "--no-create-home", "--shell", "/usr/sbin/nologin", SYSTEM_USER]
    subprocess.run(command, check=False, capture_output=True)  # another may have been faster
    try:
        return pwd.getpwnam(SYSTEM_USER)
    except KeyError as error:
        raise ServiceError(f"could not make the user {SYSTEM_USER!r}") from error


def own_folder(folder: Path) -> None:
    """Make `folder` for the server's user alone. Raises `ServiceError` where it is another's."""
    folder.mkdir(mode=0o700, exist_ok=True)
    status = folder.lstat()
    private = not folder.parent.stat().st_mode & stat.S_IWOTH and os.geteuid() == 0
    ours = private or status.st_uid in {os.geteuid(), _owner()[0]}
    if not (stat.S_ISDIR(status.st_mode) and ours):
        raise ServiceError(f"{folder} belongs to somebody else: remove it")
    folder.chmod(0o700)
    give(folder)


def _owner() -> tuple[int, int]:
    user = _system_user()
    return (os.geteuid(), os.getegid()) if user is None else (user.pw_uid, user.pw_gid)


def give(path: Path) -> None:
    """Hand `path` and what is in it to the server's user, where it is not already that user's."""
    owner = _owner()
    if path.lstat().st_uid == owner[0]:
        return
    os.chown(path, *owner, follow_symlinks=False)
    for inner in path.rglob("*") if path.is_dir() else ():
        os.chown(inner, *owner, follow_symlinks=False)
