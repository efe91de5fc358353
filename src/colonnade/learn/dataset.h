// SPDX-License-Identifier: GPL-3.0-or-later
// A dataset on disk: a folder with dataset.toml (the options that made it, with the seed), and one HDF5 file per
// particle, particle_000017.h5, written to a temporary name and renamed, so that the folder can be read while it grows,
// resumed after a kill, and filled by several processes. Every view of a particle lies in its file: a split by file is
// a split by particle. Inside a file, for views v, elements e, columns c:
//   /images  (v, y, x) float, fraction of the beam, without noise     /labels (v, e, y, x) half float
//   /columns/view (c) integer  /columns/position_px (c, 2) as (x, y)  /columns/counts (c, e) integer
//   attributes of /: format_version, elements (JSON), pixel_size_nm, particle, seed (text), options (JSON), version,
//   label_sigma_px; of /images: intensity, view_000, view_001, ... (JSON: each view's metadata)
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
  Image image;
  std::vector<LabelledColumn> columns;
};

struct ParticleSamples {
  int particle = 0;
  std::uint64_t seed = 0;
  std::vector<std::string> elements;
  std::vector<Sample> views;  ///< all of one size and pixel size
  double label_sigma_px = 0;  ///< of the stored labels; filled when read
  nlohmann::json options = nlohmann::json::object();
};

/// One map per element: at each column a Gaussian whose peak is the count; overlapping ones add. Beyond five sigma a
/// Gaussian counts as 0. Columns outside the image reach into it.
std::vector<Image> label_maps(const Sample& sample, const std::vector<std::string>& elements, double sigma_px);
/// The same written to `maps` (element, y, x), which is zero before: the inner loop of training.
void add_labels(const std::vector<LabelledColumn>& columns, double sigma_px, int height, int width, int elements,
                float* maps);

/// The name of a dataset's file of options, whose presence makes a folder a dataset.
inline constexpr const char* dataset_options_file = "dataset.toml";

std::filesystem::path particle_file(const std::filesystem::path& folder, int particle);
/// Overwrites. Fails on views of different sizes, counts that do not fit the elements, and a sigma <= 0.
void write_particle(const std::filesystem::path& folder, const ParticleSamples& samples, double label_sigma_px);
ParticleSamples read_particle(const std::filesystem::path& file);
/// Finished particles in a dataset folder, sorted; fails where there is none or the folder is no dataset.
std::vector<std::filesystem::path> particle_files(const std::filesystem::path& folder);
/// SHA-256 over the finished files' names and contents: the data's fingerprint.
std::string dataset_fingerprint(const std::vector<std::filesystem::path>& files);

}  // namespace colonnade
