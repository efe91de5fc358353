// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/image/formats/nion.h"

#include <algorithm>
#include <cmath>

#include "colonnade/core/error.h"
#include "colonnade/image/formats/npz.h"
#include "colonnade/image/formats/signal_form.h"

namespace colonnade {

namespace {

using nlohmann::json;

constexpr std::uint64_t longest_metadata = 64 << 20;

/// Null where the tree has no such member.
const json& member_of(const json& tree, const char* key) {
  static const json none;
  if (!tree.is_object()) return none;
  const auto found = tree.find(key);
  return found == tree.end() ? none : *found;
}

double number_or(const json& tree, const char* key, double fallback) {
  const json& value = member_of(tree, key);
  return value.is_number() && std::isfinite(value.get<double>()) ? value.get<double>() : fallback;
}

std::string text_or(const json& tree, const char* key) {
  const json& value = member_of(tree, key);
  return value.is_string() ? value.get<std::string>() : std::string();
}

/// Items of a library keep what describes the array in the first of "data_sources".
const json& data_properties(const json& properties) {
  const json& sources = member_of(properties, "data_sources");
  return sources.is_array() && !sources.empty() && sources.front().is_object() ? sources.front() : properties;
}

const json& calibrations_of(const json& data) {
  for (const char* key : {"dimensional_calibrations", "spatial_calibrations"}) {
    const json& list = member_of(data, key);
    if (list.is_array() && !list.empty()) return data.at(key);
  }
  static const json none = json::array();
  return none;
}

/// "frame" for a sequence, then the scan's axes, then those of what was recorded at each point.
std::string axis_name(std::size_t axis, std::size_t count, bool sequence, std::int64_t navigation) {
  if (sequence && axis == 0) return "frame";
  const std::size_t from_last = count - 1 - axis;
  const bool scanned = navigation - (sequence ? 1 : 0) > 0;
  if (std::int64_t(axis) < navigation) {
    const auto to_signal = std::size_t(navigation) - 1 - axis;
    return to_signal == 0 ? "x" : to_signal == 1 ? "y" : "collection";
  }
  if (std::size_t(navigation) + 1 == count) return "energy";
  return from_last == 0 ? (scanned ? "kx" : "x") : (scanned ? "ky" : "y");
}

void set_axes(StoredSignal& signal, const json& data, const std::string& where) {
  const json& calibrations = calibrations_of(data);
  const std::size_t count = signal.axes.size();
  if (!calibrations.empty() && calibrations.size() != count) {
    fail("{}: {} calibrations for an array of {} axes", where, calibrations.size(), count);
  }
  const json& sequence_flag = member_of(data, "is_sequence");
  const bool sequence = sequence_flag.is_boolean() && sequence_flag.get<bool>();
  const auto datum = std::int64_t(std::clamp(number_or(data, "datum_dimension_count", 0), 0.0, double(count)));
  const std::int64_t guessed = count > 2 ? std::int64_t(count) - 2 : 0;
  const std::int64_t navigation = datum > 0 ? std::int64_t(count) - datum : guessed;
  for (std::size_t i = 0; i < count; ++i) {
    SignalAxis& axis = signal.axes[i];
    axis.navigation = std::int64_t(i) < navigation;
    axis.name = axis_name(i, count, sequence, navigation);
    if (calibrations.empty() || !calibrations[i].is_object()) continue;
    axis.scale = number_or(calibrations[i], "scale", 1);
    axis.offset = number_or(calibrations[i], "offset", 0);
    axis.unit = text_or(calibrations[i], "units");
  }
}

json by_hyperspy_names(const json& properties, const json& data) {
  json metadata = json::object();
  const json& details = member_of(data.contains("metadata") ? data : properties, "metadata");
  const json& instrument = member_of(details, "instrument");
  const json& hardware = member_of(details, "hardware_source");
  const json& scan = member_of(details, "scan");
  json microscope = json::object();
  double voltage = number_or(instrument, "high_tension", 0);
  if (voltage <= 0) voltage = number_or(hardware, "high_tension_v", 0);
  if (voltage > 0) microscope["beam_energy"] = voltage / 1e3;
  if (const double angle = number_or(instrument, "convergence_angle_rad", 0); angle > 0) {
    microscope["convergence_angle"] = angle * 1e3;
  }
  double dwell_us = number_or(member_of(scan, "scan_device_parameters"), "pixel_time_us", 0);
  if (dwell_us <= 0) dwell_us = number_or(hardware, "pixel_time_us", 0);
  if (dwell_us > 0) microscope["dwell_time"] = dwell_us * 1e-6;
  if (!microscope.empty()) metadata["Acquisition_instrument"]["TEM"] = microscope;
  if (const std::string created = text_or(properties, "created"); !created.empty()) {
    metadata["General"]["date"] = created.substr(0, created.find('T'));
  }
  return metadata;
}

std::string title_of(const json& properties) {
  for (const char* key : {"title", "name", "data_item_title"}) {
    if (std::string title = text_or(properties, key); !title.empty()) return title;
  }
  return {};
}

}  // namespace

void describe_by_nion(StoredSignal& signal, const json& properties, const std::string& where) {
  const json& data = data_properties(properties);
  set_axes(signal, data, where);
  signal.title = title_of(properties);
  signal.metadata = by_hyperspy_names(properties, data);
  if (!signal.title.empty()) signal.metadata["General"]["title"] = signal.title;
  signal.metadata["format"] = "Nion Swift";
  if (signal.axes.size() > 1 && kind_of_unit(signal.axes.back().unit) == UnitKind::length) {
    signal.metadata["scale_source"] = fmt::format("Nion's calibration (unit {})", signal.axes.back().unit);
  }
  signal.original = properties;
}

bool is_nion(const ZipFile& zip) { return zip.has("metadata.json") && zip.has("data.npy"); }

std::vector<StoredSignal> signals_of_nion(const std::filesystem::path& path) {
  const ZipFile zip(path);
  const std::string where = path.string();
  const json properties = json::parse(zip.read("metadata.json", longest_metadata), nullptr, false);
  if (!properties.is_object()) fail("{}: metadata.json inside cannot be read", where);
  StoredSignal signal;
  for (const ZipFile::Member& member : zip.members()) {
    if (member.name == "data.npy") signal = npz_signal(path, zip, member);
  }
  describe_by_nion(signal, properties, where);
  return {signal};
}

}  // namespace colonnade
