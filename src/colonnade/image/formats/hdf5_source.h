// SPDX-License-Identifier: GPL-3.0-or-later
// What the readers of the kinds of HDF5 files share.
#pragma once

#include <memory>
#include <string>

#include "colonnade/image/formats/stored_signal.h"
#include "colonnade/image/formats/value_box.h"
#include "colonnade/image/hdf5_file.h"

namespace colonnade {

/// An open file; signals keep it open as long as they live.
struct Hdf5Source {
  std::shared_ptr<const Hdf5File> file;
  std::string where;

  ReadBox box(const std::string& dataset) const;
  /// Attributes of the group and of all below it, short datasets of numbers or texts among them; bounded in depth and
  /// number.
  nlohmann::json tree(const std::string& group) const;
};

/// A signal of a numeric dataset: its type, its axes without names, units or roles, and read(), with the axes in the
/// order of the file. `refusal` where it holds no plain numbers (complex ones are pairs in HDF5).
StoredSignal signal_of_dataset(const Hdf5Source& source, const std::string& dataset);

/// Which axes are of navigation, for formats that do not say: all but an axis of energies, or all but the last two.
void settle_roles(StoredSignal& signal);

}  // namespace colonnade
