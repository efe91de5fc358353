// SPDX-License-Identifier: GPL-3.0-or-later
// Spectra and spectrum images of Velox. A stream is a list of 16-bit numbers: 65535 ends a pixel, any other is one
// X-ray in that channel; pixels follow each other along x, then y, then frame by frame.
#include <algorithm>
#include <cmath>
#include <mutex>

#include "colonnade/core/error.h"
#include "colonnade/image/formats/json_access.h"
#include "colonnade/image/formats/velox.h"

namespace colonnade {

namespace {

using Json = nlohmann::json;

constexpr float end_of_pixel = 65535;
constexpr std::int64_t stream_piece = 1 << 20;

/// Calls `event(pixel, channel)` for each X-ray of a stream.
template <class Event>
void follow_stream(const Hdf5Source& source, const std::string& dataset, std::size_t pixels, Event event) {
  const BoxIndex shape = source.file->shape(dataset);
  const ReadBox box = source.box(dataset);
  std::size_t pixel = 0;
  for (std::int64_t first = 0; first < shape[0]; first += stream_piece) {
    BoxIndex start(shape.size(), 0), count(shape.size(), 1);
    start[0] = first;
    count[0] = std::min(stream_piece, shape[0] - first);
    for (const float value : box(start, count)) {
      if (value == end_of_pixel) {
        pixel = pixel + 1 == pixels ? 0 : pixel + 1;
      } else if (value >= 0 && value < end_of_pixel) {
        event(pixel, std::uint16_t(value));
      } else {
        fail("{}: '{}' is damaged: {} is no channel of an X-ray", source.where, dataset, value);
      }
    }
  }
}

/// The X-rays of all streams, sorted by pixel; decoded when they are first asked for.
class Events {
 public:
  Events(Hdf5Source source, std::vector<std::string> streams, std::size_t pixels, std::size_t channels)
      : source_(std::move(source)), streams_(std::move(streams)), pixels_(pixels), channels_(channels) {}

  std::vector<float> spectra(std::size_t first_pixel, std::size_t count) {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (starts_.empty()) decode();
    std::vector<float> values(count * channels_, 0.0F);
    for (std::size_t pixel = 0; pixel < count; ++pixel) {
      for (std::size_t i = starts_[first_pixel + pixel]; i < starts_[first_pixel + pixel + 1]; ++i) {
        values[pixel * channels_ + list_[i]] += 1;
      }
    }
    return values;
  }

 private:
  void decode() {
    std::vector<std::size_t> starts(pixels_ + 1, 0);
    for (const std::string& stream : streams_) {
      follow_stream(source_, stream, pixels_, [&](std::size_t pixel, std::uint16_t channel) {
        if (channel >= channels_) {
          fail("{}: damaged: an X-ray in channel {} of {}", source_.where, channel, channels_);
        }
        ++starts[pixel + 1];
      });
    }
    for (std::size_t i = 1; i < starts.size(); ++i) starts[i] += starts[i - 1];
    list_.resize(starts.back());
    std::vector<std::size_t> next = starts;
    for (const std::string& stream : streams_) {
      follow_stream(source_, stream, pixels_,
                    [&](std::size_t pixel, std::uint16_t channel) { list_[next[pixel]++] = channel; });
    }
    starts_ = std::move(starts);
  }

  Hdf5Source source_;
  std::vector<std::string> streams_;
  std::size_t pixels_, channels_;
  std::mutex mutex_;
  std::vector<std::size_t> starts_;  ///< of each pixel in the list
  std::vector<std::uint16_t> list_;  ///< channels
};

/// Channels of a detector, in keV.
SignalAxis energy_axis(const Json& record, std::int64_t channels) {
  const Json& detector = velox_detector(record);
  SignalAxis axis{"energy", "keV", channels, 1, 0, false};
  const double step = json_number(detector, {"Dispersion"}).value_or(0);
  if (step > 0) {
    axis.scale = step / 1000;
    axis.offset = json_number(detector, {"OffsetEnergy"}).value_or(0) / 1000;
  } else {
    axis.unit = "";
  }
  return axis;
}

StoredSignal described(const Json& record, const std::string& title) {
  StoredSignal signal;
  signal.title = title;
  signal.metadata = metadata_of_velox(record);
  signal.metadata["Signal"]["signal_type"] = "EDS_TEM";
  signal.original = record.is_object() ? record : Json::object();
  return signal;
}

StoredSignal spectrum(const Hdf5Source& source, const std::string& group) {
  const Json record = velox_record(source, group);
  const std::string detector = json_text(record, {"BinaryResult", "Detector"});
  StoredSignal signal = described(record, detector.empty() ? "EDS spectrum" : "EDS spectrum " + detector);
  const BoxIndex shape = source.file->shape(group + "/Data");
  if (shape.empty() || shape.size() > 2) fail("{}: '{}' is no spectrum", source.where, group);
  checked_product(shape, source.where);
  const bool several = shape.size() == 2 && shape[1] > 1;
  signal.axes = {energy_axis(record, shape[0])};
  if (several) signal.axes.insert(signal.axes.begin(), SignalAxis{"frame", "", shape[1], 1, 0, true});
  if (source.file->is_numeric(group + "/Data")) {
    signal.type = source.file->sample_type(group + "/Data");
    const ReadBox box = source.box(group + "/Data");
    signal.read = several ? entries_with_last_axis_first(box, shape) : entries_of(box, shape);
  } else {
    signal.refusal = "it holds no numbers";
  }
  return signal;
}

/// Points of the scan along "x" or "y".
std::int64_t scan_points(const Json& record, bool across) {
  const auto size = json_number(record, {"Scan", "ScanSize", across ? "width" : "height"});
  const double low = json_number(record, {"Scan", "ScanArea", across ? "left" : "top"}).value_or(0);
  const double high = json_number(record, {"Scan", "ScanArea", across ? "right" : "bottom"}).value_or(1);
  const double points = size ? std::round(*size * (high - low)) : 0;
  return points >= 1 && points <= (1 << 20) ? std::int64_t(points) : 0;
}

/// Streams that belong together: those of one scan.
StoredSignal spectrum_image(const Hdf5Source& source, const std::vector<std::string>& groups) {
  const Json record = velox_record(source, groups.front());
  const auto texts = source.file->has(groups.front() + "/AcquisitionSettings")
                         ? source.file->read_text_list(groups.front() + "/AcquisitionSettings")
                         : std::vector<std::string>{};
  const Json settings = texts.empty() ? Json() : Json::parse(texts.front(), nullptr, false);
  StoredSignal signal = described(record, "EDS");
  const std::int64_t height = scan_points(record, false), width = scan_points(record, true);
  const double channels = json_number(settings, {"bincount"}).value_or(4096);
  if (height == 0 || width == 0 || !(channels >= 1 && channels <= 65535)) {
    fail("{}: the stream of X-rays does not say how it was scanned", source.where);
  }
  std::vector<std::string> streams;
  double events = 0;
  for (const std::string& group : groups) {
    const BoxIndex shape = source.file->shape(group + "/Data");
    if (shape.empty() || !source.file->is_numeric(group + "/Data")) continue;
    streams.push_back(group + "/Data");
    events += double(shape[0]);
  }
  if (double(height) * double(width) > events) {
    fail("{}: truncated: a stream of {:.0f} numbers for a scan of {} x {} points", source.where, events, height, width);
  }
  signal.type = SampleType::uint16;
  signal.axes = {velox_axis(record, "y", height), velox_axis(record, "x", width),
                 energy_axis(record, std::int64_t(channels))};
  signal.axes[0].navigation = signal.axes[1].navigation = true;
  const auto list = std::make_shared<Events>(source, streams, std::size_t(height * width), std::size_t(channels));
  signal.read = [list, width](std::int64_t first, std::int64_t count) {
    return list->spectra(std::size_t(first * width), std::size_t(count * width));
  };
  return signal;
}

}  // namespace

std::vector<StoredSignal> spectra_of_velox(const Hdf5Source& source) {
  std::vector<StoredSignal> signals;
  if (source.file->is_group("Data/Spectrum")) {
    for (const std::string& name : source.file->members("Data/Spectrum")) {
      if (source.file->has("Data/Spectrum/" + name + "/Data")) {
        signals.push_back(spectrum(source, "Data/Spectrum/" + name));
      }
    }
  }
  std::vector<std::string> streams;
  if (source.file->is_group("Data/SpectrumStream")) {
    for (const std::string& name : source.file->members("Data/SpectrumStream")) {
      const std::string group = "Data/SpectrumStream/" + name;
      if (source.file->has(group + "/Data")) streams.push_back(group);
    }
  }
  if (!streams.empty()) signals.push_back(spectrum_image(source, streams));
  return signals;
}

}  // namespace colonnade
