// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/report/text_table.h"

#include <gtest/gtest.h>

#include "colonnade/core/error.h"

namespace colonnade {
namespace {

TextTable small() { return {"Scores", {"who", "R²"}, {{"network", "0.5"}, {"a|b", "> 0.70"}}, "on 9 columns"}; }

TEST(TextTable, AlignsWordsLeftAndNumbersRight) {
  EXPECT_EQ(to_text(small()),
            "Scores\n"
            "who          R²\n"
            "network     0.5\n"
            "a|b      > 0.70\n"
            "on 9 columns\n");
}

TEST(TextTable, WritesMarkdown) {
  EXPECT_EQ(to_markdown(small()),
            "**Scores**\n\n"
            "| who | R² |\n|---|---:|\n| network | 0.5 |\n| a\\|b | > 0.70 |\n\non 9 columns\n");
}

TEST(TextTable, RefusesRowsOfAnotherLength) {
  TextTable table = small();
  table.rows[1].push_back("more");
  EXPECT_THROW(to_text(table), Error);
  EXPECT_THROW(to_markdown(table), Error);
}

}  // namespace
}  // namespace colonnade
