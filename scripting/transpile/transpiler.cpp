// Puts the steps together: check the text, parse, emit, apply.
#include "scripting/transpile/transpiler.hpp"

#include <optional>
#include <unordered_map>

#include <fmt/format.h>

#include "scripting/transpile/emit.hpp"
#include "scripting/transpile/incremental.hpp"
#include "scripting/transpile/parse.hpp"
#include "scripting/transpile/source_map.hpp"

namespace zako {

namespace ts = transpile;

namespace {

constexpr std::size_t max_source = 64U << 20;
constexpr std::size_t max_kept = 64U << 20; // bytes of all files together

bool ends_with(std::string_view text, std::string_view end) {
  return text.size() >= end.size() && text.substr(text.size() - end.size()) == end;
}

} // namespace

struct transpiler::state {
  ts::parser parser;
  ts::unit unit;
  std::unordered_map<std::string, ts::kept_file> kept; // by name
  std::size_t kept_bytes = 0;

  void forget(const std::string& file) {
    if (auto found = kept.find(file); found != kept.end()) {
      kept_bytes -= found->second.bytes();
      kept.erase(found);
    }
  }

  void keep(const ts::parse_result& parsed, const ts::grammar& grammar,
            const std::vector<ts::edit_stop>& stops, const ts::edited_text& edited,
            const transpiled& made) {
    forget(unit.file);
    auto file = ts::kept_file::keep(unit, grammar, parsed, stops, edited, made);
    if (!file || file->bytes() > max_kept)
      return;
    if (kept_bytes + file->bytes() > max_kept) { // whoever is still edited comes again
      kept.clear();
      kept_bytes = 0;
    }
    kept_bytes += file->bytes();
    kept.emplace(unit.file, *std::move(file));
  }

  /// What the file's last text and this one have in common does not have to be made again.
  std::optional<transpiled> update(std::string_view source, const std::string& file,
                                   const ts::grammar& grammar, const transpile_options& options) {
    auto found = kept.find(file);
    if (found == kept.end() || source.size() > max_source || &found->second.dialect() != &grammar ||
        !found->second.has_options(options))
      return std::nullopt;
    auto before = found->second.bytes();
    auto made = found->second.update(source, parser, options.stop);
    kept_bytes += found->second.bytes() - before;
    return made;
  }

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
    return finish(parsed, grammar);
  }

  result<transpiled> finish(ts::parse_result& parsed, const ts::grammar& grammar) {
    transpiled out;
    ts::edited_text edited;
    auto stops = ts::make_stops(unit.source, parsed.statements);
    for (auto& range : parsed.overwritten)
      if (range.how == ts::masked::erased)
        unit.edits.blank_rest(range.begin, range.end);
    if (!unit.edits.apply(unit.source, edited, {.stops = &stops}))
      return fail(errc::internal, fmt::format("two changes to '{}' overlap", unit.file));
    for (auto& range : parsed.overwritten)
      if (range.how == ts::masked::type && !unit.edits.removes(range.begin, range.end))
        unit.refuse_at(errc::unsupported, range.begin, range.end, "this type is not understood",
                       "give the type a name of its own");
    if (!unit.problems.empty())
      return fail(ts::summarize(unit.file, std::move(unit.problems)));
    if (edited.moving > 0)
      out.source_map = ts::make_source_map(edited, unit.source, unit.lines(), unit.file);
    out.imports = std::move(unit.imports);
    if (unit.options.keep) {
      out.javascript = edited.text;
      keep(parsed, grammar, stops, edited, out);
    } else {
      out.javascript = std::move(edited.text);
    }
    return out;
  }
};

transpiler::transpiler() : state_(std::make_unique<state>()) {}
transpiler::~transpiler() = default;
transpiler::transpiler(transpiler&&) noexcept = default;
transpiler& transpiler::operator=(transpiler&&) noexcept = default;

result<transpiled> transpiler::transpile(std::string_view source, const std::string& file_name,
                                         const transpile_options& options) {
  constexpr std::string_view byte_order_mark = "\ufeff"; // no part of the text, as for TypeScript
  if (source.substr(0, byte_order_mark.size()) == byte_order_mark)
    source.remove_prefix(byte_order_mark.size());
  bool tsx = options.tsx || ends_with(file_name, ".tsx");
  auto& grammar = tsx ? ts::grammar::tsx() : ts::grammar::typescript();
  if (options.keep)
    if (auto made = state_->update(source, file_name, grammar, options))
      return *std::move(made);
  return state_->run(source, file_name, grammar, options);
}

std::size_t transpiler::gc() {
  auto bytes = state_->unit.tree.capacity() + state_->parser.capacity() + state_->kept_bytes;
  state_ = std::make_unique<state>();
  return bytes;
}

} // namespace zako
