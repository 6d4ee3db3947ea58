#pragma once

#include <gtest/gtest.h>
#include <string>
#include <string_view>
#include <vector>

#include "tests/firmware/protocol/tree.hpp"

namespace signalbox::session {

inline constexpr std::string_view kPing = R"({"type":"ping","msgId":"p"})";

/// A message that came, by the path of its members: `at("payload.outcome")`.
struct Message {
  std::string text;

  std::string at(std::string_view path) const {
    const protocol::Parsed tree = protocol::parse(text);
    EXPECT_NE(tree, nullptr) << text;
    return protocol::shown(tree, path);
  }
  std::string type() const {
    const std::string quoted = at("type");
    return quoted.size() < 2 ? quoted : quoted.substr(1, quoted.size() - 2);
  }
};

inline std::string types_of(const std::vector<Message>& messages) {
  std::string types;
  for (const Message& message : messages) types += (types.empty() ? "" : " ") + message.type();
  return types;
}

}  // namespace signalbox::session
