// SPDX-License-Identifier: GPL-3.0-or-later
// The one door for image files. They are recognised by content, never by extension, and give all the signals they hold
// (stored_signal.h); from these an image is chosen. What is read and what is refused: docs/formats.md.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "colonnade/image/formats/stored_signal.h"
#include "colonnade/image/image.h"

namespace colonnade {

/// Everything a file holds, described but not yet read; titles are unique and never empty. Fails with one line on a
/// missing, empty, damaged or unknown file.
std::vector<StoredSignal> read_signals(const std::filesystem::path& path);

struct ReadOptions {
  std::string
      signal;     ///< title, or number counted from 1; empty: the only image, or the only one that is not secondary;
                  ///< "EDS:9.442": the map of the X-ray line at 9.442 keV from a spectrum image (eds_map.h)
  int frame = 0;  ///< number counted from 1; 0: all, averaged
};

/// One image, all frames averaged unless one is asked for. Its metadata are the signal's, by HyperSpy's names, with the
/// format's own tree under "original_metadata", the file's name under "file" and where the pixel size is from under
/// "scale_source". Fails where the file holds no image (naming what it holds) or several that could be meant (listing
/// them), and on NaN or infinity.
Image read_image(const std::filesystem::path& path, const ReadOptions& options = {});
/// The same choice, every frame an image of its own (one where the signal has no frames).
std::vector<Image> read_frames(const std::filesystem::path& path, const ReadOptions& options = {});

/// A line of a list of signals for a person.
struct SignalSummary {
  int number = 0;  ///< from 1, as ReadOptions takes it
  std::string title, form, shape, type;
  std::string pixel_size;  ///< "0.0125 nm", "0.05 1/nm", or why it is not known
};
std::vector<SignalSummary> signal_list(const std::filesystem::path& path);
/// As a table of text.
std::string to_text(const std::vector<SignalSummary>& list);
nlohmann::json to_json(const std::vector<SignalSummary>& list);

/// By extension: .tif/.tiff (float, scale for ImageJ), .npy (float), .png (8-bit grey from extremes).
void write_image(const std::filesystem::path& path, const Image& image);

}  // namespace colonnade
