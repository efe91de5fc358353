// SPDX-License-Identifier: GPL-3.0-or-later
// Mixed precision (Micikevicius et al., arXiv 1710.03740): libtorch's autocast computes convolutions in 16 bits,
// weights and Adam stay in 32. On CUDA in half precision, whose small gradients would be lost: the loss is multiplied
// by a scale that follows what the gradients bear. On a CPU in bfloat16, which has the range of a float and needs no
// scale. Only sources include this header: it brings libtorch's.
#pragma once

#include <ATen/core/Tensor.h>
#include <c10/core/Device.h>
#include <string>
#include <vector>

namespace colonnade {

enum class Precision { float32, mixed };
/// "auto" (mixed on CUDA, float32 on a CPU, where bfloat16 was measured to be slower: docs/training.md), "float32" or
/// "mixed".
Precision choose_precision(const std::string& name, const at::Device& device);

/// Has what is computed in its lifetime run in mixed precision; nothing for float32.
class MixedScope {
 public:
  MixedScope(Precision precision, const at::Device& device);
  ~MixedScope();
  MixedScope(const MixedScope&) = delete;
  MixedScope& operator=(const MixedScope&) = delete;

 private:
  bool active_;
  at::Device device_;
};

/// The factor on the loss: halved where a gradient is no longer finite (that step is left out), doubled after many
/// steps in which all were. Powers of two, so that scaling there and back loses nothing.
class LossScale {
 public:
  /// A scale of 1 that stays so, for where none is needed.
  LossScale() = default;
  static LossScale adaptive();

  bool active() const { return active_; }
  double value() const { return value_; }
  int good_steps() const { return good_steps_; }
  /// From a checkpoint.
  void restore(double value, int good_steps);
  /// Divides the gradients by the scale, in place. False where one is not finite: leave this step out. Fails where the
  /// scale has fallen to nothing, which no scale can mend.
  bool unscale(std::vector<at::Tensor>& gradients);

 private:
  bool active_ = false;
  double value_ = 1;
  int good_steps_ = 0;
};

}  // namespace colonnade
