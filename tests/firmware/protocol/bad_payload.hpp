#pragma once

#include <gtest/gtest.h>
#include <initializer_list>

#include "firmware/protocol/tree.hpp"
#include "protocol/json_reader.hpp"

namespace signalbox::protocol {

/// A payload that must be refused, and how.
struct BadPayload {
  const char* text;
  Reason reason;
  const char* field;
};

template <typename T>
void expect_refused(Result<T> (*read)(const JsonReader&), std::initializer_list<BadPayload> payloads) {
  for (const BadPayload& bad : payloads) {
    const Parsed tree = parse(bad.text);
    ASSERT_NE(tree, nullptr) << bad.text;
    const Result<T> result = read(JsonReader{tree.get(), "payload"});
    ASSERT_FALSE(result.has_value()) << bad.text;
    EXPECT_EQ(result.error().reason, bad.reason) << bad.text;
    EXPECT_EQ(result.error().field.view(), bad.field) << bad.text;
    EXPECT_NE(result.error().detail.view().find("expected"), std::string_view::npos)
        << bad.text << " is told: " << result.error().detail.view();
  }
}

/// Text of `size` bytes in quotes.
inline std::string quoted(std::size_t size) { return "\"" + std::string(size, 'x') + "\""; }

}  // namespace signalbox::protocol
