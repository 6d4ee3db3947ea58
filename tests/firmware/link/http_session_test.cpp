#include "link/http_session.hpp"

#include <array>
#include <gtest/gtest.h>
#include <string>

namespace signalbox::link {
namespace {

using Method = HttpRequest::Method;

TEST(SessionRoute, IsFoundByMethodAndPath) {
  HttpRequest request;
  for (std::size_t i = 0; i < kSessionRoutes.size(); ++i) {
    request.path = kSessionRoutes[i].path();
    request.method = kSessionRoutes[i].method;
    EXPECT_EQ(session_route_of(request), i + 1);
    request.method = Method::head;
    EXPECT_EQ(session_route_of(request) != 0, !kSessionRoutes[i].has_body());
    request.method = Method::other;
    EXPECT_EQ(session_route_of(request), 0);
    EXPECT_EQ(session_methods_of(request.path), kSessionRoutes[i].has_body() ? "POST" : "GET, HEAD");
  }
  EXPECT_EQ(session_methods_of("/v1/snapshots"), "");
}

TEST(StreamDialect, IsNamedByTheFormat) {
  EXPECT_EQ(stream_dialect(""), "stream.flat");
  EXPECT_EQ(stream_dialect("long"), "stream.long");
  EXPECT_EQ(stream_dialect("influx"), "stream.influx");
  for (const char* other : {"?", "FLAT", "csv"}) EXPECT_EQ(stream_dialect(other), "") << other;
}

class RequestText : public testing::Test {
 protected:
  std::string text() {
    const auto made = request_text(request, "GET /v1/events", memory);
    return made ? std::string{*made} : std::string{wire_name(made.error().reason)};
  }
  HttpRequest request;
  std::array<char, 64> memory{};
};

TEST_F(RequestText, HasEachParameterInALine) {
  EXPECT_EQ(text(), "GET /v1/events\n\n");
  request.query = "paths=a,b\nticket=secret\nformat=long\nevents=true\n";
  EXPECT_EQ(text(), "GET /v1/events\npaths=a,b\nevents=true\n\n");
}

TEST_F(RequestText, WhereAReaderCameToGoesBeforeWhereItBegan) {
  request.query = "lastEventId=e:1\n";
  EXPECT_EQ(text(), "GET /v1/events\nlastEventId=e:1\n\n");
  request.last_event_id = "e:9";
  EXPECT_EQ(text(), "GET /v1/events\nlastEventId=e:9\n\n");
}

TEST_F(RequestText, RefusesWhatCannotBeLines) {
  request.has_control = true;
  EXPECT_EQ(text(), "malformed");
  request.has_control = false;
  const std::string many(80, 'x');
  request.query = many;
  EXPECT_EQ(text(), "tooBig");
}

}  // namespace
}  // namespace signalbox::link
