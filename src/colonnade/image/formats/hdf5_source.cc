// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/image/formats/hdf5_source.h"

#include <algorithm>

#include "colonnade/core/error.h"
#include "colonnade/image/formats/byte_text.h"
#include "colonnade/image/hdf5_handle.h"
#include "colonnade/image/trial.h"

namespace colonnade {

namespace {

using Json = nlohmann::json;

constexpr int deepest_group = 24;
constexpr int most_members = 20000;
constexpr std::int64_t longest_list = 64;
constexpr double most_elements_apart = 2147483648.0;  // beyond, reading fails
constexpr double slowest_elements_per_s = 2e6;        // of the slowest compression, with much to spare

Json tree_below(const Hdf5File& file, const std::string& group, int depth, int& members) {
  Json found = file.attributes(group);
  if (depth > deepest_group) return found;
  for (const std::string& member : file.members(group)) {
    if (++members > most_members) break;
    const std::string name = fmt::format("{}/{}", group, member), key = sound_utf8(member);
    if (!file.has(name)) continue;
    if (file.is_group(name)) {
      found[key] = tree_below(file, name, depth + 1, members);
      continue;
    }
    const auto shape = file.shape(name);
    std::int64_t count = 1;
    for (const std::int64_t size : shape) count = size > longest_list ? longest_list + 1 : count * size;
    if (count < 1 || count > longest_list) continue;
    if (file.is_numeric(name)) {
      const auto numbers = file.read_doubles(name);
      found[key] = shape.empty() ? Json(numbers.front()) : Json(numbers);
    } else if (const auto texts = file.read_text_list(name); !texts.empty()) {
      found[key] = shape.empty() ? Json(texts.front()) : Json(texts);
    }
  }
  return found;
}

}  // namespace

ReadBox Hdf5Source::box(const std::string& dataset) const {
  return [open = file, in = where, dataset](const BoxIndex& start, const BoxIndex& count) {
    double elements = 1;
    for (const std::int64_t size : count) elements *= double(size);
    const auto read = [&] { return open->read_box(dataset, start, count); };
    if (!(elements > 0 && elements < most_elements_apart)) return read();
    const Hdf5Guard guard;  // no other thread may be inside the library when the process is copied
    auto numbers = read_apart(std::size_t(elements), read, 8 + unsigned(elements / slowest_elements_per_s));
    if (!numbers) {
      fail("{}: '{}' is damaged: the HDF5 library falls over its numbers, or finds no end; copy the file again", in,
           dataset);
    }
    return *std::move(numbers);
  };
}

Json Hdf5Source::tree(const std::string& group) const {
  int members = 0;
  return file->is_group(group) ? tree_below(*file, group, 0, members) : Json::object();
}

StoredSignal signal_of_dataset(const Hdf5Source& source, const std::string& dataset) {
  const std::string where = fmt::format("{}: '{}'", source.where, dataset);
  StoredSignal signal;
  const BoxIndex shape = source.file->shape(dataset);
  if (shape.empty()) fail("{} is a single number, not an image", where);
  if (checked_product(shape, where) == 0) fail("{} is empty", where);
  for (const std::int64_t size : shape) signal.axes.push_back({"", "", size, 1, 0, false});
  if (source.file->is_numeric(dataset)) {
    signal.type = source.file->sample_type(dataset);
    signal.read = entries_of(source.box(dataset), shape);
  } else {
    signal.refusal = "its numbers are complex or no numbers; save the modulus or the phase";
  }
  signal.metadata["dataset"] = dataset;
  return signal;
}

void settle_roles(StoredSignal& signal) {
  const auto is_energy = [](const SignalAxis& axis) {
    return axis.unit == "eV" || axis.unit == "keV" || axis.name == "energy" || axis.name == "Energy";
  };
  auto& axes = signal.axes;
  const bool spectra = std::any_of(axes.begin(), axes.end(), is_energy);
  for (std::size_t i = 0; i < axes.size(); ++i)
    axes[i].navigation = spectra ? !is_energy(axes[i]) : i + 2 < axes.size();
}

}  // namespace colonnade
