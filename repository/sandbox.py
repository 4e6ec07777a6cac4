"""What a process that works for guests gives up, for good: the network, and memory beyond a bound.

Called first thing in the process, before any thread begins. Nothing of its work is known here.
"""

import ctypes
import platform
import resource
import sys

_PR_SET_NO_NEW_PRIVS = 38
_SECCOMP_SET_MODE_FILTER = 1
_FILTER_ALL_THREADS = 1
_EACCES = 13

# socket, connect, accept, sendto, sendmsg, bind, listen, accept4, execve, execveat, ptrace, io_uring_setup: with
# none of them a process reaches nobody but through the pipes it was born with. (architecture, seccomp(2), numbers)
_MACHINES = {
    "x86_64": (0xC000003E, 317, (41, 42, 43, 44, 46, 49, 50, 288, 59, 322, 101, 425)),
    "aarch64": (0xC00000B7, 277, (198, 203, 202, 206, 211, 200, 201, 242, 221, 281, 117, 425)),
}
# Numbers from here on are x86-64's second table (x32), which the filter would not know.
_X32 = 0x40000000

# struct seccomp_data: number at 0, architecture at 4. Opcodes of linux/bpf_common.h.
_LOAD, _IF_EQUAL, _IF_AT_LEAST, _RETURN = 0x20, 0x15, 0x35, 0x06
_ALLOW, _REFUSE = 0x7FFF0000, 0x00050000 | _EACCES


class _Instruction(ctypes.Structure):
    _fields_ = (
        ("code", ctypes.c_ushort),
        ("jump_true", ctypes.c_ubyte),
        ("jump_false", ctypes.c_ubyte),
        ("value", ctypes.c_uint),
    )


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.POINTER(_Instruction)))


def bound_memory(megabytes: int) -> None:
    """No more address space than this: an allocation beyond it fails, and with it the process."""
    size = megabytes << 20
    resource.setrlimit(resource.RLIMIT_AS, (size, size))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def shut_network() -> bool:
    """Refuse every socket and every new program to this process for good (EACCES); False where the platform cannot.

    pyoxigraph evaluates SERVICE with no switch to forbid it (oxigraph 0.5); the guard refuses the word, this the deed.
    """
    machine = _MACHINES.get(platform.machine()) if sys.platform == "linux" else None
    if machine is None:
        return False
    architecture, seccomp, numbers = machine
    rules = _rules(architecture, numbers)
    array = (_Instruction * len(rules))(*rules)
    program = _Program(len(rules), ctypes.cast(array, ctypes.POINTER(_Instruction)))
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0):
        return False
    done: int = libc.syscall(seccomp, _SECCOMP_SET_MODE_FILTER, _FILTER_ALL_THREADS, ctypes.byref(program))
    return done == 0


def _rules(architecture: int, numbers: tuple[int, ...]) -> list[_Instruction]:
    """A classic BPF program; jumps count the instructions to skip."""
    last = len(numbers)
    return [
        _Instruction(_LOAD, 0, 0, 4),
        _Instruction(_IF_EQUAL, 0, last + 3, architecture),
        _Instruction(_LOAD, 0, 0, 0),
        _Instruction(_IF_AT_LEAST, last + 1, 0, _X32),
        *(_Instruction(_IF_EQUAL, last - n, 0, number) for n, number in enumerate(numbers)),
        _Instruction(_RETURN, 0, 0, _ALLOW),
        _Instruction(_RETURN, 0, 0, _REFUSE),
    ]
