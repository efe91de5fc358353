// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/learn/precision.h"

#include <ATen/ATen.h>
#include <ATen/autocast_mode.h>
#include <ATen/core/grad_mode.h>
#include <torch/version.h>

#include "colonnade/core/error.h"

namespace colonnade {
namespace {

constexpr double first_scale = 65536, smallest_scale = 1.0 / 65536, largest_scale = 16777216;
constexpr int steps_to_double = 2000;

// The functions' names changed in 2.4.
void set_autocast(const at::Device& device, bool on) {
#if TORCH_VERSION_MAJOR > 2 || (TORCH_VERSION_MAJOR == 2 && TORCH_VERSION_MINOR >= 4)
  at::autocast::set_autocast_enabled(device.type(), on);
  at::autocast::set_autocast_dtype(device.type(), device.is_cuda() ? at::kHalf : at::kBFloat16);
#else
  if (device.is_cuda()) {
    at::autocast::set_enabled(on);
    at::autocast::set_autocast_gpu_dtype(at::kHalf);
  } else {
    at::autocast::set_cpu_enabled(on);
    at::autocast::set_autocast_cpu_dtype(at::kBFloat16);
  }
#endif
}

}  // namespace

Precision choose_precision(const std::string& name, const at::Device& device) {
  if (name == "float32") return Precision::float32;
  if (name == "mixed") return Precision::mixed;
  if (name != "auto") fail("precision is \"{}\"; it is auto, float32 or mixed", name);
  return device.is_cuda() ? Precision::mixed : Precision::float32;
}

MixedScope::MixedScope(Precision precision, const at::Device& device)
    : active_(precision == Precision::mixed), device_(device) {
  if (!active_) return;
  at::autocast::increment_nesting();
  set_autocast(device_, true);
}

MixedScope::~MixedScope() {
  if (!active_) return;
  set_autocast(device_, false);
  if (at::autocast::decrement_nesting() == 0) at::autocast::clear_cache();
}

LossScale LossScale::adaptive() {
  LossScale scale;
  scale.active_ = true;
  scale.value_ = first_scale;
  return scale;
}

void LossScale::restore(double value, int good_steps) {
  if (!active_) return;
  value_ = value;
  good_steps_ = good_steps;
}

bool LossScale::unscale(std::vector<at::Tensor>& gradients) {
  if (!active_) return true;
  const at::NoGradGuard no_gradient;
  at::Tensor finite;
  for (at::Tensor& gradient : gradients) {
    const at::Tensor whole = gradient.mul_(1 / value_).isfinite().all();
    finite = finite.defined() ? finite.logical_and_(whole) : whole;
  }
  if (finite.defined() && !finite.item<bool>()) {
    good_steps_ = 0;
    value_ /= 2;
    if (value_ < smallest_scale) {
      fail("training diverged: the gradients are not finite at any scale of the loss; lower learning_rate");
    }
    return false;
  }
  if (++good_steps_ == steps_to_double) {
    good_steps_ = 0;
    value_ = std::min(2 * value_, largest_scale);
  }
  return true;
}

}  // namespace colonnade
