// SPDX-License-Identifier: GPL-3.0-or-later
// The processes of one training run, joined by libtorch's own process groups (c10d): gloo over TCP, and on CUDA nccl
// where the build found its headers (else gloo over the processor's memory). They meet at MASTER_ADDR and MASTER_PORT,
// as torchrun sets them; on one machine, started by mpirun or srun, neither has to be set. Every process must make the
// same calls in the same order. Where one dies, the others fail at their next call.
#pragma once

#include <ATen/core/Tensor.h>
#include <c10/core/Device.h>
#include <functional>
#include <memory>
#include <string>

#include "colonnade/core/process_group.h"

namespace colonnade {

class Collective {
 public:
  virtual ~Collective() = default;
  /// In place: the sum over all processes, the same bytes in each. Any device, dense tensors.
  virtual void sum(at::Tensor& tensor) = 0;
  /// In place: the values of the first process.
  virtual void broadcast(at::Tensor& tensor) = 0;
  /// "gloo" or "nccl".
  virtual std::string backend() const = 0;

  const ProcessGroup& group() const { return group_; }
  int rank() const { return group_.rank; }
  int size() const { return group_.size; }
  /// Returns when all processes have come here.
  void wait_for_all();
  /// Fails in every process, naming `what`, unless the text is the same in all.
  void require_same(const std::string& text, const std::string& what);

 protected:
  explicit Collective(const ProcessGroup& group) : group_(group) {}

 private:
  ProcessGroup group_;
};

/// Where the processes meet.
struct MeetingPoint {
  std::string address = "127.0.0.1";
  int port = 29500;
  bool hosted = false;  ///< torchrun's agent serves there already; else the first process does
  std::string prefix;   ///< keeps apart the attempts of a run that torchrun starts again
};
/// From MASTER_ADDR, MASTER_PORT and torchrun's own variables; fails where processes of several machines know no
/// address.
MeetingPoint meeting_point(const ProcessGroup& group,
                           const std::function<const char*(const char* name)>& environment = {});

/// Empty for a group of one. Fails where the others do not come within some minutes, or the build has no gloo.
std::unique_ptr<Collective> join_processes(const ProcessGroup& group, const MeetingPoint& point,
                                           const at::Device& device);

}  // namespace colonnade
