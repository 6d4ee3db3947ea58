#include "protocol/messages/telemetry.hpp"

#include <array>
#include <gtest/gtest.h>
#include <limits>

#include "firmware/protocol/cabin.hpp"
#include "firmware/protocol/tree.hpp"

namespace signalbox::protocol {
namespace {

TEST(Fold, KeepsTheExtremesAndCounts) {
  Fold fold;
  fold.add(3);
  fold.add(-1);
  fold.add(2);
  EXPECT_EQ(fold.min, -1);
  EXPECT_EQ(fold.max, 3);
  EXPECT_EQ(fold.count, 3U);
}

TEST(Fold, WhatHasNoNumberIsCountedOnly) {
  Fold fold;
  fold.add_without_number();
  EXPECT_EQ(fold.numbers, 0U);
  fold.add(7);
  fold.add_without_number();
  EXPECT_EQ(fold.min, 7);
  EXPECT_EQ(fold.max, 7);
  EXPECT_EQ(fold.count, 3U);
}

TEST(Telemetry, WritesASampleOfEveryKind) {
  const Cabin cabin;
  Telemetry telemetry;
  telemetry.channels.set();
  EXPECT_EQ(
      cabin.encode(telemetry),
      R"({"type":"telemetry","timestamp":1763683200123,"payload":{"epoch":"e7f3","offset":4,"samples":[)"
      R"({"channel":"cabin/temperature","value":21.5,"quality":"good","at":1763683199123},)"
      R"({"channel":"cabin/heater","value":true,"quality":"good","at":1763683199123},)"
      R"({"channel":"cabin/fan","value":null,"quality":"stale","at":null},)"
      R"({"channel":"cabin/mode","value":"high","quality":"good","at":1763683199123},)"
      R"({"channel":"cabin/note","value":"door \"A\"","quality":"good","at":1763683199123}]}})");
}

TEST(Telemetry, TellsWhatWasFolded) {
  const Cabin cabin;
  std::array<Fold, 2> folds{Fold{20, 21.5, 7, 7}, Fold{0, 1, 2, 2}};
  Telemetry telemetry{{}, folds};
  telemetry.channels.set(Cabin::temperature).set(Cabin::heater).set(Cabin::mode);
  const Parsed tree = parse(cabin.encode(telemetry));
  EXPECT_EQ(shown(tree, "payload.samples.0"),
            R"({"channel":"cabin/temperature","value":21.5,"quality":"good","at":1763683199123,)"
            R"("min":20,"max":21.5,"count":7})");
  EXPECT_EQ(shown(tree, "payload.samples.1"),
            R"({"channel":"cabin/heater","value":true,"quality":"good","at":1763683199123,"count":2})");
  EXPECT_EQ(shown(tree, "payload.samples.2.count"), "");
  EXPECT_EQ(shown(tree, "payload.folded"), "9");
}

TEST(Telemetry, MakesUpNoExtremesOfWhatWasNeverRead) {
  const Cabin cabin;
  std::array<Fold, 3> folds{};
  folds[Cabin::fan].add_without_number();
  Telemetry telemetry{{}, folds};
  telemetry.channels.set(Cabin::fan);
  const Parsed tree = parse(cabin.encode(telemetry));
  EXPECT_EQ(shown(tree, "payload.samples.0"),
            R"({"channel":"cabin/fan","value":null,"quality":"stale","at":null,"count":1})");
}

TEST(Telemetry, WhatIsReadNoMoreAddsNothingToTheExtremes) {
  const Cabin cabin;
  std::array<Fold, 3> folds{};
  folds[Cabin::fan].add(7);  // before the device file was reloaded; the fan has no reading now
  Telemetry telemetry{{}, folds};
  telemetry.channels.set(Cabin::fan);
  const Parsed tree = parse(cabin.encode(telemetry));
  EXPECT_EQ(shown(tree, "payload.samples.0"),
            R"({"channel":"cabin/fan","value":null,"quality":"stale","at":null,"min":7,"max":7,"count":1})");
}

TEST(Telemetry, WritesNullForWhatJsonCannotHold) {
  Cabin cabin;
  cabin.put(Cabin::temperature, std::numeric_limits<double>::quiet_NaN());
  cabin.put(Cabin::mode, device::EnumIndex{3});
  Telemetry telemetry;
  telemetry.channels.set(Cabin::temperature).set(Cabin::mode);
  const Parsed tree = parse(cabin.encode(telemetry));
  EXPECT_EQ(shown(tree, "payload.samples.0.value"), "null");
  EXPECT_EQ(shown(tree, "payload.samples.1.value"), "null");
}

}  // namespace
}  // namespace signalbox::protocol
