// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/image/formats/hdf5_image.h"

#include <algorithm>
#include <cmath>

#include "colonnade/core/error.h"
#include "colonnade/core/log.h"
#include "colonnade/core/units.h"
#include "colonnade/image/formats/raw_samples.h"
#include "colonnade/image/hdf5_file.h"

namespace colonnade {

namespace {

constexpr int deepest_group = 24;
constexpr std::size_t most_objects = 20000;
constexpr std::int64_t narrowest_image = 8;  // datasets narrower than this are tables

/// One step along an image axis as the file states it.
struct Axis {
  double step = 0;
  std::string unit;
};

struct Source {
  const Hdf5File& file;
  std::string where;
};

Image load(const Source& source, const std::string& dataset) {
  const std::string where = fmt::format("{}: '{}'", source.where, dataset);
  if (!source.file.is_numeric(dataset)) fail("{}: holds no plain numbers", where);
  const ImageShape shape = image_shape(where, source.file.shape(dataset));
  Image image;
  image.height = shape.height;
  image.width = shape.width;
  image.data = source.file.read_floats(dataset);
  image.metadata["dataset"] = dataset;
  image.metadata["scale_source"] = "none in the file";
  return image;
}

double attribute_number(const Hdf5File& file, const std::string& name, const std::string& attribute) {
  return file.has_attribute(name, attribute) ? file.read_number(name, attribute) : 0;
}

std::string attribute_text(const Hdf5File& file, const std::string& name, const std::string& attribute) {
  return file.has_attribute(name, attribute) ? file.read_text(name, attribute) : "";
}

/// A pixel size from two axes. Without a unit a step that a microscope could have is taken as nm, with a warning; a
/// step of 1 without a unit is what programs write for "not calibrated".
void set_scale(Image& image, const Source& source, const Axis& down, const Axis& across, const std::string& kind) {
  const bool blank = across.unit.empty() || across.unit == "<undefined>" || across.unit == "px";
  double nm = nm_per_unit(across.unit), nm_down = nm_per_unit(down.unit);
  const double size = std::abs(across.step);
  if (blank && size >= 1e-3 && size <= 5 && size != 1 && across.unit != "px") {
    nm = nm_down = 1;
    image.metadata["scale_source"] = fmt::format("guess: {} without a unit taken as nm", kind);
    warn("{}: pixel size {:.6g} is stored without a unit and taken as nm; state it if that is wrong", source.where,
         size);
  } else if (nm > 0) {
    image.metadata["scale_source"] = fmt::format("{} (unit {})", kind, across.unit);
  } else if (!blank) {
    image.metadata["scale_source"] = fmt::format("none: the unit '{}' is no length", across.unit);
  }
  const double x = size * nm, y = std::abs(down.step) * nm_down;
  if (!(x > 0)) return;
  if (std::abs(x - y) > 0.005 * x) {
    fail("{}: pixels of {:.6g} x {:.6g} nm are not square; resample the image first", source.where, x, y);
  }
  image.pixel_size_nm = x;
}

Axis hyperspy_axis(const Hdf5File& file, const std::string& group) {
  return {attribute_number(file, group, "scale"), attribute_text(file, group, "units")};
}

Image read_hyperspy(const Source& source, const std::string& experiment) {
  const Hdf5File& file = source.file;
  Image image = load(source, experiment + "/data");
  const auto dimensions = file.shape(experiment + "/data").size();
  const auto axis = [&](std::size_t i) { return hyperspy_axis(file, fmt::format("{}/axis-{}", experiment, i)); };
  set_scale(image, source, axis(dimensions - 2), axis(dimensions - 1), "HyperSpy's axes");
  image.title = attribute_text(file, experiment + "/metadata/General", "title");
  const std::string microscope = experiment + "/metadata/Acquisition_instrument/TEM";
  const double energy_keV = attribute_number(file, microscope, "beam_energy");
  if (energy_keV > 0) image.metadata["beam_energy_keV"] = energy_keV;
  image.metadata["format"] = "HyperSpy HDF5";
  return image;
}

Axis emd_axis(const Hdf5File& file, const std::string& dataset) {
  if (!file.is_numeric(dataset)) return {};
  const auto positions = file.read_doubles(dataset);
  if (positions.size() < 2) return {};
  return {(positions.back() - positions.front()) / double(positions.size() - 1),
          attribute_text(file, dataset, "units")};
}

Image read_emd(const Source& source, const std::string& group) {
  Image image = load(source, group + "/data");
  const auto dimensions = source.file.shape(group + "/data").size();
  const auto axis = [&](std::size_t i) { return emd_axis(source.file, fmt::format("{}/dim{}", group, i)); };
  set_scale(image, source, axis(dimensions - 1), axis(dimensions), "Berkeley EMD's axes");
  image.metadata["format"] = "Berkeley EMD";
  return image;
}

Image read_own(const Source& source, const std::string& dataset) {
  Image image = load(source, dataset);
  const double size = source.file.read_number(dataset, "pixel_size_nm");
  if (!(size >= 0) || !std::isfinite(size)) fail("{}: '{}' has the pixel size {}", source.where, dataset, size);
  image.pixel_size_nm = size;
  image.metadata["scale_source"] = "attribute pixel_size_nm";
  image.title = attribute_text(source.file, dataset, "title");
  if (source.file.has_attribute(dataset, "intensity")) image.intensity = source.file.read_text(dataset, "intensity");
  image.metadata["format"] = "Colonnade HDF5";
  return image;
}

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

[[noreturn]] void refuse_several(const Source& source, const std::vector<std::string>& names) {
  const std::size_t shown = std::min<std::size_t>(names.size(), 8);
  fail("{}: holds {} images ({}{}); save the wanted one in a file of its own", source.where, names.size(),
       fmt::join(names.begin(), names.begin() + std::ptrdiff_t(shown), ", "), shown < names.size() ? ", ..." : "");
}

/// The only dataset at the top of the file, else the only one anywhere.
Image read_only_dataset(const Source& source, const std::vector<std::string>& objects) {
  const auto all = image_datasets(source.file, objects);
  if (all.empty()) fail("{}: the HDF5 file holds no image (a numeric dataset of two dimensions)", source.where);
  std::vector<std::string> top;
  std::copy_if(all.begin(), all.end(), std::back_inserter(top),
               [](const std::string& name) { return name.find('/') == std::string::npos; });
  if (all.size() > 1 && top.size() != 1) refuse_several(source, all);
  Image image = load(source, top.size() == 1 ? top.front() : all.front());
  image.metadata["format"] = "HDF5";
  return image;
}

/// Members of "Experiments" that hold an image of HyperSpy's.
std::vector<std::string> hyperspy_experiments(const Hdf5File& file) {
  std::vector<std::string> found;
  if (!file.is_group("Experiments")) return found;
  for (const std::string& name : file.members("Experiments")) {
    if (file.is_numeric(fmt::format("Experiments/{}/data", name))) found.push_back(fmt::format("Experiments/{}", name));
  }
  return found;
}

}  // namespace

Image read_hdf5_image(const std::filesystem::path& path) {
  const Hdf5File file(path, Hdf5File::Mode::read);
  const Source source{file, path.string()};
  if (file.is_group("Data/Image")) fail("{}: Velox EMD is not read yet; export as TIFF", source.where);
  const auto one = [&](const std::vector<std::string>& names, auto read) {
    if (names.size() > 1) refuse_several(source, names);
    return read(source, names.front());
  };
  if (const auto names = hyperspy_experiments(file); !names.empty()) return one(names, read_hyperspy);
  std::vector<std::string> objects, emd, own;
  collect(file, "", 0, objects);
  for (const std::string& name : objects) {
    if (file.is_numeric(name) && file.has_attribute(name, "pixel_size_nm")) own.push_back(name);
    if (!file.has_attribute(name, "emd_group_type") || !file.is_numeric(name + "/data")) continue;
    if (file.read_number(name, "emd_group_type") == 1) emd.push_back(name);
  }
  if (!own.empty()) return one(own, read_own);
  if (!emd.empty()) return one(emd, read_emd);
  return read_only_dataset(source, objects);
}

}  // namespace colonnade
