// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/image/hdf5_file.h"

#include <algorithm>

#include "colonnade/core/error.h"
#include "colonnade/core/file.h"
#include "colonnade/image/hdf5_handle.h"

namespace colonnade {

namespace {

constexpr std::size_t longest_text = std::size_t(1) << 28;

/// The file, or why there is none (asked before other calls of the library lose it).
struct Opened {
  Hdf5Id file;
  std::string cause;

  explicit Opened(hid_t id) : file(id, H5Fclose), cause(id < 0 ? hdf5_error_cause() : "") {}
};

Opened open_file(const std::filesystem::path& path) {
  const Hdf5Id access(H5Pcreate(H5P_FILE_ACCESS), H5Pclose);
  H5Pset_fclose_degree(access.get(), H5F_CLOSE_STRONG);
#if H5_VERSION_GE(1, 10, 7)
  H5Pset_file_locking(access.get(), false, true);  // some network file systems know no locks
#endif
  return Opened(H5Fopen(path.c_str(), H5F_ACC_RDONLY, access.get()));
}

Opened create_file(const std::filesystem::path& path) {
  const Hdf5Id access(H5Pcreate(H5P_FILE_ACCESS), H5Pclose);
  const Hdf5Id creation(H5Pcreate(H5P_FILE_CREATE), H5Pclose);
  H5Pset_fclose_degree(access.get(), H5F_CLOSE_STRONG);
  H5Pset_obj_track_times(creation.get(), false);
  return Opened(H5Fcreate(path.c_str(), H5F_ACC_TRUNC, creation.get(), access.get()));
}

/// From memory, read only; the library keeps a copy of its own.
Opened open_bytes(const std::string& bytes, const std::string& name) {
  const Hdf5Id access(H5Pcreate(H5P_FILE_ACCESS), H5Pclose);
  H5Pset_fclose_degree(access.get(), H5F_CLOSE_STRONG);
  H5Pset_fapl_core(access.get(), std::size_t(1) << 16, false);
  H5Pset_file_image(access.get(), const_cast<char*>(bytes.data()), bytes.size());
  return Opened(H5Fopen(name.c_str(), H5F_ACC_RDONLY, access.get()));
}

std::string read_long_text(hid_t attribute) {
  const Hdf5Id type(H5Tcopy(H5T_C_S1), H5Tclose);
  H5Tset_size(type.get(), H5T_VARIABLE);
  const Hdf5Id stored(H5Aget_type(attribute), H5Tclose);
  H5Tset_cset(type.get(), H5Tget_cset(stored.get()));
  char* text = nullptr;
  if (H5Aread(attribute, type.get(), static_cast<void*>(&text)) < 0 || !text) return {};
  std::string copy = text;
  H5free_memory(text);
  return copy;
}

std::string read_fixed_text(hid_t attribute, hid_t type) {
  std::string text(H5Tget_size(type), '\0');
  if (H5Aread(attribute, type, text.data()) < 0) return {};
  if (const auto end = text.find('\0'); end != std::string::npos) text.resize(end);
  if (H5Tget_strpad(type) == H5T_STR_SPACEPAD) text.erase(text.find_last_not_of(' ') + 1);
  return text;
}

}  // namespace

Hdf5File::Hdf5File(const std::filesystem::path& path, Mode mode) : handle_(std::make_unique<Handle>()) {
  if (mode == Mode::read) require_file(path, "HDF5 file");
  const Hdf5Guard guard;
  handle_->path = path;
  Opened opened = mode == Mode::read ? open_file(path) : create_file(path);
  if (!opened.file) {
    fail("{}: {}: {}", path.string(), mode == Mode::read ? "cannot be read as HDF5" : "cannot be made", opened.cause);
  }
  handle_->file = std::move(opened.file);
}

Hdf5File::Hdf5File(std::string bytes, const std::filesystem::path& name) : handle_(std::make_unique<Handle>()) {
  const Hdf5Guard guard;
  handle_->path = name;
  Opened opened = open_bytes(bytes, name.string());
  if (!opened.file) fail("{}: cannot be read as HDF5: {}", name.string(), opened.cause);
  handle_->file = std::move(opened.file);
}

Hdf5File::~Hdf5File() {
  const Hdf5Guard guard;
  handle_.reset();
}

Hdf5File::Hdf5File(Hdf5File&&) noexcept = default;

Hdf5File& Hdf5File::operator=(Hdf5File&& other) noexcept {
  const Hdf5Guard guard;
  handle_ = std::move(other.handle_);
  return *this;
}

bool Hdf5File::has(const std::string& name) const {
  const Hdf5Guard guard;
  const std::string full = hdf5_path(name);
  for (std::size_t end = full.find('/', 1); full.size() > 1; end = full.find('/', end + 1)) {
    const std::string part = full.substr(0, end);
    if (H5Lexists(handle_->id(), part.c_str(), H5P_DEFAULT) <= 0) return false;
    if (H5Oexists_by_name(handle_->id(), part.c_str(), H5P_DEFAULT) <= 0) return false;
    if (end == std::string::npos) break;
  }
  return true;
}

std::vector<std::string> Hdf5File::members(const std::string& group) const {
  const Hdf5Guard guard;
  const Hdf5Id object = handle_->open_object(group);
  H5G_info_t information;
  if (H5Iget_type(object.get()) != H5I_GROUP || H5Gget_info(object.get(), &information) < 0) {
    fail("{}: '{}' is no group", handle_->path.string(), group);
  }
  std::vector<std::string> names;
  for (hsize_t i = 0; i < information.nlinks; ++i) {
    const auto name_of = [&](char* text, std::size_t size) {
      return H5Lget_name_by_idx(object.get(), ".", H5_INDEX_NAME, H5_ITER_INC, i, text, size, H5P_DEFAULT);
    };
    const ssize_t length = name_of(nullptr, 0);
    if (length < 0) handle_->refuse(fmt::format("cannot list '{}'", group));
    std::string name(std::size_t(length), '\0');
    name_of(name.data(), name.size() + 1);
    names.push_back(std::move(name));
  }
  std::sort(names.begin(), names.end());
  return names;
}

bool Hdf5File::is_group(const std::string& name) const {
  const Hdf5Guard guard;
  if (!has(name)) return false;
  return H5Iget_type(handle_->open_object(name).get()) == H5I_GROUP;
}

void Hdf5File::make_group(const std::string& name) {
  const Hdf5Guard guard;
  handle_->ensure_group(name);
}

bool Hdf5File::has_attribute(const std::string& name, const std::string& attribute) const {
  const Hdf5Guard guard;
  return has(name) && H5Aexists(handle_->open_object(name).get(), attribute.c_str()) > 0;
}

std::string Hdf5File::read_text(const std::string& name, const std::string& attribute) const {
  const Hdf5Guard guard;
  const Hdf5Id opened = handle_->open_attribute(name, attribute);
  const Hdf5Id type(H5Aget_type(opened.get()), H5Tclose);
  const Hdf5Id space(H5Aget_space(opened.get()), H5Sclose);
  const bool one = H5Sget_simple_extent_npoints(space.get()) == 1;
  if (!one || H5Tget_class(type.get()) != H5T_STRING || H5Tget_size(type.get()) > longest_text) {
    fail("{}: attribute '{}' of '{}' is no text", handle_->path.string(), attribute, hdf5_path(name));
  }
  if (H5Tis_variable_str(type.get()) > 0) return read_long_text(opened.get());
  return read_fixed_text(opened.get(), type.get());
}

double Hdf5File::read_number(const std::string& name, const std::string& attribute) const {
  const Hdf5Guard guard;
  const Hdf5Id opened = handle_->open_attribute(name, attribute);
  const Hdf5Id type(H5Aget_type(opened.get()), H5Tclose);
  const Hdf5Id space(H5Aget_space(opened.get()), H5Sclose);
  double number = 0;
  if (H5Sget_simple_extent_npoints(space.get()) != 1 || !hdf5_is_numeric(type.get()) ||
      H5Aread(opened.get(), H5T_NATIVE_DOUBLE, &number) < 0) {
    fail("{}: attribute '{}' of '{}' is no number", handle_->path.string(), attribute, hdf5_path(name));
  }
  return number;
}

void Hdf5File::write_text(const std::string& name, const std::string& attribute, const std::string& text) {
  const Hdf5Guard guard;
  if (text.find('\0') != std::string::npos) {
    fail("{}: the text for attribute '{}' holds a zero byte", handle_->path.string(), attribute);
  }
  const Hdf5Id type(H5Tcopy(H5T_C_S1), H5Tclose);
  H5Tset_size(type.get(), H5T_VARIABLE);
  H5Tset_cset(type.get(), H5T_CSET_UTF8);
  const char* characters = text.c_str();
  handle_->put_attribute(name, attribute, {type.get(), type.get()}, static_cast<const void*>(&characters));
}

void Hdf5File::write_number(const std::string& name, const std::string& attribute, double number) {
  const Hdf5Guard guard;
  handle_->put_attribute(name, attribute, {H5T_IEEE_F64LE, H5T_NATIVE_DOUBLE}, &number);
}

void Hdf5File::write_integer(const std::string& name, const std::string& attribute, std::int64_t number) {
  const Hdf5Guard guard;
  handle_->put_attribute(name, attribute, {H5T_STD_I64LE, H5T_NATIVE_INT64}, &number);
}

void Hdf5File::write_boolean(const std::string& name, const std::string& attribute, bool value) {
  const Hdf5Guard guard;
  const Hdf5Id type(H5Tenum_create(H5T_STD_I8LE), H5Tclose);
  const std::int8_t no = 0, yes = 1;
  H5Tenum_insert(type.get(), "FALSE", &no);
  H5Tenum_insert(type.get(), "TRUE", &yes);
  handle_->put_attribute(name, attribute, {type.get(), type.get()}, value ? &yes : &no);
}

void Hdf5File::link(const std::string& existing, const std::string& name) {
  const Hdf5Guard guard;
  handle_->prepare_dataset(name);
  const std::string from = hdf5_path(existing), to = hdf5_path(name);
  if (H5Lcreate_hard(handle_->id(), from.c_str(), handle_->id(), to.c_str(), H5P_DEFAULT, H5P_DEFAULT) < 0) {
    handle_->refuse(fmt::format("cannot link '{}' to '{}'", to, from));
  }
}

void Hdf5File::close() {
  const Hdf5Guard guard;
  if (!handle_ || !handle_->file) return;
  if (!handle_->flush()) handle_->refuse("cannot be written to its end");
  if (!handle_->file.reset()) handle_->refuse("cannot be closed");
}

}  // namespace colonnade
