// What must hold after every step, and when all is over.
#include <algorithm>

#include "fuzz/crowd.hpp"
#include "journal/verifier.hpp"

namespace signalbox::fuzz {
namespace {

/// Long enough for every answer after the last word, faults and late readers included.
constexpr Duration kQuiet = from_ms(2000);

}  // namespace

void Crowd::check_pools() {
  session::SessionTable& sessions = machine_.sessions();
  SIGNALBOX_CHECK(sessions.holders() == sessions.frames().holders());
  const auto open = std::count_if(clients_.begin(), clients_.end(),
                                  [](const Client& client) { return client.state != Client::State::away; });
  SIGNALBOX_CHECK(sessions.count() == static_cast<std::size_t>(open));
}

void Crowd::check_journal() {
  journal::Verifier verifier;
  std::string_view rest = disk_;
  for (std::size_t feed = rest.find('\n'); feed != std::string_view::npos; feed = rest.find('\n')) {
    SIGNALBOX_CHECK(verifier.take(rest.substr(0, feed)).has_value());
    rest.remove_prefix(feed + 1);
  }
  SIGNALBOX_CHECK(verifier.last() >= machine_.journal().committed());
}

void Crowd::end() {
  faults_.clear();
  for (Client& client : clients_) {
    client.reads = true;
    if (client.state == Client::State::shaking) hang_up(client);  // a link waits for no handshake for ever
  }
  pump();
  pass(kQuiet);
  for (const Client& client : clients_) {
    if (client.state != Client::State::open || client.closing) continue;
    for (const auto& [id, times] : client.owed) {
      const auto answered = client.answered.find(id);
      SIGNALBOX_CHECK(answered != client.answered.end() && answered->second >= times);
    }
  }
  machine_.stop("restart", now_);
  pump();
  for (int i = 0; i < 40 && !machine_.is_stopped(); ++i) pass(from_ms(100));
  SIGNALBOX_CHECK(machine_.is_stopped());
  pass(from_ms(1300));
  check_end();
}

/// Whatever was lent is back, everybody is gone, and the outputs are safe.
void Crowd::check_end() {
  session::SessionTable& sessions = machine_.sessions();
  SIGNALBOX_CHECK(sessions.sessions_gauge().used == 0 && sessions.frames().gauge().used == 0);
  SIGNALBOX_CHECK(sessions.inboxes().gauge().used == 0 && sessions.publisher().gauge().used == 0);
  SIGNALBOX_CHECK(machine_.controller().gauge().used == 0);
  const session::LifeCounts& life = sessions.life_counts();
  std::uint64_t closed = 0;
  for (std::size_t phase = 0; phase < session::kPhases; ++phase)
    closed += life.steps(static_cast<session::Phase>(phase), session::Phase::closed);
  SIGNALBOX_CHECK(closed == life.arrived());
  if (!broke_outputs_) SIGNALBOX_CHECK(!platform_.heater().closed(now_));
  check_journal();
}

}  // namespace signalbox::fuzz
