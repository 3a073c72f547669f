// The small C project.
#include "test/engine/fake_project.hpp"

#include <algorithm>

namespace zako::test {

namespace {

data output(const std::string& path, const data& owner) {
  return data(data::object{{"path", path}, {"owner", owner}});
}

/// One object per source, and a program of all objects, those of the dependencies too.
result<script_step> binary(const evaluate_job& run, const std::vector<resume_job>&) {
  auto& arg = run.argument;
  auto folder =
      "zako-out" + (arg["package"].as_string()->empty() ? "" : "/" + *arg["package"].as_string());
  auto& name = *arg["name"].as_string();
  data::array actions, objects, headers;
  for (auto& dependency :
       arg["attrs"]["deps"].as_array() ? *arg["attrs"]["deps"].as_array() : data::array())
    for (auto& object : *dependency["providers"]["objects"].as_array())
      objects.push_back(object);
  if (auto list = arg["attrs"]["generated"].as_array())
    for (auto& dependency : *list)
      for (auto& made : *dependency["files"].as_array())
        headers.push_back(made);
  for (auto& source : *arg["attrs"]["srcs"].as_array()) {
    auto& path = *source["path"].as_string();
    auto object = folder + "/" + name + ".d/" + path + ".o";
    data::array argv = {*arg["toolchains"]["cc"]["path"].as_string(), path, object};
    if (auto flags = arg["attrs"]["flags"].as_array())
      argv.insert(argv.end(), flags->begin(), flags->end());
    auto inputs = headers;
    inputs.push_back(source);
    actions.push_back(data(data::object{{"mnemonic", "CC"},
                                        {"title", "CC " + path},
                                        {"argv", argv},
                                        {"inputs", inputs},
                                        {"outputs", data::array{object}}}));
    objects.push_back(output(object, arg["label"]));
  }
  auto out = folder + "/" + name;
  data::array argv = {"/bin/ld", out};
  for (auto& object : objects)
    argv.push_back(object["path"]);
  actions.push_back(data(data::object{{"title", "LD " + name},
                                      {"argv", argv},
                                      {"inputs", objects},
                                      {"outputs", data::array{out}}}));
  auto program = output(out, arg["label"]);
  data test;
  if (name.ends_with("_test"))
    test = data(data::object{{"argv", data::array{out}}, {"inputs", data::array{program}}});
  return script_end(data(data::object{{"actions", actions},
                                      {"files", data::array{program}},
                                      {"providers", data::object{{"objects", objects}}},
                                      {"executable", program},
                                      {"test", test}}));
}

/// which("cc"), then probe it.
result<script_step> cc_toolchain(const evaluate_job&, const std::vector<resume_job>& replies) {
  if (replies.empty())
    return script_asks("which", data(data::object{{"names", data::array{"gcc", "cc"}}}));
  auto& path = replies[0].reply.value;
  if (replies.size() == 1)
    return script_asks("probe", data(data::object{{"argv", data::array{path, "--version"}}}));
  if (replies[1].failure)
    return fail(*replies[1].failure);
  return script_end(
      data(data::object{{"path", path}, {"version", replies[1].reply.value["text"]}}));
}

} // namespace

data file(std::string path) {
  return data(data::object{{"path", std::move(path)}});
}
data target_label(std::string text) {
  return data(data::object{{"label", std::move(text)}});
}

data target(std::string name, data attrs, std::string function, std::uint32_t line) {
  data position(
      data::object{{"file", "BUILD.ts"}, {"line", static_cast<double>(line)}, {"column", 1}});
  return data(data::array{std::move(name), std::move(function), data::array{"cc"}, std::move(attrs),
                          std::move(position)});
}

data declared(std::vector<data> targets) {
  data::array rules;
  for (auto& x : targets) {
    auto& rule = x.as_array()->at(1);
    auto name = std::exchange(rule, data(static_cast<double>(rules.size())));
    rules.emplace_back(data::object{{"module", "zako:rules/cc"}, {"export", std::move(name)}});
  }
  return data(data::object{{"rules", std::move(rules)},
                           {"targets", data::array(targets.begin(), targets.end())}});
}

script_body declares(std::vector<data> targets) {
  return [targets = std::move(targets)](auto&, auto&) -> result<script_step> {
    return script_end(declared(targets));
  };
}

project::project() {
  world.write("zako.toml", "[package]\nname = \"p\"\nversion = \"1\"\n");
  world.write("BUILD.ts", "import \"zako:rules/cc\"\n");
  world.write("lib/BUILD.ts", "import \"zako:rules/cc\"\n");
  world.write("lib/greet.h", "#define GREET\n");
  world.write("lib/greet.c", "#include \"lib/greet.h\"\ngreet\n");
  world.write("main.c", "#include \"lib/greet.h\"\nmain\n");
  world.builtins = {
      {"zako:rules/cc", "import \"zako:rule\"\n"}, {"zako:rule", ""}, {"zako:toolchains/cc", ""}};
  world.scripts["zako:rules/cc#binary"] = binary;
  world.scripts["zako:toolchains/cc"] = cc_toolchain;
  world.scripts["lib/BUILD.ts"] =
      declares({target("greet", data::object{{"srcs", data::array{file("lib/greet.c")}}})});
  world.programs["/bin/cc"] = [cc = world.programs["/bin/cc"]](auto& what, auto& w, auto& out) {
    if (what.argv.at(1) == "--version")
      out.text = "cc 1";
    else
      cc(what, w, out);
  };
  for (auto program : {"zako-out/hello", "zako-out/hello_test"})
    world.programs[program] = [program](auto&, auto& w, auto& out) {
      out.exit_code = w.text(program).find("broken") == std::string::npos ? 0 : 1;
      out.text = "ran";
    };
  declare({});
}

void project::declare(std::vector<std::string> flags) {
  world.scripts["BUILD.ts"] =
      declares({target("hello", data::object{{"srcs", data::array{file("main.c")}},
                                             {"deps", data::array{target_label("//lib:greet")}},
                                             {"flags", data::strings(flags)}})});
}

outcome project::build(std::vector<std::string> patterns) {
  return engine.build(build_key(patterns));
}

} // namespace zako::test
