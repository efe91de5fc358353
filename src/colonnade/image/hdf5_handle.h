// SPDX-License-Identifier: GPL-3.0-or-later
// Inside of Hdf5File: owned identifiers of the HDF5 C library, its lock and its error stack. Include it in sources
// only.
#pragma once

#include <filesystem>
#include <hdf5.h>
#include <string>
#include <utility>

#include "colonnade/image/hdf5_file.h"

namespace colonnade {

/// Held around every call of the library (its common builds are not safe to call from two threads); also keeps the
/// library from printing its error stack, which it sets per thread. A thread may hold several. A copy of the process
/// (image/trial.h) that is made under a guard holds it as well, which a recursive mutex would not let it.
class Hdf5Guard {
 public:
  Hdf5Guard();
  ~Hdf5Guard();
  Hdf5Guard(const Hdf5Guard&) = delete;
  Hdf5Guard& operator=(const Hdf5Guard&) = delete;
};

class Hdf5Id {
 public:
  using Closer = herr_t (*)(hid_t);

  Hdf5Id() = default;
  Hdf5Id(hid_t id, Closer closer) : id_(id), closer_(closer) {}
  ~Hdf5Id() { reset(); }
  Hdf5Id(Hdf5Id&& other) noexcept : id_(std::exchange(other.id_, -1)), closer_(other.closer_) {}
  Hdf5Id& operator=(Hdf5Id&& other) noexcept {
    std::swap(id_, other.id_);
    std::swap(closer_, other.closer_);
    return *this;
  }

  explicit operator bool() const { return id_ >= 0; }
  hid_t get() const { return id_; }
  /// False where the library could not close it.
  bool reset() { return id_ < 0 || closer_(std::exchange(id_, -1)) >= 0; }
  /// Leaves the object open to the end of the process. One whose last writes fail must not be closed: the library would
  /// free it, keep its identifier and crash over that.
  void abandon() { id_ = -1; }

 private:
  hid_t id_ = -1;
  Closer closer_ = nullptr;
};

/// Types of a dataset or attribute: as stored and as handed over.
struct Hdf5Types {
  hid_t stored, memory;
};

struct Hdf5File::Handle {
  std::filesystem::path path;
  Hdf5Id file;

  ~Handle() { flush(); }
  /// Writes what is left, or abandons the file and returns false.
  bool flush();
  /// The file's identifier; fails once it is closed.
  hid_t id() const;
  /// Throws with hdf5_error_cause().
  [[noreturn]] void refuse(const std::string& what) const;
  Hdf5Id open_object(const std::string& name) const;
  Hdf5Id open_dataset(const std::string& name) const;
  Hdf5Id open_attribute(const std::string& name, const std::string& attribute) const;
  /// Makes or replaces an attribute of one value.
  void put_attribute(const std::string& name, const std::string& attribute, const Hdf5Types& types,
                     const void* value) const;
  void ensure_group(const std::string& name) const;
  /// Fails where `name` exists; makes the groups above it.
  void prepare_dataset(const std::string& name) const;
};

/// The innermost message of the library's error stack, or the system's own words where the library quotes them ("No
/// space left on device"); to be asked before any other call of the library.
std::string hdf5_error_cause();
/// The object's path with one leading slash, none at the end; "/" for the root.
std::string hdf5_path(const std::string& name);
/// IEEE 754 binary16, as h5py's float16.
Hdf5Id hdf5_half_type();
/// Integers, floats and enumerations (how Booleans are stored): what the library converts to a number.
bool hdf5_is_numeric(hid_t type);

}  // namespace colonnade
