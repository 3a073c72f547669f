#!/usr/bin/env python3
"""Writes to_string, from_string and from_integer for the one enum of a CAF header.

Usage: generate-enum-strings.py HEADER OUTPUT.cpp
Reads the enum's namespace, name and values line by line; CAF keeps one value per line.
"""

import re
import sys


def read_enum(path):
    """Returns (namespace, enum name, prefix of a value, values)."""
    namespaces, name, prefix, values = [], None, "", []
    with open(path, encoding="utf-8") as header:
        for line in map(str.strip, header):
            if name is None:
                if found := re.match(r"namespace ([\w:]+)", line):
                    namespaces.append(found[1])
                elif found := re.match(r"enum (class )?(\w+)", line):
                    name = found[2]
                    prefix = name + "::" if found[1] else ""
            elif line.startswith("}"):
                break
            elif found := re.match(r"(\w+)", line):
                values.append(found[1])
    if not (namespaces and name and values):
        sys.exit(f"{path}: no enum inside a namespace found")
    return "::".join(namespaces), name, prefix, values


def render(namespace, name, prefix, values):
    """Returns the text of the C++ file."""
    header = "/".join(namespace.split("::") + [name]) + ".hpp"
    cases = "\n".join(f"    case {prefix}{v}:" for v in values)
    to_text = "\n".join(f'    case {prefix}{v}:\n      return "{namespace}::{name}::{v}";' for v in values)
    from_text = "\n".join(
        f'  if (in == "{namespace}::{name}::{v}") {{\n    out = {prefix}{v};\n    return true;\n  }}' for v in values)
    return f"""\
#include "caf/config.hpp"
#include "caf/string_view.hpp"

CAF_PUSH_DEPRECATED_WARNING

#include "{header}"

#include <string>

namespace {namespace} {{

std::string to_string({name} x) {{
  switch (x) {{
    default:
      return "???";
{to_text}
  }}
}}

bool from_string(string_view in, {name}& out) {{
{from_text}
  return false;
}}

bool from_integer(std::underlying_type_t<{name}> in, {name}& out) {{
  auto result = static_cast<{name}>(in);
  switch (result) {{
    default:
      return false;
{cases}
      out = result;
      return true;
  }}
}}

}} // namespace {namespace}

CAF_POP_WARNINGS
"""


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    with open(sys.argv[2], "w", encoding="utf-8") as output:
        output.write(render(*read_enum(sys.argv[1])))


main()
