// SPDX-License-Identifier: GPL-3.0-or-later
// A trained network with everything needed to use it and to judge it. On disk one HDF5 file: weights by name, readable
// by every version of libtorch and from Python, and the record as JSON. libtorch stays out of this header.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "colonnade/image/image.h"

namespace colonnade {

/// Held-out error of one element's counts, for error bars: rms error where the predicted count rounds to the index
/// (the last entry serves all above).
struct CountError {
  std::vector<double> rms;
  double at(double predicted_count) const;
};

struct ModelRecord {
  std::vector<std::string> elements;
  double pixel_size_nm = 0;
  std::string normalisation = "local";  ///< "local": normalise_locally(); "beam": (I - mean)/deviation, see below
  double intensity_mean = 0, intensity_deviation = 1;  ///< of the training images, for "beam": fractions of the beam
  std::vector<int> widths;                             ///< channels of the blocks, bridge last, e.g. 32, 64, 128, 256
  double label_sigma_px = 0;
  nlohmann::json options;        ///< {"dataset": ..., "training": ...}
  std::string data_fingerprint;  ///< of the training data
  std::uint64_t seed = 0;
  int epochs = 0;
  nlohmann::json scores;                 ///< on held-out particles, as `evaluate` prints them; "mean_r2" ranks models
  std::vector<CountError> count_errors;  ///< per element; empty: not calibrated
  std::string version;                   ///< of Colonnade
};
nlohmann::json to_json(const ModelRecord& record);
/// Fails, naming `where`, on what is missing or of the wrong kind.
ModelRecord model_record(const nlohmann::json& json, const std::string& where);
/// The image as the network is given it.
Image normalised(const Image& image, const ModelRecord& record);

class Model {
 public:
  /// Fails on a file that is no model, of another format, or whose weights do not fit its record.
  static Model load(const std::filesystem::path& path);
  /// `half`: weights stored as 16-bit floats.
  void save(const std::filesystem::path& path, bool half = true) const;
  Model(Model&&) noexcept;
  Model& operator=(Model&&) noexcept;
  ~Model();

  ModelRecord record;
  /// Where predict() computes: "auto" (CUDA where there is one), "cpu" (at first) or "cuda".
  void move_to(const std::string& device);
  /// Maps of atom counts (never below 0), one per element, of an image at the model's pixel size within 2 % (any height
  /// and width of at least 16 pixels); normalises first as the record says. Images larger than `tile_px` are done in
  /// tiles that overlap by all the network sees, so that the result is the same.
  std::vector<Image> predict(const Image& image, int tile_px = 1024) const;

  struct Network;  // the libtorch part
  explicit Model(std::unique_ptr<Network> network);
  Network& network() { return *network_; }

 private:
  std::unique_ptr<Network> network_;
};

/// The record of a model file, without its weights.
ModelRecord read_model_record(const std::filesystem::path& path);
/// The best model file (*.h5) in the folders for these elements (any order, exactly this set), or empty: by the
/// record's scores' "mean_r2", then by epochs, then the first by name. Looks at records only; unreadable files are
/// warned of.
std::filesystem::path find_model(const std::vector<std::filesystem::path>& folders,
                                 const std::vector<std::string>& elements);

}  // namespace colonnade
