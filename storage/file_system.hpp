// The operating system's files behind one narrow interface: everything that Zako asks of files goes
// through here.
//
// A path is relative to the root that the object was made for ('/'-separated, no "..", empty for
// the root itself), or absolute. Symbolic links are followed. Errors of the operating system are
// errc::io with the path and its words.
//
// Whether a file changed is answered from its fingerprint (ctime, mtime, inode, size) where that is
// safe: a fingerprint taken while the file's stamps are as young as the clock's granularity is
// `racy`, because a later change can get the same stamps, and such a file is read again at the next
// look.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "engine/digest.hpp"
#include "engine/error.hpp"
#include "engine/job.hpp"
#include "engine/kind.hpp"

namespace zako {

/// Cheap looks at many files, cheapest when neighbours follow each other. One thread at a time; to
/// be used at once and thrown away: folders that are moved meanwhile may be seen where they were.
class file_looks {
public:
  virtual ~file_looks() = default;

  /// Whether what `known` says of a file or folder is still so, and safe to say: the same type and,
  /// unless it is missing, the same fingerprint, which is not racy. Reads nothing; false when in
  /// doubt.
  virtual bool unchanged(const file_print& known) = 0;
};

/// All functions may be called from any thread at any time.
class file_system {
public:
  virtual ~file_system() = default;

  /// The absolute path of the root, without a trailing '/'.
  [[nodiscard]] virtual const std::string& root() const = 0;
  /// `path` as an absolute path.
  [[nodiscard]] std::string absolute(std::string_view path) const;

  /// The type, fingerprint and content digest of a file. The content is read only when there is no
  /// `known`, or it is racy or differs; else `known_content` is taken for it. What is not there has
  /// type `missing` and is no error. `real` is told when the content was read (stat_job).
  virtual result<stat_job::answer> look(const std::string& path,
                                        const std::optional<fingerprint>& known,
                                        const digest& known_content) = 0;

  /// For looking at many files. Refers to this object.
  [[nodiscard]] virtual std::unique_ptr<file_looks> looks() const = 0;

  /// The sorted names in a folder, without "." and "..". What is not a folder does not exist. A
  /// folder that holds symbolic links has a racy fingerprint: what they lead to changes without it.
  virtual result<list_job::answer> list(const std::string& path,
                                        const std::optional<fingerprint>& known) = 0;

  /// A whole file: errc::not_found when it is missing, errc::limit when it has more than `limit`
  /// bytes.
  virtual result<std::string> read(const std::string& path, std::uint64_t limit) = 0;

  /// Replaces a file by rename, so that nobody sees half of it; makes missing parents. Not synced
  /// to the disk.
  virtual result<void> write_atomic(const std::string& path, std::string_view bytes,
                                    bool executable = false) = 0;

  /// Copies content and executable bit, in the way of `write_atomic`. errc::not_found when `from`
  /// is missing.
  virtual result<void> copy(const std::string& from, const std::string& to) = 0;

  /// Makes a folder and its parents; fine when it is there.
  virtual result<void> make_folder(const std::string& path) = 0;

  /// Removes a file, a link (not what it leads to) or a whole folder; fine when nothing is there.
  /// The root stays.
  virtual result<void> remove_all(const std::string& path) = 0;

  /// The absolute path of the first executable file `name` (no '/') in the absolute folders of
  /// `search_path`
  /// (':'-separated; other parts are skipped).
  virtual result<std::optional<std::string>> which(const std::string& name,
                                                   const std::string& search_path) = 0;
};

/// The files of this machine below `root`, an existing folder. errc::not_found or errc::io when it
/// cannot be opened.
result<std::unique_ptr<file_system>> real_file_system(const std::string& root);

} // namespace zako
