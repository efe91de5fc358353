// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/image/formats/byte_text.h"

#include <algorithm>
#include <cstdint>

namespace colonnade {

namespace {

void append(std::string& text, std::uint32_t code) {
  const auto tail = [&](int shift) { text += char(0x80U | ((code >> shift) & 0x3FU)); };
  if (code < 0x80) {
    text += char(code);
  } else if (code < 0x800) {
    text += char(0xC0U | (code >> 6));
    tail(0);
  } else if (code < 0x10000) {
    text += char(0xE0U | (code >> 12));
    tail(6);
    tail(0);
  } else {
    text += char(0xF0U | (code >> 18));
    tail(12);
    tail(6);
    tail(0);
  }
}

/// The length of the character that begins at `at`; 0 where it is broken.
std::size_t sound_length(std::string_view bytes, std::size_t at) {
  const auto byte = [&](std::size_t i) { return i < bytes.size() ? std::uint8_t(bytes[i]) : std::uint8_t(0); };
  const std::uint8_t first = byte(at);
  const auto follows = [&](std::size_t i, std::uint8_t low, std::uint8_t high) {
    return byte(at + i) >= low && byte(at + i) <= high;
  };
  if (first < 0x80) return 1;
  if (first >= 0xC2 && first <= 0xDF) return follows(1, 0x80, 0xBF) ? 2 : 0;
  if ((first & 0xF0U) == 0xE0) {  // neither overlong nor half of a UTF-16 pair
    const bool second = follows(1, first == 0xE0 ? 0xA0 : 0x80, first == 0xED ? 0x9F : 0xBF);
    return second && follows(2, 0x80, 0xBF) ? 3 : 0;
  }
  if (first >= 0xF0 && first <= 0xF4) {
    const bool second = follows(1, first == 0xF0 ? 0x90 : 0x80, first == 0xF4 ? 0x8F : 0xBF);
    return second && follows(2, 0x80, 0xBF) && follows(3, 0x80, 0xBF) ? 4 : 0;
  }
  return 0;
}

}  // namespace

std::string utf8_from_utf16(std::string_view bytes, bool big_endian) {
  const auto unit = [&](std::size_t i) {
    const std::uint32_t low = std::uint8_t(bytes[2 * i + (big_endian ? 1 : 0)]);
    return low | std::uint32_t(std::uint8_t(bytes[2 * i + (big_endian ? 0 : 1)])) << 8;
  };
  std::string text;
  const std::size_t units = bytes.size() / 2;
  for (std::size_t i = 0; i < units && unit(i) != 0; ++i) {
    const std::uint32_t code = unit(i);
    const bool leads = code >= 0xD800 && code < 0xDC00, trails = code >= 0xDC00 && code < 0xE000;
    const bool paired = leads && i + 1 < units && unit(i + 1) >= 0xDC00 && unit(i + 1) < 0xE000;
    if (paired) {
      ++i;
      append(text, 0x10000U + ((code - 0xD800U) << 10) + (unit(i) - 0xDC00U));
    } else {
      append(text, leads || trails ? 0xFFFDU : code);
    }
  }
  return text;
}

std::string utf8_from_latin1(std::string_view bytes) {
  std::string text;
  for (const char byte : bytes) append(text, std::uint8_t(byte));
  return text;
}

std::string sound_utf8(std::string_view bytes) {
  for (std::size_t at = 0; at < bytes.size();) {
    const std::size_t length = sound_length(bytes, at);
    if (length == 0) return utf8_from_latin1(bytes);
    at += length;
  }
  return std::string(bytes);
}

std::string one_line(std::string_view bytes) {
  std::string text = sound_utf8(bytes);
  std::replace_if(
      text.begin(), text.end(), [](unsigned char letter) { return letter < ' '; }, '?');
  return text;
}

}  // namespace colonnade
