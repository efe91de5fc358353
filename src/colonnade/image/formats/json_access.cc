// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/image/formats/json_access.h"

#include <charconv>
#include <cmath>

#include "colonnade/image/formats/byte_text.h"

namespace colonnade {

const nlohmann::json& json_at(const nlohmann::json& tree, const JsonPath& path) {
  static const nlohmann::json nothing;
  const nlohmann::json* at = &tree;
  for (const std::string& step : path) {
    if (!at->is_object()) return nothing;
    const auto found = at->find(step);
    if (found == at->end()) return nothing;
    at = &*found;
  }
  return *at;
}

std::optional<double> json_number(const nlohmann::json& tree, const JsonPath& path) {
  const nlohmann::json& value = json_at(tree, path);
  if (value.is_string()) return number_in(value.get_ref<const std::string&>());
  if (value.is_boolean()) return value.get<bool>() ? 1.0 : 0.0;
  if (!value.is_number()) return std::nullopt;
  const double number = value.get<double>();
  return std::isfinite(number) ? std::optional(number) : std::nullopt;
}

std::string json_text(const nlohmann::json& tree, const JsonPath& path) {
  const nlohmann::json& value = json_at(tree, path);
  return value.is_string() ? value.get<std::string>() : "";
}

std::optional<double> number_in(const std::string& text) {
  const auto first = text.find_first_not_of(" \t\r\n+"), last = text.find_last_not_of(" \t\r\n");
  if (first == std::string::npos) return std::nullopt;
  double number = 0;
  const char* const end = text.data() + last + 1;
  const auto [stop, error] = std::from_chars(text.data() + first, end, number);
  if (error != std::errc() || stop != end || !std::isfinite(number)) return std::nullopt;
  return number;
}

nlohmann::json sound_json(const nlohmann::json& tree) {
  if (tree.is_string()) return sound_utf8(tree.get_ref<const std::string&>());
  if (!tree.is_structured()) return tree;
  nlohmann::json sound = tree.is_array() ? nlohmann::json::array() : nlohmann::json::object();
  for (const auto& [key, value] : tree.items()) {
    if (tree.is_array()) {
      sound.push_back(sound_json(value));
    } else {
      sound[sound_utf8(key)] = sound_json(value);
    }
  }
  return sound;
}

}  // namespace colonnade
