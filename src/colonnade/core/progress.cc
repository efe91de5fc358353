// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/core/progress.h"

#include <cstdio>
#include <fmt/format.h>
#include <unistd.h>
#include <utility>

#include "colonnade/core/log.h"

namespace colonnade {
namespace {
double seconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}
}  // namespace

Progress::Progress(std::string label, std::int64_t total, std::int64_t done_before)
    : label_(std::move(label)),
      total_(total),
      done_(done_before),
      done_before_(done_before),
      start_(std::chrono::steady_clock::now()),
      shown_(start_),
      terminal_(isatty(STDERR_FILENO) != 0) {}

Progress::~Progress() {
  const std::lock_guard lock(mutex_);
  if (anything_shown_) show(true);
}

void Progress::advance(std::int64_t steps) {
  const std::lock_guard lock(mutex_);
  done_ += steps;
  if (seconds_since(shown_) >= (terminal_ ? 0.2 : 10.0)) show(false);
}

void Progress::note(std::string text) {
  const std::lock_guard lock(mutex_);
  note_ = std::move(text);
}

void Progress::say(const std::string& line) {
  const std::lock_guard lock(mutex_);
  if (terminal_ && anything_shown_) std::fputs("\r\x1b[K", stderr);
  write_info(line);
}

void Progress::show(bool last) {
  shown_ = std::chrono::steady_clock::now();
  if (label_.empty() || verbosity() == Verbosity::quiet) return;
  anything_shown_ = true;
  const double elapsed = seconds_since(start_);
  const auto fresh = static_cast<double>(done_ - done_before_);
  const double left = fresh > 0 ? elapsed / fresh * static_cast<double>(total_ - done_) : -1;
  const double percent = total_ > 0 ? 100.0 * static_cast<double>(done_) / static_cast<double>(total_) : 100;
  const std::string time = last ? format_duration(elapsed) : left < 0 ? "" : format_duration(left) + " left";
  const std::string line = fmt::format("{}: {}/{} ({:.0f} %) {}{}{}", label_, done_, total_, percent, time,
                                       note_.empty() ? "" : ", ", note_);
  std::fputs((terminal_ ? "\r\x1b[K" + line + (last ? "\n" : "") : line + "\n").c_str(), stderr);
  std::fflush(stderr);
}

}  // namespace colonnade
