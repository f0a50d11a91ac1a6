"""A headless Chromium as a process: started over two pipes, watched, and gone afterwards.

What is said over the pipes is `devtools`'. Whatever a browser does besides showing one page is
switched off: that is two thirds of what it would cost, and most of what could be attacked. Its
pages have no scripts, and its own are interpreted, not compiled. It ends when its pipe closes,
hence with this process.
"""

import contextlib
import fcntl
import os
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

from ebook_pipeline.foundation.errors import (
    BookError,
    LimitExceeded,
    ServiceError,
    Unavailable,
)
from ebook_pipeline.tools import fonts
from ebook_pipeline.tools.process_family import family

_GLANCE = 0.2
_DYING = 5.0
"""Seconds from the end of its pipe to that of a process."""
_LONGEST_WORDS = 300
_LONGEST_SCRATCH = 107 - len("/.org.chromium.Chromium.123456/SingletonSocket")
"""Bytes of a folder in which the browser's socket can have a name, unix(7)."""
_UNUSED = (
    "AiModeOmniboxEntryPoint",
    "DialMediaRouteProvider",
    "InitialWebUI",
    "MediaRouter",
    "OptimizationHints",
    "PreloadTopChromeWebUI",
    "SpareRendererForSitePerProcess",
    "Translate",
    "WebUIOmniboxAimPopup",
    "WebUIOmniboxFullPopup",
    "WebUIOmniboxPopup",
)
_FLAGS = (
    "--headless",
    "--remote-debugging-pipe",
    "--no-startup-window",
    "--no-first-run",
    "--no-default-browser-check",
    "--disable-gpu",
    "--in-process-gpu",
    "--disable-dev-shm-usage",
    "--disable-extensions",
    "--disable-component-extensions-with-background-pages",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-domain-reliability",
    "--disable-field-trial-config",
    "--disable-sync",
    "--disable-breakpad",
    "--disable-crash-reporter",
    "--disable-webgl",
    "--disable-site-isolation-trials",
    f"--disable-features={','.join(_UNUSED)}",
    "--enable-features=NetworkServiceInProcess2",
    "--js-flags=--jitless",
    "--metrics-recording-only",
    "--mute-audio",
    "--password-store=basic",
    "--use-mock-keychain",
    "--hide-scrollbars",
    "--force-color-profile=srgb",
    "--host-resolver-rules=MAP * ~NOTFOUND",
    "--proxy-server=socks5://127.0.0.1:9",
    "--proxy-bypass-list=<-loopback>",
)

_NOT_FOR_SHELLS = "--in-process-gpu"
"""A headless shell whose pages are composed in its own process pictures none: it waits for ever."""


class BrowserEnded(Unavailable):
    """The browser's own process ended before its work was done: of a fault of its own, or killed.

    A page that dies of a book is another process, and another error.
    """


@contextmanager
def running_browser(
    executable: str, profile: Path, *, sandbox: bool
) -> Iterator[tuple[int, int, psutil.Process]]:
    """(descriptor to read from, descriptor to write to, process) of a browser.

    `profile` is an empty folder for its own files; `sandbox`: its own is on. The caller closes the
    descriptors. With the block the browser ends; should this process die before, it ends for its
    pipe is closed. A BrowserEnded of the block's is raised with how it ended and its last words.
    """
    theirs_in, ours_out = os.pipe()
    ours_in, theirs_out = os.pipe()
    command = [executable, *flags_of(executable), *(() if sandbox else ("--no-sandbox",))]
    process = _start(command, profile, theirs_in, theirs_out)
    browser = psutil.Process(process.pid)
    try:
        yield ours_in, ours_out, browser
    except BrowserEnded as error:
        raise BrowserEnded(f"{error}: {_death(process)}{_last_words(profile)}") from error
    finally:
        _end(browser, process)


def flags_of(executable: str) -> tuple[str, ...]:
    """What this browser is started with."""
    left_out = _NOT_FOR_SHELLS if is_shell(executable) else None
    return tuple(flag for flag in _FLAGS if flag != left_out)


def is_shell(executable: str | Path) -> bool:
    """Whether it is the engine alone, without windows."""
    return Path(executable).name.endswith(("headless-shell", "headless_shell"))


@contextmanager
def memory_guard(browser: psutil.Process, megabytes: int) -> Iterator[None]:
    """End the browser when it holds more than `megabytes`; what fails then fails for that.

    Memory that its processes share is counted once.
    """
    done, excess = threading.Event(), threading.Event()

    def watch() -> None:
        while not done.wait(_GLANCE):
            if _private_bytes(browser) > megabytes << 20:
                excess.set()
                _kill(browser)
                return

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        yield
    except (ServiceError, BookError) as error:
        if excess.is_set():
            text = f"Printing this book needed more than {megabytes} MiB of memory."
            raise LimitExceeded("sandbox.memory", text) from error
        raise
    finally:
        done.set()
        watcher.join()


def _private_bytes(browser: psutil.Process) -> int:
    """Memory of the browser and its children that each of them has for itself."""
    total = 0
    for process in family(browser):
        try:
            held = process.memory_info()
        except psutil.Error:  # it has just ended
            continue
        total += held.rss - getattr(held, "shared", 0)
    return total


def _death(process: subprocess.Popen[bytes]) -> str:
    try:
        code = process.wait(_DYING)
    except subprocess.TimeoutExpired:
        return "its process closed the pipe"
    return f"signal {-code}" if code < 0 else f"code {code}"


def _last_words(profile: Path) -> str:
    """``, `` and the last line of the log, or nothing."""
    lines = _log_of(profile).read_text(errors="replace").split("\n")
    said = next((line.strip() for line in reversed(lines) if line.strip()), "")
    return f", {said[-_LONGEST_WORDS:]}" if said else ""


def _log_of(profile: Path) -> Path:
    return profile.with_suffix(".log")


def _start(
    command: list[str], profile: Path, reading: int, writing: int
) -> subprocess.Popen[bytes]:
    """The browser reads commands from its descriptor 3 and writes to 4, as the flag asks."""
    fds = [fcntl.fcntl(fd, fcntl.F_DUPFD, 10) for fd in (reading, writing)]
    argv = [*command, f"--user-data-dir={profile}"]
    shell = f'exec "$@" 3</dev/fd/{fds[0]} 4>/dev/fd/{fds[1]}'
    try:
        with _log_of(profile).open("wb") as stderr:
            return subprocess.Popen(
                ["/bin/sh", "-c", shell, "sh", *argv],
                pass_fds=fds,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=stderr,
                cwd=profile,
                env=_environment(profile),
            )
    finally:
        for fd in (*fds, reading, writing):
            os.close(fd)


def _environment(profile: Path) -> dict[str, str]:
    """Its files go into its profile, its temporary ones beside it, with its fonts' settings.

    These by an absolute path: it now and then works elsewhere than where it was started, where it
    may write nothing. Among them is a socket, whose name has to be short.
    """
    own, scratch = str(profile), str(profile.parent)
    short = len(os.fsencode(scratch)) <= _LONGEST_SCRATCH
    settings = profile.with_name("fonts.conf")
    system = os.environ.get("FONTCONFIG_FILE", fonts.SYSTEM)
    settings.write_text(fonts.fontconfig(system), encoding="utf-8")
    return {
        **os.environ,
        "FONTCONFIG_FILE": str(settings),
        "HOME": own,
        "XDG_CONFIG_HOME": own,
        "TMPDIR": scratch if short else ".",
    }


def _end(browser: psutil.Process, process: subprocess.Popen[bytes]) -> None:
    """Kill it at once: closing down in order costs as much as a chapter's pages."""
    _kill(browser)
    process.wait()


def _kill(browser: psutil.Process) -> None:
    """End it with its children: the browser itself may be the child of a script that starts it."""
    for member in reversed(family(browser)):
        with contextlib.suppress(psutil.NoSuchProcess):
            member.kill()
