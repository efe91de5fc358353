// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/core/file.h"

#include <array>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <fstream>
#include <memory>
#include <openssl/evp.h>
#include <system_error>
#include <unistd.h>

#include "colonnade/core/error.h"

namespace colonnade {
namespace fs = std::filesystem;
namespace {

fs::path temporary_beside(const fs::path& target) {
  return target.parent_path() / fmt::format(".{}.partial-{}", target.filename().string(), getpid());
}

void rename_into_place(const fs::path& from, const fs::path& to) {
  std::error_code error;
  fs::rename(from, to, error);
  if (error) fail("cannot write {}: {}", to.string(), error.message());
}

/// The parent of a target, made where it is missing.
void make_parent(const fs::path& target) {
  std::error_code error;
  const fs::path parent = fs::absolute(target).parent_path();
  fs::create_directories(parent, error);
  if (error) fail("cannot make the folder {} for {}: {}", parent.string(), target.string(), error.message());
}

fs::path without_trailing_slash(const fs::path& path) { return path.has_filename() ? path : path.parent_path(); }

class Sha256 {
 public:
  Sha256() : context_(EVP_MD_CTX_new(), EVP_MD_CTX_free) {
    if (!context_ || EVP_DigestInit_ex(context_.get(), EVP_sha256(), nullptr) != 1) fail("cannot start SHA-256");
  }
  void add(const char* bytes, std::size_t count) {
    if (EVP_DigestUpdate(context_.get(), bytes, count) != 1) fail("SHA-256 failed");
  }
  std::string hexadecimal() {
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned int length = 0;
    if (EVP_DigestFinal_ex(context_.get(), digest.data(), &length) != 1) fail("SHA-256 failed");
    std::string text;
    for (unsigned int i = 0; i < length; ++i) text += fmt::format("{:02x}", digest[i]);
    return text;
  }

 private:
  std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context_;
};

}  // namespace

void require_file(const fs::path& path, std::string_view what) {
  std::error_code error;
  const auto status = fs::status(path, error);
  if (!fs::exists(status)) fail("{}: there is no such {} file; check the path", path.string(), what);
  if (fs::is_directory(status)) fail("{} is a folder; give the {} file itself", path.string(), what);
  if (access(path.c_str(), R_OK) != 0) fail("{}: cannot be read: {}", path.string(), std::strerror(errno));
  if (fs::is_regular_file(status) && fs::file_size(path) == 0) {
    fail("{}: the {} file is empty; was it copied whole?", path.string(), what);
  }
}

std::string read_file(const fs::path& path) {
  std::error_code error;
  if (fs::is_directory(path, error)) fail("{} is a folder, a file is needed", path.string());
  std::ifstream stream(path, std::ios::binary);
  if (!stream) fail("{}: cannot be opened: {}", path.string(), std::strerror(errno));
  std::string contents{std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
  if (stream.bad()) fail("{}: reading failed: {}", path.string(), std::strerror(errno));
  return contents;
}

void write_file(const fs::path& path, std::string_view contents) {
  PendingFile pending(path);
  std::ofstream stream(pending.temporary(), std::ios::binary);
  stream.write(contents.data(), static_cast<std::streamsize>(contents.size()));
  stream.close();
  if (!stream) fail("cannot write {}: {}", path.string(), std::strerror(errno));
  pending.commit();
}

PendingFile::PendingFile(fs::path target) : target_(std::move(target)) {
  if (fs::is_directory(target_)) fail("cannot write {}: it is a folder", target_.string());
  make_parent(target_);
  temporary_ = temporary_beside(target_);
}

PendingFile::~PendingFile() {
  std::error_code ignored;
  if (!committed_) fs::remove(temporary_, ignored);
}

void PendingFile::commit() {
  rename_into_place(temporary_, target_);
  committed_ = true;
}

PendingFolder::PendingFolder(const fs::path& target, bool overwrite) : target_(without_trailing_slash(target)) {
  const auto status = fs::status(target_);
  if (fs::exists(status)) {
    if (!fs::is_directory(status)) fail("the output folder {} is a file; give another name", target_.string());
    if (!overwrite) {
      fail("the output folder {} exists; give another name, or --overwrite to replace it", target_.string());
    }
  }
  make_parent(target_);
  temporary_ = temporary_beside(target_);
  std::error_code error;
  fs::remove_all(temporary_, error);
  fs::create_directory(temporary_, error);
  if (error) fail("cannot make the output folder {}: {}", target_.string(), error.message());
}

PendingFolder::~PendingFolder() {
  std::error_code ignored;
  if (!committed_) fs::remove_all(temporary_, ignored);
}

void PendingFolder::commit() {
  std::error_code error;
  const fs::path old = temporary_.string() + "-old";
  const bool replaced = fs::exists(target_);
  if (replaced) rename_into_place(target_, old);
  rename_into_place(temporary_, target_);
  committed_ = true;
  if (replaced) fs::remove_all(old, error);
}

std::string sha256(std::string_view bytes) {
  Sha256 hash;
  hash.add(bytes.data(), bytes.size());
  return hash.hexadecimal();
}

std::string sha256_file(const fs::path& path) {
  std::ifstream stream(path, std::ios::binary);
  if (!stream) fail("{}: cannot be opened: {}", path.string(), std::strerror(errno));
  Sha256 hash;
  std::array<char, 1 << 16> buffer{};
  while (stream.read(buffer.data(), buffer.size()) || stream.gcount() > 0) {
    hash.add(buffer.data(), static_cast<std::size_t>(stream.gcount()));
  }
  return hash.hexadecimal();
}

}  // namespace colonnade
