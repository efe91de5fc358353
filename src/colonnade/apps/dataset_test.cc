// SPDX-License-Identifier: GPL-3.0-or-later
// A dataset filled by several processes, one of them killed: every particle once, the same bytes as by one process.
#include "colonnade/learn/dataset.h"

#include <algorithm>
#include <gmock/gmock.h>
#include <nlohmann/json.hpp>
#include <sstream>

#include "colonnade/apps/program_test.h"

namespace colonnade {
namespace {

using ::testing::HasSubstr;
namespace fs = std::filesystem;

class Dataset : public ProgramTest {
 protected:
  static constexpr int particles = 8;

  Dataset() {
    write_file(
        folder_ / "dataset.toml",
        "seed = 5\n[dataset]\nparticles = 8\nsize = 32\npixel_size = 0.02\n[particle]\nelements = [\"Pt\", "
        "\"Ni\"]\ndiameter = [0.8, 1.0]\nview = 0.0\n[optics]\ndetectors = \"ADF:20-40\"\n[signals]\neds = true\n"
        "[multislice]\nwindow = 5\noversampling = 1\nslice = 2\nthermal_motion = \"none\"\n");
  }
  static fs::path particle(int number) { return "particle_00000" + std::to_string(number) + ".h5"; }

  /// Every particle's bytes, by the single process that all others are held against.
  std::vector<std::string> made_alone() {
    const Run result = run("dataset dataset.toml --out alone --threads 1");
    EXPECT_EQ(result.code, 0) << result.err;
    return contents("alone");
  }
  std::vector<std::string> contents(const std::string& out) const {
    std::vector<std::string> bytes;
    for (int i = 0; i < particles; ++i) bytes.push_back(read_file(folder_ / out / particle(i)));
    return bytes;
  }
  /// What the processes of a run that printed to `file`.* say they made.
  std::vector<int> made(const std::string& file, int processes) const {
    std::vector<int> numbers;
    for (int i = 0; i < processes; ++i) {
      const std::string text = read_file(folder_ / (file + "." + std::to_string(i)));
      const auto json = nlohmann::json::parse(text, nullptr, false);
      EXPECT_TRUE(json.is_object()) << text;
      if (json.is_object()) numbers.push_back(json.at("made").get<int>());
    }
    return numbers;
  }
  /// Shell text: the program in the background, its result in a file.
  static std::string start(const std::string& environment, const std::string& result) {
    return environment + " '" COLONNADE_PROGRAM "' dataset dataset.toml --out shared --threads 1 --json --quiet > " +
           result + " & ";
  }
  int shell(const std::string& text) const {
    return std::system(("cd '" + folder_.string() + "' && { " + text + " } 2> .errors < /dev/null").c_str());
  }
};

TEST_F(Dataset, ProcessesShareTheWork) {
  const auto alone = made_alone();
  const std::string ranks[] = {"RANK=0 WORLD_SIZE=3", "RANK=1 WORLD_SIZE=3", "SLURM_PROCID=2 SLURM_NTASKS=3"};
  std::string text;
  for (int i = 0; i < 3; ++i) text += start(ranks[i], "made." + std::to_string(i));
  ASSERT_EQ(shell(text + "wait;"), 0) << read_file(folder_ / ".errors");
  EXPECT_EQ(contents("shared"), alone);
  const auto numbers = made("made", 3);
  ASSERT_EQ(numbers.size(), 3U);
  EXPECT_EQ(numbers[0] + numbers[1] + numbers[2], particles) << "each particle is made once";
  EXPECT_THAT(read_file(folder_ / "shared/dataset.toml"), HasSubstr("particles = 8"));
}

TEST_F(Dataset, KilledAndStartedAgainByTwo) {
  const auto alone = made_alone();
  // Killed once its first particle is there, most likely at work on the second.
  const std::string kill_it =
      "victim=$!; for i in $(seq 6000); do if [ -e shared/particle_000000.h5 ]; then break; fi; sleep 0.01; done; "
      "kill -9 $victim; wait $victim; ls shared > before; ";
  shell(start("", "killed.0") + kill_it + start("", "made.0") + start("", "made.1") + "wait;");
  EXPECT_EQ(read_file(folder_ / "killed.0"), "") << "it ended before it was killed";
  std::istringstream listing(read_file(folder_ / "before"));
  int before = 0;
  for (std::string name; std::getline(listing, name);) before += name.starts_with("particle_") ? 1 : 0;
  EXPECT_GE(before, 1);
  EXPECT_LT(before, particles);
  EXPECT_EQ(contents("shared"), alone);
  const auto numbers = made("made", 2);
  ASSERT_EQ(numbers.size(), 2U);
  EXPECT_EQ(numbers[0] + numbers[1], particles - before);
  for (const auto& entry : fs::directory_iterator(folder_ / "shared")) {
    EXPECT_EQ(entry.path().string().find("partial"), std::string::npos) << "a half-written file is left";
  }
}

TEST_F(Dataset, DryRunOnlySaysHowLong) {
  const Run result = run("dataset dataset.toml --particles 10000 --views 2 --dry-run --out none");
  EXPECT_EQ(result.code, 0) << result.err;
  EXPECT_THAT(result.out, HasSubstr("10,000 particles would take about"));
  EXPECT_FALSE(fs::exists(folder_ / "none"));
  const auto json = nlohmann::json::parse(run("dataset dataset.toml --dry-run --json").out);
  EXPECT_EQ(json.at("particles"), particles);
  EXPECT_GT(json.at("seconds_per_particle").get<double>(), 0);
  EXPECT_GT(json.at("probes").get<int>(), 100);
}

TEST_F(Dataset, FromStructureFilesWithSignalsAndWithoutLabels) {
  write_file(folder_ / "pair.xyz", "2\n\nPt 0 0 0\nNi 3 0 1\n");
  const std::string arguments =
      "dataset dataset.toml --particles 1 --structures pair.xyz --detectors ADF:20-40,BF:0-5 --labels false "
      "--thermal-motion absorptive --out ";
  ASSERT_EQ(run(arguments + "one").code, 0);
  const ParticleSamples samples = read_particle(folder_ / "one" / particle(0));
  EXPECT_EQ(samples.views.at(0).columns.size(), 2U);
  std::vector<std::string> titles;
  for (const auto& signal : samples.views[0].signals) titles.push_back(signal.title);
  EXPECT_THAT(titles, ::testing::ElementsAre("BF", "Pt L", "Ni K"));
  EXPECT_THAT(run(arguments + "one --eds false").err, HasSubstr("other options"));
  EXPECT_THAT(run(arguments + "two --elements Pt").err, HasSubstr("pair.xyz holds Ni"));
}

TEST_F(Dataset, OnATorchDevice) {
  const auto values = [&](const std::string& out, const std::string& device) {
    const Run result = run("dataset dataset.toml --particles 1 --out " + out + " --device " + device);
    EXPECT_EQ(result.code, 0) << result.err;
    return read_particle(folder_ / out / particle(0)).views.at(0).image.data;
  };
  const auto fftw = values("fftw", "fftw"), device = values("device", "cpu");
  ASSERT_EQ(fftw.size(), device.size());
  const float brightest = *std::max_element(fftw.begin(), fftw.end());
  EXPECT_GT(brightest, 1e-3F);
  for (std::size_t i = 0; i < fftw.size(); ++i) ASSERT_NEAR(fftw[i] / brightest, device[i] / brightest, 1e-4) << i;
  EXPECT_EQ(run("dataset dataset.toml --out other --device tpu").code, 2);
  EXPECT_THAT(run("dataset dataset.toml --out other --device tpu").err, HasSubstr("fftw, cpu, cuda or cuda:N"));
  // A dataset begun on one device may go on on another.
  EXPECT_EQ(run("dataset dataset.toml --particles 1 --device fftw --out device").code, 0);
}

}  // namespace
}  // namespace colonnade
