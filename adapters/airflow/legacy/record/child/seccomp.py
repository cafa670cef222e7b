"""A seccomp filter (Linux on x86_64 and aarch64): system calls that reading a DAG file does not
need fail with EPERM. It needs no privileges, holds for all threads, and stays.

Numbers: `unistd_64.h` of the two architectures; the layout: `linux/seccomp.h` and `linux/filter.h`.
"""

import ctypes
import os
import platform
import struct
import sys

_NO_NEW_PRIVILEGES = 38
_SET_FILTER, _KEEP_SPECULATION = 1, 4
_LOAD, _EQUAL, _AT_LEAST, _HAS_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_ALLOW, _REFUSE, _UNKNOWN_CALL = 0x7FFF0000, 0x00050000 | 1, 0x00050000 | 38
_NUMBER, _ARCHITECTURE = 0, 4  # where they are in `struct seccomp_data`
_FIRST, _FIFTH = 16, 48  # and the arguments
_THREAD = 0x10000  # CLONE_THREAD
_FAMILIES = (1, 2, 10)  # UNIX, INET and INET6; a socket of theirs cannot be connected either
_X32 = 0x40000000
_AUDIT = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
_SECCOMP = {"x86_64": 317, "aarch64": 277}
_ON_X86_64_ONLY = {"fork": 57, "vfork": 58}
_REFUSED = {  # name -> its number on x86_64 and on aarch64
    "execve": (59, 221),
    "execveat": (322, 281),
    "connect": (42, 203),
    "bind": (49, 200),
    "listen": (50, 201),
    "accept": (43, 202),
    "accept4": (288, 242),
    "sendmsg": (46, 211),
    "sendmmsg": (307, 269),
    "tkill": (200, 130),
    "pidfd_send_signal": (424, 424),
    "pidfd_getfd": (438, 438),
    "ptrace": (101, 117),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "mount": (165, 40),
    "umount2": (166, 39),
    "pivot_root": (155, 41),
    "chroot": (161, 51),
    "move_mount": (429, 429),
    "open_tree": (428, 428),
    "fsopen": (430, 430),
    "fsmount": (432, 432),
    "mount_setattr": (442, 442),
    "setns": (308, 268),
    "unshare": (272, 97),
    "bpf": (321, 280),
    "perf_event_open": (298, 241),
    "io_uring_setup": (425, 425),
    "userfaultfd": (323, 282),
    "keyctl": (250, 219),
    "add_key": (248, 217),
    "request_key": (249, 218),
    "kexec_load": (246, 104),
    "kexec_file_load": (320, 294),
    "init_module": (175, 105),
    "finit_module": (313, 273),
    "delete_module": (176, 106),
    "open_by_handle_at": (304, 265),
    "reboot": (169, 142),
    "swapon": (167, 224),
    "swapoff": (168, 225),
    "sethostname": (170, 161),
    "settimeofday": (164, 170),
    "clock_settime": (227, 112),
}
_ASKED = {  # calls that depend on an argument, numbered as above
    "socket": (41, 198),
    "clone": (56, 220),
    "clone3": (435, 435),
    "sendto": (44, 206),
    "kill": (62, 129),
    "tgkill": (234, 131),
}


def shut() -> bool:
    """Whether the filter holds for this process from now on. False, and nothing changed, where the
    machine does not offer it.
    """
    machine = platform.machine()
    if not sys.platform.startswith("linux") or machine not in _AUDIT or sys.maxsize < 1 << 32:
        return False
    try:
        library = ctypes.CDLL(None, use_errno=True)
        call, prctl = library.syscall, library.prctl
    except (OSError, AttributeError):
        return False
    text = b"".join(_program(machine, os.getpid()))
    lines = ctypes.create_string_buffer(text, len(text))
    program = struct.pack("HxxxxxxQ", len(text) // 8, ctypes.addressof(lines))
    if prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0) != 0:
        return False
    number = ctypes.c_long(_SECCOMP[machine])
    # kernels before 4.17 do not know the first flag
    return any(call(number, _SET_FILTER, flags, program) == 0 for flags in (_KEEP_SPECULATION, 0))


def _program(machine: str, own_pid: int) -> list[bytes]:
    column = list(_AUDIT).index(machine)
    lines = [
        _line(_LOAD, _ARCHITECTURE),
        _line(_EQUAL, _AUDIT[machine], yes=1),
        _line(_RETURN, _REFUSE),
        _line(_LOAD, _NUMBER),
    ]
    if machine == "x86_64":
        lines += [_line(_AT_LEAST, _X32, no=1), _line(_RETURN, _REFUSE)]
    for numbers in _REFUSED.values():
        lines += _when(numbers[column], [_line(_RETURN, _REFUSE)])
    for number in _ON_X86_64_ONLY.values() if machine == "x86_64" else ():
        lines += _when(number, [_line(_RETURN, _REFUSE)])
    own = [_line(_LOAD, _FIRST), _line(_EQUAL, own_pid, no=1)]
    unix, internet, internet_6 = _FAMILIES
    decided = {
        "socket": [
            _line(_LOAD, _FIRST),
            _line(_EQUAL, unix, yes=2),
            _line(_EQUAL, internet, yes=1),
            _line(_EQUAL, internet_6, no=1),
        ],
        "clone": [_line(_LOAD, _FIRST), _line(_HAS_BIT, _THREAD, no=1)],
        "sendto": [  # with no address it goes where a pair of sockets leads
            _line(_LOAD, _FIFTH),
            _line(_EQUAL, 0, no=3),
            _line(_LOAD, _FIFTH + 4),
            _line(_EQUAL, 0, no=1),
        ],
        "kill": own,
        "tgkill": own,
    }
    for name, block in decided.items():
        end = [_line(_RETURN, _ALLOW), _line(_RETURN, _REFUSE)]
        lines += _when(_ASKED[name][column], [*block, *end])
    # the C library starts threads with `clone` where there is no `clone3`
    lines += _when(_ASKED["clone3"][column], [_line(_RETURN, _UNKNOWN_CALL)])
    return [*lines, _line(_RETURN, _ALLOW)]


def _when(number: int, block: list[bytes]) -> list[bytes]:
    return [_line(_EQUAL, number, no=len(block)), *block]


def _line(code: int, value: int, yes: int = 0, no: int = 0) -> bytes:
    return struct.pack("HBBI", code, yes, no, value)
