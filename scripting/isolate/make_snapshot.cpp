// Runs when Zako is built: makes the start-up snapshot that lies beside the plugin.
//
//   zako-make-snapshot PLUGIN FILE
#include <cstdio>
#include <cstdlib>
#include <string>

#include "scripting/script_host.hpp"

int main(int argc, char** argv) {
  if (argc != 3) {
    std::fputs("usage: zako-make-snapshot PLUGIN FILE\n", stderr);
    return 2;
  }
  ::setenv("ZAKO_V8_PLUGIN", argv[1], 1);
  auto done = zako::load_script_host().and_then(
      [&](zako::script_host* host) { return host->write_snapshot(argv[2]); });
  if (!done)
    std::fprintf(stderr, "%s\n", zako::to_text(done.error()).c_str());
  std::fflush(stderr);
  std::_Exit(done ? 0 : 1); // V8's threads end with the process
}
