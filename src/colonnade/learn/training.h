// SPDX-License-Identifier: GPL-3.0-or-later
// Training as in Ragone et al. (Comput. Mater. Sci. 2021, 110905): Adam, mean squared error over all pixels of the maps
// of atom counts, contrast, illumination, blur and rotation drawn afresh each epoch. Checkpointed each epoch: a killed
// run resumes to the same weights. Targets are atom counts as they are: the network's last layer learns their scale.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "colonnade/core/options.h"
#include "colonnade/core/process_group.h"
#include "colonnade/learn/model.h"

namespace colonnade {

struct TrainingOptions {
  std::vector<double> widths{32, 64, 128, 256};
  int epochs = 800;
  int batch = 32;
  double learning_rate = 1e-3;
  std::string schedule = "constant";    ///< of the learning rate: constant, or cosine (falls to 0 over all epochs)
  double test_fraction = 0.2;           ///< of the particles, held out (the last ones by a seeded shuffle)
  bool keep_best = false;               ///< return the epoch of the smallest held-out loss, not the last one
  int patience = 0;                     ///< end after so many epochs without a smaller held-out loss; 0: never
  std::string normalisation = "local";  ///< local, or beam (keeps the absolute intensity), see ModelRecord
  int crop_px = 0;                      ///< side of a random square of each image drawn each time; 0: the whole image
  double dose_per_A2 = 0;               ///< Poisson noise drawn afresh each epoch before normalisation; 0: none
  double contrast = 0.2;                ///< gamma drawn in 1 -+ this
  double illumination = 0.2;            ///< strength of a random smooth gradient of brightness
  double blur_px = 1.0;                 ///< largest sigma of a random Gaussian blur
  bool rotation = true;                 ///< random multiples of 90 degrees and mirror
  std::string device = "auto";          ///< auto, cpu, cuda
  std::string precision = "auto";       ///< float32, mixed (16 and 32 bits), or auto: mixed on CUDA
  std::uint64_t seed = 1;
  /// Holds out single images, so that views of a particle lie on both sides: it scores too well, and is here to show by
  /// how much. No option of people's; a model's record names it.
  bool split_by_image = false;
  void describe(OptionTable& table, const std::string& section = "training");
  void check() const;
  /// The largest side of at most `side` px that the network can halve as often as it has levels.
  int largest_side(int side) const;
};

/// Splits a dataset's particles; the same seed gives the same split.
struct Split {
  std::vector<std::filesystem::path> training, test;
};
/// With a fraction above 0 and two files or more, neither part is empty. Each part is sorted.
Split split_particles(const std::vector<std::filesystem::path>& files, double test_fraction, std::uint64_t seed);
/// The split by image: for each of so many images, in the order of the files and of the views in them, whether it is
/// held out. With a fraction above 0 and two images or more, neither part is empty.
std::vector<bool> held_out_images(std::size_t images, double test_fraction, std::uint64_t seed);

/// Trains on the dataset folder; checkpoints go to `work_folder` (resumed from where present; refused where made with
/// other options or data, but more epochs, another patience and another device are no other options), a line of JSON
/// per epoch to its log.jsonl: epoch, train_loss, test_loss, r2 per element at the held-out columns, train_r2 the same
/// for up to 64 training samples as they are, learning_rate, seconds. Returns the model, not yet scored. `stop` is
/// asked after each epoch, with the number of epochs done, whether to end early; the same call again goes on from
/// there. On a CPU the same seed, thread count and libtorch give the same weights, byte for byte.
///
/// With a `group` of several processes each makes this call and gets the same model. Each takes its part of every
/// batch; gradients are summed and batch normalisation is over the whole batch, so the weights are those of one process
/// up to rounding (and byte for byte with the same number of processes). Only the first reads and writes the work
/// folder.
Model train(const std::filesystem::path& dataset_folder, const TrainingOptions& options,
            const std::filesystem::path& work_folder, const std::function<bool(int epochs_done)>& stop = {},
            const ProcessGroup& group = {});

}  // namespace colonnade
