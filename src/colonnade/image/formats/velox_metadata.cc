// SPDX-License-Identifier: GPL-3.0-or-later
// What Velox says beside its data, by HyperSpy's names and in the units of people.
#include <cmath>
#include <numbers>

#include "colonnade/core/error.h"
#include "colonnade/image/formats/byte_text.h"
#include "colonnade/image/formats/json_access.h"
#include "colonnade/image/formats/velox.h"

namespace colonnade {

namespace {

using Json = nlohmann::json;

constexpr std::int64_t longest_record = 1 << 24;
constexpr double degrees = 180 / std::numbers::pi;

/// The side of a pixel from the field of view, in m; 0 where that is not stated.
double from_field_of_view(const Json& record, const std::string& name, std::int64_t size) {
  const auto field = json_number(record, {"Optics", "FullScanFieldOfView", name});
  const bool across = name == "x";
  const double low = json_number(record, {"Scan", "ScanArea", across ? "left" : "top"}).value_or(0);
  const double high = json_number(record, {"Scan", "ScanArea", across ? "right" : "bottom"}).value_or(1);
  return field && *field > 0 && high > low && size > 0 ? *field * (high - low) / double(size) : 0;
}

void put(Json& target, const char* name, const std::optional<double>& number, double factor) {
  if (number && *number > 0) target[name] = *number * factor;
}

Json detector_metadata(const Json& detector) {
  Json found = Json::object();
  const std::string kind = json_text(detector, {"DetectorType"});
  if (kind == "ScanningDetector") {
    put(found["STEM"], "collection_angle_inner", json_number(detector, {"CollectionAngleRange", "begin"}), 1e3);
    put(found["STEM"], "collection_angle_outer", json_number(detector, {"CollectionAngleRange", "end"}), 1e3);
    found["STEM"]["name"] = json_text(detector, {"DetectorName"});
  } else if (kind == "AnalyticalDetector") {
    put(found["EDS"], "azimuth_angle", json_number(detector, {"AzimuthAngle"}), degrees);
    put(found["EDS"], "elevation_angle", json_number(detector, {"ElevationAngle"}), degrees);
    put(found["EDS"], "live_time", json_number(detector, {"LiveTime"}), 1);
    put(found["EDS"], "real_time", json_number(detector, {"RealTime"}), 1);
  }
  return found;
}

}  // namespace

Json velox_record(const Hdf5Source& source, const std::string& group) {
  const std::string dataset = group + "/Metadata";
  if (!source.file->is_numeric(dataset)) return nullptr;
  const BoxIndex shape = source.file->shape(dataset);
  if (shape.empty() || shape.size() > 2 || shape[0] < 1 || shape[0] > longest_record) return nullptr;
  if (shape.size() == 2 && shape[1] < 1) return nullptr;
  std::string text;
  for (const float byte : source.file->read_box(dataset, BoxIndex(shape.size(), 0),
                                                shape.size() == 1 ? BoxIndex{shape[0]} : BoxIndex{shape[0], 1})) {
    if (!(byte >= 1 && byte <= 255)) break;
    text += char(static_cast<unsigned char>(byte));
  }
  Json record = Json::parse(sound_utf8(text), nullptr, false);
  return record.is_discarded() ? Json() : record;
}

const Json& velox_detector(const Json& record) {
  const auto index = json_number(record, {"BinaryResult", "DetectorIndex"});
  static const Json nothing;
  return index ? json_at(record, {"Detectors", fmt::format("Detector-{}", *index)}) : nothing;
}

SignalAxis velox_axis(const Json& record, const std::string& name, std::int64_t size) {
  SignalAxis axis{name, "", size, 1, 0, false};
  const bool across = name == "x";
  const std::string unit = json_text(record, {"BinaryResult", across ? "PixelUnitX" : "PixelUnitY"});
  const double stated = json_number(record, {"BinaryResult", "PixelSize", across ? "width" : "height"}).value_or(0);
  const double derived = stated > 0 ? stated : from_field_of_view(record, name, size);
  if (!(derived > 0)) return axis;
  const bool length = unit == "m" || (unit.empty() && stated <= 0), angle = unit == "rad";
  axis.unit = length ? "nm" : angle ? "mrad" : unit;
  const double factor = length ? 1e9 : angle ? 1e3 : 1;
  axis.scale = derived * factor;
  axis.offset = json_number(record, {"BinaryResult", "Offset", name}).value_or(0) * factor;
  return axis;
}

Json metadata_of_velox(const Json& record) {
  Json metadata = Json::object(), tem = Json::object();
  put(tem, "beam_energy", json_number(record, {"Optics", "AccelerationVoltage"}), 1e-3);
  put(tem, "convergence_angle", json_number(record, {"Optics", "BeamConvergence"}), 1e3);
  put(tem, "camera_length", json_number(record, {"Optics", "CameraLength"}), 1e3);
  put(tem, "beam_current", json_number(record, {"Optics", "LastMeasuredScreenCurrent"}), 1e9);
  put(tem, "magnification", json_number(record, {"CustomProperties", "StemMagnification", "value"}), 1);
  put(tem, "dwell_time", json_number(record, {"Scan", "DwellTime"}), 1);
  if (const std::string name = json_text(record, {"Instrument", "InstrumentClass"}); !name.empty()) {
    tem["microscope"] = name;
  }
  if (json_at(record, {"Scan"}).is_object()) tem["acquisition_mode"] = "STEM";
  for (const auto& [key, name] : {std::pair("tilt_alpha", "AlphaTilt"), std::pair("tilt_beta", "BetaTilt")}) {
    if (const auto angle = json_number(record, {"Stage", name})) tem["Stage"][key] = *angle * degrees;
  }
  if (Json detector = detector_metadata(velox_detector(record)); !detector.empty()) {
    tem["Detector"] = std::move(detector);
  }
  if (!tem.empty()) metadata["Acquisition_instrument"]["TEM"] = std::move(tem);
  metadata["Signal"]["signal_type"] = "";
  return metadata;
}

}  // namespace colonnade
