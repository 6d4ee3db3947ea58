#include "protocol/messages/missed.hpp"

#include <gtest/gtest.h>

#include "firmware/protocol/cabin.hpp"
#include "firmware/protocol/tree.hpp"

namespace signalbox::protocol {
namespace {

std::string payload(const Cabin& cabin, const Missed& missed) {
  return shown(parse(cabin.encode(missed)), "payload");
}

TEST(Missed, TellsTheSamplesOfItsWindowByOffset) {
  const Cabin cabin;  // offsets 1 to 4: temperature, heater, mode, note
  Missed missed{.id = "a", .recovery = {.channels = 0b01011, .after = 0, .until = 4}, .upto = 3};
  EXPECT_EQ(payload(cabin, missed),
            R"({"id":"a","epoch":"e7f3","offset":3,"samples":[)"
            R"({"channel":"cabin/temperature","offset":1,"value":21.5,"quality":"good","at":1763683199123},)"
            R"({"channel":"cabin/heater","offset":2,"value":true,"quality":"good","at":1763683199123},)"
            R"({"channel":"cabin/mode","offset":3,"value":"high","quality":"good","at":1763683199123}]})");
  missed.recovery.after = 3;
  missed.upto = 4;
  EXPECT_EQ(payload(cabin, missed), R"({"id":"a","epoch":"e7f3","offset":4,"samples":[]})");
}

TEST(Missed, TellsWhatIsLost) {
  Cabin cabin;
  for (int i = 0; i < 9; ++i) cabin.put(Cabin::heater, i % 2 == 0);  // eight are kept: 6 to 13
  const Missed missed{.id = "a", .recovery = {.channels = 0b00010, .after = 1, .until = 13}, .upto = 6};
  EXPECT_EQ(
      payload(cabin, missed),
      R"({"id":"a","epoch":"e7f3","offset":6,"gaps":[{"channel":"cabin/heater","from":2,"to":5}],"samples":[)"
      R"({"channel":"cabin/heater","offset":6,"value":false,"quality":"good","at":1763683199123}]})");
}

TEST(Missed, OfAnotherEpochHasNoOffsets) {
  const Cabin cabin;
  const Missed missed{
      .id = "a", .recovery = {.channels = 0b01001, .after = 0, .until = 4, .foreign = true}, .upto = 4};
  EXPECT_EQ(
      payload(cabin, missed),
      R"({"id":"a","epoch":"e7f3","offset":4,"gaps":[{"channel":"cabin/temperature","from":null,"to":null},)"
      R"({"channel":"cabin/mode","from":null,"to":null}],"samples":[]})");
}

}  // namespace
}  // namespace signalbox::protocol
