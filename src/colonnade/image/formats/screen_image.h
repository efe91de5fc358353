// SPDX-License-Identifier: GPL-3.0-or-later
// Inside of the readers of formats made for screens (PNG, JPEG, BMP): their whole image as a signal.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "colonnade/image/formats/stored_signal.h"

namespace colonnade {

/// Warns where eight bits, or a lossy compression, mean that the numbers need not be proportional to the intensity.
StoredSignal screen_image(const std::filesystem::path& path, const std::string& format, const ImageShape& shape,
                          SampleType type, std::vector<float> values);

}  // namespace colonnade
