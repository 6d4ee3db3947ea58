#pragma once

#include "app/figures.hpp"
#include "session/vitals.hpp"

namespace signalbox::app {

/// The figures of a firmware that runs, for `/metrics`: pools, the steps of connections' lives, whom the
/// limits met, commands by outcome, the journal, and how long the loop's passes take.
class FirmwareVitals final : public session::Vitals {
 public:
  FirmwareVitals(machine::Machine& machine, const link::WsServer& server, const memory::LibraryHeaps& heaps)
      : figures_{machine, server, heaps} {}

 private:
  void do_write(protocol::MetricsWriter& writer) const override;
  void write_pools(protocol::MetricsWriter& writer) const;
  void write_life(protocol::MetricsWriter& writer) const;
  void write_limits(protocol::MetricsWriter& writer) const;
  void write_commands(protocol::MetricsWriter& writer) const;
  void write_journal(protocol::MetricsWriter& writer) const;
  void write_loop(protocol::MetricsWriter& writer) const;

  Figures figures_;
};

}  // namespace signalbox::app
