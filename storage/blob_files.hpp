// The large blobs of a content store: one read-only file each, named by its digest. Does not
// verify; the store does.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "engine/digest.hpp"
#include "engine/error.hpp"
#include "storage/os.hpp"

namespace zako {

/// A file's time of change is the blob's stamp, as small_blobs.hpp has it. All functions may be
/// called from any thread, and by any number of processes on one folder.
class blob_files {
public:
  struct listed {
    digest content;
    std::uint64_t size = 0;
    std::int64_t stamp = 0; // seconds since 1970
  };

  /// `folder` exists. Makes the folders inside it and removes what killed processes left in `tmp/`
  /// long ago.
  static result<std::unique_ptr<blob_files>> open(const std::string& folder);

  /// A file to write a new blob into.
  [[nodiscard]] result<os::temporary_file> begin() const;
  /// Gives the blob its name; whatever had it is replaced.
  result<void> publish(os::temporary_file file, const digest& content);

  /// The blob's file, or none when it is missing (or cannot be opened).
  [[nodiscard]] os::unique_fd open_blob(const digest& content) const;
  [[nodiscard]] std::optional<std::uint64_t> length(const digest& content) const;
  /// When the blob is there in this size: stamps it when that is due and makes the next `sync`
  /// cover it, because another process may have just made it. False when it has to be put.
  bool use(const digest& content, std::uint64_t size);
  /// Stamps an open blob that was read, when that is due. `s` is what fstat said.
  static void stamp_read(int fd, const struct ::stat& s);

  /// Moves the blob's file to the quarantine: it is missing from now on.
  void quarantine(const digest& content) const;
  /// Keeps damaged bytes that were not in a file of their own.
  void quarantine(const digest& content, const std::string& bytes) const;

  /// Visits all blobs, in no order. Those that come or go meanwhile may be visited or not.
  result<void> visit(const std::function<void(const listed&)>& visit) const;
  /// Removes those whose stamps are as they were listed, and gives them.
  std::vector<listed> remove_unused(const std::vector<listed>& blobs) const;

  /// Makes everything durable that was published before this call.
  result<void> sync();

private:
  void remember(const digest& content);

  explicit blob_files(std::string folder, os::unique_fd at)
      : folder_(std::move(folder)), at_(std::move(at)) {}

  std::string folder_;
  os::unique_fd at_;
  std::mutex lock_;
  std::vector<digest> unsynced_; // under lock_
  std::mutex syncing_;
};

} // namespace zako
