// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <cmath>

#include "colonnade/core/error.h"
#include "colonnade/image/normalise.h"
#include "colonnade/learn/model.h"

namespace colonnade {
namespace {

template <class T>
T field(const nlohmann::json& json, const char* name, const std::string& where) {
  const auto found = json.find(name);
  if (found == json.end()) fail("{}: the model's record has no {}; train the model again", where, name);
  try {
    return found->get<T>();
  } catch (const nlohmann::json::exception&) {
    fail("{}: the model's record has a {} of the wrong kind; train the model again", where, name);
  }
}

void check_record(const ModelRecord& record, const std::string& where) {
  if (record.elements.empty()) fail("{}: the model's record names no elements", where);
  if (!(record.pixel_size_nm > 0)) fail("{}: the model's pixel size is {} nm", where, record.pixel_size_nm);
  if (record.normalisation != "local" && record.normalisation != "beam") {
    fail("{}: the model wants the normalisation \"{}\", which this program does not know; use a newer one", where,
         record.normalisation);
  }
  if (record.normalisation == "beam" && !(record.intensity_deviation > 0)) {
    fail("{}: the model's intensity deviation is {}", where, record.intensity_deviation);
  }
}

}  // namespace

double CountError::at(double predicted_count) const {
  if (rms.empty()) return 0;
  const double index = std::clamp(std::round(predicted_count), 0.0, double(rms.size() - 1));
  return rms[static_cast<std::size_t>(index)];
}

nlohmann::json to_json(const ModelRecord& record) {
  nlohmann::json errors = nlohmann::json::array();
  for (const CountError& error : record.count_errors) errors.push_back(error.rms);
  return {{"elements", record.elements},
          {"pixel_size_nm", record.pixel_size_nm},
          {"normalisation", record.normalisation},
          {"intensity_mean", record.intensity_mean},
          {"intensity_deviation", record.intensity_deviation},
          {"widths", record.widths},
          {"label_sigma_px", record.label_sigma_px},
          {"options", record.options},
          {"data_fingerprint", record.data_fingerprint},
          {"seed", record.seed},
          {"epochs", record.epochs},
          {"scores", record.scores},
          {"count_errors", errors},
          {"version", record.version}};
}

ModelRecord model_record(const nlohmann::json& json, const std::string& where) {
  if (!json.is_object()) fail("{}: the model's record is no JSON object", where);
  ModelRecord record;
  record.elements = field<std::vector<std::string>>(json, "elements", where);
  record.pixel_size_nm = field<double>(json, "pixel_size_nm", where);
  record.normalisation = field<std::string>(json, "normalisation", where);
  record.intensity_mean = field<double>(json, "intensity_mean", where);
  record.intensity_deviation = field<double>(json, "intensity_deviation", where);
  record.widths = field<std::vector<int>>(json, "widths", where);
  record.label_sigma_px = field<double>(json, "label_sigma_px", where);
  record.options = field<nlohmann::json>(json, "options", where);
  record.data_fingerprint = field<std::string>(json, "data_fingerprint", where);
  record.seed = field<std::uint64_t>(json, "seed", where);
  record.epochs = field<int>(json, "epochs", where);
  record.scores = field<nlohmann::json>(json, "scores", where);
  for (auto& rms : field<std::vector<std::vector<double>>>(json, "count_errors", where)) {
    record.count_errors.push_back({std::move(rms)});
  }
  record.version = field<std::string>(json, "version", where);
  check_record(record, where);
  return record;
}

Image normalised(const Image& image, const ModelRecord& record) {
  if (record.normalisation == "local") return normalise_locally(image);
  if (image.intensity != "fraction of beam") {
    fail(
        "this model reads intensities as fractions of the incident beam, the image's are \"{}\"; calibrate the image "
        "against the beam, or use a model with local normalisation",
        image.intensity);
  }
  Image result = image;
  for (float& value : result.data) {
    value = static_cast<float>((value - record.intensity_mean) / record.intensity_deviation);
  }
  result.intensity = "normalised";
  return result;
}

}  // namespace colonnade
