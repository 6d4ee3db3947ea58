#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/error.hpp"
#include "base/instant.hpp"
#include "base/log.hpp"
#include "device/channel.hpp"
#include "protocol/view.hpp"

namespace signalbox::protocol {

class JsonWriter;

/// Something that happened once: an output was moved, an alarm was raised, the device was stopped.
struct Event {
  static constexpr std::string_view type = "event";
  std::uint64_t offset = 0;
  Instant at{};
  std::string_view name{};  ///< of a fixed list, such as `actuated`
  Severity severity = Severity::info;
  device::ChannelIndex channel = device::kNoChannel;  ///< what it is about; kNoChannel: the device
  FixedText<31> alarm{};                              ///< of an alarm: its name; empty: of none
  std::string_view cause{};                           ///< of a fixed list; empty: none
  FixedText<31> by{};                                 ///< the principal's name; empty: the device itself
  FixedText<23> session{};                            ///< theirs
  FixedText<31> group{};                              ///< the baton
  FixedText<31> holder{};                             ///< of a baton: who has it now; empty: nobody
  FixedText<23> holder_session{};
  std::optional<device::Value> before{};
  std::optional<device::Value> after{};      ///< of an alarm: what the channel read
  std::optional<device::Quality> quality{};  ///< the same
  std::uint64_t raised = 0;                  ///< the offset of the event that raised the alarm; 0: this one
  std::optional<Reason> reason{};            ///< why it failed
};
void write_payload(JsonWriter& writer, const Event& event, const View& view);

/// Events that nobody kept for this reader: it was too late.
struct EventGap {
  static constexpr std::string_view type = "eventGap";
  std::uint64_t lost = 0;    ///< how many
  std::uint64_t before = 0;  ///< all of them have a lower offset
};
void write_payload(JsonWriter& writer, const EventGap& gap, const View& view);

}  // namespace signalbox::protocol
