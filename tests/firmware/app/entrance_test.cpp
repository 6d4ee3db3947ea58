#include "app/entrance.hpp"

#include <gtest/gtest.h>

namespace signalbox::app {
namespace {

TEST(Entrance, AnAddressGetsAShareOfAll) {
  Options options;
  options.handshakes_per_s = 100;
  options.connections_per_address = 30;
  const link::AdmissionLimits limits = admission_of(options, 64);
  EXPECT_EQ(limits.handshakes.per_s, 100U);
  EXPECT_EQ(limits.handshakes_per_network.per_s, 5U);
  EXPECT_EQ(limits.newcomers, 48U);
  EXPECT_EQ(limits.newcomers_per_network, 12U);
  EXPECT_EQ(limits.connections_per_network, 30U);
  EXPECT_EQ(admission_of(options, 4).newcomers_per_network, 6U) << "a browser opens as many at once";
}

TEST(Entrance, WithoutALimitOfHandshakesOnlyConnectionsAreCounted) {
  Options options;
  options.handshakes_per_s = 0;
  const link::AdmissionLimits limits = admission_of(options, 64);
  EXPECT_EQ(limits.handshakes.per_s, 0U);
  EXPECT_EQ(limits.newcomers, 0U);
  EXPECT_EQ(limits.newcomers_per_network, 0U);
  EXPECT_EQ(limits.connections_per_network, 64U);
}

TEST(Entrance, NamesAreThoseOfTheCertificateAndOfTheCommandLine) {
  Options options;
  options.address = "fe80::7%eth0";
  options.allow_host = "door.example,198.51.100.1";
  options.allow_origin = "https://panel.example";
  const Result<link::Site> site = site_of(options, "bench");
  ASSERT_TRUE(site);
  for (const std::string_view host : {"localhost", "127.0.0.1", "[::1]", "bench", "bench.local", "[fe80::7]",
                                      "door.example", "198.51.100.1"})
    EXPECT_TRUE(site->is_ours(host, "")) << host;
  EXPECT_FALSE(site->is_ours("panel.example", ""));
  EXPECT_TRUE(site->may_come_from("https://panel.example", "bench", true));
}

TEST(Entrance, AllAddressesAreNoName) {
  Options options;
  for (const char* all : {"*", "0.0.0.0", "::"}) {
    options.address = all;
    const Result<link::Site> site = site_of(options, "no host name");
    ASSERT_TRUE(site);
    for (const std::string_view host : {"0.0.0.0", "[::]", "*"})
      EXPECT_FALSE(site->is_ours(host, "")) << host;
  }
}

TEST(Entrance, TellsTheOptionThatIsWrong) {
  Options options;
  options.allow_host = "a,https://b";
  EXPECT_EQ(site_of(options, "").error().detail.view(), "'https://b' is no host name and no address");
  EXPECT_EQ(site_of(options, "").error().field.view(), "--allow-host");
  options.allow_host = "a,,b";
  EXPECT_FALSE(site_of(options, ""));
  options.allow_host = nullptr;
  options.allow_origin = "panel.example";
  EXPECT_EQ(site_of(options, "").error().detail.view(),
            "'panel.example' is no origin such as https://panel.example");
  EXPECT_EQ(site_of(options, "").error().field.view(), "--allow-origin");
}

}  // namespace
}  // namespace signalbox::app
