// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/core/file.h"

#include <csignal>
#include <fstream>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include "colonnade/core/error.h"

namespace colonnade {
namespace {

namespace fs = std::filesystem;

class FileTest : public ::testing::Test {
 protected:
  FileTest()
      : folder_(fs::temp_directory_path() / (std::string("colonnade_file_test_") +
                                             ::testing::UnitTest::GetInstance()->current_test_info()->name())) {
    fs::remove_all(folder_);
    fs::create_directories(folder_);
  }
  ~FileTest() override { fs::remove_all(folder_); }
  std::size_t entries() const { return std::distance(fs::directory_iterator(folder_), fs::directory_iterator()); }

  fs::path folder_;
};

TEST_F(FileTest, WritesAndReadsBack) {
  write_file(folder_ / "deep" / "a.txt", "hello");
  EXPECT_EQ(read_file(folder_ / "deep" / "a.txt"), "hello");
}

TEST_F(FileTest, NothingRemainsWithoutCommit) {
  {
    PendingFile file(folder_ / "a.txt");
    std::ofstream(file.temporary()) << "half";
    PendingFolder folder(folder_ / "out", false);
    std::ofstream(folder / "b.txt") << "half";
  }
  EXPECT_EQ(entries(), 0U);
}

TEST_F(FileTest, ExistingFolderIsRefusedOrReplaced) {
  fs::create_directories(folder_ / "out");
  std::ofstream(folder_ / "out" / "old.txt") << "old";
  EXPECT_THROW(PendingFolder(folder_ / "out", false), Error);
  PendingFolder folder(folder_ / "out", true);
  std::ofstream(folder / "new.txt") << "new";
  folder.commit();
  EXPECT_TRUE(fs::exists(folder_ / "out" / "new.txt"));
  EXPECT_FALSE(fs::exists(folder_ / "out" / "old.txt"));
  EXPECT_EQ(entries(), 1U);
}

TEST_F(FileTest, MissingEmptyAndFolderAreNamed) {
  std::ofstream(folder_ / "empty.tif").close();
  EXPECT_THROW(require_file(folder_ / "none.tif", "image"), Error);
  EXPECT_THROW(require_file(folder_ / "empty.tif", "image"), Error);
  EXPECT_THROW(require_file(folder_, "image"), Error);
  EXPECT_THROW(read_file(folder_), Error);
}

TEST_F(FileTest, NoSpaceLeavesNothingBehind) {
  // A limit on file sizes stands for a full disk: writing fails half-way in the same manner.
  rlimit before{};
  getrlimit(RLIMIT_FSIZE, &before);
  const auto handler = std::signal(SIGXFSZ, SIG_IGN);
  const rlimit tiny{1000, before.rlim_max};
  setrlimit(RLIMIT_FSIZE, &tiny);
  EXPECT_THROW(write_file(folder_ / "big.txt", std::string(100000, 'x')), Error);
  setrlimit(RLIMIT_FSIZE, &before);
  std::signal(SIGXFSZ, handler);
  EXPECT_EQ(entries(), 0U);
}

TEST_F(FileTest, Sha256OfKnownText) {
  // FIPS 180-2, appendix B.1.
  EXPECT_EQ(sha256("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  write_file(folder_ / "abc", "abc");
  EXPECT_EQ(sha256_file(folder_ / "abc"), sha256("abc"));
}

}  // namespace
}  // namespace colonnade
