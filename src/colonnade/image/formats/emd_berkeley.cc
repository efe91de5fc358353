// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/image/formats/emd_berkeley.h"

#include <algorithm>
#include <cmath>

#include "colonnade/core/error.h"
#include "colonnade/image/formats/json_access.h"
#include "colonnade/image/formats/signal_form.h"

namespace colonnade {

namespace {

using Json = nlohmann::json;

constexpr std::int64_t longest_axis = 1 << 24;

/// Step and offset from the positions of an axis' points, of which 1.0 may store the first two only.
SignalAxis axis_of(const Hdf5Source& source, const std::string& dataset, std::int64_t size) {
  SignalAxis axis;
  axis.size = size;
  if (!source.file->has(dataset)) return axis;
  const Json attributes = source.file->attributes(dataset);
  axis.name = json_text(attributes, {"name"});
  axis.unit = json_text(attributes, {"units"});
  if (!source.file->is_numeric(dataset)) return axis;
  const auto positions = source.file->read_doubles(dataset, longest_axis);
  if (positions.empty() || !std::isfinite(positions.front())) return axis;
  axis.offset = positions.front();
  const double step = (positions.back() - positions.front()) / double(std::max<std::size_t>(positions.size(), 2) - 1);
  if (step != 0 && std::isfinite(step)) axis.scale = step;
  return axis;
}

/// py4DSTEM keeps the calibration of its arrays apart from them; its units are "A", "A^-1", "mrad" and "pixels".
void calibrate(StoredSignal& signal, const Hdf5Source& source, const std::string& group) {
  const std::string root = group.substr(0, group.find('/'));
  const std::string calibration = root + "/metadatabundle/calibration";
  if (!source.file->is_group(calibration)) return;
  const Json tree = source.tree(calibration);
  for (SignalAxis& axis : signal.axes) {
    if (kind_of_unit(axis.unit) != UnitKind::none) continue;
    const bool reciprocal = axis.name.starts_with("Q");
    const std::string kind = reciprocal ? "Q_pixel_" : "R_pixel_";
    const auto size = json_number(tree, {kind + "size"});
    const std::string unit = json_text(tree, {kind + "units"});
    if (!axis.name.starts_with("R") && !reciprocal) continue;
    if (!size || unit.empty() || unit == "pixels") continue;
    axis.scale = *size;
    axis.unit = unit;
  }
}

/// What version 0.2 says of the microscope, in SI units.
Json metadata_of(const Hdf5Source& source) {
  Json metadata = Json::object(), tem = Json::object();
  const Json microscope = source.file->is_group("microscope") ? source.file->attributes("microscope") : Json::object();
  const auto put = [&](const char* key, const char* name, double factor) {
    if (const auto number = json_number(microscope, {name}); number && *number > 0) tem[key] = *number * factor;
  };
  put("beam_energy", "high tension", 1e-3);
  put("beam_energy", "voltage", 1e-3);
  put("convergence_angle", "convergence angle", 1e3);
  put("camera_length", "camera length", 1e3);
  put("dwell_time", "dwell time", 1);
  put("magnification", "magnification", 1);
  if (const std::string name = json_text(microscope, {"name"}); !name.empty()) tem["microscope"] = name;
  if (!tem.empty()) metadata["Acquisition_instrument"]["TEM"] = tem;
  metadata["format"] = "Berkeley EMD";
  return metadata;
}

std::string data_of(const Hdf5File& file, const std::string& group) {
  const std::string name = group + "/data";
  return file.has(name) && !file.is_group(name) ? name : "";
}

/// The labels of the images of a stack, which 1.0 keeps at the place of the last axis.
std::vector<std::string> stack_labels(const Hdf5Source& source, const std::string& last_axis, std::int64_t size) {
  if (!source.file->has(last_axis) || source.file->is_numeric(last_axis)) return {};
  const auto labels = source.file->read_text_list(last_axis);
  return std::int64_t(labels.size()) == size ? labels : std::vector<std::string>{};
}

/// Slice by slice of the last axis.
std::vector<StoredSignal> labelled(const StoredSignal& stack, const std::vector<std::string>& labels,
                                   const ReadBox& box) {
  std::vector<StoredSignal> signals;
  for (std::size_t i = 0; i < labels.size(); ++i) {
    StoredSignal signal = stack;
    signal.title = labels[i].empty() ? fmt::format("{} {}", stack.title, i + 1) : labels[i];
    signal.axes.pop_back();
    BoxIndex shape;
    for (const SignalAxis& axis : signal.axes) shape.push_back(axis.size);
    signal.read = entries_of(
        [box, i](BoxIndex start, BoxIndex count) {
          start.push_back(std::int64_t(i));
          count.push_back(1);
          return box(start, count);
        },
        shape);
    settle_roles(signal);
    signals.push_back(std::move(signal));
  }
  return signals;
}

}  // namespace

bool is_emd_array(const Hdf5File& file, const std::string& group) {
  if (!file.has_attribute(group, "emd_group_type") || data_of(file, group).empty()) return false;
  const Json type = json_at(file.attributes(group), {"emd_group_type"});
  if (const auto number = number_in(type.is_string() ? type.get<std::string>() : type.dump())) return *number == 1;
  return type.is_string() && type != "root" && type != "metadata" && type != "metadatabundle";
}

std::vector<StoredSignal> signals_of_emd_array(const Hdf5Source& source, const std::string& group) {
  const std::string dataset = data_of(*source.file, group);
  StoredSignal signal = signal_of_dataset(source, dataset);
  const int first = source.file->has(group + "/dim0") ? 0 : 1;
  for (std::size_t i = 0; i < signal.axes.size(); ++i) {
    signal.axes[i] = axis_of(source, fmt::format("{}/dim{}", group, int(i) + first), signal.axes[i].size);
  }
  calibrate(signal, source, group);
  signal.metadata.update(metadata_of(source));
  signal.title = group.substr(group.rfind('/') + 1);
  signal.intensity = "arbitrary";
  for (const char* part : {"microscope", "sample", "user", "comments"}) {
    if (source.file->is_group(part)) signal.original[part] = source.file->attributes(part);
  }
  const std::size_t axes = signal.axes.size();
  const std::string last_axis = fmt::format("{}/dim{}", group, int(axes) - 1 + first);
  const auto labels = axes == 3 ? stack_labels(source, last_axis, signal.axes.back().size) : std::vector<std::string>{};
  if (!labels.empty() && signal.refusal.empty()) return labelled(signal, labels, source.box(dataset));
  settle_roles(signal);
  return {signal};
}

}  // namespace colonnade
