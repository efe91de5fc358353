// SPDX-License-Identifier: GPL-3.0-or-later
// Bytes of a file by position, never beyond its end.
#pragma once

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>

namespace colonnade {

class ByteSource {
 public:
  explicit ByteSource(const std::filesystem::path& path);
  /// Bytes in memory under the name of the file they are from.
  ByteSource(std::filesystem::path path, std::shared_ptr<const std::string> contents);

  const std::filesystem::path& path() const { return path_; }
  std::uint64_t size() const { return size_; }
  /// Fails, naming the file as truncated, where the range leaves the file; nothing is allocated before that check.
  std::string read(std::uint64_t offset, std::uint64_t count);
  /// As read(), but fewer bytes where the file ends.
  std::string read_at_most(std::uint64_t offset, std::uint64_t count);

 private:
  std::filesystem::path path_;
  std::ifstream stream_;
  std::shared_ptr<const std::string> contents_;
  std::uint64_t size_ = 0;
};

}  // namespace colonnade
