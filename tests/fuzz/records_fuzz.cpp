// TLS records cut anywhere, forged, mixed with rubbish, of connections that share the buffers and too little
// room. What is heard is always the beginning of what was said, and all of it where nothing was forged and
// nobody refused.
#include <array>
#include <memory>
#include <string>

#include "firmware/link/tls_pair.hpp"
#include "fuzz/crypto.hpp"
#include "fuzz/input.hpp"
#include "link/record_buffers.hpp"

namespace signalbox::fuzz {
namespace {

using link::RecordBuffers;
using link::TlsPair;

Instant record_time{};

struct Talk {
  std::unique_ptr<TlsPair> pair;
  std::string said, heard, answered, echoed, unsent;
  bool is_forged = false;
  bool is_refused = false;
  bool is_over = false;  ///< mbedTLS said so

  bool is_good() const { return !is_forged && !is_refused && !is_over; }

  void hear(std::size_t piece) {
    if (is_over) return;
    int result = 0;
    heard += pair->server_hears(piece, &result);
    is_over = result != MBEDTLS_ERR_SSL_WANT_READ;
    SIGNALBOX_CHECK(!is_over || is_forged || is_refused);
  }
  void answer(std::string text, std::size_t room) {
    if (is_over) return;
    pair->server_room() = room;
    if (unsent.empty()) unsent = std::move(text);
    const int sent = pair->server_says(unsent);
    if (sent == MBEDTLS_ERR_SSL_WANT_WRITE) return;
    is_over = sent != static_cast<int>(unsent.size());
    SIGNALBOX_CHECK(!is_over || is_forged || is_refused);
    if (!is_over) answered += unsent;
    unsent.clear();
  }
  void check() const {
    SIGNALBOX_CHECK(std::string_view{said}.starts_with(heard));
    SIGNALBOX_CHECK((answered + unsent).starts_with(echoed));
  }
};

/// Kept from input to input, as a handshake takes longer than all the rest, unless it went wrong.
struct Stage {
  Stage() {
    prepare_crypto();
    buffers.start({9000, from_ms(1000)}, {[](void*) { return record_time; }, nullptr});
  }
  void open() {
    for (std::size_t i = 0; i < talks.size(); ++i) {
      Talk fresh;
      fresh.pair = talks[i].is_good() ? std::move(talks[i].pair) : nullptr;
      if (fresh.pair == nullptr)
        fresh.pair =
            std::make_unique<TlsPair>(i % 2 == 0 ? MBEDTLS_SSL_VERSION_TLS1_3 : MBEDTLS_SSL_VERSION_TLS1_2);
      talks[i] = std::move(fresh);
    }
  }
  void settle() {
    while (const auto refused = buffers.take_refused())
      for (Talk& talk : talks) talk.is_refused = talk.is_refused || talk.pair->server_bio() == refused->bio;
  }
  void end() {
    for (Talk& talk : talks) {
      talk.pair->deliver();
      talk.hear(4096);
      settle();
      if (!talk.unsent.empty()) talk.answer({}, std::string::npos);
      talk.pair->server_room() = std::string::npos;
      talk.echoed += talk.pair->client_hears();
      talk.check();
      if (talk.is_good()) SIGNALBOX_CHECK(talk.heard == talk.said && talk.echoed == talk.answered);
    }
  }

  RecordBuffers buffers;  // they outlive the connections
  std::array<Talk, 4> talks;
};

}  // namespace
}  // namespace signalbox::fuzz

using namespace signalbox::fuzz;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  static Stage stage;
  Input input{bytes, size};
  stage.open();
  while (!input.is_empty()) {
    const std::uint8_t what = input.byte();
    Talk& talk = stage.talks[what / 8 % stage.talks.size()];
    std::string& wire = talk.pair->under_way();
    switch (what % 8) {
      case 0: {
        const std::string text(1 + input.word() % 9000, static_cast<char>('a' + what / 32));
        talk.pair->client_says(text);
        talk.said += text;
        break;
      }
      case 1: talk.pair->deliver(input.word() % 5000); break;
      case 2: talk.hear(1 + input.word() % 5000); break;
      case 3: {
        const std::size_t room = input.word() % 5000;
        talk.answer(std::string(1 + input.word() % 4000, static_cast<char>('A' + what / 32)), room);
        break;
      }
      case 4: talk.echoed += talk.pair->client_hears(); break;
      case 5: {
        if (wire.empty()) break;
        char& byte = wire[input.word() % wire.size()];
        byte = static_cast<char>(static_cast<unsigned char>(byte) ^ (1 + input.below(255)));
        talk.is_forged = true;
        break;
      }
      case 6:
        wire.insert(wire.empty() ? 0 : input.word() % wire.size(), input.text(1 + input.below(64)));
        talk.is_forged = true;
        break;
      default: record_time += signalbox::from_ms(input.byte()); (void)stage.buffers.step(record_time);
    }
    stage.settle();
    talk.check();
  }
  stage.end();
  return 0;
}
