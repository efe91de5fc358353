// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/image/formats/hdf5_signals.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "colonnade/core/error.h"
#include "colonnade/image/formats/byte_text.h"
#include "colonnade/image/formats/digital_micrograph_hdf5.h"
#include "colonnade/image/formats/emd_berkeley.h"
#include "colonnade/image/formats/hdf5_source.h"
#include "colonnade/image/formats/hyperspy.h"
#include "colonnade/image/formats/json_access.h"
#include "colonnade/image/formats/velox.h"
#include "colonnade/image/trial.h"

namespace colonnade {

namespace {

using namespace std::string_view_literals;

constexpr int deepest_group = 24;
constexpr std::size_t most_objects = 20000;
constexpr std::int64_t narrowest_image = 8;  // datasets narrower than this are tables

/// Paths of all objects below `group`, without end even where links run in circles.
void collect(const Hdf5File& file, const std::string& group, int depth, std::vector<std::string>& found) {
  if (depth > deepest_group) return;
  for (const std::string& member : file.members(group)) {
    if (found.size() >= most_objects) return;
    const std::string name = group.empty() ? member : fmt::format("{}/{}", group, member);
    found.push_back(name);
    if (file.is_group(name)) collect(file, name, depth + 1, found);
  }
}

/// Datasets of two dimensions, leading ones aside, wide enough to be images.
std::vector<std::string> image_datasets(const Hdf5File& file, const std::vector<std::string>& objects) {
  std::vector<std::string> found;
  for (const std::string& name : objects) {
    if (!file.is_numeric(name)) continue;
    auto shape = file.shape(name);
    while (shape.size() > 2 && shape.front() == 1) shape.erase(shape.begin());
    if (shape.size() == 2 && shape[0] >= narrowest_image && shape[1] >= narrowest_image) found.push_back(name);
  }
  return found;
}

StoredSignal own_signal(const Hdf5Source& source, const std::string& dataset) {
  StoredSignal signal = signal_of_dataset(source, dataset);
  const double size = source.file->read_number(dataset, "pixel_size_nm");
  if (!(size >= 0) || !std::isfinite(size)) fail("{}: '{}' has the pixel size {}", source.where, dataset, size);
  for (SignalAxis& axis : signal.axes) {
    axis.unit = size > 0 ? "nm" : "px";
    axis.scale = size > 0 ? size : 1;
  }
  const auto text = [&](const char* attribute) {
    return source.file->has_attribute(dataset, attribute) ? source.file->read_text(dataset, attribute) : "";
  };
  signal.title = text("title");
  signal.intensity = text("intensity").empty() ? "arbitrary" : text("intensity");
  signal.metadata["scale_source"] = "attribute pixel_size_nm";
  signal.metadata["format"] = "Colonnade HDF5";
  return signal;
}

/// By name; what lies deeper than a single dataset at the top is not what is meant.
std::vector<StoredSignal> plain_signals(const Hdf5Source& source, const std::vector<std::string>& objects) {
  const auto all = image_datasets(*source.file, objects);
  if (all.empty()) fail("{}: the HDF5 file holds no image (a numeric dataset of two dimensions)", source.where);
  const auto is_deep = [](const std::string& name) { return name.find('/') != std::string::npos; };
  const bool one_at_top = std::count_if(all.begin(), all.end(), is_deep) == std::ptrdiff_t(all.size()) - 1;
  std::vector<StoredSignal> signals;
  for (const std::string& name : all) {
    StoredSignal signal = signal_of_dataset(source, name);
    signal.title = name;
    signal.intensity = "arbitrary";
    signal.secondary = one_at_top && is_deep(name);
    signal.metadata["format"] = "HDF5";
    signals.push_back(std::move(signal));
  }
  return signals;
}

std::vector<StoredSignal> signals_as_stored(const Hdf5Source& source) {
  const Hdf5File& file = *source.file;
  if (is_velox(file)) return signals_of_velox(source);
  if (is_dm5(file)) return signals_of_dm5(source);
  if (is_hyperspy(file)) return signals_of_hyperspy(source);
  std::vector<std::string> objects;
  collect(file, "", 0, objects);
  std::vector<StoredSignal> own, emd;
  for (const std::string& name : objects) {
    if (file.is_numeric(name) && file.has_attribute(name, "pixel_size_nm")) own.push_back(own_signal(source, name));
    if (!is_emd_array(file, name)) continue;
    for (StoredSignal& signal : signals_of_emd_array(source, name)) emd.push_back(std::move(signal));
  }
  if (!own.empty()) return own;
  return emd.empty() ? plain_signals(source, objects) : emd;
}

/// Names of groups and attributes are bytes of any kind; from here on they are text.
std::vector<StoredSignal> signals_of(const Hdf5Source& source) {
  auto signals = signals_as_stored(source);
  for (StoredSignal& signal : signals) {
    signal.title = sound_utf8(signal.title);
    signal.intensity = sound_utf8(signal.intensity);
    for (SignalAxis& axis : signal.axes) {
      axis.name = sound_utf8(axis.name);
      axis.unit = sound_utf8(axis.unit);
    }
    signal.metadata = sound_json(signal.metadata);
    signal.original = sound_json(signal.original);
  }
  return signals;
}

}  // namespace

bool is_hdf5(std::string_view head) {
  if (head.starts_with("MATLAB ")) return false;  // version 7.3 is HDF5 inside, with its axes swapped
  for (std::size_t at = 0; at < head.size(); at = at == 0 ? 512 : 2 * at) {
    if (head.substr(at).starts_with("\x89HDF\r\n\x1A\n"sv)) return true;
  }
  return false;
}

std::vector<StoredSignal> signals_of_hdf5(const std::filesystem::path& path) {
  const auto look = [&] { signals_of({std::make_shared<const Hdf5File>(path, Hdf5File::Mode::read), path.string()}); };
  if (!ends_well(look)) {
    fail("{}: damaged HDF5 file: the HDF5 library falls over it, or finds no end; copy it again", path.string());
  }
  return signals_of({std::make_shared<const Hdf5File>(path, Hdf5File::Mode::read), path.string()});
}

std::vector<StoredSignal> signals_of_hdf5_bytes(std::string bytes, const std::filesystem::path& name) {
  return signals_of({std::make_shared<const Hdf5File>(std::move(bytes), name), name.string()});
}

}  // namespace colonnade
