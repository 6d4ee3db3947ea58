#include "link/record_buffers.hpp"

#include <cstdlib>
#include <gtest/gtest.h>
#include <mbedtls/net_sockets.h>
#include <mbedtls/platform.h>
#include <memory>
#include <random>
#include <vector>

#include "firmware/link/tls_pair.hpp"
#include "memory/poison.hpp"

namespace signalbox::link {
namespace {

constexpr std::size_t kRecord = TlsPair::kRecordBytesMax;
constexpr std::size_t kLimit = 25 * 1024;
constexpr Duration kWithin = from_ms(20'000);

Instant record_time{};

/// The C library's heap below mbedTLS, which can be told to have nothing more.
bool heap_is_empty = false;
void* test_calloc(std::size_t count, std::size_t size) {
  return heap_is_empty ? nullptr : std::calloc(count, size);
}

std::string text_of(std::size_t size, std::size_t seed) {
  std::string text(size, '\0');
  for (std::size_t i = 0; i < size; ++i) text[i] = static_cast<char>('a' + (i * 7 + seed + i / 251) % 26);
  return text;
}

class RecordBuffersTest : public ::testing::TestWithParam<mbedtls_ssl_protocol_version> {
 protected:
  RecordBuffersTest() {
    mbedtls_platform_set_calloc_free(test_calloc, std::free);
    record_time = Instant{};
    heap_is_empty = false;
    buffers->start({kLimit, kWithin}, {[](void*) { return record_time; }, nullptr});
  }

  std::unique_ptr<TlsPair> pair() const {
    auto made = std::make_unique<TlsPair>(GetParam());
    EXPECT_EQ(made->server_hears(), "");  // from here on it has no buffers of its own
    return made;
  }
  /// One byte after the other, looked for after each.
  static std::string dribble(TlsPair& pair, std::size_t bytes = std::string::npos) {
    std::string heard;
    for (; bytes > 0 && !pair.under_way().empty(); --bytes) {
      pair.deliver(1);
      heard += pair.server_hears();
    }
    return heard;
  }
  std::size_t used() const { return buffers->cut().used; }

  std::unique_ptr<RecordBuffers> buffers = std::make_unique<RecordBuffers>();
};

INSTANTIATE_TEST_SUITE_P(BothVersions, RecordBuffersTest,
                         ::testing::Values(MBEDTLS_SSL_VERSION_TLS1_2, MBEDTLS_SSL_VERSION_TLS1_3),
                         [](const auto& its) {
                           return its.param == MBEDTLS_SSL_VERSION_TLS1_3 ? "Tls13" : "Tls12";
                         });

TEST_P(RecordBuffersTest, AnIdleConnectionHasNeitherBuffersNorWhatTheHandshakeNeeded) {
  const auto idle = pair();
  EXPECT_EQ(idle->server().private_in_buf, nullptr);
  EXPECT_EQ(idle->server().private_out_buf, nullptr);
  EXPECT_EQ(idle->server().private_handshake, nullptr);
  EXPECT_EQ(idle->server().private_transform_negotiate, nullptr);
  EXPECT_EQ(idle->server().private_session, nullptr);
  EXPECT_EQ(used(), 0U);
}

TEST_P(RecordBuffersTest, ARecordComesByteByByte) {
  const auto slow = pair();
  const std::string text = text_of(kRecord, 1);
  for (int i = 0; i < 3; ++i) {
    slow->client_says(text);
    const std::size_t wire = slow->under_way().size();
    EXPECT_EQ(dribble(*slow, 5), "");
    EXPECT_EQ(used(), 0U) << "a head is kept beside";
    EXPECT_EQ(dribble(*slow, 1), "");
    EXPECT_EQ(used(), wire) << "room for the whole record, and not a byte more";
    EXPECT_TRUE(dribble(*slow) == text);
    EXPECT_EQ(used(), 0U);
  }
  EXPECT_EQ(slow->server_says("answer"), 6);
  EXPECT_EQ(slow->client_hears(), "answer");
}

TEST_P(RecordBuffersTest, ARecordIsReadPieceByPiece) {
  const auto fast = pair();
  const std::string text = text_of(kRecord, 2);
  fast->client_says(text);
  fast->deliver();
  std::string heard(1000, '\0');
  auto* into = reinterpret_cast<unsigned char*>(heard.data());
  ASSERT_EQ(mbedtls_ssl_read(&fast->server(), into, 1000), 1000);
  EXPECT_EQ(heard, text.substr(0, 1000));
  EXPECT_EQ(used(), kRecord - 1000);
  EXPECT_EQ(mbedtls_ssl_get_bytes_avail(&fast->server()), kRecord - 1000);
  EXPECT_EQ(fast->server_says("meanwhile"), 9);
  EXPECT_EQ(fast->client_hears(), "meanwhile");
  EXPECT_TRUE(fast->server_hears(77) == text.substr(1000));
  EXPECT_EQ(used(), 0U);
}

/// Thousands of records, cut anywhere, of several connections in turns, in both directions, against what was
/// said.
TEST_P(RecordBuffersTest, WhatIsSaidIsHeardWhereverItIsCut) {
  std::mt19937 dice{GetParam()};
  const auto below = [&](std::size_t sides) { return dice() % sides; };
  struct Talk {
    std::unique_ptr<TlsPair> pair;
    std::string said, heard, answered, echoed;
    std::string unsent;  // a write that has to be repeated
  };
  std::vector<Talk> talks(5);
  for (Talk& talk : talks) talk.pair = pair();
  for (int i = 0; i < 6000; ++i) {
    Talk& talk = talks[below(talks.size())];
    switch (below(5)) {
      case 0: {
        const std::string text = text_of(1 + below(below(20) == 0 ? 3 * kRecord : 300), dice());
        talk.pair->client_says(text);
        talk.said += text;
        break;
      }
      case 1: talk.pair->deliver(1 + below(below(8) == 0 ? 20'000 : 40)); break;
      case 2: talk.heard += talk.pair->server_hears(1 + below(5000)); break;
      case 3: {
        talk.pair->server_room() = below(4) == 0 ? std::string::npos : below(300);
        if (talk.unsent.empty()) talk.unsent = text_of(1 + below(4000), dice());
        const int sent = talk.pair->server_says(talk.unsent);
        if (sent == MBEDTLS_ERR_SSL_WANT_WRITE) break;
        ASSERT_EQ(sent, static_cast<int>(talk.unsent.size()));
        talk.answered += talk.unsent;
        talk.unsent.clear();
        break;
      }
      default: talk.echoed += talk.pair->client_hears();
    }
  }
  for (Talk& talk : talks) {
    talk.pair->deliver();
    talk.heard += talk.pair->server_hears();
    EXPECT_TRUE(talk.heard == talk.said);
    talk.pair->server_room() = std::string::npos;
    if (!talk.unsent.empty()) {
      EXPECT_EQ(talk.pair->server_says(talk.unsent), static_cast<int>(talk.unsent.size()));
      talk.answered += talk.unsent;
    }
    talk.echoed += talk.pair->client_hears();
    EXPECT_TRUE(talk.echoed == talk.answered);
  }
  EXPECT_EQ(used(), 0U);
  EXPECT_EQ(buffers->cut().refused, 0U);
}

TEST_P(RecordBuffersTest, WhereThereIsNoMoreRoomTheOldestGoes) {
  const auto good = pair();
  std::vector<std::unique_ptr<TlsPair>> slow;
  for (std::size_t i = 0; i < 8; ++i) {
    slow.push_back(pair());
    slow.back()->client_says(text_of(kRecord, i));
    EXPECT_EQ(dribble(*slow.back(), 100), "");
    EXPECT_LE(used(), kLimit);
  }
  EXPECT_EQ(buffers->cut().refused, 2U);  // six of them fit 25 KB
  EXPECT_EQ(buffers->cut().high_water, used());
  std::vector<const void*> gone;
  while (const auto refused = buffers->take_refused()) {
    EXPECT_EQ(refused->fault, RecordBuffers::Fault::no_room);
    gone.push_back(refused->bio);
  }
  EXPECT_EQ(gone, (std::vector{slow[1]->server_bio(), slow[0]->server_bio()}));

  // What it sends means nothing any more; it is told so, in order.
  int result = 0;
  slow[0]->deliver();
  EXPECT_EQ(slow[0]->server_hears(1024, &result), "");
  EXPECT_EQ(result, MBEDTLS_ERR_SSL_WANT_READ);
  EXPECT_EQ(slow[0]->server_says("try again later"), 15);
  EXPECT_EQ(mbedtls_ssl_close_notify(&slow[0]->server()), 0);
  EXPECT_EQ(slow[0]->client_hears(&result), "try again later");
  EXPECT_EQ(result, MBEDTLS_ERR_SSL_PEER_CLOSE_NOTIFY);

  // Others notice nothing, be it whoever sends a whole record or whoever is still at it.
  good->client_says(text_of(kRecord, 99));
  good->deliver();
  EXPECT_TRUE(good->server_hears() == text_of(kRecord, 99));
  EXPECT_TRUE(dribble(*slow[7]) == text_of(kRecord, 7));
}

TEST_P(RecordBuffersTest, ARecordIsWholeInTimeOrNotAtAll) {
  const auto first = pair();
  const auto second = pair();
  const auto waiting = pair();
  EXPECT_EQ(buffers->step(record_time), kNever);
  waiting->client_says(text_of(kRecord, 1));
  waiting->deliver();
  std::array<unsigned char, 10> some;
  EXPECT_EQ(mbedtls_ssl_read(&waiting->server(), some.data(), some.size()),
            10);  // whole: it is we who do not read
  first->client_says(text_of(3000, 2));
  EXPECT_EQ(dribble(*first, 10), "");
  record_time += from_ms(5000);
  second->client_says(text_of(3000, 3));
  EXPECT_EQ(dribble(*second, 10), "");
  record_time += from_ms(14'999);
  EXPECT_EQ(dribble(*first, 100), "") << "further bytes give no further time";
  EXPECT_EQ(buffers->step(record_time), Instant{} + kWithin);
  EXPECT_FALSE(buffers->take_refused());
  record_time += from_ms(1);
  EXPECT_EQ(buffers->step(record_time), Instant{} + kWithin + from_ms(5000));
  const auto refused = buffers->take_refused();
  ASSERT_TRUE(refused);
  EXPECT_EQ(refused->bio, first->server_bio());
  EXPECT_EQ(refused->fault, RecordBuffers::Fault::too_slow);
  EXPECT_EQ(buffers->too_slow(), 1U);
  EXPECT_TRUE(dribble(*second) == text_of(3000, 3));
  record_time += kWithin;
  EXPECT_EQ(buffers->step(record_time), kNever);
  EXPECT_TRUE(waiting->server_hears() == text_of(kRecord, 1).substr(10));
}

TEST_P(RecordBuffersTest, EachRecordHasItsOwnTime) {
  const auto steady = pair();
  steady->client_says(text_of(500, 0));
  const std::size_t wire = steady->under_way().size();
  steady->deliver(250);
  EXPECT_EQ(steady->server_hears(), "");
  for (std::size_t i = 1; i < 5; ++i) {
    record_time += from_ms(15'000);
    steady->client_says(text_of(500, i));
    steady->deliver(wire);  // the end of one, and of the next its beginning
    EXPECT_EQ(steady->server_hears(), text_of(500, i - 1));
    EXPECT_EQ(buffers->step(record_time), record_time + kWithin);
  }
  EXPECT_EQ(buffers->too_slow(), 0U);
}

TEST_P(RecordBuffersTest, AForgedRecordEndsItsConnectionWithAnAlert) {
  const auto other = pair();
  const auto forged = pair();
  other->client_says(text_of(5000, 1));
  EXPECT_EQ(dribble(*other, 2500), "");
  forged->client_says("genuine");
  forged->under_way().back() = static_cast<char>(forged->under_way().back() ^ 1);
  int result = 0;
  forged->deliver();
  EXPECT_EQ(forged->server_hears(1024, &result), "");
  EXPECT_EQ(result, MBEDTLS_ERR_SSL_INVALID_MAC);
  EXPECT_EQ(forged->client_hears(&result), "");
  EXPECT_EQ(result, MBEDTLS_ERR_SSL_FATAL_ALERT_MESSAGE);
  EXPECT_TRUE(dribble(*other) == text_of(5000, 1));
}

TEST_P(RecordBuffersTest, LengthsThatNoRecordHasEndTheConnection) {
  for (const std::string_view head :
       {std::string_view{"\x17\x03\x03\xff\xff\0", 6}, std::string_view{"\x17\x03\x03\0\0\0", 6},
        std::string_view{"\x63\x03\x03\0\x10\0", 6}}) {
    const auto odd = pair();
    odd->under_way() = head;
    int result = 0;
    odd->deliver();
    EXPECT_EQ(odd->server_hears(1024, &result), "");
    EXPECT_LT(result, 0);
    EXPECT_NE(result, MBEDTLS_ERR_SSL_WANT_READ);
    EXPECT_EQ(used(), 0U);
  }
}

#ifndef SIGNALBOX_POISONS  // there the pair may not be looked at between calls
TEST_P(RecordBuffersTest, NothingOfARecordStaysInThePair) {
  const auto secret = pair();
  const std::string_view all{reinterpret_cast<const char*>(buffers.get()), sizeof *buffers};
  secret->client_says("a password");
  secret->client_says(text_of(kRecord, 1) + "a password");
  secret->deliver();
  EXPECT_TRUE(secret->server_hears(100) == "a password" + text_of(kRecord, 1) + "a password");
  EXPECT_EQ(all.find("password"), std::string_view::npos);
  secret->server_room() = 10;
  EXPECT_EQ(secret->server_says("a password"), MBEDTLS_ERR_SSL_WANT_WRITE);
  EXPECT_EQ(all.find("password"), std::string_view::npos);
  const std::size_t used_of_pair =
      static_cast<std::size_t>(std::count_if(all.begin(), all.end(), [](char byte) { return byte != 0; }));
  EXPECT_LT(used_of_pair, 200U) << "but for its own members there are zeros";
}
#endif

TEST_P(RecordBuffersTest, WithoutMemoryAConnectionKeepsItsOwnBuffers) {
  auto made = std::make_unique<TlsPair>(GetParam());
  heap_is_empty = true;
  made->client_says("hello");
  made->deliver();
  EXPECT_EQ(made->server_hears(), "hello");
  EXPECT_NE(made->server().private_in_buf, nullptr);
  // What is cut moves with it.
  made->client_says("again");
  made->deliver(20);
  EXPECT_EQ(made->server_hears(), "");
  made->server_room() = 10;
  EXPECT_EQ(made->server_says("answer"), MBEDTLS_ERR_SSL_WANT_WRITE);
  EXPECT_NE(made->server().private_in_buf, nullptr);
  heap_is_empty = false;
  made->deliver();
  EXPECT_EQ(made->server_hears(), "again");
  EXPECT_EQ(made->server().private_in_buf, nullptr);
  made->server_room() = std::string::npos;
  EXPECT_EQ(made->server_says("answer"), 6);
  EXPECT_EQ(made->client_hears(), "answer");
}

TEST_P(RecordBuffersTest, ARecordThatCannotBeKeptEndsItsConnectionOnly) {
  const auto sends = pair();
  const auto reads = pair();
  const auto other = pair();
  sends->server_room() = 20;
  reads->client_says("some words");
  reads->deliver(20);
  heap_is_empty = true;
  EXPECT_EQ(sends->server_says("a long answer"), MBEDTLS_ERR_SSL_WANT_WRITE);
  sends->server_room() = std::string::npos;
  EXPECT_EQ(sends->server_says("a long answer"), MBEDTLS_ERR_NET_CONN_RESET);
  EXPECT_EQ(mbedtls_ssl_close_notify(&sends->server()), MBEDTLS_ERR_NET_CONN_RESET);
  int result = 0;
  EXPECT_EQ(sends->server_hears(1024, &result), "");
  EXPECT_EQ(result, MBEDTLS_ERR_NET_CONN_RESET);
  EXPECT_EQ(reads->server_hears(), "");
  const auto no_room = buffers->take_refused();
  const auto lost = buffers->take_refused();
  ASSERT_TRUE(no_room && lost);
  EXPECT_EQ(lost->fault, RecordBuffers::Fault::lost);
  EXPECT_EQ(lost->bio, sends->server_bio());
  EXPECT_EQ(no_room->fault, RecordBuffers::Fault::no_room);
  EXPECT_EQ(reads->server_says("no room"), 7);
  EXPECT_EQ(reads->client_hears(), "no room");
  other->client_says("whole");
  other->deliver();
  EXPECT_EQ(other->server_hears(), "whole");
  heap_is_empty = false;
}

TEST_P(RecordBuffersTest, WhoGoesLeavesNothingBehind) {
  auto leaving = pair();
  leaving->client_says(text_of(kRecord, 1));
  EXPECT_EQ(dribble(*leaving, 1000), "");
  leaving->server_room() = 10;
  EXPECT_EQ(leaving->server_says("answer"), MBEDTLS_ERR_SSL_WANT_WRITE);
  record_time += kWithin;
  EXPECT_EQ(buffers->step(record_time), kNever);  // refused, and not taken off
  leaving.reset();
  EXPECT_FALSE(buffers->take_refused());
  EXPECT_EQ(used(), 0U);
  buffers->stop();  // stops the program where a connection is left
}

/// Of all connections' keys those of who is written to are taken, though others were heard last.
TEST_P(RecordBuffersTest, SealsWhatItsPeerReads) {
  const auto one = pair();
  const auto other = pair();
  std::vector<unsigned char> memory(RecordBuffers::kBeforeContent + 4096 + RecordBuffers::kBehindContent);
  const auto seal_for = [&](TlsPair& its, std::string_view text) {
    ASSERT_TRUE(RecordBuffers::may_seal(its.server()));
    std::copy(text.begin(), text.end(), memory.begin() + RecordBuffers::kBeforeContent);
    its.server_sends(RecordBuffers::seal(its.server(), memory, text.size()));
  };
  for (const std::size_t size : {0U, 1U, 15U, 16U, 17U, 125U, 700U, 4080U, 4095U, 4096U}) {
    const std::string text = text_of(size, 3);
    seal_for(*one, text);
    seal_for(*other, "beside");
    EXPECT_EQ(one->client_hears(), text);
    EXPECT_EQ(other->client_hears(), "beside");
    other->client_says("heard");
    other->deliver();
    EXPECT_EQ(other->server_hears(), "heard");
    EXPECT_EQ(one->server_says("by mbedTLS"), 10);  // whose counter goes on
    EXPECT_EQ(one->client_hears(), "by mbedTLS");
  }
}

TEST_P(RecordBuffersTest, SealsNothingBeforeARestNorForWhoWantsShorterRecords) {
  const auto slow = pair();
  slow->server_room() = 3;
  EXPECT_EQ(slow->server_says("first"), MBEDTLS_ERR_SSL_WANT_WRITE);
  EXPECT_FALSE(RecordBuffers::may_seal(slow->server()));
  TlsPair strict{GetParam(), nullptr, MBEDTLS_SSL_MAX_FRAG_LEN_1024};
  EXPECT_EQ(RecordBuffers::may_seal(strict.server()), GetParam() == MBEDTLS_SSL_VERSION_TLS1_3)
      << "TLS 1.3 has another extension for it, which is not built in";
}

}  // namespace
}  // namespace signalbox::link
