// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/report/markup.h"

namespace colonnade {
namespace {

constexpr std::string_view replacement = "\xEF\xBF\xBD";

std::uint32_t decode(std::string_view bytes) {
  if (bytes.size() == 1) return std::uint8_t(bytes[0]);
  std::uint32_t code = std::uint8_t(bytes[0]) & (0x7FU >> bytes.size());
  for (std::size_t i = 1; i < bytes.size(); ++i) code = code << 6 | (std::uint8_t(bytes[i]) & 0x3FU);
  return code;
}

bool allowed_in_xml(std::uint32_t code) {
  if (code < 0x20) return code == '\t' || code == '\n' || code == '\r';
  return code != 0x7F && code != 0xFFFE && code != 0xFFFF;
}

std::string_view entity(char character) {
  switch (character) {
    case '&':
      return "&amp;";
    case '<':
      return "&lt;";
    case '>':
      return "&gt;";
    case '"':
      return "&quot;";
    case '\'':
      return "&#39;";
    default:
      return {};
  }
}

}  // namespace

std::size_t utf8_length(std::string_view text, std::size_t position) {
  const auto first = std::uint8_t(text[position]);
  if (first < 0x80) return 1;
  const std::size_t length = first >= 0xC2 && first < 0xE0   ? 2
                             : first >= 0xE0 && first < 0xF0 ? 3
                             : first >= 0xF0 && first < 0xF5 ? 4
                                                             : 0;
  if (length == 0 || position + length > text.size()) return 0;
  for (std::size_t i = 1; i < length; ++i) {
    if ((std::uint8_t(text[position + i]) & 0xC0) != 0x80) return 0;
  }
  const std::uint32_t code = decode(text.substr(position, length));
  const bool overlong = (length == 3 && code < 0x800) || (length == 4 && code < 0x10000);
  const bool surrogate = code >= 0xD800 && code < 0xE000;
  return overlong || surrogate || code > 0x10FFFF ? 0 : length;
}

std::string escape_markup(std::string_view text) {
  std::string out;
  out.reserve(text.size() + text.size() / 8);
  for (std::size_t i = 0; i < text.size();) {
    const std::size_t length = utf8_length(text, i);
    if (length == 0 || !allowed_in_xml(decode(text.substr(i, length)))) {
      out += replacement;
    } else if (const auto name = entity(text[i]); !name.empty()) {
      out += name;
    } else {
      out += text.substr(i, length);
    }
    i += length == 0 ? 1 : length;
  }
  return out;
}

std::string base64(const std::vector<std::uint8_t>& bytes) {
  static constexpr std::string_view digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  out.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const std::size_t left = bytes.size() - i;
    const std::uint32_t group = bytes[i] << 16 | (left > 1 ? bytes[i + 1] << 8 : 0) | (left > 2 ? bytes[i + 2] : 0);
    for (std::size_t k = 0; k < 4; ++k) out += k <= left ? digits[group >> (18 - 6 * k) & 63] : '=';
  }
  return out;
}

}  // namespace colonnade
