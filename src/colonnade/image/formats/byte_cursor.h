// SPDX-License-Identifier: GPL-3.0-or-later
// Numbers of a file one after another. Reads pieces of the file as it goes, so that headers of many small fields cost
// few calls.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <cstring>
#include <string>

#include "colonnade/image/formats/byte_source.h"

namespace colonnade {

class ByteCursor {
 public:
  explicit ByteCursor(const std::filesystem::path& path, std::uint64_t position = 0)
      : source_(path), position_(position) {}

  std::uint64_t position() const { return position_; }
  std::uint64_t size() const { return source_.size(); }
  /// Bytes from here to the end.
  std::uint64_t left() const { return position_ < source_.size() ? source_.size() - position_ : 0; }
  void move_to(std::uint64_t position) { position_ = position; }
  void skip(std::uint64_t count) { position_ += count; }

  /// Fails, naming the file as truncated, where it ends before.
  template <class T>
  T number(bool big_endian = false) {
    std::array<char, sizeof(T)> copy;
    std::memcpy(copy.data(), piece(sizeof(T)), sizeof(T));
    if (big_endian != (std::endian::native == std::endian::big)) std::reverse(copy.begin(), copy.end());
    return std::bit_cast<T>(copy);
  }
  std::string bytes(std::uint64_t count) {
    std::string copy = source_.read(position_, count);
    position_ += count;
    return copy;
  }

 private:
  /// The next bytes, up to 64 of them.
  const char* piece(std::size_t count) {
    const std::uint64_t behind = position_ - start_;
    const bool inside = position_ >= start_ && behind <= window_.size() && count <= window_.size() - behind;
    if (!inside) {
      window_ = source_.read_at_most(position_, window_size);
      start_ = position_;
      if (window_.size() < count) source_.read(position_, count);  // says that the file is truncated
    }
    const char* const at = window_.data() + (position_ - start_);
    position_ += count;
    return at;
  }

  static constexpr std::uint64_t window_size = 1 << 16;
  ByteSource source_;
  std::uint64_t position_ = 0, start_ = 0;
  std::string window_;
};

}  // namespace colonnade
