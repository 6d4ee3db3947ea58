#pragma once

#include "link/ws_server.hpp"
#include "machine/machine.hpp"
#include "memory/library_heaps.hpp"
#include "session/vitals.hpp"

namespace signalbox::app {

/// The figures of a firmware that runs, for `/metrics`: pools, the steps of connections' lives, whom the
/// limits met, commands by outcome, the journal, and how long the loop's passes take.
class FirmwareVitals final : public session::Vitals {
 public:
  FirmwareVitals(machine::Machine& machine, const link::WsServer& server, const memory::LibraryHeaps& heaps)
      : machine_{machine}, server_{server}, heaps_{heaps} {}

 private:
  void do_write(protocol::MetricsWriter& writer) const override;
  template <typename Visit>
  void each_pool(Visit&& visit) const;
  void write_pools(protocol::MetricsWriter& writer) const;
  void write_life(protocol::MetricsWriter& writer) const;
  void write_limits(protocol::MetricsWriter& writer) const;
  void write_commands(protocol::MetricsWriter& writer) const;
  void write_journal(protocol::MetricsWriter& writer) const;
  void write_loop(protocol::MetricsWriter& writer) const;

  machine::Machine& machine_;
  const link::WsServer& server_;
  const memory::LibraryHeaps& heaps_;
};

}  // namespace signalbox::app
