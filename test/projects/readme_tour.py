#!/usr/bin/env python3
"""Types what the README's tour tells a reader to type, and checks that the screen shows what the README shows, that the
build files it quotes are the example's, and that every place it names is there.

Usage: readme_tour.py SOURCE_TREE BUILD_FOLDER [--update]     --update: writes into the README what the screen shows
Times and the order of what runs side by side may differ. The tour is the README's ```console blocks, one session.
"""
import difflib
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

BLOCK = re.compile(r"(?<=^```console\n)(.*?)(?=^```$)", re.M | re.S)
QUOTED = re.compile(r"^```ts\n(.*?)^```$", re.M | re.S)
PLACE = re.compile(r"`((?:actors|apps|engine|scripting|storage|subprojects|test|\.ci)/[^`: ]*)`")
END = "-- end of the command --"


def commands(block):
    """Pairs of a command and what the README shows after it."""
    parts = re.split(r"^\$ (.*)\n", block, flags=re.M)
    return list(zip(parts[1::2], parts[2::2]))


def screens(typed, source, build):
    """What each command prints, in a home folder of its own that sees the source tree's examples and the build."""
    with tempfile.TemporaryDirectory() as home:
        Path(home, "apps").symlink_to(source / "apps")
        Path(home, "build").symlink_to(build)
        script = "".join(f"{command}\necho '{END}'\n" for command in typed)
        environment = {"HOME": home, "PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"}
        run = subprocess.run(["bash"], input=script, cwd=home, env=environment, text=True, timeout=120,
                             stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        return run.stdout.split(END + "\n")[:-1]


def comparable(screen):
    """Without times and counters; lines of actions sorted, for they end in any order."""
    lines = re.sub(r"\d+\.\d+ s\b", "TIME", screen).splitlines()
    lines = [re.sub(r"^\[\d+/\d+\]", "[]", line) for line in lines]
    out = []
    while lines:
        count = next((i for i, line in enumerate(lines) if not line.startswith("[]")), len(lines))
        out += sorted(lines[:count]) + lines[count:count + 1]
        del lines[:count + 1]
    return out


def main():
    source, build = Path(sys.argv[1]).resolve(), Path(sys.argv[2]).resolve()
    readme = source / "README.md"
    text = readme.read_text()
    tour = [pair for block in BLOCK.findall(text) for pair in commands(block)]
    if not tour:
        sys.exit("the README has no ```console block with a command")
    seen = screens([command for command, _ in tour], source, build)
    if len(seen) != len(tour):
        sys.exit(f"the tour has {len(tour)} commands, and the session ended after {len(seen)}")

    if sys.argv[3:] == ["--update"]:
        left = iter(seen)
        shown = lambda block: "".join(f"$ {command}\n{next(left)}" for command, _ in commands(block[0]))
        readme.write_text(BLOCK.sub(shown, text))
        return
    wrong = 0
    build_files = [path.read_text() for path in (source / "apps/examples/hello").rglob("BUILD.ts")]
    stale = [quote for quote in QUOTED.findall(text) if not any(quote in content for content in build_files)]
    missing = [place for place in PLACE.findall(text) if not (source / place).exists()]
    for what, texts in (("not in the example's build files", stale), ("not there", missing)):
        for x in texts:
            wrong += 1
            print(f"{what}: {x}")
    for (command, wanted), got in zip(tour, seen):
        if comparable(wanted) != comparable(got):
            wrong += 1
            print(f"$ {command}")
            print("\n".join(difflib.unified_diff(wanted.splitlines(), got.splitlines(), "README", "screen", lineterm="")))
    sys.exit(f"{wrong} places of the README are not true; readme_tour.py --update rewrites screens" if wrong else 0)


main()
