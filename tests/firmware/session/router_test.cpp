#include "session/router.hpp"

#include <gtest/gtest.h>

#include "tests/firmware/session/room.hpp"

namespace signalbox::session {
namespace {

class RouterTest : public Room {
 protected:
  Session& stranger() {
    Session& session = join();
    session.principal.reset();
    session.phase = Phase::welcome;
    return session;
  }
  /// Asks, and the one answer that comes at once.
  Message answer(Session& session, std::string_view message) {
    ask(session, message);
    const std::vector<Message> answers = take_all(session);
    EXPECT_EQ(answers.size(), 1U) << message;
    return answers.empty() ? Message{} : answers.front();
  }
  std::string reason(Session& session, std::string_view message) {
    const Message error = answer(session, message);
    EXPECT_EQ(error.type(), "error");
    const std::string quoted = error.at("payload.reason");
    return quoted.size() < 2 ? quoted : quoted.substr(1, quoted.size() - 2);
  }
  static std::string command(std::string_view payload) {
    return R"({"type":"command","msgId":"c","payload":{)" + std::string{payload} + "}}";
  }
  static constexpr std::string_view kOn = R"({"type":"command","msgId":"c","payload":
      {"channel":"cabin/heater","value":true}})";
};

TEST_F(RouterTest, every_request_is_answered_with_its_ids) {
  Session& session = join();
  const Message pong =
      answer(session, R"({"type":"ping","msgId":"m-1","traceId":"t-1","payload":{"data":"é\n"}})");
  EXPECT_EQ(pong.type(), "pong");
  EXPECT_EQ(pong.at("replyTo"), R"("m-1")");
  EXPECT_EQ(pong.at("traceId"), R"("t-1")");
  EXPECT_EQ(pong.at("payload.data"), "\"é\\n\"");
  EXPECT_EQ(session.outbox.free_places(), kPlaces);
}

TEST_F(RouterTest, who_may_administer_everything_may_reload) {
  constexpr std::string_view kAsk = R"({"type":"reload","msgId":"r"})";
  Session& session = join();
  ask(session, kAsk);
  EXPECT_EQ(take(session).at("payload.reason"), R"("forbidden")");
  session.principal->scope = scope("", "", true);
  ask(session, kAsk);
  EXPECT_EQ(take(session).at("payload.reason"), R"("notFound")") << "nobody here can read a file";
  ReloadDesk desk;
  context.reload_desk = &desk;
  ask(session, kAsk);
  EXPECT_EQ(take(session).text, "");
  EXPECT_TRUE(desk.is_asked());
  EXPECT_EQ(desk.by().name.view(), "somebody");
  ask(session, kAsk);
  EXPECT_EQ(take(session).at("payload.reason"), R"("busy")");
}

TEST_F(RouterTest, an_alarm_is_acknowledged_by_who_may_control_its_channel) {
  device::AlarmRule hot{.name = "hot", .acknowledge = true};
  hot.condition = {kTemperature, device::Condition::Test::above, {}, 30.0};
  channels[kTemperature].declared_alarms[channels[kTemperature].alarms_count++] = hot;
  put(kTemperature, 31.0);
  alarms.step(now);
  const std::uint64_t raised = alarms.state({kTemperature, 0}).raised;
  const auto at = [](std::uint64_t offset) {
    return R"({"type":"acknowledge","msgId":"a","payload":{"offset":)" + std::to_string(offset) + "}}";
  };
  Session& reader = join("#", "cabin/heater");
  EXPECT_EQ(reason(reader, at(raised)), "forbidden");
  Session& other = join("log/#", "log/#");
  EXPECT_EQ(reason(other, at(raised)), "notFound") << "what one may not see is not there";
  Session& session = join();
  EXPECT_EQ(reason(session, at(raised + 1)), "notFound");
  EXPECT_EQ(alarms.state({kTemperature, 0}).stage, telemetry::AlarmState::Stage::active);
  const Message first = answer(session, at(raised));
  EXPECT_EQ(first.at("payload.outcome"), R"("acknowledged")");
  EXPECT_EQ(answer(session, at(raised)).at("payload.outcome"), R"("acknowledged")") << "a repeat";
  ASSERT_EQ(alarm_changes.size(), 2U);
  EXPECT_EQ(alarm_changes[1].by.name.view(), "somebody");
  channels[kTemperature].declared_alarms[0].acknowledge = false;
  EXPECT_EQ(reason(session, at(raised)), "conflict");
}

TEST_F(RouterTest, the_journal_is_asked_for_in_pages) {
  Session& session = join("cabin/#");
  session.principal->scope = Scope{Role::admin};
  journal.append({.kind = journal::Record::Kind::started});
  journal.append({.channel = "cabin/heater", .outcome = "applied"});
  const Message page = answer(session, R"({"type":"journal","msgId":"j","payload":{"after":1}})");
  EXPECT_EQ(page.type(), "journal");
  EXPECT_EQ(page.at("payload.records.0.channel"), R"("cabin/heater")");
  EXPECT_EQ(page.at("payload.next"), "");
  const Message beyond = answer(session, R"({"type":"journal","payload":{"after":3}})");
  EXPECT_EQ(beyond.at("payload.reason"), R"("outOfRange")");
  EXPECT_EQ(beyond.at("payload.detail"), R"("found 3; expected at most 2, the newest record")");
}

TEST_F(RouterTest, an_empty_echo_comes_back_and_none_does_not) {
  Session& session = join();
  EXPECT_EQ(answer(session, R"({"type":"ping","payload":{"data":""}})").at("payload.data"), R"("")");
  EXPECT_EQ(answer(session, R"({"type":"ping"})").at("payload.data"), "");
}

TEST_F(RouterTest, a_long_echo_waits_in_a_frame_and_only_one_of_them) {
  Session& session = join();
  const std::string data(1000, 'x');
  const std::string ping = R"({"type":"ping","payload":{"data":")" + data + R"("}})";
  ask(session, ping);
  EXPECT_EQ(frames.holders(), 1U);
  ask(session, ping);
  const std::string short_data(protocol::Pong::kCopiedBytesMax, 's');
  ask(session, R"({"type":"ping","payload":{"data":")" + short_data + R"("}})");
  EXPECT_EQ(frames.holders(), 1U);
  const std::vector<Message> answers = take_all(session);
  ASSERT_EQ(types_of(answers), "pong error pong");
  EXPECT_EQ(answers[0].at("payload.data"), '"' + data + '"');
  EXPECT_EQ(answers[1].at("payload.reason"), R"("busy")");
  EXPECT_EQ(answers[2].at("payload.data"), '"' + short_data + '"');
  ask(session, ping);
  EXPECT_EQ(types_of(take_all(session)), "pong") << "it was taken";
}

TEST_F(RouterTest, a_long_echo_that_cannot_be_kept_is_an_answer) {
  Session& session = join();
  std::string ping = R"({"type":"ping","payload":{"data":")";
  for (int i = 0; i < 4000; ++i) ping += "\\u0001";
  EXPECT_EQ(reason(session, ping + R"("}})"), "tooBig");
  const std::string long_ping = R"({"type":"ping","payload":{"data":")" +
                                std::string(protocol::Pong::kCopiedBytesMax + 1, 'x') + R"("}})";
  std::array<FrameId, 3> held{frames.take(), frames.take(), frames.take()};
  EXPECT_EQ(reason(session, long_ping), "overloaded") << "the last frame is for long answers";
  for (const FrameId frame : held) frames.let_go(frame);
  ask(session, long_ping);  // never taken: freed with the session
}

TEST_F(RouterTest, what_cannot_be_read_is_answered_too) {
  Session& session = join();
  EXPECT_EQ(reason(session, "{"), "malformed");
  EXPECT_EQ(reason(session, ""), "malformed");
  EXPECT_EQ(reason(session, R"({"type":"fly"})"), "unknownType");
  EXPECT_EQ(reason(session, R"({"type":"subscribe","payload":{"id":"a","paths":["#/x"]}})"), "malformed");
  router.refuse(session, {Reason::overloaded, "later", {}, 100});
  EXPECT_EQ(take(session).at("payload.retryAfterMs"), "100");
}

TEST_F(RouterTest, a_stranger_may_ping_and_show_a_token_and_nothing_else) {
  Session& session = stranger();
  EXPECT_EQ(answer(session, R"({"type":"ping"})").type(), "pong");
  EXPECT_EQ(reason(session, R"({"type":"describe"})"), "unauthenticated");
  EXPECT_EQ(reason(session, R"({"type":"subscribe","payload":{"id":"a","paths":["#"]}})"), "unauthenticated");
  EXPECT_EQ(reason(session, R"({"type":"unsubscribe","payload":{"id":"a"}})"), "unauthenticated");
  EXPECT_EQ(reason(session, R"({"type":"journal"})"), "unauthenticated");
  EXPECT_EQ(reason(session, kOn), "unauthenticated");
  const Scope admin{Role::admin};
  const auto issued =
      tokens.issue(Principal{"test", admin}, "ann", admin, 1000, {roster.id, clock.label(now)});
  ASSERT_TRUE(issued.has_value());
  const std::string token{issued->token};
  const Message ack =
      answer(session, R"({"type":"authenticate","msgId":"t","payload":{"token":")" + token + R"("}})");
  EXPECT_EQ(ack.at("payload.outcome"), R"("authenticated")");
  EXPECT_EQ(session.phase, Phase::authenticated);
  EXPECT_EQ(life.steps(Phase::welcome, Phase::authenticated), 1U);
  EXPECT_EQ(answer(session, R"({"type":"describe"})").type(), "description");
}

TEST_F(RouterTest, three_wrong_tokens_end_the_session) {
  Session& session = stranger();
  const std::string_view wrong = R"({"type":"authenticate","payload":{"token":"wrong"}})";
  EXPECT_EQ(reason(session, wrong), "unauthenticated");
  EXPECT_EQ(reason(session, wrong), "unauthenticated");
  EXPECT_EQ(session.ending, Ending::none);
  ask(session, wrong);
  ASSERT_EQ(session.ending, Ending::goodbye);
  EXPECT_EQ(session.closing.code, 1008);
  EXPECT_EQ(types_of(take_all(session)), "error goodbye") << "the third is answered as well";
  EXPECT_EQ(life.steps(Phase::welcome, Phase::authenticated), 0U);
}

TEST_F(RouterTest, describe_shows_what_one_may_read) {
  Session& session = join("log/#", "cabin/heater");
  const Message description = answer(session, R"({"type":"describe"})");
  EXPECT_EQ(description.at("payload.channels.0.path"), R"("log/note")");
  EXPECT_EQ(description.at("payload.channels.1"), "");
}

TEST_F(RouterTest, a_subscription_covers_what_one_may_read) {
  Session& session = join("cabin/#");
  ask(session, R"({"type":"subscribe","payload":{"id":"a","paths":["#","log/note"]}})");
  EXPECT_EQ(take(session).at("payload.samples.3"), "");
  take_all(session);
  EXPECT_EQ(reason(session, R"({"type":"subscribe","payload":{"id":"b","paths":["log/#"]}})"), "notFound");
  EXPECT_EQ(reason(session, R"({"type":"unsubscribe","payload":{"id":"b"}})"), "notFound");
}

TEST_F(RouterTest, commands_need_the_right_to_move) {
  Session& reader = join("#", "");
  EXPECT_EQ(reason(reader, kOn), "forbidden");
  Session& nobody = join("log/#", "log/#");
  EXPECT_EQ(reason(nobody, kOn), "notFound") << "what one may not see is not there";
  Session& mover = join("", "cabin/heater");
  EXPECT_EQ(answer(mover, kOn).type(), "progress");
  EXPECT_EQ(reason(mover, command(R"("channel":"cabin/temperature","value":1)")), "notFound");
}

TEST_F(RouterTest, a_command_that_makes_no_sense_is_refused_and_never_queued) {
  Session& session = join();
  EXPECT_EQ(reason(session, command(R"("channel":"cabin/oven","value":true)")), "notFound");
  EXPECT_EQ(reason(session, command(R"("channel":"cabin/temperature","value":20)")), "forbidden");
  EXPECT_EQ(reason(session, command(R"("channel":"cabin/heater","value":1)")), "malformed");
  EXPECT_EQ(reason(session, command(R"("channel":"cabin/heater","value":true,"epoch":"e000")")),
            "foreignEpoch");
  roster.channels()[kHeater].kind = device::ValueKind::number;
  roster.channels()[kHeater].max = 10;
  EXPECT_EQ(reason(session, command(R"("channel":"cabin/heater","value":11)")), "outOfRange");
  EXPECT_EQ(reason(session, command(R"("channel":"cabin/heater","action":"toggle")")), "malformed");
  EXPECT_EQ(controller.gauge().high_water, 0U);
  EXPECT_EQ(session.commands_in_flight, 0U);
}

TEST_F(RouterTest, not_after_counts_by_the_devices_clock_the_earlier_rules) {
  Session& session = join();
  const std::int64_t device_ms = clock.label(now).unix_ms;
  const auto with = [&](std::int64_t not_after, const char* more) {
    return command(R"("channel":"cabin/heater","value":true,"notAfter":)" + std::to_string(not_after) + more);
  };
  EXPECT_EQ(reason(session, with(device_ms, "")), "expired");
  EXPECT_EQ(reason(session, with(0, "")), "expired");
  EXPECT_EQ(reason(session, with(device_ms - 1, R"(,"deadlineMs":60000)")), "expired");
  EXPECT_EQ(controller.gauge().used, 0U);
  EXPECT_EQ(answer(session, with(device_ms + 300, R"(,"deadlineMs":1000)")).type(), "progress");
  EXPECT_EQ(answer(session, with(std::int64_t{1} << 53U, R"(,"deadlineMs":1000)")).type(), "progress");
  now += from_ms(300);
  controller.step(now);  // held up until now
  ASSERT_EQ(told.size(), 1U);
  EXPECT_EQ(told[0].error->reason, Reason::expired);
  EXPECT_EQ(controller.gauge().used, 1U);
}

TEST_F(RouterTest, over_the_in_flight_limit_it_is_busy) {
  Session& session = join();
  EXPECT_EQ(answer(session, kOn).at("payload.rung"), R"("accepted")");
  EXPECT_EQ(answer(session, kOn).type(), "progress");
  EXPECT_EQ(session.commands_in_flight, 2U);
  EXPECT_EQ(reason(session, kOn), "busy");
  EXPECT_EQ(reason(session, command(R"("channel":"cabin/heater","value":5)")), "malformed")
      << "what can never succeed is told as that";
  EXPECT_EQ(answer(session, R"({"type":"ping"})").type(), "pong");
  Session& other = join();
  EXPECT_EQ(answer(other, kOn).type(), "progress") << "the limit is each session's own";
  EXPECT_EQ(reason(other, kOn), "overloaded") << "the device's queue has three places";
  EXPECT_EQ(other.commands_in_flight, 1U);
}

TEST_F(RouterTest, until_accepted_is_answered_at_once_and_still_counts_as_in_flight) {
  Session& session = join();
  const std::string accepted = command(R"("channel":"cabin/heater","value":true,"until":"accepted")");
  EXPECT_EQ(answer(session, accepted).at("payload.outcome"), R"("accepted")");
  EXPECT_EQ(session.outbox.free_places(), kPlaces);
  EXPECT_EQ(answer(session, accepted).type(), "ack");
  EXPECT_EQ(reason(session, accepted), "busy") << "it must not fill the device's queue";
}

TEST_F(RouterTest, after_going_safe_commands_are_refused) {
  controller.shut_down(now);
  EXPECT_EQ(reason(join(), kOn), "stopped");
}

}  // namespace
}  // namespace signalbox::session
