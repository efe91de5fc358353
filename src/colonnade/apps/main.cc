// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <csignal>
#include <cstdio>
#include <exception>
#include <fmt/ranges.h>
#include <new>

#include "colonnade/apps/command.h"
#include "colonnade/core/error.h"
#include "colonnade/core/log.h"
#include "colonnade/core/parallel.h"
#include "colonnade/core/version.h"

namespace {

constexpr int exit_bad_input = 2;

int complain(const std::string& message) {
  std::fprintf(stderr, "error: %s\n", message.c_str());
  return exit_bad_input;
}

/// Without a verb, or with an unknown one: which there are.
std::string verb_needed(const CLI::App& app, int argc, char** argv) {
  std::vector<std::string> verbs;
  for (const auto* verb : app.get_subcommands({})) verbs.push_back(verb->get_name());
  for (int i = 1; i < argc; ++i) {
    const std::string word = argv[i];
    if (word.starts_with('-')) continue;
    const std::string nearest = colonnade::nearest_word(word, verbs);
    return fmt::format("there is no verb '{}'{}; see --help", word,
                       nearest.empty() ? "" : fmt::format("; did you mean '{}'?", nearest));
  }
  return fmt::format("a verb is needed: {}; see --help", fmt::join(verbs, ", "));
}

/// As CLI11 wants them: last first, without the program. "--eds false" becomes "--eds=false": switches take what
/// follows them only where it says so, so that "--background image.tif" leaves the image alone.
std::vector<std::string> arguments_of(int argc, char** argv) {
  std::vector<std::string> arguments;
  for (int i = 1; i < argc; ++i) {
    const std::string text = argv[i];
    const bool value = text == "true" || text == "false";
    if (value && !arguments.empty() && arguments.back().starts_with("--") &&
        arguments.back().find('=') == std::string::npos) {
      arguments.back() += "=" + text;
    } else {
      arguments.push_back(text);
    }
  }
  std::reverse(arguments.begin(), arguments.end());
  return arguments;
}

}  // namespace

int main(int argc, char** argv) {
  using namespace colonnade;
  // A write beyond a file-size limit then fails like any other write instead of killing the program.
  std::signal(SIGXFSZ, SIG_IGN);
  CLI::App app(
      "Colonnade: what the columns of an atomic-resolution micrograph are made of.\n"
      "Each verb explains itself with --help.",
      "colonnade");
  app.set_version_flag("--version", std::string("colonnade ") + version);
  app.require_subcommand(1);
  app.fallthrough();
  Shared shared;
  int threads = 0;
  bool quiet = false;
  app.add_flag("--json", shared.json, "Print the result as one line of JSON");
  app.add_option("--threads", threads, "Threads to use; 0: all cores")->type_name("")->check(CLI::Range(0, 4096));
  app.add_flag("--quiet", quiet, "Warnings only, no progress");
  app.parse_complete_callback([&] {
    set_thread_count(threads);
    shared.threads_given = threads > 0;
    if (quiet) set_verbosity(Verbosity::quiet);
  });
  for (const auto add : {add_simulate, add_dataset, add_train, add_train_columns, add_evaluate, add_calibrate,
                         add_bound, add_score, add_reproduce, add_map, add_convert, add_crystal, add_defects,
                         add_diffract, add_index, add_train_classifier, add_classify, add_demo}) {
    add(app, shared);
  }
  try {
    app.parse(arguments_of(argc, argv));
  } catch (const CLI::RequiredError&) {
    return complain(verb_needed(app, argc, argv));
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == 0) return app.exit(error);
    return complain(std::string(error.what()) + "; see --help");
  } catch (const Error& error) {
    return complain(error.what());
  } catch (const std::bad_alloc&) {
    return complain("not enough memory for this job; use a smaller image, cell or batch");
  } catch (const std::exception& error) {
    return complain(std::string("unexpected: ") + error.what());
  }
  return 0;
}
