// SPDX-License-Identifier: GPL-3.0-or-later
// Which of several processes this one is, as the program that started them says in the environment: torchrun (RANK,
// WORLD_SIZE), Open MPI (OMPI_COMM_WORLD_RANK, ..._SIZE), MPICH and Intel MPI (PMI_RANK, PMI_SIZE), Slurm's srun
// (SLURM_PROCID, SLURM_NTASKS). No MPI library is needed.
#pragma once

#include <functional>

namespace colonnade {

struct ProcessGroup {
  int rank = 0, size = 1;
  int local_rank = 0, local_size = 1;  ///< among those on the same machine, where the starter says it; else 0 of 1
};

/// Alone (0 of 1) where the environment says nothing. Fails on numbers that make no sense.
ProcessGroup process_group();
/// The same from an environment of one's own, for tests.
ProcessGroup process_group(const std::function<const char*(const char* name)>& environment);

/// Threads for each of a machine's processes: the cores that this process may use, divided by how many share them.
/// Where the starter has bound each process to cores of its own, they are not divided again.
int threads_per_process(const ProcessGroup& group);

}  // namespace colonnade
