// SPDX-License-Identifier: GPL-3.0-or-later
// The datasets of Hdf5File: shapes, reading and writing.
#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <numeric>

#include "colonnade/core/error.h"
#include "colonnade/image/half_float.h"
#include "colonnade/image/hdf5_file.h"
#include "colonnade/image/hdf5_handle.h"

namespace colonnade {

namespace {

constexpr std::int64_t default_limit = std::int64_t(1) << 31;
constexpr std::int64_t chunk_elements = std::int64_t(1) << 18;

std::vector<hsize_t> extent(hid_t dataset) {
  const Hdf5Id space(H5Dget_space(dataset), H5Sclose);
  std::vector<hsize_t> sizes(std::size_t(std::max(0, H5Sget_simple_extent_ndims(space.get()))));
  H5Sget_simple_extent_dims(space.get(), sizes.data(), nullptr);
  return sizes;
}

/// True where the storage on disk cannot hold the data: never written, or beyond what deflate achieves (1032 times).
bool is_hollow(hid_t dataset, double bytes) {
  const double stored = double(H5Dget_storage_size(dataset));
  const double compression_at_most = 1100, harmless = 64e6;
  return stored == 0 || (bytes > harmless && bytes > compression_at_most * stored);
}

/// The library unpacks whole chunks, however little of them is read.
double chunk_bytes(hid_t properties, double element_size) {
  if (H5Pget_layout(properties) != H5D_CHUNKED) return 0;
  std::array<hsize_t, H5S_MAX_RANK> sizes{};
  const int dimensions = H5Pget_chunk(properties, H5S_MAX_RANK, sizes.data());
  double bytes = element_size;
  for (int i = 0; i < dimensions; ++i) bytes *= double(sizes[std::size_t(i)]);
  return bytes;
}

/// Fails unless the dataset is one of numbers in this file, of a size that the file can hold. Returns its elements.
double checked_extent(hid_t dataset, const std::filesystem::path& path, const std::string& name) {
  const Hdf5Id type(H5Dget_type(dataset), H5Tclose);
  if (!hdf5_is_numeric(type.get())) fail("{}: dataset '{}' holds no plain numbers", path.string(), name);
  const Hdf5Id properties(H5Dget_create_plist(dataset), H5Pclose);
  if (H5Pget_external_count(properties.get()) > 0 || H5Pget_layout(properties.get()) == H5D_VIRTUAL) {
    fail("{}: dataset '{}' lies in other files, which is not followed", path.string(), name);
  }
  double count = 1;
  for (const hsize_t size : extent(dataset)) count *= double(size);
  const auto size = double(H5Tget_size(type.get()));
  if (count > 0 && is_hollow(dataset, std::max(count * size, chunk_bytes(properties.get(), size)))) {
    fail("{}: dataset '{}' claims {:.0f} elements that the file does not hold", path.string(), name, count);
  }
  return count;
}

void check_limit(double count, std::int64_t elements_at_most, const std::filesystem::path& path,
                 const std::string& name) {
  const double limit = double(elements_at_most > 0 ? elements_at_most : default_limit);
  if (count > limit) fail("{}: dataset '{}' claims {:.0f} elements, limit {:.0f}", path.string(), name, count, limit);
}

/// The number of elements once everything about the dataset is sound.
std::size_t checked_count(hid_t dataset, const std::filesystem::path& path, const std::string& name,
                          std::int64_t elements_at_most) {
  double claimed = 1;
  for (const hsize_t size : extent(dataset)) claimed *= double(size);
  check_limit(claimed, elements_at_most, path, name);
  return std::size_t(checked_extent(dataset, path, name));
}

/// What a dataset is called in a message.
struct Place {
  const std::filesystem::path& path;
  const std::string& name;
};

template <class T>
std::vector<T> read_values(hid_t dataset, hid_t memory_type, const Place& place, std::int64_t elements_at_most) {
  std::vector<T> values(checked_count(dataset, place.path, place.name, elements_at_most));
  if (!values.empty() && H5Dread(dataset, memory_type, H5S_ALL, H5S_ALL, H5P_DEFAULT, values.data()) < 0) {
    const std::string cause = hdf5_error_cause();
    fail("{}: cannot read dataset '{}': {}", place.path.string(), place.name, cause);
  }
  return values;
}

bool is_half(hid_t dataset) {
  const Hdf5Id type(H5Dget_type(dataset), H5Tclose);
  return H5Tget_class(type.get()) == H5T_FLOAT && H5Tget_size(type.get()) == 2 && H5Tget_ebias(type.get()) == 15;
}

bool is_floating(hid_t dataset) {
  const Hdf5Id type(H5Dget_type(dataset), H5Tclose);
  return H5Tget_class(type.get()) == H5T_FLOAT;
}

void require_shape(const Place& place, std::size_t values, const std::vector<std::int64_t>& shape) {
  const auto count = std::accumulate(shape.begin(), shape.end(), std::int64_t(1), std::multiplies<>());
  const bool negative = std::any_of(shape.begin(), shape.end(), [](std::int64_t size) { return size < 0; });
  if (negative || count != std::int64_t(values)) {
    fail("{}: dataset '{}' has {} values for shape [{}]", place.path.string(), place.name, values,
         fmt::join(shape, ", "));
  }
}

/// Chunks of whole trailing dimensions, about a megabyte.
std::vector<hsize_t> chunk_shape(const std::vector<std::int64_t>& shape) {
  std::vector<hsize_t> chunk(shape.size(), 1);
  std::int64_t room = chunk_elements;
  for (std::size_t i = shape.size(); i-- > 0 && room > 1; room /= std::max<std::int64_t>(1, shape[i])) {
    chunk[i] = hsize_t(std::clamp<std::int64_t>(shape[i], 1, room));
  }
  return chunk;
}

Hdf5Id dataset_properties(const std::vector<std::int64_t>& shape, bool compress) {
  Hdf5Id properties(H5Pcreate(H5P_DATASET_CREATE), H5Pclose);
  H5Pset_obj_track_times(properties.get(), false);
  const bool empty = std::find(shape.begin(), shape.end(), 0) != shape.end();
  if (compress && !shape.empty() && !empty) {
    H5Pset_chunk(properties.get(), int(shape.size()), chunk_shape(shape).data());
    H5Pset_shuffle(properties.get());
    H5Pset_deflate(properties.get(), 1);
  }
  return properties;
}

Hdf5Id make_space(const std::vector<std::int64_t>& shape) {
  const std::vector<hsize_t> sizes(shape.begin(), shape.end());
  if (sizes.empty()) return {H5Screate(H5S_SCALAR), H5Sclose};
  return {H5Screate_simple(int(sizes.size()), sizes.data(), nullptr), H5Sclose};
}

void write_values(hid_t file, const Place& place, const void* values, const Hdf5Types& types,
                  const std::vector<std::int64_t>& shape, bool compress) {
  const Hdf5Id space = make_space(shape);
  const Hdf5Id properties = dataset_properties(shape, compress);
  Hdf5Id dataset(H5Dcreate2(file, hdf5_path(place.name).c_str(), types.stored, space.get(), H5P_DEFAULT,
                            properties.get(), H5P_DEFAULT),
                 H5Dclose);
  const bool written = dataset && H5Dwrite(dataset.get(), types.memory, H5S_ALL, H5S_ALL, H5P_DEFAULT, values) >= 0 &&
                       H5Dflush(dataset.get()) >= 0;
  if (!written) {
    const std::string cause = hdf5_error_cause();
    dataset.abandon();
    fail("{}: cannot write dataset '{}': {}", place.path.string(), place.name, cause);
  }
}

std::vector<std::uint16_t> to_halves(const std::vector<float>& values, const Place& place) {
  std::vector<std::uint16_t> halves(values.size());
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (std::abs(values[i]) > largest_half) {
      fail("{}: dataset '{}' has the value {} at {}, too large for 16-bit floats", place.path.string(), place.name,
           values[i], i);
    }
    halves[i] = float_to_half(values[i]);
  }
  return halves;
}

}  // namespace

std::vector<std::int64_t> Hdf5File::shape(const std::string& name) const {
  const Hdf5Guard guard;
  const std::vector<hsize_t> sizes = extent(handle_->open_dataset(name).get());
  return {sizes.begin(), sizes.end()};
}

bool Hdf5File::is_numeric(const std::string& name) const {
  const Hdf5Guard guard;
  if (!has(name)) return false;
  const Hdf5Id object = handle_->open_object(name);
  if (H5Iget_type(object.get()) != H5I_DATASET) return false;
  const Hdf5Id type(H5Dget_type(object.get()), H5Tclose);
  return hdf5_is_numeric(type.get());
}

std::vector<float> Hdf5File::read_floats(const std::string& name, std::int64_t elements_at_most) const {
  const Hdf5Guard guard;
  const Hdf5Id dataset = handle_->open_dataset(name);
  const Place place{handle_->path, name};
  if (!is_half(dataset.get())) {
    return read_values<float>(dataset.get(), H5T_NATIVE_FLOAT, place, elements_at_most);
  }
  const Hdf5Id half = hdf5_half_type();  // the library's own conversion is many times slower
  const auto halves = read_values<std::uint16_t>(dataset.get(), half.get(), place, elements_at_most);
  std::vector<float> values(halves.size());
  std::transform(halves.begin(), halves.end(), values.begin(), half_to_float);
  return values;
}

std::vector<float> Hdf5File::read_box(const std::string& name, const std::vector<std::int64_t>& start,
                                      const std::vector<std::int64_t>& count) const {
  const Hdf5Guard guard;
  const Hdf5Id dataset = handle_->open_dataset(name);
  checked_extent(dataset.get(), handle_->path, name);
  const std::vector<hsize_t> from(start.begin(), start.end()), sizes(count.begin(), count.end());
  const std::vector<hsize_t> shape = extent(dataset.get());
  double elements = 1;
  for (const hsize_t size : sizes) elements *= double(size);
  check_limit(elements, 0, handle_->path, name);
  bool inside = shape.size() == from.size() && shape.size() == sizes.size() && !shape.empty();
  for (std::size_t i = 0; inside && i < shape.size(); ++i)
    inside = from[i] <= shape[i] && sizes[i] <= shape[i] - from[i];
  if (!inside) {
    fail("{}: the box ({}) from ({}) leaves dataset '{}' of ({})", handle_->path.string(), fmt::join(count, ", "),
         fmt::join(start, ", "), name, fmt::join(shape, ", "));
  }
  const auto wanted = std::size_t(elements);
  if (wanted == 0) return {};
  const Hdf5Id part(H5Dget_space(dataset.get()), H5Sclose);
  H5Sselect_hyperslab(part.get(), H5S_SELECT_SET, from.data(), nullptr, sizes.data(), nullptr);
  const Hdf5Id memory(H5Screate_simple(int(sizes.size()), sizes.data(), nullptr), H5Sclose);
  const bool half = is_half(dataset.get());
  const Hdf5Id half_type = hdf5_half_type();
  std::vector<float> values(half ? 0 : wanted);
  std::vector<std::uint16_t> halves(half ? wanted : 0);
  void* const target = half ? static_cast<void*>(halves.data()) : values.data();
  if (H5Dread(dataset.get(), half ? half_type.get() : H5T_NATIVE_FLOAT, memory.get(), part.get(), H5P_DEFAULT, target) <
      0) {
    const std::string cause = hdf5_error_cause();
    fail("{}: cannot read dataset '{}': {}", handle_->path.string(), name, cause);
  }
  if (half) {
    values.resize(wanted);
    std::transform(halves.begin(), halves.end(), values.begin(), half_to_float);
  }
  return values;
}

SampleType Hdf5File::sample_type(const std::string& name) const {
  const Hdf5Guard guard;
  const Hdf5Id dataset = handle_->open_dataset(name);
  const Hdf5Id type(H5Dget_type(dataset.get()), H5Tclose);
  const std::size_t size = H5Tget_size(type.get());
  const H5T_class_t kind = H5Tget_class(type.get());
  if (kind == H5T_ENUM) return SampleType::boolean;
  if (kind == H5T_FLOAT) return size == 2 ? SampleType::float16 : size == 4 ? SampleType::float32 : SampleType::float64;
  const bool is_signed = H5Tget_sign(type.get()) != H5T_SGN_NONE;
  switch (size) {
    case 1:
      return is_signed ? SampleType::int8 : SampleType::uint8;
    case 2:
      return is_signed ? SampleType::int16 : SampleType::uint16;
    case 4:
      return is_signed ? SampleType::int32 : SampleType::uint32;
    default:
      return is_signed ? SampleType::int64 : SampleType::uint64;
  }
}

std::vector<double> Hdf5File::read_doubles(const std::string& name, std::int64_t elements_at_most) const {
  const Hdf5Guard guard;
  const Hdf5Id dataset = handle_->open_dataset(name);
  return read_values<double>(dataset.get(), H5T_NATIVE_DOUBLE, {handle_->path, name}, elements_at_most);
}

std::vector<std::int64_t> Hdf5File::read_integers(const std::string& name, std::int64_t elements_at_most) const {
  const Hdf5Guard guard;
  const Hdf5Id dataset = handle_->open_dataset(name);
  const Place place{handle_->path, name};
  if (!is_floating(dataset.get())) {
    return read_values<std::int64_t>(dataset.get(), H5T_NATIVE_INT64, place, elements_at_most);
  }
  const auto numbers = read_values<double>(dataset.get(), H5T_NATIVE_DOUBLE, place, elements_at_most);
  const double largest = 9007199254740992.0;  // 2^53, up to where doubles hold every integer
  for (const double number : numbers) {
    if (!(std::abs(number) <= largest) || number != std::floor(number)) {
      fail("{}: dataset '{}' holds {}, which is no whole number", place.path.string(), name, number);
    }
  }
  return {numbers.begin(), numbers.end()};
}

void Hdf5File::write_floats(const std::string& name, const std::vector<float>& values,
                            const std::vector<std::int64_t>& shape, bool compress, bool half) {
  const Hdf5Guard guard;
  const Place place{handle_->path, name};
  require_shape(place, values.size(), shape);
  handle_->prepare_dataset(name);
  if (!half) {
    write_values(handle_->id(), place, values.data(), {H5T_IEEE_F32LE, H5T_NATIVE_FLOAT}, shape, compress);
    return;
  }
  const Hdf5Id type = hdf5_half_type();
  const std::vector<std::uint16_t> halves = to_halves(values, place);
  write_values(handle_->id(), place, halves.data(), {type.get(), type.get()}, shape, compress);
}

void Hdf5File::write_doubles(const std::string& name, const std::vector<double>& values,
                             const std::vector<std::int64_t>& shape) {
  const Hdf5Guard guard;
  const Place place{handle_->path, name};
  require_shape(place, values.size(), shape);
  handle_->prepare_dataset(name);
  write_values(handle_->id(), place, values.data(), {H5T_IEEE_F64LE, H5T_NATIVE_DOUBLE}, shape, false);
}

void Hdf5File::write_integers(const std::string& name, const std::vector<std::int64_t>& values,
                              const std::vector<std::int64_t>& shape) {
  const Hdf5Guard guard;
  const Place place{handle_->path, name};
  require_shape(place, values.size(), shape);
  handle_->prepare_dataset(name);
  write_values(handle_->id(), place, values.data(), {H5T_STD_I64LE, H5T_NATIVE_INT64}, shape, false);
}

void Hdf5File::write_text_dataset(const std::string& name, const std::string& text) {
  const Hdf5Guard guard;
  const Place place{handle_->path, name};
  handle_->prepare_dataset(name);
  const Hdf5Id type(H5Tcopy(H5T_C_S1), H5Tclose);
  H5Tset_size(type.get(), std::max<std::size_t>(1, text.size()));
  H5Tset_cset(type.get(), H5T_CSET_UTF8);
  H5Tset_strpad(type.get(), H5T_STR_NULLPAD);
  write_values(handle_->id(), place, text.c_str(), {type.get(), type.get()}, {}, false);
}

void Hdf5File::create_floats(const std::string& name, const std::vector<std::int64_t>& shape) {
  const Hdf5Guard guard;
  handle_->prepare_dataset(name);
  auto chunk = chunk_shape(shape);
  const Hdf5Id properties = dataset_properties(shape, false);
  H5Pset_chunk(properties.get(), int(chunk.size()), chunk.data());
  const Hdf5Id space = make_space(shape);
  const Hdf5Id dataset(H5Dcreate2(handle_->id(), hdf5_path(name).c_str(), H5T_IEEE_F32LE, space.get(), H5P_DEFAULT,
                                  properties.get(), H5P_DEFAULT),
                       H5Dclose);
  if (!dataset) handle_->refuse(fmt::format("cannot make dataset '{}'", name));
}

void Hdf5File::write_floats_at(const std::string& name, std::int64_t first, const std::vector<float>& values) {
  const Hdf5Guard guard;
  Hdf5Id dataset = handle_->open_dataset(name);
  const std::vector<hsize_t> shape = extent(dataset.get());
  std::vector<hsize_t> start(shape.size(), 0), count = shape;
  const auto entry = std::accumulate(shape.begin() + 1, shape.end(), hsize_t(1), std::multiplies<>());
  start[0] = hsize_t(first);
  count[0] = values.size() / entry;
  if (first < 0 || count[0] * entry != values.size() || start[0] + count[0] > shape[0]) {
    fail("{}: {} values do not fill whole entries of dataset '{}' from {} on", handle_->path.string(), values.size(),
         name, first);
  }
  const Hdf5Id part(H5Dget_space(dataset.get()), H5Sclose);
  H5Sselect_hyperslab(part.get(), H5S_SELECT_SET, start.data(), nullptr, count.data(), nullptr);
  const Hdf5Id memory(H5Screate_simple(int(count.size()), count.data(), nullptr), H5Sclose);
  if (H5Dwrite(dataset.get(), H5T_NATIVE_FLOAT, memory.get(), part.get(), H5P_DEFAULT, values.data()) < 0) {
    const std::string cause = hdf5_error_cause();
    dataset.abandon();
    fail("{}: cannot write dataset '{}': {}", handle_->path.string(), name, cause);
  }
}

}  // namespace colonnade
