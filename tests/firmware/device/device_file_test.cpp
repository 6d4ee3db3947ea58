#include "device/device_file.hpp"

#include "firmware/base/no_documents.hpp"
#include "firmware/device/device_file_bench.hpp"

namespace signalbox::device {
namespace {

TEST(DeviceFile, TakesARightFile) {
  DeviceFileBench bench;
  const auto mistake = bench.read(kRightFile);
  ASSERT_FALSE(mistake.has_value()) << mistake->text().view();
  EXPECT_EQ(bench.roster.id.view(), "bench-1");
  EXPECT_EQ(bench.roster.title.view(), "A bench");
  EXPECT_EQ(bench.roster.parts().size(), 5U);
  EXPECT_EQ(bench.roster.channels().size(), 6U);
}

TEST(DeviceFile, ResolvesFeedbackThatIsDeclaredLater) {
  DeviceFileBench bench;
  ASSERT_FALSE(bench.read(kRightFile).has_value());
  const auto& feedback = bench.channel("cabin/heater").output->feedback;
  ASSERT_TRUE(feedback.has_value());
  EXPECT_EQ(feedback->channel, bench.roster.find("cabin/sense"));
  EXPECT_EQ(feedback->scale, 2.0);
  EXPECT_EQ(feedback->offset, -1.0);
  EXPECT_EQ(feedback->tolerance, 0.5);
  EXPECT_EQ(feedback->within, from_ms(800));
}

TEST(DeviceFile, TellsSyntaxMistakesWithLineAndColumn) {
  DeviceFileBench bench;
  const auto mistake = bench.read(edited("\"bus\": 1,", "\"bus\": 1;"));
  ASSERT_TRUE(mistake.has_value());
  EXPECT_EQ(mistake->text().view(), "line 4, column 47: found `;`; expected `,` or `}` after a member");
  EXPECT_EQ(bench.read("")->text().view().substr(0, 40), "line 1, column 1: found the end of the f");
}

TEST(DeviceFile, TellsMistakesAtTheTop) {
  for (const Edit& edit : std::vector<Edit>{
           {"\"device\":", "\"devise\":", 2, "devise", "an unknown member",
            "one of device, parts, stop (did you mean device?)"},
           {"\"parts\": [", "\"device\": {}, \"parts\": [", 3, "device", "this member a second time",
            "it once only (the first is in line 2)"},
           {"\"id\": \"bench-1\", ", "", 2, "device.id", "nothing", "the device's id: letters"},
           {"\"bench-1\"", "\"bench 1\"", 2, "device.id", "\"bench 1\"", "the device's id: letters"},
           {"\"bench-1\"", "\"a/b\"", 2, "device.id", "\"a/b\"", "the device's id: letters"},
           {"\"bench-1\"", "17", 2, "device.id", "17", "a text: the device's id"},
           {"\"bench-1\"", "\"b234567890123456789012345678901234567890\"", 2, "device.id",
            "a text of 40 bytes", "at most 31: the device's id"},
           {"\"A bench\"", "true", 2, "device.title", "true", "a text: the device's title"},
           {"\"title\": \"A bench\"", "\"name\": \"A bench\"", 2, "device.name", "an unknown member",
            "one of id, title"},
           {"{\"id\": \"bench-1\", \"title\": \"A bench\"}", "\"bench\"", 2, "device", "\"bench\"",
            "an object in braces"},
       })
    expect_told(edit);
}

TEST(DeviceFile, TellsWhatTheTopLacks) {
  DeviceFileBench bench;
  EXPECT_EQ(bench.read("[]")->text().view(),
            "line 1, column 1: found an empty list; expected an object in braces");
  EXPECT_EQ(bench.read("{}")->text().view(),
            "line 1, device: found nothing; expected an object with the device's id");
  EXPECT_EQ(bench.read("\n{\"device\": {\"id\": \"a\"}}")->text().view(),
            "line 2, parts: found nothing; expected a list of parts in brackets");
  EXPECT_EQ(bench.read("{\"device\": {\"id\": \"a\"},\n\"parts\": []}")->text().view(),
            "line 2, parts: found an empty list; expected a list of parts in brackets");
  EXPECT_EQ(bench.read("{\"device\": {\"id\": \"a\"},\n\"parts\": {}}")->text().view(),
            "line 2, parts: found an empty object; expected a list of parts in brackets");
}

TEST(DeviceFile, TellsAFileThatIsTooBig) {
  DeviceFileBench bench;
  const std::string text(kDeviceFileBytesMax + 1, ' ');
  EXPECT_EQ(bench.read(text)->text().view(), "the file: found 65537 bytes; expected at most 65536");
  EXPECT_EQ(bench.read({text.data(), kDeviceFileBytesMax})->line, 1U);  // only empty
}

TEST(DeviceFile, TellsMemoryThatIsUsedUp) {
  DeviceFileBench bench;
  const auto mistake = bench.read(json_of(JsonDocument::kValuesMax + 1));
  ASSERT_TRUE(mistake.has_value());
  EXPECT_EQ(mistake->line, 0U);
  EXPECT_EQ(mistake->expected.view(), "a smaller file: the memory for JSON is used up");
}

TEST(DeviceFile, FindsTheLineOfANameWithEscapes) {
  DeviceFileBench bench;
  const auto mistake = bench.read(edited("\"device\":", "\"devi\\u0073e\":"));
  ASSERT_TRUE(mistake.has_value());
  EXPECT_EQ(mistake->line, 2U);
  EXPECT_EQ(mistake->member.view(), "devise");
}

TEST(DeviceFile, SurvivesEveryPrefixAndEveryByteLost) {
  for (std::size_t size = 0; size < kRightFile.size(); ++size) {
    DeviceFileBench bench;
    EXPECT_TRUE(bench.read(kRightFile.substr(0, size)).has_value()) << size;
  }
  for (std::size_t lost = 0; lost < kRightFile.size(); ++lost) {
    std::string text{kRightFile};
    text.erase(lost, 1);
    DeviceFileBench bench;
    const auto mistake = bench.read(text);
    EXPECT_TRUE(!mistake.has_value() || mistake->line > 0) << lost;
  }
}

}  // namespace
}  // namespace signalbox::device
