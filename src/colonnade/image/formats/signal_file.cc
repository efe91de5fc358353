// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/image/formats/signal_file.h"

#include <algorithm>

#include "colonnade/core/error.h"
#include "colonnade/core/version.h"

namespace colonnade {

namespace {

const std::string emd_root = "colonnade";

std::vector<std::int64_t> shape_of(const SignalDescription& description) {
  std::vector<std::int64_t> shape;
  for (const auto& axis : description.axes) shape.push_back(axis.size);
  return shape;
}

void check(const SignalDescription& description, const std::filesystem::path& path) {
  if (description.title.empty() || description.title.find('/') != std::string::npos) {
    fail("{}: a signal cannot be called '{}'; give it a name without '/'", path.string(), description.title);
  }
  if (description.axes.empty()) fail("{}: signal '{}' has no axes", path.string(), description.title);
  for (const auto& axis : description.axes) {
    if (axis.size < 1) {
      fail("{}: axis '{}' of signal '{}' has {} entries", path.string(), axis.name, description.title, axis.size);
    }
  }
}

/// JSON as groups and attributes, the way HyperSpy stores its metadata; lists as their JSON text.
void write_tree(Hdf5File& file, const std::string& group, const nlohmann::json& json) {
  file.make_group(group);
  for (const auto& [key, value] : json.items()) {
    if (value.is_object()) {
      write_tree(file, fmt::format("{}/{}", group, key), value);
    } else if (value.is_boolean()) {
      file.write_boolean(group, key, value.get<bool>());
    } else if (value.is_number_integer()) {
      file.write_integer(group, key, value.get<std::int64_t>());
    } else if (value.is_number()) {
      file.write_number(group, key, value.get<double>());
    } else {
      file.write_text(group, key, value.is_string() ? value.get<std::string>() : value.dump());
    }
  }
}

/// One piece of EMD 1.0 metadata.
void write_emd_item(Hdf5File& file, const std::string& name, const nlohmann::json& value) {
  if (value.is_number()) {
    file.write_doubles(name, {value.get<double>()}, {});
    file.write_text(name, "type", "number");
  } else {
    file.write_text_dataset(name, value.is_string() ? value.get<std::string>() : value.dump());
    file.write_text(name, "type", "string");
  }
}

/// Scan axes first, then two of the detector: what py4DSTEM calls a datacube.
bool is_datacube(const SignalDescription& description) {
  const auto& axes = description.axes;
  return axes.size() == 4 && axes[0].navigation && axes[1].navigation && !axes[2].navigation && !axes[3].navigation;
}

}  // namespace

SignalDescription describe_signal(const Image& image) {
  const bool known = image.pixel_size_nm > 0;
  SignalDescription description;
  description.title = image.title.empty() ? "image" : image.title;
  std::replace(description.title.begin(), description.title.end(), '/', '-');
  description.quantity = image.intensity;
  description.metadata = image.metadata;
  for (const auto& [name, size] : {std::pair("y", image.height), std::pair("x", image.width)}) {
    description.axes.push_back({name, known ? "nm" : "px", size, known ? image.pixel_size_nm : 1, 0, false});
  }
  return description;
}

SignalFile::SignalFile(const std::filesystem::path& path) : file_(path, Hdf5File::Mode::create), path_(path) {
  file_.write_text("/", "file_format", "HyperSpy");
  file_.write_text("/", "file_format_version", "3.3");
  file_.write_text("/", "emd_group_type", "file");
  file_.write_integer("/", "version_major", 1);
  file_.write_integer("/", "version_minor", 0);
  file_.write_text("/", "authoring_program", std::string("Colonnade ") + version);
  file_.make_group("Experiments");
  file_.make_group(emd_root);
  file_.write_text(emd_root, "emd_group_type", "root");
  file_.write_text(emd_root, "python_class", "Root");
}

void SignalFile::add(const SignalDescription& description, const std::vector<float>& values) {
  check(description, path_);
  file_.write_floats("Experiments/" + description.title + "/data", values, shape_of(description), true);
  describe(description);
}

void SignalFile::begin(const SignalDescription& description) {
  check(description, path_);
  if (!open_.empty()) fail("{}: '{}' is not full yet", path_.string(), open_);
  open_ = "Experiments/" + description.title + "/data";
  written_ = 0;
  entries_ = description.axes.front().size;
  entry_size_ = 1;
  for (std::size_t i = 1; i < description.axes.size(); ++i) entry_size_ *= description.axes[i].size;
  file_.create_floats(open_, shape_of(description));
  describe(description);
}

void SignalFile::append(const std::vector<float>& values) {
  file_.write_floats_at(open_, written_, values);
  written_ += std::int64_t(values.size()) / entry_size_;
  if (written_ == entries_) open_.clear();
}

void SignalFile::close() {
  if (!open_.empty()) {
    fail("{}: '{}' has {} of its {} entries only", path_.string(), open_, written_, entries_);
  }
  file_.close();
}

void SignalFile::describe(const SignalDescription& description) {
  describe_for_hyperspy(description, "Experiments/" + description.title);
  describe_for_emd(description, emd_root + "/" + description.title);
  if (is_datacube(description)) calibrate_for_emd(description);
}

void SignalFile::describe_for_hyperspy(const SignalDescription& description, const std::string& group) {
  file_.write_text(group, "package", "Colonnade");
  file_.write_text(group, "package_version", version);
  for (std::size_t i = 0; i < description.axes.size(); ++i) {
    const SignalAxis& axis = description.axes[i];
    write_tree(file_, group + "/axis-" + std::to_string(i),
               {{"_type", "UniformDataAxis"},
                {"name", axis.name},
                {"units", axis.unit},
                {"size", axis.size},
                {"scale", axis.scale},
                {"offset", axis.offset},
                {"navigate", axis.navigation},
                {"is_binned", false}});
  }
  nlohmann::json microscope = {{"acquisition_mode", "STEM"}};
  if (description.beam_energy_keV > 0) microscope["beam_energy"] = description.beam_energy_keV;
  if (description.convergence_mrad > 0) microscope["convergence_angle"] = description.convergence_mrad;
  nlohmann::json metadata = {
      {"General", {{"title", description.title}}},
      {"Signal",
       {{"signal_type", is_datacube(description) ? "electron_diffraction" : ""}, {"quantity", description.quantity}}},
      {"Acquisition_instrument", {{"TEM", microscope}}}};
  if (!description.hyperspy.empty()) metadata.erase("Acquisition_instrument");  // its own says what is known
  metadata.merge_patch(description.hyperspy);
  write_tree(file_, group + "/metadata", metadata);
  write_tree(file_, group + "/original_metadata", description.metadata);
}

void SignalFile::describe_for_emd(const SignalDescription& description, const std::string& group) {
  file_.make_group(group);
  file_.write_text(group, "emd_group_type", "array");
  file_.write_text(group, "python_class", is_datacube(description) ? "DataCube" : "Array");
  const std::string data = group + "/data";
  file_.link("Experiments/" + description.title + "/data", data);
  file_.write_text(data, "units", description.quantity);
  for (std::size_t i = 0; i < description.axes.size(); ++i) {
    const SignalAxis& axis = description.axes[i];
    const std::string dimension = group + "/dim" + std::to_string(i);
    file_.write_doubles(dimension, {axis.offset, axis.offset + axis.scale}, {2});
    file_.write_text(dimension, "name", axis.name);
    file_.write_text(dimension, "units", axis.unit);
  }
  const std::string bundle = group + "/metadatabundle", record = bundle + "/colonnade";
  file_.make_group(record);
  file_.write_text(bundle, "emd_group_type", "metadatabundle");
  file_.write_text(record, "emd_group_type", "metadata");
  file_.write_text(record, "python_class", "Metadata");
  write_emd_item(file_, record + "/json", description.metadata.dump());
}

/// py4DSTEM takes a datacube's scales from the calibration of the tree. It knows "A^-1", "mrad" and "pixels" on the
/// detector, "A", "nm" and "pixels" in the scan.
void SignalFile::calibrate_for_emd(const SignalDescription& description) {
  const std::string bundle = emd_root + "/metadatabundle", calibration = bundle + "/calibration";
  if (file_.has(bundle)) return;
  file_.make_group(calibration);
  file_.write_text(bundle, "emd_group_type", "metadatabundle");
  file_.write_text(calibration, "emd_group_type", "metadata");
  file_.write_text(calibration, "python_class", "Calibration");
  const SignalAxis &scan = description.axes[1], &detector = description.axes[3];
  const nlohmann::json items = {{"R_pixel_size", scan.scale},
                                {"R_pixel_units", scan.unit},
                                {"Q_pixel_size", detector.scale},
                                {"Q_pixel_units", detector.unit}};
  for (const auto& [key, value] : items.items()) write_emd_item(file_, fmt::format("{}/{}", calibration, key), value);
}

}  // namespace colonnade
