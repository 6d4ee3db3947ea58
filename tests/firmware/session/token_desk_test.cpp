#include "session/token_desk.hpp"

#include "tests/firmware/session/bench.hpp"

namespace signalbox::session {
namespace {

constexpr Budget kBudget = [] {
  Budget budget = kEventfulBudget;
  budget.message_bytes_max = 2048;
  budget.sessions_max = 4;
  return budget;
}();

class TokenDeskTest : public testing::Test {
 protected:
  static constexpr std::string_view kLeased = R"({"device":{"id":"bench"},"parts":[
    {"kind":"relay","line":"heater","periodMs":500,"channels":{"state":{"path":"cabin/heater",
        "initial":false,"safe":false,"deadlineMs":400,"lease":{"maxMs":60000}}}}]})";
  Message ask(Client& client, std::string_view type, const std::string& payload) {
    client.messages.clear();
    bench.send(client, R"({"type":")" + std::string{type} + R"(","msgId":"m","payload":)" + payload + "}");
    bench.pass(from_ms(6));  // a change is saved meanwhile
    return client.last("m");
  }
  static std::string plain(const std::string& quoted) { return quoted.substr(1, quoted.size() - 2); }
  bool heater_is_on() {
    const auto& latest = bench.machine.values().of(0);
    return latest.was_read && latest.sample.value == device::Value{true};
  }
  const journal::Record& newest() {
    journal::Journal& journal = bench.machine.journal();
    return *journal.find(journal.newest());
  }
  Bench bench{kBudget, kLeased};
  Client& admin = bench.join();
  const std::string admins_session = admin.messages.front().at("payload.session");
};

TEST_F(TokenDeskTest, WhatARevokedSessionHeldGoesSafeAtOnceAndNobodyReturnsToIt) {
  const Message issued = ask(admin, "issueToken", R"({"name":"panel","scope":"operator"})");
  Client& panel = bench.join_with(plain(issued.at("payload.token")));
  const std::string session = plain(panel.messages.front().at("payload.session"));
  const std::string secret = plain(panel.messages.front().at("payload.sessionToken"));
  bench.heat(panel, "on", true, R"(,"leaseMs":60000,"until":"applied")");
  bench.pass(from_ms(600));
  ASSERT_TRUE(heater_is_on());
  EXPECT_EQ(ask(admin, "revokeToken", R"({"id":)" + issued.at("payload.id") + "}").at("payload.outcome"),
            R"("revoked")");
  bench.pass(from_ms(20));
  EXPECT_EQ(panel.close_code, 1008);
  EXPECT_EQ(panel.messages.back().at("payload.reason"), R"("the token was revoked")");
  bench.pass(from_ms(700));
  EXPECT_FALSE(heater_is_on());

  const Message again = ask(admin, "issueToken", R"({"name":"panel","scope":"operator"})");
  Client& late = bench.join_with(plain(again.at("payload.token")));
  EXPECT_EQ(ask(late, "resume", R"({"session":")" + session + R"(","sessionToken":")" + secret + "\"}")
                .at("payload.reason"),
            R"("notFound")");
}

TEST_F(TokenDeskTest, WhoIsAwayWhenTheirTokenIsRevokedHasNothingToReturnTo) {
  const Message issued = ask(admin, "issueToken", R"({"name":"panel","scope":"operator"})");
  Client& panel = bench.join_with(plain(issued.at("payload.token")));
  bench.heat(panel, "on", true, R"(,"leaseMs":60000,"until":"applied")");
  bench.pass(from_ms(600));
  ASSERT_TRUE(heater_is_on());
  bench.leave(panel);
  bench.pass(from_ms(200));
  ASSERT_TRUE(heater_is_on()) << "kept for its return";
  ask(admin, "revokeToken", R"({"id":)" + issued.at("payload.id") + "}");
  bench.pass(from_ms(700));
  EXPECT_FALSE(heater_is_on());
}

TEST_F(TokenDeskTest, ASessionEndsWithItsToken) {
  Client& panel = bench.join_with(bench.issue("panel", "read:#", 2));
  bench.pass(from_ms(900));
  EXPECT_FALSE(panel.close_code.has_value());
  bench.pass(from_ms(1300));
  EXPECT_EQ(panel.close_code, 1008);
  EXPECT_EQ(panel.messages.back().at("payload.reason"), R"("the credential has expired")");
}

TEST_F(TokenDeskTest, AClockThatIsSetKeepsNoSessionOpenForLonger) {
  Client& panel = bench.join_with(bench.issue("panel", "read:#", 2));
  const std::string token = bench.issue("other", "read:#", 2);
  Client& other = *bench.arrive();
  bench.open(other);
  EXPECT_EQ(ask(other, "authenticate", R"({"token":")" + token + R"("})").at("payload.outcome"),
            R"("authenticated")");
  const WallTime before = bench.clock().wall();
  bench.clock().set_wall({before.unix_ms - 3'600'000});
  bench.pass(from_ms(1900));
  EXPECT_FALSE(panel.close_code.has_value() || other.close_code.has_value());
  bench.pass(from_ms(300));
  EXPECT_EQ(panel.close_code, 1008);
  EXPECT_EQ(other.close_code, 1008);

  bench.clock().set_wall({before.unix_ms + 10'000});
  Client& hurried = bench.join_with(bench.issue("panel", "read:#", 3600));
  bench.clock().set_wall({before.unix_ms + 7'200'000});
  bench.pass(from_ms(200));
  EXPECT_EQ(hurried.close_code, 1008) << "it was only now that the clock was right";
}

TEST_F(TokenDeskTest, ARefreshedSessionGoesOn) {
  Client& panel = bench.join_with(bench.issue("panel", "read:#", 2));
  EXPECT_EQ(ask(panel, "refreshToken", "{}").type(), "token");
  bench.pass(from_ms(1500));
  const Message again = ask(panel, "refreshToken", "{}");
  EXPECT_EQ(again.type(), "token");
  bench.pass(from_ms(1200));
  EXPECT_EQ(ask(panel, "whoami", "{}").at("payload.name"), R"("panel")");
  Client& other = bench.join_with(plain(again.at("payload.token")));
  EXPECT_EQ(ask(other, "whoami", "{}").at("payload.id"), again.at("payload.id"));
}

TEST_F(TokenDeskTest, AnotherTokenOfTheSamePersonIsTakenAndNoOtherOne) {
  Client& panel = bench.join_with(bench.issue("panel", "read:#", 100));
  const auto show = [&](const std::string& token) {
    return ask(panel, "authenticate", R"({"token":")" + token + "\"}");
  };
  EXPECT_EQ(show(bench.issue("panel", "read:#", 200)).at("payload.outcome"), R"("authenticated")");
  EXPECT_EQ(show(bench.issue("panel", "read:# admin")).at("payload.reason"), R"("forbidden")");
  EXPECT_EQ(show(bench.issue("ann", "read:#")).at("payload.reason"), R"("forbidden")");
  EXPECT_EQ(ask(panel, "tokens", "{}").at("payload.reason"), R"("forbidden")") << "nothing was won by it";
}

TEST_F(TokenDeskTest, TicketsOpenOneSocket) {
  const std::string ticket = plain(ask(admin, "ticket", "{}").at("payload.ticket"));
  Client* tool = bench.arrive({}, "signalbox.v1", ticket);
  ASSERT_NE(tool, nullptr);
  bench.open(*tool);
  EXPECT_EQ(ask(*tool, "whoami", "{}").at("payload.role"), R"("admin")");
  EXPECT_EQ(bench.arrive({}, "signalbox.v1", ticket), nullptr);
  EXPECT_EQ(bench.refusal.reason, Reason::unauthenticated);
}

TEST_F(TokenDeskTest, ARevokedCertificateEndsWhoeverItLetInOnWhateverConnection) {
  const Principal rita{.name = "rita", .scope = *Scope::parse("operator"), .certificate = "rita's"};
  Principal anna = rita;
  anna.certificate = "anna's";
  const auto enter = [&](std::string_view ticket, const Principal* certified) {
    Client* client = bench.arrive({}, "signalbox.v1", ticket, certified);
    if (client != nullptr) bench.open(*client);
    return client;
  };
  Client* there = enter({}, &rita);
  const std::string used = plain(ask(*there, "ticket", "{}").at("payload.ticket"));
  Client* elsewhere = enter(used, &anna);
  ASSERT_NE(elsewhere, nullptr);
  bench.heat(*elsewhere, "on", true, R"(,"leaseMs":60000,"until":"applied")");
  bench.pass(from_ms(600));
  ASSERT_TRUE(heater_is_on());
  const std::string kept = plain(ask(*there, "ticket", "{}").at("payload.ticket"));
  bench.leave(*there);
  Client* annas = enter({}, &anna);
  bench.machine.door().dismiss_certified("rita's", bench.now());
  bench.pass(from_ms(20));
  EXPECT_EQ(elsewhere->close_code, 1008);
  EXPECT_EQ(elsewhere->messages.back().at("payload.reason"), R"("the certificate was revoked")");
  EXPECT_FALSE(annas->close_code.has_value());
  EXPECT_EQ(enter(kept, &anna), nullptr);
  bench.pass(from_ms(700));
  EXPECT_FALSE(heater_is_on());
}

TEST_F(TokenDeskTest, WhoIsAwayWhenTheirCertificateIsRevokedHasNothingToReturnTo) {
  const Principal rita{.name = "rita", .scope = *Scope::parse("operator"), .certificate = "rita's"};
  Client* there = bench.arrive({}, "signalbox.v1", {}, &rita);
  bench.open(*there);
  bench.heat(*there, "on", true, R"(,"leaseMs":60000,"until":"applied")");
  bench.pass(from_ms(600));
  bench.leave(*there);
  bench.pass(from_ms(200));
  ASSERT_TRUE(heater_is_on()) << "kept for its return";
  bench.machine.door().dismiss_certified("rita's", bench.now());
  bench.pass(from_ms(700));
  EXPECT_FALSE(heater_is_on());
}

TEST_F(TokenDeskTest, WhatARevokedCertificateAskedForMeanwhileGivesNothing) {
  const Principal rita{.name = "rita", .scope = *Scope::parse("admin"), .certificate = "rita's"};
  Client* there = bench.arrive({}, "signalbox.v1", {}, &rita);
  bench.open(*there);
  bench.faults.add({sim::FaultKind::hung, "store", bench.now(), bench.now() + from_ms(100)});
  bench.send(admin, R"({"type":"issueToken","msgId":"a","payload":{"name":"x","scope":"viewer"}})");
  bench.pass(from_ms(10));
  bench.send(*there, R"({"type":"issueToken","msgId":"r","payload":{"name":"rita","scope":"admin"}})");
  bench.pass(from_ms(10));
  const std::size_t before = bench.tokens().grants().size();
  bench.machine.door().dismiss_certified("rita's", bench.now());
  bench.pass(from_ms(200));
  EXPECT_EQ(admin.last("a").type(), "token");
  EXPECT_EQ(there->reason("r"), R"("unauthenticated")");
  EXPECT_EQ(there->close_code, 1008);
  EXPECT_EQ(bench.tokens().grants().size(), before);
}

TEST_F(TokenDeskTest, ATokenIsNeverGivenOutWithoutRoomForItsAnswer) {
  admin.reads = false;
  bench.send(admin, R"({"type":"issueToken","msgId":"1","payload":{"name":"a","scope":"viewer"}})");
  const std::size_t given = bench.tokens().grants().size();
  bench.send(admin, R"({"type":"issueToken","msgId":"2","payload":{"name":"b","scope":"viewer"}})");
  EXPECT_EQ(bench.tokens().grants().size(), given);
  bench.pass(from_ms(10));
  bench.send(admin, R"({"type":"issueToken","msgId":"3","payload":{"name":"b","scope":"viewer"}})");
  EXPECT_EQ(bench.tokens().grants().size(), given) << "the first answer was not taken yet";
  admin.reads = true;
  bench.pass(from_ms(10));
  EXPECT_EQ(admin.reason("3"), R"("busy")");
  EXPECT_EQ(admin.last("1").type(), "token");
  EXPECT_EQ(admin.reason("2"), R"("busy")");
}

TEST_F(TokenDeskTest, ClaimingByTheDoor) {
  Door& door = bench.machine.door();
  const auto claim = [&](ConnectionId from, const std::string& body) {
    return door.claim(from, {"192.0.2.7"}, body, bench.now());
  };
  for (const char* wrong : {"", "{", "[]", "{}", R"({"code":7})", R"({"code":""})"})
    EXPECT_EQ(claim(90, wrong).error().reason, Reason::malformed) << wrong;
  EXPECT_EQ(bench.machine.sessions().wrong_claims(), 0U);
  EXPECT_EQ(claim(90, R"({"code":"0000"})").error().reason, Reason::forbidden);
  EXPECT_EQ(bench.machine.sessions().wrong_claims(), 1U);
  const std::string code{bench.tokens().claim_code()};
  EXPECT_TRUE(claim(91, R"({"code":")" + code + R"(","name":"a\"b"})"));
  EXPECT_EQ(bench.claims[91], "malformed");
  ASSERT_TRUE(claim(92, R"({"code":")" + code + R"(","name":"ann"})"));
  EXPECT_EQ(claim(93, R"({"code":")" + code + R"(","name":"bob"})").error().reason, Reason::busy);
  bench.pass(from_ms(3));
  EXPECT_FALSE(bench.claims.contains(92)) << "not before it is saved";
  bench.pass(from_ms(3));
  const Message told{bench.claims[92]};
  EXPECT_EQ(told.at("name"), R"("ann")");
  EXPECT_EQ(claim(94, R"({"code":")" + code + "\"}").error().reason, Reason::conflict);
  const journal::Record& record = newest();
  EXPECT_EQ(record.kind, journal::Record::Kind::claimed);
  EXPECT_EQ(record.who.view(), "ann");
  EXPECT_EQ(record.peer.view(), "192.0.2.7");
  EXPECT_EQ(told.at("id"), '"' + std::string{record.detail} + '"');
  EXPECT_GT(record.at_ms, 0);
}

/// While one save hangs, others are served, and what else is to be changed waits for the next one.
TEST_F(TokenDeskTest, WhoChangesNothingWaitsForNoDisk) {
  Client& panel = bench.join_with(bench.issue("panel", "read:# admin"));
  Client& other = bench.join_with(bench.issue("other", "read:# admin"));
  bench.pass(from_ms(10));
  const std::size_t before = bench.tokens().grants().size();
  bench.faults.add({sim::FaultKind::hung, "store", bench.now(), bench.now() + from_ms(2000)});
  bench.send(admin, R"({"type":"issueToken","msgId":"a","payload":{"name":"x","scope":"viewer"}})");
  bench.pass(from_ms(10));
  bench.send(panel, R"({"type":"issueToken","msgId":"b","payload":{"name":"y","scope":"viewer"}})");
  bench.send(other, R"({"type":"refreshToken","msgId":"c"})");
  bench.send(panel, R"({"type":"issueToken","msgId":"d","payload":{"name":"z","scope":"viewer"}})");
  for (int i = 0; i < 20; ++i) {
    EXPECT_EQ(ask(other, "ping", "{}").type(), "pong");
    bench.pass(from_ms(90));
  }
  EXPECT_EQ(panel.reason("d"), R"("busy")") << "one of a session";
  EXPECT_EQ(bench.tokens().grants().size(), before + 1) << "the others wait";
  EXPECT_EQ(admin.answers("a") + panel.answers("b") + other.answers("c"), "");
  bench.pass(from_ms(200));
  EXPECT_EQ(admin.last("a").type(), "token");
  EXPECT_EQ(panel.last("b").type(), "token");
  EXPECT_EQ(other.last("c").type(), "token");
  EXPECT_EQ(bench.tokens().grants().size(), before + 2);
  EXPECT_EQ(bench.machine.sessions().holders(), bench.machine.sessions().frames().holders());
}

TEST_F(TokenDeskTest, WhatWasRefusedAtOnceTakesNoPlaceOfThoseWhoWait) {
  std::array<Client*, 2> others{&bench.join(), &bench.join()};
  Client& last = bench.join();
  bench.send(admin, R"({"type":"issueToken","msgId":"m","payload":{"name":"a","scope":"viewer"}})");
  for (std::size_t i = 0; i < TokenDesk::kChangesMax; ++i)
    bench.send(*others[i % 2], R"({"type":"revokeToken","msgId":"m","payload":{"id":"nobody"}})");
  bench.send(last, R"({"type":"issueToken","msgId":"m","payload":{"name":"b","scope":"viewer"}})");
  bench.pass(from_ms(10));
  EXPECT_EQ(others[0]->reason("m"), R"("notFound")");
  EXPECT_EQ(last.answers("m"), "token") << "one waits, not seventeen";
}

TEST_F(TokenDeskTest, WhereItCannotBeSavedEverybodyWhoWaitedIsToldAndNothingHappened) {
  const Message issued = ask(admin, "issueToken", R"({"name":"panel","scope":"operator admin"})");
  Client& panel = bench.join_with(plain(issued.at("payload.token")));
  bench.pass(from_ms(10));
  const std::uint64_t noted = bench.machine.journal().newest();
  const std::string key{bench.tokens().key_id()};
  bench.faults.add({sim::FaultKind::fails, "store", bench.now(), bench.now() + from_ms(100)});
  bench.send(admin, R"({"type":"revokeToken","msgId":"k","payload":{"id":")" + key + "\"}}");
  bench.send(panel, R"({"type":"issueToken","msgId":"i","payload":{"name":"x","scope":"viewer"}})");
  bench.pass(from_ms(10));
  EXPECT_EQ(admin.reason("k"), R"("failed")");
  EXPECT_EQ(panel.reason("i"), R"("busy")") << "whether its own token stands was open";
  EXPECT_EQ(bench.tokens().key_id().view(), key);
  EXPECT_FALSE(panel.close_code.has_value() || admin.close_code.has_value());
  EXPECT_EQ(bench.machine.journal().newest(), noted);
  EXPECT_EQ(bench.machine.sessions().holders(), bench.machine.sessions().frames().holders());
  bench.pass(from_ms(200));
  EXPECT_EQ(ask(panel, "refreshToken", "{}").type(), "token");
  EXPECT_EQ(ask(admin, "revokeToken", R"({"id":")" + key + "\"}").at("payload.outcome"), R"("revoked")");
  bench.pass(from_ms(20));
  EXPECT_EQ(panel.close_code, 1008);
  EXPECT_EQ(ask(admin, "whoami", "{}").at("payload.name"), R"("owner")");
}

TEST_F(TokenDeskTest, WhatWasAskedToBeRevokedIsThoughTheAskerIsGone) {
  const Message issued = ask(admin, "issueToken", R"({"name":"panel","scope":"viewer"})");
  Client& other = bench.join();
  bench.faults.add({sim::FaultKind::hung, "store", bench.now(), bench.now() + from_ms(100)});
  bench.send(admin, R"({"type":"issueToken","msgId":"a","payload":{"name":"x","scope":"viewer"}})");
  bench.pass(from_ms(10));
  bench.send(other, R"({"type":"revokeToken","msgId":"r","payload":{"id":)" + issued.at("payload.id") + "}}");
  bench.leave(other);
  bench.leave(admin);
  bench.pass(from_ms(200));
  EXPECT_EQ(bench.arrive(plain(issued.at("payload.token"))), nullptr);
  EXPECT_EQ(newest().kind, journal::Record::Kind::token_revoked);
  EXPECT_EQ(bench.machine.sessions().frames().holders(), 0U);
}

TEST_F(TokenDeskTest, TheJournalTellsWhoGaveOutATokenAndWhoTookItBack) {
  using Kind = journal::Record::Kind;
  const Message issued = ask(admin, "issueToken", R"({"name":"panel","scope":"read:cabin/#"})");
  const std::string id = plain(issued.at("payload.id"));
  const journal::Record given = newest();
  EXPECT_EQ(given.kind, Kind::token_issued);
  EXPECT_EQ(given.detail.view(), id + " to panel: read:cabin/#");
  EXPECT_EQ(ask(admin, "revokeToken", R"({"id":")" + id + "\"}").at("payload.outcome"), R"("revoked")");
  const journal::Record taken = newest();
  EXPECT_EQ(taken.kind, Kind::token_revoked);
  EXPECT_EQ(taken.detail.view(), id);
  for (const journal::Record& record : {given, taken}) {
    EXPECT_EQ(record.who.view(), "owner");
    EXPECT_EQ(record.peer.view(), "192.0.2.7");
    EXPECT_EQ('"' + std::string{record.session} + '"', admins_session);
  }
  const std::uint64_t before = bench.machine.journal().newest();
  ask(admin, "issueToken", R"({"name":"a\"b","scope":"viewer"})");
  ask(admin, "revokeToken", R"({"id":"nothing"})");
  EXPECT_EQ(bench.machine.journal().newest(), before) << "nothing happened";
}

}  // namespace
}  // namespace signalbox::session
