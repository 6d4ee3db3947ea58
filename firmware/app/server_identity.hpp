#pragma once

#include <cstdint>
#include <string_view>

#include "app/firmware.hpp"
#include "app/text_file.hpp"
#include "base/result.hpp"
#include "link/ticket_seal.hpp"
#include "link/ws_server.hpp"
#include "trust/identity.hpp"
#include "trust/ticket_keys.hpp"

namespace signalbox::app {

/// Everything that TLS needs to know who is who: the server's key and certificate (the device's own, or from
/// files), the keys of session tickets, the authority of clients' certificates and its revocations. Renews
/// what runs out.
class ServerIdentity {
 public:
  explicit ServerIdentity(const Firmware& firmware)
      : firmware_{firmware}, address_{firmware.options.address} {}

  /// Before the server. The error's field is the record or option at fault.
  Result<void> open();
  /// Fills in the options that concern TLS. They point into this object; the revocations are valid until
  /// `open` is called.
  void describe(link::WsServer::Options& options);

  /// Reads everything again, for SIGHUP. What cannot be taken is told in the log, and the old one stays.
  void reload(link::WsServer& server);
  /// Every ten seconds it looks what is due: a new certificate, new ticket keys.
  void step(link::WsServer& server, Instant now);

  std::string_view fingerprint() const { return identity_.fingerprint(); }
  bool is_own_authority() const { return !identity_.authority().empty(); }
  /// By which others reach the device; empty where only this machine does.
  std::string_view reached_at() const;

 private:
  Result<void> read_identity(trust::Identity& into, hal::Store& store);
  Result<void> read_revocations();
  Result<void> use(link::WsServer& server, const trust::Identity& fresh);
  bool renew(link::WsServer& server);
  void warn_of_ends(std::int64_t now_s, Instant now);
  trust::Names names() const;
  bool listens_everywhere() const;
  link::Credentials credentials(const trust::Identity& identity) const;

  const Firmware& firmware_;
  std::string_view address_;
  trust::Identity identity_;
  trust::TicketKeys ticket_keys_;
  link::TicketSeal ticket_seal_{ticket_keys_.keys()};
  link::Credentials credentials_;
  TextFile client_authority_;
  TextFile file_;      ///< a certificate or revocations, while they are read
  TextFile key_file_;  ///< wiped after
  std::int64_t revocations_end_s_ = 0;
  Instant look_at_{};
  Instant warn_at_{};
};

}  // namespace signalbox::app
