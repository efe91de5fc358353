// SPDX-License-Identifier: GPL-3.0-or-later
// Pieces of work, numbered from 0, shared by processes that see one folder: each is claimed by at most one of them at a
// time. A claim is a lock on one byte of a file, held by the kernel (open file description locks; over NFS too): it
// ends with the process, however that ends, so a claim of the dead never has to be found and removed.
#pragma once

#include <cstdint>
#include <filesystem>

namespace colonnade {

class Claims {
 public:
  /// Makes the file where it is missing. It stays empty, and must not be removed while anybody uses it.
  explicit Claims(const std::filesystem::path& file);
  ~Claims();
  Claims(const Claims&) = delete;
  Claims& operator=(const Claims&) = delete;

  /// False where another process, or another Claims of this one, has it. Where the file system knows no locks: warns
  /// once and is true.
  bool claim(std::int64_t number);
  /// The same, but waits for whoever has it.
  void wait_for(std::int64_t number);
  void release(std::int64_t number);
  /// False once the file system was found to know no locks.
  bool locks_work() const { return locks_work_; }

 private:
  bool lock(std::int64_t number, int type, bool wait);

  std::filesystem::path file_;
  int descriptor_ = -1;
  bool locks_work_ = true;
};

}  // namespace colonnade
