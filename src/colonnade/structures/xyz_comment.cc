// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/structures/xyz_comment.h"

#include <algorithm>
#include <cctype>
#include <cmath>
#include <cstdint>
#include <nlohmann/json.hpp>

namespace colonnade {

using nlohmann::json;

namespace {

/// The part of a comment line up to a closing character, quotes and backslashes within the line resolved.
std::optional<std::string> quoted(std::string_view line, std::size_t& at, char close) {
  std::string value;
  for (++at; at < line.size() && line[at] != close; ++at) {
    if (line[at] == '\\' && at + 1 < line.size() && (line[at + 1] == '\\' || line[at + 1] == close)) ++at;
    value += line[at];
  }
  if (at == line.size()) return std::nullopt;
  ++at;
  return value;
}

std::optional<std::string> word(std::string_view line, std::size_t& at, std::string_view ends) {
  if (line[at] == '"' || line[at] == '\'') return quoted(line, at, line[at]);
  if (line[at] == '{') return quoted(line, at, '}');
  const auto end = std::min(line.find_first_of(ends, at), line.size());
  std::string value(line.substr(at, end - at));
  at = end;
  return value;
}

constexpr std::string_view json_mark = "_JSON ";

/// Arrays within arrays within ...: more than a comment line has use for.
bool too_deep(std::string_view text) {
  int depth = 0, most = 0;
  for (const char c : text) {
    depth += (c == '[' || c == '{' ? 1 : 0) - (c == ']' || c == '}' ? 1 : 0);
    most = std::max(most, depth);
  }
  return most > 64;
}

std::string escaped(std::string_view text) {
  std::string result;
  for (const char c : text) {
    if (c == '"' || c == '\\') result += '\\';
    result += c;
  }
  return '"' + result + '"';
}

}  // namespace

std::optional<XyzPairs> parse_xyz_pairs(std::string_view line) {
  XyzPairs pairs;
  for (std::size_t at = line.find_first_not_of(xyz_blanks); at < line.size();
       at = line.find_first_not_of(xyz_blanks, at)) {
    auto key = word(line, at, " \t=");
    if (!key) return std::nullopt;
    const auto sign = std::min(line.find_first_not_of(xyz_blanks, at), line.size());
    std::optional<std::string> value = "T";
    if (sign < line.size() && line[sign] == '=') {
      at = std::min(line.find_first_not_of(xyz_blanks, sign + 1), line.size());
      value = at < line.size() ? word(line, at, " \t") : "";
    }
    if (!value) return std::nullopt;
    pairs.emplace_back(std::move(*key), std::move(*value));
  }
  return pairs;
}

std::string key_text(const std::string& key) {
  const bool plain =
      std::all_of(key.begin(), key.end(), [](unsigned char c) { return std::isalnum(c) != 0 || c == '_'; });
  return plain ? key : escaped(key);
}

json metadata_of(const std::string& text) {
  if (text.starts_with(json_mark) && !too_deep(text)) {
    json value = json::parse(text.substr(json_mark.size()), nullptr, false);
    if (!value.is_discarded()) return value;
  }
  if (text == "T" || text == "True" || text == "true") return true;
  if (text == "F" || text == "False" || text == "false") return false;
  if (const auto whole = parse_number<std::int64_t>(text)) return *whole;
  if (const auto real = parse_number<double>(text); real && std::isfinite(*real)) return *real;
  return text;
}

std::string text_of(const json& value) {
  if (value.is_boolean()) return value.get<bool>() ? "T" : "F";
  const std::string dumped = value.dump(-1, ' ', false, json::error_handler_t::replace);
  if (value.is_number()) return dumped;
  const bool as_text = value.is_string() && metadata_of(value.get<std::string>()) == value;
  const std::string text = as_text ? value.get<std::string>() : "";
  const bool control = std::any_of(text.begin(), text.end(), [](unsigned char c) { return c < ' ' || c == 0x7f; });
  return as_text && !control ? escaped(text) : escaped(std::string(json_mark) + dumped);
}

}  // namespace colonnade
