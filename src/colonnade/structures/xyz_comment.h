// SPDX-License-Identifier: GPL-3.0-or-later
// The comment line of extended XYZ files: key=value pairs, values typed as ASE and the extxyz library do.
#pragma once

#include <charconv>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace colonnade {

inline constexpr std::string_view xyz_blanks = " \t\r\v\f";

/// The number that all of the token is, a plus sign allowed; a real one may be infinite or not a number.
template <class Number>
std::optional<Number> parse_number(std::string_view token) {
  if (token.size() > 1 && token.front() == '+' && token[1] != '-') token.remove_prefix(1);
  Number value{};
  const auto [end, error] = std::from_chars(token.data(), token.data() + token.size(), value);
  if (error != std::errc() || end != token.data() + token.size()) return std::nullopt;
  return value;
}

using XyzPairs = std::vector<std::pair<std::string, std::string>>;

/// key=value pairs; quotes (", ') and braces hold values together, a key alone is true ("T"). Nothing where a quote is
/// left open.
std::optional<XyzPairs> parse_xyz_pairs(std::string_view line);

/// A key as it is written: as it is, or quoted where it is no plain word.
std::string key_text(const std::string& key);
/// A metadata value of its text: JSON where marked "_JSON ", a truth value, a number, else the text itself.
nlohmann::json metadata_of(const std::string& text);
/// What to write behind the = so that metadata_of() gives the same value.
std::string text_of(const nlohmann::json& value);

}  // namespace colonnade
