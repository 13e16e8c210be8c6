// What engines really write: every file of tests/corpus must parse and be valid.
#include <dirent.h>
#include <doctest/doctest.h>

#include <algorithm>
#include <cstdio>
#include <vector>

#include "oci/parse.h"
#include "oci/validate.h"
#include "support.h"

using namespace brig;
using namespace brig::oci;

namespace {

const std::string kCorpus = BRIG_TEST_DIR "/corpus";

std::vector<std::string> corpus_files(std::string_view suffix) {
  std::vector<std::string> names;
  DIR* directory = opendir(kCorpus.c_str());
  REQUIRE(directory != nullptr);
  while (const dirent* entry = readdir(directory))
    if (std::string_view(entry->d_name).ends_with(suffix)) names.emplace_back(entry->d_name);
  closedir(directory);
  std::sort(names.begin(), names.end());
  return names;
}

std::string read_corpus(const std::string& name) {
  std::FILE* file = std::fopen((kCorpus + "/" + name).c_str(), "re");
  REQUIRE(file != nullptr);
  std::string text(1U << 20U, '\0');
  text.resize(std::fread(text.data(), 1, text.size(), file));
  std::fclose(file);
  return text;
}

}  // namespace

TEST_CASE("every config.json of the corpus parses and is valid") {
  const std::vector<std::string> names = corpus_files(".config.json");
  CHECK(names.size() >= 27);
  for (const std::string& name : names) {
    CAPTURE(name);
    CHECK(error_of([&] { validate(parse_config(read_corpus(name))); }) == "no error");
  }
}

TEST_CASE("the text of the process alone says the same of it") {
  for (const std::string& name : corpus_files(".config.json")) {
    CAPTURE(name);
    const std::string text = read_corpus(name);
    std::optional<std::string_view> part;
    const Config config = parse_config(text, &part);
    REQUIRE(config.process.has_value() == part.has_value());
    if (!part) continue;
    const Process process = parse_process(*part);
    CHECK(process.args == config.process->args);
    CHECK(process.env == config.process->env);
    CHECK(process.cwd == config.process->cwd);
    CHECK(process.user.uid == config.process->user.uid);
    CHECK(process.rlimits.size() == config.process->rlimits.size());
  }
}

TEST_CASE("every process.json of the corpus parses and is valid") {
  const std::vector<std::string> names = corpus_files(".process.json");
  CHECK(names.size() >= 9);
  for (const std::string& name : names) {
    CAPTURE(name);
    CHECK(error_of([&] { validate_process(parse_process(read_corpus(name)), ""); }) == "no error");
  }
}

TEST_CASE("details of what Docker and Podman write arrive") {
  const Config docker = parse_config(read_corpus("docker-limits.config.json"));
  CHECK(docker.linux.resources.memory->swap == 134217728);
  CHECK(docker.linux.resources.block_io->weight == 0);
  CHECK(docker.linux.resources.block_io->throttle_read_bps_device.at(0).rate == 1048576);
  CHECK(docker.linux.resources.pids_limit == 30);
  CHECK(docker.linux.seccomp.has_value());
  const Config podman = parse_config(read_corpus("podman-userns.config.json"));
  CHECK(podman.find_namespace(NamespaceType::kUser) != nullptr);
  CHECK_FALSE(podman.linux.uid_mappings.empty());
}

TEST_CASE("a file cut anywhere is an error, never a crash") {
  const std::string text = read_corpus("docker-default.config.json");
  const std::size_t end = text.find_last_of('}');
  for (std::size_t length = 0; length <= end; length += 97) {
    CAPTURE(length);
    CHECK(error_of([&] { static_cast<void>(parse_config(text.substr(0, length))); }) != "no error");
  }
}
