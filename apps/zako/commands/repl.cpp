// zako repl: reads TypeScript line by line, runs it, shows its value.
#include <unistd.h>

#include <iostream>
#include <memory>
#include <mutex>
#include <optional>
#include <signal.h>

#include <fmt/format.h>

#include "actors/builtins.hpp"
#include "apps/version.hpp"
#include "apps/zako/commands/commands.hpp"
#include "apps/zako/completion.hpp"
#include "apps/zako/display/output.hpp"
#include "apps/zako/display/report.hpp"
#include "apps/zako/exit_code.hpp"
#include "apps/zako/interrupts.hpp"
#include "apps/zako/line_editor.hpp"
#include "apps/zako/repl_session.hpp"
#include "apps/zako/typed_input.hpp"
#include "engine/kinds/memory.hpp"
#include "engine/script.hpp"
#include "engine/suggest.hpp"
#include "engine/values.hpp"

namespace zako {

namespace {

constexpr std::string_view help =
    ".help    show this\n"
    ".clear   forget everything that was typed\n"
    ".exit    leave; so does Ctrl-D\n"
    "Tab completes modules in an import's quotes, names and members. Ctrl-C stops what runs, or\n"
    "drops what was typed of an input.\n";

constexpr const char* module_name = "repl";

/// In JavaScript: the names of a value's members, its own and inherited ones.
std::string members_of(const std::string& value) {
  return "((x: any) => { const out = new Set(); for (let y = x === undefined || x === null ? null "
         ": Object(x); y !== null; y = Object.getPrototypeOf(y)) for (const name of "
         "Object.getOwnPropertyNames(y)) out.add(name); return [...out]; })(" +
         value + ")";
}

class repl {
public:
  repl(const request& what, const place& where, engine_settings settings)
      : where_(where), settings_(std::move(settings)),
        as_(parse_script_context(what.eval.as).value_or(script_context::library)) {}

  int run() {
    bool terminal = ::isatty(STDIN_FILENO) != 0 && ::isatty(STDOUT_FILENO) != 0;
    if (terminal)
      editor_.emplace([this](auto line, auto cursor) { return complete(line, cursor); });
    interrupts watch{[this](int signal) { return on_signal(signal); },
                     [this] {
                       if (editor_)
                         editor_->restore();
                     }};
    if (terminal)
      write_all(STDOUT_FILENO, fmt::format("Zako {}, as a {} file. .help tells more.\n",
                                           ZAKO_VERSION, to_string(as_)));
    while (step()) {
    }
    return failed_ && !terminal ? exit_failed : exit_good;
  }

private:
  /// One line; false at the end.
  bool step() {
    std::string line;
    switch (read(line)) {
    case line_editor::end::interrupted:
      pending_.clear();
      return true;
    case line_editor::end::closed:
      if (!pending_.empty())
        take(true);
      return false;
    case line_editor::end::line:
      break;
    }
    bool command = line.size() > 1 && line[0] == '.' && line[1] >= 'a' && line[1] <= 'z';
    if (pending_.empty() && command)
      return do_command(line);
    pending_ += (pending_.empty() ? "" : "\n") + line;
    take(false);
    return true;
  }

  line_editor::end read(std::string& line) {
    if (editor_)
      return editor_->read(pending_.empty() ? "> " : "... ", line);
    return std::getline(std::cin, line) ? line_editor::end::line : line_editor::end::closed;
  }

  bool do_command(std::string line) {
    line.erase(line.find_last_not_of(" \t\r") + 1);
    if (line == ".exit")
      return false;
    if (line == ".clear")
      session_.clear();
    else if (line == ".help")
      write_all(STDOUT_FILENO, help);
    else
      show(fail(errc::invalid_argument, fmt::format("there is no command '{}'", line),
                did_you_mean(line, {".help", ".clear", ".exit"}, "'.help' lists them"))
               .value());
    return true;
  }

  /// What is pending, when it is whole or nothing more comes.
  void take(bool last) {
    auto input = look_at_input(reader_, pending_, module());
    if (input.form == input_form::unfinished && !last)
      return;
    pending_.clear();
    if (input.why)
      show(in_typed_texts(std::move(*input.why), module(), {{std::move(input.text), 1}}));
    else if (input.form != input_form::nothing)
      evaluate(std::move(input));
  }

  void evaluate(typed_input input) {
    auto composed = session_.then(input);
    auto texts = std::move(composed.texts);
    std::size_t lines = 0;
    auto answer = ask(std::move(composed.source), [&](const script_printed& x) {
      if (++lines <= session_.printed())
        return; // it was shown before
      bool matters = x.level == "warn" || x.level == "error";
      write_all(matters ? STDERR_FILENO : STDOUT_FILENO, x.text + '\n');
    });
    if (answer.interrupted) {
      write_all(STDERR_FILENO, "interrupted\n");
      return;
    }
    auto made = answer.root.and_then([](const value& x) { return x.as<data_value>(); });
    if (!made)
      return show(in_typed_texts(std::move(made.error()), module(), texts));
    session_.accept(std::move(input), lines - session_.printed());
    if (auto* shown = (*made)->content.as_array())
      write_all(STDOUT_FILENO, *shown->front().as_string() + '\n');
  }

  engine_answer ask(std::string source, std::function<void(const script_printed&)> on_print) {
    memory_script script{module_name, as_, where_.here, std::move(source)};
    engine_question question;
    question.where = where_;
    question.root = memory_key(script);
    question.purpose = "zako repl";
    question.settings = settings_;
    question.detail = verbosity::quiet;
    question.output = STDERR_FILENO;
    question.kinds.add(memory_kind(std::move(script)));
    question.on_print = std::move(on_print);
    stop_signal stop;
    set_running(&stop);
    auto answer = ask_engine(question, stop);
    set_running(nullptr);
    return answer;
  }

  // -- completion

  line_editor::words complete(std::string_view line, std::size_t cursor) {
    auto at = completion_at(line, cursor);
    return {at.begun.size(), words_that_begin(known_at(at), at.begun)};
  }

  std::vector<std::string> known_at(const completion_place& at) {
    switch (at.what) {
    case completion_of::nothing:
      break;
    case completion_of::modules:
      return modules();
    case completion_of::exports:
      return listed(fmt::format("Object.keys(await import({}))", data(at.owner).to_json()));
    case completion_of::members:
      return listed(members_of(at.owner));
    case completion_of::names: {
      auto out = listed("Object.getOwnPropertyNames(globalThis)");
      auto names = session_.names();
      out.insert(out.end(), names.begin(), names.end());
      return out;
    }
    }
    return {};
  }

  /// Those that this session may import.
  [[nodiscard]] std::vector<std::string> modules() const {
    std::vector<std::string> out;
    for (auto& x : builtin_texts())
      if (may_import(as_, x.id))
        out.emplace_back(x.id);
    return out;
  }

  /// The texts in the list that an expression gives; none when it fails.
  std::vector<std::string> listed(const std::string& expression) {
    auto answer = ask(session_.then_ask(expression).source, [](const script_printed&) {});
    auto made = answer.root.and_then([](const value& x) { return x.as<data_value>(); });
    if (!made)
      return {};
    return want_strings((*made)->content, "names").value_or(std::vector<std::string>());
  }

  // -- what happens on other threads

  void set_running(stop_signal* stop) {
    std::lock_guard guard{mutex_};
    running_ = stop;
  }

  /// False: the program ends.
  bool on_signal(int signal) {
    std::lock_guard guard{mutex_};
    if (signal != SIGINT || (!running_ && !editor_) || (running_ && running_->stopped()))
      return false;
    if (running_)
      running_->stop();
    else
      editor_->interrupt();
    return true;
  }

  static std::string module() { return std::string(memory_prefix) + module_name; }

  void show(const error& e) {
    failed_ = true;
    fail_with(e);
  }

  place where_;
  engine_settings settings_;
  script_context as_;
  std::optional<line_editor> editor_; // on a terminal
  transpiler reader_;
  repl_session session_;
  std::string pending_; // the lines of an input that is not whole
  bool failed_ = false;
  std::mutex mutex_;
  stop_signal* running_ = nullptr; // of the evaluation under way
};

} // namespace

int repl_command(const request& what, const place& where) {
  auto settings = settings_of(what, where);
  if (!settings)
    return exit_usage;
  return repl{what, where, std::move(*settings)}.run();
}

} // namespace zako
