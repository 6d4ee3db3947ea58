#include "protocol/messages/authenticate.hpp"

#include <gtest/gtest.h>

#include "firmware/protocol/bad_payload.hpp"

namespace signalbox::protocol {
namespace {

TEST(Authenticate, ReadsTheToken) {
  const Parsed tree = parse(R"({"token":"s3cret","more":1})");
  const Result<Authenticate> request = read_authenticate(JsonReader{tree.get(), "payload"});
  ASSERT_TRUE(request.has_value());
  EXPECT_EQ(request->token, "s3cret");
}

TEST(Authenticate, RefusesWhatIsNoToken) {
  const std::string long_token = "{\"token\":" + quoted(1024) + "}";
  expect_refused(read_authenticate, {
                                        {"{}", Reason::malformed, "payload.token"},
                                        {R"({"token":""})", Reason::malformed, "payload.token"},
                                        {R"({"token":null})", Reason::malformed, "payload.token"},
                                        {R"({"token":7})", Reason::malformed, "payload.token"},
                                        {R"({"Token":"x"})", Reason::malformed, "payload.token"},
                                        {long_token.c_str(), Reason::too_big, "payload.token"},
                                    });
}

}  // namespace
}  // namespace signalbox::protocol
