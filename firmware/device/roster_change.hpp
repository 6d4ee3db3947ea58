#pragma once

#include <array>
#include <bitset>

#include "base/result.hpp"
#include "device/roster.hpp"

namespace signalbox::device {

using PartSet = std::bitset<256>;
using BatonSet = std::bitset<kBatonsMax>;

/// What a new device file changes on a running device. Channels keep their places, since subscriptions,
/// history and much else refer to them by place. A channel with the same path and meaning (kind, unit,
/// labels) as before has its old place. Any other has a place that was never used. One that is declared no
/// more is `gone`.
class RosterChange {
 public:
  /// Moves the declarations of `next`, as they were read, to the places they have in `live`, with all that
  /// refers to them, and compares. `live` is left alone. `tooBig` where too few places are left.
  static Result<RosterChange> prepare(Roster& live, Roster& next);

  /// Exchanges the declarations of the two, drivers left alone; a second time puts them back.
  void exchange();

  /// Outputs that must be safe before the exchange: their part, or their rules as outputs, change or go.
  const ChannelSet& unsettled() const { return unsettled_; }
  /// Parts whose drivers end, and places where new ones begin. The others stay as they are.
  const PartSet& leaving() const { return leaving_; }
  const PartSet& arriving() const { return arriving_; }
  /// Channels whose declaration is not what it was, new and gone ones included.
  const ChannelSet& redeclared() const { return redeclared_; }
  /// Channels of which nothing is known any more: gone, measured by another part, or calibrated otherwise.
  const ChannelSet& unread() const { return unread_; }
  /// Batons with another name, or none.
  const BatonSet& batons() const { return batons_; }

 private:
  using Places = std::array<std::uint16_t, kChannelsCeiling>;

  RosterChange(Roster& live, Roster& next) : live_{&live}, next_{&next} {}

  Result<void> place_channels();
  void place_batons();
  void place_parts();
  void refer_to_places();
  void move_to_places();
  void bury_the_gone();
  void compare();
  void compare(ChannelIndex index);
  ChannelIndex kept_place(const Channel& declared) const;
  bool stays(const Part& part, std::uint16_t& place) const;

  Roster* live_;
  Roster* next_;
  Places channel_places_{};  ///< by the place in `next` as it was read
  Places part_places_{};
  std::array<BatonIndex, kBatonsMax> baton_places_{};
  std::size_t channels_ = 0;  ///< how many places count afterwards
  std::size_t parts_ = 0;
  std::size_t batons_count_ = 0;
  PartSet staying_;
  ChannelSet unsettled_;
  ChannelSet redeclared_;
  ChannelSet unread_;
  PartSet leaving_;
  PartSet arriving_;
  BatonSet batons_;
};

}  // namespace signalbox::device
