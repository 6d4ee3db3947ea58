#include "app/options.hpp"

#include <array>
#include <gtest/gtest.h>
#include <string>
#include <vector>

namespace signalbox::app {
namespace {

Result<Options> parse(const std::vector<const char*>& words) { return parse_options(words); }

TEST(Options, HaveDefaults) {
  const Result<Options> options = parse({});
  ASSERT_TRUE(options);
  EXPECT_STREQ(options->address, "127.0.0.1");
  EXPECT_EQ(options->port, 8443U);
  EXPECT_EQ(options->device_file, nullptr);
  EXPECT_FALSE(options->show_budget);
}

TEST(Options, AreTaken) {
  const Result<Options> options = parse({"--address",
                                         "::1",
                                         "--port",
                                         "0",
                                         "--state",
                                         "s",
                                         "--device-file",
                                         "d.json",
                                         "--client-ca",
                                         "ca",
                                         "--client-crl",
                                         "crl",
                                         "--certificate",
                                         "chain",
                                         "--key",
                                         "key",
                                         "--heartbeat-ms",
                                         "100",
                                         "--dead-after-ms",
                                         "201",
                                         "--budget",
                                         "--allow-host",
                                         "a,b",
                                         "--allow-origin",
                                         "https://c",
                                         "--handshakes-per-s",
                                         "0",
                                         "--bytes-per-s",
                                         "0",
                                         "--history-every-s",
                                         "600"});
  ASSERT_TRUE(options) << options.error().detail.view();
  EXPECT_STREQ(options->address, "::1");
  EXPECT_EQ(options->port, 0U);
  EXPECT_EQ(options->history_every_s, 600U);
  EXPECT_STREQ(options->state, "s");
  EXPECT_STREQ(options->device_file, "d.json");
  EXPECT_STREQ(options->client_ca, "ca");
  EXPECT_STREQ(options->client_crl, "crl");
  EXPECT_STREQ(options->certificate, "chain");
  EXPECT_STREQ(options->key, "key");
  EXPECT_EQ(options->heartbeat_ms, 100U);
  EXPECT_EQ(options->dead_after_ms, 201U);
  EXPECT_TRUE(options->show_budget);
  EXPECT_STREQ(options->allow_host, "a,b");
  EXPECT_STREQ(options->allow_origin, "https://c");
  EXPECT_EQ(options->handshakes_per_s, 0U);
  EXPECT_EQ(options->bytes_per_s, 0U);
}

TEST(Options, AreTakenWithAnEqualsSignToo) {
  const Result<Options> options = parse({"--port=0", "--state=a=b", "--drop", "1:2", "--port=9"});
  ASSERT_TRUE(options) << options.error().detail.view();
  EXPECT_EQ(options->port, 9U) << "the last one counts";
  EXPECT_STREQ(options->state, "a=b");
  EXPECT_STREQ(options->drop, "1:2");
  EXPECT_TRUE(parse({"-h"})->show_help);
}

TEST(Options, NameFilesThatMayBeReadAgain) {
  std::array<const char*, kFilesMax> into{};
  const Result<Options> none = parse({"--drop", "1:2", "--no-sandbox"});
  ASSERT_TRUE(none);
  EXPECT_STREQ(none->drop, "1:2");
  EXPECT_TRUE(none->no_sandbox);
  EXPECT_TRUE(files_named(*none, into).empty());
  const Result<Options> two = parse({"--client-ca", "ca.pem", "--device-file", "d.json"});
  ASSERT_TRUE(two);
  const auto files = files_named(*two, into);
  EXPECT_EQ(std::vector<std::string>(files.begin(), files.end()),
            (std::vector<std::string>{"d.json", "ca.pem"}));
}

TEST(Options, TheJournalsFilesAreAllThatFollows) {
  const std::vector<const char*> words{"--port", "0", "--verify-journal", "journal.1", "--port"};
  const Result<Options> options = parse(words);  // which points into them
  ASSERT_TRUE(options) << options.error().detail.view();
  ASSERT_EQ(options->verify_journal.size(), 2U);
  EXPECT_STREQ(options->verify_journal[0], "journal.1");
  EXPECT_STREQ(options->verify_journal[1], "--port") << "a file may have any name";
  EXPECT_TRUE(options->only_shows());
}

TEST(Options, AnOrderThatComesFirstGoesWithoutDashes) {
  EXPECT_TRUE(parse({"doctor", "--device-file", "d.json"})->examine);
  EXPECT_STREQ(parse({"init", "first.json"})->init, "first.json");
  EXPECT_FALSE(parse({"--supervise", "doctor"}));
  EXPECT_FALSE(parse({"port", "0"}));
}

TEST(Options, MistakesAreTold) {
  struct Case {
    std::vector<const char*> words;
    const char* told;
  };
  const std::vector<Case> cases{
      {{"--prot", "1"}, "there is no option `--prot`; --help lists them"},
      {{"--port"}, "--port needs a value: --port PORT"},
      {{"--verify-journal"}, "--verify-journal needs a value: --verify-journal FILE..."},
      {{"--port", "65536"}, "--port takes a whole number from 0 to 65535, not `65536`"},
      {{"--port", "12x"}, "--port takes a whole number from 0 to 65535, not `12x`"},
      {{"--port", ""}, "--port takes a whole number from 0 to 65535, not ``"},
      {{"--port", "-1"}, "--port takes a whole number from 0 to 65535, not `-1`"},
      {{"--heartbeat-ms", "99"}, "--heartbeat-ms takes a whole number from 100 to 3600000, not `99`"},
      {{"--heartbeat-ms", "5000", "--dead-after-ms", "5000"},
       "--dead-after-ms (5000) must be longer than --heartbeat-ms (5000)"},
      {{"--certificate", "chain"}, "--certificate and --key belong together: give both or neither"},
      {{"--key", "key"}, "--certificate and --key belong together: give both or neither"},
      {{"--client-crl", "crl"}, "--client-crl needs --client-ca: whose certificates are revoked?"},
      {{"--port="}, "--port takes a whole number from 0 to 65535, not ``"},
      {{"--state="}, "--state needs a value, and has an empty one: --state DIRECTORY"},
      {{"--address", ""}, "--address needs a value, and has an empty one: --address ADDRESS"},
      {{"--budget=1"}, "--budget stands without `=`; --help shows how"},
      {{"--verify-journal=a"}, "--verify-journal stands without `=`; --help shows how"},
      {{"--prot=1"}, "there is no option `--prot=1`; --help lists them"},
      {{"doctor=1"}, "there is no option `doctor=1`; --help lists them"},
      {{"--allow-host", "a", "--allow-host", "b"},
       "--allow-host stands twice: name all of them in one, with commas between"},
      {{"--bytes-per-s", "4095"}, "--bytes-per-s takes 0 or at least 4096, not 4095"},
  };
  for (const Case& wrong : cases) {
    const Result<Options> options = parse(wrong.words);
    ASSERT_FALSE(options) << wrong.told;
    EXPECT_EQ(options.error().detail.view(), wrong.told);
  }
}

TEST(Options, HelpNamesEveryOption) {
  char* text = nullptr;
  std::size_t size = 0;
  std::FILE* memory = open_memstream(&text, &size);
  print_help(memory, "signalbox");
  std::fclose(memory);
  const std::string help{text, size};
  std::free(text);
  for (const char* name : {"--address",
                           "--port",
                           "--state",
                           "--device-file",
                           "--issuer",
                           "--certificate",
                           "--key",
                           "--client-ca",
                           "--client-crl",
                           "--allow-host",
                           "--allow-origin",
                           "--handshake-ms",
                           "--handshakes-per-s",
                           "--connections-per-address",
                           "--requests-per-s",
                           "--bytes-per-s",
                           "--failed-logins",
                           "--history-every-s",
                           "--authenticate-ms",
                           "--heartbeat-ms",
                           "--dead-after-ms",
                           "--unread-after-ms",
                           "--budget",
                           "--verify-journal",
                           "--version",
                           "--help"})
    EXPECT_NE(help.find(name), std::string::npos) << name;
}

}  // namespace
}  // namespace signalbox::app
