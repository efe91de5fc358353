// SPDX-License-Identifier: GPL-3.0-or-later
// Values deep in a JSON tree that may or may not be there, as trees of files are.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

namespace colonnade {

using JsonPath = std::vector<std::string>;

/// Null where a step is missing.
const nlohmann::json& json_at(const nlohmann::json& tree, const JsonPath& path);
/// A finite number, also where it is written as text ("0.301", "2.55e+006"); empty for anything else.
std::optional<double> json_number(const nlohmann::json& tree, const JsonPath& path);
/// Empty where it is no text.
std::string json_text(const nlohmann::json& tree, const JsonPath& path);
/// The number in a text, all of it; empty for anything else.
std::optional<double> number_in(const std::string& text);

/// The tree with all its names and texts in sound UTF-8 (byte_text.h), without which it cannot be written.
nlohmann::json sound_json(const nlohmann::json& tree);

}  // namespace colonnade
