// SPDX-License-Identifier: GPL-3.0-or-later
// What DigitalMicrograph's tags say about the microscope, by HyperSpy's names.
#include "colonnade/core/error.h"
#include "colonnade/image/formats/digital_micrograph.h"
#include "colonnade/image/formats/json_access.h"

namespace colonnade {

namespace {

using Json = nlohmann::json;

/// Puts a number that is above zero (zero is what DigitalMicrograph writes for "not known").
void put(Json& target, const char* name, const std::optional<double>& number, double factor = 1) {
  if (number && *number > 0) target[name] = *number * factor;
}

std::optional<double> first_of(const Json& tags, std::initializer_list<JsonPath> paths) {
  for (const JsonPath& path : paths) {
    if (const auto number = json_number(tags, path); number && *number > 0) return number;
  }
  return std::nullopt;
}

std::string signal_type(const Json& tags) {
  std::string stated = json_text(tags, {"Meta Data", "Signal"});
  if (stated == "X-ray" || stated == "EDS" || stated == "EDX") return "EDS_TEM";
  return stated;
}

Json microscope(const Json& tags) {
  Json tem = Json::object();
  put(tem, "beam_energy", json_number(tags, {"Microscope Info", "Voltage"}), 1e-3);
  put(tem, "magnification",
      first_of(tags, {{"Microscope Info", "Actual Magnification"}, {"Microscope Info", "Indicated Magnification"}}));
  put(tem, "camera_length", json_number(tags, {"Microscope Info", "STEM Camera Length"}));
  put(tem, "beam_current", json_number(tags, {"Microscope Info", "Probe Current (nA)"}));
  put(tem, "dwell_time", json_number(tags, {"SI", "Acquisition", "Pixel time (s)"}));
  put(tem, "dwell_time", json_number(tags, {"DigiScan", "Sample Time"}), 1e-6);
  put(tem, "convergence_angle",
      first_of(tags, {{"EELS", "Experimental Conditions", "Convergence semi-angle (mrad)"},
                      {"EELS", "Convergence semi-angle (mrad)"},
                      {"Microscope Info", "Convergence semi-angle (mrad)"}}));
  put(tem["Detector"]["EELS"], "collection_angle",
      first_of(tags, {{"EELS", "Experimental Conditions", "Collection semi-angle (mrad)"},
                      {"EELS", "Collection semi-angle (mrad)"}}));
  if (tem["Detector"]["EELS"].is_null()) tem.erase("Detector");
  const std::string mode = json_text(tags, {"Microscope Info", "Illumination Mode"});
  if (!mode.empty()) tem["acquisition_mode"] = mode.starts_with("STEM") ? "STEM" : mode;
  for (const JsonPath& path : {JsonPath{"Microscope Info", "Microscope"}, JsonPath{"Microscope Info", "Name"}}) {
    if (const std::string name = json_text(tags, path); !name.empty() && !tem.contains("microscope")) {
      tem["microscope"] = name;
    }
  }
  const Json stage = json_at(tags, {"Microscope Info", "Stage Position"});
  if (const auto angle = json_number(stage, {"Stage Alpha"})) tem["Stage"]["tilt_alpha"] = *angle;
  if (const auto angle = json_number(stage, {"Stage Beta"})) tem["Stage"]["tilt_beta"] = *angle;
  return tem;
}

}  // namespace

Json metadata_of_dm_tags(const Json& image_tags, const std::string& title) {
  Json metadata = Json::object();
  metadata["General"]["title"] = title;
  for (const auto& [key, name] : {std::pair("date", "Acquisition Date"), std::pair("time", "Acquisition Time")}) {
    if (const std::string text = json_text(image_tags, {"DataBar", name}); !text.empty()) {
      metadata["General"][key] = text;
    }
  }
  metadata["Signal"]["signal_type"] = signal_type(image_tags);
  if (Json tem = microscope(image_tags); !tem.empty()) metadata["Acquisition_instrument"]["TEM"] = std::move(tem);
  return metadata;
}

}  // namespace colonnade
