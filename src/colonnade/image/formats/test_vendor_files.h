// SPDX-License-Identifier: GPL-3.0-or-later
// Small valid files of DigitalMicrograph and TIA, byte by byte, for tests and for the seeds of the fuzzers.
#pragma once

#include <string>
#include <vector>

#include "colonnade/image/formats/test_files.h"

namespace colonnade::test_files {

/// Tags of a DM3 (or DM4) file; values little-endian.
struct DmTagWriter {
  bool wide = false;

  std::string length(std::int64_t value) const {
    return wide ? bytes_of(value, true) : bytes_of(std::int32_t(value), true);
  }
  std::string head(char kind, const std::string& name, std::size_t content) const {
    std::string text(1, kind);
    text += bytes_of(std::uint16_t(name.size()), true) + name;
    return wide ? text + bytes_of(std::int64_t(content), true) : text;
  }
  std::string data(const std::string& name, const std::vector<std::int64_t>& codes, const std::string& value) const {
    std::string text = "%%%%" + length(std::int64_t(codes.size()));
    for (const std::int64_t code : codes) text += length(code);
    return head(21, name, text.size() + value.size()) + text + value;
  }
  std::string whole(const std::string& name, std::int64_t value) const {
    return data(name, {5}, bytes_of(std::uint32_t(value)));
  }
  std::string real(const std::string& name, double value) const { return data(name, {7}, bytes_of(value)); }
  std::string single(const std::string& name, float value) const { return data(name, {6}, bytes_of(value)); }
  std::string text(const std::string& name, const std::u16string& value) const {
    std::string letters;
    for (const char16_t letter : value) letters += bytes_of(std::uint16_t(letter));
    return data(name, {20, 4, std::int64_t(value.size())}, letters);
  }
  std::string array(const std::string& name, int code, std::int64_t count, const std::string& value) const {
    return data(name, {20, code, count}, value);
  }
  std::string content(const std::vector<std::string>& members) const {
    std::string text = std::string("\1\0", 2) + length(std::int64_t(members.size()));
    for (const std::string& member : members) text += member;
    return text;
  }
  std::string group(const std::string& name, const std::vector<std::string>& members) const {
    const std::string inside = content(members);
    return head(20, name, inside.size()) + inside;
  }
  std::string file(const std::vector<std::string>& members) const {
    const std::string tree = content(members) + std::string(8, '\0');
    return bytes_of(std::int32_t(wide ? 4 : 3), true) + length(std::int64_t(tree.size())) +
           bytes_of(std::int32_t(1), true) + tree;
  }
};

/// One image of a DM file.
struct DmSample {
  std::vector<int> sizes = {4, 3};  ///< fastest first
  int data_type = 2, array_code = 6;
  std::string data;
  std::int64_t count = 12;
  std::vector<float> scales = {0.02F, 0.02F}, origins = {0, 0};
  std::vector<std::u16string> units = {u"nm", u"nm"};
  std::u16string name = u"HAADF";
  std::vector<std::string> image_tags = {};
};

inline std::string dm_image(const DmTagWriter& tags, const DmSample& sample) {
  std::vector<std::string> sizes, calibrations;
  for (std::size_t i = 0; i < sample.sizes.size(); ++i) {
    sizes.push_back(tags.whole("", sample.sizes[i]));
    calibrations.push_back(
        tags.group("", {tags.single("Origin", sample.origins[i]), tags.single("Scale", sample.scales[i]),
                        tags.text("Units", sample.units[i])}));
  }
  const std::string data =
      tags.group("ImageData", {tags.group("Calibrations", {tags.group("Dimension", calibrations)}),
                               tags.array("Data", sample.array_code, sample.count, sample.data),
                               tags.whole("DataType", sample.data_type), tags.group("Dimensions", sizes)});
  return tags.group("", {data, tags.group("ImageTags", sample.image_tags), tags.text("Name", sample.name)});
}

/// Images behind a thumbnail in colours.
inline std::string dm_file(bool wide, const std::vector<DmSample>& samples) {
  const DmTagWriter tags{wide};
  DmSample thumbnail;
  thumbnail.data_type = 23;
  thumbnail.array_code = 3;
  thumbnail.data = std::string(48, '\x7F');
  thumbnail.name = u"Image of it";
  std::vector<std::string> images = {dm_image(tags, thumbnail)};
  for (const DmSample& sample : samples) images.push_back(dm_image(tags, sample));
  return tags.file(
      {tags.group("ImageList", images), tags.group("Thumbnails", {tags.group("", {tags.whole("ImageIndex", 0)})})});
}

/// The sample of floats 0, 1, 2, ... that has the microscope's tags.
inline DmSample dm_sample(const DmTagWriter& tags) {
  DmSample sample;
  sample.data = ramp(12);
  sample.image_tags = {
      tags.group("DigiScan", {tags.real("Sample Time", 8)}),
      tags.group("EELS", {tags.group("Experimental Conditions", {tags.real("Collection semi-angle (mrad)", 30),
                                                                 tags.real("Convergence semi-angle (mrad)", 21.4)})}),
      tags.group("Microscope Info",
                 {tags.real("Voltage", 200000), tags.real("Indicated Magnification", 2e6),
                  tags.text("Illumination Mode", u"STEM NANOPROBE"), tags.text("Microscope", u"Titan \u00b5")})};
  return sample;
}

struct SerSample {
  bool wide = false, big_endian = false;
  int elements = 1, valid = 1;  ///< element i holds i * 100 + 0, 1, 2, ..., rows from below
  int width = 3, height = 2;    ///< height 0: spectra
  double step = 2e-11;
  std::vector<int> dimensions = {1};
  bool positions = false;  ///< tags of a scan that runs down first
};

/// SER file of 16-bit numbers.
inline std::string ser(const SerSample& sample) {
  const bool big = sample.big_endian, flat = sample.height > 0;
  const auto number = [big](auto value) { return bytes_of(value, big); };
  const auto place = [&](std::size_t at) {
    return sample.wide ? number(std::uint64_t(at)) : number(std::uint32_t(at));
  };
  std::string file = (big ? "MM" : "II") + number(std::uint16_t(0x0197)) +
                     number(std::uint16_t(sample.wide ? 0x220 : 0x210)) + number(std::int32_t(flat ? 0x4122 : 0x4120)) +
                     number(std::int32_t(sample.positions ? 0x4142 : 0x4152)) + number(std::int32_t(sample.elements)) +
                     number(std::int32_t(sample.valid));
  std::string dimensions = number(std::int32_t(sample.dimensions.size()));
  for (const int size : sample.dimensions) {
    dimensions += number(std::int32_t(size)) + number(0.0) + number(5e-10) + number(std::int32_t(0)) +
                  number(std::int32_t(6)) + "Number" + number(std::int32_t(6)) + "meters";
  }
  const std::size_t entry = sample.wide ? 8 : 4, table = file.size() + entry + dimensions.size();
  const int rows = flat ? sample.height : 1, values = rows * sample.width;
  const std::size_t element = flat ? 50 + 2 * std::size_t(values) : 26 + 2 * std::size_t(values), tag = 24;
  const std::size_t first = table + 2 * entry * std::size_t(sample.elements);
  file += place(table) + dimensions;
  for (int i = 0; i < sample.elements; ++i) file += place(first + std::size_t(i) * (element + tag));
  for (int i = 0; i < sample.elements; ++i) file += place(first + std::size_t(i) * (element + tag) + element);
  for (int i = 0; i < sample.elements; ++i) {
    for (int axis = 0; axis < (flat ? 2 : 1); ++axis) {
      file += number(0.0) + number(flat ? sample.step : 5.0) + number(std::int32_t(0));
    }
    file += number(std::uint16_t(2)) + number(std::int32_t(sample.width));
    if (flat) file += number(std::int32_t(sample.height));
    for (int k = 0; k < values; ++k) file += number(std::uint16_t(i * 100 + k));
    file += number(std::uint16_t(sample.positions ? 0x4142 : 0x4152)) + std::string(6, '\0') + number(0.0) +
            number(double(i) * 1e-9);
  }
  return file;
}

/// EMI file of objects with a voltage each, kV, wrapped in bytes that mean nothing here.
inline std::string emi(const std::vector<int>& kilovolts) {
  std::string file("JK\0\2\0\0\0\0", 8);
  for (const int voltage : kilovolts) {
    file +=
        std::string(40, '\xAB') +
        fmt::format(
            "<ObjectInfo><ExperimentalConditions><MicroscopeConditions><AcceleratingVoltage>{}</AcceleratingVoltage>"
            "</MicroscopeConditions></ExperimentalConditions><ExperimentalDescription><Root><Data><Label>Camera "
            "length</Label><Value>0.116</Value><Unit>m</Unit></Data><Data><Label>Mode</Label><Value> STEM nP "
            "&amp; more</Value><Unit></Unit></Data></Root></ExperimentalDescription><AcquireDate>Tue Oct 18"
            "</AcquireDate><AcquireInfo><DwellTimePath>0.000029</DwellTimePath></AcquireInfo></ObjectInfo>",
            voltage * 1000) +
        std::string(8, '\0');
  }
  return file;
}

}  // namespace colonnade::test_files
