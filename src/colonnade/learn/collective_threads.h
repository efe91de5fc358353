// SPDX-License-Identifier: GPL-3.0-or-later
// For tests: the processes of a training run, played by threads.
#pragma once

#include <ATen/ATen.h>
#include <barrier>
#include <string>

#include "colonnade/learn/collective.h"

namespace colonnade::testing {

class CollectiveThreads {
 public:
  explicit CollectiveThreads(int size) : size_(size), barrier_(size) {}

  class Member : public Collective {
   public:
    Member(CollectiveThreads& all, int rank) : Collective({rank, all.size_, rank, all.size_}), all_(all) {}
    void sum(at::Tensor& tensor) override {
      if (rank() == 0) all_.total_ = at::zeros_like(tensor);
      all_.barrier_.arrive_and_wait();
      for (int turn = 0; turn < size(); ++turn) {
        if (turn == rank()) all_.total_.add_(tensor);
        all_.barrier_.arrive_and_wait();
      }
      tensor.copy_(all_.total_);
      all_.barrier_.arrive_and_wait();
    }
    void broadcast(at::Tensor& tensor) override {
      if (rank() != 0) tensor.zero_();
      sum(tensor);
    }
    std::string backend() const override { return "threads"; }

   private:
    CollectiveThreads& all_;
  };

 private:
  int size_;
  std::barrier<> barrier_;
  at::Tensor total_;
};

}  // namespace colonnade::testing
