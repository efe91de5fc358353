// SPDX-License-Identifier: GPL-3.0-or-later
// Messages to a person, on standard error; standard output carries results only.
#pragma once

#include <fmt/format.h>
#include <string>
#include <utility>

namespace colonnade {

enum class Verbosity { quiet, normal, detailed };

/// What is shown: quiet shows warnings only; progress lines follow it too.
void set_verbosity(Verbosity verbosity);
Verbosity verbosity();

void write_info(const std::string& message);
void write_warning(const std::string& message);

template <class... Args>
void info(fmt::format_string<Args...> format, Args&&... args) {
  write_info(fmt::format(format, std::forward<Args>(args)...));
}
template <class... Args>
void warn(fmt::format_string<Args...> format, Args&&... args) {
  write_warning(fmt::format(format, std::forward<Args>(args)...));
}

/// A duration as people say it: "8 s", "3 min 20 s", "2 h 5 min".
std::string format_duration(double seconds);

}  // namespace colonnade
