// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/image/formats/ini_tree.h"

#include <algorithm>
#include <string_view>

namespace colonnade {

namespace {

using nlohmann::json;

std::string trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t\r");
  if (first == std::string_view::npos) return {};
  return std::string(text.substr(first, text.find_last_not_of(" \t\r") - first + 1));
}

}  // namespace

json tree_of_ini(const std::string& text) {
  json tree = json::object();
  std::string section;
  for (std::size_t start = 0; start < text.size();) {
    const std::size_t end = std::min(text.find('\n', start), text.size());
    const std::string line = trimmed(std::string_view(text).substr(start, end - start));
    start = end + 1;
    const std::size_t equals = line.find('=');
    if (line.size() > 2 && line.front() == '[' && line.back() == ']') {
      section = line.substr(1, line.size() - 2);
    } else if (equals != std::string::npos && equals > 0) {
      json& parent = section.empty() ? tree : tree[section];
      if (parent.is_null() || parent.is_object())
        parent[trimmed(line.substr(0, equals))] = trimmed(line.substr(equals + 1));
    }
  }
  return tree;
}

}  // namespace colonnade
