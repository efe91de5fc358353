// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/learn/model.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>
#include <utility>

#include "colonnade/core/error.h"
#include "colonnade/core/file.h"
#include "colonnade/core/log.h"
#include "colonnade/image/hdf5_file.h"
#include "colonnade/learn/column_model.h"
#include "colonnade/learn/network.h"
#include "colonnade/learn/weights_file.h"

namespace colonnade {
namespace {

constexpr int format_version = 1;
constexpr int smallest_side_px = 16;
constexpr double pixel_size_tolerance = 0.02;

ModelRecord record_of(const Hdf5File& file, const std::filesystem::path& path) {
  if (!file.has_attribute("/", "format_version") || !file.has_attribute("/", "record") || !file.has("weights")) {
    fail("{}: this is no model file of Colonnade", path.string());
  }
  const double found = file.read_number("/", "format_version");
  if (found != format_version) {
    fail("{}: a model of format {}, this program reads format {}; use the matching program or train the model again",
         path.string(), found, format_version);
  }
  const nlohmann::json json = nlohmann::json::parse(file.read_text("/", "record"), nullptr, false);
  return model_record(json, path.string());
}

/// Pixel i of a row that is mirrored at its ends without repeating them (d c b | a b c d | c b a).
int mirrored(int i, int size) {
  const int period = 2 * size - 2;
  const int phase = i % period;
  return phase < size ? phase : period - phase;
}

/// (1, 1, y, x), extended at the bottom and on the right to multiples of `multiple`.
torch::Tensor padded_tensor(const Image& image, int multiple) {
  const int height = (image.height + multiple - 1) / multiple * multiple;
  const int width = (image.width + multiple - 1) / multiple * multiple;
  torch::Tensor tensor = torch::empty({1, 1, height, width});
  float* target = tensor.data_ptr<float>();
  for (int y = 0; y < height; ++y) {
    const float* row = image.data.data() + std::size_t(mirrored(y, image.height)) * image.width;
    for (int x = 0; x < width; ++x) *target++ = row[mirrored(x, image.width)];
  }
  return tensor;
}

/// A stretch of a long side: what is computed, and which part of it is kept.
struct Stretch {
  std::int64_t begin, end, keep_begin, keep_end;
};

/// Cuts [0, size) so that each stretch has `margin` more than is kept wherever there is more; all in multiples. Tiles
/// too small for their margins are made larger.
std::vector<Stretch> stretches(std::int64_t size, std::int64_t tile, std::int64_t margin, std::int64_t multiple) {
  if (size <= tile) return {{0, size, 0, size}};
  margin = (margin + multiple - 1) / multiple * multiple;
  const std::int64_t step = std::max(margin, (tile - 2 * margin) / multiple * multiple);
  std::vector<Stretch> result;
  for (std::int64_t kept = 0; kept < size; kept += step) {
    const std::int64_t keep_end = std::min(size, kept + step);
    result.push_back({std::max<std::int64_t>(0, kept - margin), std::min(size, keep_end + margin), kept, keep_end});
  }
  return result;
}

torch::Tensor run_tiled(ElementNetwork& layers, const torch::Tensor& input, const torch::Device& device, int tile_px) {
  using torch::indexing::Slice;
  torch::Tensor output = torch::empty({layers.elements(), input.size(2), input.size(3)});
  const int multiple = layers.size_multiple();
  for (const Stretch& y : stretches(input.size(2), tile_px, layers.reach_px(), multiple)) {
    for (const Stretch& x : stretches(input.size(3), tile_px, layers.reach_px(), multiple)) {
      const torch::Tensor tile =
          input.slice(2, y.begin, y.end).slice(3, x.begin, x.end).to(device).contiguous(memory_layout(device));
      const torch::Tensor maps = layers.forward(tile)[0].clamp_min(0).to(torch::kCPU);
      output.slice(1, y.keep_begin, y.keep_end)
          .slice(2, x.keep_begin, x.keep_end)
          .copy_(maps.slice(1, y.keep_begin - y.begin, y.keep_end - y.begin)
                     .slice(2, x.keep_begin - x.begin, x.keep_end - x.begin));
    }
  }
  return output;
}

void check_image(const Image& image, const ModelRecord& record) {
  require_finite(image, image.title.empty() ? "image" : image.title);
  if (std::min(image.height, image.width) < smallest_side_px) {
    fail("the image is {} x {} px; a prediction needs at least {} px each way", image.width, image.height,
         smallest_side_px);
  }
  if (!(std::abs(image.pixel_size_nm / record.pixel_size_nm - 1) <= pixel_size_tolerance)) {
    fail("the image's pixel size is {} nm, the model's {} nm; resample the image first", image.pixel_size_nm,
         record.pixel_size_nm);
  }
}

/// How models for the same elements are ranked: larger is better.
std::pair<double, int> rank(const ModelRecord& record) {
  double score = -std::numeric_limits<double>::infinity();
  if (record.scores.is_object() && record.scores.contains("mean_r2") && record.scores["mean_r2"].is_number()) {
    score = record.scores["mean_r2"].get<double>();
  }
  return {score, record.epochs};
}

std::vector<std::filesystem::path> model_files(const std::filesystem::path& folder) {
  std::vector<std::filesystem::path> files;
  if (!std::filesystem::is_directory(folder)) return files;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.is_regular_file() && entry.path().extension() == ".h5") files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

}  // namespace

Model::Model(std::unique_ptr<Network> network) : network_(std::move(network)) {}
Model::Model(Model&&) noexcept = default;
Model& Model::operator=(Model&&) noexcept = default;
Model::~Model() = default;

void Model::save(const std::filesystem::path& path, bool half) const {
  PendingFile pending(path);
  Hdf5File file(pending.temporary(), Hdf5File::Mode::create);
  write_weights(file, named_weights(*network_->layers), half);
  file.write_number("/", "format_version", format_version);
  file.write_text("/", "record", to_json(record).dump());
  file.close();
  pending.commit();
}

Model Model::load(const std::filesystem::path& path) {
  require_file(path, "model");
  const Hdf5File file(path, Hdf5File::Mode::read);
  ModelRecord record = record_of(file, path);
  auto network = std::make_unique<Network>();
  network->layers = std::make_shared<ElementNetwork>(record.widths, static_cast<int>(record.elements.size()));
  read_weights(file, path, named_weights(*network->layers));
  network->layers->eval();
  Model model(std::move(network));
  model.record = std::move(record);
  model.move_to("cpu");
  return model;
}

void Model::move_to(const std::string& device) {
  network_->device = choose_device(device);
  network_->layers->to(network_->device);
  use_memory_layout(*network_->layers, memory_layout(network_->device));
}

std::vector<Image> Model::predict(const Image& image, int tile_px) const {
  check_image(image, record);
  ElementNetwork& layers = *network_->layers;
  const torch::NoGradGuard no_gradient;
  layers.eval();
  const torch::Tensor input = padded_tensor(normalised(image, record), layers.size_multiple());
  const torch::Tensor output = run_tiled(layers, input, network_->device, tile_px);
  std::vector<Image> maps;
  for (std::size_t e = 0; e < record.elements.size(); ++e) {
    Image& map = maps.emplace_back(image.height, image.width, image.pixel_size_nm);
    const torch::Tensor values =
        output[static_cast<std::int64_t>(e)].slice(0, 0, image.height).slice(1, 0, image.width);
    std::copy_n(values.contiguous().data_ptr<float>(), map.data.size(), map.data.begin());
    map.intensity = "atoms";
    map.title = record.elements[e];
  }
  return maps;
}

ModelRecord read_model_record(const std::filesystem::path& path) {
  require_file(path, "model");
  return record_of(Hdf5File(path, Hdf5File::Mode::read), path);
}

std::filesystem::path find_model(const std::vector<std::filesystem::path>& folders,
                                 const std::vector<std::string>& elements) {
  const std::set<std::string> wanted(elements.begin(), elements.end());
  std::filesystem::path best;
  std::pair<double, int> best_rank;
  for (const auto& folder : folders) {
    for (const auto& file : model_files(folder)) {
      try {
        if (is_column_model(file)) continue;
        const ModelRecord record = read_model_record(file);
        if (std::set<std::string>(record.elements.begin(), record.elements.end()) != wanted) continue;
        if (!best.empty() && rank(record) <= best_rank) continue;
        best_rank = rank(record);
        best = file;
      } catch (const Error& error) {
        warn("{}; left out", error.what());
      }
    }
  }
  return best;
}

}  // namespace colonnade
