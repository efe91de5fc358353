// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/image/formats/tiff_metadata.h"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "colonnade/core/error.h"
#include "colonnade/core/units.h"
#include "colonnade/image/formats/byte_text.h"
#include "colonnade/image/formats/ini_tree.h"
#include "colonnade/image/formats/json_access.h"
#include "colonnade/image/formats/xml_tree.h"

namespace colonnade {

namespace {

using nlohmann::json;

constexpr char own_key[] = "colonnade";
constexpr std::uint32_t tag_fei_sfeg = 34680, tag_fei_helios = 34682, tag_zeiss = 34118;
constexpr std::int64_t most_pages = 1 << 20;

std::int64_t count_or_one(const std::string& text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && value >= 1 && value <= most_pages ? value : 1;
}

/// A length of so many nm on both sides, or nothing; fails where they differ.
std::optional<TiffScale> square(double x_nm, double y_nm, const std::string& source, const std::string& where) {
  if (!(x_nm > 0) || !std::isfinite(x_nm)) return std::nullopt;
  if (!(std::abs(x_nm - y_nm) <= 0.005 * x_nm)) {
    fail("{}: pixels of {:.6g} x {:.6g} nm are not square; resample the image first", where, x_nm, y_nm);
  }
  return TiffScale{x_nm, source, false};
}

TiffScaleClues read_clues(const TiffHandle& tiff) {
  TiffScaleClues clues;
  clues.description = tiff.text(TIFFTAG_IMAGEDESCRIPTION);
  float resolution = 0;
  if (TIFFGetField(tiff.get(), TIFFTAG_XRESOLUTION, &resolution)) clues.x_resolution = resolution;
  if (TIFFGetField(tiff.get(), TIFFTAG_YRESOLUTION, &resolution)) clues.y_resolution = resolution;
  clues.resolution_unit = tiff.value<std::uint16_t>(TIFFTAG_RESOLUTIONUNIT, RESUNIT_INCH);
  clues.dm_scale_x = tiff.private_number(65009);
  clues.dm_scale_y = tiff.private_number(65010);
  clues.dm_unit = tiff.private_text(65003);
  if (clues.dm_unit.empty()) clues.dm_unit = tiff.private_text(65012);
  return clues;
}

void read_imagej(TiffMetadata& result, const std::string& description) {
  const auto count = [&](const char* key) { return count_or_one(description_value(description, key)); };
  TiffStack& stack = result.stack;
  stack.channels = count("channels");
  stack.depth = count("slices");
  stack.frames = count("frames");
  const std::int64_t images = count("images");
  stack.stated = images > 1;
  if (stack.channels > most_pages / (stack.depth * stack.frames) || stack.pages() != images) {
    stack = {images > 1, 1, 1, images};
  }
  const auto number = [&](const char* key) { return number_in(description_value(description, key)).value_or(0); };
  stack.frame_interval_s = std::max(0.0, number("finterval"));
  stack.depth_step_nm = std::max(0.0, number("spacing")) * nm_per_unit(description_value(description, "unit"));
}

/// What write_tiff() kept beside the pixels. The pixel size is taken where it agrees with the tags, which are less
/// exact.
void restore_own(TiffMetadata& result, const std::string& description) {
  const auto own = json::parse(description_value(description, own_key), nullptr, false);
  if (!own.is_object()) return;
  if (own.contains("metadata") && own["metadata"].is_object()) result.metadata = own["metadata"];
  result.title = json_text(own, {"title"});
  if (const std::string text = json_text(own, {"intensity"}); !text.empty()) result.intensity = text;
  const double exact = own.contains("pixel_size_nm") ? json_number(own, {"pixel_size_nm"}).value_or(0) : 0;
  if (std::abs(exact - result.scale.pixel_size_nm) < 1e-6 * result.scale.pixel_size_nm) {
    result.scale.pixel_size_nm = exact;
  }
}

/// The first of several elements of a name, or the only one.
const json& first_of(const json& tree) { return tree.is_array() && !tree.empty() ? tree.front() : tree; }

void read_ome(TiffMetadata& result, const json& ome, const std::string& where) {
  const json& image = first_of(json_at(ome, {"OME", "Image"}));
  const json& pixels = first_of(json_at(image, {"Pixels"}));
  if (!pixels.is_object()) return;
  result.original["OME"] = ome.at("OME");
  result.title = json_text(image, {"Name"});
  TiffStack& stack = result.stack;
  const auto count = [&](const char* key) { return count_or_one(json_text(pixels, {key})); };
  stack = {true, count("SizeC"), count("SizeZ"), count("SizeT")};
  const std::string order = json_text(pixels, {"DimensionOrder"});
  std::string sorted = order.size() == 5 ? order.substr(2) : "";
  std::sort(sorted.begin(), sorted.end());
  if (sorted == "CTZ" && order.starts_with("XY")) stack.order = order.substr(2);
  const json& channels = json_at(pixels, {"Channel"});
  for (const json& channel : channels.is_array() ? channels : json::array({channels})) {
    stack.channel_names.push_back(json_text(channel, {"Name"}));
  }
  const auto length = [&](const char* key) {
    const std::string unit = json_text(pixels, {std::string(key) + "Unit"});
    return json_number(pixels, {key}).value_or(0) *
           (unit.empty() ? 1e3 : nm_per_unit(unit));  // micrometres unless said
  };
  const double x = length("PhysicalSizeX");
  stack.depth_step_nm = std::max(0.0, length("PhysicalSizeZ"));
  stack.frame_interval_s = std::max(0.0, json_number(pixels, {"TimeIncrement"}).value_or(0));
  const double y = json_at(pixels, {"PhysicalSizeY"}).is_null() ? x : length("PhysicalSizeY");
  if (const auto scale = square(x, y, "OME metadata (PhysicalSizeX)", where)) result.scale = *scale;
  if (const std::string date = json_text(image, {"AcquisitionDate"}); !date.empty()) {
    result.metadata["General"]["date"] = date.substr(0, date.find('T'));
  }
}

/// A value with its unit as FEI's XML has it: text or an attribute beside it.
double fei_length_nm(const json& value) {
  const double number = json_number(value, {}).value_or(json_number(value, {"text"}).value_or(0));
  const std::string unit = json_text(value, {"unit"});
  return number * (unit.empty() ? 1e9 : nm_per_unit(unit));
}

void read_fei(TiffMetadata& result, const std::string& text, const std::string& where) {
  const auto start = text.find('<');
  const bool is_xml = start != std::string::npos && text.find('=') > start;
  const json tree = is_xml ? parse_xml(std::string_view(text).substr(start)) : tree_of_ini(sound_utf8(text));
  if (!tree.is_object() || tree.empty()) return;
  result.original["fei_metadata"] = tree;
  double x = json_number(tree, {"Scan", "PixelWidth"}).value_or(0) * 1e9;
  double y = json_number(tree, {"Scan", "PixelHeight"}).value_or(0) * 1e9;
  if (is_xml) {
    const json& root = tree.begin().value();
    x = fei_length_nm(json_at(root, {"pixelWidth"}));
    y = fei_length_nm(json_at(root, {"pixelHeight"}));
  }
  const char* const source = "FEI's tag (PixelWidth)";
  if (const auto scale = square(x, y, source, where)) result.scale = *scale;
  auto& microscope = result.metadata["Acquisition_instrument"]["SEM"];
  const auto take = [&](const char* key, const JsonPath& path, double factor) {
    if (const auto value = json_number(tree, path); value && *value > 0) microscope[key] = *value * factor;
  };
  take("beam_energy", {"Beam", "HV"}, 1e-3);                    // keV
  take("dwell_time", {"Scan", "Dwelltime"}, 1);                 // s
  take("beam_current", {"EBeam", "BeamCurrent"}, 1e9);          // nA
  take("working_distance", {"Stage", "WorkingDistance"}, 1e3);  // mm
  if (const std::string name = json_text(tree, {"System", "SystemType"}); !name.empty())
    microscope["microscope"] = name;
  if (const std::string name = json_text(tree, {"Detectors", "Name"}); !name.empty()) {
    microscope["Detector"]["detector_type"] = name;
  }
}

bool is_name_letter(unsigned char letter) {
  return (letter >= 'A' && letter <= 'Z') || (letter >= '0' && letter <= '9') || letter == '_';
}

/// Zeiss: a column of numbers (the fourth is the size of a pixel, in m, on a screen of 1024), then a name in capitals
/// and "words = value unit" in turn.
json parse_zeiss(const std::string& text) {
  json tree = {{"numbers", json::array()}};
  std::string key;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    std::string line = text.substr(at, end - at);
    line.erase(line.find_last_not_of(" \r\0") + 1);
    at = end + 1;
    const bool is_name = line.size() > 3 && line[2] == '_' && std::all_of(line.begin(), line.end(), is_name_letter);
    if (is_name) {
      key = line;
    } else if (const auto equals = line.find('='); !key.empty() && equals != std::string::npos) {
      const auto first = line.find_first_not_of(' ', equals + 1);
      tree[key] = first == std::string::npos ? "" : sound_utf8(line.substr(first));
      key.clear();
    } else if (const auto number = number_in(line); key.empty() && number) {
      tree["numbers"].push_back(*number);
    }
  }
  return tree;
}

/// A number and its unit, such as "2.614 nm", in nm; 0 for anything else.
double zeiss_length_nm(const json& tree, const char* key) {
  const std::string text = json_text(tree, {key});
  const auto space = text.find(' ');
  if (space == std::string::npos) return 0;
  return number_in(text.substr(0, space)).value_or(0) * nm_per_unit(text.substr(space + 1));
}

void read_zeiss(TiffMetadata& result, const std::string& text, int width) {
  const json tree = parse_zeiss(text);
  result.original["CZ_SEM"] = tree;
  const json& numbers = tree["numbers"];
  const double exact = numbers.size() > 3 ? numbers[3].get<double>() * 1e9 * 1024 / width : 0;
  double rounded = zeiss_length_nm(tree, "AP_IMAGE_PIXEL_SIZE");
  if (rounded <= 0) rounded = zeiss_length_nm(tree, "AP_PIXEL_SIZE");
  const bool agree = rounded > 0 && std::abs(exact - rounded) < 0.02 * rounded;
  const double size = agree || rounded <= 0 ? exact : rounded;
  if (size > 0 && std::isfinite(size)) result.scale = {size, "Zeiss' tag", false};
  auto& microscope = result.metadata["Acquisition_instrument"]["SEM"];
  const auto leading_number = [&](const char* key) {
    const std::string value = json_text(tree, {key});
    return number_in(value.substr(0, value.find(' '))).value_or(0);
  };
  if (const double energy = leading_number("AP_ACTUALKV"); energy > 0) microscope["beam_energy"] = energy;
  if (const double factor = leading_number("AP_MAG"); factor > 0) microscope["magnification"] = factor;
  if (const double nm = zeiss_length_nm(tree, "AP_WD"); nm > 0) microscope["working_distance"] = nm * 1e-6;
  if (const std::string name = json_text(tree, {"DP_DETECTOR_TYPE"}); !name.empty()) {
    microscope["Detector"]["detector_type"] = name;
  }
}

/// JEOL's TEMs write XML; the size of a pixel is in XResolution, magnified.
void read_jeol(TiffMetadata& result, const json& jeol, const TiffScaleClues& clues) {
  const json& root = jeol.at("TemReporter");
  result.original["TemReporter"] = root;
  auto& microscope = result.metadata["Acquisition_instrument"]["TEM"];
  if (const auto volts = json_number(root, {"ElectronGun", "AccelerationVoltage"}); volts && *volts > 0) {
    microscope["beam_energy"] = *volts / 1e3;
  }
  const bool magnified = json_text(root, {"ImageFormingSystem", "ModeString"}) == "MAG";
  const double factor = json_number(root, {"ImageFormingSystem", "SelectorValue"}).value_or(0);
  const double per_unit = clues.x_resolution.value_or(0);
  if (!magnified || !(factor > 0) || !(per_unit > 0)) return;
  microscope["magnification"] = factor;
  const double nm = (clues.resolution_unit == RESUNIT_INCH ? 25.4e6 : 1e7) / per_unit / factor;
  if (std::isfinite(nm)) result.scale = {nm, "XResolution over JEOL's magnification", false};
}

}  // namespace

std::int64_t TiffStack::page(std::int64_t channel, std::int64_t section, std::int64_t frame) const {
  std::int64_t index = 0, stride = 1;
  for (const char letter : order) {
    index += stride * (letter == 'C' ? channel : letter == 'Z' ? section : frame);
    stride *= letter == 'C' ? channels : letter == 'Z' ? depth : frames;
  }
  return index;
}

TiffMetadata read_tiff_metadata(const TiffHandle& tiff, int width) {
  TiffMetadata result;
  const TiffScaleClues clues = read_clues(tiff);
  const std::string& description = clues.description;
  result.scale = find_tiff_scale(clues, tiff.where());
  if (description.starts_with("ImageJ=")) read_imagej(result, description);
  if (!description.empty()) result.original["ImageDescription"] = sound_utf8(description);
  restore_own(result, description);
  const auto markup = description.find('<');
  const json xml = markup < 8 ? parse_xml(std::string_view(description).substr(markup)) : json();
  if (xml.is_object() && xml.contains("OME")) read_ome(result, xml, tiff.where());
  if (xml.is_object() && xml.contains("TemReporter")) read_jeol(result, xml, clues);
  for (const std::uint32_t tag : {tag_fei_sfeg, tag_fei_helios}) {
    if (const std::string text = tiff.private_text(tag); !text.empty()) read_fei(result, text, tiff.where());
  }
  if (const std::string text = tiff.private_text(tag_zeiss); !text.empty()) read_zeiss(result, text, width);
  for (const auto& [name, tag] : {std::pair("Software", TIFFTAG_SOFTWARE), std::pair("DateTime", TIFFTAG_DATETIME)}) {
    if (const std::string text = tiff.text(std::uint32_t(tag)); !text.empty()) result.original[name] = sound_utf8(text);
  }
  result.metadata["format"] = "TIFF";
  result.metadata["scale_source"] = sound_utf8(result.scale.source);
  return result;
}

std::string tiff_description(const json& own, double pixel_size_nm, float low, float high, std::int64_t frames) {
  // ImageJ reads the lines as Java properties: JSON in ASCII on one line is a value like any other to it.
  const std::string stack = frames > 1 ? fmt::format("images={0}\nframes={0}\n", frames) : "";
  return fmt::format("ImageJ=1.53t\n{}{}min={}\nmax={}\n{}={}\n", stack, pixel_size_nm > 0 ? "unit=nm\n" : "", low,
                     high, own_key, own.dump(-1, ' ', true, json::error_handler_t::replace));
}

}  // namespace colonnade
