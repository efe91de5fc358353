// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/learn/collective.h"

#include <ATen/ATen.h>
#include <charconv>
#include <chrono>
#include <cstdlib>
#include <cstring>

#include "colonnade/core/error.h"

#ifdef USE_C10D_GLOO
#include <torch/csrc/distributed/c10d/PrefixStore.hpp>
#include <torch/csrc/distributed/c10d/ProcessGroupGloo.hpp>
#include <torch/csrc/distributed/c10d/TCPStore.hpp>
#ifdef USE_C10D_NCCL
#include <torch/csrc/distributed/c10d/ProcessGroupNCCL.hpp>
#endif
#endif

namespace colonnade {
namespace {

int port_number(const char* text) {
  int port = 0;
  const char* end = text + std::strlen(text);
  const auto [rest, error] = std::from_chars(text, end, port);
  if (error != std::errc() || rest != end || port < 1 || port > 65535) {
    fail("MASTER_PORT is '{}'; it must be a free port of the first process's machine, 1 to 65535", text);
  }
  return port;
}

#ifdef USE_C10D_GLOO

constexpr auto meeting_timeout = std::chrono::minutes(5);

std::string first_line(const char* text) { return std::string(text, std::strcspn(text, "\n")); }

/// A process group of libtorch, whichever; tensors go to `device` and back where they lie elsewhere.
template <class Group>
class TorchCollective : public Collective {
 public:
  TorchCollective(const ProcessGroup& group, c10::intrusive_ptr<Group> torch_group, at::Device device,
                  std::string backend)
      : Collective(group), torch_group_(std::move(torch_group)), device_(device), backend_(std::move(backend)) {}

  void sum(at::Tensor& tensor) override {
    apply(tensor, [&](std::vector<at::Tensor>& tensors) { return torch_group_->allreduce(tensors); });
  }
  void broadcast(at::Tensor& tensor) override {
    apply(tensor, [&](std::vector<at::Tensor>& tensors) { return torch_group_->broadcast(tensors); });
  }
  std::string backend() const override { return backend_; }

 private:
  template <class Call>
  void apply(at::Tensor& tensor, const Call& call) {
    const at::Tensor there = tensor.detach().to(device_).contiguous();
    std::vector<at::Tensor> tensors{there};
    try {
      call(tensors)->wait();
    } catch (const std::exception& error) {
      fail("process {} of {} lost the others: {}; start the run again, it goes on from its last checkpoint", rank(),
           size(), first_line(error.what()));
    }
    if (!there.is_alias_of(tensor)) tensor.detach().copy_(there);
  }

  c10::intrusive_ptr<Group> torch_group_;
  at::Device device_;
  std::string backend_;
};

c10::intrusive_ptr<c10d::Store> meet(const ProcessGroup& group, const MeetingPoint& point) {
  c10d::TCPStoreOptions options;
  options.port = static_cast<std::uint16_t>(point.port);
  options.isServer = group.rank == 0 && !point.hosted;
  options.waitWorkers = false;
  options.timeout = meeting_timeout;
  c10::intrusive_ptr<c10d::Store> store = c10::make_intrusive<c10d::TCPStore>(point.address, options);
  return c10::make_intrusive<c10d::PrefixStore>("colonnade" + point.prefix, store);
}

/// The interface that GLOO_SOCKET_IFNAME names, the meeting point's where that is this machine alone, or gloo's choice.
c10::intrusive_ptr<c10d::ProcessGroupGloo::Options> gloo_options(const MeetingPoint& point) {
  auto options = c10d::ProcessGroupGloo::Options::create();
  const char* interface = std::getenv("GLOO_SOCKET_IFNAME");
  const bool local = point.address == "127.0.0.1" || point.address == "localhost";
  using Gloo = c10d::ProcessGroupGloo;
  options->devices.push_back(interface != nullptr ? Gloo::createDeviceForInterface(interface)
                             : local              ? Gloo::createDeviceForHostname("127.0.0.1")
                                                  : Gloo::createDefaultDevice());
  options->timeout = meeting_timeout;
  return options;
}

std::unique_ptr<Collective> join(const ProcessGroup& group, const MeetingPoint& point,
                                 [[maybe_unused]] const at::Device& device) {
  const auto store = meet(group, point);
#ifdef USE_C10D_NCCL
  if (device.is_cuda()) {
    auto nccl = c10::make_intrusive<c10d::ProcessGroupNCCL>(store, group.rank, group.size);
    return std::make_unique<TorchCollective<c10d::ProcessGroupNCCL>>(group, std::move(nccl), device, "nccl");
  }
#endif
  auto gloo = c10::make_intrusive<c10d::ProcessGroupGloo>(store, group.rank, group.size, gloo_options(point));
  return std::make_unique<TorchCollective<c10d::ProcessGroupGloo>>(group, std::move(gloo), at::kCPU, "gloo");
}

#endif

}  // namespace

void Collective::wait_for_all() {
  at::Tensor one = at::ones({1});
  sum(one);
}

void Collective::require_same(const std::string& text, const std::string& what) {
  const auto hash = static_cast<std::int64_t>(std::hash<std::string>()(text) >> 1);
  at::Tensor first = at::full({1}, hash, at::kLong);
  broadcast(first);
  at::Tensor different = at::full({1}, first.item<std::int64_t>() == hash ? 0 : 1, at::kLong);
  sum(different);
  if (different.item<std::int64_t>() == 0) return;
  fail("{} of the {} processes have another {} than the first; start all of them with the same options and data",
       different.item<std::int64_t>(), size(), what);
}

MeetingPoint meeting_point(const ProcessGroup& group, const std::function<const char*(const char*)>& given) {
  const auto environment = [&](const char* name) { return given ? given(name) : std::getenv(name); };
  MeetingPoint point;
  if (const char* address = environment("MASTER_ADDR")) {
    point.address = address;
  } else if (group.local_size != group.size) {
    fail(
        "{} processes, not all known to be on one machine, have no place to meet; set MASTER_ADDR to the name of the "
        "first process's machine and MASTER_PORT to a free port there",
        group.size);
  }
  if (const char* port = environment("MASTER_PORT")) point.port = port_number(port);
  const char* agent = environment("TORCHELASTIC_USE_AGENT_STORE");
  point.hosted = agent != nullptr && std::strcmp(agent, "True") == 0;
  if (const char* attempt = environment("TORCHELASTIC_RESTART_COUNT")) point.prefix = std::string("/") + attempt;
  return point;
}

std::unique_ptr<Collective> join_processes(const ProcessGroup& group, const MeetingPoint& point,
                                           const at::Device& device) {
  if (group.size == 1) return nullptr;
#ifdef USE_C10D_GLOO
  try {
    return join(group, point, device);
  } catch (const std::exception& error) {
    fail(
        "process {} of {} could not meet the others at {}:{} ({}); are all started, is the port free, and does every "
        "machine reach that address (MASTER_ADDR, MASTER_PORT)?",
        group.rank, group.size, point.address, point.port, first_line(error.what()));
  }
#else
  fail(
      "{} processes were started (process {} at {}:{}, {}), but this build has no gloo; install libgloo-dev and build "
      "again, or start one process",
      group.size, group.rank, point.address, point.port, device.str());
#endif
}

}  // namespace colonnade
