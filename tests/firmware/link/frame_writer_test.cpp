#include "link/frame_writer.hpp"

#include <array>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>
#include <string>
#include <vector>

namespace signalbox::link {
namespace {

using Sent = FrameWriter::Kind;

std::string text_of(const FrameWriter& frames) { return {frames.written().begin(), frames.written().end()}; }

/// A frame as a client reads it: its first byte, and its payload.
struct Read {
  unsigned first;
  std::string payload;
};

std::vector<Read> read_all(std::string_view bytes) {
  std::vector<Read> frames;
  while (!bytes.empty()) {
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(bytes.at(i)); };
    std::size_t size = byte(1);
    std::size_t head = 2;
    if (size == 126) {
      size = std::size_t{byte(2)} << 8U | byte(3);
      head = 4;
      EXPECT_GT(size, 125U);  // the shortest form, RFC 6455 section 5.2
    }
    EXPECT_LE(byte(1), 126);  // no mask, nothing longer
    frames.push_back({byte(0), std::string{bytes.substr(head, size)}});
    bytes.remove_prefix(head + size);
  }
  return frames;
}

TEST(FrameWriter, LaysFramesBehindOneAnother) {
  std::array<char, 64> memory{};
  FrameWriter frames{memory};
  EXPECT_TRUE(frames.add(Sent::pong, "p"));
  EXPECT_TRUE(frames.add(Sent::text, "begin", true, false));
  EXPECT_TRUE(frames.add(Sent::text, "", false, false));
  EXPECT_TRUE(frames.add(Sent::text, "end", false, true));
  EXPECT_TRUE(frames.add(Sent::ping, ""));
  EXPECT_EQ(text_of(frames), (std::string{"\x8A\x01p\x01\x05"
                                          "begin\x00\x00\x80\x03"
                                          "end\x89\x00",
                                          19}));
}

TEST(FrameWriter, TakesWhatWasWrittenIntoItsRoom) {
  std::array<char, 300> memory{};
  FrameWriter frames{memory};
  for (const std::size_t size : {3U, 130U}) {
    const std::span<char> room = frames.room();
    std::fill_n(room.begin(), size, 'r');
    EXPECT_TRUE(frames.add(Sent::text, {room.data(), size}));
  }
  const std::vector<Read> read = read_all(text_of(frames));
  ASSERT_EQ(read.size(), 2U);
  EXPECT_EQ(read[0].payload, "rrr");
  EXPECT_EQ(read[1].payload, std::string(130, 'r'));
}

TEST(FrameWriter, RefusesWhatDoesNotFitAndKeepsTheRest) {
  std::array<char, 130> memory{};
  FrameWriter frames{memory};
  EXPECT_EQ(frames.room().size(), 126U);
  EXPECT_FALSE(frames.add(Sent::text, std::string(127, 'x')));
  EXPECT_TRUE(frames.written().empty());
  EXPECT_TRUE(frames.add(Sent::text, std::string(126, 'x')));
  EXPECT_TRUE(frames.room().empty());
  EXPECT_FALSE(frames.add(Sent::ping, ""));
  EXPECT_EQ(frames.written().size(), memory.size());
}

RC_GTEST_PROP(FrameWriter, WhatIsReadIsWhatWasAdded, (const std::vector<std::uint8_t>& sizes)) {
  std::vector<char> memory(16 * 1024);
  FrameWriter frames{memory};
  std::vector<std::string> added;
  for (std::size_t i = 0; i < sizes.size(); ++i) {
    std::string payload(std::size_t{sizes[i]} * 3, static_cast<char>('a' + i % 26));
    if (frames.add(Sent::text, payload)) added.push_back(payload);
  }
  const std::vector<Read> read = read_all(text_of(frames));
  RC_ASSERT(read.size() == added.size());
  for (std::size_t i = 0; i < read.size(); ++i) {
    RC_ASSERT(read[i].first == 0x81U);
    RC_ASSERT(read[i].payload == added[i]);
  }
}

}  // namespace
}  // namespace signalbox::link
