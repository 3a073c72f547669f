// Transpiles the files named on standard input, one per line, and writes for each "ok BYTES" or
// "refused BYTES", a line break, and that many bytes of JavaScript or error text. Driven by
// compare.mjs, which knows the arguments.
#include <chrono>
#include <fstream>
#include <iostream>
#include <sstream>
#include <string_view>

#include "scripting/transpile/transpiler.hpp"

int main(int argc, char** argv) {
  zako::transpile_options options;
  options.target = zako::script_target::esnext;
  for (int i = 1; i < argc; ++i) {
    std::string_view word = argv[i];
    if (word == "--verbatim-module-syntax")
      options.verbatim_module_syntax = true;
    else if (word == "--target=esnext")
      options.target = zako::script_target::esnext;
    else if (word == "--jsx-preserve")
      options.jsx = zako::jsx_mode::preserve;
    else
      return 2;
  }
  zako::transpiler transpiler;
  std::string name;
  std::chrono::steady_clock::duration spent{};
  std::size_t bytes = 0;
  while (std::getline(std::cin, name)) {
    std::ifstream in(name, std::ios::binary);
    std::stringstream content;
    content << in.rdbuf();
    auto source = std::move(content).str();
    auto begin = std::chrono::steady_clock::now();
    auto result = transpiler.transpile(source, name, options);
    spent += std::chrono::steady_clock::now() - begin;
    bytes += source.size();
    auto text = result ? std::move(result->javascript) : zako::to_text(result.error());
    std::cout << (result ? "ok " : "refused ") << text.size() << "\n" << text;
  }
  auto seconds = std::chrono::duration<double>(spent).count();
  std::cerr << bytes << " bytes in " << seconds << " s\n";
}
