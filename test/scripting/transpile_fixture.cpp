// Runs transpiler cases.
#include "test/scripting/transpile_fixture.hpp"

#include <fstream>
#include <sstream>

#include "scripting/transpile/text.hpp"

namespace zako::test {

namespace {

/// Without a map every character stands where it stood, or has become a blank or a sign that takes
/// its place.
bool kept_in_place(std::string_view source_text, std::string_view out_text) {
  auto source = transpile::to_utf16(source_text), out = transpile::to_utf16(out_text);
  if (source.size() != out.size())
    return false;
  for (std::size_t i = 0; i < out.size(); ++i) {
    if (source.substr(i, 6) == u"import" && out.substr(i, 6) == u"var   ")
      i += 6;
    if (out[i] != source[i] &&
        std::u16string_view{u" ;()"}.find(out[i]) == std::u16string_view::npos)
      return false;
  }
  return true;
}

} // namespace

std::string squeezed(std::string_view text) {
  std::string out;
  for (char c : text)
    if (c != ' ' || (!out.empty() && out.back() != ' '))
      out += c;
  while (!out.empty() && out.back() == ' ')
    out.pop_back();
  return out;
}

std::string javascript(std::string_view source, const std::string& file) {
  transpiler t;
  auto r = t.transpile(source, file);
  return r ? r->javascript : "<" + to_text(r.error()) + ">";
}

void check_cases(const std::vector<transpile_case>& cases, const transpile_options& options) {
  transpiler t;
  for (auto& c : cases) {
    INFO(c.purpose << ": " << c.source);
    auto r = t.transpile(c.source, "a.ts", options);
    if (!r)
      FAIL_CHECK(to_text(r.error()));
    if (!r)
      continue;
    CHECK(squeezed(r->javascript) == squeezed(c.expected));
    if (r->source_map.empty())
      CHECK(kept_in_place(c.source, r->javascript));
  }
}

std::string slurp(const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  std::stringstream content;
  content << in.rdbuf();
  return std::move(content).str();
}

} // namespace zako::test
