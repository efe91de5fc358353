// SPDX-License-Identifier: GPL-3.0-or-later
// A residual network that says which class a pattern is of, with what is needed to use it and to judge it. What the
// classes mean, and how a picture becomes the square of numbers that the network is given, is up to who trains it
// (`meaning`); this room sees squares and numbers of classes only. libtorch stays out of this header.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace colonnade {

struct ClassifierRecord {
  std::vector<std::string> classes;  ///< their names, one output each
  int depth = 18;                    ///< 18, 50 or 101 layers
  int width = 64;                    ///< channels of the first stage
  int side_px = 64;                  ///< of the patterns
  /// Logits are divided by it: fitted on held-out patterns, so that probabilities are right on average (C. Guo et al.,
  /// Proc. ICML 2017, arXiv 1706.04599).
  double temperature = 1;
  nlohmann::json meaning = nlohmann::json::object();  ///< of classes and pixels
  nlohmann::json options = nlohmann::json::object();
  std::string data_fingerprint;
  std::uint64_t seed = 0;
  int epochs = 0;
  nlohmann::json scores = nlohmann::json::object();  ///< on held-out materials
  std::string version;                               ///< of Colonnade
};
nlohmann::json to_json(const ClassifierRecord& record);
/// Fails, naming `where`, on what is missing, of the wrong kind or impossible.
ClassifierRecord classifier_record(const nlohmann::json& json, const std::string& where);

class ClassifierModel {
 public:
  /// Fails on a file that is no classifier, of another format, or whose weights do not fit its record.
  static ClassifierModel load(const std::filesystem::path& path);
  /// `half`: weights stored as 16-bit floats.
  void save(const std::filesystem::path& path, bool half = true) const;
  ClassifierModel(ClassifierModel&&) noexcept;
  ClassifierModel& operator=(ClassifierModel&&) noexcept;
  ~ClassifierModel();

  ClassifierRecord record;
  /// Natural logarithms of the classes' probabilities, for each pattern of side_px x side_px numbers.
  std::vector<std::vector<double>> log_probabilities(const std::vector<std::vector<float>>& patterns) const;
  /// How much each pixel speaks for the classes of the list together: the pixel times the derivative of the logarithm
  /// of their probability (K. Simonyan et al., arXiv 1312.6034; A. Shrikumar et al., arXiv 1605.01713).
  std::vector<float> saliency(const std::vector<float>& pattern, const std::vector<int>& classes) const;

  struct Network;  // the libtorch part
  explicit ClassifierModel(std::unique_ptr<Network> network);
  Network& network() { return *network_; }

 private:
  std::unique_ptr<Network> network_;
};

/// The temperature at which the logarithms of the true classes' probabilities add up to most; `logits` are those of a
/// temperature of 1 (their logarithms of probabilities serve as well).
double fitted_temperature(const std::vector<std::vector<double>>& logits, const std::vector<int>& classes);

}  // namespace colonnade
