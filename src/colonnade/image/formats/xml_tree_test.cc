// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/image/formats/xml_tree.h"

#include <gtest/gtest.h>

#include "colonnade/image/formats/byte_text.h"
#include "colonnade/image/formats/signal_form.h"

namespace colonnade {
namespace {

TEST(XmlTree, ElementsAttributesTextAndLists) {
  const auto tree = parse_xml(
      "<?xml version='1.0'?><!-- of a microscope --><Root kind=\"a &amp; b\"><Value> 0.5 </Value><Item/>"
      "<Item>&lt;&#181;&gt;</Item><Mixed x='1'>text<![CDATA[ <raw>]]></Mixed></Root>");
  EXPECT_EQ(tree["Root"]["kind"], "a & b");
  EXPECT_EQ(tree["Root"]["Value"], "0.5");
  EXPECT_EQ(tree["Root"]["Item"], nlohmann::json({"", "<\u00b5>"}));
  EXPECT_EQ(tree["Root"]["Mixed"]["text"], "text <raw>");
  EXPECT_EQ(tree["Root"]["Mixed"]["x"], "1");
}

TEST(XmlTree, BrokenTextIsNull) {
  for (const char* text :
       {"", "text", "<a>", "<a></b>", "<a x></a>", "<a x=1></a>", "<a x='1></a>", "<a><!-- </a>", "<"}) {
    EXPECT_TRUE(parse_xml(text).is_null()) << text;
  }
  std::string deep;
  for (int i = 0; i < 100000; ++i) deep += "<a>";
  EXPECT_TRUE(parse_xml(deep).is_null());
}

TEST(ByteText, BecomesUtf8) {
  EXPECT_EQ(utf8_from_utf16(std::string("\xB5\0m\0\0\0x\0", 8), false), "\u00b5m");
  EXPECT_EQ(utf8_from_utf16(std::string("\xD8\x3D\xDE\x00", 4), true), "\U0001F600");
  EXPECT_EQ(utf8_from_utf16(std::string("\x3D\xD8", 2), false), "\uFFFD");
  EXPECT_EQ(utf8_from_latin1("\xC5"), "\u00c5");
  EXPECT_EQ(sound_utf8("\u00b5m"), "\u00b5m");
  EXPECT_EQ(sound_utf8("\xB5m"), "\u00b5m");
  EXPECT_EQ(sound_utf8("\xC0\x80"), "\u00c0\u0080");     // overlong
  EXPECT_EQ(sound_utf8("\xED\xA0\x80").size(), 6U);      // half of a pair
  EXPECT_EQ(sound_utf8("\xF4\x90\x80\x80").size(), 8U);  // beyond Unicode
}

// Every spelling that files were seen to use.
TEST(Units, OfAxes) {
  for (const char* unit : {"nm", "n_m", "[n_m]", "um", "\u00b5m", "\u03bcm", "micron", "microns", "A", "\u00c5",
                           "Angstrom", "pm", "m", "mm"}) {
    EXPECT_EQ(kind_of_unit(unit), UnitKind::length) << unit;
  }
  for (const char* unit : {"1/nm", "1 / nm", "nm^-1", "A^-1", "1/\u00c5", "1/m", "mrad", "rad", "nm\u207b\u00b9"}) {
    EXPECT_EQ(kind_of_unit(unit), UnitKind::reciprocal) << unit;
  }
  for (const char* unit : {"", " ", "px", "pixels", "<undefined>", "[]"}) EXPECT_EQ(kind_of_unit(unit), UnitKind::none);
  for (const char* unit : {"s", "eV", "keV", "counts"}) EXPECT_EQ(kind_of_unit(unit), UnitKind::other) << unit;
}

}  // namespace
}  // namespace colonnade
