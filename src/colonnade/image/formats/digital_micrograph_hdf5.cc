// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/image/formats/digital_micrograph_hdf5.h"

#include <set>

#include "colonnade/core/error.h"
#include "colonnade/image/formats/digital_micrograph.h"
#include "colonnade/image/formats/json_access.h"

namespace colonnade {

namespace {

using Json = nlohmann::json;

/// "[3]" as TagGroup3, which is what such groups are called in the older files.
Json renamed(const Json& tree) {
  if (!tree.is_object()) return tree;
  Json result = Json::object();
  for (const auto& [key, value] : tree.items()) {
    const bool numbered = key.size() > 2 && key.front() == '[' && key.back() == ']';
    result[numbered ? "TagGroup" + key.substr(1, key.size() - 2) : key] = renamed(value);
  }
  return result;
}

/// The images that are shown, by way of their sources; others are thumbnails. All, where the file does not say.
std::set<std::string> shown_images(const Hdf5Source& source) {
  std::set<std::string> shown;
  if (!source.file->is_group("ImageSourceList")) return shown;
  for (const auto& entry : source.tree("ImageSourceList")) {
    if (const auto number = json_number(entry, {"ImageRef"})) shown.insert(fmt::format("[{}]", *number));
  }
  return shown;
}

}  // namespace

bool is_dm5(const Hdf5File& file) {
  if (!file.is_group("ImageList")) return false;
  for (const std::string& name : file.members("ImageList")) {
    if (file.is_group("ImageList/" + name + "/ImageData")) return true;
  }
  return false;
}

std::vector<StoredSignal> signals_of_dm5(const Hdf5Source& source) {
  const auto shown = shown_images(source);
  std::vector<StoredSignal> signals;
  for (const std::string& name : source.file->members("ImageList")) {
    const std::string group = "ImageList/" + name, data = group + "/ImageData/Data";
    if (!source.file->has(data) || (!shown.empty() && !shown.contains(name))) continue;
    const StoredSignal plain = signal_of_dataset(source, data);
    DmImage image;
    image.tags = renamed(source.tree(group));
    image.type = plain.type;
    image.refusal = plain.refusal;
    for (const SignalAxis& axis : plain.axes) image.shape.push_back(axis.size);
    if (image.refusal.empty()) image.read = source.box(data);
    StoredSignal signal = signal_of_dm_image(image, source.where);
    signal.metadata["format"] = "DigitalMicrograph 5";
    signals.push_back(std::move(signal));
  }
  return signals;
}

}  // namespace colonnade
