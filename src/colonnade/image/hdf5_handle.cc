// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/image/hdf5_handle.h"

#include <mutex>

#include "colonnade/core/error.h"

namespace colonnade {

namespace {

std::mutex& library_mutex() {
  static std::mutex mutex;
  return mutex;
}
thread_local int guards_of_this_thread = 0;

herr_t keep_innermost(unsigned depth, const H5E_error2_t* error, void* text) {
  if (depth == 0 && error->desc) *static_cast<std::string*>(text) = error->desc;
  return 0;
}

}  // namespace

std::string hdf5_error_cause() {
  std::string text;
  H5Ewalk2(H5E_DEFAULT, H5E_WALK_UPWARD, keep_innermost, &text);
  const std::string mark = "error message = '";
  if (const auto start = text.find(mark); start != std::string::npos) {
    const auto from = start + mark.size();
    text = text.substr(from, text.find('\'', from) - from);
  }
  return text.empty() ? "no reason given" : text;
}

// At the end of the process the library would close what is open, and crash over files that a full disk left broken.
// All files here are closed by their owners. This must be the first call of the library.
Hdf5Guard::Hdf5Guard() {
  if (guards_of_this_thread++ == 0) library_mutex().lock();
  static const herr_t never_at_exit = H5dont_atexit();
  static_cast<void>(never_at_exit);
  H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr);
}

Hdf5Guard::~Hdf5Guard() {
  if (--guards_of_this_thread == 0) library_mutex().unlock();
}

bool Hdf5File::Handle::flush() {
  if (!file || H5Fflush(file.get(), H5F_SCOPE_LOCAL) >= 0) return true;
  file.abandon();
  return false;
}

hid_t Hdf5File::Handle::id() const {
  if (!file) fail("{}: the file is closed already", path.string());
  return file.get();
}

void Hdf5File::Handle::refuse(const std::string& what) const {
  const std::string cause = hdf5_error_cause();
  fail("{}: {}: {}", path.string(), what, cause);
}

Hdf5Id Hdf5File::Handle::open_object(const std::string& name) const {
  Hdf5Id object(H5Oopen(id(), hdf5_path(name).c_str(), H5P_DEFAULT), H5Oclose);
  if (!object) fail("{}: no object '{}' in the file", path.string(), name);
  return object;
}

Hdf5Id Hdf5File::Handle::open_dataset(const std::string& name) const {
  Hdf5Id object = open_object(name);
  if (H5Iget_type(object.get()) != H5I_DATASET) fail("{}: '{}' is no dataset", path.string(), name);
  return object;
}

Hdf5Id Hdf5File::Handle::open_attribute(const std::string& name, const std::string& attribute) const {
  const Hdf5Id object = open_object(name);
  Hdf5Id opened(H5Aopen(object.get(), attribute.c_str(), H5P_DEFAULT), H5Aclose);
  if (!opened) fail("{}: '{}' has no attribute '{}'", path.string(), hdf5_path(name), attribute);
  return opened;
}

void Hdf5File::Handle::put_attribute(const std::string& name, const std::string& attribute, const Hdf5Types& types,
                                     const void* value) const {
  const Hdf5Id object = open_object(name);
  if (H5Aexists(object.get(), attribute.c_str()) > 0) H5Adelete(object.get(), attribute.c_str());
  const Hdf5Id space(H5Screate(H5S_SCALAR), H5Sclose);
  const Hdf5Id made(H5Acreate2(object.get(), attribute.c_str(), types.stored, space.get(), H5P_DEFAULT, H5P_DEFAULT),
                    H5Aclose);
  if (!made || H5Awrite(made.get(), types.memory, value) < 0) {
    refuse(fmt::format("cannot write attribute '{}' of '{}'", attribute, hdf5_path(name)));
  }
}

void Hdf5File::Handle::ensure_group(const std::string& name) const {
  const std::string full = hdf5_path(name);
  // Without times of creation the same contents give the same bytes.
  const Hdf5Id properties(H5Pcreate(H5P_GROUP_CREATE), H5Pclose);
  H5Pset_obj_track_times(properties.get(), false);
  for (std::size_t end = full.find('/', 1); full.size() > 1; end = full.find('/', end + 1)) {
    const std::string part = full.substr(0, end);
    if (H5Lexists(id(), part.c_str(), H5P_DEFAULT) <= 0) {
      const Hdf5Id group(H5Gcreate2(id(), part.c_str(), H5P_DEFAULT, properties.get(), H5P_DEFAULT), H5Gclose);
      if (!group) refuse(fmt::format("cannot make the group '{}'", part));
    }
    if (end == std::string::npos) break;
  }
}

void Hdf5File::Handle::prepare_dataset(const std::string& name) const {
  const std::string full = hdf5_path(name);
  ensure_group(full.substr(0, full.rfind('/')));
  if (H5Lexists(id(), full.c_str(), H5P_DEFAULT) > 0) fail("{}: '{}' is written already", path.string(), name);
}

std::string hdf5_path(const std::string& name) {
  std::string path = "/";
  for (const char letter : name) {
    if (letter != '/' || path.back() != '/') path += letter;
  }
  if (path.size() > 1 && path.back() == '/') path.pop_back();
  return path;
}

Hdf5Id hdf5_half_type() {
  Hdf5Id type(H5Tcopy(H5T_IEEE_F32LE), H5Tclose);
  H5Tset_fields(type.get(), 15, 10, 5, 0, 10);
  H5Tset_size(type.get(), 2);
  H5Tset_ebias(type.get(), 15);
  return type;
}

bool hdf5_is_numeric(hid_t type) {
  const H5T_class_t kind = H5Tget_class(type);
  return kind == H5T_INTEGER || kind == H5T_FLOAT || kind == H5T_ENUM;
}

}  // namespace colonnade
