// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/image/formats/value_box.h"

#include <numeric>
#include <utility>

#include "colonnade/core/error.h"
#include "colonnade/image/formats/byte_source.h"

namespace colonnade {

namespace {

std::int64_t product(BoxIndex::const_iterator from, BoxIndex::const_iterator to) {
  return std::accumulate(from, to, std::int64_t(1), std::multiplies<>());
}

void check(const RawArray& array, const BoxIndex& start, const BoxIndex& count, std::uint64_t file_size) {
  const std::string where = array.path.string();
  const auto values = std::uint64_t(checked_product(array.shape, where));
  if (array.offset > file_size || values > (file_size - array.offset) / byte_size(array.type)) {
    fail("{}: truncated: {} values of {} bytes from position {}, the file has {} bytes; copy it again", where, values,
         byte_size(array.type), array.offset, file_size);
  }
  for (std::size_t i = 0; i < array.shape.size(); ++i) {
    if (start[i] < 0 || count[i] < 0 || start[i] > array.shape[i] || count[i] > array.shape[i] - start[i]) {
      fail("{}: entries {} to {} of {} are asked for", where, start[i], start[i] + count[i], array.shape[i]);
    }
  }
}

/// How many of the last axes the box takes whole; with part of the one before they lie in one run.
std::size_t axes_of_a_run(const RawArray& array, const BoxIndex& count) {
  std::size_t axes = 0;
  while (axes < array.shape.size() &&
         count[array.shape.size() - 1 - axes] == array.shape[array.shape.size() - 1 - axes])
    ++axes;
  return std::min(axes + 1, array.shape.size());
}

}  // namespace

std::int64_t checked_product(const BoxIndex& shape, const std::string& where) {
  const std::int64_t limit = std::int64_t(1) << 40;
  std::int64_t values = 1;
  for (const std::int64_t size : shape) {
    if (size < 0 || (values > 0 && size > limit / values)) {
      fail("{}: the shape ({}) is beyond what can be read; the file is damaged", where, fmt::join(shape, ", "));
    }
    values *= size;
  }
  return values;
}

ReadBox raw_box(RawArray array) {
  return [array = std::move(array)](const BoxIndex& start, const BoxIndex& count) {
    ByteSource source(array.path);
    check(array, start, count, source.size());
    const std::size_t axes = array.shape.size(), run_axes = axes_of_a_run(array, count);
    const auto run = product(count.end() - std::ptrdiff_t(run_axes), count.end());
    const auto total = product(count.begin(), count.end());
    std::vector<float> values;
    values.reserve(std::size_t(total));
    BoxIndex at = start;
    for (std::int64_t done = 0; done < total; done += run) {
      std::uint64_t index = 0;
      for (std::size_t i = 0; i < axes; ++i) index = index * std::uint64_t(array.shape[i]) + std::uint64_t(at[i]);
      const std::size_t bytes = byte_size(array.type);
      const auto part = to_floats(source.read(array.offset + index * bytes, std::uint64_t(run) * bytes), array.type,
                                  array.big_endian);
      values.insert(values.end(), part.begin(), part.end());
      for (std::size_t i = axes - run_axes; i-- > 0;) {
        if (++at[i] < start[i] + count[i]) break;
        at[i] = start[i];
      }
    }
    return values;
  };
}

std::function<std::vector<float>(std::int64_t, std::int64_t)> entries_of(ReadBox box, BoxIndex shape) {
  return [box = std::move(box), shape = std::move(shape)](std::int64_t first, std::int64_t entries) {
    BoxIndex start(shape.size(), 0), count = shape;
    start.front() = first;
    count.front() = entries;
    return box(start, count);
  };
}

std::function<std::vector<float>(std::int64_t, std::int64_t)> entries_with_first_axis_last(ReadBox box,
                                                                                           BoxIndex shape) {
  return [box = std::move(box), shape = std::move(shape)](std::int64_t first, std::int64_t entries) {
    BoxIndex start(shape.size(), 0), count = shape;
    start[1] = first;
    count[1] = entries;
    const std::vector<float> planes = box(start, count);
    const auto channels = std::size_t(shape[0]), points = channels == 0 ? 0 : planes.size() / channels;
    std::vector<float> spectra(planes.size());
    for (std::size_t channel = 0; channel < channels; ++channel) {
      for (std::size_t point = 0; point < points; ++point) {
        spectra[point * channels + channel] = planes[channel * points + point];
      }
    }
    return spectra;
  };
}

std::function<std::vector<float>(std::int64_t, std::int64_t)> entries_with_last_axis_first(ReadBox box,
                                                                                           BoxIndex shape) {
  return [box = std::move(box), shape = std::move(shape)](std::int64_t first, std::int64_t entries) {
    BoxIndex start(shape.size(), 0), count = shape;
    start.back() = first;
    count.back() = entries;
    std::vector<float> mixed = box(start, count);
    if (entries == 1) return mixed;
    const auto frames = std::size_t(entries), pixels = frames == 0 ? 0 : mixed.size() / frames;
    std::vector<float> values(mixed.size());
    for (std::size_t i = 0; i < mixed.size(); ++i) values[(i % frames) * pixels + i / frames] = mixed[i];
    return values;
  };
}

}  // namespace colonnade
