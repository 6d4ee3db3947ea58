#include "link/frame_reader.hpp"

#include <algorithm>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>
#include <string>
#include <vector>

namespace signalbox::link {
namespace {

using Kind = FrameReader::Event::Kind;
using Bytes = std::vector<unsigned char>;

constexpr unsigned char kFinal = 0x80;
constexpr unsigned char kText = 1;
constexpr unsigned char kClose = 8;
constexpr unsigned char kPing = 9;
constexpr unsigned char kPong = 10;

/// A client's frame, masked (RFC 6455 section 5.2).
Bytes frame(unsigned char first, const std::string& payload) {
  Bytes bytes{first};
  if (payload.size() < 126) {
    bytes.push_back(static_cast<unsigned char>(0x80U | payload.size()));
  } else if (payload.size() < 65536) {
    bytes.insert(bytes.end(), {0xFE, static_cast<unsigned char>(payload.size() >> 8U),
                               static_cast<unsigned char>(payload.size())});
  } else {
    bytes.push_back(0xFF);
    for (unsigned shift = 64; shift > 0; shift -= 8)
      bytes.push_back(static_cast<unsigned char>(std::uint64_t{payload.size()} >> (shift - 8)));
  }
  const Bytes key{0x37, 0xFA, 0x21, 0x3D};
  bytes.insert(bytes.end(), key.begin(), key.end());
  for (std::size_t i = 0; i < payload.size(); ++i)
    bytes.push_back(static_cast<unsigned char>(payload[i]) ^ key[i % 4]);
  return bytes;
}

Bytes operator+(Bytes a, const Bytes& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

/// An event with bytes of its own.
struct Seen {
  Kind kind;
  std::string bytes;
  bool first = false;
  bool last = false;
  std::uint16_t code = 0;
};

/// What comes out of a fresh reader when the bytes arrive in pieces of that size.
std::vector<Seen> read(Bytes bytes, std::size_t piece = 1 << 20) {
  FrameReader reader;
  std::vector<Seen> seen;
  for (std::span<unsigned char> rest{bytes}; !rest.empty();) {
    std::span<unsigned char> input = rest.first(std::min(piece, rest.size()));
    rest = rest.subspan(input.size());
    while (true) {
      const FrameReader::Event event = reader.read(input);
      if (event.kind == Kind::nothing) break;
      seen.push_back({event.kind, std::string{event.bytes}, event.first, event.last, event.code});
    }
    EXPECT_TRUE(input.empty());
  }
  return seen;
}

/// The code with which the reader refuses the bytes; 0: it does not.
std::uint16_t refusal(const Bytes& bytes) {
  const std::vector<Seen> seen = read(bytes);
  return !seen.empty() && seen.back().kind == Kind::violation ? seen.back().code : 0;
}

RC_GTEST_PROP(FrameReader, MessagesComeOutAsTheyWentInWhateverThePieces, ()) {
  const auto fragments = *rc::gen::nonEmpty(rc::gen::container<std::vector<std::string>>(
      rc::gen::element<std::string>("", "a", "\xE2\x82\xAC", "hello", std::string(300, 'x'))));
  const bool ping_between = *rc::gen::arbitrary<bool>();
  Bytes bytes;
  std::string whole;
  for (std::size_t i = 0; i < fragments.size(); ++i) {
    const bool last = i + 1 == fragments.size();
    bytes =
        bytes + frame(static_cast<unsigned char>((i == 0 ? kText : 0) | (last ? kFinal : 0)), fragments[i]);
    if (ping_between && !last) bytes = bytes + frame(kFinal | kPing, "p");
    whole += fragments[i];
  }
  std::string got;
  std::size_t pings = 0;
  bool begun = false;
  bool ended = false;
  for (const Seen& seen : read(bytes, *rc::gen::inRange<std::size_t>(1, 40))) {
    if (seen.kind == Kind::ping) {
      RC_ASSERT(seen.bytes == "p");
      ++pings;
      continue;
    }
    RC_ASSERT(seen.kind == Kind::text);
    RC_ASSERT(!ended);
    RC_ASSERT(seen.first == !begun);
    begun = true;
    ended = seen.last;
    got += seen.bytes;
  }
  RC_ASSERT(ended);
  RC_ASSERT(got == whole);
  RC_ASSERT(pings == (ping_between ? fragments.size() - 1 : 0));
}

TEST(FrameReader, LongLengthsInBothForms) {
  for (const std::size_t size : {125U, 126U, 65535U, 65536U, 70000U}) {
    const std::vector<Seen> seen = read(frame(kFinal | kText, std::string(size, 'a')));
    ASSERT_EQ(seen.size(), 1U) << size;
    EXPECT_EQ(seen[0].bytes.size(), size);
  }
}

TEST(FrameReader, AMessageAfterAnother) {
  const std::vector<Seen> seen = read(frame(kFinal | kText, "one") + frame(kFinal | kText, "two"));
  ASSERT_EQ(seen.size(), 2U);
  EXPECT_EQ(seen[1].bytes, "two");
  EXPECT_TRUE(seen[1].first && seen[1].last);
}

TEST(FrameReader, Pongs) {
  const std::vector<Seen> seen = read(frame(kFinal | kPong, std::string(125, 'q')), 7);
  ASSERT_EQ(seen.size(), 1U);
  EXPECT_EQ(seen[0].kind, Kind::pong);
  EXPECT_EQ(seen[0].bytes, std::string(125, 'q'));
}

TEST(FrameReader, ClosesWithTheirCodes) {
  EXPECT_EQ(read(frame(kFinal | kClose, "")).at(0).code, 1005);
  for (const unsigned code : {1000U, 1001U, 1003U, 1007U, 1011U, 1014U, 3000U, 4999U}) {
    const std::string payload{static_cast<char>(code >> 8U), static_cast<char>(code), 'x'};
    const std::vector<Seen> seen = read(frame(kFinal | kClose, payload), 1);
    ASSERT_EQ(seen.size(), 1U) << code;
    EXPECT_EQ(seen[0].kind, Kind::close);
    EXPECT_EQ(seen[0].code, code);
  }
}

TEST(FrameReader, NothingIsReadAfterAClose) {
  EXPECT_EQ(read(frame(kFinal | kClose, "") + frame(kFinal | kText, "more")).size(), 1U);
  EXPECT_EQ(read(frame(0x70, "") + frame(kFinal | kText, "more")).size(), 1U);
}

TEST(FrameReader, RefusesWhatAClientMustNotSend) {
  EXPECT_EQ(refusal(frame(kFinal | 2, "binary")), 1003);
  for (const unsigned char reserved_bits : {0xC1, 0xA1, 0x91})
    EXPECT_EQ(refusal(frame(reserved_bits, "a")), 1002);
  for (const unsigned char reserved_opcode : {0x83, 0x87, 0x8B, 0x8F})
    EXPECT_EQ(refusal(frame(reserved_opcode, "a")), 1002);
  EXPECT_EQ(refusal({kFinal | kText, 1, 'a'}), 1002) << "not masked";
  EXPECT_EQ(refusal(frame(kFinal | 0, "a")), 1002) << "continuation without a message";
  EXPECT_EQ(refusal(frame(kText, "a") + frame(kFinal | kText, "b")), 1002) << "message inside a message";
  EXPECT_EQ(refusal(frame(kPing, "a")), 1002) << "fragmented control frame";
  EXPECT_EQ(refusal(frame(kFinal | kPing, std::string(126, 'a'))), 1002) << "long control frame";
  EXPECT_EQ(refusal({kFinal | kText, 0xFE, 0, 125}), 1002) << "16-bit length for 125";
  EXPECT_EQ(refusal({kFinal | kText, 0xFF, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF}), 1002)
      << "64-bit length for 65,535";
  EXPECT_EQ(refusal({kFinal | kText, 0xFF, 0x80, 0, 0, 0, 0, 0, 0, 0}), 1002) << "length of 2^63";
}

TEST(FrameReader, RefusesCloseFramesThatAreNone) {
  EXPECT_EQ(refusal(frame(kFinal | kClose, "\x03")), 1002);
  for (const unsigned code : {0U, 999U, 1004U, 1005U, 1006U, 1015U, 2999U, 5000U}) {
    EXPECT_EQ(refusal(frame(kFinal | kClose, {static_cast<char>(code >> 8U), static_cast<char>(code)})), 1002)
        << code;
  }
  EXPECT_EQ(refusal(frame(kFinal | kClose, "\x03\xE8\xFF")), 1007);
}

TEST(FrameReader, RefusesTextThatIsNotUtf8) {
  for (const std::string bad : {"\xFF", "\xC0\xAF", "\xED\xA0\x80", "\xF4\x90\x80\x80", "a\x80", "\xE2\x82"})
    EXPECT_EQ(refusal(frame(kFinal | kText, bad)), 1007) << bad;
  EXPECT_EQ(refusal(frame(kText, "\xE2\x82") + frame(kFinal, "\xAC")), 0) << "a character over two fragments";
  EXPECT_EQ(refusal(frame(kText, "\xE2\x82") + frame(kFinal, "a")), 1007);
}

}  // namespace
}  // namespace signalbox::link
