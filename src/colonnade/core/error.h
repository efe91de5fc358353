// SPDX-License-Identifier: GPL-3.0-or-later
// The one exception of the project. Its message is one line: what was wrong, where, and what to do.
// It is caught in main (exit code 2) and at the Python boundary only.
#pragma once

#include <fmt/format.h>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace colonnade {

class Error : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Throws Error with a formatted message.
template <class... Args>
[[noreturn]] void fail(fmt::format_string<Args...> format, Args&&... args) {
  throw Error(fmt::format(format, std::forward<Args>(args)...));
}

/// The candidate nearest to `word` in edit distance, for "did you mean"; empty where none is near.
std::string nearest_word(const std::string& word, const std::vector<std::string>& candidates);

}  // namespace colonnade
