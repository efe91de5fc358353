// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/image/formats/emi.h"

#include <algorithm>

#include "colonnade/core/error.h"
#include "colonnade/image/formats/byte_source.h"
#include "colonnade/image/formats/json_access.h"
#include "colonnade/image/formats/ser.h"
#include "colonnade/image/formats/xml_tree.h"

namespace colonnade {

namespace {

using namespace std::string_view_literals;
using Json = nlohmann::json;

constexpr std::size_t most_objects = 1000, longest_object = 1 << 22;

/// The position of `mark` at or behind `from`; the file's size where there is none.
std::uint64_t find(ByteSource& source, std::string_view mark, std::uint64_t from) {
  constexpr std::uint64_t piece = 1 << 20;
  while (from < source.size()) {
    const std::string bytes = source.read_at_most(from, piece + mark.size() - 1);
    if (const auto found = bytes.find(mark); found != std::string::npos) return from + found;
    from += piece;
  }
  return source.size();
}

/// The list of {Label, Value, Unit} of the description, as one object: "Camera length" -> {"Value", "Unit"}.
Json described(const Json& object) {
  Json found = Json::object();
  const Json list = json_at(object, {"ObjectInfo", "ExperimentalDescription", "Root", "Data"});
  for (const Json& entry : list.is_array() ? list : Json::array({list})) {
    if (const std::string label = json_text(entry, {"Label"}); !label.empty()) found[label] = entry;
  }
  return found;
}

}  // namespace

bool is_emi(std::string_view head) { return head.starts_with("JK\x00\x02"sv); }

std::vector<Json> objects_of_emi(const std::filesystem::path& path) {
  ByteSource source(path);
  const std::string_view opening = "<ObjectInfo>", closing = "</ObjectInfo>";
  std::vector<Json> objects;
  std::uint64_t from = 0;
  while (objects.size() < most_objects) {
    const std::uint64_t start = find(source, opening, from);
    const std::uint64_t end = find(source, closing, start);
    if (end == source.size()) break;
    from = end + closing.size();
    objects.push_back(from - start > longest_object ? Json() : parse_xml(source.read(start, from - start)));
  }
  return objects;
}

Json metadata_of_emi(const Json& object) {
  Json metadata = Json::object(), tem = Json::object();
  const Json said = described(object);
  const auto value = [&](const char* label) { return json_number(said, {label, "Value"}); };
  const JsonPath volts = {"ObjectInfo", "ExperimentalConditions", "MicroscopeConditions", "AcceleratingVoltage"};
  if (const auto kilovolts = value("High tension")) {
    tem["beam_energy"] = *kilovolts;
  } else if (const auto voltage = json_number(object, volts)) {
    tem["beam_energy"] = *voltage / 1000;
  }
  if (const auto metres = value("Camera length")) tem["camera_length"] = *metres * 1000;
  if (const auto magnification = value("Magnification")) tem["magnification"] = *magnification;
  if (const auto angle = value("Stage A")) tem["Stage"]["tilt_alpha"] = *angle;
  if (const auto angle = value("Stage B")) tem["Stage"]["tilt_beta"] = *angle;
  if (const auto dwell = json_number(object, {"ObjectInfo", "AcquireInfo", "DwellTimePath"}))
    tem["dwell_time"] = *dwell;
  if (const std::string name = json_text(said, {"Microscope", "Value"}); !name.empty()) tem["microscope"] = name;
  if (const std::string mode = json_text(said, {"Mode", "Value"}); !mode.empty()) {
    tem["acquisition_mode"] = mode.find("STEM") != std::string::npos ? "STEM" : "TEM";
  }
  if (const std::string date = json_text(object, {"ObjectInfo", "AcquireDate"}); !date.empty()) {
    metadata["General"]["date"] = date;
  }
  if (!tem.empty()) metadata["Acquisition_instrument"]["TEM"] = std::move(tem);
  return metadata;
}

std::vector<StoredSignal> signals_of_emi(const std::filesystem::path& path) {
  std::vector<StoredSignal> signals;
  std::filesystem::path series = path;
  for (int number = 1; number <= int(most_objects); ++number) {
    series.replace_filename(fmt::format("{}_{}.ser", path.stem().string(), number));
    if (!std::filesystem::exists(series)) break;
    for (StoredSignal& signal : signals_of_ser(series)) {
      if (signal.title.empty()) signal.title = series.stem().string();
      signals.push_back(std::move(signal));
    }
  }
  if (signals.empty()) {
    fail("{}: an EMI file holds what is known about an image, not the image: put {}_1.ser beside it", path.string(),
         path.stem().string());
  }
  return signals;
}

}  // namespace colonnade
