// A script world in memory: sources by path, answers by operation, driven through the real plugin
// and transpiler.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "engine/data.hpp"
#include "engine/error.hpp"
#include "engine/import_graph.hpp"
#include "engine/job.hpp"
#include "scripting/script_host.hpp"

namespace zako::test {

class script_world : public script_client {
public:
  using operation = std::function<result<data>(const data&)>;

  /// A TypeScript (or JSON) file of the workspace.
  script_world& file(std::string path, std::string text);
  script_world& answer(std::string name, operation how);

  /// Evaluates `module` (a build file, unless told otherwise) in an isolate with these limits.
  result<data> run(std::string module, script_context context = script_context::build,
                   std::string function = {}, data argument = data(data::object()));

  result<script_reply> ask(script_query query) override;
  void print(console_line line) override { console.push_back(std::move(line)); }
  std::string find_bytecode(const digest& name) override {
    auto found = bytecode.find(name);
    return found == bytecode.end() ? std::string() : found->second;
  }
  void keep_bytecode(const digest& name, std::string bytes) override {
    bytecode[name] = std::move(bytes);
  }
  void lost(error) override { ++losses; }

  script_limits limits;
  bool places = false; // evaluate_job::places
  std::vector<console_line> console;
  int losses = 0;
  std::map<digest, std::string> bytecode;
  std::vector<std::size_t> batches;        // sizes of the import queries
  std::unique_ptr<script_isolate> isolate; // made by the first run; reset it to change the limits

private:
  result<std::string> find(const import_request& import);
  result<module_source> load(const import_request& import);

  import_graph imports_;
  script_context context_ = script_context::build;
  std::map<std::string, std::string> files_;
  std::map<std::string, operation> operations_;
};

script_host& host();

/// The value, as JSON; a failed result fails the test and gives the error's text.
std::string json(const result<data>& x);

/// The error of a result that must be one.
error failure(const result<data>& x);

} // namespace zako::test
