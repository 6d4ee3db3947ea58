#include "protocol/messages/event.hpp"

#include <gtest/gtest.h>

#include "firmware/protocol/cabin.hpp"
#include "firmware/protocol/tree.hpp"

namespace signalbox::protocol {
namespace {

TEST(Event, TellsWhatMovedAnOutputAndWho) {
  const Cabin cabin;
  Event event{.offset = 9,
              .at = cabin.now - from_ms(500),
              .name = "actuated",
              .severity = Severity::warning,
              .channel = Cabin::mode,
              .cause = "leaseEnded"};
  event.by = "ann";
  event.session = "3-1";
  event.before = device::EnumIndex{2};
  event.after = device::EnumIndex{0};
  EXPECT_EQ(
      cabin.encode(event),
      R"({"type":"event","timestamp":1763683200123,"payload":{"epoch":"e7f3","offset":9,"name":"actuated",)"
      R"("severity":"warning","at":1763683199623,"channel":"cabin/mode","from":"high","to":"off",)"
      R"("cause":"leaseEnded","by":"ann","session":"3-1"}})");
}

TEST(Event, LeavesOutWhatThereIsNot) {
  const Cabin cabin;
  Event event{.offset = 1, .at = cabin.now, .name = "batonMoved"};
  event.group = "cabin";
  event.reason = Reason::expired;
  EXPECT_EQ(shown(parse(cabin.encode(event)), "payload"),
            R"({"epoch":"e7f3","offset":1,"name":"batonMoved","severity":"info","at":1763683200123,)"
            R"("group":"cabin","reason":"expired"})");
}

TEST(Event, TellsOfAnAlarm) {
  const Cabin cabin;
  Event event{.offset = 6,
              .at = cabin.now,
              .name = "alarmRaised",
              .severity = Severity::warning,
              .channel = Cabin::temperature,
              .alarm = "tooWarm"};
  event.after = 21.5;
  event.quality = device::Quality::good;
  EXPECT_EQ(shown(parse(cabin.encode(event)), "payload"),
            R"({"epoch":"e7f3","offset":6,"name":"alarmRaised","severity":"warning","at":1763683200123,)"
            R"("channel":"cabin/temperature","alarm":"tooWarm","text":"Open a window","value":21.5,)"
            R"("quality":"good"})");
  Event acknowledged{.offset = 7, .at = cabin.now, .name = "alarmAcknowledged"};
  acknowledged.channel = Cabin::temperature;
  acknowledged.alarm = "blind";
  acknowledged.raised = 6;
  acknowledged.by = "ann";
  EXPECT_EQ(shown(parse(cabin.encode(acknowledged)), "payload"),
            R"({"epoch":"e7f3","offset":7,"name":"alarmAcknowledged","severity":"info","at":1763683200123,)"
            R"("channel":"cabin/temperature","alarm":"blind","raised":6,"by":"ann"})");
}

TEST(EventGap, TellsHowManyAreLost) {
  const Cabin cabin;
  EXPECT_EQ(
      cabin.encode(EventGap{12, 40}),
      R"({"type":"eventGap","timestamp":1763683200123,"payload":{"epoch":"e7f3","lost":12,"before":40}})");
}

}  // namespace
}  // namespace signalbox::protocol
