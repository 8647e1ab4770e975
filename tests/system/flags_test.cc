#include "ticketing/system/flags.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <map>

#include "ticketing/testing/matchers.h"
#include "ticketing/testing/temp_dir.h"

namespace ticketing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::Pair;

class FlagsTest : public ::testing::Test {
 protected:
  FlagsTest() {
    flags.Add("listen", &listen, "Where to answer.");
    flags.AddPath("data_dir", &data_dir, "Where the files are.");
    flags.Add("title", &title, "A text.");
    flags.Add("verbose", &verbose, "Say more.");
    flags.Add("seats", &seats, "How many.", 1, 500);
    flags.Add("hold", &hold, "How long.");
    flags.AddChoice("mode", &mode, {"fast", "safe"}, "Which way.");
    flags.AddSecret("service_key", &key, "Signs tokens.");
  }

  StatusOr<Flags::Outcome> Parse(const std::vector<std::string>& args) {
    return flags.Parse(args, [this](const std::string& name) -> std::optional<std::string> {
      const auto found = environment.find(name);
      if (found == environment.end()) return std::nullopt;
      return found->second;
    });
  }

  std::string ErrorOf(const std::vector<std::string>& args) {
    const auto outcome = Parse(args);
    EXPECT_THAT(outcome, HasCode(ErrorCode::kInvalidField));
    const std::string message(MessageOf(outcome.status()));
    EXPECT_EQ(message.find('\n'), std::string::npos);
    return message;
  }

  std::string WriteConfig(const std::string& text) {
    std::ofstream(dir / "config") << text;
    return "--config=" + (dir / "config");
  }

  TempDir dir;
  std::map<std::string, std::string> environment;
  HostPort listen{"127.0.0.1", 8080};
  std::string data_dir = "data";
  std::string title;
  bool verbose = false;
  int64_t seats = 10;
  Duration hold = Duration::Minutes(15);
  std::string mode = "safe";
  std::string key = "built-in-secret";
  Flags flags{"tool", "Does a thing."};
};

TEST_F(FlagsTest, KeepsDefaults) {
  EXPECT_THAT(Parse({}), IsOkAndHolds(Flags::Outcome::kRun));
  EXPECT_EQ(listen, (HostPort{"127.0.0.1", 8080}));
  EXPECT_EQ(seats, 10);
}

TEST_F(FlagsTest, ReadsEveryType) {
  ASSERT_OK(Parse({"--listen=[::1]:90", "--data-dir", "/var/x", "--title=a = b", "--verbose",
                   "--seats", "500", "--hold=2h", "--mode=fast", "--service-key=k"}));
  EXPECT_EQ(listen, (HostPort{"::1", 90}));
  EXPECT_EQ(data_dir, "/var/x");
  EXPECT_EQ(title, "a = b");
  EXPECT_TRUE(verbose);
  EXPECT_EQ(seats, 500);
  EXPECT_EQ(hold, Duration::Hours(2));
  EXPECT_EQ(mode, "fast");
  EXPECT_EQ(key, "k");
}

TEST_F(FlagsTest, TurnsBoolsOff) {
  verbose = true;
  ASSERT_OK(Parse({"--no-verbose"}));
  EXPECT_FALSE(verbose);
  ASSERT_OK(Parse({"--verbose=true", "--verbose=false"}));
  EXPECT_FALSE(verbose);
}

TEST_F(FlagsTest, ArgumentsBeatEnvironmentBeatsFile) {
  environment = {{"TICKETING_SEATS", "20"}, {"TICKETING_TITLE", "from environment"}};
  ASSERT_OK(Parse(
      {"--seats=30", WriteConfig("# comment\n\n  seats = 1\r\ntitle = from file\nmode=fast")}));
  EXPECT_EQ(seats, 30);
  EXPECT_EQ(title, "from environment");
  EXPECT_EQ(mode, "fast");
}

TEST_F(FlagsTest, TheEnvironmentMayNameTheFile) {
  WriteConfig("seats = 7");
  environment = {{"TICKETING_CONFIG", dir / "config"}};
  ASSERT_OK(Parse({}));
  EXPECT_EQ(seats, 7);
}

TEST_F(FlagsTest, SaysWhatIsWrongAndWhere) {
  EXPECT_EQ(ErrorOf({"--listn=x"}), "unknown flag \"--listn\"; --help lists them");
  EXPECT_EQ(ErrorOf({"--no-seats"}), "unknown flag \"--no-seats\"");
  EXPECT_EQ(ErrorOf({"--seats"}), "--seats needs a value");
  EXPECT_EQ(ErrorOf({"--seats=501"}), "--seats must be a whole number from 1 to 500, not \"501\"");
  EXPECT_EQ(ErrorOf({"--seats=1x"}), "--seats must be a whole number from 1 to 500, not \"1x\"");
  EXPECT_EQ(ErrorOf({"--hold=15"}),
            "--hold must be a span of time such as 300ms, 15s, 10m, 2h or 7d, not \"15\"");
  EXPECT_EQ(ErrorOf({"--verbose=maybe"}), "--verbose must be true or false, not \"maybe\"");
  EXPECT_EQ(ErrorOf({"--mode=\x1b[31m"}), "--mode must be one of fast, safe, not \"?[31m\"");
  EXPECT_EQ(ErrorOf({"stray"}), "unexpected argument \"stray\"; flags have the form --name=value");
  EXPECT_EQ(ErrorOf({"-v"}), "unexpected argument \"-v\"; flags have the form --name=value");
  environment = {{"TICKETING_LISTEN", "nowhere"}};
  EXPECT_EQ(
      ErrorOf({}),
      "TICKETING_LISTEN must be HOST:PORT, such as 127.0.0.1:8080 or [::1]:8080, not \"nowhere\"");
}

TEST_F(FlagsTest, SaysWhichLineOfTheFile) {
  const std::string file = dir / "config";
  EXPECT_EQ(ErrorOf({WriteConfig("seats = 1\nseat = 2\n")}),
            "line 2 of " + file + ": unknown flag \"seat\"");
  EXPECT_EQ(ErrorOf({WriteConfig("\nverbose")}),
            "line 2 of " + file + " is not of the form `name = value`");
  EXPECT_EQ(ErrorOf({WriteConfig("seats = 0")}),
            "seats in line 1 of " + file + " must be a whole number from 1 to 500, not \"0\"");
  EXPECT_THAT(ErrorOf({"--config=/no/such/file"}),
              HasSubstr("--config: cannot open /no/such/file"));
}

TEST_F(FlagsTest, NeverShowsASecret) {
  EXPECT_THAT(flags.Help(), Not(HasSubstr("built-in-secret")));
  for (const auto& [name, value] : flags.Values()) EXPECT_NE(value, "built-in-secret") << name;
}

TEST_F(FlagsTest, HelpExplainsEveryFlag) {
  const std::string help = flags.Help();
  EXPECT_THAT(
      help,
      HasSubstr("  --listen=HOST:PORT\n      Where to answer.\n      Default: 127.0.0.1:8080. "
                "Environment: TICKETING_LISTEN\n"));
  EXPECT_THAT(help, HasSubstr("Default: 15m. Environment: TICKETING_HOLD\n"));
  EXPECT_THAT(help, HasSubstr("--mode=fast|safe\n"));
  EXPECT_THAT(help, HasSubstr("--verbose\n"));
  EXPECT_THAT(help, HasSubstr("--config=PATH\n"));
  EXPECT_THAT(Parse({"--seats=1", "--help", "--nonsense"}), IsOkAndHolds(Flags::Outcome::kHelp));
  EXPECT_THAT(Parse({"--version"}), IsOkAndHolds(Flags::Outcome::kVersion));
}

TEST_F(FlagsTest, TakesArgumentsWhereAllowed) {
  std::vector<std::string> rest;
  flags.AllowArguments(&rest, "FILE...");
  ASSERT_OK(Parse({"one", "--seats=2", "-", "--", "--not-a-flag"}));
  EXPECT_THAT(rest, ElementsAre("one", "-", "--not-a-flag"));
  EXPECT_THAT(flags.Help(), HasSubstr("FILE..."));
  EXPECT_THAT(ErrorOf({"-x"}), HasSubstr("unexpected argument"));
}

TEST_F(FlagsTest, ValuesAreForTheLog) {
  ASSERT_OK(Parse({"--seats=3"}));
  EXPECT_THAT(flags.Values(),
              ::testing::IsSupersetOf({Pair("seats", "3"), Pair("service_key", "***"),
                                       Pair("hold", "15m"), Pair("verbose", "false")}));
}

TEST(HostPortTest, ParsesAndPrints) {
  EXPECT_EQ(HostPort::Parse(":80")->ToString(), "0.0.0.0:80");
  EXPECT_EQ(HostPort::Parse("[fe80::1%eth0]:0")->ToString(), "[fe80::1%eth0]:0");
  EXPECT_EQ(HostPort::Parse("example.org:65535")->ToString(), "example.org:65535");
  for (const char* text :
       {"", "80", "host:", "host:65536", "host:-1", "a b:1", "::1:80", "[]:80", "host:8 0"}) {
    EXPECT_EQ(HostPort::Parse(text), std::nullopt) << text;
  }
}

TEST(ParseMainTest, ExitsWithTheRightCode) {
  const auto run = [](std::vector<const char*> args) {
    Flags flags("tool", "Does a thing.");
    args.insert(args.begin(), "tool");
    return flags.ParseMain(static_cast<int>(args.size()), args.data());
  };
  testing::internal::CaptureStdout();
  EXPECT_EQ(run({"--help"}), 0);
  EXPECT_THAT(testing::internal::GetCapturedStdout(), HasSubstr("Does a thing."));
  testing::internal::CaptureStderr();
  EXPECT_EQ(run({"--wrong"}), 2);
  EXPECT_EQ(testing::internal::GetCapturedStderr(),
            "tool: unknown flag \"--wrong\"; --help lists them\n");
  EXPECT_EQ(run({}), std::nullopt);
}

}  // namespace
}  // namespace ticketing
