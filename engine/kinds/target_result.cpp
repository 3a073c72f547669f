// What a rule returns, checked: shapes, places of outputs, clashes.
#include "engine/kinds/target_result.hpp"

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "engine/keys.hpp"
#include "engine/settings.hpp"
#include "engine/suggest.hpp"

namespace zako {

namespace {

constexpr double max_amount = 9'007'199'254'740'991; // numbers of scripts are exact up to here
constexpr double max_timeout_s = 7 * 24 * 3600;

tl::unexpected<error> wrong(std::string_view path, std::string_view what, const data& x) {
  return fail(errc::script, fmt::format("{} must be {}, not {}", path, what, x.type_name()));
}

result<std::string> optional_string(const data& x, std::string_view path) {
  if (x.is_null())
    return std::string();
  return want_string(x, path);
}

result<std::uint32_t> whole_number(const data& x, std::string_view path, std::uint32_t otherwise,
                                   double most) {
  if (x.is_null())
    return otherwise;
  auto n = x.as_number();
  if (!n || !(*n >= 0) || *n > most || *n != static_cast<double>(static_cast<std::uint32_t>(*n)))
    return wrong(path, fmt::format("a whole number up to {}", most), x);
  return static_cast<std::uint32_t>(*n);
}

/// A number, or of memory a size such as "512M".
result<std::uint64_t> parse_amount(const data& x, const std::string& path,
                                   std::string_view resource) {
  auto sized = resource == memory_resource;
  if (auto text = x.as_string(); text && sized)
    if (auto bytes = parse_size(*text))
      return *bytes;
  auto n = x.as_number();
  if (n && *n >= 0 && *n <= max_amount && *n == static_cast<double>(static_cast<std::uint64_t>(*n)))
    return static_cast<std::uint64_t>(*n);
  return fail(errc::script, fmt::format("{} must be {}", path,
                                        sized ? "a size such as \"512M\", or a number of bytes"
                                              : "a whole number"));
}

/// An amount, or { min, max, soft }. Without max, all that is free.
result<need> parse_need(const data& x, const std::string& path, const std::string& resource) {
  need out;
  out.resource = resource;
  auto members = x.as_object();
  if (!members) {
    auto amount = parse_amount(x, path, resource);
    if (!amount)
      return tl::unexpected(std::move(amount.error()));
    out.least = out.most = *amount;
    return out;
  }
  for (auto& [name, ignored] : *members)
    if (name != "min" && name != "max" && name != "soft")
      return fail(errc::script, fmt::format("{} has no member '{}'", path, name),
                  did_you_mean(name, {"min", "max", "soft"}, "it has min, max and soft"));
  auto least = parse_amount(x["min"], path + ".min", resource);
  if (!least)
    return tl::unexpected(std::move(least.error()));
  out.least = *least;
  out.most = everything;
  if (!x["max"].is_null()) {
    auto most = parse_amount(x["max"], path + ".max", resource);
    if (!most)
      return tl::unexpected(std::move(most.error()));
    if (*most < *least)
      return fail(errc::script, fmt::format("{}.max is less than {}.min", path, path));
    out.most = *most;
  }
  if (!x["soft"].is_null()) {
    auto soft = x["soft"].as_bool();
    if (!soft)
      return wrong(path + ".soft", "true or false", x["soft"]);
    out.soft = *soft;
  }
  return out;
}

/// Which resources there are is not known here: the machine says so when the action is to run.
result<std::vector<need>> parse_needs(const data& x, const std::string& path) {
  std::vector<need> out;
  if (x.is_null())
    return out;
  auto members = x.as_object();
  if (!members)
    return wrong(path, "an object of amounts", x);
  if (members->size() > max_needs)
    return fail(errc::script, fmt::format("{} names {} resources, and the most are {}", path,
                                          members->size(), max_needs));
  for (auto& [name, amount] : *members) {
    auto one = parse_need(amount, path + "." + name, name);
    if (!one)
      return tl::unexpected(std::move(one.error()));
    out.push_back(std::move(*one));
  }
  return out;
}

result<bool> optional_flag(const data& x, std::string_view path) {
  if (x.is_null())
    return false;
  auto flag = x.as_bool();
  return flag ? result<bool>(*flag) : wrong(path, "true or false", x);
}

result<std::map<std::string, std::string>> parse_env(const data& x, const std::string& path) {
  std::map<std::string, std::string> out;
  if (x.is_null())
    return out;
  auto members = x.as_object();
  if (!members)
    return wrong(path, "an object of strings", x);
  for (auto& [name, text] : *members) {
    auto s = want_string(text, path + "." + name);
    if (!s)
      return tl::unexpected(std::move(s.error()));
    if (name.empty() || name.find('=') != std::string::npos)
      return fail(errc::script, fmt::format("{} has a malformed name '{}'", path, name));
    out[name] = std::move(*s);
  }
  return out;
}

result<std::vector<std::string>> parse_argv(const data& x, const std::string& path) {
  auto argv = want_strings(x, path);
  if (argv && (argv->empty() || argv->front().empty()))
    return fail(errc::script, fmt::format("{} must name a program", path));
  return argv;
}

result<file_reference> parse_reference(const data& x, const std::string& path) {
  if (!x.as_object())
    return wrong(path, "a file", x);
  file_reference out;
  auto text = want_string(x["path"], path + ".path");
  if (!text)
    return tl::unexpected(std::move(text.error()));
  auto neutral = neutral_path::parse(*text);
  if (!neutral || neutral->str() != *text || text->empty())
    return fail(errc::invalid_path,
                fmt::format("{}.path '{}' is not a path inside the workspace", path, *text));
  out.path = std::move(*text);
  auto owner = optional_string(x["owner"], path + ".owner");
  if (!owner)
    return tl::unexpected(std::move(owner.error()));
  if (owner->empty()) {
    if (is_generated(out.path))
      return fail(
          errc::script,
          fmt::format("{} '{}' lies in {} but names no owner", path, out.path, output_folder),
          "take the file from the target that makes it");
    return out;
  }
  auto parsed = label::parse(*owner);
  if (!parsed || !is_generated(out.path))
    return fail(errc::script,
                fmt::format("{} '{}' cannot be made by '{}'", path, out.path, *owner));
  out.owner = parsed->str();
  return out;
}

result<std::vector<file_reference>> parse_references(const data& x, const std::string& path) {
  std::vector<file_reference> out;
  if (x.is_null())
    return out;
  auto list = x.as_array();
  if (!list)
    return wrong(path, "an array of files", x);
  std::set<std::string> seen;
  for (std::size_t i = 0; i < list->size(); ++i) {
    auto reference = parse_reference((*list)[i], fmt::format("{}[{}]", path, i));
    if (!reference)
      return tl::unexpected(std::move(reference.error()));
    if (seen.insert(reference->path).second)
      out.push_back(std::move(*reference));
  }
  return out;
}

/// The outputs of one action: inside the target's own folder, unlike every output before.
class output_checker {
public:
  explicit output_checker(const label& self)
      : root_(neutral_path() / output_folder / self.package.str()) {}

  result<void> add(const std::string& text, const std::string& path) {
    auto neutral = neutral_path::parse(text);
    if (!neutral || neutral->str() != text || *neutral == root_ || !neutral->is_within(root_))
      return fail(errc::invalid_path,
                  fmt::format("{} '{}' does not lie below {}/", path, text, root_.str()),
                  "declare outputs with actions.declareFile()");
    if (!all_.insert(text).second)
      return fail(errc::conflict, fmt::format("{} '{}' is declared twice", path, text));
    for (auto above = neutral->parent(); above != root_ && !above.empty(); above = above.parent())
      folders_.insert(above.str());
    return {};
  }

  /// An output that another output would lie in.
  [[nodiscard]] std::optional<std::string> clash() const {
    for (auto& text : all_)
      if (folders_.contains(text))
        return text;
    return std::nullopt;
  }
  [[nodiscard]] bool contains(const std::string& text) const { return all_.contains(text); }

private:
  neutral_path root_;
  std::set<std::string> all_;
  std::set<std::string> folders_;
};

/// An output that is named again, as the place of the program's standard output or dependency file.
result<std::string> parse_role(const data& x, const std::string& path,
                               const std::vector<std::string>& outputs) {
  // Both { path } and a plain text name an output.
  auto text = optional_string(x.as_object() ? x["path"] : x, path);
  if (text && !text->empty() && std::find(outputs.begin(), outputs.end(), *text) == outputs.end())
    return fail(errc::script,
                fmt::format("{} '{}' is not among the action's outputs", path, *text));
  return text;
}

result<action_declaration> parse_action(const data& x, const std::string& path,
                                        output_checker& outputs) {
  if (!x.as_object())
    return wrong(path, "an action", x);
  action_declaration out;
  auto mnemonic = optional_string(x["mnemonic"], path + ".mnemonic");
  auto title = optional_string(x["title"], path + ".title");
  auto argv = parse_argv(x["argv"], path + ".argv");
  auto env = parse_env(x["env"], path + ".env");
  auto inputs = parse_references(x["inputs"], path + ".inputs");
  auto made = want_strings(x["outputs"], path + ".outputs");
  auto needs = parse_needs(x["resources"], path + ".resources");
  auto jobserver = optional_flag(x["jobserver"], path + ".jobserver");
  auto timeout = whole_number(x["timeout"], path + ".timeout", 0, max_timeout_s);
  for (auto* e : {mnemonic ? nullptr : &mnemonic.error(), title ? nullptr : &title.error(),
                  argv ? nullptr : &argv.error(), env ? nullptr : &env.error(),
                  inputs ? nullptr : &inputs.error(), made ? nullptr : &made.error(),
                  needs ? nullptr : &needs.error(), jobserver ? nullptr : &jobserver.error(),
                  timeout ? nullptr : &timeout.error()})
    if (e)
      return tl::unexpected(std::move(*e));
  if (made->empty())
    return fail(errc::script, fmt::format("{} declares no output", path),
                "an action that makes nothing would never run");
  for (std::size_t i = 0; i < made->size(); ++i) {
    auto ok = outputs.add((*made)[i], fmt::format("{}.outputs[{}]", path, i));
    if (!ok)
      return tl::unexpected(std::move(ok.error()));
  }
  for (auto& input : *inputs)
    if (std::find(made->begin(), made->end(), input.path) != made->end())
      return fail(errc::script, fmt::format("{} reads its own output '{}'", path, input.path));
  auto redirected = parse_role(x["stdout"], path + ".stdout", *made);
  auto depfile = parse_role(x["depfile"], path + ".depfile", *made);
  for (auto* role : {&redirected, &depfile})
    if (!*role)
      return tl::unexpected(std::move(role->error()));
  out.mnemonic = std::move(*mnemonic);
  out.title = std::move(*title);
  if (out.title.empty())
    out.title = fmt::format("{} {}", out.mnemonic.empty() ? "RUN" : out.mnemonic,
                            made->front().substr(output_folder.size() + 1));
  out.what.argv = std::move(*argv);
  out.what.env = std::move(*env);
  out.what.outputs = std::move(*made);
  out.what.stdout_path = std::move(*redirected);
  out.what.depfile = std::move(*depfile);
  out.what.timeout_s = *timeout;
  out.inputs = std::move(*inputs);
  out.needs = std::move(*needs);
  out.jobserver = *jobserver;
  return out;
}

result<test_declaration> parse_test(const data& x) {
  test_declaration out;
  auto argv = parse_argv(x["argv"], "test.argv");
  if (!argv)
    return tl::unexpected(std::move(argv.error()));
  auto env = parse_env(x["env"], "test.env");
  if (!env)
    return tl::unexpected(std::move(env.error()));
  auto inputs = parse_references(x["inputs"], "test.inputs");
  if (!inputs)
    return tl::unexpected(std::move(inputs.error()));
  auto timeout = whole_number(x["timeout"], "test.timeout", 0, max_timeout_s);
  if (!timeout)
    return tl::unexpected(std::move(timeout.error()));
  out.argv = std::move(*argv);
  out.env = std::move(*env);
  out.inputs = std::move(*inputs);
  out.timeout_s = *timeout;
  return out;
}

/// Files that claim to be this target's own must be outputs of its actions.
result<void> check_own(const label& self, const std::vector<file_reference>& files,
                       std::string_view path, const output_checker& outputs) {
  for (auto& file : files)
    if (file.owner == self.str() && !outputs.contains(file.path))
      return fail(errc::script,
                  fmt::format("{}: '{}' is declared, but no action of {} makes it", path, file.path,
                              self.str()),
                  "name it among the outputs of an action");
  return {};
}

} // namespace

bool is_generated(std::string_view path) {
  return path.starts_with(output_folder) &&
         (path.size() == output_folder.size() || path[output_folder.size()] == '/');
}

result<target_value> parse_target_result(const label& self, const data& returned) {
  if (!returned.as_object())
    return wrong("the result of implement()", "an object", returned);
  target_value out;
  output_checker outputs(self);
  if (auto& actions = returned["actions"]; !actions.is_null()) {
    if (!actions.as_array())
      return wrong("actions", "an array", actions);
    for (std::size_t i = 0; i < actions.as_array()->size(); ++i) {
      auto action = parse_action((*actions.as_array())[i], fmt::format("actions[{}]", i), outputs);
      if (!action)
        return tl::unexpected(std::move(action.error()));
      out.actions.push_back(std::move(*action));
    }
  }
  out.index_outputs();
  if (auto text = outputs.clash())
    return fail(errc::conflict,
                fmt::format("the output '{}' is also the folder of another output", *text));
  auto files = parse_references(returned["files"], "files");
  if (!files)
    return tl::unexpected(std::move(files.error()));
  out.files = std::move(*files);
  auto& providers = returned["providers"];
  if (!providers.is_null() && !providers.as_object())
    return wrong("providers", "an object", providers);
  out.providers = providers;
  if (auto& executable = returned["executable"]; !executable.is_null()) {
    auto reference = parse_reference(executable, "executable");
    if (!reference)
      return tl::unexpected(std::move(reference.error()));
    out.executable = std::move(*reference);
  }
  if (auto& test = returned["test"]; !test.is_null()) {
    auto parsed = parse_test(test);
    if (!parsed)
      return tl::unexpected(std::move(parsed.error()));
    out.test = std::move(*parsed);
  }
  std::vector<file_reference> executables;
  if (out.executable)
    executables.push_back(*out.executable);
  auto checked = check_own(self, out.files, "files", outputs);
  if (checked)
    checked = check_own(self, executables, "executable", outputs);
  if (checked && out.test)
    checked = check_own(self, out.test->inputs, "test.inputs", outputs);
  for (auto& action : out.actions)
    if (checked)
      checked = check_own(self, action.inputs, "inputs of " + action.title, outputs);
  if (!checked)
    return tl::unexpected(std::move(checked.error()));
  return out;
}

std::vector<key> input_keys(const std::vector<file_reference>& inputs) {
  std::vector<key> out;
  for (auto& input : inputs)
    if (input.owner.empty())
      out.push_back(file_key(input.path));
    else
      out.push_back(artifact_key(input.owner, input.path));
  return out;
}

} // namespace zako
