// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/image/formats/mrc_extended.h"

#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>

namespace colonnade {

namespace {

static_assert(std::endian::native == std::endian::little, "FEI's extended headers are little-endian");

enum class Kind { text16, number, integer };

struct Field {
  const char* name;
  std::size_t offset;
  Kind kind;
};

constexpr std::size_t fei1_size = 768, fei2_size = 888;

/// Offsets of the specification's table (numbers are 64-bit floats in SI units, angles in degrees but for convergence).
constexpr std::array fields = {Field{"Microscope type", 20, Kind::text16},
                               Field{"Application", 52, Kind::text16},
                               Field{"HT", 84, Kind::number},
                               Field{"Dose", 92, Kind::number},
                               Field{"Alpha tilt", 100, Kind::number},
                               Field{"Beta tilt", 108, Kind::number},
                               Field{"X-Stage", 116, Kind::number},
                               Field{"Y-Stage", 124, Kind::number},
                               Field{"Z-Stage", 132, Kind::number},
                               Field{"Pixel size X", 156, Kind::number},
                               Field{"Pixel size Y", 164, Kind::number},
                               Field{"Defocus", 220, Kind::number},
                               Field{"STEM Defocus", 228, Kind::number},
                               Field{"Instrument mode", 244, Kind::integer},
                               Field{"Magnification", 289, Kind::number},
                               Field{"Camera length", 301, Kind::number},
                               Field{"Convergence angle", 329, Kind::number},
                               Field{"Integration time", 419, Kind::number},
                               Field{"Camera name", 435, Kind::text16},
                               Field{"STEM Detector Name", 519, Kind::text16},
                               Field{"Gain", 535, Kind::number},
                               Field{"Offset", 543, Kind::number},
                               Field{"Dwell time", 571, Kind::number},
                               Field{"Frame time", 579, Kind::number},
                               Field{"Full scan FOV X", 603, Kind::number},
                               Field{"Full scan FOV Y", 611, Kind::number},
                               Field{"Scan rotation", 768, Kind::number}};

template <class T>
T take(std::string_view record, std::size_t offset) {
  T value{};
  std::memcpy(&value, record.data() + offset, sizeof value);
  return value;
}

std::string text_of(std::string_view record, std::size_t offset) {
  std::string text;
  for (const char letter : record.substr(offset, 16)) {
    if (letter < ' ' || letter > '~') break;
    text += letter;
  }
  return text;
}

nlohmann::json all_fields(std::string_view record) {
  nlohmann::json tree = nlohmann::json::object();
  for (const Field& field : fields) {
    const std::size_t size = field.kind == Kind::text16 ? 16 : field.kind == Kind::number ? 8 : 4;
    if (field.offset + size > record.size()) continue;
    if (field.kind == Kind::text16) {
      tree[field.name] = text_of(record, field.offset);
    } else if (field.kind == Kind::integer) {
      tree[field.name] = take<std::int32_t>(record, field.offset);
    } else if (const auto value = take<double>(record, field.offset); std::isfinite(value)) {
      tree[field.name] = value;
    }
  }
  return tree;
}

double positive(const nlohmann::json& tree, const char* name) {
  const double value = tree.value(name, 0.0);
  return value > 0 ? value : 0;
}

nlohmann::json by_hyperspy_names(const nlohmann::json& tree) {
  nlohmann::json metadata = nlohmann::json::object();
  auto& microscope = metadata["Acquisition_instrument"]["TEM"];
  const auto set = [&](const char* key, double value) {
    if (value > 0) microscope[key] = value;
  };
  set("beam_energy", positive(tree, "HT") / 1e3);                       // keV
  set("convergence_angle", positive(tree, "Convergence angle") * 1e3);  // mrad
  set("magnification", positive(tree, "Magnification"));
  set("camera_length", positive(tree, "Camera length") * 1e3);  // mm
  set("dwell_time", positive(tree, "Dwell time"));              // s
  if (const std::string name = tree.value("Microscope type", ""); !name.empty()) microscope["microscope"] = name;
  const int mode = tree.value("Instrument mode", 0);
  if (mode == 1 || mode == 2) microscope["acquisition_mode"] = mode == 2 ? "STEM" : "TEM";
  if (const std::string name = tree.value("STEM Detector Name", ""); !name.empty()) {
    metadata["General"]["title"] = name;
    microscope["Detector"]["detector_type"] = name;
  }
  return metadata;
}

}  // namespace

MrcExtended parse_mrc_extended(std::string_view type, std::string_view record) {
  MrcExtended result;
  const std::size_t size = type == "FEI1" ? fei1_size : type == "FEI2" ? fei2_size : 0;
  if (size == 0 || record.size() < size) return result;
  const auto claimed = take<std::int32_t>(record, 0);
  if (claimed < std::int32_t(fei1_size)) return result;
  result.original = all_fields(record.substr(0, size));
  result.metadata = by_hyperspy_names(result.original);
  const double x = positive(result.original, "Pixel size X"), y = positive(result.original, "Pixel size Y");
  const double smallest_m = 1e-13, largest_m = 1e-5;
  if (x > smallest_m && x < largest_m && std::abs(x - y) < 1e-3 * x) result.pixel_size_nm = x * 1e9;
  return result;
}

}  // namespace colonnade
