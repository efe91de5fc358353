// SPDX-License-Identifier: GPL-3.0-or-later
// Files written whole or not at all: first under a temporary name beside the target, then renamed.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace colonnade {

/// Contents of a file; fails, naming it, where it is missing, a directory or unreadable.
std::string read_file(const std::filesystem::path& path);
/// Fails with a clear line unless `path` is a readable, non-empty regular file; `what` names it ("image", "model").
void require_file(const std::filesystem::path& path, std::string_view what);
void write_file(const std::filesystem::path& path, std::string_view contents);

/// A file under way. Write to temporary(), then commit(); without commit the temporary is removed.
class PendingFile {
 public:
  explicit PendingFile(std::filesystem::path target);
  ~PendingFile();
  PendingFile(const PendingFile&) = delete;
  PendingFile& operator=(const PendingFile&) = delete;
  const std::filesystem::path& temporary() const { return temporary_; }
  void commit();

 private:
  std::filesystem::path target_, temporary_;
  bool committed_ = false;
};

/// A folder under way. Fails at once where the target exists and `overwrite` is false (or where it is not a folder);
/// files go into temporary(), commit() puts the folder in its place, replacing an old one.
class PendingFolder {
 public:
  PendingFolder(const std::filesystem::path& target, bool overwrite);
  ~PendingFolder();
  PendingFolder(const PendingFolder&) = delete;
  PendingFolder& operator=(const PendingFolder&) = delete;
  const std::filesystem::path& temporary() const { return temporary_; }
  std::filesystem::path operator/(const std::string& name) const { return temporary_ / name; }
  void commit();

 private:
  std::filesystem::path target_, temporary_;
  bool committed_ = false;
};

/// SHA-256 of a file or of bytes, as 64 hexadecimal digits.
std::string sha256_file(const std::filesystem::path& path);
std::string sha256(std::string_view bytes);

}  // namespace colonnade
