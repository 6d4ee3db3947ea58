#include "protocol/messages/reload.hpp"

#include <gtest/gtest.h>

#include "firmware/protocol/tree.hpp"
#include "protocol/json_reader.hpp"

namespace signalbox::protocol {
namespace {

TEST(ReadReload, TakesNothingAndIgnoresTheRest) {
  for (const char* payload : {"{}", R"({"file":"other.json"})"}) {
    const Parsed tree = parse(payload);
    EXPECT_TRUE(read_reload(JsonReader{tree.get(), "payload"}).has_value()) << payload;
  }
}

}  // namespace
}  // namespace signalbox::protocol
