#include "session/sender.hpp"

#include <gtest/gtest.h>

#include "tests/firmware/session/room.hpp"

namespace signalbox::session {
namespace {

constexpr std::string_view kDescribe = R"({"type":"describe","msgId":"d"})";

class SenderTest : public Room {
 protected:
  /// Frames that somebody else holds.
  void use_up_frames() {
    for (FrameId frame = frames.take(); frame != kNoFrame; frame = frames.take()) held.push_back(frame);
  }
  void free_frames() {
    for (const FrameId frame : held) frames.let_go(frame);
    held.clear();
  }
  ~SenderTest() override { free_frames(); }
  std::vector<FrameId> held;
};

TEST_F(SenderTest, has_nothing_for_a_session_that_is_owed_nothing) {
  Session& session = join();
  EXPECT_FALSE(sender.has_any(session));
  EXPECT_EQ(next(session).kind, Outgoing::Kind::nothing);
}

TEST_F(SenderTest, a_page_of_the_journal_fills_a_frame) {
  Session& session = join();
  session.principal->scope = Scope{Role::admin};
  for (int i = 0; i < 40; ++i) journal.append({.channel = "cabin/heater", .outcome = "applied"});
  ask(session, R"({"type":"journal","msgId":"j"})");
  const Message page = take(session);
  EXPECT_GT(page.text.size(), into.size()) << "not just what one write takes";
  EXPECT_LE(page.text.size(), kFrameBytes);
  EXPECT_GT(page.text.size(), kFrameBytes - 300);
  EXPECT_NE(page.at("payload.next"), "");
  EXPECT_EQ(frames.holders(), 0U);
}

TEST_F(SenderTest, answers_go_ahead_of_telemetry) {
  Session& session = join();
  subscribe(session, "a", "cabin/#");
  take_all(session);
  put(kTemperature, 25.0);
  publish();
  ask(session, kPing);
  EXPECT_EQ(types_of(take_all(session)), "pong telemetry");
}

TEST_F(SenderTest, a_ping_frame_goes_first_but_not_into_a_message) {
  Session& session = join();
  ask(session, kDescribe);
  const Outgoing begun = sender.next(session, std::span{into}.first(100), now);
  EXPECT_TRUE(begun.first);
  EXPECT_FALSE(begun.last);
  session.ping_due = true;
  Outgoing part = next(session);
  EXPECT_EQ(part.kind, Outgoing::Kind::text);
  EXPECT_FALSE(part.first);
  while (!part.last) part = next(session);
  EXPECT_EQ(next(session).kind, Outgoing::Kind::ping);
  EXPECT_EQ(next(session).kind, Outgoing::Kind::nothing);
}

TEST_F(SenderTest, a_long_answer_leaves_in_parts_and_frees_its_frame) {
  Session& session = join();
  ask(session, kDescribe);
  std::string text;
  std::size_t parts_count = 0;
  for (Outgoing part = sender.next(session, std::span{into}.first(100), now);
       part.kind == Outgoing::Kind::text; part = sender.next(session, std::span{into}.first(100), now)) {
    text.append(part.bytes.data(), part.bytes.size());
    ++parts_count;
    EXPECT_EQ(frames.holders(), part.last ? 0U : 1U);
  }
  EXPECT_GT(parts_count, 10U);
  EXPECT_EQ(Message{text}.type(), "description");
  EXPECT_EQ(session.outbox.free_places(), kPlaces);
}

TEST_F(SenderTest, a_long_answer_waits_for_a_frame_and_is_not_lost) {
  Session& session = join();
  use_up_frames();
  ask(session, kDescribe);
  const std::span<char> small = std::span{into}.first(600);
  EXPECT_EQ(sender.next(session, small, now).kind, Outgoing::Kind::nothing);
  EXPECT_TRUE(sender.has_any(session));
  EXPECT_EQ(session.outbox.free_places(), kPlaces - 1);
  free_frames();
  EXPECT_EQ(take(session).type(), "description");
}

TEST_F(SenderTest, who_waits_for_a_frame_holds_up_neither_answers_nor_telemetry) {
  Session& session = join();
  subscribe(session, "a", "cabin/#");
  take_all(session);
  put(kTemperature, 25.0);
  publish();
  use_up_frames();
  ask(session, kDescribe);
  ask(session, kPing);
  const std::span<char> small = std::span{into}.first(600);
  Outgoing part = sender.next(session, small, now);
  EXPECT_NE(std::string_view(part.bytes.data(), part.bytes.size()).find("pong"), std::string_view::npos);
  part = sender.next(session, small, now);
  EXPECT_NE(std::string_view(part.bytes.data(), part.bytes.size()).find("telemetry"), std::string_view::npos);
  EXPECT_EQ(sender.next(session, small, now).first, true) << "its own telemetry gave the frame back";
  while (next(session).kind == Outgoing::Kind::text) {
  }
  EXPECT_FALSE(sender.has_any(session));
}

TEST_F(SenderTest, an_answer_too_long_for_a_frame_is_an_error) {
  std::array<FramePool::Frame, 1> slot{};
  std::array<char, 700> bytes{};
  FramePool short_frames{slot, bytes};
  Sender with_short_frames{context, short_frames, publisher};
  Session& session = join();
  ask(session, kDescribe);
  const Outgoing answer = with_short_frames.next(session, std::span{into}.first(600), now);
  const Message error{{answer.bytes.data(), answer.bytes.size()}};
  EXPECT_EQ(error.at("payload.reason"), R"("tooBig")");
  EXPECT_EQ(error.at("replyTo"), R"("d")");
  EXPECT_EQ(short_frames.holders(), 0U);
  EXPECT_EQ(session.outbox.free_places(), kPlaces);
}

TEST_F(SenderTest, a_snapshot_too_long_for_a_frame_ends_the_subscription) {
  std::array<FramePool::Frame, 1> slot{};
  std::array<char, 300> bytes{};
  FramePool short_frames{slot, bytes};
  Sender with_short_frames{context, short_frames, publisher};
  Session& session = join();
  subscribe(session, "a", "#");
  const Outgoing answer = with_short_frames.next(session, std::span{into}.first(310), now);
  EXPECT_EQ(Message({std::string{answer.bytes.data(), answer.bytes.size()}}).at("payload.reason"),
            R"("tooBig")");
  EXPECT_EQ(publisher.gauge().used, 0U);
  EXPECT_FALSE(sender.has_any(session));
}

TEST_F(SenderTest, what_was_folded_needs_no_frame) {
  Session& session = join();
  subscribe(session, "a", "#");
  take_all(session);
  use_up_frames();
  put(kTemperature, 25.0);
  put(kHeater, true);
  put(kContact, true);
  put(kNote, device::Text{"hello"});
  publish();
  const std::span<char> small = std::span{into}.first(300);
  std::string channels_seen;
  std::string mores;
  std::size_t messages = 0;
  for (Outgoing part = sender.next(session, small, now); part.kind == Outgoing::Kind::text;
       part = sender.next(session, small, now)) {
    ASSERT_TRUE(part.first && part.last);
    const Message message{{part.bytes.data(), part.bytes.size()}};
    ++messages;
    mores += message.at("payload.more") + " ";
    for (int i = 0; !message.at("payload.samples." + std::to_string(i)).empty(); ++i)
      channels_seen += message.at("payload.samples." + std::to_string(i) + ".channel");
  }
  EXPECT_GT(messages, 1U) << "as many as fit at a time";
  EXPECT_TRUE(mores.starts_with("true ") && mores.ends_with("true  "))
      << "all but the last say so: " << mores;
  EXPECT_EQ(channels_seen, R"("cabin/temperature""cabin/heater""cabin/contact""log/note")");
}

TEST_F(SenderTest, a_page_of_history_takes_a_frame_however_little_the_socket_takes) {
  Session& session = join();
  for (int i = 0; i < 6; ++i) put(kTemperature, 20.0 + i);
  ask(session, R"({"type":"history","msgId":"h","payload":{"paths":["#"],"from":0,"to":9000000000000}})");
  use_up_frames();
  EXPECT_EQ(next(session).kind, Outgoing::Kind::nothing);
  EXPECT_TRUE(sender.has_any(session));
  free_frames();
  const Outgoing begun = sender.next(session, std::span{into}.first(100), now);
  EXPECT_TRUE(begun.first && !begun.last);
  Message page{{begun.bytes.data(), begun.bytes.size()}};
  for (Outgoing part = next(session); part.kind == Outgoing::Kind::text; part = next(session))
    page.text.append(part.bytes.data(), part.bytes.size());
  EXPECT_EQ(page.at("payload.series.3.channel"), R"("log/note")");
  EXPECT_EQ(page.at("payload.cursor"), "");
}

TEST_F(SenderTest, goodbye_is_the_last_message_then_comes_the_close_frame_once) {
  Session& session = join();
  ask(session, kPing);
  session.end_with({1001, "restart", 2000});
  EXPECT_EQ(take(session).type(), "pong");
  const Message goodbye = take(session);
  EXPECT_EQ(goodbye.at("payload"), R"({"reason":"restart","retryAfterMs":2000})");
  const Outgoing close = next(session);
  EXPECT_EQ(close.kind, Outgoing::Kind::close);
  EXPECT_EQ(close.close_code, 1001);
  EXPECT_EQ(close.close_reason, "restart");
  EXPECT_EQ(next(session).kind, Outgoing::Kind::nothing);
  EXPECT_FALSE(sender.has_any(session));
}

TEST_F(SenderTest, a_session_that_ends_still_gets_the_answers_it_is_owed) {
  Session& session = join();
  const auto place = session.outbox.reserve({}).value();
  session.end_with({.code = 1001, .reason = "restart", .owed_until = now + from_ms(1000)});
  EXPECT_EQ(take(session).text, "");
  now += from_ms(500);
  session.outbox.progress(place, protocol::Progress{});
  EXPECT_EQ(take(session).type(), "progress");
  EXPECT_EQ(take(session).text, "");
  session.outbox.finish(place, protocol::Ack{});
  EXPECT_EQ(types_of(take_all(session)), "ack goodbye");
}

TEST_F(SenderTest, but_it_does_not_wait_for_them_for_ever) {
  Session& session = join();
  session.outbox.reserve({});
  session.end_with({.code = 1001, .reason = "restart", .owed_until = now + from_ms(1000)});
  EXPECT_EQ(take(session).text, "");
  now += from_ms(1000);
  EXPECT_EQ(take(session).type(), "goodbye");
  EXPECT_EQ(next(session).kind, Outgoing::Kind::close);
}

TEST_F(SenderTest, clearing_lets_go_of_a_message_half_sent) {
  Session& session = join();
  ask(session, kDescribe);
  sender.next(session, std::span{into}.first(100), now);
  EXPECT_EQ(frames.holders(), 1U);
  sender.clear(session);
  EXPECT_EQ(frames.holders(), 0U);
  EXPECT_FALSE(sender.has_any(session));
}

}  // namespace
}  // namespace signalbox::session
