// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/image/formats/image_file.h"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <set>

#include "colonnade/core/error.h"
#include "colonnade/core/file.h"
#include "colonnade/core/log.h"
#include "colonnade/image/eds_map.h"
#include "colonnade/image/formats/json_access.h"
#include "colonnade/image/formats/npy.h"
#include "colonnade/image/formats/png.h"
#include "colonnade/image/formats/signal_form.h"
#include "colonnade/image/formats/signal_formats.h"
#include "colonnade/image/formats/tiff.h"
#include "colonnade/image/formats/zarr_store.h"

namespace colonnade {

namespace {

using Path = std::filesystem::path;

/// What signals without a title are called, and what comes behind a title that was there before.
void settle_titles(std::vector<StoredSignal>& signals, const Path& path) {
  std::set<std::string> taken;
  for (std::size_t i = 0; i < signals.size(); ++i) {
    std::string& title = signals[i].title;
    std::replace_if(
        title.begin(), title.end(), [](unsigned char letter) { return letter < ' '; }, ' ');
    if (title.empty()) title = signals.size() == 1 ? path.stem().string() : fmt::format("signal {}", i + 1);
    const std::string wanted = title;
    for (int copy = 2; !taken.insert(title).second; ++copy) title = fmt::format("{} ({})", wanted, copy);
  }
}

bool is_image(const StoredSignal& signal) {
  const SignalForm form = form_of(signal);
  return form == SignalForm::image || form == SignalForm::frames;
}

std::string listed(const std::vector<const StoredSignal*>& signals) {
  const std::size_t shown = std::min<std::size_t>(signals.size(), 8);
  std::vector<std::string> titles;
  for (std::size_t i = 0; i < shown; ++i) titles.push_back("'" + signals[i]->title + "'");
  return fmt::format("{}{}", fmt::join(titles, ", "), shown < signals.size() ? ", ..." : "");
}

/// What stands at the place of an image in a file without any.
[[noreturn]] void refuse_others(const std::vector<StoredSignal>& signals, const Path& path) {
  if (signals.empty()) fail("{}: holds no signals", path.string());
  if (signals.size() == 1) fail("{}: holds {}, not an image", path.string(), describe_form(signals[0]));
  std::vector<std::string> forms;
  for (std::size_t i = 0; i < std::min<std::size_t>(signals.size(), 4); ++i) forms.push_back(describe_form(signals[i]));
  fail("{}: holds no image but {} signals ({}{})", path.string(), signals.size(), fmt::join(forms, ", "),
       signals.size() > 4 ? ", ..." : "");
}

template <class Condition>
std::vector<const StoredSignal*> those(const std::vector<const StoredSignal*>& signals, Condition condition) {
  std::vector<const StoredSignal*> chosen;
  std::copy_if(signals.begin(), signals.end(), std::back_inserter(chosen),
               [&](const StoredSignal* signal) { return condition(*signal); });
  return chosen;
}

/// The one that a person most likely means; fails where that is not plain.
const StoredSignal& default_signal(const std::vector<StoredSignal>& signals, const Path& path) {
  std::vector<const StoredSignal*> all;
  for (const StoredSignal& signal : signals) all.push_back(&signal);
  auto candidates = those(all, is_image);
  if (candidates.empty()) {
    candidates = those(all, [](const StoredSignal& signal) { return form_of(signal) == SignalForm::pattern; });
  }
  if (candidates.empty()) refuse_others(signals, path);
  const auto readable = those(candidates, [](const StoredSignal& signal) { return signal.refusal.empty(); });
  if (!readable.empty()) candidates = readable;
  const auto plain = those(candidates, [](const StoredSignal& signal) { return !signal.secondary; });
  if (plain.size() == 1) return *plain.front();
  if (candidates.size() == 1) return *candidates.front();
  if (!plain.empty()) candidates = plain;
  fail("{}: holds {} images: {}; choose one by --signal TITLE (or its number, see --list)", path.string(),
       candidates.size(), listed(candidates));
}

const StoredSignal& chosen_signal(const std::vector<StoredSignal>& signals, const Path& path,
                                  const std::string& wanted) {
  if (wanted.empty()) return default_signal(signals, path);
  for (const StoredSignal& signal : signals) {
    if (signal.title == wanted) return signal;
  }
  std::size_t number = 0;
  const auto [end, error] = std::from_chars(wanted.data(), wanted.data() + wanted.size(), number);
  const bool is_number = error == std::errc() && end == wanted.data() + wanted.size();
  if (is_number && number >= 1 && number <= signals.size()) return signals[number - 1];
  std::vector<const StoredSignal*> all;
  for (const StoredSignal& signal : signals) all.push_back(&signal);
  fail("{}: no signal '{}'; it holds {}", path.string(), wanted, listed(all));
}

/// "EDS:9.442": the map of an X-ray line at so many keV; empty for any other text.
std::optional<double> line_energy(const std::string& signal) {
  return signal.starts_with("EDS:") ? number_in(signal.substr(4)) : std::nullopt;
}

Image line_image(const std::vector<StoredSignal>& signals, const Path& path, double energy_keV) {
  const auto is_cube = [](const StoredSignal& signal) { return form_of(signal) == SignalForm::spectrum_image; };
  const auto cube = std::find_if(signals.begin(), signals.end(), is_cube);
  if (cube == signals.end()) fail("{}: holds no spectrum image that a line could be mapped from", path.string());
  LineMapOptions options;
  options.energy_keV = energy_keV;
  Image image = line_map(*cube, options, path.string()).counts;
  image.metadata["file"] = path.filename().string();
  return image;
}

/// The signal as images: which, and how many there are.
struct Frames {
  const StoredSignal& signal;
  const Path& path;
  ImageShape shape;
  std::int64_t count = 1;

  /// The values of one frame, 0 the first.
  std::vector<float> values(std::int64_t frame) const {
    const auto& axes = signal.axes;
    if (axes.size() == 2) return signal.read(0, axes[0].size);
    if (count == axes[0].size) return signal.read(frame, 1);
    const std::int64_t inner = count / axes[0].size;  // frames in each entry of the first axis
    const std::vector<float> entry = signal.read(frame / inner, 1);
    const auto start = entry.begin() + std::ptrdiff_t((frame % inner) * std::int64_t(shape.pixels()));
    return {start, start + std::ptrdiff_t(shape.pixels())};
  }
};

Frames frames_of(const StoredSignal& signal, const Path& path) {
  const SignalForm form = form_of(signal);
  if (form != SignalForm::image && form != SignalForm::frames && form != SignalForm::pattern) {
    fail("{}: '{}' is {}, not an image", path.string(), signal.title, describe_form(signal));
  }
  if (!signal.refusal.empty()) fail("{}: '{}' cannot be read: {}", path.string(), signal.title, signal.refusal);
  const std::size_t axes = signal.axes.size();
  Frames frames{signal, path, image_shape(path.string(), {signal.axes[axes - 2].size, signal.axes[axes - 1].size})};
  for (std::size_t i = 0; i + 2 < axes; ++i) frames.count *= signal.axes[i].size;
  return frames;
}

Image bare_image(const Frames& frames) {
  const StoredSignal& signal = frames.signal;
  Image image;
  image.height = frames.shape.height;
  image.width = frames.shape.width;
  image.title = signal.title;
  image.intensity = signal.intensity;
  image.metadata = signal.metadata;
  if (!signal.original.empty()) image.metadata["original_metadata"] = signal.original;
  image.metadata["file"] = frames.path.filename().string();
  const PixelSize size = pixel_size(signal, frames.path.string());
  image.pixel_size_nm = size.nm;
  image.metadata["scale_source"] = size.source;
  if (size.guessed && size.nm > 0) {
    warn("{}: pixel size {:.6g} nm is a {}; state it if that is wrong", frames.path.string(), size.nm, size.source);
  }
  return image;
}

Image one_frame(const Frames& frames, const Image& bare, std::int64_t frame) {
  Image image = bare;
  image.data = frames.values(frame);
  if (frames.count > 1) image.metadata["frame"] = frame + 1;
  require_finite(image, frames.path.string());
  return image;
}

Image averaged(const Frames& frames, const Image& bare) {
  std::vector<double> sums(frames.shape.pixels(), 0.0);
  for (std::int64_t frame = 0; frame < frames.count; ++frame) {
    const std::vector<float> values = frames.values(frame);
    for (std::size_t i = 0; i < sums.size(); ++i) sums[i] += values[i];
  }
  Image image = bare;
  image.data.resize(sums.size());
  for (std::size_t i = 0; i < sums.size(); ++i) image.data[i] = float(sums[i] / double(frames.count));
  image.metadata["frames_averaged"] = frames.count;
  require_finite(image, frames.path.string());
  return image;
}

std::string extension(const Path& path) {
  std::string text = path.extension().string();
  std::transform(text.begin(), text.end(), text.begin(), [](unsigned char letter) { return std::tolower(letter); });
  return text;
}

}  // namespace

std::vector<StoredSignal> read_signals(const Path& path) {
  const bool is_folder = std::filesystem::is_directory(path) && is_zarr_folder(path);
  if (!is_folder) require_file(path, "image");
  std::vector<StoredSignal> signals = is_folder ? signals_of_zspy(zarr_folder(path)) : signals_of_known_format(path);
  settle_titles(signals, path);
  return signals;
}

Image read_image(const Path& path, const ReadOptions& options) {
  const auto signals = read_signals(path);
  if (const auto energy = line_energy(options.signal)) return line_image(signals, path, *energy);
  const Frames frames = frames_of(chosen_signal(signals, path, options.signal), path);
  if (options.frame < 0 || options.frame > frames.count) {
    fail("{}: '{}' has no frame {}, only 1 to {}", path.string(), frames.signal.title, options.frame, frames.count);
  }
  const Image bare = bare_image(frames);
  if (options.frame > 0) return one_frame(frames, bare, options.frame - 1);
  return frames.count == 1 ? one_frame(frames, bare, 0) : averaged(frames, bare);
}

std::vector<Image> read_frames(const Path& path, const ReadOptions& options) {
  if (options.frame != 0 || line_energy(options.signal)) return {read_image(path, options)};
  const auto signals = read_signals(path);
  const Frames frames = frames_of(chosen_signal(signals, path, options.signal), path);
  const Image bare = bare_image(frames);
  std::vector<Image> images;
  for (std::int64_t frame = 0; frame < frames.count; ++frame) images.push_back(one_frame(frames, bare, frame));
  return images;
}

void write_image(const Path& path, const Image& image) {
  require_finite(image, path.string());
  const std::string kind = extension(path);
  void (*write)(const Path&, const Image&) = nullptr;
  if (kind == ".tif" || kind == ".tiff") write = write_tiff;
  if (kind == ".npy") write = write_npy;
  if (kind == ".png") write = write_png;
  if (!write) fail("{}: images are written as .tif, .tiff, .npy or .png, not '{}'", path.string(), kind);
  PendingFile pending(path);
  write(pending.temporary(), image);
  pending.commit();
}

}  // namespace colonnade
