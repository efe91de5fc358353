// SPDX-License-Identifier: GPL-3.0-or-later
// Weights by name in a model file's group "weights". For the sources of this room.
#pragma once

#include <ATen/core/Tensor.h>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "colonnade/image/hdf5_file.h"

namespace colonnade {

using NamedWeights = std::vector<std::pair<std::string, at::Tensor>>;

/// `half`: as 16-bit floats.
void write_weights(Hdf5File& file, const NamedWeights& weights, bool half);
/// Fills the weights in place. Fails, naming the file, on weights that are missing, of another shape or not finite.
void read_weights(const Hdf5File& file, const std::filesystem::path& path, NamedWeights weights);

}  // namespace colonnade
