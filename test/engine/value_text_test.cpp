// Protects `zako dump`: every kind's values are text, whatever is in them, and wrong bytes are no
// harm.
#include "engine/value_text.hpp"

#include <catch2/catch.hpp>

#include "engine/job_inspect.hpp"
#include "engine/kind.hpp"
#include "engine/value.hpp"
#include "engine/values.hpp"

using namespace zako;

TEST_CASE("values are text, a line for each member and each element") {
  action_value action;
  action.action = digest_of("command");
  action.outputs = {
      {.path = "", .content = digest_of("made"), .size = 17, .executable = true, .print = {}}};
  action.discovered = {{"a \"b\".h", digest_of("a")}, {"c\n\x01.h", digest_of("c")}};
  action.text = "line\nline";
  auto text = value_text("action", encode(action));
  CHECK(text.find("action: " + digest_of("command").hex() + "\n") == 0);
  CHECK(text.find("\noutputs:\n  {path: \"\", content: " + digest_of("made").hex() +
                  ", size: 17, executable: ") != std::string::npos);
  CHECK(text.find("\ndiscovered:\n  {path: \"a \\\"b\\\".h\", output: " + digest_of("a").hex() +
                  "}\n  {path: \"c\\n\\x01.h\", output: ") != std::string::npos);
  CHECK(text.find("\ntext: \"line\\nline\"\n") != std::string::npos);

  CHECK(value_text("env", encode(environment_value{})) == "text: none\n");
  CHECK(value_text("env", encode(environment_value{"x"})) == "text: \"x\"\n");
  CHECK(value_text("glob", encode(paths_value{{"a", "b"}})) == "paths:\n  \"a\"\n  \"b\"\n");
  CHECK(value_text("glob", encode(paths_value{})) == "paths: []\n");
}

TEST_CASE("bytes of unknown kinds, or of no value, are shown as such") {
  CHECK(value_text("embedded", "\x01\xff") == "2 bytes: 01 ff\n");
  CHECK(value_text("embedded", "") == "0 bytes:\n");
  CHECK(value_text("file", "?") == "1 bytes: 3f\n");
  auto shown = value_text("embedded", std::string(100, 'a'));
  CHECK(shown.find("100 bytes: 61 61") == 0);
  CHECK(shown.ends_with(" 61 ...\n"));
}

TEST_CASE("each of the build's kinds has a text") {
  // Empty bytes are an empty list or text of some types; a byte too many never is a value.
  for (auto* kind : {"action",     "analysis", "artifact", "build",  "directory", "env",
                     "evaluation", "file",     "glob",     "label",  "manifest",  "module",
                     "package",    "packages", "pattern",  "places", "probe",     "salvage",
                     "script",     "target",   "test",     "tests",  "toolchain", "which"}) {
    kind_table table;
    add_build_kinds(table);
    CHECK(table.find(kind));
    CHECK(value_text(kind, std::string(300, '\xff')).find("300 bytes:") == 0);
  }
}
