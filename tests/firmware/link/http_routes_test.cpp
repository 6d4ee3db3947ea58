#include "link/http_routes.hpp"

#include <gtest/gtest.h>
#include <utility>

#include "link/header_list.hpp"
#include "link/http_session.hpp"

namespace signalbox::link {
namespace {

using Method = HttpRequest::Method;
constexpr std::string_view kDialects[] = {"signalbox.v1", "jsonrpc"};

class HttpRoutes : public ::testing::Test {
 protected:
  HttpRoutes() {
    request.method = Method::get;
    request.path = kSocketPath;
    request.http_1_1 = true;
    request.has_host = true;
    request.upgrade_to_websocket = true;
    request.version = "13";
    request.key = "dGhlIHNhbXBsZSBub25jZQ==";
  }
  int status() const {
    const auto fault = fault_of(request, profile);
    return fault ? fault->status : 101;
  }

  HttpRequest request;
  Profile profile{.dialects = kDialects};
};

TEST_F(HttpRoutes, LetsAGoodHandshakePass) { EXPECT_EQ(status(), 101); }

TEST_F(HttpRoutes, TellsWhatIsWrongWithAHandshake) {
  request.version = "8";
  EXPECT_EQ(status(), 426);
  request.version = "";
  EXPECT_EQ(status(), 400);
  request.version = "13";
  request.key = "dGhlIHNhbXBsZSBub25jZR==";  // bits beyond the 16 bytes
  EXPECT_EQ(status(), 400);
  request.key = "dGhlIHNhbXBsZSBub25jZQ==";
  request.path = "/elsewhere";
  EXPECT_EQ(status(), 404);
  request.path = kSocketPath;
  request.method = Method::other;
  EXPECT_EQ(status(), 405);
}

TEST_F(HttpRoutes, TakesNoListOfProtocolsThatIsNone) {
  request.protocols = ",,jsonrpc,";
  EXPECT_EQ(status(), 101);
  request.protocols = "foo bar, jsonrpc";
  EXPECT_EQ(status(), 400);
}

TEST_F(HttpRoutes, WhereARequestEndsIsBeyondDoubt) {
  Site site;
  EXPECT_TRUE(site.add_host("bench"));
  request.host = "bench";
  const auto told = [&] {
    const auto fault = stray_of(request, {.site = site, .local = "192.0.2.7"});
    return fault ? fault->status : 0;
  };
  for (const auto& [version, status] : {std::pair{"HTTP/1.0", 0},
                                        {"HTTP/1.1", 0},
                                        {"HTTP/1.9", 0},
                                        {"HTTP/2.0", 505},
                                        {"HTTP/1", 400},
                                        {"", 400},
                                        {"?", 400},
                                        {"http/1.1", 400},
                                        {"HTTP/1.x", 400},
                                        {"HTTP/1.11", 400}}) {
    request.http_version = version;
    EXPECT_EQ(told(), status) << version;
  }
  request.http_version = "HTTP/1.1";
  for (const auto& [length, status] :
       {std::pair{"", 0}, {"0", 0}, {"37", 0}, {"?", 400}, {"-1", 400}, {"+1", 400}, {"1,1", 400}}) {
    request.content_length = length;
    EXPECT_EQ(told(), status) << length;
  }
  request.has_transfer_coding = true;
  request.content_length = "37";
  EXPECT_EQ(told(), 400);
  request.content_length = "";  // told where a body is expected
  EXPECT_EQ(told(), 0);
}

TEST(HttpMethods, AnotherOneIsKnownByItsLine) {
  for (const std::string_view head :
       {"BREW /pot HTTP/1.1\r\n", "M-SEARCH * HTTP/1.1\r\nHost: x\r\n", "CONNECT a:1 HTTP/1.0\r\n"})
    EXPECT_TRUE(has_other_method(head)) << head;
  for (const std::string_view head :
       {"", "GET / HTTP/1.1\r\n", "BREW /pot HTTP/1.1", "brew / HTTP/1.1\r\n", "BREW HTTP/1.1\n\r\n",
        "BREW / HTTP/2.0\r\n", " / HTTP/1.1\r\n", "hello\r\n"})
    EXPECT_FALSE(has_other_method(head)) << head;
}

TEST_F(HttpRoutes, KnowsStraysWhateverTheyAskFor) {
  Site site;
  EXPECT_TRUE(site.add_host("bench"));
  const auto stray = [&] {
    const auto fault = stray_of(request, {.site = site, .local = "192.0.2.7"});
    return fault ? fault->status : 0;
  };
  for (const std::string_view path : {kSocketPath, kStopPath, kLoginPath, kLogoutPath, std::string_view{"/"},
                                      std::string_view{"/nothing"}}) {
    request.path = path;
    request.host = "bench:8443";
    request.has_origin = false;
    EXPECT_EQ(stray(), 0) << "no browser";
    request.has_origin = true;
    request.origin = "https://bench:8443";
    EXPECT_EQ(stray(), 0);
    request.host = "evil.example";
    EXPECT_EQ(stray(), 421);
    request.host = "bench:8443";
    request.origin = "https://evil.example";
    EXPECT_EQ(stray(), 403);
  }
  request.has_origin = request.has_host = false;
  EXPECT_EQ(stray(), 400);
  request.http_1_1 = false;
  EXPECT_EQ(stray(), 0) << "HTTP/1.0 need not name a host";
}

/// Whether the cookie of a request counts.
class CookieCounts : public HttpRoutes {
 protected:
  CookieCounts() {
    request.host = "bench:8443";
    request.cookie = "x=1; __Host-signalbox=a.b.c";
  }
  bool from(std::string_view origin) {
    request.has_origin = true;
    request.origin = origin;
    return counts();
  }
  bool counts() const { return *token_of(request, true) == "a.b.c"; }
};

TEST_F(CookieCounts, WhereOurOwnPageAsks) {
  for (const Method method : {Method::get, Method::head, Method::post, Method::other}) {
    request.method = method;
    EXPECT_TRUE(from("https://bench:8443"));
    for (const std::string_view foreign : {"https://evil.example", "https://bench", "http://bench:8443",
                                           "null", "?", "", "https://bench:8443.evil.example"})
      EXPECT_FALSE(from(foreign)) << foreign;
  }
}

TEST_F(CookieCounts, NotForAPageThatMayComeButIsNotOurs) {
  Site site;
  ASSERT_TRUE(site.add_origin("https://panel.example"));
  EXPECT_TRUE(site.may_come_from("https://panel.example", request.host, true));
  EXPECT_FALSE(from("https://panel.example"));
}

TEST_F(CookieCounts, WithoutAnOriginWhereTheBrowserSaysThatOurPageReads) {
  request.upgrade_to_websocket = false;
  EXPECT_FALSE(counts()) << "nobody says so";
  request.fetch_site = "same-origin";
  EXPECT_TRUE(counts());
  request.method = Method::head;
  EXPECT_TRUE(counts());
  for (const Method method : {Method::post, Method::other}) {
    request.method = method;
    EXPECT_FALSE(counts()) << "it may change something";
  }
  request.method = Method::get;
  for (const std::string_view other : {"same-site", "cross-site", "none", "", "Same-Origin"}) {
    request.fetch_site = other;
    EXPECT_FALSE(counts()) << other;
  }
  request.fetch_site = "same-origin";
  EXPECT_FALSE(from("https://evil.example")) << "an Origin goes before that";
  request.has_origin = false;
  request.upgrade_to_websocket = true;
  EXPECT_FALSE(counts()) << "browsers send an Origin with every WebSocket";
}

TEST_F(CookieCounts, BehindWhatIsShownOnPurpose) {
  ASSERT_TRUE(from("https://bench:8443"));
  request.authorization = "Bearer d.e.f";
  EXPECT_EQ(*token_of(request, true), "d.e.f");
  request.authorization = "Basic x";
  EXPECT_EQ(token_of(request, true).error().reason, Reason::unauthenticated);
  request.authorization = "";
  request.ticket = "t";
  EXPECT_EQ(*token_of(request, true), "");
}

TEST_F(HttpRoutes, ListsTheDialectsWhereNoneIsKnown) {
  request.protocols = "soap, mqtt";
  const auto fault = fault_of(request, profile);
  ASSERT_TRUE(fault);
  EXPECT_EQ(fault->status, 400);
  EXPECT_NE(fault->body.view().find("signalbox.v1, jsonrpc"), std::string_view::npos);
  request.protocols = "soap, jsonrpc";
  EXPECT_EQ(status(), 101);
}

TEST(ChosenDialect, IsTheFirstOfferThatIsSpoken) {
  EXPECT_EQ(chosen_dialect("", kDialects), "signalbox.v1");
  EXPECT_EQ(chosen_dialect("soap,\tjsonrpc ,signalbox.v1", kDialects), "jsonrpc");
  EXPECT_EQ(chosen_dialect("JSONRPC", kDialects), "");
  EXPECT_EQ(chosen_dialect(",", kDialects), "");
}

TEST(Authority, IsAHostAndMaybeAPort) {
  for (const std::string_view right :
       {"localhost", "bench.local:8443", "192.0.2.7", "[2001:db8::7]:443", "a_b"})
    EXPECT_TRUE(is_authority(right)) << right;
  for (const std::string_view wrong : {"", "?", "a/b", "a\"", "user@host", "a b", "a%20b", "\xC3\xA4"})
    EXPECT_FALSE(is_authority(wrong)) << wrong;
}

TEST_F(HttpRoutes, TheThingIsReadAndNothingElse) {
  request.path = kThingPath;
  EXPECT_TRUE(asks_for_thing(request));
  request.method = Method::head;
  EXPECT_TRUE(asks_for_thing(request));
  request.method = Method::post;
  EXPECT_FALSE(asks_for_thing(request));
  EXPECT_EQ(answer_plain(request, profile).status, 405);
  request.method = Method::get;
  request.path = "/.well-known/wot/";
  EXPECT_FALSE(asks_for_thing(request));
  const HttpAnswer nowhere = answer_plain(request, profile);
  EXPECT_EQ(nowhere.status, 404);
  EXPECT_NE(nowhere.body.view().find("/.well-known/wot, /ca.crt, /, /healthz and /readyz"),
            std::string_view::npos);
}

TEST_F(HttpRoutes, HealthIsOneWordToStrangersAndReadinessIsToldByItsStatus) {
  session::Health health{
      .dependencies = {{{"journal", "ok"}, {"clock", "ok"}, {"hardware", "fault", false}}}};
  request.path = kHealthPath;
  ASSERT_TRUE(asks_for_health(request));
  EXPECT_EQ(health_answer(health, false, request).body.view(), "{\"status\":\"degraded\"}\n");
  const HttpAnswer degraded = health_answer(health, true, request);
  EXPECT_EQ(degraded.status, 200);
  EXPECT_EQ(degraded.body.view(),
            "{\"status\":\"degraded\",\"dependencies\":{\"journal\":\"ok\",\"clock\":\"ok\",\"hardware\":"
            "\"fault\"}}\n");
  health.dependencies[2] = {"hardware", "ok"};
  EXPECT_TRUE(health_answer(health, false, request).body.view().starts_with("{\"status\":\"ok\""));
  request.path = kReadyPath;
  EXPECT_EQ(health_answer(health, false, request).status, 200);
  health.phase = "starting";
  const HttpAnswer early = health_answer(health, false, request);
  EXPECT_EQ(early.status, 503);
  EXPECT_EQ(early.body.view(), "{\"status\":\"starting\"}\n");
  EXPECT_EQ(early.header.view(), "Retry-After: 1");
  request.method = Method::head;
  EXPECT_TRUE(health_answer(health, false, request).head_only);
  request.method = Method::post;
  EXPECT_FALSE(asks_for_health(request));
  EXPECT_EQ(answer_plain(request, profile).status, 405);
}

TEST_F(HttpRoutes, ASessionsRouteTellsItsMethods) {
  request.upgrade_to_websocket = false;
  for (const SessionRoute& route : kSessionRoutes) {
    request.path = route.path();
    request.method = Method::other;
    const HttpAnswer wrong = answer_plain(request, profile);
    EXPECT_EQ(wrong.status, 405);
    EXPECT_EQ(wrong.header.view(), route.has_body() ? "Allow: POST" : "Allow: GET, HEAD");
    request.method = route.method;
    EXPECT_EQ(answer_plain(request, profile).status, 400) << "an upgrade was asked for";
  }
}

TEST_F(HttpRoutes, AStreamIsAWebSocketWithAFormatAndNoSubProtocol) {
  request.path = kStreamPath;
  EXPECT_EQ(status(), 101);
  request.format = "influx";
  EXPECT_EQ(status(), 101);
  request.format = "csv";
  EXPECT_EQ(status(), 400);
  request.format = "";
  request.protocols = "signalbox.v1";
  EXPECT_EQ(status(), 400);
  request.protocols = "";
  request.upgrade_to_websocket = false;
  EXPECT_EQ(answer_plain(request, profile).status, 426);
  request.method = Method::post;
  EXPECT_EQ(answer_plain(request, profile).status, 405);
}

TEST_F(HttpRoutes, TheAuthorityIsForEverybody) {
  request.path = kAuthorityPath;
  request.upgrade_to_websocket = false;
  EXPECT_EQ(answer_plain(request, profile).status, 404) << "somebody else's";
  profile.authority = "-----BEGIN CERTIFICATE-----";
  HttpAnswer answer = answer_plain(request, profile);
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.content_type, "application/x-x509-ca-cert");
  EXPECT_EQ(answer.long_body, profile.authority);
  request.method = Method::head;
  EXPECT_TRUE(answer_plain(request, profile).head_only);
  request.method = Method::post;
  EXPECT_EQ(answer_plain(request, profile).status, 405);
}

TEST(Bearer, IsTheTokenAlone) {
  EXPECT_EQ(*bearer_of("Bearer abc"), "abc");
  EXPECT_EQ(*bearer_of("bEARER  abc "), "abc");
  EXPECT_EQ(*bearer_of(""), "");
  for (const std::string_view wrong : {"Bearer", "Bearer ", "Basic abc", "Bearerabc", "?"})
    EXPECT_EQ(bearer_of(wrong).error().reason, Reason::unauthenticated) << wrong;
}

TEST(HeaderList, TakesElementsApart) {
  EXPECT_TRUE(list_has("keep-alive, Upgrade", "upgrade"));
  EXPECT_FALSE(list_has("keep-alive, Upgrades", "upgrade"));
  EXPECT_FALSE(list_has("", "upgrade"));
}

}  // namespace
}  // namespace signalbox::link
