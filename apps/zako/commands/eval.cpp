// zako eval: runs one script and prints its result.
#include <unistd.h>

#include <iostream>
#include <iterator>

#include <fmt/format.h>

#include "apps/zako/commands/commands.hpp"
#include "apps/zako/display/output.hpp"
#include "apps/zako/exit_code.hpp"
#include "apps/zako/typed_input.hpp"
#include "apps/zako/typed_text.hpp"
#include "engine/keys.hpp"
#include "engine/kinds/memory.hpp"
#include "engine/script.hpp"
#include "engine/values.hpp"

namespace zako {

namespace {

constexpr std::string_view standard_input = "-";

script_context context_of(const eval_request& what, const neutral_path& file) {
  if (auto named = parse_script_context(what.as))
    return *named;
  auto name = file.name();
  return name == "BUILD.ts"                ? script_context::build
         : name == "zako.ts"               ? script_context::package
         : name.ends_with(".config.ts")    ? script_context::config
         : name.ends_with(".toolchain.ts") ? script_context::toolchain
                                           : script_context::library;
}

/// A module whose default export is the expression.
struct expression_module {
  std::string source;
  typed_text text;
};

result<expression_module> module_of(const std::string& expression) {
  transpiler reader;
  auto module = std::string(memory_prefix) + "eval";
  auto input = look_at_input(reader, expression, module);
  if (input.why)
    return fail(in_typed_texts(std::move(*input.why), module, {{expression, 1}}));
  if (input.form != input_form::expression)
    return fail(errc::invalid_argument, fmt::format("'{}' is not an expression", expression),
                "'zako eval -' runs a whole module from standard input");
  return expression_module{"export default " + in_brackets(input.text) + ";\n", {input.text, 2}};
}

/// The result of a file, or of a typed text that `told` knows the places of.
template <class F>
int print_result(const engine_answer& answer, F told) {
  if (answer.interrupted)
    return say_interrupted();
  auto made = answer.root.and_then([](const value& x) { return x.as<data_value>(); });
  if (!made)
    return fail_with(told(std::move(made.error())));
  write_all(STDOUT_FILENO, (*made)->content.to_json(2) + '\n');
  return exit_good;
}

} // namespace

int eval_command(const request& what, const place& where, stop_signal& stop) {
  auto settings = settings_of(what, where);
  if (!settings)
    return exit_usage;
  auto question = question_of(what, where, std::move(*settings), {}, "eval", {what.eval.file});
  question.output = STDERR_FILENO; // standard output is the result's
  if (!what.eval.expression && what.eval.file != standard_input) {
    auto file = neutral_path::parse(where.here, what.eval.file);
    if (!file) {
      fail_with(file.error());
      return exit_usage;
    }
    question.root = script_key({context_of(what.eval, *file), *file});
    return print_result(ask_engine(question, stop), [](error e) { return e; });
  }
  memory_script script{"eval", context_of(what.eval, {}), where.here, {}};
  typed_text text;
  if (what.eval.expression) {
    auto module = module_of(*what.eval.expression);
    if (!module)
      return fail_with(module.error());
    script.source = std::move(module->source);
    text = std::move(module->text);
  } else {
    script.name = "stdin";
    script.source = std::string{std::istreambuf_iterator<char>(std::cin), {}};
    text.text = script.source;
  }
  question.root = memory_key(script);
  auto module = std::string(memory_prefix) + script.name;
  question.kinds.add(memory_kind(std::move(script)));
  return print_result(ask_engine(question, stop),
                      [&](error e) { return in_typed_texts(std::move(e), module, {text}); });
}

} // namespace zako
