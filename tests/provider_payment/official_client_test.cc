// Goal: the sandbox gateway answers as Stripe does, and our webhook signatures are Stripe's.
// Method: the client that Stripe publishes (npm "stripe", at a pinned version) talks to it over a
// real socket.
#include <gtest/gtest.h>
#include <stdlib.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "ticketing/http/http_server.h"
#include "ticketing/provider/sandbox/sandbox_gateway.h"
#include "ticketing/provider/stripe/stripe_webhook.h"
#include "ticketing/sqlite/sqlite_database.h"
#include "ticketing/testing/matchers.h"
#include "ticketing/testing/temp_dir.h"
#include "ticketing/testing/test_env.h"

namespace ticketing {
namespace {

namespace fs = std::filesystem;

int Shell(const std::string& command) {
  return WEXITSTATUS(system(command.c_str()));
}

std::string Slurp(const std::string& path) {
  std::ifstream in(path);
  std::stringstream text;
  text << in.rdbuf();
  return text.str();
}

// Installs the client once per build tree; a later run finds it there.
fs::path InstalledClient() {
  const fs::path source = fs::path(TICKETING_SOURCE_DIR) / "tests/provider_payment/official_client";
  const fs::path home = fs::path(TICKETING_BIN_DIR) / "../tests/official_client";
  fs::create_directories(home);
  for (const char* name : {"package.json", "package-lock.json", "check.mjs"}) {
    fs::copy_file(source / name, home / name, fs::copy_options::overwrite_existing);
  }
  if (!fs::exists(home / "node_modules/stripe/package.json")) {
    EXPECT_EQ(Shell("cd '" + home.string() + "' && npm ci --no-audit --no-fund >npm.log 2>&1"), 0)
        << Slurp(home / "npm.log");
  }
  return home;
}

TEST(OfficialClientTest, TalksToTheSandboxAndReadsOurSignatures) {
  if (Shell("node --version >/dev/null 2>&1") != 0) GTEST_SKIP() << "there is no node here";
  const fs::path home = InstalledClient();
  TestEnv test_env;
  TempDir dir;
  SqliteDatabaseFactory factory({.data_dir = dir.path()});
  ASSERT_OK_AND_ASSIGN(const std::unique_ptr<Database> database,
                       factory.Open("sandbox", SandboxGateway::Schema()));
  SandboxGateway sandbox(*database, test_env.env(), {.secret_key = "sk_test_official"});
  HttpServer server({.threads = 4});
  ASSERT_OK(server.Start(sandbox));

  // The client compares with the real time.
  const auto since_epoch = std::chrono::system_clock::now().time_since_epoch();
  const Timestamp now =
      Timestamp::FromSeconds(std::chrono::duration_cast<std::chrono::seconds>(since_epoch).count());
  const std::string body = R"({"id":"evt_1","object":"event","type":"payout.paid"})";
  const std::string output = dir / "output";
  const int code =
      Shell("cd '" + home.string() + "' && node check.mjs " + std::to_string(server.port()) +
            " sk_test_official '" + body + "' '" + MakeStripeSignature(body, "whsec_1", now) +
            "' whsec_1 >'" + output + "' 2>&1");
  ASSERT_EQ(code, 0) << Slurp(output);
  std::string header = Slurp(output);
  header.erase(header.find_last_not_of('\n') + 1);
  EXPECT_OK(VerifyStripeSignature(body, header, {"whsec_1"}, now));
}

}  // namespace
}  // namespace ticketing
