// The command line's grammar and its help.
#include "apps/zako/arguments.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

#include <CLI/CLI.hpp>

#include "apps/version.hpp"
#include "apps/zako/exit_code.hpp"
#include "engine/suggest.hpp"

namespace zako {

namespace {

constexpr const char* about = "Zako builds what the BUILD.ts files of a workspace describe. The "
                              "workspace is the nearest folder\n"
                              "with a zako.toml, here or above.";

constexpr const char* main_footer = R"(Examples:
  zako build                     everything at or below this folder
  zako build //app:hello         one target
  zako test //... --keep-going   every test of the workspace
  zako run //app:hello -- -v x   build a program and start it with arguments

Labels and patterns:
  //app:hello   target 'hello' of app/BUILD.ts       //app      short for //app:app
  //app:all     every target of app/BUILD.ts         //app/...  every target at or below app
  :hello hello ...   the same, in the folder you are in

A workspace is a folder with a zako.toml:
  [package]
  name = "app"
  version = "0.1.0"

Exit codes:
  0 good, 1 the build or a test failed, 2 wrong command line or setting, or no workspace,
  3 a bug in Zako, 130 stopped by Ctrl-C

'zako COMMAND --help' tells more about a command.)";

constexpr const char* build_footer = R"(Examples:
  zako build                 everything at or below this folder
  zako build //...           everything in the workspace
  zako build hello :tools    two targets of this folder's BUILD.ts
  zako build -k -j 4 //...   at most 4 actions at once, and go on after a failure

What is built lies in zako-out/, in the folder of its target.)";

constexpr const char* run_footer = R"(Examples:
  zako run hello
  zako run //app:hello -- --name World

The program starts in the folder you are in and takes Zako's place: its exit code is Zako's.
What Zako itself has to say goes to standard error.)";

constexpr const char* test_footer = R"(Examples:
  zako test                  every test at or below this folder
  zako test //app/... -v     with the output of tests that pass as well

A test passes when it exits with code 0. One that passed is not run again until something that it
uses changes.)";

constexpr const char* clean_footer = R"(Examples:
  zako clean

Removes zako-out/ and what Zako knows about this workspace: the next build runs every action. The
cache, which other workspaces share, stays.)";

constexpr const char* info_footer = R"(Examples:
  zako info
  zako info --resources
  zako -C ../other info

Settings come from ~/.zakorc, .zakorc beside zako.toml, environment variables and --set; what comes
later wins. The files are TOML:
  [resources]
  cpu = 4               also memory, disk, network, gpu and any name of your own
  memory = "8G"
The same as a variable: ZAKO_RESOURCES_CPU=4, and as an option: --set resources.cpu=4)";

constexpr const char* gc_footer = R"(Examples:
  zako gc                     remove what nothing needs
  zako gc --max-age 30d       and what was not asked for or used for 30 days
  zako gc --max-size 10G      and blobs, until the cache holds no more than 10 GiB

Removes records of this workspace that nothing needs which was ever built here, and blobs of the
cache that no workspace's records name and that were not used for an hour. Builds of other
workspaces may run meanwhile. What is missed later is made again by the build that needs it.
Ages take s, m, h, d or w, sizes K, M, G or T.)";

constexpr const char* verify_footer = R"(Examples:
  zako verify

Reads all records of this workspace and all blobs of the cache, and compares them with their
checksums. What is damaged is listed and moved into a folder 'quarantine', where it can be looked
at; the next build that needs it makes it again. The exit code is 1 when something was damaged.)";

constexpr const char* dump_footer = R"(Examples:
  zako dump                       every record
  zako dump 'action:'             those of actions
  zako dump 'file:src/main.c'     those whose key holds this text

A record is what Zako remembers of one node: the key, whether it failed, the digests of what went
in and came out, what it asked for in which groups with the digests that it saw, and its value.)";

constexpr const char* types_footer = R"(Examples:
  zako types                                        before opening an editor, after a change of imports
  tsc --noEmit -p .zako/types                       all build files and what they import
  tsc --noEmit -p .zako/types/tsconfig.build.json   does a BUILD.ts import what only others may?

Writes what editors and TypeScript's compiler need to know into .zako/types/: the declarations of
the built-in modules; a tsconfig.json for everything; and one for each kind of script (package,
build, rule, toolchain, config, library), which fails on a module that this kind may not import.
Where the workspace has no tsconfig.json, one is written that extends the former. Builds write the
same, but for that one, when a workspace has none or those of another Zako or zako.toml.)";

constexpr const char* transpile_footer = R"(Examples:
  zako transpile app.ts                        the JavaScript, on standard output
  zako transpile - < app.ts > app.js           from standard input
  zako transpile --out-dir out --map src/*.ts  out/src/NAME.js, each with a map beside it
  zako transpile --check src/*.ts              nothing but the errors; the exit code is 1 then

Types are blanked where they stand, so lines and columns stay. Each file is read by itself, as by
TypeScript with isolatedModules, and comes out as at its newest target; types are not checked. All
errors of all files are shown; a file with an error gives no JavaScript. No workspace is needed.

NAME.ts becomes NAME.js, .mts .mjs, .cts .cjs, and .tsx .js, or .jsx when JSX stays.)";

constexpr const char* eval_footer = R"(Examples:
  zako eval app/BUILD.ts                    what a build file declares
  zako eval lib/words.ts                    what a library exports
  zako eval -e '[1, 2].map((x) => x * 2)'   one expression
  zako eval --as toolchain -e '(await import("zako:toolchain")).which("cc")'
  zako eval - < script.ts                   a module from standard input

The result is printed as JSON: of a BUILD.ts its targets, of zako.ts, *.config.ts and *.toolchain.ts
the default export. Any other file is a library: its default export or, without one, an object of
its exports by name; those that are no plain data, such as functions, are left out of that. --as
takes a file for another kind: package, build, rule, toolchain, config or library. What scripts
print goes to standard error.

An expression and what is read from standard input have the powers of a library, or of --as, and
import built-in modules only. They are run each time and leave nothing behind.)";

constexpr const char* repl_footer = R"(Examples:
  zako repl
  zako repl --as build           with what a BUILD.ts of this folder may import
  printf '1 + 1\n' | zako repl   from a pipe: no prompt, and exit code 1 if an input failed

Reads TypeScript and shows what each input comes to, as console.log would. What was declared or
imported stays; an input that fails is dropped. Only built-in modules can be imported. An input may
take several lines. Tab completes; .help lists the commands.

A script comes out the same each time, so a session is its inputs: each is run after all before it,
and what those printed is not shown again. Nothing is left behind.)";

constexpr const char* export_builtin_footer = R"(Examples:
  zako export-builtin                          all built-in modules, with what each is for
  zako export-builtin zako:rule                what it declares, in TypeScript
  zako export-builtin --javascript zako:rule   what runs

No workspace is needed.)";

/// What every command takes.
void add_folder(CLI::App& app, request& out) {
  app.add_option("-C", out.folder, "Act as if started in DIR")->type_name("DIR");
}

void add_detail(CLI::App& command, bool& verbose, bool& quiet) {
  auto* v = command.add_flag("-v,--verbose", verbose, "Show each command and all output");
  auto* q = command.add_flag("-q,--quiet", quiet, "Show failures only");
  v->excludes(q);
}

/// An option that can be given again and again.
void add_repeatable(CLI::App& command, const char* name, std::vector<std::string>& out,
                    const char* text, const char* form) {
  command.add_option(name, out, text)
      ->type_name(form)
      ->expected(1)
      ->take_all()
      ->allow_extra_args(false);
}

/// What every command takes that starts an engine.
void add_settings(CLI::App& command, request& out) {
  add_repeatable(command, "--set", out.settings,
                 "Set how the engine runs; 'zako info --resources' lists the keys", "KEY=VALUE");
}

/// What every command takes that runs scripts.
void add_options(CLI::App& command, request& out) {
  add_repeatable(command, "--option", out.options, "Set what zako.toml declares in [options]",
                 "NAME=VALUE");
}

/// What every command takes that builds.
void add_building(CLI::App& command, request& out) {
  command
      .add_option("-j,--jobs", out.jobs,
                  "Share N cores among the actions, which take one each (default: all)")
      ->type_name("N")
      ->check(CLI::Range(1u, 4096u));
  command.add_flag("-k,--keep-going", out.keep_going,
                   "After a failure, go on with what does not need it");
  command
      .add_option("--trace", out.trace,
                  "Write a trace of what ran when, for ui.perfetto.dev or chrome://tracing")
      ->type_name("FILE");
  command
      .add_option("--metrics-port", out.metrics_port,
                  "Meanwhile, serve figures for Prometheus on this port of this machine")
      ->type_name("PORT")
      ->check(CLI::Range(1u, 65535u));
}

void add_patterns(CLI::App& command, request& out) {
  command
      .add_option("PATTERN", out.patterns,
                  "What to act on (default: everything at or below this folder)")
      ->type_name("");
}

void add_transpiling(CLI::App& command, transpile_request& out) {
  command.add_option("FILE", out.files, "TypeScript; '-' is standard input")->type_name("");
  command
      .add_option("-o,--out-dir", out.out_folder,
                  "Write files below DIR (default: standard output)")
      ->type_name("DIR");
  command.add_flag("--map", out.map,
                   "Write a source map beside each file; on standard output, at its end");
  command.add_flag("--check", out.check, "Write nothing but errors");
  command.add_flag("--tsx", out.tsx, "Read standard input and all files as .tsx");
  static const std::map<std::string, bool> jsx{{"automatic", false}, {"preserve", true}};
  command
      .add_option("--jsx", out.preserve_jsx,
                  "What becomes of JSX: calls of the automatic runtime (default), or it stays")
      ->type_name("automatic|preserve")
      ->transform(CLI::CheckedTransformer(jsx).description(""));
  command
      .add_option("--jsx-import-source", out.jsx_import_source,
                  "The module whose jsx-runtime is imported (default: react)")
      ->type_name("MODULE");
  static const std::map<std::string, bool> targets{{"esnext", false}, {"engine", true}};
  command
      .add_option("--target", out.for_engine,
                  "Keep the newest syntax (default), or refuse what does not run in build files")
      ->type_name("esnext|engine")
      ->transform(CLI::CheckedTransformer(targets).description(""));
  command.add_flag("--verbatim-module-syntax", out.verbatim_module_syntax,
                   "Keep every import and export that does not say 'type'");
}

/// What every command takes that runs one script.
void add_context(CLI::App& command, request& out) {
  command.add_option("--as", out.eval.as, "Give it the powers of this kind of script")
      ->type_name("KIND")
      ->check(CLI::IsMember({"package", "build", "rule", "toolchain", "config", "library"})
                  .description(""));
}

answer usage_error(std::string message, const std::string& help) {
  return {"error: " + std::move(message) + "\n  help: " + help + "\n", exit_usage};
}

/// CLI11's message, in this program's style.
std::string in_one_line(std::string text) {
  while (!text.empty() && text.back() == '\n')
    text.pop_back();
  std::replace(text.begin(), text.end(), '\n', ' ');
  return text;
}

} // namespace

std::variant<request, answer> parse_arguments(const std::vector<std::string>& arguments) {
  request out;
  bool verbose = false, quiet = false;
  std::string label;

  CLI::App app(about, "zako");
  app.footer(main_footer);
  app.set_version_flag("--version", "zako " ZAKO_VERSION);
  app.set_help_flag("-h,--help", "Print this help and exit");
  app.get_formatter()->column_width(26);
  add_folder(app, out);

  auto add = [&](const char* name, const char* text, const char* footer) {
    auto* command = app.add_subcommand(name, text);
    command->footer(footer);
    add_folder(*command, out);
    return command;
  };
  auto* build = add("build", "Build targets", build_footer)->alias("make");
  add_patterns(*build, out);
  auto* run = add("run", "Build a program and start it", run_footer);
  run->add_option("LABEL", label, "The target to run")->type_name("")->required();
  auto* test = add("test", "Build tests and run them", test_footer);
  add_patterns(*test, out);
  auto* clean = add("clean", "Remove what builds have left behind", clean_footer);
  auto* info = add("info", "Show folders, sizes and versions", info_footer);
  info->add_flag("--resources", out.resources,
                 "Show every setting and where it is from, and what the machine has");
  add_settings(*info, out);
  auto* gc = add("gc", "Remove stored state that nothing needs", gc_footer);
  using units = std::map<std::string, std::uint64_t>;
  CLI::AsNumberWithUnit age{units{{"s", 1}, {"m", 60}, {"h", 3600}, {"d", 86400}, {"w", 604800}},
                            CLI::AsNumberWithUnit::UNIT_REQUIRED};
  constexpr std::uint64_t k = 1024;
  CLI::AsNumberWithUnit size{units{{"K", k}, {"M", k * k}, {"G", k * k * k}, {"T", k * k * k * k}},
                             CLI::AsNumberWithUnit::CASE_INSENSITIVE};
  gc->add_option("--max-age", out.most_age_s, "Remove what was not used for so long")
      ->type_name("AGE")
      ->transform(age.description(""));
  gc->add_option("--max-size", out.most_bytes, "Shrink the cache to so many bytes")
      ->type_name("SIZE")
      ->transform(size.description(""));
  auto* verify = add("verify", "Find damaged state and set it aside", verify_footer);
  auto* dump = add("dump", "Show stored records", dump_footer);
  dump->add_option("KEY", out.patterns, "Show records whose key is this or holds it")
      ->type_name("");
  auto* types = add("types", "Write what editors need to know of build files", types_footer);
  auto* transpile = add("transpile", "Turn TypeScript into JavaScript", transpile_footer);
  add_transpiling(*transpile, out.transpile);
  auto* eval = add("eval", "Run a script and print its result", eval_footer);
  eval->add_option("FILE", out.eval.file, "The script; '-' is standard input")->type_name("");
  eval->add_option("-e", out.eval.expression, "Evaluate one expression instead")
      ->type_name("EXPRESSION");
  add_context(*eval, out);
  add_settings(*eval, out);
  auto* repl = add("repl", "Run TypeScript line by line", repl_footer);
  add_context(*repl, out);
  add_settings(*repl, out);
  auto* export_builtin = add("export-builtin", "Show the built-in modules", export_builtin_footer);
  export_builtin->add_option("MODULE", out.module, "The one to print (default: list all)")
      ->type_name("");
  export_builtin->add_flag("--javascript", out.javascript, "Print what runs");
  for (auto* command : {build, run, test}) {
    add_building(*command, out);
    add_settings(*command, out);
    add_options(*command, out);
    add_detail(*command, verbose, quiet);
  }

  // What follows "--" is for the program that runs, whatever it looks like.
  auto dashes = std::find(arguments.begin(), arguments.end(), "--");
  std::vector<std::string> own(arguments.begin(), dashes), tail;
  if (dashes != arguments.end())
    tail.assign(dashes + 1, arguments.end());

  CLI::App* named = nullptr;
  try {
    std::reverse(own.begin(), own.end());
    app.parse(std::move(own));
  } catch (const CLI::Success& e) { // --help, --version
    std::ostringstream text, unused;
    app.exit(e, text, unused);
    return answer{text.str(), exit_good};
  } catch (const CLI::ParseError& e) {
    auto chosen = app.get_subcommands();
    std::string help = chosen.empty() ? "zako --help" : "zako " + chosen[0]->get_name() + " --help";
    if (chosen.empty() && dynamic_cast<const CLI::ExtrasError*>(&e))
      for (auto& word : app.remaining())
        if (!word.starts_with('-'))
          return usage_error(
              "there is no command '" + word + "'",
              did_you_mean(word,
                           {"build", "make", "run", "test", "clean", "info", "gc", "verify", "dump",
                            "types", "transpile", "eval", "repl", "export-builtin"},
                           "see 'zako --help'"));
    if (!chosen.empty() && chosen[0] == run && dynamic_cast<const CLI::ExtrasError*>(&e))
      return usage_error("'zako run' takes one label", "arguments of the program follow '--'");
    return usage_error(in_one_line(e.what()), "see '" + help + "'");
  }
  auto chosen = app.get_subcommands();
  if (chosen.empty())
    return answer{app.help(), exit_usage};
  named = chosen[0];
  if (named == transpile) {
    auto& files = out.transpile.files;
    files.insert(files.end(), tail.begin(), tail.end());
    if (files.empty())
      return usage_error("there is no file to transpile", "see 'zako transpile --help'");
    if (files.size() > 1 && out.transpile.out_folder.empty() && !out.transpile.check)
      return usage_error("several files need a folder to be written to",
                         "add '--out-dir DIR', or '--check' to see errors only");
    if (std::count(files.begin(), files.end(), "-") > 1)
      return usage_error("standard input can be read once only", "name '-' once");
    out.what = command_name::transpile;
  } else if (named == eval) {
    if (out.eval.file.empty() && tail.size() == 1)
      out.eval.file = std::exchange(tail, {}).front();
    if (!tail.empty() || out.eval.expression.has_value() != out.eval.file.empty())
      return usage_error("'zako eval' takes one file, or -e with an expression",
                         "see 'zako eval --help'");
    out.what = command_name::eval;
  } else if (named == run) {
    out.what = command_name::run;
    out.patterns = {label};
    out.arguments = std::move(tail);
  } else if (!tail.empty() && (named == clean || named == info || named == gc || named == verify ||
                               named == types || named == repl || named == export_builtin)) {
    return usage_error("'zako " + named->get_name() + "' takes no '" + tail[0] + "'",
                       "see 'zako " + named->get_name() + " --help'");
  } else {
    out.what = named == build    ? command_name::build
               : named == test   ? command_name::test
               : named == clean  ? command_name::clean
               : named == gc     ? command_name::gc
               : named == verify ? command_name::verify
               : named == dump   ? command_name::dump
               : named == types  ? command_name::types
               : named == repl   ? command_name::repl
               : named == info   ? command_name::info
                                 : command_name::export_builtin;
    out.patterns.insert(out.patterns.end(), tail.begin(), tail.end());
  }
  out.detail = verbose ? verbosity::verbose : quiet ? verbosity::quiet : verbosity::normal;
  return out;
}

} // namespace zako
