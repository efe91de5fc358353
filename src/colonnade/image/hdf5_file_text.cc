// SPDX-License-Identifier: GPL-3.0-or-later
// Attributes of any kind, and the texts of Hdf5File.
#include <algorithm>
#include <cstring>

#include "colonnade/core/error.h"
#include "colonnade/image/formats/byte_text.h"
#include "colonnade/image/hdf5_file.h"
#include "colonnade/image/hdf5_handle.h"

namespace colonnade {

namespace {

using Json = nlohmann::json;

constexpr hssize_t longest_list = 1024;
constexpr std::size_t longest_text = std::size_t(1) << 24;
constexpr int attributes_at_most = 10000;

/// What is read from: an attribute or a dataset.
struct Values {
  hid_t object;
  bool is_attribute;
  Hdf5Id type, space;

  Values(hid_t id, bool attribute)
      : object(id),
        is_attribute(attribute),
        type(attribute ? H5Aget_type(id) : H5Dget_type(id), H5Tclose),
        space(attribute ? H5Aget_space(id) : H5Dget_space(id), H5Sclose) {}

  hssize_t count() const { return H5Sget_simple_extent_npoints(space.get()); }
  bool is_single() const { return H5Sget_simple_extent_ndims(space.get()) == 0; }
  bool read(hid_t memory_type, void* target) const {
    if (is_attribute) return H5Aread(object, memory_type, target) >= 0;
    return H5Dread(object, memory_type, H5S_ALL, H5S_ALL, H5P_DEFAULT, target) >= 0;
  }
};

std::vector<std::string> variable_texts(const Values& values, std::size_t count) {
  const Hdf5Id type(H5Tcopy(H5T_C_S1), H5Tclose);
  H5Tset_size(type.get(), H5T_VARIABLE);
  H5Tset_cset(type.get(), H5Tget_cset(values.type.get()));
  std::vector<char*> texts(count, nullptr);
  if (!values.read(type.get(), static_cast<void*>(texts.data()))) return {};
  std::vector<std::string> copies;
  for (const char* text : texts) copies.push_back(text ? sound_utf8({text, std::strlen(text)}) : "");
  H5Dvlen_reclaim(type.get(), values.space.get(), H5P_DEFAULT, static_cast<void*>(texts.data()));
  return copies;
}

std::vector<std::string> fixed_texts(const Values& values, std::size_t count) {
  const std::size_t length = H5Tget_size(values.type.get());
  if (length == 0 || count > longest_text / length) return {};
  std::string bytes(length * count, '\0');
  if (!values.read(values.type.get(), bytes.data())) return {};
  std::vector<std::string> texts;
  for (std::size_t i = 0; i < count; ++i) {
    std::string text = bytes.substr(i * length, length);
    if (const auto end = text.find('\0'); end != std::string::npos) text.resize(end);
    if (H5Tget_strpad(values.type.get()) == H5T_STR_SPACEPAD) text.erase(text.find_last_not_of(' ') + 1);
    texts.push_back(sound_utf8(text));
  }
  return texts;
}

/// The texts, at most `longest_list` of them; none where they are no texts.
std::vector<std::string> texts_of(const Values& values) {
  const hssize_t count = values.count();
  if (H5Tget_class(values.type.get()) != H5T_STRING || count < 1 || count > longest_list) return {};
  if (H5Tis_variable_str(values.type.get()) > 0) return variable_texts(values, std::size_t(count));
  return fixed_texts(values, std::size_t(count));
}

Json number(const Values& values, double value, std::int64_t whole) {
  const H5T_class_t kind = H5Tget_class(values.type.get());
  if (kind == H5T_ENUM) return whole != 0;  // how Booleans are stored
  return kind == H5T_FLOAT ? Json(value) : Json(whole);
}

/// Null for what is neither numbers nor texts.
Json json_of(const Values& values) {
  Json list = Json::array();
  const hssize_t count = values.count();
  if (count < 0 || count > longest_list || H5Sget_simple_extent_type(values.space.get()) == H5S_NULL) return nullptr;
  if (H5Tget_class(values.type.get()) == H5T_STRING) {
    for (std::string& text : texts_of(values)) list.push_back(std::move(text));
  } else if (hdf5_is_numeric(values.type.get())) {
    std::vector<double> numbers(std::size_t(count), 0);
    std::vector<std::int64_t> wholes(std::size_t(count), 0);
    const bool floating = H5Tget_class(values.type.get()) == H5T_FLOAT;
    if (count > 0 &&
        !(floating ? values.read(H5T_NATIVE_DOUBLE, numbers.data()) : values.read(H5T_NATIVE_INT64, wholes.data()))) {
      return nullptr;
    }
    for (std::size_t i = 0; i < numbers.size(); ++i) list.push_back(number(values, numbers[i], wholes[i]));
  } else {
    return nullptr;
  }
  return values.is_single() && list.size() == 1 ? Json(list.front()) : list;
}

std::string name_of(hid_t attribute) {
  const ssize_t length = H5Aget_name(attribute, 0, nullptr);
  if (length <= 0 || std::size_t(length) > longest_text) return "";
  std::string name(std::size_t(length), '\0');
  H5Aget_name(attribute, name.size() + 1, name.data());
  return sound_utf8(name);
}

}  // namespace

Json Hdf5File::attributes(const std::string& name) const {
  const Hdf5Guard guard;
  const Hdf5Id object = handle_->open_object(name);
  Json found = Json::object();
  for (int i = 0; i < std::min(H5Aget_num_attrs(object.get()), attributes_at_most); ++i) {
    const Hdf5Id attribute(
        H5Aopen_by_idx(object.get(), ".", H5_INDEX_NAME, H5_ITER_INC, hsize_t(i), H5P_DEFAULT, H5P_DEFAULT), H5Aclose);
    if (!attribute) continue;
    Json value = json_of(Values(attribute.get(), true));
    if (!value.is_null()) found[name_of(attribute.get())] = std::move(value);
  }
  return found;
}

std::vector<std::string> Hdf5File::read_text_list(const std::string& name) const {
  const Hdf5Guard guard;
  const Hdf5Id dataset = handle_->open_dataset(name);
  return texts_of(Values(dataset.get(), false));
}

std::string Hdf5File::read_text_dataset(const std::string& name) const {
  const Hdf5Guard guard;
  const Hdf5Id dataset = handle_->open_dataset(name);
  if (!is_numeric(name)) {
    const auto texts = texts_of(Values(dataset.get(), false));
    if (texts.empty()) fail("{}: dataset '{}' holds no text", handle_->path.string(), name);
    return texts.front();
  }
  std::string text;
  for (const std::int64_t byte : read_integers(name, std::int64_t(longest_text))) {
    if (byte <= 0 || byte > 255) break;
    text += char(byte);
  }
  return sound_utf8(text);
}

}  // namespace colonnade
