// SPDX-License-Identifier: GPL-3.0-or-later
// HDF5 with owned handles and clear errors. Names are paths inside the file ("group/name"); groups are made as needed.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "colonnade/image/formats/raw_samples.h"

namespace colonnade {

class Hdf5File {
 public:
  enum class Mode { read, create };
  /// create: truncates. Every failure names the file.
  Hdf5File(const std::filesystem::path& path, Mode mode);
  /// A file whose bytes are in memory, such as one of a ZIP file; `name` names it in messages.
  Hdf5File(std::string bytes, const std::filesystem::path& name);
  ~Hdf5File();
  Hdf5File(Hdf5File&&) noexcept;
  Hdf5File& operator=(Hdf5File&&) noexcept;

  bool has(const std::string& name) const;
  /// Names of the members of a group ("" or "/" for the root), sorted.
  std::vector<std::string> members(const std::string& group) const;
  bool is_group(const std::string& name) const;
  /// A dataset of integers, floats or Booleans.
  bool is_numeric(const std::string& name) const;
  std::vector<std::int64_t> shape(const std::string& name) const;
  /// How a numeric dataset is stored.
  SampleType sample_type(const std::string& name) const;

  /// Any numeric type is converted. `elements_at_most` guards against claimed sizes (0: 2^31).
  std::vector<float> read_floats(const std::string& name, std::int64_t elements_at_most = 0) const;
  std::vector<double> read_doubles(const std::string& name, std::int64_t elements_at_most = 0) const;
  std::vector<std::int64_t> read_integers(const std::string& name, std::int64_t elements_at_most = 0) const;
  /// The box of `count` entries along each axis from `start` on.
  std::vector<float> read_box(const std::string& name, const std::vector<std::int64_t>& start,
                              const std::vector<std::int64_t>& count) const;
  /// A dataset that holds a text, or the first of its texts; the characters of a dataset of bytes up to the first zero.
  std::string read_text_dataset(const std::string& name) const;
  /// The texts of a dataset; empty where it holds none.
  std::vector<std::string> read_text_list(const std::string& name) const;

  /// Little-endian IEEE; gzip level 1 with shuffle where `compress`. `half`: stored as 16-bit floats.
  void write_floats(const std::string& name, const std::vector<float>& values, const std::vector<std::int64_t>& shape,
                    bool compress = false, bool half = false);
  void write_doubles(const std::string& name, const std::vector<double>& values,
                     const std::vector<std::int64_t>& shape);
  void write_integers(const std::string& name, const std::vector<std::int64_t>& values,
                      const std::vector<std::int64_t>& shape);
  void make_group(const std::string& name);
  /// A text of its own, fixed length, UTF-8.
  void write_text_dataset(const std::string& name, const std::string& text);
  /// For what is too large to be held at once: a dataset of floats, chunked along its first dimension, to be filled by
  /// write_floats_at, which takes whole entries of that dimension from `first` on.
  void create_floats(const std::string& name, const std::vector<std::int64_t>& shape);
  void write_floats_at(const std::string& name, std::int64_t first, const std::vector<float>& values);
  /// A second name for an object (a hard link).
  void link(const std::string& existing, const std::string& name);

  /// Attributes of the object `name` ("/" for the file).
  bool has_attribute(const std::string& name, const std::string& attribute) const;
  std::string read_text(const std::string& name, const std::string& attribute) const;
  double read_number(const std::string& name, const std::string& attribute) const;
  /// All of an object's attributes that are numbers, Booleans, texts or short lists of these, in sound UTF-8.
  nlohmann::json attributes(const std::string& name) const;
  void write_text(const std::string& name, const std::string& attribute, const std::string& text);
  void write_number(const std::string& name, const std::string& attribute, double number);
  void write_integer(const std::string& name, const std::string& attribute, std::int64_t number);
  /// As h5py writes a bool.
  void write_boolean(const std::string& name, const std::string& attribute, bool value);

  /// Flushes and closes; fails where the disk is full (the file's descriptor then lives on to the end of the process,
  /// which the library cannot avoid). The destructor closes silently.
  void close();

 private:
  struct Handle;
  std::unique_ptr<Handle> handle_;
};

}  // namespace colonnade
