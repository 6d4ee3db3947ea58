// What a client sends after the handshake, in pieces of any size: RFC 6455 frames, and messages put together
// from them.
#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "base/check.hpp"
#include "fuzz/input.hpp"
#include "link/frame_reader.hpp"
#include "session/frame_pool.hpp"
#include "session/inbox.hpp"

namespace {

using namespace signalbox;
using Kind = link::FrameReader::Event::Kind;

constexpr std::size_t kMessageBytesMax = 64;

/// What came of it: the events, texts as whole messages, whatever pieces they came in.
struct Heard {
  std::string events;
  std::string text;
  session::Inbox inbox;
};

/// `bytes` as they come in one read.
void read(link::FrameReader& reader, session::FramePool& pool, std::span<unsigned char> bytes, Heard& heard) {
  while (true) {
    const auto event = reader.read(bytes);
    if (event.kind == Kind::nothing) break;
    const char name = "?tpocv"[static_cast<int>(event.kind)];
    if (event.kind != Kind::text) {
      heard.events += name + std::string{event.bytes} + std::to_string(event.code) + std::string{event.why};
      SIGNALBOX_CHECK((event.kind == Kind::violation) == !event.why.empty());
      if (event.kind == Kind::close || event.kind == Kind::violation) break;
      continue;
    }
    heard.text += event.bytes;
    const auto taken = heard.inbox.take(pool, event.bytes, event.first, event.last, Instant{});
    if (taken.outcome == session::Inbox::Outcome::complete)
      SIGNALBOX_CHECK(taken.message == heard.text &&
                      (taken.message.size() <= kMessageBytesMax || event.first));
    if (!event.last) continue;
    SIGNALBOX_CHECK(fuzz::is_utf8(heard.text));
    heard.events += 't' + heard.text;
    heard.text.clear();
    heard.inbox.clear(pool);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  std::array<session::FramePool::Frame, 1> frames{};
  std::array<char, kMessageBytesMax> memory{};
  fuzz::Input input{bytes, size};
  const std::size_t step = 1 + input.below(16);
  const std::string_view sent = input.rest();

  // However it is cut, it says the same.
  std::array<Heard, 2> heard;
  for (std::size_t way = 0; way < heard.size(); ++way) {
    link::FrameReader reader;
    session::FramePool pool{frames, memory};
    std::vector<unsigned char> copy{sent.begin(), sent.end()};
    const std::size_t piece = way == 0 ? copy.size() + 1 : step;
    for (std::size_t from = 0; from < copy.size() && !reader.ended(); from += piece)
      read(reader, pool, std::span{copy}.subspan(from, std::min(piece, copy.size() - from)), heard[way]);
    heard[way].inbox.clear(pool);
    SIGNALBOX_CHECK(pool.gauge().used == 0);
  }
  SIGNALBOX_CHECK(heard[0].events == heard[1].events);
  return 0;
}
