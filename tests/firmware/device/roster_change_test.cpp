#include "device/roster_change.hpp"

#include <array>
#include <gtest/gtest.h>
#include <string>
#include <vector>

#include "device/device_file.hpp"
#include "drivers/catalogue.hpp"

namespace signalbox::device {
namespace {

using Indices = std::vector<std::size_t>;

template <typename Set>
Indices indices(const Set& set) {
  Indices found;
  for (std::size_t i = 0; i < set.size(); ++i)
    if (set.test(i)) found.push_back(i);
  return found;
}

class RosterChangeTest : public testing::Test {
 protected:
  enum : ChannelIndex { kAir, kHeater, kContact, kFan, kNew };
  // The pieces of the file; a test changes one.
  std::string air = R"({"kind":"tmp102","bus":1,"channels":{"temperature":{"path":"air"}}})";
  std::string heater = R"({"kind":"relay","line":"heater","channels":{"state":{"path":"heater","safe":false,
      "baton":"one","interlocks":[{"channel":"contact","is":true}]}}})";
  std::string contact =
      R"({"kind":"digitalInput","line":"heater-sense","channels":{"state":{"path":"contact"}}})";
  std::string fan =
      R"({"kind":"pwmFan","output":"fan","channels":{"duty":{"path":"fan","safe":0,"baton":"two",
      "feedback":{"channel":"air"},"override":{"channel":"contact","is":true,"value":100}}}})";
  std::string more;
  std::string stop;

  std::string file() const {
    std::string all;
    for (const std::string& part : {air, heater, contact, fan, more})
      if (!part.empty()) all += (all.empty() ? "" : ",") + part;
    return R"({"device":{"id":"d"},"parts":[)" + all + "]" + stop + "}";
  }
  static void read(const std::string& text, Roster& roster) {
    const auto mistake = read_device_file(text, drivers::catalogue(), roster);
    ASSERT_FALSE(mistake.has_value()) << mistake->text().view();
  }
  RosterChangeTest() { read(file(), live); }

  Result<RosterChange> prepare() {
    next.clear();
    read(file(), next);
    return RosterChange::prepare(live, next);
  }
  RosterChange change() {
    const Result<RosterChange> prepared = prepare();
    EXPECT_TRUE(prepared.has_value());
    return *prepared;
  }
  /// Changes one place of a piece.
  static void edit(std::string& piece, std::string_view from, std::string_view to) {
    const std::size_t at = piece.find(from);
    ASSERT_NE(at, std::string::npos) << from;
    piece.replace(at, from.size(), to);
  }
  std::string_view path(ChannelIndex index) { return live.channels()[index].path; }

  std::array<Channel, 6> channels{};
  std::array<Channel, 6> next_channels{};
  std::array<Part, 5> parts{};
  std::array<Part, 5> next_parts{};
  Roster live{channels, parts};
  Roster next{next_channels, next_parts};
};

TEST_F(RosterChangeTest, TheSameFileChangesNothing) {
  const RosterChange same = change();
  EXPECT_TRUE(same.unsettled().none());
  EXPECT_TRUE(same.redeclared().none());
  EXPECT_TRUE(same.unread().none());
  EXPECT_TRUE(same.leaving().none());
  EXPECT_TRUE(same.arriving().none());
  EXPECT_TRUE(same.batons().none());
}

TEST_F(RosterChangeTest, AnotherOrderChangesNothing) {
  std::swap(air, fan);
  std::swap(heater, contact);
  RosterChange same = change();
  EXPECT_EQ(indices(same.unsettled()), Indices{});
  EXPECT_EQ(indices(same.redeclared()), Indices{});
  EXPECT_EQ(indices(same.arriving()), Indices{});
  same.exchange();
  EXPECT_EQ(path(kAir), "air");
  EXPECT_EQ(live.channels()[kHeater].output->interlocks[0].channel, kContact);
  EXPECT_EQ(live.channels()[kFan].output->feedback->channel, kAir);
  EXPECT_EQ(live.batons()[live.channels()[kFan].output->baton].view(), "two");
}

TEST_F(RosterChangeTest, ATitleIsReplacedInPlace) {
  edit(heater, R"("path")", R"("title":"Warmth","path")");
  RosterChange titled = change();
  EXPECT_EQ(indices(titled.redeclared()), Indices{kHeater});
  EXPECT_TRUE(titled.unsettled().none());
  EXPECT_TRUE(titled.unread().none());
  EXPECT_TRUE(titled.leaving().none());
  titled.exchange();
  EXPECT_EQ(live.channels()[kHeater].title.view(), "Warmth");
  titled.exchange();
  EXPECT_EQ(live.channels()[kHeater].title.view(), "") << "a second time puts it back";
}

TEST_F(RosterChangeTest, OtherRulesOfAnOutputMakeItUnsettled) {
  edit(heater, R"("is":true)", R"("is":false)");
  EXPECT_EQ(indices(change().unsettled()), Indices{kHeater});
  edit(fan, R"("path")", R"("range":[0,50],"path")");
  edit(fan, R"("value":100)", R"("value":50)");
  const RosterChange both = change();
  EXPECT_EQ(indices(both.unsettled()), (Indices{kHeater, kFan}));
  EXPECT_TRUE(both.leaving().none()) << "their drivers stay";
}

TEST_F(RosterChangeTest, OtherSettingsMakeAnotherPart) {
  edit(heater, R"("heater","channels")", R"("heater","activeLow":true,"channels")");
  edit(air, R"("bus":1)", R"("bus":1,"periodMs":70)");
  const RosterChange other = change();
  EXPECT_EQ(indices(other.unsettled()), Indices{kHeater});
  EXPECT_EQ(indices(other.leaving()), (Indices{0, 1}));
  EXPECT_EQ(indices(other.arriving()), (Indices{0, 1}));
  EXPECT_EQ(indices(other.unread()), (Indices{kAir, kHeater}));
}

TEST_F(RosterChangeTest, ACalibrationMakesWhatIsKnownWorthless) {
  edit(air, R"("path")", R"("calibration":{"offset":-1},"path")");
  const RosterChange calibrated = change();
  EXPECT_EQ(indices(calibrated.unread()), Indices{kAir});
  EXPECT_TRUE(calibrated.leaving().none());
}

TEST_F(RosterChangeTest, WhatIsGoneKeepsItsPlaceAndIsNotFound) {
  fan.clear();
  RosterChange less = change();
  EXPECT_EQ(indices(less.unsettled()), Indices{kFan});
  EXPECT_EQ(indices(less.unread()), Indices{kFan});
  EXPECT_EQ(indices(less.leaving()), Indices{3});
  EXPECT_EQ(indices(less.batons()), Indices{1});
  less.exchange();
  EXPECT_EQ(live.channels().size(), 4U);
  EXPECT_EQ(live.find("fan"), kNoChannel);
  EXPECT_EQ(indices(live.matching("#")), (Indices{kAir, kHeater, kContact}));
  EXPECT_TRUE(live.channels()[kFan].gone);
  EXPECT_FALSE(live.channels()[kFan].is_output());
  EXPECT_EQ(path(kFan), "fan") << "what refers to it can still say its name";
  EXPECT_EQ(live.find_baton("two"), kNoBaton);
  less.exchange();
  EXPECT_EQ(live.find("fan"), kFan);
  EXPECT_EQ(live.find_baton("two"), 1);
}

TEST_F(RosterChangeTest, WhatComesBackIsNew) {
  const std::string kept = fan;
  fan.clear();
  RosterChange less = change();
  less.exchange();
  fan = kept;
  RosterChange more_again = change();
  EXPECT_EQ(indices(more_again.redeclared()), Indices{kNew});
  EXPECT_EQ(indices(more_again.arriving()), Indices{3}) << "a part's place is used again";
  more_again.exchange();
  EXPECT_EQ(live.find("fan"), kNew);
  EXPECT_EQ(live.channels()[kNew].output->feedback->channel, kAir);
  EXPECT_EQ(live.batons()[live.channels()[kNew].output->baton].view(), "two");
}

TEST_F(RosterChangeTest, AnotherMeaningIsAnotherChannel) {
  edit(air, R"("path")", R"("unit":"K","path")");
  RosterChange other = change();
  EXPECT_EQ(indices(other.redeclared()), (Indices{kAir, kFan, kNew})) << "the fan's feedback is another one";
  EXPECT_EQ(indices(other.unsettled()), Indices{kFan});
  other.exchange();
  EXPECT_EQ(live.find("air"), kNew);
  EXPECT_TRUE(live.channels()[kAir].gone);
  EXPECT_EQ(live.channels()[kFan].output->feedback->channel, kNew);
}

TEST_F(RosterChangeTest, APathThatMovesToAnotherPartIsReadAnew) {
  edit(contact, R"("path":"contact")", R"("path":"door")");
  more = R"({"kind":"digitalInput","line":"door","channels":{"state":{"path":"contact"}}})";
  RosterChange moved = change();
  EXPECT_EQ(indices(moved.leaving()), Indices{2});
  EXPECT_EQ(indices(moved.arriving()).size(), 2U);
  EXPECT_EQ(indices(moved.unread()), (Indices{kContact, kNew}));
  EXPECT_TRUE(moved.unsettled().none()) << "rules that name it say what they said";
  moved.exchange();
  EXPECT_EQ(live.find("door"), kNew);
  const Part& measures = live.parts()[live.channels()[kContact].part];
  EXPECT_EQ(measures.settings.text(0), "door");
  EXPECT_EQ(measures.channels[0], kContact);
}

TEST_F(RosterChangeTest, TheStopInputFollowsItsChannel) {
  std::swap(air, contact);
  stop = R"(,"stop":{"channel":"contact","is":true})";
  RosterChange stopping = change();
  stopping.exchange();
  ASSERT_TRUE(live.stop_input.has_value());
  EXPECT_EQ(live.stop_input->channel, kContact);
}

TEST_F(RosterChangeTest, BatonsKeepTheirPlaceByName) {
  edit(heater, R"("one")", R"("three")");
  RosterChange other = change();
  EXPECT_EQ(indices(other.batons()), Indices{0});
  EXPECT_EQ(indices(other.unsettled()), Indices{kHeater});
  other.exchange();
  EXPECT_EQ(live.find_baton("one"), kNoBaton);
  EXPECT_EQ(live.find_baton("three"), 0);
  EXPECT_EQ(live.find_baton("two"), 1);
}

TEST_F(RosterChangeTest, PlacesAreNeverUsedTwice) {
  for (const char* path : {"a", "b"}) {
    air = std::string{R"({"kind":"tmp102","bus":1,"channels":{"temperature":{"path":")"} + path + R"("}}})";
    edit(fan, fan.find(R"("air")") != std::string::npos ? R"("air")" : R"("a")",
         '"' + std::string{path} + '"');
    change().exchange();
  }
  EXPECT_EQ(live.find("b"), 5);
  more = R"({"kind":"digitalInput","line":"door","channels":{"state":{"path":"door"}}})";
  const Result<RosterChange> prepared = prepare();
  ASSERT_FALSE(prepared.has_value());
  EXPECT_EQ(prepared.error().reason, Reason::too_big);
  EXPECT_EQ(
      prepared.error().detail.view(),
      "channels that are new need places of their own until the device restarts: 1 more than the 6 there "
      "are; restart it");
  EXPECT_EQ(live.find("b"), 5) << "nothing was touched";
}

}  // namespace
}  // namespace signalbox::device
