#include "protocol/messages/resume.hpp"

#include <gtest/gtest.h>

#include "firmware/protocol/bad_payload.hpp"

namespace signalbox::protocol {
namespace {

TEST(Resume, ReadsAndRefuses) {
  const Parsed tree = parse(R"({"session":"3-1","sessionToken":"abc"})");
  const Result<Resume> resume = read_resume(JsonReader{tree.get(), "payload"});
  ASSERT_TRUE(resume.has_value());
  EXPECT_EQ(resume->session.view(), "3-1");
  EXPECT_EQ(resume->token.view(), "abc");
  EXPECT_FALSE(resume->offset.has_value());
  const Parsed with_offset = parse(R"({"session":"3-1","sessionToken":"abc","offset":"9007199254740993"})");
  EXPECT_EQ(read_resume(JsonReader{with_offset.get(), "payload"})->offset, 9007199254740993U);
  const std::string long_token = R"({"session":"3-1","sessionToken":)" + quoted(44) + "}";
  expect_refused(
      read_resume,
      {
          {R"({"sessionToken":"a"})", Reason::malformed, "payload.session"},
          {R"({"session":7,"sessionToken":"a"})", Reason::malformed, "payload.session"},
          {R"({"session":"3-1"})", Reason::malformed, "payload.sessionToken"},
          {R"({"session":"3-1","sessionToken":"a","offset":-1})", Reason::out_of_range, "payload.offset"},
          {long_token.c_str(), Reason::too_big, "payload.sessionToken"},
      });
}

}  // namespace
}  // namespace signalbox::protocol
