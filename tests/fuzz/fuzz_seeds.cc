// SPDX-License-Identifier: GPL-3.0-or-later
// fuzz_seeds FOLDER: writes a sound file or several for every fuzzer, FOLDER/<reader>/<name>.
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <jpeglib.h>
#include <string>

#include "colonnade/core/error.h"
#include "colonnade/core/file.h"
#include "colonnade/image/formats/image_file.h"
#include "colonnade/image/formats/signal_file.h"
#include "colonnade/image/formats/test_files.h"
#include "colonnade/image/formats/test_velox_files.h"
#include "colonnade/image/formats/test_vendor_files.h"
#include "colonnade/image/formats/test_zarr_files.h"
#include "colonnade/image/formats/tiff.h"

namespace {

namespace fs = std::filesystem;
using namespace colonnade;

Image sample(int height = 5, int width = 7) {
  Image image(height, width, 0.0125);
  for (std::size_t i = 0; i < image.data.size(); ++i) image.data[i] = float(i * i % 97);
  image.title = "HAADF";
  image.metadata["dose"] = 12.5;
  return image;
}

struct Seeds {
  fs::path folder;

  fs::path at(const std::string& reader, const std::string& name) const {
    fs::create_directories(folder / reader);
    return folder / reader / name;
  }
  void put(const std::string& reader, const std::string& name, const std::string& bytes) const {
    write_file(at(reader, name), bytes);
  }
};

void write_jpeg(const fs::path& path, int channels, bool progressive) {
  jpeg_compress_struct jpeg = {};
  jpeg_error_mgr errors = {};
  jpeg.err = jpeg_std_error(&errors);
  jpeg_create_compress(&jpeg);
  std::FILE* file = std::fopen(path.c_str(), "wb");
  if (!file) fail("{}: cannot be written", path.string());
  jpeg_stdio_dest(&jpeg, file);
  jpeg.image_width = 11;
  jpeg.image_height = 9;
  jpeg.input_components = channels;
  jpeg.in_color_space = channels == 1 ? JCS_GRAYSCALE : JCS_RGB;
  jpeg_set_defaults(&jpeg);
  if (progressive) jpeg_simple_progression(&jpeg);
  jpeg_start_compress(&jpeg, TRUE);
  std::string row(std::size_t(11) * std::size_t(channels), '\x50');
  for (int y = 0; y < 9; ++y) {
    auto* pixels = reinterpret_cast<JSAMPROW>(row.data());
    jpeg_write_scanlines(&jpeg, &pixels, 1);
  }
  jpeg_finish_compress(&jpeg);
  jpeg_destroy_compress(&jpeg);
  std::fclose(file);
}

void screen_seeds(const Seeds& seeds) {
  write_image(seeds.at("png", "grey.png"), sample());
  write_jpeg(seeds.at("jpeg", "grey.jpg"), 1, false);
  write_jpeg(seeds.at("jpeg", "colours.jpg"), 3, false);
  write_jpeg(seeds.at("jpeg", "progressive.jpg"), 1, true);
  for (const int bits : {8, 24, 32}) seeds.put("bmp", fmt::format("{}.bmp", bits), test_files::bmp(bits));
}

void array_seeds(const Seeds& seeds) {
  using test_files::npy;
  using test_files::ramp;
  seeds.put("npy", "image.npy", npy("<f4", "(2, 3)", ramp(6)));
  seeds.put("npy", "stack.npy", npy(">u2", "(2, 2, 3)", std::string(24, '\1')));
  seeds.put("npy", "half.npy", npy("<f2", "(4, 3)", std::string(24, '\1')));
  for (const bool deflated : {false, true}) {
    const char* const name = deflated ? "deflated" : "stored";
    test_files::write_zip(seeds.at("npz", name),
                          {{"a.npy", npy("<f4", "(2, 3)", ramp(6))}, {"b.npy", npy("<f4", "(2, 3, 1)", ramp(6))}},
                          deflated);
    test_files::write_zip(
        seeds.at("nion", name),
        {{"data.npy", npy("<f4", "(2, 3)", ramp(6))}, {"metadata.json", test_files::nion_properties()}}, deflated);
  }
}

void microscope_seeds(const Seeds& seeds) {
  for (const int mode : {0, 1, 2, 6, 12, 101}) seeds.put("mrc", fmt::format("{}.mrc", mode), test_files::mrc(mode, 2));
  seeds.put("mrc", "fei.mrc", test_files::mrc(1, 1, "FEI2", test_files::fei_record(888)));
  seeds.put("blo", "scan.blo", test_files::blo());
  seeds.put("mib", "frames.mib", test_files::mib(2));
  seeds.put("mib", "bytes.mib", test_files::mib(1, "U08", 1));
  for (const bool wide : {false, true}) {
    const test_files::DmTagWriter tags{wide};
    seeds.put("dm", wide ? "image.dm4" : "image.dm3", test_files::dm_file(wide, {test_files::dm_sample(tags)}));
  }
  seeds.put("ser", "images.ser", test_files::ser({.elements = 2, .valid = 2, .dimensions = {2}}));
  seeds.put("ser", "spectra.ser", test_files::ser({.wide = true, .elements = 2, .valid = 2, .height = 0}));
  seeds.put("emi", "a.emi", test_files::emi({200}));
}

void hdf5_seeds(const Seeds& seeds) {
  const Image image = sample();
  SignalFile file(seeds.at("hdf5", "signals.hspy"));
  file.add(describe_signal(image), image.data);
  SignalDescription patterns{"patterns", "counts", {{"y", "nm", 2, 1, 0, true}, {"ky", "mrad", 2}, {"kx", "mrad", 3}}};
  file.add(patterns, std::vector<float>(12, 1.0F));
  file.close();
}

void velox_seed(const Seeds& seeds) {
  test_files::VeloxWriter velox;
  velox.open(seeds.at("velox", "spectra.emd"));
  velox.put_image("0a", test_files::VeloxWriter::record("HAADF", 0), 2);
  velox.put_label("0a", "HAADF");
  velox.put_stream("s1", 2);
  velox.file->close();
}

/// The pieces that fuzz_zspy makes a store of: ".zarray", the attributes of an axis, one chunk for all.
void zspy_seeds(const Seeds& seeds) {
  for (const char* packing : {"", "blosc", "zlib", "zstd"}) {
    std::string array, axis, chunk;
    for (const auto& [key, contents] : test_files::zspy({.packing = packing})) {
      if (key.ends_with(".zarray")) array = contents;
      if (key.ends_with("axis-0/.zattrs")) axis = contents;
      if (key.ends_with("data/0.0")) chunk = contents;
    }
    std::string pieces;
    for (const std::string& piece : {array, axis}) {
      pieces += test_files::bytes_of(std::uint16_t(piece.size())) + piece;
    }
    seeds.put("zspy", packing[0] ? packing : "plain", pieces + chunk);
  }
  test_files::write_zip(seeds.at("any", "zipped.zspy"), test_files::zspy(), false);
}

void tiff_seeds(const Seeds& seeds) {
  write_image(seeds.at("tiff", "float.tif"), sample());
  write_tiff_stack(seeds.at("tiff", "stack.tif"), {sample(), sample()});
  seeds.put("tiff", "imagej.tif",
            test_files::tiff(4, {{270, "ImageJ=1.53t\nimages=4\nchannels=2\nslices=2\nunit=nm\n"}}));
  seeds.put("tiff", "ome.tif",
            test_files::tiff(2, {{270,
                                  "<OME><Image Name=\"a\"><Pixels DimensionOrder=\"XYZCT\" SizeC=\"1\" SizeZ=\"2\" "
                                  "SizeT=\"1\" PhysicalSizeX=\"0.1\"><Channel Name=\"b\"/></Pixels></Image></OME>"}}));
  seeds.put("tiff", "fei.tif",
            test_files::tiff(1, {{34682, "[Beam]\nHV=5000\n[Scan]\nPixelWidth=2e-09\nPixelHeight=2e-09\n"}}));
  seeds.put("tiff", "zeiss.tif",
            test_files::tiff(1, {{34118, "0\n0\n0\n1e-9\nAP_PIXEL_SIZE\nPixel Size = 2.6 nm\nAP_WD\nWD = 4 mm\n"}}));
}

void write_all(const Seeds& seeds) {
  tiff_seeds(seeds);
  screen_seeds(seeds);
  array_seeds(seeds);
  microscope_seeds(seeds);
  hdf5_seeds(seeds);
  velox_seed(seeds);
  zspy_seeds(seeds);
  // The door's fuzzer begins with one of each.
  for (const auto& reader : fs::directory_iterator(seeds.folder)) {
    if (reader.path().filename() == "any" || reader.path().filename() == "zspy") continue;
    for (const auto& file : fs::directory_iterator(reader)) {
      seeds.put("any", reader.path().filename().string() + "-" + file.path().filename().string(),
                read_file(file.path()));
    }
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fputs("fuzz_seeds FOLDER\n", stderr);
    return 2;
  }
  try {
    write_all({argv[1]});
  } catch (const std::exception& error) {
    std::fprintf(stderr, "error: %s\n", error.what());
    return 2;
  }
}
