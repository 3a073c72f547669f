#!/usr/bin/env python3
"""Proves that include_direction.py can fail: each wrong include is found, and none of the right ones."""
import tempfile
import unittest
from pathlib import Path

from include_direction import wrong_includes


def found(files):
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder).resolve()
        for name, text in files.items():
            path = root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        return list(wrong_includes(root))


class IncludeDirection(unittest.TestCase):
    def test_the_right_direction_is_quiet(self):
        self.assertEqual(found({
            "engine/a.hpp": '#include <map>\n#include <fmt/format.h>\n',
            "storage/b.cpp": '#include "engine/a.hpp"\n#include <lmdb.h>\n#include <sys/stat.h>\n',
            "scripting/c.cpp": '#include "engine/a.hpp"\n#include <v8.h>\n#include <tree_sitter/api.h>\n',
            "storage/b.hpp": '#include "engine/a.hpp"\n',
            "actors/d.hpp": '#include "storage/b.hpp"\n#include <caf/all.hpp>\n',
            "apps/e.cpp": '#include "actors/d.hpp"\n#include <CLI/CLI.hpp>\n',
            "apps/examples/x/zako.toml": "",
            "apps/examples/x/main.c": '#include "anything/at_all.h"\n',
        }), [])

    def test_each_wrong_include_is_found(self):
        for file, header in [
            ("engine/a.cpp", "<caf/all.hpp>"), ("engine/a.cpp", "<unistd.h>"), ("engine/a.cpp", "<thread>"),
            ("engine/a.cpp", '"storage/x.hpp"'), ("storage/a.cpp", "<caf/all.hpp>"), ("storage/a.cpp", "<v8.h>"),
            ("storage/a.cpp", '"actors/x.hpp"'), ("scripting/a.cpp", '"storage/x.hpp"'),
            ("scripting/a.hpp", "<caf/all.hpp>"), ("scripting/a.cpp", "<lmdb.h>"), ("actors/a.cpp", '"apps/x.hpp"'),
            ("actors/a.cpp", "<v8-isolate.h>"), ("actors/a.cpp", "<lmdb.h>"), ("apps/a.cpp", '"storage/x.hpp"'),
            ("apps/a.cpp", '"scripting/x.hpp"'), ("apps/a.cpp", "<boost/any.hpp>"),
        ]:
            with self.subTest(file=file, header=header):
                self.assertEqual(len(found({file: f"\n  #  include {header}\n"})), 1)

    def test_what_comes_through_another_header_is_found(self):
        wrong = found({
            "storage/inner.hpp": "#include <lmdb.h>\n",
            "storage/outer.hpp": '#include "storage/inner.hpp"\n',
            "actors/a.cpp": '#include "storage/outer.hpp"\n',
        })
        self.assertEqual(wrong, [
            "actors/a.cpp:1: 'storage/outer.hpp' reaches lmdb through storage/inner.hpp: actors/ may not"])


if __name__ == "__main__":
    unittest.main()
