// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/workflows/convert_images.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <fmt/ranges.h>
#include <memory>

#include "colonnade/core/error.h"
#include "colonnade/core/file.h"
#include "colonnade/image/formats/image_file.h"
#include "colonnade/image/formats/npy.h"
#include "colonnade/image/formats/signal_form.h"
#include "colonnade/image/formats/signal_writer.h"
#include "colonnade/image/formats/tiff.h"
#include "colonnade/report/image_figure.h"
#include "colonnade/report/raster.h"
#include "colonnade/workflows/map_batch.h"

namespace colonnade {
namespace fs = std::filesystem;
namespace {

constexpr std::array formats = {"tif", "hspy", "emd", "npy", "png", "csv"};

bool keeps_all(const ConvertOptions& options) { return options.to == "hspy" || options.to == "emd"; }

void settle_scale(Image& image, const ConvertOptions& options) {
  if (options.pixel_size_nm > 0) image.pixel_size_nm = options.pixel_size_nm;
}

std::string described(const Image& image, std::size_t frames) {
  const std::string scale = image.pixel_size_nm > 0 ? fmt::format("{:.6g} nm", image.pixel_size_nm) : "no scale";
  return fmt::format("{}{} x {} px, {}", frames > 1 ? fmt::format("{} frames of ", frames) : "", image.height,
                     image.width, scale);
}

/// Signals for the formats that hold any number of them, of any dimension.
std::vector<StoredSignal> chosen_signals(const fs::path& file, const ConvertOptions& options) {
  if (!options.signal.empty() || options.frame > 0) {
    Image image = read_image(file, {options.signal, options.frame});
    settle_scale(image, options);
    return {signal_of(image)};
  }
  std::vector<StoredSignal> signals;
  for (StoredSignal& signal : read_signals(file)) {
    if (!signal.refusal.empty() || signal.axes.empty()) continue;
    settle_units(signal, file.string());
    if (options.pixel_size_nm > 0 && signal.axes.size() >= 2 && form_of(signal) == SignalForm::image) {
      for (std::size_t i = signal.axes.size() - 2; i < signal.axes.size(); ++i) {
        signal.axes[i].unit = "nm";
        signal.axes[i].scale = options.pixel_size_nm;
      }
    }
    signals.push_back(std::move(signal));
  }
  if (signals.empty()) fail("{}: holds no signal that can be read", file.string());
  return signals;
}

void write_figure(const fs::path& path, const Image& image) {
  ImageFigure figure;
  figure.image = image;
  const double narrowest_px = 480;
  write_png(path, to_svg(figure, std::max(narrowest_px, double(image.width))), 1);
}

std::string write_signals(const fs::path& from, const fs::path& to, const ConvertOptions& options) {
  const auto signals = chosen_signals(from, options);
  (options.to == "hspy" ? write_hspy : write_berkeley_emd)(to, signals);
  if (signals.size() == 1) return describe_form(signals.front());
  return fmt::format("{} signals", signals.size());
}

std::string write_frames(const fs::path& from, const fs::path& to, const ConvertOptions& options) {
  std::vector<Image> frames = read_frames(from, {options.signal, options.frame});
  for (Image& frame : frames) settle_scale(frame, options);
  const std::string what = described(frames.front(), frames.size());
  if (options.to == "tif") {
    write_tiff_stack(to, frames);
  } else if (frames.size() == 1) {
    write_npy(to, frames.front());
  } else {
    StoredSignal stack = signal_of(frames.front());
    stack.axes.insert(stack.axes.begin(), {"frame", "", std::int64_t(frames.size()), 1, 0, true});
    stack.read = [&frames](std::int64_t first, std::int64_t count) {
      std::vector<float> values;
      for (std::int64_t i = first; i < first + count; ++i) {
        const auto& data = frames[std::size_t(i)].data;
        values.insert(values.end(), data.begin(), data.end());
      }
      return values;
    };
    write_npy(to, stack);
  }
  return what;
}

std::string write_one(const fs::path& from, const fs::path& to, const ConvertOptions& options) {
  if (keeps_all(options)) return write_signals(from, to, options);
  if (options.to == "tif" || options.to == "npy") return write_frames(from, to, options);
  Image image = read_image(from, {options.signal, options.frame});
  settle_scale(image, options);
  (options.to == "png" ? write_figure : write_csv)(to, image);
  return described(image, 1);
}

/// Removes a folder that was made here, where nothing came to be in it.
class NewFolder {
 public:
  explicit NewFolder(fs::path path) : path_(std::move(path)), made_(!fs::exists(path_)) {
    std::error_code error;
    fs::create_directories(path_, error);
    if (error || !fs::is_directory(path_)) fail("the folder '{}' cannot be made; use another --out", path_.string());
  }
  ~NewFolder() {
    std::error_code ignored;
    if (made_ && fs::is_empty(path_, ignored)) fs::remove(path_, ignored);
  }
  NewFolder(const NewFolder&) = delete;
  NewFolder& operator=(const NewFolder&) = delete;

 private:
  fs::path path_;
  bool made_;
};

}  // namespace

OptionTable ConvertOptions::table() {
  OptionTable table;
  table.add("to", &to, "", "Format: tif, hspy, emd (Berkeley), npy, png (with a scale bar) or csv");
  table.add("signal", &signal, "", "Signal of a file that holds several: title, or number as --list shows it");
  table.add("frame", &frame, "", "One frame, counted from 1; 0: all of them (png and csv: their mean)");
  table.add("pixel_size", &pixel_size_nm, "nm", "Pixel size; 0: as the files say");
  return table;
}

void ConvertOptions::check() const {
  if (std::find(formats.begin(), formats.end(), to) == formats.end()) {
    fail("--to is '{}'; it must be one of {}", to, fmt::join(formats, ", "));
  }
  if (frame < 0) fail("--frame is {}; frames are counted from 1", frame);
  if (!(pixel_size_nm >= 0 && std::isfinite(pixel_size_nm))) {
    fail("--pixel-size is {} nm; it must be positive", pixel_size_nm);
  }
}

std::vector<Conversion> convert_images(const std::vector<std::string>& inputs, const ConvertOptions& options,
                                       const fs::path& out, bool overwrite) {
  options.check();
  std::vector<Conversion> done;
  for (const MapJob& job : map_jobs(inputs)) {
    require_file(job.file, "image");
    done.push_back({job.file, out / (job.name + "." + options.to), ""});
    const fs::path& target = done.back().to;
    std::error_code ignored;
    if (fs::equivalent(job.file, target, ignored)) {
      fail("'{}' would be written over itself; use another --out", target.string());
    }
    if (fs::exists(target) && !overwrite) fail("'{}' exists; use --overwrite or another --out", target.string());
  }
  const NewFolder folder(out);
  std::vector<std::unique_ptr<PendingFile>> pending;
  for (Conversion& conversion : done) {
    pending.push_back(std::make_unique<PendingFile>(conversion.to));
    conversion.what = write_one(conversion.from, pending.back()->temporary(), options);
  }
  for (const auto& file : pending) file->commit();
  return done;
}

}  // namespace colonnade
