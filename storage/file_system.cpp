// The files of this machine: `file_system` by system calls relative to the root's descriptor.
#include "storage/file_system.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <filesystem>
#include <system_error>
#include <utility>

#include <dirent.h>
#include <unistd.h>

#include <fmt/format.h>

#include "storage/os.hpp"

namespace zako {

namespace {

bool is_absent(int code) {
  return code == ENOENT || code == ENOTDIR;
}

file_type type_of(::mode_t mode) {
  if (S_ISREG(mode))
    return file_type::regular;
  return S_ISDIR(mode) ? file_type::folder : file_type::other;
}

class machine_files final : public file_system {
public:
  machine_files(std::string root, os::unique_fd at) : root_(std::move(root)), at_(std::move(at)) {}

  const std::string& root() const override { return root_; }

  result<stat_job::answer> look(const std::string& path, const std::optional<fingerprint>& known,
                                const digest& known_content) override;
  std::unique_ptr<file_looks> looks() const override;
  result<list_job::answer> list(const std::string& path,
                                const std::optional<fingerprint>& known) override;
  result<std::string> read(const std::string& path, std::uint64_t limit) override;
  result<void> write_atomic(const std::string& path, std::string_view bytes,
                            bool executable) override;
  result<void> copy(const std::string& from, const std::string& to) override;
  result<void> make_folder(const std::string& path) override;
  result<void> remove_all(const std::string& path) override;
  result<std::optional<std::string>> which(const std::string& name,
                                           const std::string& search_path) override;

private:
  /// The path as openat takes it.
  static const char* name_of(const std::string& path) { return path.empty() ? "." : path.c_str(); }

  result<stat_job::answer> hash(const std::string& path);
  [[nodiscard]] std::string real_of(const std::string& path, int fd) const;

  std::string root_;
  os::unique_fd at_;
};

/// Remembers the last folder: to walk down to it again would be the better part of a look.
class machine_looks final : public file_looks {
public:
  explicit machine_looks(int root) : root_(root) {}

  bool unchanged(const file_print& known) override {
    if (known.print.racy || known.path.size() >= path_.size())
      return false;
    auto slash = known.path.rfind('/');
    auto folder =
        slash == std::string_view::npos ? std::string_view() : known.path.substr(0, slash);
    auto at = root_;
    auto name = known.path;
    if (folder == folder_ && !folder.empty()) {
      if (!opened_)
        opened_ = os::open(root_, folder_.c_str(), O_PATH | O_DIRECTORY);
      if (opened_) {
        at = opened_.get();
        name.remove_prefix(slash + 1);
      }
    } else {
      folder_ = folder;
      opened_ = {};
    }
    *std::copy(name.begin(), name.end(), path_.begin()) = '\0';
    struct ::stat s;
    if (::fstatat(at, name.empty() ? "." : path_.data(), &s, 0) != 0)
      return known.type == file_type::missing && is_absent(errno);
    return known.type == type_of(s.st_mode) && os::same_stamps(known.print, os::print_of(s, 0));
  }

private:
  int root_;
  std::string folder_;   // of the last look
  os::unique_fd opened_; // that folder, once it was met twice
  std::array<char, PATH_MAX> path_;
};

/// What fstat says of an open file, as a look.
stat_job::answer describe(const struct ::stat& s, std::int64_t looked_ns) {
  stat_job::answer a;
  a.type = type_of(s.st_mode);
  a.executable = a.type == file_type::regular && (s.st_mode & S_IXUSR) != 0;
  a.print = os::print_of(s, looked_ns);
  return a;
}

result<stat_job::answer> machine_files::look(const std::string& path,
                                             const std::optional<fingerprint>& known,
                                             const digest& known_content) {
  auto looked_ns = os::file_clock_ns();
  struct ::stat s;
  if (::fstatat(at_.get(), name_of(path), &s, 0) != 0) {
    if (is_absent(errno))
      return stat_job::answer{};
    return os::failed("look at", path, errno);
  }
  auto answer = describe(s, looked_ns);
  if (answer.type != file_type::regular)
    return answer;
  if (known && !known->racy && os::same_stamps(*known, answer.print)) {
    // They were old enough when the content was read: whatever changed it since has left another
    // ctime.
    answer.print.racy = false;
    answer.content = known_content;
    return answer;
  }
  return hash(path);
}

result<stat_job::answer> machine_files::hash(const std::string& path) {
  // Without O_NONBLOCK, a named pipe that took the file's place would hold us here.
  auto fd = os::open(at_.get(), name_of(path), O_RDONLY | O_NONBLOCK);
  if (!fd) {
    if (is_absent(errno))
      return stat_job::answer{};
    return os::failed("read", path, errno);
  }
  auto looked_ns = os::file_clock_ns();
  struct ::stat before;
  struct ::stat after;
  if (::fstat(fd.get(), &before) != 0)
    return os::failed("read", path, errno);
  auto answer = describe(before, looked_ns);
  if (answer.type != file_type::regular)
    return answer;
  hasher h;
  auto add = [&h](std::string_view piece) {
    h.update(piece);
    return true;
  };
  if (!os::stream(fd.get(), add) || ::fstat(fd.get(), &after) != 0)
    return os::failed("read", path, errno);
  answer.content = h.finish();
  if (!os::same_stamps(answer.print, os::print_of(after, looked_ns)))
    answer.print.racy =
        true; // it changed while it was read: this digest may be of no version at all
  answer.real =
      after.st_nlink == 0 || path.starts_with('/') ? std::string() : real_of(path, fd.get());
  return answer;
}

/// Where an open file lies, as stat_job::answer::real.
std::string machine_files::real_of(const std::string& path, int fd) const {
  std::array<char, PATH_MAX> link;
  auto size = ::readlink(fmt::format("/proc/self/fd/{}", fd).c_str(), link.data(), link.size());
  std::string real;
  std::error_code code;
  if (size > 0)
    real.assign(link.data(), static_cast<std::size_t>(size));
  else // no /proc
    real = std::filesystem::canonical(absolute(path), code).string();
  auto plain = absolute(path);
  if (path.starts_with("../"))
    plain = std::filesystem::path(plain).lexically_normal().string();
  if (code || real == plain)
    return {};
  return std::filesystem::path(real).lexically_relative(root_).generic_string();
}

std::unique_ptr<file_looks> machine_files::looks() const {
  return std::make_unique<machine_looks>(at_.get());
}

result<list_job::answer> machine_files::list(const std::string& path,
                                             const std::optional<fingerprint>& known) {
  auto fd = os::open(at_.get(), name_of(path), O_RDONLY | O_DIRECTORY);
  list_job::answer answer;
  if (!fd) {
    if (is_absent(errno))
      return answer;
    return os::failed("list", path, errno);
  }
  auto looked_ns = os::file_clock_ns();
  struct ::stat s;
  if (::fstat(fd.get(), &s) != 0)
    return os::failed("list", path, errno);
  answer.exists = true;
  answer.print = os::print_of(s, looked_ns);
  if (known && !known->racy && os::same_stamps(*known, answer.print)) {
    answer.print.racy = false;
    answer.unchanged = true;
    return answer;
  }
  auto* folder = ::fdopendir(::fcntl(fd.get(), F_DUPFD_CLOEXEC, 0));
  if (!folder)
    return os::failed("list", path, errno);
  errno = 0;
  while (auto* entry = ::readdir(folder)) {
    std::string name = entry->d_name;
    auto type = entry->d_type;
    if (name != "." && name != "..") {
      auto what = file_type::other;
      if (type == DT_REG || type == DT_DIR) {
        what = type == DT_REG ? file_type::regular : file_type::folder;
      } else if (type == DT_LNK || type == DT_UNKNOWN) {
        struct ::stat target;
        auto found = ::fstatat(fd.get(), name.c_str(), &target, 0) == 0;
        what = found ? type_of(target.st_mode) : file_type::missing;
        answer.print.racy = true;
      }
      answer.entries.push_back({std::move(name), what});
    }
    errno = 0;
  }
  auto code = errno;
  ::closedir(folder);
  if (code != 0)
    return os::failed("list", path, code);
  std::sort(answer.entries.begin(), answer.entries.end(),
            [](const auto& a, const auto& b) { return a.name < b.name; });
  struct ::stat after;
  if (::fstat(fd.get(), &after) != 0 ||
      !os::same_stamps(answer.print, os::print_of(after, looked_ns)))
    answer.print.racy = true;
  return answer;
}

result<std::string> machine_files::read(const std::string& path, std::uint64_t limit) {
  auto fd = os::open(at_.get(), name_of(path), O_RDONLY);
  if (!fd)
    return os::failed("read", path, errno);
  std::string bytes;
  auto add = [&](std::string_view piece) {
    bytes += piece;
    return bytes.size() <= limit;
  };
  if (struct ::stat s; ::fstat(fd.get(), &s) == 0 && s.st_size > 0)
    bytes.reserve(std::min<std::uint64_t>(static_cast<std::uint64_t>(s.st_size), limit) + 1);
  if (os::stream(fd.get(), add))
    return bytes;
  if (bytes.size() <= limit)
    return os::failed("read", path, errno);
  return fail(errc::limit, fmt::format("'{}' has more than {} bytes", path, limit));
}

result<void> machine_files::write_atomic(const std::string& path, std::string_view bytes,
                                         bool executable) {
  auto temporary = os::temporary_file::beside(at_.get(), path, executable ? 0777 : 0666);
  if (!temporary)
    return fail(std::move(temporary.error()));
  if (!os::write_all(temporary->fd(), bytes))
    return os::failed("write", path, errno);
  return temporary->publish(path);
}

result<void> machine_files::copy(const std::string& from, const std::string& to) {
  auto source = os::open(at_.get(), name_of(from), O_RDONLY);
  struct ::stat s;
  if (!source || ::fstat(source.get(), &s) != 0)
    return os::failed("read", from, errno);
  auto temporary =
      os::temporary_file::beside(at_.get(), to, (s.st_mode & S_IXUSR) != 0 ? 0777 : 0666);
  if (!temporary)
    return fail(std::move(temporary.error()));
  auto add = [&](std::string_view piece) { return os::write_all(temporary->fd(), piece); };
  if (!os::clone(source.get(), temporary->fd()) && !os::stream(source.get(), add))
    return os::failed(fmt::format("copy '{}' to", from), to, errno);
  return temporary->publish(to);
}

result<void> machine_files::make_folder(const std::string& path) {
  if (auto code = os::make_folders(at_.get(), path))
    return os::failed("make the folder", path, code);
  return {};
}

result<void> machine_files::remove_all(const std::string& path) {
  std::error_code code;
  auto whole = std::filesystem::path(absolute(path)).lexically_normal();
  if (whole.has_filename() ? whole == root_ : whole.parent_path() == root_)
    return fail(errc::invalid_path, "the root of a workspace is not to be removed");
  std::filesystem::remove_all(whole, code);
  if (code && !is_absent(code.value()))
    return os::failed("remove", path, code.value());
  return {};
}

result<std::optional<std::string>> machine_files::which(const std::string& name,
                                                        const std::string& search_path) {
  if (name.empty() || name.find('/') != std::string::npos)
    return fail(errc::invalid_argument, fmt::format("'{}' is not the name of a program", name),
                "name it without a folder");
  std::string_view rest = search_path;
  while (!rest.empty()) {
    auto folder = rest.substr(0, rest.find(':'));
    rest.remove_prefix(std::min(rest.size(), folder.size() + 1));
    if (!folder.starts_with('/'))
      continue;
    auto path = fmt::format("{}{}{}", folder, folder.ends_with('/') ? "" : "/", name);
    struct ::stat s;
    if (::stat(path.c_str(), &s) == 0 && S_ISREG(s.st_mode) && ::access(path.c_str(), X_OK) == 0)
      return path;
  }
  return std::nullopt;
}

} // namespace

std::string file_system::absolute(std::string_view path) const {
  if (path.empty())
    return root();
  if (path.starts_with('/'))
    return std::string(path);
  return fmt::format("{}/{}", root() == "/" ? "" : root(), path);
}

result<std::unique_ptr<file_system>> real_file_system(const std::string& root) {
  std::error_code code;
  auto whole = std::filesystem::canonical(root, code);
  if (code)
    return os::failed("open the folder", root, code.value());
  auto fd = os::open(AT_FDCWD, whole.c_str(), O_RDONLY | O_DIRECTORY);
  if (!fd)
    return os::failed("open the folder", root, errno);
  return std::make_unique<machine_files>(whole.string(), std::move(fd));
}

} // namespace zako
