// SPDX-License-Identifier: GPL-3.0-or-later
// What was done to a specimen, in the order it was done: metadata "defects", a list of objects with a "kind".
#pragma once

#include <nlohmann/json.hpp>
#include <utility>

#include "colonnade/structures/structure.h"

namespace colonnade {

inline void record_defect(Structure& structure, nlohmann::json entry) {
  auto& list = structure.metadata["defects"];
  if (!list.is_array()) list = nlohmann::json::array();
  list.push_back(std::move(entry));
}

}  // namespace colonnade
