// SPDX-License-Identifier: GPL-3.0-or-later
// A table of words and numbers, for a terminal and for Markdown (Page::table draws it as HTML).
#pragma once

#include <string>
#include <vector>

namespace colonnade {

struct TextTable {
  std::string title;
  std::vector<std::string> header;
  std::vector<std::vector<std::string>> rows;  ///< each as long as the header, or both functions fail
  std::string note;                            ///< below it; may be empty
};

/// Aligned columns: words to the left, numbers to the right.
std::string to_text(const TextTable& table);
std::string to_markdown(const TextTable& table);

}  // namespace colonnade
