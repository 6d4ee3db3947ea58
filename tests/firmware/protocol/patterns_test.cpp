#include "protocol/patterns.hpp"

#include <gtest/gtest.h>

#include "firmware/protocol/bad_payload.hpp"

namespace signalbox::protocol {
namespace {

TEST(Patterns, AreAsManyAsWereGiven) {
  const Parsed tree = parse(R"({"paths":["cabin/#","+/power"]})");
  const Result<Patterns> patterns = read_patterns(JsonReader{tree.get(), "payload"});
  ASSERT_TRUE(patterns.has_value());
  ASSERT_EQ(patterns->all().size(), 2U);
  EXPECT_EQ(patterns->all()[0].view(), "cabin/#");
  EXPECT_EQ(patterns->all()[1].view(), "+/power");
}

TEST(Patterns, RefusesWhatIsNone) {
  const std::string long_path = "{\"paths\":[" + quoted(48) + "]}";
  expect_refused(read_patterns,
                 {
                     {"{}", Reason::malformed, "payload.paths"},
                     {R"({"paths":[]})", Reason::malformed, "payload.paths"},
                     {R"({"paths":"#"})", Reason::malformed, "payload.paths"},
                     {R"({"paths":["a","b","c","d","e","f","g","h","i"]})", Reason::too_big, "payload.paths"},
                     {R"({"paths":["a",null]})", Reason::malformed, "payload.paths[1]"},
                     {R"({"paths":["#/a"]})", Reason::malformed, "payload.paths[0]"},
                     {long_path.c_str(), Reason::too_big, "payload.paths[0]"},
                 });
}

}  // namespace
}  // namespace signalbox::protocol
