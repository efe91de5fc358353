// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/learn/dataset.h"

#include <algorithm>
#include <cmath>

#include "colonnade/core/error.h"
#include "colonnade/core/file.h"
#include "colonnade/core/parallel.h"

namespace colonnade {
namespace {

constexpr double label_reach_sigmas = 5;

/// exp(-(i - centre)^2 / 2 sigma^2) for the pixels of [0, size) within reach; returns the first pixel.
int gaussian_profile(double centre, double sigma, int size, std::vector<float>& profile) {
  const double reach = label_reach_sigmas * sigma;
  const int begin = static_cast<int>(std::clamp(std::ceil(centre - reach), 0.0, double(size)));
  const int end = static_cast<int>(std::clamp(std::floor(centre + reach) + 1, double(begin), double(size)));
  profile.resize(end - begin);
  for (int i = begin; i < end; ++i) {
    const double distance = (i - centre) / sigma;
    profile[i - begin] = static_cast<float>(std::exp(-0.5 * distance * distance));
  }
  return begin;
}

}  // namespace

void add_labels(const std::vector<LabelledColumn>& columns, double sigma_px, int height, int width, int elements,
                float* maps) {
  std::vector<float> across, down;
  for (const LabelledColumn& column : columns) {
    const int left = gaussian_profile(column.x_px, sigma_px, width, across);
    const int top = gaussian_profile(column.y_px, sigma_px, height, down);
    for (int e = 0; e < elements; ++e) {
      if (column.counts[e] == 0) continue;
      for (std::size_t y = 0; y < down.size(); ++y) {
        const float peak = down[y] * static_cast<float>(column.counts[e]);
        float* row = maps + (std::size_t(e) * height + top + y) * width + left;
        for (std::size_t x = 0; x < across.size(); ++x) row[x] += peak * across[x];
      }
    }
  }
}

std::vector<Image> label_maps(const Sample& sample, const std::vector<std::string>& elements, double sigma_px) {
  const Image& image = sample.image;
  for (const LabelledColumn& column : sample.columns) {
    if (column.counts.size() != elements.size()) {
      fail("a column has {} counts for {} elements", column.counts.size(), elements.size());
    }
  }
  if (!(sigma_px > 0)) fail("the labels' sigma is {} px; give a positive one", sigma_px);
  const std::size_t pixels = std::size_t(image.height) * image.width;
  std::vector<float> values(pixels * elements.size(), 0.0F);
  add_labels(sample.columns, sigma_px, image.height, image.width, static_cast<int>(elements.size()), values.data());
  std::vector<Image> maps;
  for (std::size_t e = 0; e < elements.size(); ++e) {
    Image& map = maps.emplace_back(image.height, image.width, image.pixel_size_nm);
    std::copy_n(values.begin() + static_cast<std::ptrdiff_t>(e * pixels), pixels, map.data.begin());
    map.intensity = "atoms";
    map.title = elements[e];
  }
  return maps;
}

std::string signal_element(const Image& signal) { return signal.metadata.value("element", std::string()); }

std::filesystem::path particle_file(const std::filesystem::path& folder, int particle) {
  return folder / fmt::format("particle_{:06}.h5", particle);
}

std::vector<std::filesystem::path> particle_files(const std::filesystem::path& folder) {
  if (!std::filesystem::is_directory(folder)) {
    fail("{}: no such folder; give a dataset's folder, as `colonnade dataset` writes it", folder.string());
  }
  if (!std::filesystem::exists(folder / dataset_options_file)) {
    fail("{}: this folder is no dataset, it has no {}", folder.string(), dataset_options_file);
  }
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    const std::string name = entry.path().filename().string();
    const bool digits = name.size() == 18 && name.substr(9, 6).find_first_not_of("0123456789") == std::string::npos;
    if (digits && name.starts_with("particle_") && name.ends_with(".h5")) files.push_back(entry.path());
  }
  if (files.empty()) fail("{}: the dataset has no finished particle yet", folder.string());
  std::sort(files.begin(), files.end());
  return files;
}

std::string dataset_fingerprint(const std::vector<std::filesystem::path>& files) {
  std::vector<std::string> lines(files.size());
  parallel_for(std::ssize(files), [&](std::int64_t i, int) {
    lines[i] = files[i].filename().string() + " " + sha256_file(files[i]) + "\n";
  });
  std::sort(lines.begin(), lines.end());
  std::string all;
  for (const std::string& line : lines) all += line;
  return sha256(all);
}

}  // namespace colonnade
