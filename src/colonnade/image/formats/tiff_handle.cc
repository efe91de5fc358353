// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/image/formats/tiff_handle.h"

#include <algorithm>
#include <cstdarg>
#include <cstdio>
#include <cstring>

#include "colonnade/core/error.h"

namespace colonnade {

TiffHandle::TiffHandle(const std::filesystem::path& path, const char* mode)
    : where_(path.string()), messages_(std::make_unique<Messages>()), tiff_(nullptr, TIFFClose) {
  const std::unique_ptr<TIFFOpenOptions, decltype(&TIFFOpenOptionsFree)> options(TIFFOpenOptionsAlloc(),
                                                                                 TIFFOpenOptionsFree);
  TIFFOpenOptionsSetErrorHandlerExtR(options.get(), keep_error, messages_.get());
  TIFFOpenOptionsSetWarningHandlerExtR(options.get(), keep_grave_warning, messages_.get());
  tiff_.reset(TIFFOpenExt(path.c_str(), mode, options.get()));
  if (!tiff_) refuse(mode[0] == 'r' ? "not a readable TIFF" : "cannot be written");
}

void TiffHandle::refuse(const std::string& what) const {
  fail("{}: {}: {}", where_, what, messages_->first.empty() ? "no reason given" : messages_->first);
}

void TiffHandle::require_whole() const {
  if (!messages_->first.empty()) refuse("truncated or damaged TIFF");
}

void TiffHandle::close() {
  const bool flushed = TIFFFlush(get()) != 0;
  tiff_.reset();
  if (!flushed || !messages_->first.empty()) refuse("writing failed (is the disk full?)");
}

int TiffHandle::keep_error(TIFF*, void* messages, const char*, const char* format, va_list arguments) {
  auto& first = static_cast<Messages*>(messages)->first;
  if (!first.empty()) return 1;
  char line[400];
  std::vsnprintf(line, sizeof line, format, arguments);
  first = line;
  std::replace(first.begin(), first.end(), '\n', ' ');
  return 1;
}

int TiffHandle::keep_grave_warning(TIFF* tiff, void* messages, const char* module, const char* format,
                                   va_list arguments) {
  // The library reads on without a tag that lies beyond the end of the file; to us that file is truncated.
  if (std::strncmp(format, "IO error", 8) == 0) keep_error(tiff, messages, module, format, arguments);
  return 1;
}

std::string TiffHandle::text(std::uint32_t tag) const {
  const char* found = nullptr;
  return TIFFGetField(get(), tag, &found) && found ? found : "";
}

TiffHandle::PrivateValue TiffHandle::private_value(std::uint32_t tag) const {
  // TIFFGetField() writes through as many pointers as the field's declaration says: only the shape of fields that
  // libtiff made up for unknown tags is safe here.
  const TIFFField* field = TIFFFindField(get(), tag, TIFF_ANY);
  if (!field || !TIFFFieldPassCount(field) || TIFFFieldReadCount(field) != TIFF_VARIABLE2) return {};
  PrivateValue value;
  value.type = TIFFFieldDataType(field);
  if (!TIFFGetField(get(), tag, &value.count, &value.data) || value.count == 0 || !value.data) return {};
  return value;
}

std::optional<double> TiffHandle::private_number(std::uint32_t tag) const {
  const PrivateValue value = private_value(tag);
  if (value.type == TIFF_DOUBLE) {
    double number = 0;
    std::memcpy(&number, value.data, sizeof number);
    return number;
  }
  if (value.type == TIFF_FLOAT) {
    float number = 0;
    std::memcpy(&number, value.data, sizeof number);
    return number;
  }
  return std::nullopt;
}

std::string TiffHandle::private_text(std::uint32_t tag) const {
  const PrivateValue value = private_value(tag);
  if (value.type != TIFF_ASCII && value.type != TIFF_BYTE && value.type != TIFF_UNDEFINED) return {};
  const std::string text(static_cast<const char*>(value.data), value.count);
  return text.substr(0, text.find('\0'));
}

}  // namespace colonnade
