#pragma once

#include <algorithm>
#include <cstdint>
#include <span>

#include "base/token_bucket.hpp"
#include "link/listener.hpp"

namespace signalbox::link {

/// How many connections may come, and how fast. 0 everywhere: not limited.
struct AdmissionLimits {
  Rate handshakes;              ///< of all; what is beyond waits
  Rate handshakes_per_network;  ///< what is beyond is closed
  Rate fruitless_per_network;   ///< visits for nothing; who made more of them is closed
  std::uint32_t newcomers = 0;  ///< at once without a session: shaking hands, or asking by HTTP
  std::uint32_t newcomers_per_network = 0;
  std::uint32_t connections_per_network = 0;
};

/// Keeps count of who connects from where, so that no network takes all places or all time. A TLS handshake
/// costs some hundred times what a message does, so those are spread in time.
class Admission {
 public:
  /// One network: an IPv4 address or an IPv6 /64, since whoever has one of those has all of it.
  struct Place {
    std::uint64_t network = 0;
    TokenBucket handshakes;
    TokenBucket fruitless;
    std::uint32_t connections = 0;  ///< newcomers included
    std::uint32_t newcomers = 0;

    Instant forgiven_at() const { return std::max(handshakes.full_at(), fruitless.full_at()); }
  };
  /// Why connections were closed unheard, since start.
  struct Counts {
    std::uint64_t too_many = 0;   ///< their network had as many as it may
    std::uint64_t too_fast = 0;   ///< it had used up its handshakes, or made too many for nothing
    std::uint64_t gave_way = 0;   ///< they dawdled while others waited
    std::uint64_t timed_out = 0;  ///< they shook hands, or asked, for too long
  };

  /// More places than there can be connections: the rest remembers those that were here last.
  explicit Admission(std::span<Place> places) : places_{places} {}

  void set(const AdmissionLimits& limits) { limits_ = limits; }
  const AdmissionLimits& limits() const { return limits_; }

  /// Whether a connection from there may stay; if so it is counted, as a newcomer.
  bool admit(std::uint64_t network, Instant now);
  /// A newcomer got a session.
  void settled(std::uint64_t network);
  /// A connection ended.
  void left(std::uint64_t network, bool newcomer);
  /// Before it ended it made us work, or kept a place that others waited for, and asked nothing.
  void was_fruitless(std::uint64_t network, Instant now);

  /// Takes the right to begin a TLS handshake; where none may begin now takes nothing, and says how long to
  /// wait.
  Duration begin(Instant now) { return next_.take(limits_.handshakes, now); }
  /// Half of the newcomers' places are taken: time to choose.
  bool is_filling() const { return limits_.newcomers != 0 && newcomers_ >= limits_.newcomers / 2; }
  bool is_crowded() const { return limits_.newcomers != 0 && newcomers_ >= limits_.newcomers; }
  std::uint32_t newcomers() const { return newcomers_; }
  const Counts& counts() const { return counts_; }
  Counts& counts() { return counts_; }

 private:
  Place* find(std::uint64_t network);
  Place* make(std::uint64_t network, Instant now);

  std::span<Place> places_;
  std::size_t used_ = 0;  ///< places that were ever taken; they are taken in order
  AdmissionLimits limits_;
  TokenBucket next_;
  std::uint32_t newcomers_ = 0;
  Counts counts_;
};

}  // namespace signalbox::link
