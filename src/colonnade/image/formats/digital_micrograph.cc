// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/image/formats/digital_micrograph.h"

#include <algorithm>
#include <optional>
#include <set>

#include "colonnade/core/error.h"
#include "colonnade/image/formats/json_access.h"
#include "colonnade/image/formats/signal_form.h"

namespace colonnade {

namespace {

using Json = nlohmann::json;

struct Samples {
  std::optional<SampleType> type;
  std::string refusal;
};

/// ImageData.DataType.
Samples samples_of(std::int64_t type) {
  switch (type) {
    case 1:
      return {SampleType::int16, ""};
    case 2:
      return {SampleType::float32, ""};
    case 6:
      return {SampleType::uint8, ""};
    case 7:
      return {SampleType::int32, ""};
    case 9:
      return {SampleType::int8, ""};
    case 10:
      return {SampleType::uint16, ""};
    case 11:
      return {SampleType::uint32, ""};
    case 12:
      return {SampleType::float64, ""};
    case 14:
      return {SampleType::boolean, ""};
    case 39:
      return {SampleType::int64, ""};
    case 40:
      return {SampleType::uint64, ""};
    case 3:
    case 5:
    case 13:
    case 27:
    case 28:
      return {std::nullopt, "its numbers are complex; save the modulus or the phase"};
    case 8:
    case 23:
      return {std::nullopt, "it is a colour image; save the greyscale original"};
    default:
      return {std::nullopt, fmt::format("its data type {} is not known", type)};
  }
}

/// Indices in the list of images that are thumbnails of others.
std::set<std::string> thumbnails(const Json& tree) {
  std::set<std::string> found;
  const Json list = json_at(tree, {"Thumbnails"});
  if (!list.is_object()) return found;
  for (const auto& entry : list) {
    if (const auto index = json_number(entry, {"ImageIndex"})) found.insert(fmt::format("TagGroup{}", *index));
  }
  return found;
}

/// The data of one entry of the list: where they are, checked against the size that the tags claim.
DmImage image_of(const Json& tags, const std::filesystem::path& path, bool big_endian) {
  const std::string where = path.string();
  DmImage image;
  image.tags = tags;
  const Json dimensions = json_at(tags, {"ImageData", "Dimensions"});
  for (int i = 0; dimensions.is_object() && dimensions.contains(fmt::format("Data{}", i)); ++i) {
    image.shape.insert(image.shape.begin(),
                       std::int64_t(json_number(dimensions, {fmt::format("Data{}", i)}).value_or(-1)));
  }
  if (image.shape.empty() || image.shape.size() > 8)
    fail("{}: damaged: an image of {} dimensions", where, image.shape.size());
  const Samples samples = samples_of(std::int64_t(json_number(tags, {"ImageData", "DataType"}).value_or(0)));
  image.refusal = samples.refusal;
  if (!samples.type) return image;
  image.type = *samples.type;
  const auto offset = json_number(tags, {"ImageData", "Data", "array_offset"});
  const auto count = json_number(tags, {"ImageData", "Data", "array_count"});
  const auto code = json_number(tags, {"ImageData", "Data", "array_type"});
  const std::int64_t values = checked_product(image.shape, where);
  const double held = code && count ? *count * double(dm_type_size(std::int64_t(*code))) : 0;
  if (!offset || held != double(values) * double(byte_size(image.type))) {
    fail("{}: damaged: {:.0f} bytes for an image of ({}) {}", where, held, fmt::join(image.shape, ", "),
         type_name(image.type));
  }
  image.read = raw_box({path, std::uint64_t(*offset), image.type, big_endian, image.shape});
  return image;
}

SignalAxis axis_of(const Json& calibration, std::int64_t size) {
  SignalAxis axis;
  axis.size = size;
  axis.scale = json_number(calibration, {"Scale"}).value_or(1);
  axis.offset = -json_number(calibration, {"Origin"}).value_or(0) * axis.scale;
  axis.unit = json_text(calibration, {"Units"});
  if (axis.scale == 0) axis.scale = 1;
  return axis;
}

bool is_energy(const SignalAxis& axis) {
  return axis.unit == "eV" || axis.unit == "keV" || axis.unit == "meV" || axis.unit == "ev" || axis.unit == "kev";
}

/// Where the axis of a spectrum stands, if there is one.
std::optional<std::size_t> spectral_axis(const std::vector<SignalAxis>& axes, const std::string& format) {
  for (std::size_t i = axes.size(); i-- > 0;) {
    if (is_energy(axes[i])) return i;
  }
  if (format == "Spectrum") return axes.size() - 1;
  if (format == "Spectrum image" && axes.size() > 1) return 0;
  return std::nullopt;
}

void name_spatial_axes(std::vector<SignalAxis>& axes) {
  const std::size_t last = axes.size() - 1;
  if (axes.size() > 1) axes[last - 1].name = "y";
  axes[last].name = "x";
  for (std::size_t i = 0; i + 2 < axes.size(); ++i) {
    axes[i].name = axes.size() == 3 ? "frame" : fmt::format("scan {}", i + 1);
    axes[i].navigation = true;
  }
}

/// Spectra last, as everywhere here: planes of one energy each are what DigitalMicrograph stores.
void arrange_spectra(StoredSignal& signal, const DmImage& image, std::size_t spectral) {
  signal.axes[spectral].name = "energy";
  for (std::size_t i = 0; i < signal.axes.size(); ++i) signal.axes[i].navigation = i != spectral;
  if (spectral == 0 && signal.axes.size() > 1) {
    std::rotate(signal.axes.begin(), signal.axes.begin() + 1, signal.axes.end());
    if (image.read) signal.read = entries_with_first_axis_last(image.read, image.shape);
  }
  if (signal.axes.size() > 1) signal.axes[signal.axes.size() - 2].name = "x";
  if (signal.axes.size() > 2) signal.axes[signal.axes.size() - 3].name = "y";
}

}  // namespace

StoredSignal signal_of_dm_image(const DmImage& given, const std::string& where) {
  DmImage image = given;
  const Json calibrations = json_at(image.tags, {"ImageData", "Calibrations", "Dimension"});
  StoredSignal signal;
  for (std::size_t i = 0; i < image.shape.size(); ++i) {
    const Json calibration = json_at(calibrations, {fmt::format("TagGroup{}", image.shape.size() - 1 - i)});
    signal.axes.push_back(axis_of(calibration, image.shape[i]));
  }
  signal.title = json_text(image.tags, {"Name"});
  signal.type = image.type;
  signal.refusal = image.refusal;
  signal.original = image.tags;
  signal.metadata = metadata_of_dm_tags(json_at(image.tags, {"ImageTags"}), signal.title);
  signal.metadata["format"] = "DigitalMicrograph";
  checked_product(image.shape, where);
  const std::string format = json_text(image.tags, {"ImageTags", "Meta Data", "Format"});
  const bool is_spectral = spectral_axis(signal.axes, format).has_value();
  while (is_spectral && image.shape.size() > 1 && image.shape.front() == 1) {  // spectra come as (1, channels)
    image.shape.erase(image.shape.begin());
    signal.axes.erase(signal.axes.begin());
    if (image.read) {
      image.read = [inner = image.read](BoxIndex start, BoxIndex count) {
        start.insert(start.begin(), 0);
        count.insert(count.begin(), 1);
        return inner(start, count);
      };
    }
  }
  if (image.read) signal.read = entries_of(image.read, image.shape);
  if (const auto spectral = spectral_axis(signal.axes, format)) {
    arrange_spectra(signal, image, *spectral);
  } else {
    name_spatial_axes(signal.axes);
    signal.metadata["Signal"]["signal_type"] = "";
  }
  return signal;
}

std::vector<StoredSignal> signals_of_digital_micrograph(const std::filesystem::path& path) {
  const DmTags tags = read_dm_tags(path);
  const Json list = json_at(tags.tree, {"ImageList"});
  if (!list.is_object()) fail("{}: the file of DigitalMicrograph holds no list of images", path.string());
  const std::set<std::string> left_out = thumbnails(tags.tree);
  std::vector<StoredSignal> signals;
  for (std::size_t i = 0; i < list.size(); ++i) {
    const std::string name = fmt::format("TagGroup{}", i);
    if (!list.contains(name) || (left_out.contains(name) && list.size() > 1)) continue;
    const Json& entry = list[name];
    if (!json_at(entry, {"ImageData", "Data"}).is_object()) continue;
    signals.push_back(signal_of_dm_image(image_of(entry, path, tags.big_endian), path.string()));
  }
  if (signals.size() > 1 && left_out.empty() && !signals.front().refusal.empty()) signals.erase(signals.begin());
  return signals;
}

}  // namespace colonnade
