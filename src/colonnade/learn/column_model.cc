// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/learn/column_model.h"

#include <cmath>
#include <utility>

#include "colonnade/core/error.h"
#include "colonnade/core/file.h"
#include "colonnade/image/hdf5_file.h"
#include "colonnade/learn/column_network.h"
#include "colonnade/learn/weights_file.h"

namespace colonnade {
namespace {

constexpr int format_version = 1;
constexpr const char* kind = "columns";

bool is_of_columns(const Hdf5File& file) {
  return file.has_attribute("/", "kind") && file.read_text("/", "kind") == kind;
}

ColumnModelRecord record_of(const Hdf5File& file, const std::filesystem::path& path) {
  if (!is_of_columns(file) || !file.has_attribute("/", "record") || !file.has("weights")) {
    fail("{}: this is no model of columns; make one by 'colonnade train-columns'", path.string());
  }
  const double found = file.read_number("/", "format_version");
  if (found != format_version) {
    fail("{}: a model of columns of format {}, this program reads format {}; use the matching program or train again",
         path.string(), found, format_version);
  }
  const nlohmann::json json = nlohmann::json::parse(file.read_text("/", "record"), nullptr, false);
  return column_model_record(json, path.string());
}

}  // namespace

ColumnGraph turned(const ColumnGraph& graph, double angle_rad, bool mirror) {
  ColumnGraph result = graph;
  const double cosine = std::cos(angle_rad), sine = std::sin(angle_rad);
  for (auto& edge : result.edges) {
    const double x = cosine * edge.dx - sine * edge.dy;
    edge.dy = static_cast<float>(sine * edge.dx + cosine * edge.dy);
    edge.dx = static_cast<float>(mirror ? -x : x);
  }
  return result;
}

nlohmann::json to_json(const ColumnModelRecord& record) {
  return {{"kind", kind},
          {"elements", record.elements},
          {"inputs", record.inputs},
          {"hidden", record.hidden},
          {"rounds", record.rounds},
          {"table", record.table},
          {"options", record.options},
          {"data_fingerprint", record.data_fingerprint},
          {"seed", record.seed},
          {"epochs", record.epochs},
          {"scores", record.scores},
          {"calibration", record.calibration},
          {"version", record.version}};
}

ColumnModelRecord column_model_record(const nlohmann::json& json, const std::string& where) {
  ColumnModelRecord record;
  try {
    if (json.at("kind") != kind) fail("{}: the record is not of a model of columns", where);
    record.elements = json.at("elements").get<std::vector<std::string>>();
    record.inputs = json.at("inputs");
    record.hidden = json.at("hidden");
    record.rounds = json.at("rounds");
    record.table = json.at("table");
    record.options = json.at("options");
    record.data_fingerprint = json.at("data_fingerprint");
    record.seed = json.at("seed");
    record.epochs = json.at("epochs");
    record.scores = json.at("scores");
    record.calibration = json.at("calibration");
    record.version = json.at("version");
  } catch (const nlohmann::json::exception& problem) {
    fail("{}: the record is not of a model of columns ({}); train the model again", where, problem.what());
  }
  if (record.elements.empty() || record.inputs < 1) {
    fail("{}: the model has {} elements and {} inputs; train it again", where, record.elements.size(), record.inputs);
  }
  return record;
}

ColumnModel::ColumnModel(std::unique_ptr<Network> network) : network_(std::move(network)) {}
ColumnModel::ColumnModel(ColumnModel&&) noexcept = default;
ColumnModel& ColumnModel::operator=(ColumnModel&&) noexcept = default;
ColumnModel::~ColumnModel() = default;

void ColumnModel::save(const std::filesystem::path& path, bool half) const {
  PendingFile pending(path);
  Hdf5File file(pending.temporary(), Hdf5File::Mode::create);
  write_weights(file, named_weights(*network_->layers), half);
  file.write_number("/", "format_version", format_version);
  file.write_text("/", "kind", kind);
  file.write_text("/", "record", to_json(record).dump());
  file.close();
  pending.commit();
}

ColumnModel ColumnModel::load(const std::filesystem::path& path) {
  require_file(path, "model");
  const Hdf5File file(path, Hdf5File::Mode::read);
  ColumnModelRecord record = record_of(file, path);
  auto network = std::make_unique<Network>();
  network->layers = std::make_shared<ColumnNetwork>(record.inputs, static_cast<int>(record.elements.size()),
                                                    record.hidden, record.rounds);
  read_weights(file, path, named_weights(*network->layers));
  ColumnModel model(std::move(network));
  model.record = std::move(record);
  return model;
}

std::vector<ColumnEstimate> ColumnModel::predict(const ColumnGraph& graph) const {
  if (graph.columns == 0) return {};
  const torch::NoGradGuard no_gradient;
  const ColumnGraph* only = &graph;
  ColumnNetwork& layers = *network_->layers;
  return estimates(layers.forward(column_batch({&only, 1}, layers.inputs(), layers.outputs())));
}

bool is_column_model(const std::filesystem::path& path) {
  require_file(path, "model");
  return is_of_columns(Hdf5File(path, Hdf5File::Mode::read));
}

}  // namespace colonnade
