"""Namespaces of Linux: a network with nothing in it, and file systems that cannot be written. They
hold for all that is forked afterwards; without privileges they need a user namespace.

Numbers: `linux/sched.h`, `sys/mount.h` and `linux/mount.h`.
"""

# Plain files and os.path: nothing of this may need more than the standard library's core.
# ruff: noqa: PTH123

import contextlib
import ctypes
import os
import struct
import sys
from collections.abc import Callable
from typing import Any

_NEW_USER, _NEW_MOUNTS, _NEW_NETWORK = 0x10000000, 0x00020000, 0x40000000
_BIND, _RECURSIVE, _PRIVATE = 0x1000, 0x4000, 0x40000
_SET_ATTRIBUTES, _HERE, _BELOW_TOO = 442, -100, 0x8000
_READ_ONLY = 1


def enter(scratch: str) -> tuple[bool, bool]:
    """Whether this process is now in a network namespace of its own, and in a mount namespace where
    only the folder can be written. False where the machine does not let us.
    """
    if not sys.platform.startswith("linux"):
        return False, False
    try:
        library = ctypes.CDLL(None, use_errno=True)
        unshare, mount, call = library.unshare, library.mount, library.syscall
    except (OSError, AttributeError):
        return False, False
    ids = os.getuid(), os.getgid()
    if unshare(_NEW_NETWORK) == 0:
        network = True
    elif unshare(_NEW_USER | _NEW_NETWORK) == 0:
        network = True
        _keep_ids(*ids)
    elif unshare(_NEW_USER) == 0:
        network = False
        _keep_ids(*ids)
    else:
        return False, False

    def shut() -> bool:
        done = unshare(_NEW_MOUNTS) == 0 and _only_writable(scratch, mount, call)
        os.chdir(scratch)  # the folder of before lies below the new mount
        return done and os.access(scratch, os.W_OK)

    return network, _works_in_a_fork(shut) and shut()


def _keep_ids(user: int, group: int) -> None:
    """Be in the new namespace who we were, or files seem to be somebody else's."""
    texts = {"setgroups": "deny", "uid_map": f"{user} {user} 1", "gid_map": f"{group} {group} 1"}
    for name, text in texts.items():
        with contextlib.suppress(OSError), open(f"/proc/self/{name}", "w") as file:
            file.write(text)


def _works_in_a_fork(action: Callable[[], bool]) -> bool:
    """What is done halfway cannot be taken back, so that it is tried in another process first."""
    pid = os.fork()
    if pid == 0:
        try:
            os._exit(0 if action() else 1)
        finally:
            os._exit(1)
    return os.waitpid(pid, 0)[1] == 0


def _only_writable(scratch: str, mount: Any, call: Any) -> bool:
    """The folder becomes a mount of its own; all others can only be read from then on."""
    place = os.fsencode(scratch)
    if mount(None, b"/", None, _RECURSIVE | _PRIVATE, None) != 0:
        return False
    if mount(place, place, None, _BIND, None) != 0:
        return False
    number = ctypes.c_long(_SET_ATTRIBUTES)
    close, free = struct.pack("QQQQ", _READ_ONLY, 0, 0, 0), struct.pack("QQQQ", 0, _READ_ONLY, 0, 0)
    size = ctypes.c_size_t(len(close))
    if call(number, _HERE, b"/", _BELOW_TOO, close, size) != 0:
        return False
    return bool(call(number, _HERE, place, 0, free, size) == 0)
