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
  Actor held_by{};
  Instant ends = kNever;
};

/// Exclusive control of a group of outputs.
struct Baton {
  Actor held_by{};
  Actor asked_by{};  ///< who wants it next
};

/// Where authority reports that a baton moved without a request: its holder left, so it went to the next, or
/// to nobody.
class BatonListener {
 public:
  void baton_moved(std::string_view group, const Actor& holder, Instant at) {
    do_baton_moved(group, holder, at);
  }

 protected:
  ~BatonListener() = default;

 private:
  virtual void do_baton_moved(std::string_view group, const Actor& holder, Instant at) = 0;
};

/// Who may move what just now: leases of single outputs, batons of groups. Rights were checked before.
class Authority {
 public:
  struct Memory {
    std::span<Lease> leases;  ///< one for each channel
    std::span<Baton> batons;  ///< device::kBatonsMax
  };

  Authority(const device::Roster& roster, const Memory& memory);

  void connect(BatonListener& listener) { listener_ = &listener; }

  /// `held` where somebody else has the output by lease or its group by baton, with who and for how long.
  Result<void> may_move(device::ChannelIndex channel, Holder holder, Instant now) const;

  /// Takes a lease of an output that `may_move`. Who has it already keeps its end: only `renew` renews.
  void take_lease(device::ChannelIndex channel, const Actor& actor, Duration length, Instant now);
  /// Makes the holder's lease last `length` from now; `notFound` where it is not (or no more) the holder's,
  /// `held` where somebody else has the baton of its group.
  Result<void> renew_lease(device::ChannelIndex channel, Holder holder, Duration length, Instant now);
  void end_lease(device::ChannelIndex channel) { leases_[channel] = Lease{}; }
  /// Whether a lease has run out and is to be ended.
  bool has_run_out(device::ChannelIndex channel, Instant now) const;
  /// Whether that holder has it by lease; nobody never has.
  bool has_lease(device::ChannelIndex channel, Holder holder) const {
    return holder != kNobody && leases_[channel].held_by.holder == holder;
  }
  /// Whether it has anything, or asked for a baton.
  bool has_any(Holder holder) const;
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
  void leave(Holder holder, Instant now);
  /// As `leave`, and its leases end at once.
  void dismiss(Holder holder, Instant now);
  /// Gives everything that `from` holds and has requested to `into`, and notes `into`'s present session.
  void merge(Holder from, const Actor& into);
  /// There is no such baton any more, or it is another one; `group` was its name.
  void forget(device::BatonIndex baton, std::string_view group, Instant now);
  const Baton& baton(device::BatonIndex baton) const { return batons_[baton]; }

 private:
  Result<void> has_baton(device::ChannelIndex channel, Holder holder) const;
  void tell_moved(std::string_view group, const Actor& holder, Instant now) const {
    if (listener_ != nullptr) listener_->baton_moved(group, holder, now);
  }

  const device::Roster& roster_;
  std::span<Lease> leases_;
  std::span<Baton> batons_;
  BatonListener* listener_ = nullptr;
};

}  // namespace signalbox::control
