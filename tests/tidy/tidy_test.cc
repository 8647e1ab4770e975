// Goal: the house stays in order without anybody watching. Method: read every source file as text
// and hold it to the table of modules, the list of owners of third-party headers, the bans, and the
// budgets. There is no list of exemptions.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <regex>
#include <set>
#include <sstream>
#include <string>
#include <vector>

namespace {

namespace fs = std::filesystem;

const fs::path kRoot = TICKETING_SOURCE_DIR;

struct File {
  std::string path;  // relative to the root, with '/'
  std::string
      module;  // "seat", "provider/stripe", "service/ticketing"; empty outside lib and include
  std::vector<std::string> lines;
};

std::string Read(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::stringstream text;
  text << in.rdbuf();
  return text.str();
}

// "lib/service/ticketing/lane.cc" -> "service/ticketing"; providers and services are a module per
// folder.
std::string ModuleOf(const std::string& path) {
  static const std::regex kPlace(
      "^(?:lib|include/ticketing)/((?:service|provider)/[a-z_]+|[a-z_]+)/.*");
  std::smatch match;
  return std::regex_match(path, match, kPlace) ? match[1].str() : "";
}

std::vector<File> Sources(const std::vector<std::string>& folders) {
  std::vector<File> files;
  for (const std::string& folder : folders) {
    if (!fs::exists(kRoot / folder)) continue;
    for (const auto& entry : fs::recursive_directory_iterator(kRoot / folder)) {
      const std::string extension = entry.path().extension();
      const std::string path = fs::relative(entry.path(), kRoot).generic_string();
      if (path.find("node_modules") != std::string::npos) continue;
      if (extension != ".h" && extension != ".cc" && extension != ".c") continue;
      File file{path, ModuleOf(path), {}};
      std::istringstream text(Read(entry.path()));
      for (std::string line; std::getline(text, line);) file.lines.push_back(line);
      files.push_back(std::move(file));
    }
  }
  std::ranges::sort(files, {}, &File::path);
  return files;
}

const std::vector<File>& AllSources() {
  static const std::vector<File> files =
      Sources({"include", "lib", "servers", "clients", "bindings", "tests", "bench", "examples"});
  return files;
}

bool Under(const std::string& path, const std::vector<std::string>& prefixes) {
  return std::ranges::any_of(prefixes,
                             [&](const std::string& prefix) { return path.starts_with(prefix); });
}

// The table. A module may include itself and modules of lower rank; within rank 2, and among
// adapters and services, the siblings stay apart. Adapters see base and env, crypto, and the one
// domain interface they serve.
const std::map<std::string, int> kRank = {
    {"base", 0},      {"env", 10},          {"crypto", 11},   {"seat", 20},      {"pricing", 20},
    {"order", 20},    {"payment", 20},      {"token", 20},    {"admission", 20}, {"sync", 20},
    {"identity", 20}, {"notification", 20}, {"wire", 30},     {"gate", 40},      {"lane", 40},
    {"wallet", 40},   {"sqlite", 45},       {"postgres", 45}, {"http", 45},      {"system", 45},
    {"provider", 45}, {"service", 50},      {"testing", 60}};

const std::map<std::string, std::set<std::string>> kAdapterMaySee = {
    {"sqlite", {"base", "env"}},
    {"postgres", {"base", "env"}},
    {"http", {"base", "env"}},
    {"system", {"base", "env"}},
    {"provider", {"base", "env", "crypto", "payment", "notification"}},
    {"testing", {"base", "env", "crypto", "sqlite"}},
};

std::string Family(const std::string& module) {
  return module.substr(0, module.find('/'));
}

bool MayInclude(const std::string& from, const std::string& to) {
  if (from == to) return true;
  // A printed ticket has a symbol on it: the one adapter that is made of another.
  if (from == "provider/pdf" && to == "provider/qr") return true;
  if (const auto row = kAdapterMaySee.find(Family(from)); row != kAdapterMaySee.end())
    return row->second.contains(Family(to));
  if (Family(from) == "service" && Family(to) == "service") return to == "service/common";
  if (kAdapterMaySee.contains(Family(to))) return false;  // services get adapters handed in
  // Rank 2 is pure: it sees values and arithmetic, never a port.
  if (kRank.at(Family(from)) == 20) return to == "base" || to == "crypto";
  return kRank.at(Family(to)) < kRank.at(Family(from));
}

TEST(TidyTest, ModulesIncludeOnlyWhatTheTableAllows) {
  const std::regex include(
      "^\\s*#include \"(?:ticketing|lib)/((?:service|provider)/[a-z_]+|[a-z_]+)/.*");
  for (const File& file : AllSources()) {
    if (file.module.empty()) continue;
    for (size_t i = 0; i < file.lines.size(); ++i) {
      std::smatch match;
      if (!std::regex_match(file.lines[i], match, include) || !kRank.contains(Family(match[1])))
        continue;
      EXPECT_TRUE(MayInclude(file.module, match[1]))
          << file.path << ":" << i + 1 << ": " << file.module << " must not include " << match[1];
    }
  }
}

TEST(TidyTest, EveryModuleHasARank) {
  for (const File& file : AllSources()) {
    if (!file.module.empty()) EXPECT_TRUE(kRank.contains(Family(file.module))) << file.path;
  }
}

// What programs, tests and bindings may name of lib/ is their own business, but nobody reaches into
// private headers of another module from a program.
TEST(TidyTest, ProgramsUsePublicHeadersOnly) {
  const std::regex include("^\\s*#include \"lib/.*");
  for (const File& file : AllSources()) {
    if (!Under(file.path, {"servers/", "clients/", "bindings/", "examples/", "include/"})) continue;
    for (size_t i = 0; i < file.lines.size(); ++i) {
      EXPECT_FALSE(std::regex_match(file.lines[i], include))
          << file.path << ":" << i + 1 << ": " << file.lines[i];
    }
  }
}

TEST(TidyTest, ThirdPartyHeadersStayWithTheirOwners) {
  const std::map<std::string, std::vector<std::string>> owners = {
      {"httplib.h", {}},
      {"SQLiteCpp/", {"lib/sqlite/", "lib/testing/", "tests/"}},
      {"sqlite3.h", {"lib/sqlite/", "lib/testing/", "tests/"}},
      {"libpq-fe.h", {"lib/postgres/", "bench/"}},  // bench: the baseline sells without us
      {"sodium.h", {"lib/crypto/", "tests/crypto/", "tests/sim/signatures.cc"}},
      {"curl/", {"lib/provider/", "lib/http/", "tests/"}},
      {"spdlog/", {"lib/system/"}},
      {"prometheus/", {"lib/system/"}},
      {"openssl/", {"lib/http/", "tests/"}},
      {"ZXing/", {"lib/provider/", "tests/"}},
      {"qrencode.h", {"lib/provider/", "tests/"}},
      {"hpdf.h", {"lib/provider/"}},
      {"png.h", {"lib/provider/"}},
      {"turbojpeg.h", {"lib/provider/"}},
      {"google/protobuf/", {"lib/wire/", "lib/service/", "tests/"}},
  };
  const std::regex include("^\\s*#include [<\"]([^>\"]+)[>\"].*");
  for (const File& file : AllSources()) {
    for (size_t i = 0; i < file.lines.size(); ++i) {
      std::smatch match;
      if (!std::regex_match(file.lines[i], match, include)) continue;
      const std::string header = match[1];
      for (const auto& [prefix, homes] : owners) {
        if (header.starts_with(prefix))
          EXPECT_TRUE(Under(file.path, homes)) << file.path << ":" << i + 1 << ": " << header;
      }
      if (header.ends_with(".pb.h")) {
        EXPECT_TRUE(Under(file.path, {"lib/wire/", "lib/service/", "tests/", "bench/"}))
            << file.path << ":" << i + 1;
      }
      if (header.starts_with("nlohmann/"))
        EXPECT_FALSE(file.path.starts_with("include/")) << file.path << ":" << i + 1;
    }
  }
}

// Line comments and string literals blanked, so that prose is not code.
std::string CodeOf(const std::string& line) {
  static const std::regex kLiterals("\"(\\\\.|[^\"\\\\])*\"|'(\\\\.|[^'\\\\])+'|//.*");
  return std::regex_replace(line, kLiterals, "");
}

TEST(TidyTest, TheWorldComesInThroughPortsOnly) {
  struct Ban {
    std::regex pattern;
    std::string what;
    std::vector<std::string> homes;
  };
  const std::vector<Ban> bans = {
      {std::regex("(system|steady|high_resolution)_clock|absl::Now|\\btime\\((nullptr|NULL|0)\\)|"
                  "gettimeofday|clock_gettime"),
       "a clock",
       {"lib/system/", "lib/http/", "lib/sqlite/", "lib/postgres/", "lib/provider/mailbox/",
        "lib/testing/"}},
      {std::regex("random_device|\\brand\\(\\)|randombytes_|mt19937|_distribution\\b|getrandom"),
       "randomness",
       {"lib/system/", "lib/testing/"}},
      {std::regex("std::(jthread|thread|async)\\b"),
       "a thread",
       {"lib/system/", "lib/http/", "lib/sqlite/", "lib/postgres/", "lib/provider/mailbox/",
        "lib/testing/"}},
      {std::regex("\\bthrow\\b"), "an exception", {"lib/testing/", "lib/sqlite/"}},
      {std::regex("absl::Mutex|absl::flat_hash"), "an absl type that is not used here", {}},
  };
  for (const File& file : AllSources()) {
    if (file.module.empty()) continue;
    for (size_t i = 0; i < file.lines.size(); ++i) {
      const std::string code = CodeOf(file.lines[i]);
      for (const Ban& ban : bans) {
        if (Under(file.path, ban.homes)) continue;
        EXPECT_FALSE(std::regex_search(code, ban.pattern))
            << file.path << ":" << i + 1 << ": " << ban.what;
      }
    }
  }
}

TEST(TidyTest, SqlAsksNoEngineForTimeOrRandomness) {
  const std::regex banned(
      "random\\(\\)|randomblob|CURRENT_TIMESTAMP|datetime\\('now|strftime|\\bnow\\(\\)",
      std::regex::icase);
  const std::regex sql("\"[^\"]*\\b(SELECT|INSERT|UPDATE|DELETE|CREATE)\\b[^\"]*\"");
  for (const File& file : AllSources()) {
    if (file.module.empty()) continue;
    for (size_t i = 0; i < file.lines.size(); ++i) {
      std::smatch match;
      if (!std::regex_search(file.lines[i], match, sql)) continue;
      const std::string statement = match[0];
      EXPECT_FALSE(std::regex_search(statement, banned)) << file.path << ":" << i + 1;
    }
  }
}

TEST(TidyTest, MoneyKnowsNoFloatingPoint) {
  for (const File& file : AllSources()) {
    const bool money = file.path.find("money") != std::string::npos || file.module == "pricing" ||
                       file.module == "payment" || file.module == "order" ||
                       file.module == "service/payments";
    if (file.module.empty() || !money) continue;
    for (size_t i = 0; i < file.lines.size(); ++i) {
      EXPECT_FALSE(std::regex_search(CodeOf(file.lines[i]), std::regex("\\b(float|double)\\b")))
          << file.path << ":" << i + 1;
    }
  }
}

TEST(TidyTest, FilesKeepTheirBudgets) {
  for (const File& file : AllSources()) {
    const bool test = file.path.starts_with("tests/");
    const size_t size = file.lines.size();
    if (file.path.ends_with(".h")) EXPECT_LE(size, 300u) << file.path;
    if (!test && (file.path.ends_with(".cc") || file.path.ends_with(".c")))
      EXPECT_LE(size, 600u) << file.path;
    if (file.path.ends_with("main.cc")) EXPECT_LE(size, 60u) << file.path;
    for (size_t i = 0; i < size; ++i) {
      // A line that is one long literal or address cannot be broken.
      if (file.lines[i].find("http") != std::string::npos ||
          file.lines[i].find('"') != std::string::npos)
        continue;
      std::string line = file.lines[i];
      size_t columns = std::ranges::count_if(line, [](char c) { return (c & 0xc0) != 0x80; });
      EXPECT_LE(columns, 100u) << file.path << ":" << i + 1;
    }
  }
}

// A function is found as a line that ends in ") {" outside another one, up to the brace that closes
// it.
TEST(TidyTest, FunctionsKeepTheirBudget) {
  const std::regex head(
      "\\)\\s*(const|noexcept|override|final|\\s)*(->\\s*[\\w:<>,&* ]+)?\\s*\\{\\s*$");
  const std::regex not_a_function(
      "^\\s*(if|for|while|switch|else|namespace|class|struct|enum|\\}|case)\\b.*");
  for (const File& file : AllSources()) {
    if (file.path.starts_with("tests/")) continue;
    int depth = 0;
    int start_depth = 0;
    size_t start = 0;
    for (size_t i = 0; i < file.lines.size(); ++i) {
      const std::string code = CodeOf(file.lines[i]);
      if (start == 0 && std::regex_search(code, head) && !std::regex_match(code, not_a_function)) {
        start = i + 1;
        start_depth = depth;
      }
      depth += static_cast<int>(std::ranges::count(code, '{')) -
               static_cast<int>(std::ranges::count(code, '}'));
      if (start != 0 && depth <= start_depth) {
        EXPECT_LE(i + 2 - start, 70u) << file.path << ":" << start;
        start = 0;
      }
    }
  }
}

TEST(TidyTest, NothingIsLeftUnfinished) {
  const std::regex mark("\\b(TODO|FIXME|XXX|HACK)\\b|not implemented|\\bfor now\\b",
                        std::regex::icase);
  for (const File& file : AllSources()) {
    if (file.path.starts_with("tests/tidy/")) continue;
    for (size_t i = 0; i < file.lines.size(); ++i) {
      EXPECT_FALSE(std::regex_search(file.lines[i], mark))
          << file.path << ":" << i + 1 << ": " << file.lines[i];
    }
  }
}

TEST(TidyTest, HeadersAreGuardedByTheirPath) {
  for (const File& file : AllSources()) {
    if (!file.path.ends_with(".h") || !Under(file.path, {"include/", "lib/"})) continue;
    std::string guard =
        file.path.starts_with("include/") ? file.path.substr(8) : "ticketing/" + file.path;
    std::ranges::transform(guard, guard.begin(), [](char c) {
      return std::isalnum(static_cast<unsigned char>(c))
                 ? static_cast<char>(std::toupper(static_cast<unsigned char>(c)))
                 : '_';
    });
    guard += "_";
    const bool found = std::ranges::any_of(
        file.lines, [&](const std::string& line) { return line == "#ifndef " + guard; });
    EXPECT_TRUE(found) << file.path << ": no guard " << guard;
  }
}

}  // namespace
