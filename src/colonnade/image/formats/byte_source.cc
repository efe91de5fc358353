// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/image/formats/byte_source.h"

#include <algorithm>
#include <utility>

#include "colonnade/core/error.h"

namespace colonnade {

ByteSource::ByteSource(const std::filesystem::path& path) : path_(path), stream_(path, std::ios::binary) {
  std::error_code error;
  size_ = std::filesystem::file_size(path, error);
  if (!stream_ || error) fail("{}: cannot be read", path.string());
}

ByteSource::ByteSource(std::filesystem::path path, std::shared_ptr<const std::string> contents)
    : path_(std::move(path)), contents_(std::move(contents)), size_(contents_->size()) {}

std::string ByteSource::read(std::uint64_t offset, std::uint64_t count) {
  if (offset > size_ || count > size_ - offset) {
    fail("{}: truncated: {} bytes are needed from position {}, the file has {}; copy it again", path_.string(), count,
         offset, size_);
  }
  if (contents_) return contents_->substr(offset, count);
  std::string bytes(count, '\0');
  stream_.clear();
  stream_.seekg(std::streamoff(offset));
  if (!stream_.read(bytes.data(), std::streamsize(count))) fail("{}: reading failed", path_.string());
  return bytes;
}

std::string ByteSource::read_at_most(std::uint64_t offset, std::uint64_t count) {
  return read(offset, offset < size_ ? std::min(count, size_ - offset) : 0);
}

}  // namespace colonnade
