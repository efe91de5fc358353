// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/image/formats/tiff.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "colonnade/core/error.h"
#include "colonnade/core/log.h"
#include "colonnade/image/formats/raw_records.h"
#include "colonnade/image/formats/tiff_handle.h"
#include "colonnade/image/formats/tiff_metadata.h"
#include "colonnade/image/formats/tiff_page.h"

namespace colonnade {

namespace {

using namespace std::string_view_literals;
using Handle = std::shared_ptr<TiffHandle>;
using Pages = std::vector<TiffPage>;

constexpr std::size_t most_pages = std::size_t(1) << 20;

/// Every page that is no thumbnail (every page where all are).
Pages list_pages(TiffHandle& tiff) {
  Pages all;
  do {
    if (all.size() == most_pages) fail("{}: more than {} pages", tiff.where(), most_pages);
    all.push_back(describe_page(tiff));
  } while (TIFFReadDirectory(tiff.get()));
  tiff.require_whole();
  Pages pages;
  std::copy_if(all.begin(), all.end(), std::back_inserter(pages), [](const TiffPage& page) { return !page.thumbnail; });
  return pages.empty() ? all : pages;
}

void go_to(const TiffHandle& tiff, const TiffPage& page) {
  if (!TIFFSetSubDirectory(tiff.get(), page.directory)) tiff.refuse("not a readable TIFF");
}

/// The pages in the order of the signal, `per_entry` of them to each entry of its first axis.
std::function<std::vector<float>(std::int64_t, std::int64_t)> page_reader(const Handle& tiff, Pages pages,
                                                                          std::int64_t per_entry) {
  return [tiff, pages = std::move(pages), per_entry](std::int64_t first, std::int64_t count) {
    require_entries(tiff->where(), first, count, std::int64_t(pages.size()) / per_entry);
    std::vector<float> values;
    for (std::int64_t page = first * per_entry; page < (first + count) * per_entry; ++page) {
      const std::vector<float> one = read_page(*tiff, pages[std::size_t(page)]);
      values.insert(values.end(), one.begin(), one.end());
    }
    return values;
  };
}

/// Rows of a single page.
std::function<std::vector<float>(std::int64_t, std::int64_t)> row_reader(const Handle& tiff, const TiffPage& page) {
  return [tiff, page](std::int64_t first, std::int64_t count) {
    require_entries(tiff->where(), first, count, page.shape.height);
    std::vector<float> values = read_page(*tiff, page);
    const std::ptrdiff_t width = page.shape.width;
    if (count == page.shape.height) return values;
    return std::vector<float>(values.begin() + first * width, values.begin() + (first + count) * width);
  };
}

/// Axes y and x, and all that does not depend on how the pages are put together.
StoredSignal plain_signal(const TiffPage& page, const TiffMetadata& described) {
  StoredSignal signal;
  signal.title = described.title;
  signal.type = page.type;
  signal.intensity = described.intensity;
  signal.metadata = described.metadata;
  signal.original = described.original;
  signal.refusal = page.refusal;
  const double size = described.scale.pixel_size_nm;
  for (const auto& [name, count] : {std::pair("y", page.shape.height), std::pair("x", page.shape.width)}) {
    signal.axes.push_back({name, size > 0 ? "nm" : "px", count, size > 0 ? size : 1, 0, false});
  }
  return signal;
}

void add_navigation(StoredSignal& signal, const TiffStack& stack) {
  const double step = stack.depth_step_nm, interval = stack.frame_interval_s;
  auto& axes = signal.axes;
  if (stack.depth > 1) {
    axes.insert(axes.begin(), {"depth", step > 0 ? "nm" : "", stack.depth, step > 0 ? step : 1, 0, true});
  }
  if (stack.frames > 1) {
    axes.insert(axes.begin(), {"frame", interval > 0 ? "s" : "", stack.frames, interval > 0 ? interval : 1, 0, true});
  }
}

/// A title for a channel of a file that may have one itself.
std::string channel_title(const TiffMetadata& described, std::int64_t channel) {
  const TiffStack& stack = described.stack;
  if (stack.channels == 1) return described.title;
  const auto index = std::size_t(channel);
  const bool named = index < stack.channel_names.size() && !stack.channel_names[index].empty();
  return named ? stack.channel_names[index] : fmt::format("channel {}", channel + 1);
}

/// Channels as signals of their own, each with its frames and depths.
std::vector<StoredSignal> stated_stack(const Handle& tiff, const Pages& pages, const TiffMetadata& described) {
  const TiffStack& stack = described.stack;
  std::vector<StoredSignal> signals;
  for (std::int64_t channel = 0; channel < stack.channels; ++channel) {
    Pages own;
    for (std::int64_t frame = 0; frame < stack.frames; ++frame) {
      for (std::int64_t section = 0; section < stack.depth; ++section) {
        own.push_back(pages[std::size_t(stack.page(channel, section, frame))]);
      }
    }
    StoredSignal signal = plain_signal(own.front(), described);
    signal.title = channel_title(described, channel);
    add_navigation(signal, stack);
    signal.read =
        own.size() == 1 ? row_reader(tiff, own.front()) : page_reader(tiff, own, stack.frames > 1 ? stack.depth : 1);
    signals.push_back(std::move(signal));
  }
  return signals;
}

/// ImageJ's large stacks: one page, the other images lie behind its pixels without a page of their own. Only where
/// these are uncompressed, of one channel, and in one piece.
std::vector<StoredSignal> pageless_stack(const Handle& tiff, const TiffPage& page, const TiffMetadata& described) {
  go_to(*tiff, page);
  const bool plain = tiff->value<std::uint16_t>(TIFFTAG_COMPRESSION, COMPRESSION_NONE) == COMPRESSION_NONE;
  const std::uint64_t offset = TIFFGetStrileOffset(tiff->get(), 0), behind = std::uint64_t(described.stack.pages()) - 1;
  const std::uint64_t size = std::uint64_t(page.shape.pixels()) * byte_size(page.type);
  const std::uint64_t file_size = std::filesystem::file_size(tiff->where());
  const bool fits = offset > 0 && offset < file_size && size > 0 && (file_size - offset) / size > behind;
  if (!plain || !fits || page.samples != 1 || page.photometric == PHOTOMETRIC_MINISWHITE || !page.refusal.empty()) {
    return {};
  }
  std::vector<StoredSignal> signals;
  const std::int64_t channels = described.stack.channels;
  for (std::int64_t channel = 0; channel < channels; ++channel) {
    StoredSignal signal = plain_signal(page, described);
    signal.title = channel_title(described, channel);
    RawRecords records{tiff->where(), offset + std::uint64_t(channel) * size, page.type,
                       TIFFIsBigEndian(tiff->get()) != 0};
    records.entries = described.stack.pages() / channels;
    records.run_values = std::int64_t(page.shape.pixels());
    records.stride = size * std::uint64_t(channels);
    signal.axes.insert(signal.axes.begin(), {"frame", "", records.entries, 1, 0, true});
    signal.read = reader_of(records);
    signals.push_back(std::move(signal));
  }
  return signals;
}

std::string page_name(const TiffHandle& tiff, const Pages& pages, std::size_t first, std::size_t count) {
  if (count == pages.size()) return {};
  const std::string name = tiff.text(TIFFTAG_PAGENAME);
  const auto printable = [](unsigned char letter) { return letter >= ' ' && letter <= '~'; };
  if (!name.empty() && std::all_of(name.begin(), name.end(), printable)) return name;
  return count == 1 ? fmt::format("page {}", first + 1) : fmt::format("pages {} to {}", first + 1, first + count);
}

/// Neighbouring pages of one kind are frames.
std::vector<StoredSignal> grouped_pages(const Handle& tiff, const Pages& pages) {
  std::vector<StoredSignal> signals;
  for (std::size_t first = 0; first < pages.size();) {
    std::size_t end = first + 1;
    while (end < pages.size() && pages[end].same_kind(pages[first])) ++end;
    go_to(*tiff, pages[first]);
    const TiffMetadata described = read_tiff_metadata(*tiff, pages[first].shape.width);
    StoredSignal signal = plain_signal(pages[first], described);
    if (const std::string name = page_name(*tiff, pages, first, end - first); !name.empty()) signal.title = name;
    if (end - first == 1) {
      signal.read = row_reader(tiff, pages[first]);
    } else {
      signal.axes.insert(signal.axes.begin(), {"frame", "", std::int64_t(end - first), 1, 0, true});
      signal.read = page_reader(tiff, {pages.begin() + std::ptrdiff_t(first), pages.begin() + std::ptrdiff_t(end)}, 1);
    }
    signals.push_back(std::move(signal));
    first = end;
  }
  return signals;
}

bool all_of_one_kind(const Pages& pages) {
  return std::all_of(pages.begin(), pages.end(), [&](const TiffPage& page) { return page.same_kind(pages.front()); });
}

void set_tags(TIFF* tiff, const Image& image, const std::string& description) {
  TIFFSetField(tiff, TIFFTAG_IMAGEWIDTH, std::uint32_t(image.width));
  TIFFSetField(tiff, TIFFTAG_IMAGELENGTH, std::uint32_t(image.height));
  TIFFSetField(tiff, TIFFTAG_BITSPERSAMPLE, 32);
  TIFFSetField(tiff, TIFFTAG_SAMPLESPERPIXEL, 1);
  TIFFSetField(tiff, TIFFTAG_SAMPLEFORMAT, SAMPLEFORMAT_IEEEFP);
  TIFFSetField(tiff, TIFFTAG_PHOTOMETRIC, PHOTOMETRIC_MINISBLACK);
  TIFFSetField(tiff, TIFFTAG_COMPRESSION, COMPRESSION_NONE);
  TIFFSetField(tiff, TIFFTAG_PLANARCONFIG, PLANARCONFIG_CONTIG);
  TIFFSetField(tiff, TIFFTAG_ROWSPERSTRIP, std::uint32_t(image.height));
  if (!description.empty()) TIFFSetField(tiff, TIFFTAG_IMAGEDESCRIPTION, description.c_str());
  TIFFSetField(tiff, TIFFTAG_SOFTWARE, "Colonnade");
  TIFFSetField(tiff, TIFFTAG_RESOLUTIONUNIT, RESUNIT_NONE);
  const double resolution = image.pixel_size_nm > 0 ? 1.0 / image.pixel_size_nm : 1.0;
  TIFFSetField(tiff, TIFFTAG_XRESOLUTION, resolution);
  TIFFSetField(tiff, TIFFTAG_YRESOLUTION, resolution);
}

std::string describe(const std::vector<const Image*>& frames) {
  const Image& image = *frames.front();
  const nlohmann::json own = {{"title", image.title},
                              {"intensity", image.intensity},
                              {"pixel_size_nm", image.pixel_size_nm},
                              {"metadata", image.metadata}};
  Extremes range = extremes(image);
  for (const Image* frame : frames) {
    const Extremes other = extremes(*frame);
    range = {std::min(range.low, other.low), std::max(range.high, other.high)};
  }
  return tiff_description(own, image.pixel_size_nm, range.low, range.high, std::int64_t(frames.size()));
}

void write_pages(const std::filesystem::path& path, const std::vector<const Image*>& frames) {
  const std::size_t most_values = 1'000'000'000;  // beyond 4 GB only BigTIFF goes
  TiffHandle tiff(path, frames.size() * frames.front()->data.size() > most_values ? "w8" : "w");
  for (std::size_t page = 0; page < frames.size(); ++page) {
    const Image& image = *frames[page];
    set_tags(tiff.get(), image, page == 0 ? describe(frames) : "");
    auto* pixels = const_cast<float*>(image.data.data());
    const auto bytes = tmsize_t(image.data.size() * sizeof(float));
    if (TIFFWriteEncodedStrip(tiff.get(), 0, pixels, bytes) != bytes) tiff.refuse("writing failed (is the disk full?)");
    if (page + 1 < frames.size() && !TIFFWriteDirectory(tiff.get())) tiff.refuse("writing failed (is the disk full?)");
  }
  tiff.close();
}

}  // namespace

bool is_tiff(std::string_view head) {
  const std::string_view start = head.substr(0, 4);
  return start == "II*\0"sv || start == "MM\0*"sv || start == "II+\0"sv || start == "MM\0+"sv;
}

std::vector<StoredSignal> signals_of_tiff(const std::filesystem::path& path) {
  const auto tiff = std::make_shared<TiffHandle>(path, "rmc");  // read() instead of a memory map, strips as they are
  const Pages pages = list_pages(*tiff);
  go_to(*tiff, pages.front());
  if (pages.front().refusal.empty()) require_plausible(*tiff, pages.front());
  const TiffMetadata described = read_tiff_metadata(*tiff, pages.front().shape.width);
  if (tiff->value<std::uint16_t>(TIFFTAG_ORIENTATION, ORIENTATION_TOPLEFT) != ORIENTATION_TOPLEFT) {
    warn("{}: the orientation tag is not followed: rows are read in the order of the file", tiff->where());
  }
  const bool stated = described.stack.stated && all_of_one_kind(pages);
  if (stated && described.stack.pages() == std::int64_t(pages.size())) return stated_stack(tiff, pages, described);
  if (stated && pages.size() == 1) {
    if (auto signals = pageless_stack(tiff, pages.front(), described); !signals.empty()) return signals;
  }
  if (described.stack.stated) {
    warn("{}: {} images are described, the file has {} pages; its pages are read as frames", tiff->where(),
         described.stack.pages(), pages.size());
  }
  return grouped_pages(tiff, pages);
}

void write_tiff(const std::filesystem::path& path, const Image& image) { write_pages(path, {&image}); }

void write_tiff_stack(const std::filesystem::path& path, const std::vector<Image>& frames) {
  if (frames.empty()) fail("{}: a stack needs at least one image", path.string());
  std::vector<const Image*> pointers;
  for (const Image& frame : frames) pointers.push_back(&frame);
  write_pages(path, pointers);
}

}  // namespace colonnade
