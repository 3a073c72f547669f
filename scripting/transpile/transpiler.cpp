// Puts the steps together: check the text, parse, emit, apply.
#include "scripting/transpile/transpiler.hpp"

#include <fmt/format.h>

#include "scripting/transpile/emit.hpp"
#include "scripting/transpile/parse.hpp"
#include "scripting/transpile/source_map.hpp"

namespace zako {

namespace ts = transpile;

namespace {

constexpr std::size_t max_source = 64U << 20;

bool ends_with(std::string_view text, std::string_view end) {
  return text.size() >= end.size() && text.substr(text.size() - end.size()) == end;
}

} // namespace

struct transpiler::state {
  ts::parser parser;
  ts::unit unit;

  result<transpiled> run(std::string_view source, const std::string& file,
                         const ts::grammar& grammar, const transpile_options& options) {
    auto* stop = options.stop;
    auto stopped = [stop] { return stop && stop->load(std::memory_order_relaxed) != 0; };
    auto cancelled = fail(errc::cancelled, "transpiling was cancelled");
    unit.start(source, file, options);
    if (source.size() > max_source)
      return fail(error_at(
          errc::limit, fmt::format("the source has more than {} bytes", max_source), {file, 1, 1}));
    if (auto bad = ts::find_invalid_utf8(source); bad != std::string_view::npos) {
      auto at = static_cast<std::uint32_t>(bad);
      unit.refuse_at(errc::syntax, at, at + 1, "this is not UTF-8 text", "save the file as UTF-8");
      return fail(ts::summarize(file, std::move(unit.problems)));
    }
    auto parsed = ts::parse(unit, parser, grammar, stop);
    if (parsed.stopped || stopped())
      return cancelled;
    if (!unit.problems.empty())
      return fail(ts::summarize(file, std::move(unit.problems)));
    ts::emit(unit);
    if (!unit.problems.empty())
      return fail(ts::summarize(file, std::move(unit.problems)));
    return finish(parsed.overwritten);
  }

  result<transpiled> finish(const std::vector<ts::masked_range>& overwritten) {
    transpiled out;
    ts::edited_text edited;
    for (auto& range : overwritten)
      if (range.how == ts::masked::erased)
        unit.edits.blank_rest(range.begin, range.end);
    if (!unit.edits.apply(unit.source, edited))
      return fail(errc::internal, fmt::format("two changes to '{}' overlap", unit.file));
    for (auto& range : overwritten)
      if (range.how == ts::masked::type && !unit.edits.removes(range.begin, range.end))
        unit.refuse_at(errc::unsupported, range.begin, range.end, "this type is not understood",
                       "give the type a name of its own");
    if (!unit.problems.empty())
      return fail(ts::summarize(unit.file, std::move(unit.problems)));
    if (edited.moved)
      out.source_map = ts::make_source_map(edited, unit.source, unit.lines(), unit.file);
    out.javascript = std::move(edited.text);
    out.imports = std::move(unit.imports);
    return out;
  }
};

transpiler::transpiler() : state_(std::make_unique<state>()) {}
transpiler::~transpiler() = default;
transpiler::transpiler(transpiler&&) noexcept = default;
transpiler& transpiler::operator=(transpiler&&) noexcept = default;

result<transpiled> transpiler::transpile(std::string_view source, const std::string& file_name,
                                         const transpile_options& options) {
  bool tsx = options.tsx || ends_with(file_name, ".tsx");
  return state_->run(source, file_name, tsx ? ts::grammar::tsx() : ts::grammar::typescript(),
                     options);
}

std::size_t transpiler::gc() {
  auto bytes = state_->unit.tree.capacity() + state_->parser.capacity();
  state_ = std::make_unique<state>();
  return bytes;
}

} // namespace zako
