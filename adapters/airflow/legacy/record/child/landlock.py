"""Landlock (Linux 5.13 and later): the kernel itself refuses writes outside one folder, and TCP
from 6.7 on. It needs no privileges, holds for all that is forked afterwards, and stays.

Numbers: `linux/landlock.h` and `syscalls` of the kernel, the same on every architecture.
"""

import contextlib
import ctypes
import os
import struct
import sys

_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_ASK_VERSION = 1
_RULE_PATH_BENEATH = 1
_NO_NEW_PRIVILEGES = 38
_EXECUTE, _READ_FILE, _READ_DIR = 1, 4, 8
_WRITE_FILE = 2
_ALL_OF_FILES = {1: (1 << 13) - 1, 2: (1 << 14) - 1, 3: (1 << 15) - 1}
_TCP_FROM, _TCP = 4, 0b11  # bind and connect
_FREE = ("/dev/null", "/dev/zero")  # a file may be opened for writing there


def shut(scratch: str) -> tuple[bool, bool]:
    """Whether writes outside the folder, and TCP, are refused from now on in this process and in
    those it forks. False, and nothing changed, where the kernel does not offer it.
    """
    if not sys.platform.startswith("linux"):
        return False, False
    try:
        call = ctypes.CDLL(None, use_errno=True).syscall
    except (OSError, AttributeError):
        return False, False
    version = call(_CREATE_RULESET, None, ctypes.c_size_t(0), _ASK_VERSION)
    if version < 1:
        return False, False
    files = _ALL_OF_FILES[min(version, max(_ALL_OF_FILES))]
    files &= ~(_EXECUTE | _READ_FILE | _READ_DIR)  # reads are the audit hook's
    network = _TCP if version >= _TCP_FROM else 0
    wanted = struct.pack("QQ", files, network) if network else struct.pack("Q", files)
    ruleset = call(_CREATE_RULESET, wanted, ctypes.c_size_t(len(wanted)), 0)
    if ruleset < 0:
        return False, False
    try:
        allowed = _allow(call, ruleset, scratch, files)
        for device in _FREE:
            _allow(call, ruleset, device, _WRITE_FILE)
        if not allowed or ctypes.CDLL(None).prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0) != 0:
            return False, False
        held = call(_RESTRICT_SELF, ruleset, 0) == 0
    finally:
        os.close(ruleset)
    return held, held and bool(network)


def _allow(call: "ctypes._NamedFuncPointer", ruleset: int, path: str, access: int) -> bool:
    with contextlib.suppress(OSError):
        place = os.open(path, os.O_PATH | os.O_CLOEXEC)
        try:
            rule = struct.pack("=Qi", access, place)
            return bool(call(_ADD_RULE, ruleset, _RULE_PATH_BENEATH, rule, 0) == 0)
        finally:
            os.close(place)
    return False
