// Names of blobs: what a computation that is not a node's made of what it was made of.
//
// A name is a file, as there are few and each is read once a process. It holds the content's digest
// and a digest of both, so that a file which a crash left half written, or was changed, is no name.
#include <cerrno>
#include <filesystem>

#include <unistd.h>

#include <fmt/format.h>

#include "storage/content_store_state.hpp"

namespace zako {

namespace {

std::string name_file(const std::string& store, const digest& name) {
  return fmt::format("{}/names/{}", store, name.hex());
}

std::string name_text(const digest& name, const digest& content) {
  auto seal = hasher().update("name").update(name).update(content).finish();
  return fmt::format("{}\n{}\n", content.hex(), seal.hex());
}

} // namespace

result<void> content_store::bind(const digest& name, const digest& content) {
  auto path = name_file(state_->folder, name);
  auto file = os::temporary_file::beside(AT_FDCWD, path, 0666);
  if (!file)
    return fail(std::move(file.error()));
  if (!os::write_all(file->fd(), name_text(name, content)))
    return os::failed("write", path, errno);
  return file->publish(path);
}

std::optional<digest> content_store::bound(const digest& name) const {
  auto fd = os::open(AT_FDCWD, name_file(state_->folder, name).c_str(), O_RDONLY);
  std::string text;
  if (!fd || !os::stream(fd.get(), [&text](std::string_view piece) {
        text += piece;
        return text.size() < 1024;
      }))
    return std::nullopt;
  auto content = digest::from_hex(std::string_view(text).substr(0, text.find('\n')));
  return content && text == name_text(name, *content) ? content : std::nullopt;
}

result<void> content_store::drop_loose_names() {
  namespace fs = std::filesystem;
  std::error_code code;
  for (fs::directory_iterator i{state_->folder + "/names", code}, end; !code && i != end;
       i.increment(code)) {
    auto name = digest::from_hex(i->path().filename().string());
    auto content = name ? bound(*name) : std::nullopt;
    if (content && contains(*content))
      continue;
    if (::unlink(i->path().c_str()) != 0 && errno != ENOENT)
      return os::failed("remove", i->path().string(), errno);
  }
  return {};
}

} // namespace zako
