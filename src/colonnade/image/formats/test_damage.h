// SPDX-License-Identifier: GPL-3.0-or-later
// For tests: whatever is done to a file's bytes, it is read or refused in one line.
#pragma once

#include <algorithm>
#include <string>

#include "colonnade/core/file.h"
#include "colonnade/core/random.h"
#include "colonnade/image/formats/image_file.h"
#include "colonnade/image/test_folder.h"

namespace colonnade {

/// Reads all that a file holds, as far as it is small.
inline void read_everything(const std::filesystem::path& path) {
  for (const StoredSignal& signal : read_signals(path)) {
    double values = 1;
    for (const SignalAxis& axis : signal.axes) values *= double(axis.size);
    if (!signal.refusal.empty() || values > 1e7) continue;
    if (double(signal.read(0, signal.axes.front().size).size()) != values)
      fail("{}: values are missing", path.string());
  }
  read_image(path);
}

/// The file cut off at every tenth of its length, and with one to four bytes changed, `flips` times.
inline void expect_sound_under_damage(const std::filesystem::path& folder, const std::string& bytes, int flips = 300,
                                      std::uint64_t seed = 1) {
  const auto path = folder / "damaged.bin";
  for (std::size_t tenth = 0; tenth < 10; ++tenth) {
    write_file(path, std::string_view(bytes).substr(0, bytes.size() * tenth / 10));
    EXPECT_NE(message_of([&] { read_everything(path); }), "no error") << "cut to " << tenth << " tenths";
  }
  Random random(seed);
  for (int trial = 0; trial < flips; ++trial) {
    std::string damaged = bytes;
    for (int i = 0; i <= trial % 4; ++i) {
      damaged[std::size_t(random.uniform() * double(damaged.size()))] = char(random.uniform() * 256);
    }
    write_file(path, damaged);
    message_of([&] { read_everything(path); });  // which fails the test on more than one line
  }
}

}  // namespace colonnade
