// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/image/formats/signal_writer.h"

#include <algorithm>
#include <fstream>
#include <memory>

#include "colonnade/core/error.h"
#include "colonnade/core/units.h"
#include "colonnade/core/version.h"
#include "colonnade/image/formats/json_access.h"
#include "colonnade/image/formats/npy.h"
#include "colonnade/image/formats/signal_file.h"
#include "colonnade/image/formats/signal_form.h"
#include "colonnade/image/hdf5_file.h"

namespace colonnade {

namespace {

constexpr std::int64_t values_at_once = 1 << 24;

std::vector<std::int64_t> shape_of(const StoredSignal& signal) {
  std::vector<std::int64_t> shape;
  for (const SignalAxis& axis : signal.axes) shape.push_back(axis.size);
  return shape;
}

/// Calls `take(first entry, values)` for the whole signal, part by part.
template <class Take>
void for_parts(const StoredSignal& signal, Take take) {
  std::int64_t entry = 1;
  for (std::size_t i = 1; i < signal.axes.size(); ++i) entry *= std::max<std::int64_t>(signal.axes[i].size, 1);
  const std::int64_t step = std::max<std::int64_t>(1, values_at_once / entry), entries = signal.axes.front().size;
  for (std::int64_t first = 0; first < entries; first += step) {
    take(first, signal.read(first, std::min(step, entries - first)));
  }
}

std::string name_in_file(const std::string& title) {
  std::string name = title.empty() ? "signal" : title;
  std::replace(name.begin(), name.end(), '/', '-');
  return name == "." ? "signal" : name;
}

/// Without lists, which HyperSpy stores in a way of its own; and without what is of the file that was read.
nlohmann::json plain_tree(const nlohmann::json& tree) {
  nlohmann::json plain = nlohmann::json::object();
  for (const auto& [key, value] : tree.items()) {
    if (value.is_object()) plain[key] = plain_tree(value);
    if (value.is_primitive() && !value.is_null()) plain[key] = value;
  }
  return plain;
}

SignalDescription describe_for_file(const StoredSignal& signal) {
  SignalDescription description{name_in_file(signal.title), signal.intensity, signal.axes};
  for (const char* key : {"General", "Signal", "Acquisition_instrument", "Sample"}) {
    if (signal.metadata.contains(key) && signal.metadata[key].is_object()) {
      description.hyperspy[key] = plain_tree(signal.metadata[key]);
    }
  }
  description.metadata = signal.original.empty() ? signal.metadata : signal.original;
  return description;
}

/// The way Berkeley's format spells units: [n_m], [1/n_m].
std::string berkeley_unit(const std::string& unit) {
  if (unit == "nm") return "[n_m]";
  if (unit == "1/nm") return "[n_m^-1]";
  return unit.empty() || unit == "px" ? "[px]" : fmt::format("[{}]", unit);
}

void write_berkeley_axis(Hdf5File& file, const std::string& name, const SignalAxis& axis) {
  std::vector<double> places;
  for (std::int64_t i = 0; i < axis.size; ++i) places.push_back(axis.offset + axis.scale * double(i));
  file.write_doubles(name, places, {axis.size});
  file.write_text(name, "name", axis.name);
  file.write_text(name, "units", berkeley_unit(axis.unit));
}

}  // namespace

void write_hspy(const std::filesystem::path& path, const std::vector<StoredSignal>& signals) {
  SignalFile file(path);
  for (const StoredSignal& signal : signals) {
    file.begin(describe_for_file(signal));
    for_parts(signal, [&](std::int64_t, const std::vector<float>& values) { file.append(values); });
  }
  file.close();
}

void write_berkeley_emd(const std::filesystem::path& path, const std::vector<StoredSignal>& signals) {
  Hdf5File file(path, Hdf5File::Mode::create);
  file.write_integer("/", "version_major", 0);
  file.write_integer("/", "version_minor", 2);
  for (const char* group : {"microscope", "sample", "user", "comments", "data"}) file.make_group(group);
  file.write_text("comments", "written_by", std::string("Colonnade ") + version);
  for (const StoredSignal& signal : signals) {
    const std::string group = "data/" + name_in_file(signal.title);
    file.make_group(group);
    file.write_integer(group, "emd_group_type", 1);
    file.write_text(group, "name", signal.title);
    file.create_floats(group + "/data", shape_of(signal));
    for_parts(signal, [&](std::int64_t first, const std::vector<float>& values) {
      file.write_floats_at(group + "/data", first, values);
    });
    for (std::size_t i = 0; i < signal.axes.size(); ++i) {
      write_berkeley_axis(file, fmt::format("{}/dim{}", group, i + 1), signal.axes[i]);
    }
    const auto energy = json_number(signal.metadata, {"Acquisition_instrument", "TEM", "beam_energy"});
    if (energy && *energy > 0) {
      file.write_number("microscope", "voltage", *energy);
      file.write_text("microscope", "voltage_units", "kV");
    }
  }
  file.close();
}

void write_npy(const std::filesystem::path& path, const StoredSignal& signal) {
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file << npy_header(shape_of(signal));
  for_parts(signal, [&](std::int64_t, const std::vector<float>& values) {
    file.write(reinterpret_cast<const char*>(values.data()), std::streamsize(values.size() * sizeof(float)));
  });
  file.close();
  if (!file) fail("{}: writing failed; is the disk full?", path.string());
}

void write_csv(const std::filesystem::path& path, const Image& image) {
  std::ofstream file(path, std::ios::trunc);
  const std::string scale = image.pixel_size_nm > 0 ? fmt::format("{} nm per pixel", image.pixel_size_nm) : "no scale";
  file << fmt::format("# {} rows of {} pixels, {}, {}\n", image.height, image.width, scale, image.intensity);
  for (int y = 0; y < image.height; ++y) {
    const auto row = image.data.begin() + std::ptrdiff_t(y) * image.width;
    file << fmt::format("{}\n", fmt::join(row, row + image.width, ","));
  }
  file.close();
  if (!file) fail("{}: writing failed; is the disk full?", path.string());
}

StoredSignal signal_of(const Image& image) {
  const auto kept = std::make_shared<const Image>(image);
  StoredSignal signal;
  signal.title = image.title;
  signal.intensity = image.intensity;
  signal.metadata = image.metadata;
  if (signal.metadata.contains("original_metadata")) {
    signal.original = signal.metadata["original_metadata"];
    signal.metadata.erase("original_metadata");
  }
  signal.axes = describe_signal(image).axes;
  signal.read = [kept](std::int64_t first, std::int64_t count) {
    const auto row = kept->data.begin() + first * kept->width;
    return std::vector<float>(row, row + count * kept->width);
  };
  return signal;
}

void settle_units(StoredSignal& signal, const std::string& where) {
  for (SignalAxis& axis : signal.axes) {
    const double nm = nm_per_unit(axis.unit);
    if (nm <= 0) continue;
    axis.unit = "nm";
    axis.scale *= nm;
    axis.offset *= nm;
  }
  const SignalForm form = form_of(signal);
  if ((form != SignalForm::image && form != SignalForm::frames) || signal.axes.size() < 2) return;
  const double size = pixel_size(signal, where).nm;
  for (std::size_t i = signal.axes.size() - 2; i < signal.axes.size() && size > 0; ++i) {
    signal.axes[i].scale = size;
    signal.axes[i].unit = "nm";
  }
}

}  // namespace colonnade
