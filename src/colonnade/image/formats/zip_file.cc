// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/image/formats/zip_file.h"

#include <algorithm>
#include <memory>
#include <zip.h>

#include "colonnade/core/error.h"
#include "colonnade/image/formats/byte_text.h"

namespace colonnade {

namespace {

using Archive = std::unique_ptr<zip_t, decltype(&zip_discard)>;

Archive open(const std::filesystem::path& path) {
  int code = 0;
  Archive archive(zip_open(path.c_str(), ZIP_RDONLY, &code), zip_discard);
  if (archive) return archive;
  zip_error_t error;
  zip_error_init_with_code(&error, code);
  const std::string message = zip_error_strerror(&error);
  zip_error_fini(&error);
  fail("{}: not a readable ZIP file: {}", path.string(), message);
}

}  // namespace

bool is_zip(std::string_view head) { return head.starts_with("PK\x03\x04"); }

ZipFile::ZipFile(std::filesystem::path path) : path_(std::move(path)) {
  const Archive archive = open(path_);
  const double file_size = double(std::filesystem::file_size(path_)), compression_at_most = 1100;  // deflate: 1032
  const zip_int64_t count = zip_get_num_entries(archive.get(), 0);
  for (zip_int64_t i = 0; i < count; ++i) {
    zip_stat_t stat;
    if (zip_stat_index(archive.get(), zip_uint64_t(i), 0, &stat) != 0 || (stat.valid & ZIP_STAT_SIZE) == 0) {
      fail("{}: not a readable ZIP file: {}", path_.string(), zip_strerror(archive.get()));
    }
    if (double(stat.size) > compression_at_most * file_size) {
      fail("{}: '{}' claims {} bytes, more than the file can hold", path_.string(), one_line(stat.name), stat.size);
    }
    members_.push_back({one_line(stat.name), stat.size});
  }
}

bool ZipFile::has(const std::string& name) const {
  return std::any_of(members_.begin(), members_.end(), [&](const Member& member) { return member.name == name; });
}

std::string ZipFile::read(const std::string& name, std::uint64_t at_most) const {
  const auto member =
      std::find_if(members_.begin(), members_.end(), [&](const Member& candidate) { return candidate.name == name; });
  if (member == members_.end()) fail("{}: has no member '{}'", path_.string(), name);
  const Archive archive = open(path_);
  const std::unique_ptr<zip_file_t, decltype(&zip_fclose)> file(
      zip_fopen_index(archive.get(), zip_uint64_t(member - members_.begin()), 0), zip_fclose);
  if (!file) fail("{}: '{}' cannot be read: {}", path_.string(), name, zip_strerror(archive.get()));
  std::string bytes;
  const std::uint64_t wanted = std::min(at_most, member->size), piece = 1 << 20;
  while (bytes.size() < wanted) {  // grows with what is there, not with what is claimed
    const std::uint64_t start = bytes.size(), next = std::min(piece, wanted - start);
    bytes.resize(start + next);
    const zip_int64_t got = zip_fread(file.get(), bytes.data() + start, next);
    if (got <= 0) {
      fail("{}: '{}' is truncated or damaged: {}", path_.string(), name,
           got < 0 ? zip_file_strerror(file.get()) : "it ends early");
    }
    bytes.resize(start + std::uint64_t(got));
  }
  return bytes;
}

}  // namespace colonnade
