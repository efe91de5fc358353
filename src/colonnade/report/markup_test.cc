// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/report/markup.h"

#include <gtest/gtest.h>

namespace colonnade {
namespace {

TEST(Markup, EscapesWhatMarkupMeans) {
  EXPECT_EQ(escape_markup("a<b> & \"c\" 'd'"), "a&lt;b&gt; &amp; &quot;c&quot; &#39;d&#39;");
}

TEST(Markup, KeepsUnicode) { EXPECT_EQ(escape_markup("Å ×10⁻³ 粒子 😀"), "Å ×10⁻³ 粒子 😀"); }

TEST(Markup, ReplacesWhatXmlForbids) {
  EXPECT_EQ(escape_markup(std::string("a\x01z\0b", 5)), "a�z�b");
  EXPECT_EQ(escape_markup("tab\tnew\nline"), "tab\tnew\nline");
  EXPECT_EQ(escape_markup("\xEF\xBF\xBF"), "�") << "U+FFFF";
}

TEST(Markup, ReplacesBrokenUtf8) {
  EXPECT_EQ(escape_markup("\xFFok"), "�ok");
  EXPECT_EQ(escape_markup("cut\xE2\x82"), "cut��");
  EXPECT_EQ(escape_markup("\xC0\xAF"), "��") << "overlong";
  EXPECT_EQ(escape_markup("\xED\xA0\x80"), "���") << "surrogate";
}

std::string encode(const std::string& text) { return base64({text.begin(), text.end()}); }

TEST(Markup, Base64AsInRfc4648) {
  EXPECT_EQ(encode(""), "");
  EXPECT_EQ(encode("f"), "Zg==");
  EXPECT_EQ(encode("fo"), "Zm8=");
  EXPECT_EQ(encode("foo"), "Zm9v");
  EXPECT_EQ(encode("foob"), "Zm9vYg==");
  EXPECT_EQ(encode("foobar"), "Zm9vYmFy");
  EXPECT_EQ(base64({0xFB, 0xFF, 0xBF}), "+/+/");
}

}  // namespace
}  // namespace colonnade
