// SPDX-License-Identifier: GPL-3.0-or-later
// HDF5 files of signals of any dimension (images, stacks, 4D-STEM) that two programs open with axes and units right:
// one dataset under two names. HyperSpy (hspy 3.3, https://hyperspy.org/rosettasciio/file_specification/hspy.html)
// finds Experiments/TITLE; py4DSTEM and emdfile (EMD 1.0, https://emdatasets.com/format) find the tree below
// "colonnade". With the extension .hdf5 both accept the file as it is.
#pragma once

#include <cstdint>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "colonnade/image/formats/stored_signal.h"
#include "colonnade/image/hdf5_file.h"
#include "colonnade/image/image.h"

namespace colonnade {

struct SignalDescription {
  std::string title;     ///< unique in the file; no '/'
  std::string quantity;  ///< what the numbers are: "fraction of beam", "counts", ...
  std::vector<SignalAxis> axes;
  nlohmann::json metadata = nlohmann::json::object();  ///< kept whole as original metadata
  double beam_energy_keV = 0, convergence_mrad = 0;    ///< 0: unknown
  nlohmann::json hyperspy = nlohmann::json::object();  ///< metadata by HyperSpy's names; replaces what stands above
};

/// An image's axes (y, x) in nm, or pixels where its scale is unknown.
SignalDescription describe_signal(const Image& image);

class SignalFile {
 public:
  /// Truncates; write to a temporary name (PendingFile) where that matters.
  explicit SignalFile(const std::filesystem::path& path);
  void add(const SignalDescription& description, const std::vector<float>& values);
  /// The same in parts, in order, each of whole entries of the first axis: begin, then append until full.
  void begin(const SignalDescription& description);
  void append(const std::vector<float>& values);
  /// Fails where a signal that was begun is not full, or the disk is.
  void close();

 private:
  void describe(const SignalDescription& description);
  void describe_for_hyperspy(const SignalDescription& description, const std::string& group);
  void describe_for_emd(const SignalDescription& description, const std::string& group);
  void calibrate_for_emd(const SignalDescription& description);

  Hdf5File file_;
  std::filesystem::path path_;
  std::string open_;  ///< dataset that is being appended to
  std::int64_t written_ = 0, entries_ = 0, entry_size_ = 1;
};

}  // namespace colonnade
