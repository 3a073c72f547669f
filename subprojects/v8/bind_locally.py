#!/usr/bin/env python3
"""Makes a shared library start faster: what it needs of itself is bound in the file, once, not by each process.

Usage: bind_locally.py LIBRARY

Node's library exports everything that is in it, so the dynamic linker looks up 60,000 names at each start, most of which
the library defines itself: more than half of the time that loading it takes. Here each such relocation becomes a relative one, as
if the library had been linked with -Bsymbolic. Names that must be one object in a process stay names: STB_GNU_UNIQUE, thread-local and
indirect ones, and all that other libraries define. Formats: the System V ABI, and its supplement for x86-64. Files of
other kinds are left as they are.
"""
import os
import struct
import sys

MACHINE_X86_64, SHARED_OBJECT, DYNAMIC_SEGMENT, LOAD_SEGMENT = 62, 3, 2, 1
DT_NULL, DT_PLTRELSZ, DT_SYMTAB, DT_RELA, DT_RELASZ, DT_PLTREL, DT_JMPREL = 0, 2, 6, 7, 8, 20, 23
DT_RELACOUNT, DT_DEBUG = 0x6FFFFFF9, 21
R_64, R_GLOB_DAT, R_JUMP_SLOT, R_RELATIVE = 1, 6, 7, 8
SHN_LORESERVE, STB_GLOBAL, STB_WEAK, STT_NOTYPE, STT_OBJECT, STT_FUNC = 0xFF00, 1, 2, 0, 1, 2


def bind(data):
    """The changed file, and how many relocations have no name any more; nothing when it is of another kind."""
    if data[:6] != b"\x7fELF\x02\x01" or struct.unpack_from("<HH", data, 16) != (SHARED_OBJECT, MACHINE_X86_64):
        return None
    headers, size, count = (*struct.unpack_from("<Q", data, 32), *struct.unpack_from("<HH", data, 54))
    segments = [struct.unpack_from("<IIQQQQ", data, headers + i * size) for i in range(count)]

    def offset(address):
        for kind, _, at, begin, _, length in segments:
            if kind == LOAD_SEGMENT and begin <= address < begin + length:
                return at + address - begin
        raise ValueError(f"nothing is loaded at {address:#x}")

    table = next(s[2] for s in segments if s[0] == DYNAMIC_SEGMENT)
    places = {}
    while (entry := struct.unpack_from("<qQ", data, table))[0] != DT_NULL:
        places[entry[0]] = (table, entry[1])
        table += 16
    value = lambda tag: places[tag][1]
    if not {DT_RELA, DT_RELASZ, DT_JMPREL, DT_PLTRELSZ, DT_RELACOUNT} <= places.keys():
        return None
    if value(DT_RELA) + value(DT_RELASZ) != value(DT_JMPREL):
        return None  # one table is made of both

    begin, length = offset(value(DT_RELA)), value(DT_RELASZ) + value(DT_PLTRELSZ)
    symbols = offset(value(DT_SYMTAB))
    relative, named, bound = [], [], 0
    for at, info, addend in struct.iter_unpack("<QQq", data[begin : begin + length]):
        kind, number = info & 0xFFFFFFFF, info >> 32
        if kind in (R_64, R_GLOB_DAT, R_JUMP_SLOT):
            _, what, _, section, address, _ = struct.unpack_from("<IBBHQQ", data, symbols + number * 24)
            if 0 < section < SHN_LORESERVE and what >> 4 in (STB_GLOBAL, STB_WEAK) and what & 15 in (STT_NOTYPE, STT_OBJECT, STT_FUNC):
                kind, info, addend = R_RELATIVE, R_RELATIVE, address + (addend if kind == R_64 else 0)
                bound += 1
        (relative if kind == R_RELATIVE else named).append((at, info, addend))
    relative.sort()

    out = bytearray(data)
    out[begin : begin + length] = b"".join(struct.pack("<QQq", *x) for x in relative + named)
    for tag, to in ((DT_RELASZ, length), (DT_RELACOUNT, len(relative))):
        struct.pack_into("<qQ", out, places[tag][0], tag, to)
    for tag in (DT_JMPREL, DT_PLTRELSZ, DT_PLTREL):  # there is no table of its own for calls any more
        struct.pack_into("<qQ", out, places[tag][0], DT_DEBUG, 0)
    return bytes(out), bound


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    with open(sys.argv[1], "rb") as file:
        changed = bind(file.read())
    if changed is None:
        print(f"note: {sys.argv[1]} is left as it is: not of the kind that is known here")
        return
    unfinished = sys.argv[1] + ".new"
    with open(unfinished, "wb") as file:
        file.write(changed[0])
    os.replace(unfinished, sys.argv[1])
    print(f"{changed[1]} relocations are bound")


main()
