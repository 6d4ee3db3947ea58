#include "link/site.hpp"

#include <gtest/gtest.h>

namespace signalbox::link {
namespace {

constexpr std::string_view kLocal = "192.0.2.7";

class SiteTest : public ::testing::Test {
 protected:
  SiteTest() {
    for (const std::string_view host : {"localhost", "127.0.0.1", "::1", "bench", "door.example"})
      EXPECT_TRUE(site.add_host(host));
    EXPECT_TRUE(site.add_origin("https://panel.example"));
    EXPECT_TRUE(site.add_origin("http://dev.example:3000"));
  }
  bool ours(std::string_view host) const { return site.is_ours(host, kLocal); }
  bool from(std::string_view origin, std::string_view host = "bench:8443", bool secure = true) const {
    return site.may_come_from(origin, host, secure);
  }
  Site site;
};

TEST_F(SiteTest, KnowsItsNamesWhateverThePort) {
  for (const std::string_view host : {"localhost", "localhost:8443", "LocalHost:1", "127.0.0.1:8443", "[::1]",
                                      "[::1]:8443", "bench", "bench.local", "BENCH.LOCAL:8443", "bench.",
                                      "bench.local.:8443", "bench:", "door.example", "192.0.2.7:8443"})
    EXPECT_TRUE(ours(host)) << host;
}

TEST_F(SiteTest, KnowsNoOther) {
  for (const std::string_view host : {"",
                                      "?",
                                      ":",
                                      ":8443",
                                      "evil.example",
                                      "bench.evil.example",
                                      "evil-bench",
                                      "bench.local.evil.example",
                                      "localhost.evil.example",
                                      "evil.example:8443",
                                      "192.0.2.8",
                                      "door.example.local",
                                      "xbench.local",
                                      "bench@evil.example",
                                      "bench:8443@evil.example",
                                      "bench:x",
                                      "bench:123456",
                                      "[::1",
                                      "[::1]x",
                                      "::1",
                                      "[::2]",
                                      "bench ",
                                      " bench",
                                      "bench/",
                                      "bench..",
                                      "[bench",
                                      "127.0.0.1.evil.example",
                                      ".local"})
    EXPECT_FALSE(ours(host)) << host;
}

TEST_F(SiteTest, TakesPagesItServedAndThoseAllowed) {
  EXPECT_TRUE(from("https://bench:8443"));
  EXPECT_TRUE(from("HTTPS://Bench:8443"));
  EXPECT_TRUE(from("https://bench", "bench:443"));
  EXPECT_TRUE(from("https://bench:443", "bench"));
  EXPECT_TRUE(from("https://[::1]:8443", "[::1]:8443"));
  EXPECT_TRUE(from("http://bench", "bench", false));
  EXPECT_TRUE(from("https://panel.example"));
  EXPECT_TRUE(from("https://panel.example:443"));
  EXPECT_TRUE(from("http://dev.example:3000"));
}

TEST_F(SiteTest, TakesNoOtherPages) {
  for (const std::string_view origin :
       {"", "?", "null", "https://", "bench:8443", "http://bench:8443", "https://bench", "https://bench:8444",
        "https://evil.example", "https://bench:8443.evil.example", "https://bench.local:8443",
        "wss://bench:8443", "https://bench:8443/", "https://evil.example https://bench:8443",
        "http://panel.example", "https://panel.example:8443", "https://x.panel.example",
        "https://dev.example:3000", "file://"})
    EXPECT_FALSE(from(origin)) << origin;
  EXPECT_FALSE(from("https://bench", "bench", false));
  EXPECT_FALSE(from("", "", true));
}

TEST_F(SiteTest, TellsWhatIsNoHostAndNoOrigin) {
  for (const std::string_view host : {"", "a b", "https://a", "a/b", "a,b", "*", "a:8443"})
    EXPECT_EQ(site.add_host(host).error().reason, Reason::malformed) << host;
  for (const std::string_view origin :
       {"", "*", "null", "panel.example", "https://", "https://a/b", "wss://a", "https://a:b"})
    EXPECT_EQ(site.add_origin(origin).error().reason, Reason::malformed) << origin;
  for (std::size_t i = 5; i < Site::kHostsMax; ++i) EXPECT_TRUE(site.add_host("more"));
  EXPECT_EQ(site.add_host("more").error().reason, Reason::overloaded);
}

}  // namespace
}  // namespace signalbox::link
