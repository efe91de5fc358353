// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/workflows/map_batch.h"

#include <algorithm>
#include <array>
#include <glob.h>
#include <map>
#include <memory>
#include <set>

#include "colonnade/core/error.h"
#include "colonnade/core/file.h"
#include "colonnade/core/log.h"
#include "colonnade/core/progress.h"
#include "colonnade/core/version.h"
#include "colonnade/structures/elements.h"
#include "colonnade/workflows/map_summary.h"

namespace colonnade {
namespace fs = std::filesystem;
namespace {

// What a folder's images are known by; a file that is named is read whatever its name.
constexpr std::array<std::string_view, 24> image_endings = {
    ".tif", ".tiff", ".dm3", ".dm4", ".dm5",  ".emd", ".ser",    ".mrc",   ".hspy", ".zspy", ".hdf5", ".h5",
    ".npy", ".npz",  ".png", ".jpg", ".jpeg", ".bmp", ".ndata1", ".ndata", ".st",   ".rec",  ".map",  ".gtg"};

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return std::tolower(c); });
  return text;
}

bool is_image_name(const fs::path& file) {
  const std::string ending = lower(file.extension().string());
  return !file.filename().string().starts_with('.') &&
         std::find(image_endings.begin(), image_endings.end(), ending) != image_endings.end();
}

bool is_pattern(const std::string& text) { return text.find_first_of("*?[") != std::string::npos && !fs::exists(text); }

std::vector<fs::path> images_in(const fs::path& folder) {
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(folder)) {
    if (entry.is_regular_file() && is_image_name(entry.path())) files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  if (files.empty()) fail("the folder '{}' holds no image (.tif, .dm4, .emd, ...)", folder.string());
  return files;
}

std::vector<fs::path> matches(const std::string& pattern) {
  glob_t found{};
  const int code = glob(pattern.c_str(), 0, nullptr, &found);
  const std::unique_ptr<glob_t, void (*)(glob_t*)> release(&found, globfree);
  if (code != 0 || found.gl_pathc == 0) fail("'{}' matches no file", pattern);
  std::vector<fs::path> files;
  for (std::size_t i = 0; i < found.gl_pathc; ++i) {
    if (fs::is_regular_file(found.gl_pathv[i])) files.emplace_back(found.gl_pathv[i]);
  }
  if (files.empty()) fail("'{}' matches folders only; name them, or the files in them", pattern);
  return files;
}

/// "particle", or "particle_tif" beside a particle.emd, or with its folder's name, or with a number.
std::string free_name(const fs::path& file, std::size_t alike, const std::set<std::string>& taken) {
  std::string whole = file.filename().string();
  std::replace(whole.begin(), whole.end(), '.', '_');
  std::string parent = fs::absolute(file).lexically_normal().parent_path().filename().string();
  std::vector<std::string> names{whole, parent + "_" + whole};
  if (alike == 1) names.insert(names.begin(), file.stem().string());
  for (const std::string& name : names) {
    if (!name.empty() && taken.count(name) == 0) return name;
  }
  for (int number = 2;; ++number) {
    std::string name = fmt::format("{}_{}", names.back(), number);
    if (taken.count(name) == 0) return name;
  }
}

bool same_run(const nlohmann::json& record, MapOptions options, const fs::path& file) {
  options.elements = checked_elements(options.elements);
  return record.value("version", "") == version && record.at("options") == options.table().to_json() &&
         record.at("inputs").at(0).at("sha256") == sha256_file(file);
}

/// The row of an image that is already there; null where it is not.
nlohmann::json kept_row(const MapJob& job, const MapOptions& options, const fs::path& folder) {
  if (!fs::exists(folder / "run.json")) return nullptr;
  const auto record = nlohmann::json::parse(read_file(folder / "run.json"), nullptr, false);
  const bool readable = !record.is_discarded() && record.contains("options") && record.contains("inputs");
  if (!readable || !same_run(record, options, job.file)) {
    fail("'{}' was made from another file, with other options or by another version; use --overwrite or another --out",
         folder.string());
  }
  nlohmann::json row = summary_row(record.value("summary", nlohmann::json::object()));
  row["state"] = "kept";
  return row;
}

nlohmann::json map_one(const MapJob& job, const MapOptions& options, const fs::path& folder, bool overwrite) {
  nlohmann::json row = overwrite ? nlohmann::json(nullptr) : kept_row(job, options, folder);
  if (row.is_null()) {
    info("{}", job.file.string());
    row = summary_row(map_image(job.file, options, folder, overwrite));
    row["state"] = "mapped";
  }
  return row;
}

}  // namespace

bool is_batch(const std::vector<std::string>& inputs) {
  return inputs.size() != 1 || fs::is_directory(inputs[0]) || is_pattern(inputs[0]);
}

std::vector<MapJob> map_jobs(const std::vector<std::string>& inputs) {
  std::vector<fs::path> files;
  for (const std::string& input : inputs) {
    const auto some = fs::is_directory(input) ? images_in(input)
                      : is_pattern(input)     ? matches(input)
                                              : std::vector<fs::path>{input};
    files.insert(files.end(), some.begin(), some.end());
  }
  std::set<fs::path> seen;
  std::erase_if(files,
                [&](const fs::path& file) { return !seen.insert(fs::absolute(file).lexically_normal()).second; });
  std::map<std::string, std::size_t> alike;
  for (const fs::path& file : files) ++alike[file.stem().string()];
  std::set<std::string> taken;
  std::vector<MapJob> jobs;
  for (const fs::path& file : files) {
    jobs.push_back({file, free_name(file, alike[file.stem().string()], taken)});
    taken.insert(jobs.back().name);
  }
  return jobs;
}

BatchResult map_batch(const std::vector<MapJob>& jobs, const MapOptions& options, const fs::path& out, bool overwrite) {
  MapOptions checked = options;
  checked.check();
  fs::create_directories(out);
  BatchResult result;
  result.rows = nlohmann::json::array();
  Progress progress("Mapping images", std::int64_t(jobs.size()));
  for (const MapJob& job : jobs) {
    progress.note(job.file.filename().string());
    nlohmann::json row;
    try {
      row = map_one(job, options, out / job.name, overwrite);
    } catch (const std::exception& error) {  // one file's fault must not cost the others; the row says it
      row = {{"state", "failed"}, {"error", error.what()}};
      result.failed.push_back(job.file.string());
      progress.say(fmt::format("{}: failed: {}", job.file.string(), error.what()));
    }
    row["file"] = job.file.string();
    row["folder"] = job.name;
    result.rows.push_back(std::move(row));
    write_summary(out, result.rows, checked_elements(options.elements));
    progress.advance();
  }
  return result;
}

}  // namespace colonnade
