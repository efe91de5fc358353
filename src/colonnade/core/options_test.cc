// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/core/options.h"

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include "colonnade/core/file.h"
#include "colonnade/core/test_errors.h"

namespace colonnade {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

struct Everything {
  bool flag = true;
  int count = 3;
  std::uint64_t seed = 7;
  double pixel_size = 0.02;
  std::string shape = "sphere";
  std::vector<double> fractions{0.25, 0.75};
  std::vector<std::string> elements{"Pt", "Ni"};
  Range energy{180, 220};

  OptionTable table() {
    OptionTable options;
    options.add("seed", &seed, "", "Seed");
    options.add("particle.flag", &flag, "", "A flag");
    options.add("particle.count", &count, "", "A count");
    options.add("particle.shape", &shape, "", "A shape");
    options.add("particle.fractions", &fractions, "", "Fractions");
    options.add("particle.elements", &elements, "", "Elements");
    options.add("optics.pixel_size", &pixel_size, "nm", "Pixel size");
    options.add("optics.energy", &energy, "keV", "Beam energy");
    return options;
  }
};

std::filesystem::path written(const std::string& text) {
  // Tests run side by side: each has a file of its own.
  auto path = std::filesystem::temp_directory_path() /
              (std::string("colonnade_") + ::testing::UnitTest::GetInstance()->current_test_info()->name() + ".toml");
  write_file(path, text);
  return path;
}

TEST(Options, TomlReadsBackToTheSameValues) {
  Everything first;
  first.flag = false;
  first.seed = 18446744073709551615ULL;
  first.shape = "with \"quotes\"";
  first.energy = {200, 200};
  OptionTable written_table = first.table();
  // TOML integers are signed 64-bit; the seed is compared below that bound.
  first.seed = 9007199254740993ULL;
  const auto path = written(written_table.to_toml());
  Everything second;
  OptionTable table = second.table();
  table.read_toml(path);
  EXPECT_EQ(table.to_json(), written_table.to_json());
  EXPECT_EQ(second.shape, "with \"quotes\"");
  EXPECT_EQ(second.seed, 9007199254740993ULL);
}

TEST(Options, JsonReadsBackToTheSameValues) {
  Everything first;
  first.fractions = {0.1, 0.9};
  first.count = -4;
  const auto json = first.table().to_json();
  Everything second;
  OptionTable table = second.table();
  table.from_json(json);
  EXPECT_EQ(table.to_json(), json);
  EXPECT_EQ(second.count, -4);
}

TEST(Options, TextSetsEveryKind) {
  Everything all;
  OptionTable table = all.table();
  table.set("particle.flag", "no");
  table.set("particle.elements", "Pt, Pd,Co");
  table.set("particle.fractions", "0.5,0.3,0.2");
  table.set("optics.energy", "180:200");
  table.set("optics.pixel_size", "+1e-2");
  EXPECT_FALSE(all.flag);
  EXPECT_THAT(all.elements, ElementsAre("Pt", "Pd", "Co"));
  EXPECT_THAT(all.fractions, ElementsAre(0.5, 0.3, 0.2));
  EXPECT_EQ(all.energy.high, 200);
  EXPECT_EQ(all.pixel_size, 0.01);
  table.set("optics.energy", "300");
  EXPECT_EQ(all.energy.low, 300);
  EXPECT_EQ(all.energy.high, 300);
}

TEST(Options, UnknownKeyNamesTheNearestAndTheLine) {
  Everything all;
  OptionTable table = all.table();
  const auto path = written("seed = 1\n[optics]\nenrgy = 200\n");
  const std::string message = message_of([&] { table.read_toml(path); });
  EXPECT_THAT(message, HasSubstr("optics.energy"));
  EXPECT_THAT(message, HasSubstr("line 3"));
}

TEST(Options, KeyInTheWrongSectionIsNamed) {
  Everything all;
  OptionTable table = all.table();
  EXPECT_THAT(message_of([&] { table.read_toml(written("[particle]\nenergy = 200\n")); }), HasSubstr("optics.energy"));
}

TEST(Options, WrongValuesAreRefused) {
  Everything all;
  OptionTable table = all.table();
  EXPECT_THAT(message_of([&] { table.set("particle.count", "1.5"); }), HasSubstr("whole number"));
  EXPECT_THAT(message_of([&] { table.set("optics.energy", "220:180"); }), HasSubstr("low end"));
  EXPECT_THAT(message_of([&] { table.set("particle.count", "99999999999"); }), HasSubstr("out of range"));
  EXPECT_THAT(message_of([&] { table.set("particle.flag", "maybe"); }), HasSubstr("neither true nor false"));
  EXPECT_THAT(message_of([&] { table.read_toml(written("seed = \"one\"\n")); }), HasSubstr("wrong kind"));
  EXPECT_THAT(message_of([&] { table.read_toml(written("seed = \n")); }), HasSubstr("not valid TOML"));
  EXPECT_EQ(all.count, 3);
}

TEST(Options, FlagsAndDefaultsForTheHelp) {
  Everything all;
  const OptionTable table = all.table();
  const auto& option = table.options()[6];
  EXPECT_EQ(option.flag(), "--pixel-size");
  EXPECT_EQ(option.default_text, "0.02");
  EXPECT_EQ(table.options()[7].default_text, "180:220");
}

TEST(Options, NearestWord) {
  EXPECT_EQ(nearest_word("Plt", {"Pt", "Ni", "Fe"}), "Pt");
  EXPECT_EQ(nearest_word("zzzzzz", {"Pt", "Ni"}), "");
}

}  // namespace
}  // namespace colonnade
