#!/usr/bin/python3
"""Runs world switches in an emulator and tells which guest registers they move.

Reads a JSON list of programs from standard input and writes a JSON list of what was seen, in the same order. A program:

  elf        path of a linked executable
  function   the name of the function to call
  arguments  its arguments: numbers, or "vcpu" and "regs" for the addresses of the vCPU and of its register array
  exit       the label at which VM-exit arrives; null where that is behind VM-entry
  variables  values of symbols outside of the program, as for arguments
  results    what functions outside of the program return, as for arguments

What was seen:

  load   registers that hold the value of their slot at a VM-entry
  store  registers whose guest value is in their slot at the end
  end    "return"; "fault", of memory or by an instruction that says so; "limit", of instructions or of VM-entries;
         "unsupported", by an instruction that the emulator lacks
  entries  how many VM-entries there were
"""

import json
import struct
import subprocess
import sys

from unicorn import UC_ARCH_X86, UC_ERR_INSN_INVALID, UC_HOOK_CODE, UC_MODE_64, Uc, UcError
from unicorn import x86_const

GPRS = ["RAX", "RCX", "RDX", "RBX", "RSP", "RBP", "RSI", "RDI"] + [f"R{n}" for n in range(8, 16)]
NUMBERS = {name: getattr(x86_const, f"UC_X86_REG_{name}") for name in GPRS}
ARGUMENTS = ["RDI", "RSI", "RDX", "RCX", "R8", "R9"]
# System V psABI 3.2.1.
VOLATILE = ["RAX", "RCX", "RDX", "RSI", "RDI", "R8", "R9", "R10", "R11"]

PAGE = 0x1000
VCPU = 0x600000
REGS = VCPU + 0x100
STACK = 0x700000
STACK_SIZE = 0x10000
# Symbols outside of the program; a function there returns at once. The last page is where the called function returns to.
OUTSIDE = 0x100000
OUTSIDE_SIZE = 0x10000
RETURN = OUTSIDE + OUTSIDE_SIZE - PAGE
RET = b"\xc3"

VMRUN = b"\x0f\x01\xd8"
ENTRIES = {VMRUN, b"\x0f\x01\xc2", b"\x0f\x01\xc3"}  # VMRUN, VMLAUNCH, VMRESUME
UD2 = b"\x0f\x0b"
# Instructions that the emulator lacks, and that leave the general-purpose registers alone (AMD APM volume 3, Intel SDM volume 2).
NO_MOVES = [
    b"\x0f\x01\xda",  # VMLOAD
    b"\x0f\x01\xdb",  # VMSAVE
    b"\x0f\x01\xdc",  # STGI
    b"\x0f\x01\xdd",  # CLGI
    b"\x0f\x01\xf8",  # SWAPGS
    b"\x0f\x79\xd4",  # VMWRITE RSP, RDX
    b"\xf3\x0f\x01\xea",  # SAVEPREVSSP
    b"\xf3\x0f\x01\xe8",  # SETSSBSY
]

MOST_INSTRUCTIONS = 5000
MOST_ENTRIES = 3


def marked(kind, number):
    return kind << 48 | number * 0x101 | 0x100000000


IN_SLOT = {name: marked(0x1111, n) for n, name in enumerate(GPRS)}
OF_GUEST = {name: marked(0x2222, n) for n, name in enumerate(GPRS)}
OF_HOST = {name: marked(0x3333, n) for n, name in enumerate(GPRS)}
OF_CALLEE = marked(0x4444, 0)


def value_of(given):
    return {"vcpu": VCPU, "regs": REGS}.get(given, given)


def segments(path):
    """The loadable segments of a 64-bit ELF file: address, bytes, size in memory (System V gABI, chapter 5)."""
    with open(path, "rb") as file:
        image = file.read()
    offset, size, count = struct.unpack_from("<Q", image, 32)[0], *struct.unpack_from("<HH", image, 54)
    for at in range(offset, offset + size * count, size):
        kind, _, start, address, _, in_file, in_memory, _ = struct.unpack_from("<IIQQQQQQ", image, at)
        if kind == 1:
            yield address, image[start : start + in_file], in_memory


def symbols(path):
    lines = subprocess.run(["nm", "-P", path], capture_output=True, text=True, check=True).stdout.splitlines()
    return {words[0]: int(words[2], 16) for words in map(str.split, lines) if len(words) > 2}


class Machine:
    """One call of a program's function."""

    def __init__(self, program):
        self.program = program
        self.symbols = symbols(program["elf"])
        self.names = {address: name for name, address in self.symbols.items()}
        self.uc = Uc(UC_ARCH_X86, UC_MODE_64)
        self.loaded = set()
        self.entries = 0
        self.instructions = 0
        self.end = None
        self.map_memory()
        self.set_registers()
        self.uc.hook_add(UC_HOOK_CODE, self.on_instruction)

    def map_memory(self):
        pages = set()
        for address, _, size in segments(self.program["elf"]):
            pages.update(range(address & -PAGE, address + size, PAGE))
        for address in pages:
            self.uc.mem_map(address, PAGE)
        for address, data, _ in segments(self.program["elf"]):
            self.uc.mem_write(address, data)
        for address, size in ((OUTSIDE, OUTSIDE_SIZE), (VCPU, STACK_SIZE), (STACK, STACK_SIZE)):
            self.uc.mem_map(address, size)
        self.uc.mem_write(OUTSIDE, RET * OUTSIDE_SIZE)
        for number, name in enumerate(GPRS):
            self.write_word(REGS + 8 * number, IN_SLOT[name])
        for name, given in self.program["variables"].items():
            if name in self.symbols:
                self.write_word(self.symbols[name], value_of(given))

    def set_registers(self):
        for name, value in OF_HOST.items():
            self.write(name, value)
        for name, given in zip(ARGUMENTS, self.program["arguments"]):
            self.write(name, value_of(given))
        top = STACK + STACK_SIZE // 2 - 8
        self.write_word(top, RETURN)
        self.write("RSP", top)

    def write(self, name, value):
        self.uc.reg_write(NUMBERS[name], value)

    def write_word(self, address, value):
        self.uc.mem_write(address, value.to_bytes(8, "little"))

    def run(self):
        try:
            self.uc.emu_start(self.symbols[self.program["function"]], RETURN)
            end = self.end or "return"
        except UcError as error:
            end = self.end or self.kind_of(error)
        stored = [name for n, name in enumerate(GPRS) if self.word(REGS + 8 * n) == OF_GUEST[name]]
        return {"load": sorted(self.loaded), "store": sorted(stored), "end": end, "entries": self.entries}

    def word(self, address):
        return int.from_bytes(self.uc.mem_read(address, 8), "little")

    def kind_of(self, error):
        at = self.uc.reg_read(x86_const.UC_X86_REG_RIP)
        is_lacking = error.errno == UC_ERR_INSN_INVALID and bytes(self.uc.mem_read(at, 2)) != UD2
        return "unsupported" if is_lacking else "fault"

    def on_instruction(self, uc, address, *_):
        self.instructions += 1
        if self.instructions > MOST_INSTRUCTIONS:
            self.stop("limit")
            return
        if OUTSIDE <= address < RETURN:
            self.call_outside(address)
            return
        code = bytes(uc.mem_read(address, 4))
        lacking = next((bytes_ for bytes_ in NO_MOVES if code.startswith(bytes_)), None)
        if lacking:
            self.uc.reg_write(x86_const.UC_X86_REG_RIP, address + len(lacking))
        elif code[:3] in ENTRIES:
            self.enter_guest(address)

    def stop(self, why):
        self.end = why
        self.uc.emu_stop()

    def call_outside(self, address):
        for name in VOLATILE:
            self.write(name, OF_CALLEE)
        result = self.program["results"].get(self.names.get(address))
        if result is not None:
            self.write("RAX", value_of(result))

    def enter_guest(self, address):
        """VM-entry, and VM-exit at once: the registers are the guest's, but for those that the CPU switches."""
        self.entries += 1
        self.loaded.update(name for name in GPRS if self.uc.reg_read(NUMBERS[name]) == IN_SLOT[name])
        if self.entries > MOST_ENTRIES:
            self.stop("limit")
            return
        is_vmrun = bytes(self.uc.mem_read(address, 3)) == VMRUN
        if not is_vmrun:
            # Intel SDM volume 3C, 28.5.3.
            self.uc.reg_write(x86_const.UC_X86_REG_EFLAGS, 2)
        kept = ["RSP", "RAX"] if is_vmrun else ["RSP"]
        for name, value in OF_GUEST.items():
            if name not in kept:
                self.write(name, value)
        label = self.program["exit"]
        self.uc.reg_write(x86_const.UC_X86_REG_RIP, address + 3 if label is None else self.symbols[label])


if __name__ == "__main__":
    json.dump([Machine(program).run() for program in json.load(sys.stdin)], sys.stdout)
