// SPDX-License-Identifier: GPL-3.0-or-later
// How much memory training takes, in bytes, told before it starts: what a step keeps of every image for the way back,
// the weights with their gradients and Adam's two means, and the images of the dataset. Counted tensor by tensor from
// the network's plan (network.h); held against the measured peak in training_memory_test.cc.
#pragma once

#include <string>

#include "colonnade/learn/training.h"

namespace colonnade {

struct TrainingMemory {
  double program = 0;     ///< libtorch itself
  double data = 0;        ///< the dataset's images, in the processor's memory
  double weights = 0;     ///< weights, gradients, Adam's means, the best epoch's weights
  double per_image = 0;   ///< of a batch, on the device
  double batch_data = 0;  ///< of a batch, per image, in the processor's memory

  /// On the device, for a part of `images` of a batch.
  double on_device(int images) const { return weights + per_image * images; }
  /// In the processor's memory where the device is the processor.
  double on_processor(int images) const { return program + data + on_device(images) + batch_data * images; }
};

/// What is trained on.
struct TrainingSizes {
  int elements = 1;
  double step_pixels = 0, scored_pixels = 0;  ///< of an image in a step, and of a held-out one, which is never cropped
  double data_bytes = 0;                      ///< of all images
};
/// `mixed`: activations in 16 bits.
TrainingMemory estimate_training_memory(const TrainingOptions& options, const TrainingSizes& sizes, bool mixed);

/// The largest part of a batch that fits into `free` bytes; 0: none. `processor`: all in the processor's memory.
int largest_batch(const TrainingMemory& memory, double free, bool processor);

/// "1.9 GB of memory: 0.3 GB ..." for the log.
std::string to_text(const TrainingMemory& memory, int images, bool processor);

/// Fails where a batch, shared by `processes` of which `local` are on this machine, does not fit; names the batch that
/// would. `free`: bytes on the device (where it is the processor, of the machine).
void require_training_memory(const TrainingMemory& memory, int batch, int processes, int local, double free,
                             bool processor);

}  // namespace colonnade
