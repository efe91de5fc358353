// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/image/hdf5_file.h"

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <gmock/gmock.h>
#include <limits>
#include <sys/resource.h>
#include <thread>

#include "colonnade/core/random.h"
#include "colonnade/image/hdf5_handle.h"
#include "colonnade/image/test_folder.h"

// HDF5 1.10 loses two kilobytes of its own where a file cannot be closed for want of space.
extern "C" const char* __lsan_default_suppressions();                            // NOLINT(bugprone-reserved-identifier)
extern "C" const char* __lsan_default_suppressions() { return "leak:libhdf5"; }  // NOLINT(bugprone-reserved-identifier)

namespace colonnade {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

class Hdf5 : public TestFolder {
 protected:
  Hdf5File create(const std::string& name = "a.h5") const { return {at(name), Hdf5File::Mode::create}; }
  Hdf5File open(const std::string& name = "a.h5") const { return {at(name), Hdf5File::Mode::read}; }
};

std::vector<float> random_values(std::size_t count) {
  Random random(1);
  std::vector<float> values(count);
  for (float& value : values) value = float(random.normal());
  return values;
}

TEST_F(Hdf5, DatasetsRoundTrip) {
  const auto values = random_values(2 * 3 * 5);
  const std::vector<double> doubles = {1e-300, -2.5, 3};
  const std::vector<std::int64_t> integers = {std::numeric_limits<std::int64_t>::min(), 0,
                                              std::numeric_limits<std::int64_t>::max(), -7};
  Hdf5File file = create();
  file.write_floats("deep/er/images", values, {2, 3, 5});
  file.write_floats("packed", values, {2, 3, 5}, true);
  file.write_doubles("doubles", doubles, {3});
  file.write_integers("integers", integers, {2, 2});
  file.write_doubles("scalar", {42}, {});
  file.write_floats("nothing", {}, {0, 4}, true);
  file.close();

  const Hdf5File back = open();
  EXPECT_EQ(back.read_floats("deep/er/images"), values);
  EXPECT_EQ(back.read_floats("/packed"), values);
  EXPECT_EQ(back.read_doubles("doubles"), doubles);
  EXPECT_EQ(back.read_integers("integers"), integers);
  EXPECT_THAT(back.shape("deep/er/images"), ElementsAre(2, 3, 5));
  EXPECT_THAT(back.shape("scalar"), ElementsAre());
  EXPECT_THAT(back.read_integers("scalar"), ElementsAre(42));
  EXPECT_THAT(back.read_floats("nothing"), ElementsAre());
  EXPECT_THAT(back.shape("nothing"), ElementsAre(0, 4));
  EXPECT_EQ(back.read_doubles("packed")[7], double(values[7]));
}

TEST_F(Hdf5, GroupsAndMembers) {
  Hdf5File file = create();
  file.make_group("b");
  file.make_group("b");
  file.write_floats("a/x", {1}, {1});
  EXPECT_THAT(file.members(""), ElementsAre("a", "b"));
  EXPECT_THAT(file.members("a"), ElementsAre("x"));
  EXPECT_THAT(file.members("/b/"), ElementsAre());
  EXPECT_TRUE(file.has("a/x"));
  EXPECT_TRUE(file.has("/"));
  EXPECT_FALSE(file.has("a/y"));
  EXPECT_FALSE(file.has("no/such/thing"));
  EXPECT_TRUE(file.is_group("a"));
  EXPECT_TRUE(file.is_group("/"));
  EXPECT_FALSE(file.is_group("a/x"));
  EXPECT_TRUE(file.is_numeric("a/x"));
  EXPECT_FALSE(file.is_numeric("a"));
  EXPECT_THAT(message_of([&] { file.members("a/x"); }), HasSubstr("no group"));
  EXPECT_THAT(message_of([&] { file.members("c"); }), AllOf(HasSubstr("a.h5"), HasSubstr("'c'")));
}

TEST_F(Hdf5, Attributes) {
  Hdf5File file = create();
  file.make_group("g");
  const std::string json = "{\"note\": \"" + std::string(200000, 'x') + " \u00c5\"}";
  file.write_text("/", "version", "1.2.3");
  file.write_text("g", "options", json);
  file.write_text("g", "empty", "");
  file.write_number("g", "seed", 12345678901.5);
  file.write_number("g", "seed", 0.25);
  file.close();
  const Hdf5File back = open();
  EXPECT_EQ(back.read_text("/", "version"), "1.2.3");
  EXPECT_EQ(back.read_text("", "version"), "1.2.3");
  EXPECT_EQ(back.read_text("g", "options"), json);
  EXPECT_EQ(back.read_text("g", "empty"), "");
  EXPECT_EQ(back.read_number("g", "seed"), 0.25);
  EXPECT_TRUE(back.has_attribute("g", "seed"));
  EXPECT_FALSE(back.has_attribute("g", "see"));
  EXPECT_FALSE(back.has_attribute("h", "seed"));
  EXPECT_THAT(message_of([&] { back.read_number("g", "see"); }), HasSubstr("no attribute 'see'"));
  EXPECT_THAT(message_of([&] { back.read_number("g", "empty"); }), HasSubstr("no number"));
  EXPECT_THAT(message_of([&] { back.read_text("g", "seed"); }), HasSubstr("no text"));
  EXPECT_THAT(message_of([&] { back.read_text("h", "seed"); }), HasSubstr("no object 'h'"));
}

TEST_F(Hdf5, ReadsTextOfOtherPrograms) {
  {
    const Hdf5Id file(H5Fcreate(at("a.h5").c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT), H5Fclose);
    const Hdf5Id space(H5Screate(H5S_SCALAR), H5Sclose);
    const auto put_text = [&](const char* name, H5T_str_t padding, const char* bytes, std::size_t size) {
      const Hdf5Id type(H5Tcopy(H5T_C_S1), H5Tclose);
      H5Tset_size(type.get(), size);
      H5Tset_strpad(type.get(), padding);
      const Hdf5Id made(H5Acreate2(file.get(), name, type.get(), space.get(), H5P_DEFAULT, H5P_DEFAULT), H5Aclose);
      H5Awrite(made.get(), type.get(), bytes);
    };
    put_text("terminated", H5T_STR_NULLTERM, "n_m\0junk", 8);
    put_text("padded", H5T_STR_NULLPAD, "[n_m]\0\0", 7);
    put_text("full", H5T_STR_NULLPAD, "abc", 3);
    put_text("spaces", H5T_STR_SPACEPAD, "nm   ", 5);
  }
  const Hdf5File back = open();
  EXPECT_EQ(back.read_text("/", "terminated"), "n_m");
  EXPECT_EQ(back.read_text("/", "padded"), "[n_m]");
  EXPECT_EQ(back.read_text("/", "full"), "abc");
  EXPECT_EQ(back.read_text("/", "spaces"), "nm");
}

TEST_F(Hdf5, HalvesAreStoredInTwoBytes) {
  std::vector<float> values = random_values(64 * 64);
  values[0] = 65504;
  values[1] = 6e-8F;
  Hdf5File file = create();
  file.write_floats("half", values, {64, 64}, false, true);
  file.write_floats("packed", values, {64, 64}, true, true);
  file.close();
  EXPECT_LT(std::filesystem::file_size(at("a.h5")), 64 * 64 * 4 + 8000);
  const Hdf5File back = open();
  const auto read = back.read_floats("half");
  EXPECT_EQ(read, back.read_floats("packed"));
  for (std::size_t i = 0; i < values.size(); ++i) EXPECT_NEAR(read[i], values[i], 0.0005 * std::abs(values[i]) + 3e-8);
  // The library's own conversion is an independent reader of the same bits.
  EXPECT_THAT(back.read_doubles("half"), testing::ElementsAreArray(read));
  Hdf5File again = create("b.h5");
  EXPECT_THAT(message_of([&] { again.write_floats("x", {1, -70000}, {2}, false, true); }), HasSubstr("-70000"));
}

TEST_F(Hdf5, HalvesAreNumpysToPython) {
  const std::string python = "/usr/bin/python3 -c 'import h5py' 2>/dev/null";
  if (std::system(python.c_str()) != 0) GTEST_SKIP() << "no Python with h5py here";
  Hdf5File file = create();
  file.write_floats("x", {1.5F, -0.333251953125F, 65504, 5.9604644775390625e-8F}, {2, 2}, true, true);
  file.write_text("x", "unit", "\u00c5");
  file.close();
  const std::string script = fmt::format(
      "/usr/bin/python3 -c \"import h5py; f = h5py.File('{}'); d = f['x']; "
      "assert d.dtype == 'float16' and d.compression == 'gzip' and d.shuffle; "
      "assert d[()].astype(float).tolist() == [[1.5, -0.333251953125], [65504, 2.0**-24]]; "
      "assert d.attrs['unit'] == chr(0xc5)\"",
      at("a.h5").string());
  EXPECT_EQ(std::system(script.c_str()), 0);
}

TEST_F(Hdf5, CompressionPaysAndChunksAreSmall) {
  const std::vector<float> values(std::size_t(3) * 300 * 700, 1.25F);
  Hdf5File file = create();
  file.write_floats("x", values, {3, 300, 700}, true);
  file.write_floats("line", std::vector<float>(1000000, 2), {1000000}, true);
  file.close();
  EXPECT_LT(std::filesystem::file_size(at("a.h5")), 100000U);
  EXPECT_EQ(open().read_floats("x"), values);
  EXPECT_EQ(open().read_floats("line").back(), 2);
  const Hdf5Id raw(H5Fopen(at("a.h5").c_str(), H5F_ACC_RDONLY, H5P_DEFAULT), H5Fclose);
  const Hdf5Id dataset(H5Dopen2(raw.get(), "x", H5P_DEFAULT), H5Dclose);
  const Hdf5Id properties(H5Dget_create_plist(dataset.get()), H5Pclose);
  hsize_t chunk[3] = {};
  ASSERT_EQ(H5Pget_chunk(properties.get(), 3, chunk), 3);
  EXPECT_THAT(chunk, ElementsAre(1, 300, 700));
}

TEST_F(Hdf5, SameContentsSameBytesAtAnyTime) {
  const auto write = [&](const std::string& name) {
    Hdf5File file = create(name);
    file.write_floats("group/x", random_values(5000), {50, 100}, true, true);
    file.write_text("group", "note", "text of some length");
    file.write_number("/", "seed", 3);
    file.close();
    return read_file(at(name));
  };
  const std::string first = write("a.h5");
  std::this_thread::sleep_for(std::chrono::milliseconds(1100));  // the format's times have whole seconds
  EXPECT_TRUE(first == write("b.h5"));
}

TEST_F(Hdf5, RefusesWrongUse) {
  Hdf5File file = create();
  file.write_floats("x", {1.5F, 2}, {2});
  EXPECT_THAT(message_of([&] { file.write_floats("x", {1}, {1}); }), HasSubstr("written already"));
  EXPECT_THAT(message_of([&] { file.write_floats("y", {1, 2, 3}, {2, 2}); }), HasSubstr("3 values for shape [2, 2]"));
  EXPECT_THAT(message_of([&] { file.write_floats("y", {1}, {-1, -1}); }), HasSubstr("shape [-1, -1]"));
  EXPECT_THAT(message_of([&] { file.write_floats("x/y", {1}, {1}); }), HasSubstr("a.h5"));
  EXPECT_THAT(message_of([&] { file.read_floats("z"); }), HasSubstr("no object 'z'"));
  EXPECT_THAT(message_of([&] { file.read_integers("x"); }), HasSubstr("1.5, which is no whole number"));
  EXPECT_THAT(message_of([&] { file.read_floats("x", 1); }), HasSubstr("claims 2 elements, limit 1"));
  file.make_group("g");
  EXPECT_THAT(message_of([&] { file.read_floats("g"); }), HasSubstr("'g' is no dataset"));
  file.close();
  file.close();
  EXPECT_THAT(message_of([&] { file.read_floats("x"); }), HasSubstr("closed already"));
  Hdf5File back = open();
  EXPECT_THAT(message_of([&] { back.write_floats("y", {1}, {1}); }), HasSubstr("a.h5"));
}

TEST_F(Hdf5, RefusesWhatIsNoHdf5) {
  EXPECT_THAT(message_of([&] { open("none.h5"); }), HasSubstr("none.h5"));
  put("empty.h5", "");
  EXPECT_THAT(message_of([&] { open("empty.h5"); }), HasSubstr("empty"));
  put("text.h5", std::string(3000, 'x'));
  EXPECT_THAT(message_of([&] { open("text.h5"); }), AllOf(HasSubstr("text.h5"), HasSubstr("cannot be read as HDF5")));
  EXPECT_THAT(message_of([&] { create("no/such/folder.h5"); }), HasSubstr("No such file"));
  Hdf5File file = create();
  file.write_floats("x", random_values(10000), {10000});
  file.close();
  const std::string whole = read_file(at("a.h5"));
  put("cut.h5", std::string_view(whole).substr(0, whole.size() / 2));
  EXPECT_THAT(message_of([&] { open("cut.h5"); }), AllOf(HasSubstr("cut.h5"), HasSubstr("truncated")));
}

TEST_F(Hdf5, ClaimsAreCheckedBeforeAnythingIsAllocated) {
  {
    const Hdf5Id file(H5Fcreate(at("a.h5").c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT), H5Fclose);
    const hsize_t huge[2] = {100000, 100000}, sparse[2] = {30000, 30000}, chunk[2] = {10, 10};
    const Hdf5Id huge_space(H5Screate_simple(2, huge, nullptr), H5Sclose);
    const Hdf5Id sparse_space(H5Screate_simple(2, sparse, nullptr), H5Sclose);
    const Hdf5Id chunked(H5Pcreate(H5P_DATASET_CREATE), H5Pclose);
    H5Pset_chunk(chunked.get(), 2, chunk);
    const Hdf5Id elsewhere(H5Pcreate(H5P_DATASET_CREATE), H5Pclose);
    H5Pset_external(elsewhere.get(), "/etc/hostname", 0, H5F_UNLIMITED);
    const hsize_t few[1] = {4};
    const Hdf5Id few_space(H5Screate_simple(1, few, nullptr), H5Sclose);
    const auto make = [&](const char* name, hid_t type, const Hdf5Id& space, hid_t properties) {
      Hdf5Id(H5Dcreate2(file.get(), name, type, space.get(), H5P_DEFAULT, properties, H5P_DEFAULT), H5Dclose);
    };
    make("huge", H5T_IEEE_F32LE, huge_space, chunked.get());
    make("hollow", H5T_IEEE_F32LE, sparse_space, chunked.get());
    make("elsewhere", H5T_STD_U8LE, few_space, elsewhere.get());
    make("text", H5T_C_S1, few_space, H5P_DEFAULT);
  }
  const Hdf5File file = open();
  EXPECT_THAT(message_of([&] { file.read_floats("huge"); }), HasSubstr("limit 2147483648"));
  EXPECT_THAT(message_of([&] { file.read_floats("hollow"); }), HasSubstr("the file does not hold"));
  EXPECT_THAT(message_of([&] { file.read_floats("elsewhere"); }), HasSubstr("other files"));
  EXPECT_THAT(message_of([&] { file.read_floats("text"); }), HasSubstr("no plain numbers"));
  EXPECT_FALSE(file.is_numeric("text"));
}

TEST_F(Hdf5, AFullDiskIsAnError) {
  if (!std::filesystem::exists("/dev/full")) GTEST_SKIP() << "no /dev/full here";
  EXPECT_THAT(message_of([] { Hdf5File("/dev/full", Hdf5File::Mode::create); }), HasSubstr("No space left"));
}

/// Files of this process end at `bytes` while it lives, as on a disk that fills up.
class SmallDisk {
 public:
  explicit SmallDisk(rlim_t bytes) : handler_(std::signal(SIGXFSZ, SIG_IGN)) {
    getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit limit{bytes, before_.rlim_max};
    setrlimit(RLIMIT_FSIZE, &limit);
  }
  ~SmallDisk() {
    setrlimit(RLIMIT_FSIZE, &before_);
    std::signal(SIGXFSZ, handler_);
  }
  SmallDisk(const SmallDisk&) = delete;
  SmallDisk& operator=(const SmallDisk&) = delete;

 private:
  rlimit before_{};
  void (*handler_)(int);
};

TEST_F(Hdf5, ADiskThatFillsUpIsAnErrorOfWriteOrClose) {
  const auto write = [&](rlim_t room, std::size_t count, bool compress) {
    const SmallDisk disk(room);
    std::filesystem::remove(at("full.h5"));  // the library keeps hold of the file that failed
    Hdf5File file = create("full.h5");
    std::string stage = "write";
    return message_of([&] {
             file.write_floats("x", random_values(count), {std::int64_t(count)}, compress);
             stage = "close";
             file.close();
             stage = "none";
           }) +
           " (" + stage + ")";
  };
  EXPECT_THAT(write(100000, 300000, false), AllOf(HasSubstr("File too large"), HasSubstr("(write)")));
  EXPECT_THAT(write(1000, 300, false), HasSubstr("File too large"));
  EXPECT_THAT(write(1000, 300, true), AllOf(HasSubstr("full.h5"), HasSubstr("File too large")));
  // The library still works afterwards.
  Hdf5File file = create("a.h5");
  file.write_floats("x", {1}, {1});
  file.close();
  EXPECT_THAT(open("a.h5").read_floats("x"), ElementsAre(1));
}

TEST_F(Hdf5, MovesAndThreads) {
  Hdf5File first = create("a.h5");
  Hdf5File second = std::move(first);
  second = create("b.h5");
  second.write_floats("x", {1}, {1});
  second.close();
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([this, i] {
      Hdf5File file = create(fmt::format("{}.h5", i));
      for (int k = 0; k < 20; ++k) file.write_floats(fmt::format("x{}", k), {float(i), float(k)}, {2}, true);
      file.close();
    });
  }
  for (auto& thread : threads) thread.join();
  for (int i = 0; i < 4; ++i) EXPECT_THAT(open(fmt::format("{}.h5", i)).read_floats("x19"), ElementsAre(i, 19));
}

}  // namespace
}  // namespace colonnade
