#include "device/device_file_condition.hpp"

#include "firmware/device/device_file_bench.hpp"

namespace signalbox::device {
namespace {

/// A file whose stop is this condition.
std::string stopped_by(std::string_view condition) {
  std::string text{kRightFile};
  text.insert(text.rfind('}'), ", \"stop\": {" + std::string{condition} + "}");
  return text;
}

TEST(DeviceFileCondition, FitsTheKindOfWhatItWatches) {
  DeviceFileBench bench;
  const auto mistake = bench.read(stopped_by(R"("channel": "cabin/temperature", "above": 59.5)"));
  ASSERT_FALSE(mistake.has_value()) << mistake->text().view();
  EXPECT_EQ(bench.roster.stop_input->channel, bench.roster.find("cabin/temperature"));
  EXPECT_EQ(bench.roster.stop_input->test, Condition::Test::above);
  EXPECT_EQ(bench.roster.stop_input->limit, 59.5);
  DeviceFileBench texts;
  ASSERT_FALSE(texts.read(stopped_by(R"("channel": "sign/text", "is": "fire")")).has_value());
  EXPECT_EQ(texts.roster.stop_input->value, Value{Text{"fire"}});
}

TEST(DeviceFileCondition, TellsWhatWouldBeRight) {
  struct Slip {
    std::string_view condition;
    std::string_view member;
    std::string_view expected;  ///< the beginning
  };
  for (const Slip& slip : {
           Slip{R"("is": true)", "stop.channel", "the path of a channel"},
           Slip{R"("channel": "attic", "is": true)", "stop.channel", "the path of a channel"},
           Slip{R"("channel": "cabin/sense")", "stop.is", "exactly one of is, below, above"},
           Slip{R"("channel": "cabin/sense", "below": 1)", "stop.below", "is: only numbers"},
           Slip{R"("channel": "cabin/temperature", "below": 1, "above": 2)", "stop.above", "exactly one of"},
           Slip{R"("channel": "cabin/temperature", "below": 61)", "stop.below", "a number from -20 to 60"},
           Slip{R"("channel": "sign/text", "is": 1)", "stop.is", "a text"},
       }) {
    DeviceFileBench bench;
    const auto mistake = bench.read(stopped_by(slip.condition));
    ASSERT_TRUE(mistake.has_value()) << slip.condition;
    EXPECT_EQ(mistake->member.view(), slip.member) << mistake->text().view();
    EXPECT_TRUE(mistake->expected.view().starts_with(slip.expected)) << mistake->text().view();
  }
}

}  // namespace
}  // namespace signalbox::device
