// zako.toml: what a package says of itself.
//
//   [package]        name and version; description, license
//   [options]        debug = false                 a default, which gives the option its type
//                    backend = { default = "gl", values = ["gl", "vk"], description = "..." }
//   [imports]        "words" = "./words.ts"        a name for a file of the package
//                    "#lib/" = "./lib/"            and for all files of a folder
//   [dependencies]   strings = { path = "libs/strings" }   a folder with a zako.toml of that name
#pragma once

#include <string>
#include <string_view>

#include "engine/error.hpp"
#include "engine/values.hpp"

namespace zako {

/// Reads the text of a manifest; `file` is its path, for messages. errc::invalid_manifest with
/// position, code frame and remedy.
result<manifest_value> parse_manifest(std::string_view text, const std::string& file = "zako.toml");

/// Moves `e` to the line of a manifest that has this key, with the lines around it.
error at_manifest_key(error e, std::string_view text, const std::string& file,
                      std::string_view table, std::string_view key);

/// The error for a package without a manifest, which would be `file`; its remedy shows a minimal
/// one.
error missing_manifest(const std::string& file = "zako.toml");

/// What a manifest says, for scripts: options { debug: { default: false, values: [],
/// description: "" } }, dependencies { strings: { path: "libs/strings" } }.
data manifest_data(const manifest_value& manifest);

} // namespace zako
