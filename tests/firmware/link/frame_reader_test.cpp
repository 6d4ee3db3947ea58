#include "link/frame_reader.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>
#include <string>
#include <vector>

namespace signalbox::link {
namespace {

using Kind = FrameReader::Event::Kind;
using Bytes = std::vector<unsigned char>;

Bytes frame(int opcode, const std::string& payload, bool final = true, std::uint32_t key = 0x11223344) {
  Bytes bytes{static_cast<unsigned char>((final ? 0x80 : 0) | opcode)};
  const std::size_t size = payload.size();
  if (size < 126) {
    bytes.push_back(static_cast<unsigned char>(0x80 | size));
  } else {
    const int width = size < 65536 ? 2 : 8;
    bytes.push_back(static_cast<unsigned char>(0x80 | (width == 2 ? 126 : 127)));
    for (int i = width - 1; i >= 0; --i) bytes.push_back(static_cast<unsigned char>(size >> (8 * i)));
  }
  for (int i = 3; i >= 0; --i) bytes.push_back(static_cast<unsigned char>(key >> (8 * i)));
  for (std::size_t i = 0; i < size; ++i)
    bytes.push_back(
        static_cast<unsigned char>(static_cast<unsigned char>(payload[i]) ^ (key >> (8 * (3 - i % 4)))));
  return bytes;
}

/// What came of a stream, as text: parts of messages joined, `[`…`]` around each, control frames by name.
std::string heard(FrameReader& reader, Bytes bytes, const std::vector<std::size_t>& cuts = {}) {
  std::string all;
  std::size_t at = 0;
  const auto feed = [&](std::size_t size) {
    std::span<unsigned char> input = std::span{bytes}.subspan(at, size);
    at += size;
    while (!input.empty()) {
      const FrameReader::Event event = reader.read(input);
      if (event.kind == Kind::text)
        all += (event.first ? "[" : "") + std::string{event.bytes} + (event.last ? "]" : "");
      if (event.kind == Kind::ping) all += "<ping " + std::string{event.bytes} + ">";
      if (event.kind == Kind::pong) all += "<pong " + std::string{event.bytes} + ">";
      if (event.kind == Kind::close) all += "<close " + std::to_string(event.code) + ">";
      if (event.kind == Kind::violation) all += "<violation " + std::to_string(event.code) + ">";
    }
  };
  for (const std::size_t size : cuts) feed(std::min(size, bytes.size() - at));
  feed(bytes.size() - at);
  return all;
}

std::string heard(Bytes bytes) {
  FrameReader reader;
  return heard(reader, std::move(bytes));
}

Bytes operator+(Bytes a, const Bytes& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

TEST(FrameReader, ReadsMessagesAndWhatComesBetweenTheirFragments) {
  EXPECT_EQ(heard(frame(1, "hello")), "[hello]");
  EXPECT_EQ(heard(frame(1, "")), "[]");
  EXPECT_EQ(
      heard(frame(1, "he", false) + frame(9, "p") + frame(0, "", false) + frame(10, "q") + frame(0, "llo")),
      "[he<ping p><pong q>llo]");
  EXPECT_EQ(heard(frame(1, "", false) + frame(0, "", false) + frame(0, "")), "[]");
  EXPECT_EQ(heard(frame(1, "", false) + frame(0, "x")), "[x]");
}

TEST(FrameReader, TellsEveryFragmentAnEmptyOneToo) {
  FrameReader reader;
  Bytes bytes = frame(1, "", false) + frame(0, "", false) + frame(0, "", false) + frame(0, "");
  std::span<unsigned char> input{bytes};
  std::string ends;
  while (!input.empty()) {
    const FrameReader::Event event = reader.read(input);
    ASSERT_EQ(event.kind, Kind::text);
    ends += event.first ? "[" : event.last ? "]" : "-";
  }
  EXPECT_EQ(ends, "[--]");
}

TEST(FrameReader, AHeadWhosePayloadIsToComeBeginsAMessage) {
  FrameReader reader;
  Bytes bytes = frame(1, "hello");
  std::span<unsigned char> head = std::span{bytes}.first(6);
  const FrameReader::Event begun = reader.read(head);
  EXPECT_EQ(begun.kind, Kind::text);
  EXPECT_TRUE(begun.first && !begun.last && begun.bytes.empty());
  EXPECT_EQ(reader.read(head).kind, Kind::nothing) << "told once";
  std::span<unsigned char> rest = std::span{bytes}.subspan(6);
  const FrameReader::Event whole = reader.read(rest);
  EXPECT_TRUE(!whole.first && whole.last);
  EXPECT_EQ(whole.bytes, "hello");
}

TEST(FrameReader, StopsAtTheFirstViolation) {
  EXPECT_EQ(heard(frame(3, "") + frame(1, "unheard")), "<violation 1002>");
  EXPECT_EQ(heard(frame(2, "") + frame(1, "unheard")), "<violation 1003>");
  EXPECT_EQ(heard(frame(1, "\xFF")), "<violation 1007>");
  EXPECT_EQ(heard(frame(0, "x")), "<violation 1002>");
  EXPECT_EQ(heard(frame(1, "x", false) + frame(1, "y")), "[x<violation 1002>");
  EXPECT_EQ(heard({0x81, 0x00}), "<violation 1002>");          // not masked
  EXPECT_EQ(heard({0xC1, 0x80}), "<violation 1002>");          // a reserved bit
  EXPECT_EQ(heard({0x09, 0x80}), "<violation 1002>");          // a fragmented ping
  EXPECT_EQ(heard({0x89, 0xFE}), "<violation 1002>");          // a ping over 125 bytes
  EXPECT_EQ(heard({0x81, 0xFE, 0, 125}), "<violation 1002>");  // longer form than needed
  EXPECT_EQ(heard({0x81, 0xFF, 0x80}), "<violation 1002>");    // 2^63
}

TEST(FrameReader, ReadsCloseFrames) {
  EXPECT_EQ(heard(frame(8, "") + frame(1, "unheard")), "<close 1005>");
  EXPECT_EQ(heard(frame(8,
                        "\x03\xE8"
                        "bye")),
            "<close 1000>");
  EXPECT_EQ(heard(frame(8, "\x03\xF6")), "<close 1014>");
  EXPECT_EQ(heard(frame(8, "\x03")), "<violation 1002>");
  EXPECT_EQ(heard(frame(8, "\x03\xED")), "<violation 1002>");
  EXPECT_EQ(heard(frame(8, "\x03\xE8\xC3")), "<violation 1007>");
}

struct Stream {
  Bytes bytes;
  std::string meaning;
};

Stream stream_at_random() {
  Stream stream;
  const int frames = *rc::gen::inRange(1, 12);
  bool open = false;
  for (int i = 0; i < frames; ++i) {
    const auto key = *rc::gen::arbitrary<std::uint32_t>();
    if (*rc::gen::inRange(0, 3) == 0) {
      const std::string payload(*rc::gen::inRange<std::size_t>(0, 126), 'p');
      stream.bytes = stream.bytes + frame(9, payload, true, key);
      stream.meaning += "<ping " + payload + ">";
      continue;
    }
    const bool final = *rc::gen::arbitrary<bool>();
    const std::string text(
        *rc::gen::elementOf(std::vector<std::size_t>{0, 1, 7, 15, 16, 17, 125, 126, 300, 65535, 65536}), 'x');
    stream.bytes = stream.bytes + frame(open ? 0 : 1, text, final, key);
    stream.meaning += (open ? "" : "[") + text + (final ? "]" : "");
    open = !final;
  }
  return stream;
}

/// The bracket opens with the first byte of a message; an empty first fragment moves it behind what came
/// between.
std::string without_brackets(std::string text) {
  std::erase(text, '[');
  return text;
}

RC_GTEST_PROP(FrameReaderProperty, HearsTheSameHoweverTheBytesAreCut, ()) {
  const Stream stream = stream_at_random();
  FrameReader reader;
  const auto cuts = *rc::gen::container<std::vector<std::size_t>>(rc::gen::inRange<std::size_t>(0, 200));
  RC_ASSERT(without_brackets(heard(reader, stream.bytes, cuts)) == without_brackets(stream.meaning));
}

RC_GTEST_PROP(FrameReaderProperty, SurvivesAnyBytes, (const std::vector<unsigned char>& bytes)) {
  FrameReader reader;
  const auto cuts = *rc::gen::container<std::vector<std::size_t>>(rc::gen::inRange<std::size_t>(0, 20));
  heard(reader, bytes, cuts);
  const bool ended = reader.ended();
  RC_ASSERT(heard(reader, frame(1, "more")).empty() || !ended);
}

}  // namespace
}  // namespace signalbox::link
