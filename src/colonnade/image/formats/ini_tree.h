// SPDX-License-Identifier: GPL-3.0-or-later
// Text of sections and "key=value" lines, as microscopes describe images in, as a JSON tree (json_access.h reads it).
#pragma once

#include <nlohmann/json.hpp>
#include <string>

namespace colonnade {

/// "[Section]" lines begin members, "key=value" lines are members of these (of the root before the first).
nlohmann::json tree_of_ini(const std::string& text);

}  // namespace colonnade
