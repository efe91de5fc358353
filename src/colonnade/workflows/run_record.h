// SPDX-License-Identifier: GPL-3.0-or-later
// What every output carries: the command, its options, the seed, the version, and the inputs' hashes.
#pragma once

#include <cstdint>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "colonnade/core/options.h"

namespace colonnade {

/// {"command", "version", "seed", "options", "inputs": [{"file", "sha256"}]}
nlohmann::json run_record(const std::string& command, const OptionTable& options, std::uint64_t seed,
                          const std::vector<std::filesystem::path>& inputs);

}  // namespace colonnade
