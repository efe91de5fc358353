// SPDX-License-Identifier: GPL-3.0-or-later
// A dataset on disk: a folder with dataset.toml (the options that made it, with the seed), and one HDF5 file per
// particle, particle_000017.h5, written to a temporary name and renamed, so that the folder can be read while it grows,
// resumed after a kill, and filled by several processes. Every view of a particle lies in its file: a split by file is
// a split by particle. Inside a file, for views v, signals s, elements e, columns c:
//   /images  (v, y, x) float, fraction of the beam, without noise     /labels (v, e, y, x) half float, not always there
//   /signals (v, s, y, x) half float, what else was measured, times a scale for each: attribute "signals", a JSON list
//   of {name, intensity, scale, and of X-rays the element}; not there where the image is the only signal
//   /columns/view (c) integer  /columns/position_px (c, 2) as (x, y)  /columns/counts (c, e) integer
//   attributes of /: format_version, elements (JSON), pixel_size_nm, particle, seed (text), options (JSON), version,
//   label_sigma_px; of /images: title, intensity, view_000, view_001, ... (JSON: each view's metadata)
// Version 1 of the format, which has no signals, is read, too.
#pragma once

#include <cstdint>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "colonnade/image/image.h"

namespace colonnade {

struct LabelledColumn {
  double x_px = 0, y_px = 0;
  std::vector<int> counts;  ///< atoms per element, in the sample's order of elements
};

/// One view of one particle.
struct Sample {
  Image image;  ///< of the first annular detector
  std::vector<LabelledColumn> columns;
  /// What else was measured, titles "MAADF", "Pt L", ...: annular detectors as "fraction of beam", X-rays as "counts
  /// per electron", those detected on average of one incident electron in the pixel. Without noise, 11 bits exact on
  /// disk.
  std::vector<Image> signals = {};
};

struct ParticleSamples {
  int particle = 0;
  std::uint64_t seed = 0;
  std::vector<std::string> elements;
  std::vector<Sample> views;  ///< all of one size and pixel size, with the same signals
  double label_sigma_px = 0;  ///< of the stored labels; filled when read
  nlohmann::json options = nlohmann::json::object();
};

/// One map per element: at each column a Gaussian whose peak is the count; overlapping ones add. Beyond five sigma a
/// Gaussian counts as 0. Columns outside the image reach into it.
std::vector<Image> label_maps(const Sample& sample, const std::vector<std::string>& elements, double sigma_px);
/// The same written to `maps` (element, y, x), which is zero before: the inner loop of training.
void add_labels(const std::vector<LabelledColumn>& columns, double sigma_px, int height, int width, int elements,
                float* maps);

/// The element whose X-rays a signal maps (its metadata "element"); empty for a detector.
std::string signal_element(const Image& signal);

/// The name of a dataset's file of options, whose presence makes a folder a dataset.
inline constexpr const char* dataset_options_file = "dataset.toml";

std::filesystem::path particle_file(const std::filesystem::path& folder, int particle);
/// Overwrites. Fails on views of different sizes or signals, counts that do not fit the elements, and a sigma <= 0.
/// Labels follow from the columns and the sigma; nothing in Colonnade reads them.
void write_particle(const std::filesystem::path& folder, const ParticleSamples& samples, double label_sigma_px,
                    bool labels = true);
ParticleSamples read_particle(const std::filesystem::path& file);
/// Finished particles in a dataset folder, sorted; fails where there is none or the folder is no dataset.
std::vector<std::filesystem::path> particle_files(const std::filesystem::path& folder);
/// SHA-256 over the finished files' names and contents: the data's fingerprint.
std::string dataset_fingerprint(const std::vector<std::filesystem::path>& files);

}  // namespace colonnade
