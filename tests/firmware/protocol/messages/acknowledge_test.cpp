#include "protocol/messages/acknowledge.hpp"

#include <gtest/gtest.h>

#include "firmware/protocol/bad_payload.hpp"

namespace signalbox::protocol {
namespace {

TEST(Acknowledge, NamesTheEventThatRaisedIt) {
  const Parsed tree = parse(R"({"offset":41})");
  EXPECT_EQ(read_acknowledge(JsonReader{tree.get(), "payload"})->offset, 41U);
  const Parsed huge = parse(R"({"offset":"9007199254740993"})");
  EXPECT_EQ(read_acknowledge(JsonReader{huge.get(), "payload"})->offset, 9'007'199'254'740'993U);
  expect_refused(read_acknowledge, {
                                       {"{}", Reason::malformed, "payload.offset"},
                                       {R"({"offset":-1})", Reason::out_of_range, "payload.offset"},
                                       {R"({"offset":1.5})", Reason::malformed, "payload.offset"},
                                       {R"({"offset":true})", Reason::malformed, "payload.offset"},
                                   });
}

}  // namespace
}  // namespace signalbox::protocol
