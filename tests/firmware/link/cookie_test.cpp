#include "link/cookie.hpp"

#include <gtest/gtest.h>
#include <limits>
#include <string>

namespace signalbox::link {
namespace {

constexpr std::string_view kName = cookie_name(true);

TEST(Cookie, IsFoundAmongOthers) {
  for (const std::string_view header :
       {"__Host-signalbox=a.b.c", "x=1; __Host-signalbox=a.b.c", "__Host-signalbox=a.b.c;x=1",
        " x; =1;;; \t__Host-signalbox=a.b.c \t; __Host-signalbox",
        "x=\"__Host\"; __Host-signalbox=a.b.c; y==",
        "signalbox=other; __Host-signalbox=a.b.c; __Host-signalbox2=d; my__Host-signalbox=e; "
        "__host-signalbox=f"})
    EXPECT_EQ(cookie_of(header, kName), "a.b.c") << header;
  EXPECT_EQ(cookie_of("signalbox=a; __Host-signalbox=b", cookie_name(false)), "a");
}

TEST(Cookie, IsNoneWhereItIsMissingOrNotTheOnlyOne) {
  for (const std::string_view header :
       {"", ";", "__Host-signalbox", "__Host-signalbox=", "__Host-signalbox =a", "x=__Host-signalbox=a",
        "__Host-signalbox=a; __Host-signalbox=b", "__Host-signalbox=a; __Host-signalbox=a",
        "__HOST-signalbox=a"})
    EXPECT_EQ(cookie_of(header, kName), "") << header;
}

TEST(Cookie, IsKeptFromScriptsAndOtherSites) {
  EXPECT_EQ(set_cookie("a.b.c", 3600, true).view(),
            "__Host-signalbox=a.b.c; Path=/; Max-Age=3600; HttpOnly; SameSite=Strict; Secure");
  EXPECT_EQ(set_cookie("a.b.c", 3600, false).view(),
            "signalbox=a.b.c; Path=/; Max-Age=3600; HttpOnly; SameSite=Strict");
  EXPECT_EQ(set_cookie({}, 0, true).view(),
            "__Host-signalbox=; Path=/; Max-Age=0; HttpOnly; SameSite=Strict; Secure");
}

TEST(Cookie, HasRoomForTheLongestToken) {
  const std::string token(trust::kTokenBytesMax, 't');
  const auto cookie = set_cookie(token, std::numeric_limits<std::int64_t>::max(), true);
  EXPECT_TRUE(cookie.view().ends_with("; Secure"));
  EXPECT_EQ(cookie_of(cookie, kName), token);
}

}  // namespace
}  // namespace signalbox::link
