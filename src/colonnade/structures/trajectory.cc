// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/structures/trajectory.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <optional>
#include <string_view>

#include "colonnade/core/error.h"
#include "colonnade/core/file.h"
#include "colonnade/structures/elements.h"
#include "colonnade/structures/matrix3.h"
#include "colonnade/structures/structure_file.h"
#include "colonnade/structures/xyz_comment.h"

namespace colonnade {
namespace {

constexpr std::int64_t most_atoms = 100000000;

class Lines {
 public:
  Lines(std::string_view text, const std::string& name) : rest_(text), name_(name) {}
  bool more() {
    rest_.remove_prefix(std::min(rest_.find_first_not_of(" \t\r\n"), rest_.size()));
    return !rest_.empty();
  }
  std::string_view next(int frame) {
    if (rest_.empty()) fail("{}: the file ends within frame {}; get it again, or cut that frame off", name_, frame);
    const auto end = std::min(rest_.find('\n'), rest_.size());
    std::string_view line = rest_.substr(0, end);
    rest_.remove_prefix(std::min(end + 1, rest_.size()));
    if (line.ends_with('\r')) line.remove_suffix(1);
    return line;
  }
  const char* at() const { return rest_.data(); }
  const std::string& name() const { return name_; }

 private:
  std::string_view rest_;
  const std::string& name_;
};

std::vector<std::string_view> words_of(std::string_view line) {
  std::vector<std::string_view> words;
  for (auto start = line.find_first_not_of(xyz_blanks); start != std::string_view::npos;) {
    const auto end = std::min(line.find_first_of(xyz_blanks, start), line.size());
    words.push_back(line.substr(start, end - start));
    start = line.find_first_not_of(xyz_blanks, end);
  }
  return words;
}

double number_of(std::string_view word, const Lines& lines, int frame) {
  while (!word.empty() && xyz_blanks.find(word.back()) != std::string_view::npos) word.remove_suffix(1);
  const auto value = parse_number<double>(word);
  if (!value || !(std::abs(*value) < 1e9)) fail("{}: '{}' in frame {} is no number", lines.name(), word, frame);
  return *value;
}

void expect(std::string_view line, std::string_view start, const Lines& lines, int frame) {
  if (line.starts_with(start)) return;
  fail("{}: frame {} has '{}' where '{}' is expected; is it a text dump of LAMMPS?", lines.name(), frame,
       line.substr(0, 40), start);
}

std::int64_t count_of(std::string_view line, const Lines& lines, int frame) {
  const auto words = words_of(line);
  const auto count = words.size() == 1 ? parse_number<std::int64_t>(words[0]) : std::nullopt;
  if (!count || *count < 1 || *count > most_atoms) {
    fail("{}: '{}' in frame {} is no number of atoms", lines.name(), line.substr(0, 40), frame);
  }
  return *count;
}

/// Cell, and the corner of the box.
Vector3 read_box(Lines& lines, std::string_view header, int frame, Structure& structure) {
  const auto words = words_of(header);
  const bool skew = std::find(words.begin(), words.end(), "xy") != words.end();
  Vector3 low{}, high{}, tilt{};
  for (std::size_t k = 0; k < 3; ++k) {
    const auto row = words_of(lines.next(frame));
    if (row.size() < (skew ? 3U : 2U)) fail("{}: the box of frame {} is not understood", lines.name(), frame);
    low[k] = number_of(row[0], lines, frame);
    high[k] = number_of(row[1], lines, frame);
    if (skew) tilt[k] = number_of(row[2], lines, frame);
  }
  // The dump has the box around the skew cell.
  low[0] -= std::min({0.0, tilt[0], tilt[1], tilt[0] + tilt[1]});
  high[0] -= std::max({0.0, tilt[0], tilt[1], tilt[0] + tilt[1]});
  low[1] -= std::min(0.0, tilt[2]);
  high[1] -= std::max(0.0, tilt[2]);
  structure.cell = {Vector3{high[0] - low[0], 0, 0}, Vector3{tilt[0], high[1] - low[1], 0},
                    Vector3{tilt[1], tilt[2], high[2] - low[2]}};
  require_cell(structure);
  for (std::size_t k = 0; k < 3; ++k) {
    structure.periodic[k] = words.size() < 3 || words[words.size() - 3 + k] == "pp";
  }
  return low;
}

/// Columns of a dump's atoms.
struct Columns {
  std::optional<std::size_t> id, type, element;
  std::array<std::size_t, 3> place{};
  bool scaled = false;
  std::size_t count = 0;
};

Columns columns_of(std::string_view header, const Lines& lines, int frame) {
  const auto words = words_of(header.substr(std::string_view("ITEM: ATOMS").size()));
  const auto find = [&](std::string_view name) -> std::optional<std::size_t> {
    const auto found = std::find(words.begin(), words.end(), name);
    return found == words.end() ? std::nullopt : std::optional(std::size_t(found - words.begin()));
  };
  Columns columns{find("id"), find("type"), find("element"), {}, false, words.size()};
  for (const char* suffix : {"u", "", "su", "s"}) {
    const std::string end = suffix;
    const auto x = find("x" + end), y = find("y" + end), z = find("z" + end);
    if (!x || !y || !z) continue;
    columns.place = {*x, *y, *z};
    columns.scaled = end.starts_with('s');
    return columns;
  }
  fail("{}: frame {} has no columns x y z (or xu, xs, xsu); dump them", lines.name(), frame);
}

int element_of(const Columns& columns, const std::vector<std::string_view>& words, const TrajectoryOptions& options,
               const Lines& lines, int frame) {
  if (columns.element) {
    const Element* const found = find_element(words[*columns.element]);
    if (found == nullptr) fail("{}: frame {}: {}", lines.name(), frame, unknown_element_text(words[*columns.element]));
    return found->number;
  }
  const auto type = columns.type ? parse_number<int>(words[*columns.type]) : std::nullopt;
  if (!type || *type < 1 || std::size_t(*type) > options.type_elements.size()) {
    fail(
        "{}: frame {} does not say which elements its atoms are; name those of types 1, 2, ..., e.g. --type-elements "
        "Al,Si",
        lines.name(), frame);
  }
  return element(options.type_elements[std::size_t(*type) - 1]).number;
}

Structure read_dump_frame(Lines& lines, int frame, const TrajectoryOptions& options) {
  Structure structure;
  expect(lines.next(frame), "ITEM: TIMESTEP", lines, frame);
  structure.metadata["timestep"] = number_of(lines.next(frame), lines, frame);
  expect(lines.next(frame), "ITEM: NUMBER OF ATOMS", lines, frame);
  const std::int64_t count = count_of(lines.next(frame), lines, frame);
  const std::string_view box = lines.next(frame);
  expect(box, "ITEM: BOX BOUNDS", lines, frame);
  const Vector3 corner = read_box(lines, box, frame, structure);
  const std::string_view header = lines.next(frame);
  expect(header, "ITEM: ATOMS", lines, frame);
  const Columns columns = columns_of(header, lines, frame);
  std::vector<std::pair<std::int64_t, Atom>> atoms;
  for (std::int64_t i = 0; i < count; ++i) {
    const auto words = words_of(lines.next(frame));
    if (words.size() != columns.count) {
      fail("{}: atom {} of frame {} has {} columns instead of {}", lines.name(), i + 1, frame, words.size(),
           columns.count);
    }
    Vector3 at{};
    for (std::size_t k = 0; k < 3; ++k) at[k] = number_of(words[columns.place[k]], lines, frame);
    if (columns.scaled) {
      at = combine(at, structure.cell);
      for (std::size_t k = 0; k < 3; ++k) at[k] += corner[k];
    }
    const auto id = columns.id ? std::int64_t(number_of(words[*columns.id], lines, frame)) : i;
    atoms.emplace_back(id, Atom{element_of(columns, words, options, lines, frame), {at[0], at[1], at[2]}});
  }
  std::stable_sort(atoms.begin(), atoms.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  for (const auto& [id, atom] : atoms) structure.atoms.push_back(atom);
  return structure;
}

}  // namespace

std::vector<Structure> read_dump(const std::string& text, const std::string& name, const TrajectoryOptions& options) {
  Lines lines(text, name);
  std::vector<Structure> frames;
  while (lines.more()) frames.push_back(read_dump_frame(lines, int(frames.size()) + 1, options));
  if (frames.empty()) fail("{}: the file holds no frame", name);
  return frames;
}

std::vector<Structure> read_xyz_frames(const std::string& text, const std::string& name) {
  Lines lines(text, name);
  std::vector<Structure> frames;
  while (lines.more()) {
    const int frame = int(frames.size()) + 1;
    const char* const start = lines.at();
    const std::int64_t count = count_of(lines.next(frame), lines, frame);
    lines.next(frame);
    for (std::int64_t i = 0; i < count; ++i) lines.next(frame);
    frames.push_back(read_xyz(std::string(start, lines.at()), fmt::format("{} (frame {})", name, frame)));
  }
  if (frames.empty()) fail("{}: the file holds no frame", name);
  return frames;
}

std::vector<Structure> read_trajectory(const std::filesystem::path& path, const TrajectoryOptions& options) {
  const std::string text = read_file(path);
  if (text.starts_with("ITEM:")) return read_dump(text, path.string(), options);
  return read_xyz_frames(text, path.string());
}

}  // namespace colonnade
