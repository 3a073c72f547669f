#!/usr/bin/env python3
"""Fails when an include breaks the direction between the rooms: engine <- storage, scripting <- actors <- apps.

Usage: include_direction.py ROOT
Prints one line for each wrong include: file:line, what is included, and what that room may include.
"""
import re
import sys
from pathlib import Path

# Libraries by the headers that belong to them.
LIBRARIES = {
    "fmt": r"fmt/.*",
    "expected": r"tl/expected\.hpp",
    "blake3": r"blake3\.h",
    "toml": r"toml\+\+/.*",
    "xxhash": r"xxhash\.h",
    "json": r"nlohmann/.*",
    "lmdb": r"lmdb\.h",
    "tree-sitter": r"tree_sitter/.*|(typescript_grammar|grammar_lexer)\.h",
    "v8": r"v8(-[a-z-]+)?\.h|libplatform/.*",
    "caf": r"caf/.*",
    "cli11": r"CLI/.*",
    "libedit": r"histedit\.h",
}
# What each room may include beside the C++ standard library: rooms, libraries; `system` stands for the operating system.
ROOMS = {
    "engine": ({"engine"}, {"fmt", "expected", "blake3", "toml", "xxhash"}),
    "storage": ({"engine", "storage"}, {"fmt", "expected", "blake3", "xxhash", "lmdb", "system"}),
    "scripting": ({"engine", "scripting"}, {"fmt", "expected", "json", "v8", "tree-sitter", "system"}),
    "actors": ({"engine", "storage", "scripting", "actors"}, {"fmt", "expected", "caf", "system"}),
    "apps": ({"engine", "actors", "apps"}, {"fmt", "expected", "json", "caf", "cli11", "libedit", "system"}),
}
# What a room may not even reach through the headers of others.
NEVER_REACHED = {
    "engine": {"caf", "v8", "lmdb", "system"},
    "storage": {"caf", "v8"},
    "scripting": {"caf", "lmdb"},
    "actors": {"v8", "lmdb"},
    "apps": {"v8", "lmdb"},
}
# Parts of the standard library that do input and output, run threads or tell the time: not for the engine.
OUTSIDE_WORLD = {
    "chrono", "condition_variable", "cstdio", "filesystem", "fstream", "future", "iostream", "random", "thread",
}
INCLUDE = re.compile(r'\s*#\s*include\s*([<"])([^>"]+)[>"]')


def sources(root, room):
    """The room's own files. Example workspaces hold programs of their own, in folders with a zako.toml."""
    for path in sorted((root / room).rglob("*")):
        if path.suffix in {".c", ".cpp", ".h", ".hpp"} and path.is_file():
            if not any((up / "zako.toml").exists() for up in path.parents if root in up.parents):
                yield path


def includes(path):
    for number, line in enumerate(path.read_text().splitlines(), 1):
        found = INCLUDE.match(line)
        if found:
            yield number, found.group(2)


def owner(header):
    """The room or library that a header belongs to; None for the C++ standard library; "?" for an unknown one."""
    top = header.split("/")[0]
    if "/" in header and top in ROOMS:
        return top
    for name, pattern in LIBRARIES.items():
        if re.fullmatch(pattern, header):
            return name
    if re.fullmatch(r"[a-z_]+", header):
        return None
    return "system" if header.endswith(".h") else "?"


def reached(root, header, known):
    """The libraries that a header of ours reaches, each with the header that includes it."""
    if header in known:
        return known[header]
    known[header] = out = {}
    path = root / header
    if path.is_file():
        for _, name in includes(path):
            who = owner(name)
            if who in ROOMS:
                for library, via in reached(root, name, known).items():
                    out.setdefault(library, via)
            elif who:
                out.setdefault(who, header)
    return out


def wrong_includes(root):
    known = {}
    for room, (rooms, libraries) in ROOMS.items():
        allowed = ", ".join(sorted(rooms)) + "; std, " + ", ".join(sorted(libraries))
        for path in sources(root, room):
            for number, header in includes(path):
                place = f"{path.relative_to(root)}:{number}: '{header}'"
                who = owner(header)
                if who in ROOMS:
                    if who not in rooms:
                        yield f"{place} belongs to {who}/: {room}/ may include {allowed}"
                        continue
                    for library, via in reached(root, header, known).items():
                        if library in NEVER_REACHED[room]:
                            yield f"{place} reaches {library} through {via}: {room}/ may not"
                elif who is not None and who not in libraries:
                    yield f"{place} belongs to {who}: {room}/ may include {allowed}"
                elif room == "engine" and header in OUTSIDE_WORLD:
                    yield f"{place}: engine/ does no input or output and knows no threads or clocks"


def main():
    wrong = list(wrong_includes(Path(sys.argv[1]).resolve()))
    for line in wrong:
        print(line)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
