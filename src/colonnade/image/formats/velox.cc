// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/image/formats/velox.h"

#include <algorithm>
#include <cctype>
#include <map>

#include "colonnade/core/error.h"
#include "colonnade/image/formats/json_access.h"

namespace colonnade {

namespace {

using Json = nlohmann::json;

/// JSON of a dataset that holds a text; null where it holds none.
Json json_of(const Hdf5Source& source, const std::string& dataset) {
  if (dataset.empty() || !source.file->has(dataset) || source.file->is_group(dataset)) return nullptr;
  const auto texts = source.file->read_text_list(dataset);
  Json parsed = texts.empty() ? Json() : Json::parse(texts.front(), nullptr, false);
  return parsed.is_discarded() ? Json() : parsed;
}

std::vector<std::string> members(const Hdf5Source& source, const std::string& group) {
  return source.file->is_group(group) ? source.file->members(group) : std::vector<std::string>{};
}

std::string last_part(const std::string& path) { return path.substr(path.rfind('/') + 1); }

/// "Experiment%20Log" as "Experiment Log".
std::string without_escapes(const std::string& text) {
  std::string plain;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool escaped = text[i] == '%' && i + 2 < text.size() && text.compare(i, 3, "%20") == 0;
    plain += escaped ? ' ' : text[i];
    if (escaped) i += 2;
  }
  return plain;
}

/// What the displays call the images, by the images' names in the file. From version 11 on displays lead to the data
/// by a reference; before, they name it.
std::map<std::string, std::string> labels(const Hdf5Source& source) {
  std::map<std::string, std::string> found;
  for (const std::string& name : members(source, "Displays/ImageDisplay")) {
    const Json display = json_of(source, "Displays/ImageDisplay/" + name);
    const Json reference = json_of(source, json_text(display, {"data"}));
    const std::string title = json_text(display, {"title"});
    const std::string data = last_part(json_text(reference, {"dataPath"}));
    if (!data.empty()) found.emplace(data, title.empty() ? json_text(display, {"id"}) : title);
  }
  for (const std::string& name : members(source, "Presentation/Displays/ImageDisplay")) {
    const Json display = json_of(source, "Presentation/Displays/ImageDisplay/" + name);
    const std::string data = last_part(json_text(display, {"dataPath"}));
    if (!data.empty()) found.emplace(data, without_escapes(json_text(display, {"display", "label"})));
  }
  for (const char* kind : {"StemInputOperation", "CameraInputOperation"}) {
    const std::string group = fmt::format("Operations/{}", kind);
    for (const std::string& name : members(source, group)) {
      const Json operation = json_of(source, fmt::format("{}/{}", group, name));
      const std::string data = last_part(json_text(operation, {"dataPath"})),
                        detector = json_text(operation, {"detector"});
      if (!data.empty()) found.emplace(data, detector.empty() ? json_text(operation, {"cameraName"}) : detector);
    }
  }
  return found;
}

/// The element of a title such as "Pt", "Pt L" or "Pt-La"; empty where it is none.
std::string element_of(const std::string& title) {
  if (title.empty() || std::isupper(static_cast<unsigned char>(title[0])) == 0) return "";
  const bool two = title.size() > 1 && std::islower(static_cast<unsigned char>(title[1])) != 0;
  std::string symbol = title.substr(0, two ? 2 : 1);
  const std::string rest = title.substr(symbol.size());
  if (rest.empty()) return symbol;
  const bool parted = rest[0] == ' ' || rest[0] == '-' || rest[0] == '_';
  const bool line =
      parted && rest.size() > 1 && rest.size() < 6 && (rest[1] == 'K' || rest[1] == 'L' || rest[1] == 'M');
  return line ? symbol : "";
}

void add_frames(StoredSignal& signal, const Hdf5Source& source, const std::string& dataset, const Json& record) {
  const BoxIndex shape = source.file->shape(dataset);
  if (shape.size() != 3) fail("{}: '{}' has {} dimensions, not three", source.where, dataset, shape.size());
  checked_product(shape, source.where);
  signal.axes = {velox_axis(record, "y", shape[0]), velox_axis(record, "x", shape[1])};
  const bool several = shape[2] > 1;
  if (several) {
    const double time = json_number(record, {"Scan", "FrameTime"}).value_or(1);
    signal.axes.insert(signal.axes.begin(), SignalAxis{"frame", "s", shape[2], time, 0, true});
  }
  if (!source.file->is_numeric(dataset)) {
    signal.refusal = "its numbers are complex; save the modulus or the phase";
    return;
  }
  signal.type = source.file->sample_type(dataset);
  signal.read =
      several ? entries_with_last_axis_first(source.box(dataset), shape) : entries_of(source.box(dataset), shape);
}

StoredSignal image_signal(const Hdf5Source& source, const std::string& group, const std::string& label) {
  const Json record = velox_record(source, group);
  StoredSignal signal;
  add_frames(signal, source, group + "/Data", record);
  signal.metadata = metadata_of_velox(record);
  signal.original = record.is_object() ? record : Json::object();
  signal.title = label;
  if (signal.title.empty()) signal.title = json_text(record, {"BinaryResult", "Detector"});
  const bool scanned = json_text(velox_detector(record), {"DetectorType"}) == "ScanningDetector";
  if (const std::string element = element_of(signal.title); !element.empty() && !scanned) {
    signal.metadata["Sample"]["elements"] = Json::array({element});
    signal.secondary = true;
  }
  const Json result = json_at(record, {"BinaryResult", "PixelSize", "width"});
  if (!json_number(record, {"BinaryResult", "PixelSize", "width"}) && signal.axes.back().unit == "nm") {
    signal.metadata["scale_source"] = "Velox' field of view, as it states no size of a pixel";
  }
  return signal;
}

}  // namespace

bool is_velox(const Hdf5File& file) {
  for (const char* group : {"Data/Image", "Data/Spectrum", "Data/SpectrumStream"}) {
    if (file.is_group(group)) return true;
  }
  return false;
}

std::vector<StoredSignal> signals_of_velox(const Hdf5Source& source) {
  const auto titles = labels(source);
  std::vector<StoredSignal> signals;
  for (const std::string& name : members(source, "Data/Image")) {
    const std::string group = "Data/Image/" + name;
    if (!source.file->has(group + "/Data")) continue;
    const auto label = titles.find(name);
    signals.push_back(image_signal(source, group, label == titles.end() ? "" : label->second));
  }
  for (StoredSignal& signal : spectra_of_velox(source)) signals.push_back(std::move(signal));
  for (StoredSignal& signal : signals) {
    signal.metadata["General"]["title"] = signal.title;
    signal.metadata["format"] = "Velox EMD";
  }
  return signals;
}

}  // namespace colonnade
