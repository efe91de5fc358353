// SPDX-License-Identifier: GPL-3.0-or-later
// The format of a particle's file: written and read.
#include <algorithm>
#include <cmath>
#include <utility>

#include "colonnade/core/error.h"
#include "colonnade/core/file.h"
#include "colonnade/core/version.h"
#include "colonnade/image/hdf5_file.h"
#include "colonnade/learn/dataset.h"

namespace colonnade {
namespace {

constexpr int format_version = 2;  // version 1 has no signals and always labels
constexpr int oldest_read = 1;
constexpr int half_exponent = 15;  // 2^15 is the largest power of two of a 16-bit float

bool alike(const Image& one, const Image& other) {
  return one.height == other.height && one.width == other.width &&
         std::abs(one.pixel_size_nm - other.pixel_size_nm) < 1e-9;
}

void check_signals(const Sample& view, const Sample& first, const std::string& where) {
  if (view.signals.size() != first.signals.size()) {
    fail("{}: its views have {} and {} signals; all must have the same", where, first.signals.size(),
         view.signals.size());
  }
  for (std::size_t s = 0; s < view.signals.size(); ++s) {
    const Image& signal = view.signals[s];
    require_finite(signal, where + ", " + signal.title);
    if (signal.title != first.signals[s].title || signal.intensity != first.signals[s].intensity) {
      fail("{}: signal {} is \"{}\" in one view and \"{}\" in another; all must have the same", where, s,
           first.signals[s].title, signal.title);
    }
    if (!alike(signal, first.image)) {
      fail("{}: its signal {} differs from the image in size or pixel size", where, signal.title);
    }
  }
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
    if (!alike(view.image, first)) fail("{}: its views differ in size or pixel size; all must be alike", where);
    check_signals(view, samples.views.front(), where);
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
  file.write_text("images", "title", samples.views.front().image.title);
  for (std::size_t v = 0; v < samples.views.size(); ++v) {
    file.write_text("images", view_attribute(v), samples.views[v].image.metadata.dump());
  }
}

std::vector<std::int64_t> shape_of(const ParticleSamples& samples) {
  const Image& image = samples.views.front().image;
  return {std::ssize(samples.views), image.height, image.width};
}

void write_images(Hdf5File& file, const ParticleSamples& samples) {
  std::vector<float> images;
  for (const Sample& view : samples.views) {
    images.insert(images.end(), view.image.data.begin(), view.image.data.end());
  }
  file.write_floats("images", images, shape_of(samples), true);
}

void write_labels(Hdf5File& file, const ParticleSamples& samples, double label_sigma_px) {
  const auto shape = shape_of(samples);
  const std::int64_t elements = std::ssize(samples.elements);
  const std::size_t size = std::size_t(elements * shape[1] * shape[2]);
  std::vector<float> labels(samples.views.size() * size, 0.0F);
  for (std::size_t v = 0; v < samples.views.size(); ++v) {
    add_labels(samples.views[v].columns, label_sigma_px, int(shape[1]), int(shape[2]), int(elements),
               labels.data() + v * size);
  }
  file.write_floats("labels", labels, {shape[0], elements, shape[1], shape[2]}, true, true);
}

/// A power of two, so that dividing by it loses nothing: the largest value becomes one of the largest 16-bit floats,
/// and as much as can be of what is small keeps all 11 bits.
double scale_of(const ParticleSamples& samples, std::size_t signal) {
  float largest = 0;
  for (const Sample& view : samples.views) {
    for (const float value : view.signals[signal].data) largest = std::max(largest, std::abs(value));
  }
  return largest > 0 ? std::ldexp(1.0, std::ilogb(largest) + 1 - half_exponent) : 1;
}

void write_signals(Hdf5File& file, const ParticleSamples& samples) {
  const std::vector<Image>& first = samples.views.front().signals;
  if (first.empty()) return;
  nlohmann::json list = nlohmann::json::array();
  for (std::size_t s = 0; s < first.size(); ++s) {
    list.push_back({{"name", first[s].title}, {"intensity", first[s].intensity}, {"scale", scale_of(samples, s)}});
    const std::string element = signal_element(first[s]);
    if (!element.empty()) list.back()["element"] = element;
  }
  std::vector<float> values;
  for (const Sample& view : samples.views) {
    for (std::size_t s = 0; s < first.size(); ++s) {
      const float inverse = float(1 / list[s]["scale"].get<double>());
      for (const float value : view.signals[s].data) values.push_back(value * inverse);
    }
  }
  const auto shape = shape_of(samples);
  file.write_floats("signals", values, {shape[0], std::ssize(first), shape[1], shape[2]}, true, true);
  file.write_text("signals", "signals", list.dump());
}

void write_columns(Hdf5File& file, const ParticleSamples& samples) {
  const ColumnArrays columns = gather_columns(samples);
  const std::int64_t count = std::ssize(columns.views);
  file.write_integers("columns/view", columns.views, {count});
  file.write_doubles("columns/position_px", columns.positions, {count, 2});
  file.write_integers("columns/counts", columns.counts, {count, std::ssize(samples.elements)});
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
  if (!(found >= oldest_read && found <= format_version)) {
    fail("{}: a dataset of format {}, this program reads formats {} to {}; make the dataset anew", path.string(), found,
         oldest_read, format_version);
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
    view.image.title = file.has_attribute("images", "title") ? file.read_text("images", "title") : "HAADF";
    view.image.intensity = file.read_text("images", "intensity");
    view.image.metadata = parse_json(file.read_text("images", view_attribute(v)), path, "views' metadata");
    require_finite(view.image, path.string());
  }
}

/// One of the list that describes /signals: an image without its pixels, and its scale.
double read_signal_entry(const nlohmann::json& entry, const std::filesystem::path& path, Image& signal) {
  try {
    signal.title = entry.at("name").get<std::string>();
    signal.intensity = entry.at("intensity").get<std::string>();
    if (entry.contains("element")) signal.metadata["element"] = entry.at("element").get<std::string>();
    const double scale = entry.at("scale").get<double>();
    if (scale > 0 && std::isfinite(scale)) return scale;
  } catch (const nlohmann::json::exception&) {
  }
  fail("{}: its list of signals has an entry without name, intensity or scale; write the file again", path.string());
}

void read_signals(const Hdf5File& file, const std::filesystem::path& path, ParticleSamples& samples) {
  if (!file.has("signals")) return;
  const nlohmann::json list = parse_json(file.read_text("signals", "signals"), path, "signals");
  const std::vector<std::int64_t> shape = file.shape("signals");
  const Image& first = samples.views.front().image;
  if (!list.is_array() || shape.size() != 4 || shape[0] != std::ssize(samples.views) || shape[1] != std::ssize(list) ||
      shape[2] != first.height || shape[3] != first.width) {
    fail("{}: its signals do not fit its images; the file is damaged, write it again", path.string());
  }
  const std::vector<float> values = file.read_floats("signals");
  auto value = values.begin();
  for (Sample& view : samples.views) {
    for (const auto& entry : list) {
      Image& signal = view.signals.emplace_back(first.height, first.width, first.pixel_size_nm);
      const float scale = float(read_signal_entry(entry, path, signal));
      for (float& pixel : signal.data) pixel = *value++ * scale;
      require_finite(signal, path.string());
    }
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

void write_particle(const std::filesystem::path& folder, const ParticleSamples& samples, double label_sigma_px,
                    bool labels) {
  check_samples(samples, label_sigma_px);
  PendingFile pending(particle_file(folder, samples.particle));
  Hdf5File file(pending.temporary(), Hdf5File::Mode::create);
  write_images(file, samples);
  write_signals(file, samples);
  if (labels) write_labels(file, samples, label_sigma_px);
  write_columns(file, samples);
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
  read_signals(file, path, samples);
  read_columns(file, path, samples);
  return samples;
}

}  // namespace colonnade
