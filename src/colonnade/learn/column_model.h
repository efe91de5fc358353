// SPDX-License-Identifier: GPL-3.0-or-later
// A small network over the columns of one field: each column is a node with numbers of its own (what its signals and
// physics say), and passes messages to its neighbours; out comes a normal distribution for each column. What the
// numbers mean is up to who makes the graphs (workflows/column_table.h); this room sees tables only. libtorch stays out
// of this header.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace colonnade {

/// The columns of one field as the network is given them.
struct ColumnGraph {
  /// A message's way; the vector goes from the receiver to the sender, in units of the columns' spacing.
  struct Edge {
    int from = 0, to = 0;
    float dx = 0, dy = 0;
  };
  int columns = 0;
  std::vector<float> inputs;   ///< [column][input], of the order of 1
  std::vector<Edge> edges;     ///< in any order
  std::vector<float> targets;  ///< [column][output]; only for training
  std::vector<float> weights;  ///< of each column in the loss; only for training
};
/// The same field rotated by the angle, then mirrored left to right.
ColumnGraph turned(const ColumnGraph& graph, double angle_rad, bool mirror);

/// A normal distribution of the outputs; its covariance is factor x factor^T.
struct ColumnEstimate {
  std::vector<double> mean;
  std::vector<double> factor;  ///< [output][output], lower triangular
};

struct ColumnModelRecord {
  std::vector<std::string> elements;  ///< one output each
  int inputs = 0, hidden = 0, rounds = 0;
  nlohmann::json table = nlohmann::json::object();  ///< how signals become inputs
  nlohmann::json options = nlohmann::json::object();
  std::string data_fingerprint;
  std::uint64_t seed = 0;
  int epochs = 0;
  nlohmann::json scores = nlohmann::json::object();       ///< on held-out particles
  nlohmann::json calibration = nlohmann::json::object();  ///< of the distributions, on held-out particles
  std::string version;                                    ///< of Colonnade
};
nlohmann::json to_json(const ColumnModelRecord& record);
/// Fails, naming `where`, on what is missing, of the wrong kind or impossible.
ColumnModelRecord column_model_record(const nlohmann::json& json, const std::string& where);

class ColumnModel {
 public:
  /// Fails on a file that is no model of columns, of another format, or whose weights do not fit its record.
  static ColumnModel load(const std::filesystem::path& path);
  /// `half`: weights stored as 16-bit floats.
  void save(const std::filesystem::path& path, bool half = true) const;
  ColumnModel(ColumnModel&&) noexcept;
  ColumnModel& operator=(ColumnModel&&) noexcept;
  ~ColumnModel();

  ColumnModelRecord record;
  /// One estimate per column. Fails where the graph does not fit the record.
  std::vector<ColumnEstimate> predict(const ColumnGraph& graph) const;

  struct Network;  // the libtorch part
  explicit ColumnModel(std::unique_ptr<Network> network);
  Network& network() { return *network_; }

 private:
  std::unique_ptr<Network> network_;
};

/// Whether a model file is one of columns, and not of images (model.h).
bool is_column_model(const std::filesystem::path& path);

}  // namespace colonnade
