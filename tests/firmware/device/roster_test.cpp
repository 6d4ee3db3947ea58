#include "device/roster.hpp"

#include <array>
#include <gtest/gtest.h>

#include "device/actuator.hpp"

namespace signalbox::device {
namespace {

int parts_alive = 0;
Value last_initial;

/// A part without hardware.
class Dummy : public Sensor {
 public:
  explicit Dummy(const PartSetup& setup) : refuses_{setup.settings.boolean(0)} {
    last_initial = setup.initial;
    ++parts_alive;
  }
  ~Dummy() override { --parts_alive; }
  Result<void> open() const {
    if (refuses_) return Error{Reason::not_found, "there is no such thing"};
    return {};
  }

 private:
  Instant do_step(Instant /*now*/, ReadingSink& /*sink*/) override { return kNever; }
  bool do_is_quiet() const override { return true; }

  bool refuses_;
};

class DummyOutput final : public Actuator {
 public:
  explicit DummyOutput(const PartSetup& setup) { last_initial = setup.initial; }
  static Result<void> open() { return {}; }

 private:
  Instant do_step(Instant /*now*/, ReadingSink& /*sink*/) override { return kNever; }
  bool do_is_quiet() const override { return true; }
  void do_drive(const Value& /*value*/, Instant /*deadline*/) override {}
  void do_withdraw() override {}
  hal::Completion do_driven() const override { return hal::Completion::idle; }
};

constexpr PartKind kDummy{
    .name = "dummy", .help = "", .settings = {}, .ports = {}, .construct = &construct_part<Dummy>};
constexpr PartKind kDummyOutput{.name = "dummyOutput",
                                .help = "",
                                .settings = {},
                                .ports = {},
                                .construct = &construct_part<DummyOutput>};

class RosterTest : public testing::Test {
 protected:
  Part& add_part(const PartKind& kind, std::string_view name) {
    Part& part = *roster.add_part();
    part.kind = &kind;
    part.name = name;
    return part;
  }
  Channel& add_channel(std::string_view path) {
    Channel& channel = *roster.add_channel();
    channel.path = path;
    return channel;
  }

  std::array<Channel, 4> channels;
  std::array<Part, 3> parts;
  Roster roster{channels, parts};
  hal::Platform::Ports ports{};
};

TEST_F(RosterTest, HoldsNoMoreThanItWasLent) {
  for (int i = 0; i < 4; ++i) EXPECT_NE(roster.add_channel(), nullptr);
  EXPECT_EQ(roster.add_channel(), nullptr);
  for (int i = 0; i < 3; ++i) EXPECT_NE(roster.add_part(), nullptr);
  EXPECT_EQ(roster.add_part(), nullptr);
  EXPECT_EQ(roster.channels().size(), 4U);
  EXPECT_EQ(roster.parts().size(), 3U);
  EXPECT_EQ(roster.channels_max(), 4U);
  EXPECT_EQ(roster.parts_max(), 3U);
}

TEST_F(RosterTest, FindsChannelsByPathAndPattern) {
  add_channel("cabin/air");
  add_channel("cabin/fan");
  add_channel("tank");
  EXPECT_EQ(roster.find("cabin/fan"), 1);
  EXPECT_EQ(roster.find("cabin"), kNoChannel);
  EXPECT_EQ(roster.matching("cabin/#").to_string().substr(kChannelsCeiling - 3), "011");
  EXPECT_EQ(roster.matching("#").count(), 3U);
  EXPECT_TRUE(roster.matching("engine/#").none());
}

TEST_F(RosterTest, StartsAndStopsEveryPart) {
  add_part(kDummy, "a");
  add_part(kDummy, "b");
  ASSERT_TRUE(roster.start(ports).has_value());
  EXPECT_EQ(parts_alive, 2);
  roster.stop();
  EXPECT_EQ(parts_alive, 0);
  roster.stop();
  ASSERT_TRUE(roster.start(ports).has_value());
  EXPECT_EQ(parts_alive, 2);
  roster.stop();
}

TEST_F(RosterTest, NamesThePartThatCannotStartAndLeavesNoneBehind) {
  add_part(kDummy, "a");
  add_part(kDummy, "b").settings.values[0] = true;
  add_part(kDummy, "c");
  const Result<void> started = roster.start(ports);
  ASSERT_FALSE(started.has_value());
  EXPECT_EQ(started.error().detail.view(), "part b (dummy): there is no such thing");
  EXPECT_EQ(parts_alive, 0);
  EXPECT_EQ(roster.parts()[0].sensor, nullptr);
}

TEST_F(RosterTest, HandsOutputsTheirInitialValueUncalibrated) {
  Part& part = add_part(kDummyOutput, "valve");
  Channel& channel = add_channel("valve");
  channel.scale = 2.0;
  channel.offset = 10.0;
  channel.output = OutputRules{.initial = 50.0, .safe = 10.0, .command_deadline = from_ms(1), .feedback = {}};
  part.channels[0] = 0;
  ASSERT_TRUE(roster.start(ports).has_value());
  EXPECT_EQ(last_initial, Value{20.0});
}

TEST_F(RosterTest, KnowsWhoMovesAnOutput) {
  Part& part = add_part(kDummyOutput, "valve");
  Channel& output = add_channel("valve");
  output.output = OutputRules{};
  part.channels[0] = 0;
  add_channel("flow");
  EXPECT_EQ(roster.actuator(0), nullptr);  // not started
  ASSERT_TRUE(roster.start(ports).has_value());
  EXPECT_EQ(roster.actuator(0), part.sensor->actuator());
  EXPECT_NE(roster.actuator(0), nullptr);
  EXPECT_EQ(roster.actuator(1), nullptr);
  EXPECT_EQ(roster.actuator(2), nullptr);
  EXPECT_EQ(roster.actuator(kNoChannel), nullptr);
}

}  // namespace
}  // namespace signalbox::device
