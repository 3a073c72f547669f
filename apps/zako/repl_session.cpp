// Writes the module.
#include "apps/zako/repl_session.hpp"

#include <algorithm>
#include <string_view>
#include <utility>

#include "apps/zako/completion.hpp"

namespace zako {

namespace {

class composer {
public:
  void code(std::string_view text) {
    out_.source += text;
    line_ += static_cast<std::uint32_t>(std::count(text.begin(), text.end(), '\n'));
  }
  void typed(const std::string& text) {
    out_.texts.push_back({text, line_});
    code(text);
  }
  void run(const typed_input& x) {
    bool expression = x.form == input_form::expression;
    code(expression ? "(\n" : "");
    typed(x.text);
    code(expression ? "\n);\n" : "\n;\n");
  }
  composed_module take() { return std::move(out_); }

private:
  composed_module out_;
  std::uint32_t line_ = 1;
};

composer all_of(const std::vector<typed_input>& inputs) {
  composer out;
  out.code("import { inspect as $inspect } from \"zako:console\";\n");
  for (auto& x : inputs)
    out.run(x);
  // An import is loaded when nothing else can run: what was left waiting is done by then.
  out.code("await import(\"zako:console\");\n");
  return out;
}

} // namespace

composed_module repl_session::then(const typed_input& next) const {
  auto out = all_of(inputs_);
  if (next.form == input_form::expression) {
    out.code("export default ((x) => (x === undefined ? null : [$inspect(x)]))((\n");
    out.typed(next.text);
    out.code("\n));\n");
    return out.take();
  }
  out.run(next);
  // An import that no value needs is left out; this one is to be looked at now.
  std::string imported;
  for (auto& x : declared_names(next.text))
    if (x.imported)
      imported += x.name + ", ";
  out.code("void [" + imported + "];\nexport default null;\n");
  return out.take();
}

composed_module repl_session::then_ask(const std::string& expression) const {
  auto out = all_of(inputs_);
  out.code("export default " + expression + ";\n");
  return out.take();
}

void repl_session::accept(typed_input input, std::size_t lines) {
  inputs_.push_back(std::move(input));
  printed_ += lines;
}

std::vector<std::string> repl_session::names() const {
  std::vector<std::string> out;
  for (auto& x : inputs_)
    for (auto& declared : declared_names(x.text))
      out.push_back(declared.name);
  return out;
}

void repl_session::clear() {
  *this = {};
}

} // namespace zako
