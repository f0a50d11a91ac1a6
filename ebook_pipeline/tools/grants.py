"""Which files a call may open: those that its arguments name, and what every program needs.

A file that is there may be read. A folder may be written to, and so may the folder in which a file
is yet to be made, unless that is one in which other things than this call's lie.
"""

import dataclasses
import functools
import shutil
import site
import sys
import sysconfig
import tempfile
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from pydantic import BaseModel

from ebook_pipeline.tools.landlock import FileRules

_PROGRAMS = ("/usr", "/lib", "/lib32", "/lib64", "/bin", "/sbin", "/nix/store")
_SETTINGS = (
    "alternatives", "chromium", "chromium.d", "fonts", "group", "host.conf", "hosts", "ld.so.cache",
    "ld.so.conf", "ld.so.conf.d", "localtime", "mime.types", "nsswitch.conf", "os-release",
    "passwd", "timezone",
)  # fmt: skip
_FONTS = (".fonts", ".local/share/fonts", ".config/fontconfig")
_MACHINE = (
    "/proc/cpuinfo", "/proc/meminfo", "/proc/stat",
    "/proc/loadavg", "/proc/uptime", "/proc/filesystems", "/proc/version", "/proc/sys/kernel",
    "/proc/sys/vm", "/proc/sys/fs", "/sys/devices/system", "/sys/fs/cgroup",
    "/var/cache/fontconfig",
)  # fmt: skip
ITSELF = FileRules(read=(Path("/proc/self"),))
"""What a process may know of itself; which that is, it must say itself."""
_DEVICES = ("/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom")


def rules_of(arguments: Iterable[object]) -> FileRules:
    """What a call with these arguments may open besides what every program needs."""
    read, write = set[Path](), set[Path]()
    for path in paths_in(arguments):
        if path.is_dir():
            write.add(path)
        elif path.exists():
            read.add(path)
        else:
            write.add(path.parent)
    return FileRules(read=tuple(read), write=tuple(folder for folder in write if not _wide(folder)))


def lies_in(path: Path, rules: FileRules) -> bool:
    """Whether `rules` name `path` or a folder above it, by its name alone."""
    named = (*rules.read, *rules.write, *rules.own)
    return ".." not in path.parts and any(path.is_relative_to(place) for place in named)


def joined(*rules: FileRules) -> FileRules:
    """What any of `rules` allows."""
    read, run, write, own = (
        tuple(path for one in rules for path in getattr(one, field.name))
        for field in dataclasses.fields(FileRules)
    )
    return FileRules(read, run, write, own)


@functools.cache
def program_rules() -> FileRules:
    """What programs need: libraries, fonts and our code, which is read only."""
    code = {Path(__file__).parents[1], *_interpreter()}
    etc = (Path("/etc", name) for name in _SETTINGS)
    fonts = (Path.home() / name for name in _FONTS)
    return FileRules(
        read=_outermost((*etc, *fonts, *map(Path, _MACHINE))),
        run=_outermost((*map(Path, _PROGRAMS), *code)),
        write=tuple(map(Path, _DEVICES)),
    )


def _outermost(paths: Iterable[Path]) -> tuple[Path, ...]:
    """Where `paths` really lie, those that are there and not below another of them."""
    there = {path.resolve() for path in paths if _can_see(path)}
    return tuple(path for path in there if there.isdisjoint(path.parents))


def _interpreter() -> Iterator[Path]:
    """Where Python lies with the packages that are installed for it."""
    yield from (Path(sys.prefix), Path(sys.base_prefix), Path(sys.exec_prefix))
    yield from (Path(path) for path in sysconfig.get_paths().values())
    yield from map(Path, site.getsitepackages())


def _can_see(path: Path) -> bool:
    try:
        return path.exists()
    except OSError:  # in a folder that is not ours
        return False


def program_rules_of(program: str | Path) -> FileRules:
    """What lies beside an outside program that is not the system's."""
    found = shutil.which(program)
    if found is None:
        return FileRules()
    folder = Path(found).resolve().parent
    return FileRules() if _wide(folder) else FileRules(run=(folder,))


def code_rules(function: Callable[..., object]) -> FileRules:
    """The package that `function` comes from, which may be another one than ours."""
    module = sys.modules.get(function.__module__.partition(".")[0])
    folders = [Path(folder) for folder in getattr(module, "__path__", ())]
    return FileRules(run=tuple(folders))


def paths_in(value: object) -> Iterator[Path]:
    """Every path in `value`, at any depth of records, lists and mappings, made absolute."""
    if isinstance(value, Path):
        yield value.absolute()
    elif isinstance(value, BaseModel) or (
        dataclasses.is_dataclass(value) and not isinstance(value, type)
    ):
        for inner in vars(value).values():
            yield from paths_in(inner)
    elif isinstance(value, list | tuple | set | frozenset):
        for inner in value:
            yield from paths_in(inner)
    elif isinstance(value, dict):
        for inner in (*value, *value.values()):
            yield from paths_in(inner)


def _wide(folder: Path) -> bool:
    """Whether other people's or other calls' things lie in `folder` or below it."""
    shared = (
        Path(tempfile.gettempdir()),
        Path.home(),
        Path.cwd(),
        Path(sys.prefix),
        Path(__file__),
    )
    here = folder.resolve()
    return any(place.resolve().is_relative_to(here) for place in shared)
