// SPDX-License-Identifier: GPL-3.0-or-later
// What a file of a microscope holds: one or several signals, each described before any of its numbers are read.
// Every format gives its signals in this form; image_file.h turns one of them into an Image.
#pragma once

#include <cstdint>
#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "colonnade/image/formats/raw_samples.h"

namespace colonnade {

struct SignalAxis {
  std::string name;  ///< "y", "x", "ky", "kx", "energy", "frame", "depth", ...
  std::string unit;  ///< as the file spells it: "nm", "n_m", "keV", ...; empty: none given
  std::int64_t size = 0;
  double scale = 1, offset = 0;
  bool navigation = false;  ///< of the scan or the frames rather than of what is recorded at each of their points
};

struct StoredSignal {
  std::string title;  ///< "HAADF", "Pt", ...; unique in the file
  SampleType type = SampleType::float32;
  std::vector<SignalAxis> axes;      ///< slowest first; the product of their sizes is the number of values
  std::string intensity = "counts";  ///< as Image's
  nlohmann::json metadata = nlohmann::json::object();  ///< by HyperSpy's names: General.title, Signal.signal_type,
                                                       ///< Acquisition_instrument.TEM.beam_energy (keV), ...; beside
                                                       ///< these "format" and, where the reader knows better than
                                                       ///< the axes, "scale_source"
  nlohmann::json original = nlohmann::json::object();  ///< the format's own tree
  bool secondary = false;  ///< not what is meant by "the image" of the file where another is: an element's map, a copy
  std::string refusal;     ///< why its numbers cannot be had ("complex numbers; ..."); empty: they can
  /// `count` whole entries of the first axis from `first` on, row-major. Fails on a file cut short, before allocating.
  std::function<std::vector<float>(std::int64_t first, std::int64_t count)> read;
};

}  // namespace colonnade
