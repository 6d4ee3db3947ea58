#include "session/publisher.hpp"

#include <algorithm>
#include <gtest/gtest.h>
#include <vector>

#include "tests/firmware/session/room.hpp"

namespace signalbox::session {
namespace {

class PublisherTest : public Room {
 protected:
  /// A session with a subscription whose snapshot is on its way out already.
  Session& subscribed(std::string_view path, std::string_view readable = "#") {
    Session& session = join(readable);
    subscribe(session, "a", path);
    EXPECT_EQ(types_of(take_all(session)), "snapshot synced");
    return session;
  }
};

TEST_F(PublisherTest, snapshot_then_synced_then_telemetry) {
  Session& session = join();
  subscribe(session, "a", "cabin/#");
  put(kTemperature, 21.0);
  publish();
  EXPECT_EQ(frames.gauge().used, 0U) << "nothing before the snapshot";
  const Message snapshot = take(session);
  EXPECT_EQ(snapshot.type(), "snapshot");
  EXPECT_EQ(snapshot.at("payload.samples.0.value"), "21") << "what changed meanwhile is in it";
  EXPECT_EQ(snapshot.at("payload.samples.3"), "") << "three channels, not the note";
  put(kTemperature, 22.0);
  publish();
  const Message synced = take(session);
  EXPECT_EQ(synced.type(), "synced");
  EXPECT_EQ(synced.at("payload.offset"), snapshot.at("payload.offset"));
  const Message telemetry = take(session);
  EXPECT_EQ(telemetry.type(), "telemetry");
  EXPECT_EQ(telemetry.at("payload.samples"),
            R"([{"channel":"cabin/temperature","value":22,"quality":"good","at":1763683200123}])");
  EXPECT_EQ(take(session).text, "");
}

TEST_F(PublisherTest, what_changes_while_a_long_snapshot_leaves_is_not_lost) {
  Session& session = join();
  subscribe(session, "a", "#");
  const Outgoing begun = sender.next(session, std::span{into}.first(200), now);
  ASSERT_FALSE(begun.last);
  put(kTemperature, 33.0);
  publish();
  Outgoing part = next(session);
  while (!part.last) part = next(session);
  EXPECT_EQ(take(session).type(), "synced");
  const Message telemetry = take(session);
  EXPECT_EQ(telemetry.at("payload.samples.0.value"), "33");
}

TEST_F(PublisherTest, equal_subscriptions_share_one_frame) {
  Session& first = subscribed("cabin/#");
  Session& second = subscribed("cabin/#");
  EXPECT_EQ(publisher.gauge().used, 1U);
  put(kTemperature, 25.0);
  publish();
  EXPECT_EQ(frames.gauge().used, 1U);
  EXPECT_EQ(frames.holders(), 2U);
  const std::string text = take(first).text;
  EXPECT_NE(text, "");
  EXPECT_EQ(frames.holders(), 1U);
  EXPECT_EQ(take(second).text, text);
  EXPECT_EQ(frames.holders(), 0U);
}

TEST_F(PublisherTest, other_words_for_the_same_channels_are_equal) {
  subscribed("cabin/#");
  subscribed("cabin/+");
  EXPECT_EQ(publisher.gauge().used, 1U);
}

TEST_F(PublisherTest, rights_separate_subscriptions) {
  Session& all_rights = subscribed("#");
  Session& some_rights = subscribed("#", "log/#");
  EXPECT_EQ(publisher.gauge().used, 2U);
  put(kTemperature, 25.0);
  put(kNote, device::Text{"hello"});
  publish();
  EXPECT_EQ(frames.gauge().used, 2U);
  EXPECT_NE(take(all_rights).text.find("cabin/temperature"), std::string::npos);
  const Message shown = take(some_rights);
  EXPECT_EQ(shown.at("payload.samples.0.channel"), R"("log/note")");
  EXPECT_EQ(shown.at("payload.samples.1"), "");
}

TEST_F(PublisherTest, a_latecomer_to_a_group_gets_a_snapshot_not_the_past) {
  Session& first = subscribed("cabin/#");
  put(kTemperature, 25.0);
  publish();
  Session& second = join();
  subscribe(second, "b", "cabin/#");
  put(kTemperature, 26.0);
  publish();
  EXPECT_EQ(frames.holders(), 2U) << "both frames are the first one's";
  const Message snapshot = take(second);
  EXPECT_EQ(snapshot.at("payload.samples.0.value"), "26");
  put(kTemperature, 27.0);
  publish();
  EXPECT_EQ(types_of(take_all(second)), "synced telemetry");
  EXPECT_EQ(types_of(take_all(first)), "telemetry telemetry telemetry");
}

TEST_F(PublisherTest, a_latecomer_misses_no_change_beyond_the_deadband) {
  Session& first = join();
  subscribe(first, "a", "cabin/temperature", R"("minPeriodMs":0,"deadband":1)");
  take_all(first);
  put(kTemperature, 20.9);
  publish();
  Session& second = join();
  subscribe(second, "a", "cabin/temperature", R"("minPeriodMs":0,"deadband":1)");
  EXPECT_EQ(take(second).at("payload.samples.0.value"), "20.9");
  put(kTemperature, 19.1);
  publish();
  EXPECT_EQ(types_of(take_all(second)), "synced telemetry");
}

TEST_F(PublisherTest, the_same_id_replaces) {
  Session& session = subscribed("cabin/#");
  put(kHeater, true);
  publish();
  subscribe(session, "a", "log/#");
  EXPECT_EQ(publisher.gauge().used, 1U);
  put(kTemperature, 30.0);
  publish();
  EXPECT_EQ(types_of(take_all(session)), "telemetry snapshot synced") << "what was sent before comes before";
  put(kTemperature, 31.0);
  publish();
  EXPECT_EQ(take(session).text, "");
  put(kNote, device::Text{"new"});
  publish();
  EXPECT_EQ(take(session).at("payload.samples.0.channel"), R"("log/note")");
}

TEST_F(PublisherTest, replaced_by_an_equal_one_it_starts_over) {
  Session& session = subscribed("cabin/#");
  subscribe(session, "a", "cabin/#");
  put(kTemperature, 30.0);
  publish();
  EXPECT_EQ(frames.gauge().used, 0U);
  EXPECT_EQ(types_of(take_all(session)), "snapshot synced");
  EXPECT_EQ(publisher.gauge().used, 1U);
}

TEST_F(PublisherTest, replaced_before_its_snapshot_left_each_subscribe_has_its_own) {
  Session& session = join();
  subscribe(session, "a", "cabin/#");
  subscribe(session, "a", "log/#");
  EXPECT_EQ(take(session).type(), "snapshot");
  put(kNote, device::Text{"early"});
  publish();
  EXPECT_EQ(frames.gauge().used, 0U) << "the first snapshot does not open the second subscription";
  EXPECT_EQ(types_of(take_all(session)), "synced snapshot synced");
  put(kNote, device::Text{"now"});
  publish();
  EXPECT_EQ(types_of(take_all(session)), "telemetry");
}

TEST_F(PublisherTest, unsubscribed_means_nothing_comes_after_the_answer) {
  Session& session = subscribed("cabin/#");
  for (int i = 0; i < 4; ++i) {
    put(kTemperature, 30.0 + i);
    publish();
  }
  EXPECT_TRUE(session.outbox.folded().any());
  ask(session, R"({"type":"unsubscribe","msgId":"u","payload":{"id":"a"}})");
  EXPECT_EQ(types_of(take_all(session)), "telemetry telemetry ack");
  EXPECT_EQ(publisher.gauge().used, 0U);
  put(kTemperature, 40.0);
  publish();
  EXPECT_EQ(take(session).text, "");
}

TEST_F(PublisherTest, unsubscribing_one_keeps_what_the_other_is_owed) {
  Session& session = subscribed("cabin/temperature");
  subscribe(session, "b", "cabin/#");
  take_all(session);
  for (int i = 0; i < 4; ++i) {
    put(kTemperature, 30.0 + i);
    publish();
  }
  ask(session, R"({"type":"unsubscribe","msgId":"u","payload":{"id":"a"}})");
  const std::vector<Message> messages = take_all(session);
  EXPECT_EQ(types_of(messages), "telemetry telemetry ack telemetry");
  EXPECT_EQ(messages.back().at("payload.samples.0.value"), "33");
}

TEST_F(PublisherTest, a_slow_reader_gets_folded_samples_and_the_last) {
  Session& slow = subscribed("cabin/#");
  Session& quick = subscribed("cabin/#");
  const std::array values_seen{21.0, 22.0, 25.0, 19.0, 23.0};
  for (const double value : values_seen) {
    put(kTemperature, value);
    publish();
    EXPECT_EQ(take(quick).at("payload.samples.0.value"), std::to_string(static_cast<int>(value)))
        << "costs nobody else anything";
  }
  EXPECT_EQ(frames.gauge().used, 2U);
  const std::vector<Message> messages = take_all(slow);
  ASSERT_EQ(types_of(messages), "telemetry telemetry telemetry");
  EXPECT_EQ(messages[0].at("payload.samples.0.value"), "21");
  EXPECT_EQ(messages[1].at("payload.samples.0.value"), "22");
  EXPECT_EQ(messages[2].at("payload.samples"),
            R"([{"channel":"cabin/temperature","value":23,"quality":"good","at":1763683200123,)"
            R"("min":19,"max":25,"count":3}])");
  EXPECT_EQ(messages[2].at("payload.folded"), "3");
  put(kTemperature, 24.0);
  publish();
  EXPECT_EQ(take(slow).at("payload.samples.0.count"), "") << "it has caught up";
}

TEST_F(PublisherTest, a_fold_shows_the_value_of_the_moment_it_leaves_within_its_range) {
  Session& slow = subscribed("cabin/#");
  for (const double value : {21.0, 22.0, 25.0, 24.0}) {
    put(kTemperature, value);
    publish();
  }
  put(kTemperature, 30.0);  // not published yet
  take(slow);
  take(slow);
  const Message folded = take(slow);
  EXPECT_EQ(folded.at("payload.samples.0.value"), "30");
  EXPECT_EQ(folded.at("payload.samples.0.min"), "24");
  EXPECT_EQ(folded.at("payload.samples.0.max"), "30");
}

TEST_F(PublisherTest, telemetry_leaves_the_last_frame_to_answers_and_folds) {
  Session& first = subscribed("cabin/temperature");
  Session& second = subscribed("log/#");
  put(kTemperature, 21.0);
  put(kNote, device::Text{"one"});
  publish();
  put(kTemperature, 22.0);
  put(kNote, device::Text{"two"});
  publish();
  EXPECT_EQ(frames.gauge().used, 3U);
  EXPECT_EQ(frames.gauge().refused, 1U);
  EXPECT_NE(frames.take(), kNoFrame) << "there is one left for a long answer";
  const std::vector<Message> messages = take_all(second);
  ASSERT_EQ(types_of(messages), "telemetry telemetry");
  EXPECT_EQ(messages[1].at("payload.samples.0.value"), R"("two")");
  EXPECT_EQ(messages[1].at("payload.samples.0.count"), "1");
  take_all(first);
  frames.let_go(4);
}

TEST_F(PublisherTest, the_offset_never_goes_back_on_a_session) {
  Session& session = subscribed("cabin/#");
  std::uint64_t last = 0;
  std::size_t came = 0;
  for (int i = 0; i < 200; ++i) {
    put(i % 3 == 0 ? kHeater : kTemperature,
        i % 3 == 0 ? device::Value{i % 2 == 0} : device::Value{20.0 + i % 7});
    publish();
    if (i % 11 == 0) subscribe(session, i % 2 == 0 ? "a" : "b", i % 4 == 0 ? "#" : "cabin/+");
    if (i % 5 == 0) publish();
    for (int reads = i % 4; reads > 0 && session.outbox.free_places() < 8 + 1; --reads) {
      const Message message = take(session);
      if (message.text.empty()) break;
      const std::string offset = message.at("payload.offset");
      if (offset.empty()) continue;
      EXPECT_GE(std::stoull(offset), last) << message.text;
      last = std::stoull(offset);
      ++came;
    }
  }
  EXPECT_GT(came, 100U);
}

TEST_F(PublisherTest, a_fixed_subscription_comes_on_its_beat) {
  Session& session = join();
  subscribe(session, "a", "cabin/#", R"("mode":"fixed","periodMs":200)");
  take_all(session);
  EXPECT_EQ(publisher.step(now, [](Session&) {}), now + from_ms(200));
  now += from_ms(200);
  int wanted = 0;
  EXPECT_EQ(publisher.step(now, [&](Session& who) { wanted += &who == &session ? 1 : 0; }),
            now + from_ms(200));
  EXPECT_EQ(wanted, 1);
  EXPECT_EQ(take(session).at("payload.samples.2.channel"), R"("cabin/contact")");
}

TEST_F(PublisherTest, each_of_a_group_is_asked_for_once_with_the_frame_in_its_row) {
  std::vector<const Session*> ready{&subscribed("cabin/#"), &subscribed("cabin/#")};
  Session& early = join();
  subscribe(early, "a", "cabin/#");  // its snapshot has not left
  put(kTemperature, 30.0);
  std::vector<const Session*> asked;
  publisher.step(now, [&](const Session& who) {
    EXPECT_EQ(who.outbox.frames_held(), 1U);
    asked.push_back(&who);
  });
  std::sort(ready.begin(), ready.end());
  std::sort(asked.begin(), asked.end());
  EXPECT_EQ(asked, ready);
  EXPECT_EQ(early.outbox.frames_held(), 0U);
  EXPECT_EQ(frames.gauge().used, 1U) << "one frame for all";
}

TEST_F(PublisherTest, a_session_has_so_many_subscriptions_and_no_more) {
  Session& session = join();
  subscribe(session, "a", "cabin/#");
  subscribe(session, "b", "cabin/#");
  subscribe(session, "c", "cabin/#");
  const std::vector<Message> messages = take_all(session);
  EXPECT_EQ(types_of(messages), "snapshot synced snapshot synced error");
  EXPECT_EQ(messages.back().at("payload.reason"), R"("busy")");
  EXPECT_EQ(messages.back().at("payload.retryAfterMs"), "1000");
  ask(session, R"({"type":"unsubscribe","msgId":"u","payload":{"id":"a"}})");
  subscribe(session, "c", "cabin/#");
  EXPECT_EQ(types_of(take_all(session)), "ack snapshot synced");
}

TEST_F(PublisherTest, the_device_has_so_many_groups_and_no_more) {
  Session& first = join();
  Session& second = join();
  subscribe(first, "a", "cabin/temperature");
  subscribe(first, "b", "cabin/heater");
  subscribe(second, "a", "cabin/contact");
  take_all(first);
  take_all(second);
  subscribe(second, "b", "log/#");
  const Message refused = take(second);
  EXPECT_EQ(refused.at("payload.reason"), R"("overloaded")");
  EXPECT_NE(refused.at("payload.retryAfterMs"), "");
  subscribe(second, "b", "cabin/temperature");
  EXPECT_EQ(types_of(take_all(second)), "snapshot synced") << "an equal one costs no group";
  subscribe(second, "a", "log/#");
  EXPECT_EQ(types_of(take_all(second)), "snapshot synced") << "the one it replaces made room";
  EXPECT_EQ(publisher.gauge().used, 3U);
}

TEST_F(PublisherTest, a_replacement_that_is_refused_leaves_the_old_one_running) {
  Session& first = join();
  Session& second = join();
  subscribe(first, "a", "cabin/temperature");
  subscribe(first, "b", "cabin/heater");
  subscribe(second, "a", "cabin/temperature");
  subscribe(second, "b", "cabin/contact");
  take_all(first);
  take_all(second);
  subscribe(second, "a", "log/#");
  EXPECT_EQ(take(second).at("payload.reason"), R"("overloaded")");
  put(kTemperature, 33.0);
  publish();
  EXPECT_EQ(take(second).at("payload.samples.0.value"), "33");
}

TEST_F(PublisherTest, a_member_that_leaves_does_not_break_the_row) {
  Session& first = subscribed("cabin/#");
  Session& second = subscribed("cabin/#");
  Session& third = subscribed("cabin/#");
  publisher.leave_all(second);
  put(kTemperature, 33.0);
  publish();
  EXPECT_EQ(frames.holders(), 2U);
  EXPECT_EQ(types_of(take_all(first)), "telemetry");
  EXPECT_EQ(take(second).text, "");
  EXPECT_EQ(types_of(take_all(third)), "telemetry");
  publisher.leave_all(third);
  put(kTemperature, 34.0);
  publish();
  EXPECT_EQ(types_of(take_all(first)), "telemetry");
}

}  // namespace
}  // namespace signalbox::session
