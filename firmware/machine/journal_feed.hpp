#pragma once

#include "base/instant.hpp"
#include "control/actuation.hpp"
#include "device/channel.hpp"
#include "journal/record.hpp"
#include "telemetry/alarms.hpp"

namespace signalbox::machine {

/// What control did to `channel`, as the journal remembers it: values as text, an enum's by its label; the
/// latency from the request to the outcome. The outcome is `applied` or the reason why not.
journal::Record record_of(const control::Actuation& actuation, const device::Channel& channel,
                          const WallClock& clock);
/// Who stopped the device, or reset it.
journal::Record record_of(const control::StopChange& change, const WallClock& clock);
/// Who had the device file reloaded; nobody where it was asked at the device.
journal::Record record_of_reload(const control::Actor& by, std::string_view trace_id, Instant at,
                                 const WallClock& clock);
/// Who acknowledged an alarm of `channel`.
journal::Record record_of(const telemetry::AlarmChange& change, const device::Channel& channel,
                          const WallClock& clock);

}  // namespace signalbox::machine
