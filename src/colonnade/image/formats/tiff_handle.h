// SPDX-License-Identifier: GPL-3.0-or-later
// Inside of tiff.h: an open TIFF file whose errors are kept for our messages instead of printed (libtiff 4.5 or later).
// Include it in sources only.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <tiffio.h>

namespace colonnade {

class TiffHandle {
 public:
  /// `mode` as for TIFFOpen. Fails, naming the file, where it cannot be opened.
  TiffHandle(const std::filesystem::path& path, const char* mode);

  TIFF* get() const { return tiff_.get(); }
  const std::string& where() const { return where_; }
  /// Throws with what went wrong first since opening.
  [[noreturn]] void refuse(const std::string& what) const;
  /// Fails where anything went wrong since opening.
  void require_whole() const;
  /// Closes, writing what is left; fails where that cannot be written.
  void close();

  template <class T>
  T value(std::uint32_t tag, T fallback) const {
    T found = fallback;
    return TIFFGetFieldDefaulted(get(), tag, &found) ? found : fallback;
  }
  std::string text(std::uint32_t tag) const;
  /// Tags that libtiff does not know by name.
  std::optional<double> private_number(std::uint32_t tag) const;
  std::string private_text(std::uint32_t tag) const;

 private:
  struct Messages {
    std::string first;
  };
  struct PrivateValue {
    TIFFDataType type = TIFF_NOTYPE;
    std::uint32_t count = 0;
    const void* data = nullptr;
  };
  static int keep_error(TIFF*, void* messages, const char* module, const char* format, va_list arguments);
  static int keep_grave_warning(TIFF*, void* messages, const char* module, const char* format, va_list arguments);
  PrivateValue private_value(std::uint32_t tag) const;

  std::string where_;
  std::unique_ptr<Messages> messages_;
  std::unique_ptr<TIFF, decltype(&TIFFClose)> tiff_;
};

}  // namespace colonnade
