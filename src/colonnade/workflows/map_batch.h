// SPDX-License-Identifier: GPL-3.0-or-later
// The job "map" over many images: one folder each, one summary of all. An image that fails costs a row, not the batch.
#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "colonnade/workflows/map_image.h"

namespace colonnade {

struct MapJob {
  std::filesystem::path file;
  std::string name;  ///< of its folder; different for each job
};

/// What files, folders (the images in them, not in folders within) and patterns (*, ?, [...]) mean, in the order given
/// and by name within a folder, none twice. Fails on what matches nothing; a file that is missing is a job that fails.
std::vector<MapJob> map_jobs(const std::vector<std::string>& inputs);
/// Whether these inputs are several images even where they match only one: a folder or a pattern.
bool is_batch(const std::vector<std::string>& inputs);

struct BatchResult {
  nlohmann::json rows;              ///< a row per job: file, folder, state (mapped, kept, failed), numbers or error
  std::vector<std::string> failed;  ///< files
};

/// Maps each into out/NAME and writes out/summary.csv and out/summary.html, anew after every image. An image whose
/// folder is there, made of the same file with the same options, is kept unless `overwrite`; one made otherwise fails.
BatchResult map_batch(const std::vector<MapJob>& jobs, const MapOptions& options, const std::filesystem::path& out,
                      bool overwrite);

}  // namespace colonnade
