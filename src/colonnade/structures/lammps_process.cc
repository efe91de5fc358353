// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/structures/lammps_process.h"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <fcntl.h>
#include <memory>
#include <sstream>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>
#ifdef __linux__
#include <sys/prctl.h>
#endif

#include "colonnade/core/error.h"
#include "colonnade/structures/lammps_library.h"

namespace colonnade {
namespace {

constexpr int state_nothing = 0, state_done = 1, state_failed = 2;
constexpr std::size_t most_message = 2000;

/// What both processes see, followed by positions and forces.
struct Shared {
  int state = state_nothing;
  char message[most_message + 1] = {};
  double energy_before_eV = 0, energy_eV = 0, temperature_K = 0;
  LammpsLibrary::Box box{};
  int version = 0;
};

class SharedMemory {
 public:
  explicit SharedMemory(std::size_t atoms) : size_(sizeof(Shared) + 6 * atoms * sizeof(double)) {
    memory_ = mmap(nullptr, size_, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (memory_ == MAP_FAILED) fail("no memory of {} MB for {} atoms; free some", size_ >> 20, atoms);
    new (memory_) Shared();
  }
  ~SharedMemory() { munmap(memory_, size_); }
  SharedMemory(const SharedMemory&) = delete;
  SharedMemory& operator=(const SharedMemory&) = delete;

  Shared& shared() { return *static_cast<Shared*>(memory_); }
  double* numbers() { return reinterpret_cast<double*>(static_cast<char*>(memory_) + sizeof(Shared)); }

 private:
  std::size_t size_;
  void* memory_;
};

struct Closer {
  void operator()(std::FILE* file) const { std::fclose(file); }
};
using TemporaryFile = std::unique_ptr<std::FILE, Closer>;

TemporaryFile temporary_file() {
  TemporaryFile file(std::tmpfile());
  if (!file) fail("no temporary file can be made for what LAMMPS says: {}; free some space", std::strerror(errno));
  return file;
}

std::string text_of(std::FILE* file) {
  std::string text;
  char buffer[4096];
  const int descriptor = fileno(file);
  lseek(descriptor, 0, SEEK_SET);
  for (ssize_t got = 0; (got = read(descriptor, buffer, sizeof buffer)) > 0;) text.append(buffer, std::size_t(got));
  return text;
}

/// The last line with ERROR, else the last that is not empty.
std::string complaint_in(const std::string& text) {
  std::string error, last;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    if (const auto at = line.find("ERROR"); at != std::string::npos) error = line.substr(at);
    if (line.find_first_not_of(" \t-") != std::string::npos) last = line;
  }
  std::string found = error.empty() ? last : error;
  if (found.starts_with("ERROR: ")) found = found.substr(7);
  return found;
}

void run_here(const LammpsJob& job, const std::string& screen, Shared& shared, double* numbers) {
  LammpsLibrary lammps(screen);
  for (const char* text :
       {"units metal", "atom_style atomic", "atom_modify map array", "boundary p p p", "box tilt large"}) {
    lammps.command(text);
  }
  lammps.command(fmt::format("region box prism 0 {:.12g} 0 {:.12g} 0 {:.12g} {:.12g} {:.12g} {:.12g} units box", job.lx,
                             job.ly, job.lz, job.xy, job.xz, job.yz));
  lammps.command(fmt::format("create_box {} box", job.masses_u.size()));
  lammps.create_atoms(job.types, job.positions);
  for (std::size_t i = 0; i < job.masses_u.size(); ++i)
    lammps.command(fmt::format("mass {} {}", i + 1, job.masses_u[i]));
  for (const std::string& text : job.commands_before) lammps.command(text);
  lammps.command("run 0");
  shared.energy_before_eV = lammps.thermo("pe");
  for (const std::string& text : job.commands) lammps.command(text);
  shared.energy_eV = lammps.thermo("pe");
  shared.temperature_K = lammps.thermo("temp");
  shared.box = lammps.box();
  shared.version = lammps.version();
  const auto positions = lammps.gather("x", job.types.size()), forces = lammps.gather("f", job.types.size());
  std::copy(positions.begin(), positions.end(), numbers);
  std::copy(forces.begin(), forces.end(), numbers + positions.size());
}

/// All that the child does. It ends without the handlers of the program that it is a copy of.
[[noreturn]] void be_child(const LammpsJob& job, std::FILE* screen, std::FILE* errors, SharedMemory& memory) {
#ifdef __linux__
  prctl(PR_SET_PDEATHSIG, SIGKILL);
#endif
  const int nowhere = open("/dev/null", O_WRONLY);  // NOLINT(cppcoreguidelines-pro-type-vararg): POSIX's interface
  dup2(nowhere, STDOUT_FILENO);
  dup2(fileno(errors), STDERR_FILENO);
  Shared& shared = memory.shared();
  try {
    run_here(job, fmt::format("/dev/fd/{}", fileno(screen)), shared, memory.numbers());
    shared.state = state_done;
  } catch (const std::exception& error) {
    std::strncpy(shared.message, error.what(), most_message);
    shared.state = state_failed;
  }
  _exit(0);
}

void wait_for(pid_t child) {
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
}

}  // namespace

LammpsResult run_lammps(const LammpsJob& job) {
  const std::size_t numbers = 3 * job.types.size();
  SharedMemory memory(job.types.size());
  const TemporaryFile screen = temporary_file(), errors = temporary_file();
  std::fflush(nullptr);
  const pid_t child = fork();
  if (child < 0) fail("no process for LAMMPS can be started: {}", std::strerror(errno));
  if (child == 0) be_child(job, screen.get(), errors.get(), memory);
  wait_for(child);
  const Shared& shared = memory.shared();
  if (shared.state == state_failed) fail("{}", shared.message);
  if (shared.state != state_done) {
    std::string why = complaint_in(text_of(screen.get()));
    if (why.empty()) why = complaint_in(text_of(errors.get()));
    fail("LAMMPS stopped: {}; check the potential and the specimen", why.empty() ? "it gave no reason" : why);
  }
  LammpsResult result;
  result.energy_before_eV = shared.energy_before_eV;
  result.energy_eV = shared.energy_eV;
  result.temperature_K = shared.temperature_K;
  result.version = shared.version;
  const LammpsLibrary::Box& box = shared.box;
  std::copy(std::begin(box.low), std::end(box.low), std::begin(result.low));
  result.lx = box.high[0] - box.low[0];
  result.ly = box.high[1] - box.low[1];
  result.lz = box.high[2] - box.low[2];
  result.xy = box.xy;
  result.xz = box.xz;
  result.yz = box.yz;
  result.positions.assign(memory.numbers(), memory.numbers() + numbers);
  result.forces.assign(memory.numbers() + numbers, memory.numbers() + 2 * numbers);
  return result;
}

}  // namespace colonnade
