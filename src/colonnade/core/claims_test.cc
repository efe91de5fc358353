// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/core/claims.h"

#include <csignal>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include "colonnade/core/error.h"
#include "colonnade/core/file.h"

namespace colonnade {
namespace {

namespace fs = std::filesystem;

class ClaimsTest : public testing::Test {
 protected:
  ClaimsTest() : file_(fs::temp_directory_path() / ("colonnade_claims_" + std::to_string(getpid()))) {}
  ~ClaimsTest() override { fs::remove(file_); }
  fs::path file_;
};

TEST_F(ClaimsTest, EachNumberOnce) {
  Claims one(file_), other(file_);
  EXPECT_TRUE(one.claim(7));
  EXPECT_FALSE(other.claim(7));
  EXPECT_TRUE(other.claim(8));
  EXPECT_TRUE(other.claim(std::int64_t(1) << 60));
  one.release(7);
  EXPECT_TRUE(other.claim(7));
  EXPECT_FALSE(one.claim(7));
  EXPECT_EQ(fs::file_size(file_), 0U);
}

TEST_F(ClaimsTest, EndWithTheirHolder) {
  Claims claims(file_);
  {
    Claims other(file_);
    EXPECT_TRUE(other.claim(3));
    EXPECT_FALSE(claims.claim(3));
  }
  EXPECT_TRUE(claims.claim(3));
}

TEST_F(ClaimsTest, EndWithAKilledProcess) {
  int ready[2];
  ASSERT_EQ(pipe(ready), 0);
  const pid_t child = fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    Claims claims(file_);
    const char done = claims.claim(5) ? 'y' : 'n';
    if (write(ready[1], &done, 1) == 1) pause();
    _exit(0);
  }
  char answer = 0;
  ASSERT_EQ(read(ready[0], &answer, 1), 1);
  EXPECT_EQ(answer, 'y');
  Claims claims(file_);
  EXPECT_FALSE(claims.claim(5));
  kill(child, SIGKILL);
  waitpid(child, nullptr, 0);
  claims.wait_for(5);
  Claims other(file_);
  EXPECT_FALSE(other.claim(5));
  close(ready[0]);
  close(ready[1]);
}

TEST_F(ClaimsTest, NeedAFolderThatIsThere) { EXPECT_THROW(Claims("/no/such/folder/claims"), Error); }

}  // namespace
}  // namespace colonnade
