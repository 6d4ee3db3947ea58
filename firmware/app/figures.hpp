#pragma once

#include "base/json_document.hpp"
#include "link/ws_server.hpp"
#include "machine/machine.hpp"
#include "memory/library_heaps.hpp"

namespace signalbox::app {

/// What the report and `/metrics` both tell of a firmware that runs, so that neither forgets what the other
/// has.
struct Figures {
  machine::Machine& machine;
  const link::WsServer& server;
  const memory::LibraryHeaps& heaps;

  /// Calls `visit(name, gauge)` for each pool.
  template <typename Visit>
  void each_pool(Visit&& visit) const {
    const session::SessionTable& sessions = machine.sessions();
    visit("sessions", sessions.sessions_gauge());
    visit("frames", sessions.frames().gauge());
    visit("inboxes", sessions.inboxes().gauge());
    visit("subscription-groups", sessions.publisher().gauge());
    visit("commands", machine.controller().gauge());
    visit("cut-record-bytes", server.records().cut());
    visit("mbedtls-bytes", heaps.tls().gauge());
    visit("libwebsockets-bytes", heaps.lws().gauge());
    visit("json-values", JsonDocument::gauge());
  }

  /// Calls `visit(before, after, count)` for each step that the life of a connection may take.
  template <typename Visit>
  void each_step(Visit&& visit) const {
    const session::LifeCounts& life = machine.sessions().life_counts();
    for (std::size_t from = 0; from < session::kPhases; ++from) {
      for (std::size_t to = from + 1; to < session::kPhases; ++to) {
        const auto before = static_cast<session::Phase>(from);
        const auto after = static_cast<session::Phase>(to);
        if (session::is_step(before, after))
          visit(session::wire_name(before), session::wire_name(after), life.steps(before, after));
      }
    }
  }

  /// Calls `visit(name, count)` for each limit: how often somebody met it, or was turned away.
  template <typename Visit>
  void each_limit(Visit&& visit) const {
    const link::Admission::Counts& counts = server.admission().counts();
    const session::SessionTable& sessions = machine.sessions();
    visit("connections-per-address", counts.too_many);
    visit("handshakes-per-address", counts.too_fast);
    visit("gave-way", counts.gave_way);
    visit("handshake-timeout", counts.timed_out);
    visit("record-timeout", server.records().too_slow());
    visit("no-descriptor", server.shed());
    visit("strays", server.strays());
    visit("wrong-credentials", sessions.logins().failures());
    visit("logins-put-off", sessions.logins().put_off());
    visit("wrong-claims", sessions.wrong_claims());
    visit("requests-per-s", sessions.too_fast());
    visit("bytes-per-s", sessions.reading_paused());
  }
};

}  // namespace signalbox::app
