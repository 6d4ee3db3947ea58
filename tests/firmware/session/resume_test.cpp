// A subscriber comes back: what it missed, what is lost, and what may not overtake it.
#include <gtest/gtest.h>

#include "tests/firmware/session/room.hpp"

namespace signalbox::session {
namespace {

class ResumeTest : public Room {
 protected:
  void resume(Session& session, std::uint64_t offset, std::string_view path = "cabin/#",
              std::string_view epoch = "e7f3") {
    subscribe(session, "a", path,
              format_text<95>(R"("minPeriodMs":0,"resume":{"epoch":"%s","offset":%u})",
                              FixedText<16>{epoch}.c_str(), static_cast<unsigned>(offset)));
  }
  /// `offset=value` of all samples in a message.
  static std::string samples(const Message& message) {
    std::string all;
    for (int i = 0;; ++i) {
      const std::string at = "payload.samples." + std::to_string(i);
      if (message.at(at).empty()) return all;
      all += message.at(at + ".offset") + "=" + message.at(at + ".value") + " ";
    }
  }
  /// Everything that waits, rendered into as few bytes as that.
  std::vector<Message> take_in_small_pieces(Session& session, std::size_t bytes) {
    std::vector<Message> messages;
    std::string text;
    for (Outgoing part = sender.next(session, std::span{into}.first(bytes), now);
         part.kind == Outgoing::Kind::text; part = sender.next(session, std::span{into}.first(bytes), now)) {
      text.append(part.bytes.data(), part.bytes.size());
      if (part.last) messages.push_back({std::exchange(text, {})});
    }
    return messages;
  }
};

TEST_F(ResumeTest, who_missed_nothing_is_told_so) {
  Session& session = join();
  resume(session, values.offset());
  const std::vector<Message> messages = take_all(session);
  ASSERT_EQ(types_of(messages), "snapshot synced");
  EXPECT_EQ(messages[0].at("payload.recovered"), "true");
  EXPECT_EQ(messages[0].at("payload.offset"), "4");
  EXPECT_EQ(messages[1].at("payload.recovered"), "");
}

TEST_F(ResumeTest, without_resume_nothing_is_said_of_it) {
  Session& session = join();
  subscribe(session, "a", "cabin/#");
  EXPECT_EQ(take(session).at("payload.recovered"), "");
}

TEST_F(ResumeTest, everything_missed_comes_by_offset_before_the_snapshot) {
  put(kTemperature, 21.0);
  put(kNote, device::Text{"not asked for"});
  put(kHeater, true);
  put(kTemperature, 22.0);
  Session& session = join();
  resume(session, 4);
  const std::vector<Message> messages = take_all(session);
  ASSERT_EQ(types_of(messages), "missed snapshot synced");
  EXPECT_EQ(samples(messages[0]), "5=21 7=true 8=22 ");
  EXPECT_EQ(messages[0].at("payload.id"), R"("a")");
  EXPECT_EQ(messages[0].at("replyTo"), R"("s")");
  EXPECT_EQ(messages[0].at("payload.offset"), "8");
  EXPECT_EQ(messages[0].at("payload.gaps"), "");
  EXPECT_EQ(messages[1].at("payload.recovered"), "true");
  EXPECT_EQ(messages[1].at("payload.samples.0.value"), "22");
}

TEST_F(ResumeTest, it_comes_in_several_messages_each_of_which_tells_where_to_go_on) {
  for (int i = 0; i < 8; ++i) put(kTemperature, 30.0 + i);
  Session& session = join();
  resume(session, 5);
  const std::vector<Message> messages = take_in_small_pieces(session, 420);
  ASSERT_GT(messages.size(), 4U);
  std::string missed;
  std::string offsets;
  for (const Message& message : messages) {
    if (message.type() != "missed") continue;
    missed += samples(message);
    offsets += message.at("payload.offset") + " ";
  }
  EXPECT_EQ(missed, "6=31 7=32 8=33 9=34 10=35 11=36 12=37 ");
  EXPECT_TRUE(offsets.ends_with("12 ")) << offsets;
  EXPECT_EQ(messages[messages.size() - 2].at("payload.recovered"), "true");
}

TEST_F(ResumeTest, what_is_overwritten_is_a_gap_and_the_rest_is_told) {
  for (int i = 0; i < 10; ++i) put(kTemperature, 30.0 + i);  // 5 to 14, of which 7 to 14 are kept
  put(kHeater, true);
  Session& session = join();
  resume(session, 4);
  const std::vector<Message> messages = take_all(session);
  EXPECT_EQ(messages[0].at("payload.gaps"), R"([{"channel":"cabin/temperature","from":5,"to":6}])");
  EXPECT_TRUE(samples(messages[0]).starts_with("7=32 8=33 ")) << samples(messages[0]);
  EXPECT_TRUE(samples(messages[messages.size() - 3]).ends_with("15=true "));
  EXPECT_EQ(messages[messages.size() - 2].at("payload.recovered"), "false");
}

TEST_F(ResumeTest, what_is_overwritten_while_it_is_told_is_a_gap_too) {
  for (int i = 0; i < 8; ++i) put(kTemperature, 30.0 + i);  // 5 to 12
  Session& session = join();
  resume(session, 4);
  const Outgoing first = sender.next(session, std::span{into}.first(420), now);
  const Message missed{{first.bytes.data(), first.bytes.size()}};
  ASSERT_EQ(missed.type(), "missed");
  EXPECT_EQ(missed.at("payload.gaps"), "");
  const std::string came_to = missed.at("payload.offset");
  for (int i = 0; i < 6; ++i) put(kTemperature, 40.0 + i);  // 13 to 18: 11 to 18 are kept
  const std::vector<Message> messages = take_all(session);
  ASSERT_EQ(types_of(messages), "missed snapshot synced");
  EXPECT_EQ(messages[0].at("payload.gaps.0.from"), std::to_string(std::stoi(came_to) + 1));
  EXPECT_EQ(messages[0].at("payload.gaps.0.to"), "10");
  EXPECT_EQ(samples(messages[0]), "11=36 12=37 ") << "what came after the request is telemetry";
  EXPECT_EQ(messages[1].at("payload.recovered"), "false");
  EXPECT_EQ(messages[1].at("payload.samples.0.value"), "45");
}

TEST_F(ResumeTest, of_another_epoch_everything_is_lost) {
  put(kTemperature, 21.0);
  Session& session = join();
  resume(session, 1000, "cabin/#", "e7f2");
  const std::vector<Message> messages = take_all(session);
  ASSERT_EQ(types_of(messages), "missed snapshot synced");
  EXPECT_EQ(messages[0].at("payload.gaps.0"), R"({"channel":"cabin/temperature","from":null,"to":null})");
  EXPECT_EQ(messages[0].at("payload.gaps.3"), "");
  EXPECT_EQ(messages[0].at("payload.samples"), "[]");
  EXPECT_EQ(messages[1].at("payload.recovered"), "false");
}

TEST_F(ResumeTest, an_offset_of_the_future_is_refused_and_changes_nothing) {
  Session& session = join();
  resume(session, 5);
  const Message refused = take(session);
  EXPECT_EQ(refused.at("payload.reason"), R"("outOfRange")");
  EXPECT_EQ(refused.at("payload.field"), R"("payload.resume.offset")");
  EXPECT_EQ(publisher.gauge().used, 0U);
}

TEST_F(ResumeTest, only_what_one_may_read) {
  put(kTemperature, 21.0);
  put(kHeater, true);
  Session& session = join("cabin/heater");
  resume(session, 4, "#");
  EXPECT_EQ(samples(take(session)), "6=true ");
}

TEST_F(ResumeTest, telemetry_folds_meanwhile_and_overtakes_nothing) {
  for (int i = 0; i < 8; ++i) put(kTemperature, 30.0 + i);  // to 12
  Session& session = join();
  resume(session, 4);
  put(kTemperature, 50.0);  // 13
  publish();
  std::vector<Message> messages;
  const auto take_one = [&] {
    std::string text;
    for (bool last = false; !last;) {
      const Outgoing part = sender.next(session, std::span{into}.first(420), now);
      text.append(part.bytes.data(), part.bytes.size());
      last = part.last;
    }
    messages.push_back({text});
  };
  take_one();
  EXPECT_EQ(messages[0].type(), "missed");
  put(kTemperature, 45.0);  // 14
  publish();
  EXPECT_EQ(frames.gauge().used, 0U);
  while (sender.has_any(session)) take_one();
  const std::string types = types_of(messages);
  EXPECT_TRUE(types.ends_with("missed snapshot synced telemetry")) << types;
  EXPECT_EQ(types.find("telemetry"), types.size() - 9) << types;
  EXPECT_EQ(messages.back().at("payload.samples"),
            R"([{"channel":"cabin/temperature","value":45,"quality":"good","at":1763683200123,)"
            R"("min":45,"max":50,"count":2}])");
  put(kTemperature, 46.0);
  publish();
  EXPECT_EQ(take(session).at("payload.samples.0.count"), "") << "back to normal";
}

TEST_F(ResumeTest, it_gives_way_to_answers_and_to_other_telemetry) {
  Session& session = join();
  subscribe(session, "other", "log/#");
  take_all(session);
  for (int i = 0; i < 8; ++i) put(kTemperature, 30.0 + i);
  resume(session, 4);
  std::vector<Message> messages;
  for (int turn = 0; turn < 3; ++turn) {
    put(kNote, device::Text{turn % 2 == 0 ? "even" : "odd"});
    publish();
    ask(session, R"({"type":"ping","msgId":"p"})");
    for (int i = 0; i < 3; ++i) {
      const Outgoing part = sender.next(session, std::span{into}.first(300), now);
      ASSERT_TRUE(part.first && part.last);
      messages.push_back({{part.bytes.data(), part.bytes.size()}});
    }
  }
  EXPECT_EQ(types_of(messages), "missed pong telemetry missed pong telemetry missed pong telemetry");
}

TEST_F(ResumeTest, events_go_first) {
  Session& session = join();
  subscribe(session, "events", "log/#", R"("events":true)");
  take_all(session);
  for (int i = 0; i < 8; ++i) put(kTemperature, 30.0 + i);
  resume(session, 4);
  std::string types;
  for (int turn = 0; turn < 2; ++turn) {
    news.add({.name = "stopped"});
    for (int i = 0; i < 2; ++i) {
      const Outgoing part = sender.next(session, std::span{into}.first(400), now);
      ASSERT_TRUE(part.first && part.last);
      types += Message{{part.bytes.data(), part.bytes.size()}}.type() + " ";
    }
  }
  EXPECT_EQ(types, "event missed event missed ");
}

TEST_F(ResumeTest, events_of_the_time_away_are_told) {
  news.add({.name = "before"});
  const std::uint64_t known = values.offset();
  for (const char* name : {"one", "two"}) news.add({.name = name});
  Session& session = join();
  const auto names = [&](std::uint64_t offset) {
    ask(session,
        format_text<255>(R"({"type":"subscribe","msgId":"r","payload":{"id":"a","paths":["cabin/#"],)"
                         R"("events":true,"resume":{"epoch":"e7f3","offset":%llu}}})",
                         static_cast<unsigned long long>(offset)));
    std::string found;
    for (const Message& message : take_all(session))
      if (message.type() == "event" || message.type() == "eventGap")
        found += message.at("payload.name") + message.at("payload.lost") + " ";
    return found;
  };
  EXPECT_EQ(names(known), R"("one" "two" )");
  EXPECT_EQ(names(values.offset()), "");
  for (const char* name : {"3", "4", "5"}) news.add({.name = name});
  EXPECT_EQ(names(known), R"(1 "two" "3" "4" "5" )");
}

TEST_F(ResumeTest, unsubscribed_meanwhile_it_ends) {
  for (int i = 0; i < 8; ++i) put(kTemperature, 30.0 + i);
  Session& session = join();
  resume(session, 4);
  sender.next(session, std::span{into}.first(420), now);
  put(kTemperature, 50.0);
  publish();
  ask(session, R"({"type":"unsubscribe","msgId":"u","payload":{"id":"a"}})");
  const std::vector<Message> messages = take_all(session);
  ASSERT_EQ(messages.size(), 2U);
  for (const Message& message : messages)
    EXPECT_EQ(message.type(), message.at("replyTo") == R"("u")" ? "ack" : "error");
  EXPECT_EQ(session.outbox.free_places(), kPlaces);
  EXPECT_FALSE(sender.has_any(session));
}

TEST_F(ResumeTest, replaced_meanwhile_each_has_its_own_end) {
  for (int i = 0; i < 8; ++i) put(kTemperature, 30.0 + i);
  Session& session = join();
  resume(session, 4);
  sender.next(session, std::span{into}.first(420), now);
  resume(session, 10);
  const std::vector<Message> messages = take_all(session);
  EXPECT_EQ(types_of(messages), "error missed snapshot synced");
  EXPECT_EQ(messages[0].at("payload.reason"), R"("superseded")");
  EXPECT_EQ(samples(messages[1]), "11=36 12=37 ");
}

TEST_F(ResumeTest, who_leaves_meanwhile_leaves_nothing_behind) {
  for (int i = 0; i < 8; ++i) put(kTemperature, 30.0 + i);
  Session& session = join();
  resume(session, 4);
  sender.next(session, std::span{into}.first(420), now);
  publisher.leave_all(session);
  session.outbox.clear_telemetry(frames);
  EXPECT_EQ(types_of(take_all(session)), "error");
}

TEST_F(ResumeTest, gaps_too_many_for_the_socket_take_a_frame) {
  for (int round = 0; round < 10; ++round) {
    put(kTemperature, 1.0 * round);
    put(kHeater, round % 2 == 0);
    put(kContact, round % 2 == 0);
  }
  Session& session = join();
  resume(session, 0);
  const std::vector<Message> messages = take_in_small_pieces(session, 330);
  EXPECT_NE(messages[0].at("payload.gaps.2"), "");
  EXPECT_EQ(messages[messages.size() - 2].at("payload.recovered"), "false");
  EXPECT_EQ(frames.gauge().high_water, 1U);
}

TEST_F(ResumeTest, without_a_free_frame_they_wait) {
  for (int round = 0; round < 10; ++round) put(kTemperature, 1.0 * round);
  Session& session = join();
  std::vector<FrameId> held;
  for (FrameId frame = frames.take(); frame != kNoFrame; frame = frames.take()) held.push_back(frame);
  resume(session, 0);
  EXPECT_EQ(sender.next(session, std::span{into}.first(150), now).kind, Outgoing::Kind::nothing);
  EXPECT_TRUE(sender.has_any(session));
  for (const FrameId frame : held) frames.let_go(frame);
  EXPECT_EQ(take(session).type(), "missed");
  take_all(session);
}

}  // namespace
}  // namespace signalbox::session
