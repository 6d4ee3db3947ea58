#include "protocol/messages/describe.hpp"

#include <gtest/gtest.h>

#include "firmware/protocol/bad_payload.hpp"
#include "firmware/protocol/cabin.hpp"

namespace signalbox::protocol {
namespace {

TEST(Describe, AsksForEverythingOrAPattern) {
  EXPECT_EQ(read_describe(JsonReader{nullptr, "payload"})->pattern.view(), "#");
  const Parsed tree = parse(R"({"path":"cabin/+"})");
  EXPECT_EQ(read_describe(JsonReader{tree.get(), "payload"})->pattern.view(), "cabin/+");
  expect_refused(read_describe, {
                                    {R"({"path":"a/"})", Reason::malformed, "payload.path"},
                                    {R"({"path":""})", Reason::malformed, "payload.path"},
                                    {R"({"path":["a"]})", Reason::malformed, "payload.path"},
                                });
}

TEST(Description, TellsEachKindOfChannel) {
  const Cabin cabin;
  const Parsed tree = parse(cabin.encode(Description{}, &cabin.principal));
  EXPECT_EQ(shown(tree, "payload.device"), R"({"id":"bench-1","title":"Bench"})");
  EXPECT_EQ(shown(tree, "payload.firmwareVersion"), R"("0.1.0")");
  EXPECT_EQ(shown(tree, "payload.epoch"), R"("e7f3")");
  EXPECT_EQ(shown(tree, "payload.limits.commandsInFlight"), "8");
  EXPECT_EQ(at(tree.get(), "payload.channels")->size(), std::size_t{Cabin::count});
  EXPECT_EQ(shown(tree, "payload.channels.0"),
            R"({"path":"cabin/temperature","title":"Air in the cabin","kind":"number","unit":"Cel",)"
            R"("range":[-40,85],"access":{"read":true,"control":false},"staleMs":10000,"version":1,)"
            R"("value":21.5,"quality":"good","at":1763683199123,"alarms":[)"
            R"({"name":"tooWarm","text":"Open a window","severity":"warning","above":21,"deadband":0.5,)"
            R"("onDelayMs":2000,"offDelayMs":1000,"acknowledge":true,"state":"active",)"
            R"("since":1763683199123,"offset":6},)"
            R"({"name":"blind","severity":"error","quality":"bad","acknowledge":false,"state":"normal"}]})");
  EXPECT_EQ(shown(tree, "payload.channels.1"),
            R"({"path":"cabin/heater","kind":"boolean","access":{"read":true,"control":true},)"
            R"("staleMs":10000,"version":1,"value":true,"quality":"good","at":1763683199123,)"
            R"("output":{"initial":false,"safe":false,"deadlineMs":1500}})");
  EXPECT_EQ(shown(tree, "payload.channels.2.output"),
            R"({"initial":20,"safe":0,"deadlineMs":2000,"feedback":{"channel":"cabin/temperature",)"
            R"("scale":0.5,"offset":3,"tolerance":2,"verifyMs":1000}})");
  EXPECT_EQ(shown(tree, "payload.channels.3.labels"), R"(["off","low","high"])");
  EXPECT_EQ(shown(tree, "payload.channels.3.output.safe"), R"("off")");
  EXPECT_EQ(shown(tree, "payload.channels.4.kind"), R"("text")");
}

TEST(Description, TellsHowAlarmsStand) {
  Cabin cabin;
  EXPECT_TRUE(cabin.alarms.acknowledge({Cabin::temperature, 0}, {"ann", "3-1", "192.0.2.7", {}}, cabin.now)
                  .has_value());
  cabin.put(Cabin::temperature, {21.5, device::Quality::stale, cabin.now});
  cabin.alarms.step(cabin.now);
  const Parsed tree = parse(cabin.encode(Description{"cabin/temperature"}, &cabin.principal));
  EXPECT_EQ(shown(tree, "payload.channels.0.alarms.0.state"), R"("acknowledged")");
  EXPECT_EQ(shown(tree, "payload.channels.0.alarms.0.since"), "1763683200123");
  EXPECT_EQ(shown(tree, "payload.channels.0.alarms.0.acknowledgedBy"), R"("ann")");
  EXPECT_EQ(shown(tree, "payload.channels.0.alarms.1.state"), R"("active")");
  cabin.channel(Cabin::temperature).declared_alarms[0].condition.test = device::Condition::Test::below;
  const Parsed below = parse(cabin.encode(Description{"cabin/temperature"}, &cabin.principal));
  EXPECT_EQ(shown(below, "payload.channels.0.alarms.0.below"), "21");
}

TEST(Description, ShowsOnlyWhatMayBeRead) {
  Cabin cabin;
  cabin.principal = {.name = "guest", .scope = *Scope::parse("read:cabin/fan control:cabin/heater")};
  const Parsed tree = parse(cabin.encode(Description{}, &cabin.principal));
  EXPECT_EQ(at(tree.get(), "payload.channels")->size(), 1U);
  EXPECT_EQ(shown(tree, "payload.channels.0.path"), R"("cabin/fan")");
  EXPECT_EQ(shown(tree, "payload.channels.0.access"), R"({"read":true,"control":false})");
  EXPECT_EQ(shown(tree, "payload.channels.0.output.feedback.channel"), "") << "its feedback may not be read";
  const Parsed stranger = parse(cabin.encode(Description{}));
  EXPECT_EQ(shown(stranger, "payload.channels"), "[]");
}

TEST(Description, KeepsToItsPattern) {
  const Cabin cabin;
  const Parsed tree = parse(cabin.encode(Description{"cabin/mode"}, &cabin.principal));
  EXPECT_EQ(at(tree.get(), "payload.channels")->size(), 1U);
  EXPECT_EQ(shown(tree, "payload.channels.0.path"), R"("cabin/mode")");
}

}  // namespace
}  // namespace signalbox::protocol
