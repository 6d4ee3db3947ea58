#include <algorithm>
#include <gtest/gtest.h>

#include "session/session_table.hpp"
#include "tests/firmware/session/bench.hpp"

namespace signalbox::session {
namespace {

class FailedLoginsTest : public testing::Test {
 protected:
  Bench bench{kEventfulBudget, Bench::kFile, nullptr, {.failed_logins = 2}};
};

TEST_F(FailedLoginsTest, NoTokenIsNoWrongOne) {
  session::Door& door = bench.machine.door();
  for (int i = 0; i < 9; ++i) {  // a page of any site may have a browser ask so
    EXPECT_EQ(door.thing({"192.0.2.7", 0, {}}, "wss://d/v1/ws", bench.now()).error().reason,
              Reason::unauthenticated);
    EXPECT_EQ(door.stop({"192.0.2.7", 0, {}}, bench.now()).error().reason, Reason::unauthenticated);
  }
  EXPECT_EQ(bench.machine.sessions().logins().failures(), 0U);
  EXPECT_NE(bench.arrive(bench.token()), nullptr);
}

TEST_F(FailedLoginsTest, WrongClaimCodesKeepNobodyElseFromClaiming) {
  session::Door& door = bench.machine.door();
  const auto claim = [&](std::uint64_t network, const std::string& code) {
    const auto claimed = door.claim(90, {"192.0.2.7", network}, R"({"code":")" + code + "\"}", bench.now());
    return claimed ? Reason::internal : claimed.error().reason;
  };
  for (int i = 0; i < 3; ++i) EXPECT_EQ(claim(1, "0000-0000-0000"), Reason::forbidden);
  const std::string code{bench.tokens().claim_code()};
  EXPECT_EQ(claim(1, code), Reason::busy) << "the right one waits too";
  EXPECT_EQ(claim(2, code), Reason::internal) << "the device is claimed";
}

TEST_F(FailedLoginsTest, AreSlowedInBothWaysInAndToldOnce) {
  Client& owner = bench.join();
  bench.send(owner,
             R"({"type":"subscribe","msgId":"s","payload":{"id":"a","paths":["tank/#"],"events":true}})");
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(bench.arrive("wrong"), nullptr);
    EXPECT_EQ(bench.refusal.reason, Reason::unauthenticated);
  }
  EXPECT_EQ(bench.arrive(bench.token()), nullptr) << "a right one waits too";
  EXPECT_EQ(bench.refusal.reason, Reason::busy);
  EXPECT_EQ(bench.refusal.retry_after_ms, 1001U);
  Client& late = *bench.arrive();
  bench.open(late);
  const std::string right =
      R"({"type":"authenticate","msgId":"a","payload":{"token":")" + std::string{bench.token()} + "\"}}";
  for (int i = 0; i < 5; ++i) {  // being put off is no wrong token, so it does not close
    bench.send(late, right);
    bench.pump();
  }
  EXPECT_EQ(late.reason("a"), R"("busy")");
  bench.pass(from_ms(950));
  bench.send(late, right);
  bench.pump();
  EXPECT_EQ(late.reason("a"), R"("busy")");
  bench.pass(from_ms(50));
  bench.send(late, right);
  bench.pass(from_ms(1));
  EXPECT_EQ(late.outcome("a"), R"("authenticated")");
  EXPECT_EQ(owner.count("event"), 1U);
  const auto told = std::find_if(owner.messages.begin(), owner.messages.end(),
                                 [](const Message& message) { return message.type() == "event"; });
  ASSERT_NE(told, owner.messages.end());
  EXPECT_EQ(told->at("payload.name"), R"("loginsSlowed")");
}

/// Guesses spread over many networks are told of the account, and shut out nobody who did not take part.
TEST_F(FailedLoginsTest, AnAccountIsSlowedForThoseWhoFailedAndForNobodyElse) {
  Door& door = bench.machine.door();
  std::string guess{bench.token()};
  guess[guess.size() - 20] = guess[guess.size() - 20] == 'A' ? 'B' : 'A';
  const auto told = [&](std::uint64_t network, std::string_view token) {
    const auto let_in = door.log_in({"192.0.2.7", network, token}, bench.now());
    return let_in ? Reason::internal : let_in.error().reason;
  };
  constexpr Reason kLetIn = Reason::internal;
  ASSERT_EQ(told(1, bench.token()), kLetIn);
  Client& owner = bench.join();
  bench.send(owner,
             R"({"type":"subscribe","msgId":"s","payload":{"id":"a","paths":["tank/#"],"events":true}})");
  // Twice from network 1 and 2 each, so that they are remembered; then whoever.
  for (const std::uint64_t network : {1U, 1U, 2U, 2U, 11U, 12U, 13U, 14U})
    EXPECT_EQ(told(network, guess), Reason::unauthenticated);
  EXPECT_EQ(told(2, bench.token()), kLetIn) << "so many are free";
  bench.pass(from_ms(1));
  EXPECT_EQ(owner.count("event"), 0U);
  EXPECT_EQ(told(15, guess), Reason::unauthenticated);
  bench.pass(from_ms(1));
  EXPECT_EQ(owner.count("event"), 1U);
  EXPECT_EQ(told(15, guess), Reason::busy) << "one guess from each network";
  EXPECT_EQ(told(15, bench.token()), Reason::busy);
  EXPECT_EQ(told(1, bench.token()), kLetIn) << "it was used from there before";
  EXPECT_EQ(told(15, bench.issue("panel", "read:#")), kLetIn) << "another account";
  EXPECT_EQ(told(16, bench.token()), kLetIn) << "nothing wrong came from there";
  const journal::Journal& journal = bench.machine.journal();
  const journal::Record& record = *journal.find(journal.newest());
  EXPECT_EQ(record.kind, journal::Record::Kind::logins_slowed);
  EXPECT_EQ(record.peer.view(), "192.0.2.7");
  EXPECT_EQ(record.detail.view(), "of account owner");
  EXPECT_EQ(bench.machine.sessions().logins().failures(), 9U);
  EXPECT_EQ(bench.machine.sessions().logins().put_off(), 2U);
}

TEST_F(FailedLoginsTest, FillNoJournal) {
  const auto guess = [&](std::uint64_t network) {
    for (int i = 0; i < 3; ++i)
      EXPECT_FALSE(bench.machine.door().log_in({"192.0.2.8", network, "wrong"}, bench.now()));
  };
  const journal::Journal& journal = bench.machine.journal();
  const std::uint64_t before = journal.newest();
  const std::uint64_t events = bench.machine.news().events().end();
  for (std::uint64_t network = 1; network <= 5; ++network) {
    guess(network);
    bench.pass(trust::LoginThrottle::kToldEvery);
  }
  EXPECT_EQ(bench.machine.news().events().end(), events + 5);
  ASSERT_EQ(journal.newest(), before + 1);
  EXPECT_EQ(journal.find(before + 1)->detail.view(), "of that address");
  EXPECT_EQ(journal.find(before + 1)->peer.view(), "192.0.2.8");
  bench.pass(from_ms(600'000));
  guess(6);
  EXPECT_EQ(journal.newest(), before + 2);
}

TEST_F(FailedLoginsTest, WrongTicketsCountAndAreToldAsWrongTokensAre) {
  Client& owner = bench.join();
  bench.send(owner,
             R"({"type":"subscribe","msgId":"s","payload":{"id":"a","paths":["tank/#"],"events":true}})");
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(bench.arrive({}, "signalbox.v1", "wrong"), nullptr);
    EXPECT_EQ(bench.refusal.reason, Reason::unauthenticated);
  }
  bench.pass(from_ms(1));
  EXPECT_EQ(owner.count("event"), 1U);
  EXPECT_EQ(bench.machine.sessions().logins().failures(), 3U);
  bench.send(owner, R"({"type":"ticket","msgId":"t","payload":{}})");
  bench.pump();
  const std::string quoted = owner.last("t").at("payload.ticket");
  const std::string ticket = quoted.substr(1, quoted.size() - 2);
  EXPECT_EQ(bench.arrive({}, "signalbox.v1", ticket), nullptr) << "a right one waits too";
  EXPECT_EQ(bench.refusal.reason, Reason::busy);
  bench.pass(from_ms(1001));
  EXPECT_NE(bench.arrive({}, "signalbox.v1", ticket), nullptr) << "and was not used up";
}

TEST_F(FailedLoginsTest, StopDoesNotWaitButCounts) {
  for (int i = 0; i < 3; ++i)
    EXPECT_EQ(bench.machine.door().stop({"192.0.2.7", 0, "wrong"}, bench.now()).error().reason,
              Reason::unauthenticated);
  EXPECT_EQ(
      bench.machine.door().thing({"192.0.2.7", 0, bench.token()}, "wss://d", bench.now()).error().reason,
      Reason::busy);
  EXPECT_EQ(bench.machine.door().log_in({"192.0.2.7", 0, bench.token()}, bench.now()).error().reason,
            Reason::busy);
  EXPECT_TRUE(bench.machine.door().stop({"192.0.2.7", 0, bench.token()}, bench.now()));
  EXPECT_EQ(bench.machine.sessions().logins().failures(), 3U);
}

}  // namespace
}  // namespace signalbox::session
