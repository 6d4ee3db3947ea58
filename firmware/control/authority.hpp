#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "base/instant.hpp"
#include "base/result.hpp"
#include "control/actor.hpp"
#include "device/channel.hpp"
#include "device/roster.hpp"

namespace signalbox::control {

/// A hold on one output that ends by itself.
struct Lease {
  Actor holder{};
  Instant ends = kNever;
};

/// Exclusive control of a group of outputs.
struct Baton {
  Actor holder{};
  Actor asked_by{};  ///< who wants it next
};

/// Who may move what just now: leases of single outputs, batons of groups. Rights were checked before.
class Authority {
 public:
  struct Memory {
    std::span<Lease> leases;  ///< one for each channel
    std::span<Baton> batons;  ///< device::kBatonsMax
  };

  Authority(const device::Roster& roster, const Memory& memory);

  /// `held` where somebody else has the output by lease or its group by baton, with who and for how long.
  Result<void> may_move(device::ChannelIndex channel, Holder holder, Instant now) const;

  /// Takes a lease of an output that `may_move`. Who has it already keeps its end: only `renew` renews.
  void take_lease(device::ChannelIndex channel, const Actor& actor, Duration length, Instant now);
  /// Makes the holder's lease last `length` from now; `notFound` where it is not (or no more) the holder's.
  Result<void> renew_lease(device::ChannelIndex channel, Holder holder, Duration length, Instant now);
  void end_lease(device::ChannelIndex channel) { leases_[channel] = Lease{}; }
  /// Whether a lease has run out and is to be ended.
  bool has_run_out(device::ChannelIndex channel, Instant now) const;
  /// Whether that holder has it by lease; nobody never has.
  bool has_lease(device::ChannelIndex channel, Holder holder) const {
    return holder != kNobody && leases_[channel].holder.holder == holder;
  }
  const Lease& lease(device::ChannelIndex channel) const { return leases_[channel]; }

  /// The baton, where nobody else has it; `held` tells who has.
  Result<void> take(device::BatonIndex baton, const Actor& actor);
  /// Tells the holder that somebody wants it; takes it where nobody has it.
  Result<void> request(device::BatonIndex baton, const Actor& actor);
  /// Hands it to who asked for it, or to nobody. `held` where it is not the holder's to give.
  Result<void> grant(device::BatonIndex baton, Holder holder);
  /// Takes it from whoever has it; who that was.
  Actor steal(device::BatonIndex baton, const Actor& actor);
  /// A holder that will not come back gives up its batons and its requests.
  void leave(Holder holder);
  /// The same at once: its leases have run out as well.
  void dismiss(Holder holder, Instant now);
  /// There is no such baton any more, or it is another one.
  void forget(device::BatonIndex baton) { batons_[baton] = Baton{}; }
  const Baton& baton(device::BatonIndex baton) const { return batons_[baton]; }

 private:
  const device::Roster& roster_;
  std::span<Lease> leases_;
  std::span<Baton> batons_;
};

}  // namespace signalbox::control
