// SPDX-License-Identifier: GPL-3.0-or-later
// The whole way on images that are not simulated but drawn, and are in the folder already, as after a kill; the slow
// test simulates.
#include "colonnade/workflows/reproduce.h"

#include <cmath>
#include <gmock/gmock.h>
#include <memory>

#include "colonnade/core/error.h"
#include "colonnade/core/file.h"
#include "colonnade/core/parallel.h"
#include "colonnade/core/random.h"
#include "colonnade/core/test_folder.h"
#include "colonnade/learn/dataset.h"
#include "colonnade/workflows/dataset_folder.h"
#include "colonnade/workflows/measured_field.h"
#include "colonnade/workflows/reproduce_tables.h"

namespace colonnade {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

/// Columns whose brightness goes with the atomic number, on a square lattice.
Sample drawn_view(const DatasetOptions& options, Random& random) {
  Sample sample;
  sample.image = Image(options.size_px, options.size_px, options.pixel_size_nm);
  sample.image.intensity = "fraction of beam";
  sample.image.title = "HAADF";
  sample.image.metadata["simulation"]["options"] = {{"optics.energy", 200.0}, {"optics.semiangle", 18.0}};
  for (float& value : sample.image.data) value = 0.02F;
  for (double y = 5; y < options.size_px - 4; y += 7) {
    for (double x = 5; x < options.size_px - 4; x += 7) {
      LabelledColumn column{x + random.uniform(-0.5, 0.5), y + random.uniform(-0.5, 0.5), {}};
      double brightness = 0;
      for (const int number : options.atomic_numbers()) {
        column.counts.push_back(int(random.below(4)));
        brightness += 0.005 * column.counts.back() * std::pow(number / 78.0, 1.8);
      }
      for (int j = 0; j < options.size_px; ++j) {
        for (int i = 0; i < options.size_px; ++i) {
          const double dx = i - column.x_px, dy = j - column.y_px;
          sample.image.at(j, i) += float(brightness * std::exp(-(dx * dx + dy * dy) / 4));
        }
      }
      sample.columns.push_back(column);
    }
  }
  return sample;
}

void fill(const fs::path& folder, DatasetOptions options) {
  options = options.prepared();
  const DatasetFolder dataset(folder, options);
  for (int p = 0; p < options.particles; ++p) {
    Random random = Random(options.seed).stream(p);
    ParticleSamples samples;
    samples.particle = p;
    samples.seed = options.seed;
    samples.elements = options.particle.elements;
    for (int view = 0; view < options.views; ++view) samples.views.push_back(drawn_view(options, random));
    write_particle(folder, samples, options.label_sigma_nm / options.pixel_size_nm, false);
  }
}

/// Of the same kind of views.
void write_response(const fs::path& file, const DatasetOptions& options) {
  Random random(77);
  std::vector<KnownColumns> fields;
  for (int i = 0; i < 120; ++i) {
    const Sample view = drawn_view(options, random);
    fields.push_back(measured_columns(view, {}, {}, random));
  }
  write_file(file, SignalResponse::fit(options.particle.elements, fields).to_json().dump());
}

class ReproduceRun : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    set_thread_count(1);
    folder_ = std::make_unique<TemporaryFolder>();
    options_.scale = 1e-5;
    options_.training_device = "cpu";
    const ReproducePlan plan = plan_of(options_);
    fs::create_directories(out());
    options_.response = (folder_->path() / "response.json").string();
    write_response(options_.response, plan.particle_data);
    write_file(out() / "reproduce.toml", options_.table().to_toml());
    fs::create_directories(out() / "split_by_particle");
    fs::create_directories(out() / "split_by_image");
    fill(out() / "split_by_particle/dataset", plan.particle_data);
    fill(out() / "split_by_image/dataset", plan.image_data);
    result_ = std::make_unique<Reproduction>(reproduce(options_, out()));
  }
  static void TearDownTestSuite() {
    result_.reset();
    folder_.reset();
    set_thread_count(0);
  }
  static fs::path out() { return folder_->path() / "out"; }

  static std::unique_ptr<TemporaryFolder> folder_;
  static ReproduceOptions options_;
  static std::unique_ptr<Reproduction> result_;
};
std::unique_ptr<TemporaryFolder> ReproduceRun::folder_;
ReproduceOptions ReproduceRun::options_;
std::unique_ptr<Reproduction> ReproduceRun::result_;

TEST_F(ReproduceRun, ScoresBothSplitsAndTheNaiveNetworkOnFreshParticles) {
  const ReproducePlan plan = plan_of(options_);
  ASSERT_EQ(result_->networks.size(), 3U);
  EXPECT_EQ(result_->networks[0].name, split_by_particle_name);
  EXPECT_EQ(result_->networks[1].name, split_by_image_name);
  EXPECT_EQ(result_->networks[2].name, fresh_particles_name);
  EXPECT_EQ(result_->networks[0].images, int(std::lround(0.2 * plan.images())));
  EXPECT_EQ(result_->networks[1].images, result_->networks[0].images) << "as many images for both";
  EXPECT_EQ(result_->networks[2].comparison.truth, result_->networks[0].comparison.truth) << "the same columns";
  EXPECT_NE(result_->networks[2].comparison.predicted, result_->networks[0].comparison.predicted);
  for (const NetworkScores& scores : result_->networks) {
    ASSERT_EQ(scores.network.size(), 5U);
    for (const CountScore& score : scores.network) {
      const OffBy off = off_by(score);
      EXPECT_NEAR(off.exact + off.one + off.two + off.three + off.more, 1, 1e-12);
      EXPECT_EQ(score.columns, int(scores.comparison.truth.size()));
    }
  }
  ASSERT_EQ(result_->curves.size(), 2U);
  for (const LearningCurve& curve : result_->curves) {
    ASSERT_EQ(curve.epochs.size(), std::size_t(plan.training.epochs));
    EXPECT_LT(curve.epochs.back().at("train_loss").get<double>(), curve.epochs.front().at("train_loss").get<double>());
    EXPECT_EQ(curve.epochs.back().at("train_r2").size(), 5U);
  }
}

TEST_F(ReproduceRun, IntensityFollowsTheHeavyElement) {
  ASSERT_TRUE(result_->intensities);
  const IntensityScatter& scatter = *result_->intensities;
  EXPECT_EQ(scatter.counts, result_->networks[0].comparison.truth);
  ASSERT_EQ(scatter.fits.size(), 5U);
  const double pt = scatter.fits[0].slope, fe = scatter.fits[4].slope;
  EXPECT_GT(pt, 0);
  EXPECT_GT(pt, 1.5 * fe) << "brightness goes with the 1.8th power of the atomic number";
  EXPECT_GT(scatter.fits[0].r2, scatter.fits[4].r2);
  for (std::size_t i = 0; i < scatter.intensity.size(); ++i) ASSERT_LT(std::abs(scatter.intensity[i]), 10) << i;
}

TEST_F(ReproduceRun, BoundsStandOnTheSameColumns) {
  ASSERT_TRUE(result_->bounds);
  const BoundsBeside& beside = *result_->bounds;
  EXPECT_GT(beside.bounds.columns, 0);
  EXPECT_LT(beside.bounds.columns, int(result_->intensities->counts.size()));
  for (std::size_t e = 0; e < 5; ++e) {
    EXPECT_EQ(beside.network[e].columns, beside.bounds.columns);
    EXPECT_NEAR(beside.thickness_only[e].r2, beside.bounds.thickness_only[e].r2, 1e-12);
  }
}

TEST_F(ReproduceRun, WritesReportTablesAndFigures) {
  const std::string page = read_file(out() / "report.html"), text = read_file(out() / "tables.txt");
  EXPECT_THAT(page, HasSubstr("<svg"));
  for (const char* part : {"R2 per element on the columns", "Columns right and wrong", "slope, the paper", "0.366",
                           "bound, oracle", "Error by true height", "split by image, on fresh particles", "50 / 91"}) {
    EXPECT_THAT(text, HasSubstr(part));
    EXPECT_THAT(read_file(out() / "tables.md"), HasSubstr(part));
  }
  const auto json = nlohmann::json::parse(read_file(out() / "results.json")).at("result");
  EXPECT_EQ(json.at("networks").size(), 3U);
  EXPECT_EQ(json.at("intensity_against_height").at("Pd").at("published").at("slope"), 0.134);
  EXPECT_EQ(json.at("published").at("Ni").at("within_1"), 0.77);
  for (const char* figure : {"r2", "loss_1", "r2_held_out_2", "counts_1_Pt", "intensity_Fe", "error_2", "bias_3"}) {
    EXPECT_THAT(read_file(out() / "figures" / (std::string(figure) + ".svg")), HasSubstr("</svg>"));
    EXPECT_GT(fs::file_size(out() / "figures" / (std::string(figure) + ".png")), 1000U) << figure;
  }
  for (const std::string& finding : findings(*result_)) EXPECT_THAT(text, HasSubstr(finding));
}

TEST_F(ReproduceRun, AgainItOnlyReadsWhatIsThere) {
  const fs::path checkpoint = out() / "split_by_image/model.h5.training/checkpoint.h5";
  const auto trained = fs::last_write_time(checkpoint);
  const std::string before = read_file(out() / "results.json");
  reproduce(options_, out());
  EXPECT_EQ(read_file(out() / "results.json"), before);
  EXPECT_EQ(fs::last_write_time(checkpoint), trained) << "nothing is trained again";
}

TEST_F(ReproduceRun, RefusesOtherOptionsInTheSameFolder) {
  ReproduceOptions other = options_;
  other.dose_per_A2 = 1000;
  try {
    reproduce(other, out());
    FAIL() << "it went on";
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr("was made with --dose 50000"));
  }
  other = options_;
  EXPECT_THROW(reproduce(other, folder_->path()), Error) << "a folder that holds something else";
}

TEST(ReproducePlan, AtFullScaleIsThePapersProtocol) {
  ReproduceOptions options;
  options.scale = 1;
  const ReproducePlan plan = plan_of(options);
  EXPECT_EQ(plan.images(), 10000);
  EXPECT_EQ(plan.image_data.particles * plan.image_data.views, 10000);
  EXPECT_NE(plan.image_data.seed, plan.particle_data.seed);
  EXPECT_EQ(plan.training.epochs, 800);
  EXPECT_EQ(plan.training.batch, 32);
  EXPECT_EQ(plan.training.widths, (std::vector<double>{32, 64, 128, 256}));
  EXPECT_EQ(plan.training.normalisation, "local");
  EXPECT_EQ(plan.particle_data.size_px, 256);
  EXPECT_DOUBLE_EQ(plan.particle_data.diameter_nm.low, 6.5);
  EXPECT_DOUBLE_EQ(plan.particle_data.diameter_nm.high, 7.5);
  EXPECT_EQ(plan.particle_data.multislice.slice_A, 2);
  EXPECT_EQ(plan.particle_data.multislice.thermal.model, "none");
  options.physics = "right";
  EXPECT_EQ(plan_of(options).particle_data.multislice.slice_A, 0);
  EXPECT_EQ(plan_of(options).image_data.multislice.thermal.model, "absorptive");
}

TEST(ReproducePlan, GrowsWithTheScaleAndFitsItself) {
  ReproducePlan smaller;
  smaller.particle_data.particles = smaller.particle_data.size_px = smaller.training.epochs = 0;
  smaller.training.batch = 0;
  for (double scale = 1e-5; scale <= 1; scale *= 1.7) {
    ReproduceOptions options;
    options.scale = scale;
    const ReproducePlan plan = plan_of(options);
    plan.particle_data.check();
    plan.training.check();
    EXPECT_EQ(plan.image_data.particles * plan.image_data.views, plan.images());
    EXPECT_EQ(plan.training.largest_side(plan.particle_data.size_px), plan.particle_data.size_px);
    EXPECT_GE(plan.images(), smaller.images());
    EXPECT_GE(plan.particle_data.size_px, smaller.particle_data.size_px);
    EXPECT_GE(plan.training.epochs, smaller.training.epochs);
    EXPECT_GE(plan.training.batch, smaller.training.batch);
    EXPECT_NEAR(plan.particle_data.diameter_nm.high / (plan.particle_data.size_px * 0.02), 7.5 / 5.12, 1e-9);
    smaller = plan;
  }
}

TEST(ReproducePlan, SaysWhatIsWrong) {
  const auto message = [](auto spoil) {
    ReproduceOptions options;
    spoil(options);
    try {
      plan_of(options);
    } catch (const Error& error) {
      return std::string(error.what());
    }
    return std::string("no error");
  };
  EXPECT_THAT(message([](auto& o) { o.scale = 2; }), HasSubstr("--scale is 2"));
  EXPECT_THAT(message([](auto& o) { o.physics = "wrong"; }), HasSubstr("paper or right"));
  EXPECT_THAT(message([](auto& o) { o.split = "none"; }), HasSubstr("--split"));
  EXPECT_THAT(message([](auto& o) { o.views = 1; }), HasSubstr("--views is 1"));
  EXPECT_THAT(message([](auto& o) { o.dose_per_A2 = NAN; }), HasSubstr("--dose"));
}

TEST(SlowReproduce, SimulatesTrainsAndScoresOneSplit) {
  const fs::path out = fs::temp_directory_path() / "colonnade-reproduce-slow";
  fs::remove_all(out);
  ReproduceOptions options;
  options.scale = 5e-5;
  options.split = "particle";
  options.training_device = "cpu";
  const Reproduction result = reproduce(options, out);
  ASSERT_EQ(result.networks.size(), 1U);
  ASSERT_TRUE(result.intensities);
  EXPECT_GT(result.intensities->total.slope, 0) << "more atoms are brighter";
  EXPECT_FALSE(result.bounds);
  // The other split joins later, in the same folder.
  options.split = "both";
  EXPECT_EQ(reproduce(options, out).networks.size(), 3U);
  fs::remove_all(out);
}

}  // namespace
}  // namespace colonnade
