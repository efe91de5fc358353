// SPDX-License-Identifier: GPL-3.0-or-later
// Progress of long work on standard error with an estimate of the time left: one moving line on a terminal, a line
// every ten seconds elsewhere, nothing when quiet. Safe to advance from several threads.
#pragma once

#include <chrono>
#include <cstdint>
#include <mutex>
#include <string>

namespace colonnade {

class Progress {
 public:
  /// `total`: steps in all; `done_before`: steps done by an earlier run (resumed work), left out of the estimate.
  Progress(std::string label, std::int64_t total, std::int64_t done_before = 0);
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  void advance(std::int64_t steps = 1);
  /// Words behind the line, e.g. the present loss.
  void note(std::string text);
  /// A whole line above the moving one, which stays.
  void say(const std::string& line);

 private:
  void show(bool last);

  std::string label_, note_;
  std::int64_t total_, done_, done_before_;
  std::chrono::steady_clock::time_point start_, shown_;
  bool terminal_, anything_shown_ = false;
  std::mutex mutex_;
};

}  // namespace colonnade
