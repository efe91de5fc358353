// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/learn/dataset.h"

#include <algorithm>
#include <cmath>
#include <set>
#include <utility>

#include "colonnade/core/error.h"
#include "colonnade/core/file.h"
#include "colonnade/core/parallel.h"
#include "colonnade/core/version.h"
#include "colonnade/image/hdf5_file.h"

namespace colonnade {
namespace {

constexpr int format_version = 1;
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

void check_samples(const ParticleSamples& samples, double label_sigma_px) {
  const std::string where = fmt::format("particle {}", samples.particle);
  if (samples.views.empty()) fail("{} has no views; a dataset's particle needs at least one", where);
  if (samples.elements.empty()) fail("{} names no elements", where);
  if (!(label_sigma_px > 0)) fail("{}: the labels' sigma is {} px; give a positive one", where, label_sigma_px);
  const Image& first = samples.views.front().image;
  if (!(first.pixel_size_nm > 0)) fail("{}: the images' pixel size is unknown; set it before writing", where);
  for (const Sample& view : samples.views) {
    require_finite(view.image, where);
    if (view.image.height != first.height || view.image.width != first.width ||
        std::abs(view.image.pixel_size_nm - first.pixel_size_nm) > 1e-9) {
      fail("{}: its views differ in size or pixel size; all must be alike", where);
    }
    for (const LabelledColumn& column : view.columns) {
      if (column.counts.size() != samples.elements.size()) {
        fail("{}: a column has {} counts for {} elements", where, column.counts.size(), samples.elements.size());
      }
    }
  }
}

struct ColumnArrays {
  std::vector<std::int64_t> views, counts;
  std::vector<double> positions;
};

ColumnArrays gather_columns(const ParticleSamples& samples) {
  ColumnArrays arrays;
  for (std::size_t v = 0; v < samples.views.size(); ++v) {
    for (const LabelledColumn& column : samples.views[v].columns) {
      arrays.views.push_back(static_cast<std::int64_t>(v));
      arrays.positions.insert(arrays.positions.end(), {column.x_px, column.y_px});
      arrays.counts.insert(arrays.counts.end(), column.counts.begin(), column.counts.end());
    }
  }
  return arrays;
}

std::string view_attribute(std::size_t view) { return fmt::format("view_{:03}", view); }

void write_attributes(Hdf5File& file, const ParticleSamples& samples, double label_sigma_px) {
  file.write_number("/", "format_version", format_version);
  file.write_text("/", "elements", nlohmann::json(samples.elements).dump());
  file.write_number("/", "pixel_size_nm", samples.views.front().image.pixel_size_nm);
  file.write_number("/", "particle", samples.particle);
  file.write_text("/", "seed", std::to_string(samples.seed));
  file.write_text("/", "options", samples.options.dump());
  file.write_text("/", "version", version);
  file.write_number("/", "label_sigma_px", label_sigma_px);
  file.write_text("images", "intensity", samples.views.front().image.intensity);
  for (std::size_t v = 0; v < samples.views.size(); ++v) {
    file.write_text("images", view_attribute(v), samples.views[v].image.metadata.dump());
  }
}

void write_arrays(Hdf5File& file, const ParticleSamples& samples, double label_sigma_px) {
  const std::int64_t views = std::ssize(samples.views), elements = std::ssize(samples.elements);
  const int height = samples.views.front().image.height, width = samples.views.front().image.width;
  std::vector<float> images, labels(std::size_t(views) * elements * height * width, 0.0F);
  images.reserve(std::size_t(views) * height * width);
  for (std::int64_t v = 0; v < views; ++v) {
    const Sample& view = samples.views[v];
    images.insert(images.end(), view.image.data.begin(), view.image.data.end());
    add_labels(view.columns, label_sigma_px, height, width, static_cast<int>(elements),
               labels.data() + std::size_t(v) * elements * height * width);
  }
  const ColumnArrays columns = gather_columns(samples);
  const std::int64_t count = std::ssize(columns.views);
  file.write_floats("images", images, {views, height, width}, true);
  file.write_floats("labels", labels, {views, elements, height, width}, true, true);
  file.write_integers("columns/view", columns.views, {count});
  file.write_doubles("columns/position_px", columns.positions, {count, 2});
  file.write_integers("columns/counts", columns.counts, {count, elements});
}

nlohmann::json parse_json(const std::string& text, const std::filesystem::path& path, const char* what) {
  nlohmann::json json = nlohmann::json::parse(text, nullptr, false);
  if (json.is_discarded()) fail("{}: its {} are no JSON; the file is damaged, write it again", path.string(), what);
  return json;
}

void read_attributes(const Hdf5File& file, const std::filesystem::path& path, ParticleSamples& samples) {
  if (!file.has_attribute("/", "format_version") || !file.has("columns/counts")) {
    fail("{}: this is no particle of a dataset", path.string());
  }
  const double found = file.read_number("/", "format_version");
  if (found != format_version) {
    fail("{}: a dataset of format {}, this program reads format {}; make the dataset anew", path.string(), found,
         format_version);
  }
  const nlohmann::json elements = parse_json(file.read_text("/", "elements"), path, "elements");
  if (!elements.is_array() || elements.empty()) fail("{}: its elements are no list", path.string());
  for (const auto& element : elements) {
    if (!element.is_string()) fail("{}: its elements are no list of names", path.string());
    samples.elements.push_back(element.get<std::string>());
  }
  samples.particle = static_cast<int>(file.read_number("/", "particle"));
  const std::string seed = file.read_text("/", "seed");
  if (seed.empty() || seed.size() > 20 || seed.find_first_not_of("0123456789") != std::string::npos) {
    fail("{}: its seed \"{}\" is no number", path.string(), seed);
  }
  samples.seed = std::strtoull(seed.c_str(), nullptr, 10);
  samples.options = parse_json(file.read_text("/", "options"), path, "options");
  samples.label_sigma_px = file.read_number("/", "label_sigma_px");
}

void read_images(const Hdf5File& file, const std::filesystem::path& path, ParticleSamples& samples) {
  const std::vector<std::int64_t> shape = file.shape("images");
  const double pixel_size = file.read_number("/", "pixel_size_nm");
  if (shape.size() != 3 || shape[0] < 1 || shape[1] < 1 || shape[2] < 1) {
    fail("{}: its images are not of the shape (view, y, x)", path.string());
  }
  if (!(pixel_size > 0)) fail("{}: its pixel size {} nm is not positive", path.string(), pixel_size);
  const std::vector<float> values = file.read_floats("images");
  const std::size_t pixels = std::size_t(shape[1]) * shape[2];
  for (std::int64_t v = 0; v < shape[0]; ++v) {
    Sample& view = samples.views.emplace_back();
    view.image.height = static_cast<int>(shape[1]);
    view.image.width = static_cast<int>(shape[2]);
    view.image.pixel_size_nm = pixel_size;
    view.image.data.assign(values.begin() + v * pixels, values.begin() + (v + 1) * pixels);
    view.image.title = "HAADF";
    view.image.intensity = file.read_text("images", "intensity");
    view.image.metadata = parse_json(file.read_text("images", view_attribute(v)), path, "views' metadata");
    require_finite(view.image, path.string());
  }
}

void read_columns(const Hdf5File& file, const std::filesystem::path& path, ParticleSamples& samples) {
  const std::vector<std::int64_t> views = file.read_integers("columns/view");
  const std::vector<double> positions = file.read_doubles("columns/position_px");
  const std::vector<std::int64_t> counts = file.read_integers("columns/counts");
  const std::size_t elements = samples.elements.size();
  if (positions.size() != 2 * views.size() || counts.size() != elements * views.size()) {
    fail("{}: its tables of columns differ in length; the file is damaged, write it again", path.string());
  }
  for (std::size_t c = 0; c < views.size(); ++c) {
    if (views[c] < 0 || views[c] >= std::ssize(samples.views) || !std::isfinite(positions[2 * c]) ||
        !std::isfinite(positions[2 * c + 1])) {
      fail("{}: column {} lies in no view or nowhere; the file is damaged, write it again", path.string(), c);
    }
    LabelledColumn column{positions[2 * c], positions[2 * c + 1], {}};
    for (std::size_t e = 0; e < elements; ++e) {
      const std::int64_t count = counts[c * elements + e];
      if (count < 0 || count > 100000) fail("{}: column {} has {} atoms of one element", path.string(), c, count);
      column.counts.push_back(static_cast<int>(count));
    }
    samples.views[views[c]].columns.push_back(std::move(column));
  }
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

std::filesystem::path particle_file(const std::filesystem::path& folder, int particle) {
  return folder / fmt::format("particle_{:06}.h5", particle);
}

void write_particle(const std::filesystem::path& folder, const ParticleSamples& samples, double label_sigma_px) {
  check_samples(samples, label_sigma_px);
  PendingFile pending(particle_file(folder, samples.particle));
  Hdf5File file(pending.temporary(), Hdf5File::Mode::create);
  write_arrays(file, samples, label_sigma_px);
  write_attributes(file, samples, label_sigma_px);
  file.close();
  pending.commit();
}

ParticleSamples read_particle(const std::filesystem::path& path) {
  require_file(path, "particle");
  const Hdf5File file(path, Hdf5File::Mode::read);
  ParticleSamples samples;
  read_attributes(file, path, samples);
  read_images(file, path, samples);
  read_columns(file, path, samples);
  return samples;
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
