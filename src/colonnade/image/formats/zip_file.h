// SPDX-License-Identifier: GPL-3.0-or-later
// Members of a ZIP file (by libzip: stored and deflated ones, ZIP64), never larger than the file can hold.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace colonnade {

bool is_zip(std::string_view head);

class ZipFile {
 public:
  struct Member {
    std::string name;        ///< printable, which the file's own may not be
    std::uint64_t size = 0;  ///< unpacked
  };

  /// Lists the members; fails, naming the file, on what is no readable ZIP file and on one that claims more than its
  /// bytes can hold.
  explicit ZipFile(std::filesystem::path path);
  const std::vector<Member>& members() const { return members_; }
  bool has(const std::string& name) const;
  /// A member's contents, or the first `at_most` bytes of them.
  std::string read(const std::string& name, std::uint64_t at_most = UINT64_MAX) const;

 private:
  std::filesystem::path path_;
  std::vector<Member> members_;
};

}  // namespace colonnade
