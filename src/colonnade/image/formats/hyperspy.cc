// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/image/formats/hyperspy.h"

#include <algorithm>
#include <array>

#include "colonnade/core/error.h"
#include "colonnade/image/formats/json_access.h"

namespace colonnade {

namespace {

using Json = nlohmann::json;

/// HyperSpy's marks for what JSON can say itself: "_None_", and names that begin with the type of a list.
Json plain(const Json& tree) {
  if (tree.is_string() && tree == "_None_") return nullptr;
  if (!tree.is_object()) return tree;
  Json result = Json::object();
  for (const auto& [key, value] : tree.items()) {
    std::string name = key;
    for (const std::string mark : {"_list_empty_", "_tuple_empty_", "_list_", "_tuple_"}) {
      if (name.starts_with(mark)) name = name.substr(mark.size());
    }
    if (name != "_HyperSpy") result[name] = plain(value);
  }
  return result;
}

void describe_axis(SignalAxis& axis, const Json& tree) {
  axis.name = json_text(tree, {"name"});
  axis.unit = json_text(tree, {"units"});
  axis.scale = json_number(tree, {"scale"}).value_or(1);
  axis.offset = json_number(tree, {"offset"}).value_or(0);
  axis.navigation = json_number(tree, {"navigate"}).value_or(0) != 0;
  const Json& points = json_at(tree, {"axis"});  // of an axis that is not uniform
  if (points.is_array() && points.size() > 1 && points.front().is_number() && points.back().is_number()) {
    axis.offset = points.front();
    axis.scale = (points.back().get<double>() - axis.offset) / double(points.size() - 1);
  }
}

/// What Image calls the quantity, where the metadata use one of its words.
std::string intensity_of(const Json& metadata) {
  static constexpr std::array known{"counts", "fraction of beam", "normalised", "atoms", "arbitrary"};
  const std::string quantity = json_text(metadata, {"Signal", "quantity"});
  return std::find(known.begin(), known.end(), quantity) != known.end() ? quantity : "arbitrary";
}

}  // namespace

void describe_by_hyperspy(StoredSignal& signal, const Json& group, const std::string& name) {
  const std::string dataset = signal.metadata.value("dataset", "");
  for (std::size_t i = 0; i < signal.axes.size(); ++i) {
    describe_axis(signal.axes[i], json_at(group, {fmt::format("axis-{}", i)}));
  }
  signal.metadata = plain(json_at(group, {"metadata"}));
  if (!signal.metadata.is_object()) signal.metadata = Json::object();
  signal.original = plain(json_at(group, {"original_metadata"}));
  if (!signal.original.is_object()) signal.original = Json::object();
  signal.title = json_text(signal.metadata, {"General", "title"});
  if (signal.title.empty() && name != "__unnamed__") signal.title = name;
  signal.intensity = intensity_of(signal.metadata);
  signal.metadata["format"] = "HyperSpy";
  if (!dataset.empty()) signal.metadata["dataset"] = dataset;
}

bool is_hyperspy(const Hdf5File& file) {
  if (!file.is_group("Experiments")) return false;
  const auto names = file.members("Experiments");
  return std::any_of(names.begin(), names.end(),
                     [&](const std::string& name) { return file.has(fmt::format("Experiments/{}/data", name)); });
}

std::vector<StoredSignal> signals_of_hyperspy(const Hdf5Source& source) {
  std::vector<StoredSignal> signals;
  for (const std::string& name : source.file->members("Experiments")) {
    const std::string group = "Experiments/" + name;
    if (!source.file->has(group + "/data") || source.file->is_group(group + "/data")) continue;
    StoredSignal signal = signal_of_dataset(source, group + "/data");
    describe_by_hyperspy(signal, source.tree(group), name);
    signals.push_back(std::move(signal));
  }
  return signals;
}

}  // namespace colonnade
