// What a build shows of itself while it runs: a trace, and figures for Prometheus.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "workspace.hpp"

using namespace e2e;
using Catch::Contains;

namespace {

sockaddr_in here(std::uint16_t port, in_addr_t address = INADDR_LOOPBACK) {
  sockaddr_in at{};
  at.sin_family = AF_INET;
  at.sin_port = htons(port);
  at.sin_addr.s_addr = htonl(address);
  return at;
}

/// A port that nobody uses now.
std::uint16_t free_port() {
  int fd = socket(AF_INET, SOCK_STREAM, 0);
  auto at = here(0);
  socklen_t size = sizeof at;
  REQUIRE(bind(fd, reinterpret_cast<sockaddr*>(&at), size) == 0);
  REQUIRE(getsockname(fd, reinterpret_cast<sockaddr*>(&at), &size) == 0);
  close(fd);
  return ntohs(at.sin_port);
}

/// The answer to GET /metrics; empty when nobody listens.
std::string get_metrics(std::uint16_t port, in_addr_t address = INADDR_LOOPBACK) {
  int fd = socket(AF_INET, SOCK_STREAM, 0);
  auto at = here(port, address);
  std::string out;
  if (connect(fd, reinterpret_cast<const sockaddr*>(&at), sizeof at) == 0) {
    std::string question = "GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n";
    timeval patience{5, 0};
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    if (write(fd, question.data(), question.size()) > 0) {
      char buffer[4096];
      for (ssize_t n = 0; (n = read(fd, buffer, sizeof buffer)) > 0;)
        out.append(buffer, static_cast<std::size_t>(n));
    }
  }
  close(fd);
  return out;
}

} // namespace

TEST_CASE("a build serves its figures when asked to, on this machine only, and not otherwise") {
  workspace w;
  auto started = (w.outside() / "started").string(), go = (w.outside() / "go").string();
  w.write("BUILD.ts",
          import_generate + shell_target("slow",
                                         "echo > " + started + "; while ! test -e " + go +
                                             "; do sleep 0.02; done; echo > zako-out/x",
                                         {"x"}));
  auto port = free_port();
  {
    program build{w.command({"build", "--metrics-port", std::to_string(port)}), w.root(),
                  w.environment};
    REQUIRE(eventually([&] { return fs::exists(started); }));
    auto answer = get_metrics(port);
    CHECK_THAT(answer, Contains("200 OK") && Contains("caf_system_running_actors"));
    // Every other address of this machine leads to nobody.
    CHECK(get_metrics(port, 0x7f000002) == "");
    write_file(go, "");
    CHECK(build.wait().code == 0);
  }
  CHECK(get_metrics(port) == "");
}

TEST_CASE("a port that is taken is told, and nothing is built") {
  workspace w;
  w.write("BUILD.ts", import_generate + shell_target("x", "echo > zako-out/x", {"x"}));
  auto port = free_port();
  int fd = socket(AF_INET, SOCK_STREAM, 0);
  auto at = here(port);
  REQUIRE(bind(fd, reinterpret_cast<sockaddr*>(&at), sizeof at) == 0);
  REQUIRE(listen(fd, 1) == 0);
  CHECK_THAT(w.build_fails({"--metrics-port", std::to_string(port)}),
             Contains("port " + std::to_string(port)));
  close(fd);
}

TEST_CASE("--trace writes what ran, in a file that counts from -C") {
  workspace w;
  w.write("BUILD.ts", import_generate + shell_target("x", "echo > zako-out/x", {"x"}));
  auto done =
      run(w.command({"-C", w.root().string(), "build", "--trace", "t.json"}), "/", w.environment);
  CHECK(done.code == 0);
  auto text = w.read("t.json");
  CHECK_THAT(text,
             Contains(R"("ph":"X")") && Contains("zako-out/x") && Contains(R"("exit code":0)"));
  CHECK(text.ends_with("]}\n"));
  CHECK_THAT(w.build_fails({"--trace", "no/such/folder.json"}), Contains("no/such/folder.json"));
}
