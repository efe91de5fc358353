// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/core/log.h"

#include <atomic>
#include <cmath>
#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>

namespace colonnade {
namespace {

std::atomic<Verbosity> current{Verbosity::normal};

spdlog::logger& logger() {
  static const auto instance = [] {
    auto made = std::make_shared<spdlog::logger>("colonnade", std::make_shared<spdlog::sinks::stderr_color_sink_mt>());
    made->set_pattern("%v");
    return made;
  }();
  return *instance;
}

}  // namespace

void set_verbosity(Verbosity verbosity) { current = verbosity; }
Verbosity verbosity() { return current; }

void write_info(const std::string& message) {
  if (verbosity() != Verbosity::quiet) logger().info(message);
}

void write_warning(const std::string& message) { logger().warn("warning: {}", message); }

std::string format_duration(double seconds) {
  if (!(seconds >= 0)) return "?";
  const auto whole = static_cast<long long>(std::llround(seconds));
  if (whole < 1) return fmt::format("{:.0f} ms", seconds * 1000);
  if (whole < 60) return fmt::format("{} s", whole);
  if (whole < 3600) return fmt::format("{} min {} s", whole / 60, whole % 60);
  return fmt::format("{} h {} min", whole / 3600, whole % 3600 / 60);
}

}  // namespace colonnade
