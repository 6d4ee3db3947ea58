#pragma once

#include <optional>

#include "base/error.hpp"
#include "control/actuation.hpp"
#include "device/actuator.hpp"
#include "device/output_rules.hpp"
#include "device/sample.hpp"

namespace signalbox::control {

/// Why a write that ended so, or of which nothing is heard (`pending`), has not moved its output.
Reason reason_of(hal::Completion completion);
/// The same in full. `safety`: why the output is on its way to a demanded value, which withdraws a write that
/// has not reached the hardware; such a one is refused as it would have been, had it waited.
Error error_of(hal::Completion completion, std::optional<Cause> safety);

/// Whether what was seen proves that the output was driven so.
bool agrees(const device::Feedback& feedback, const device::Value& driven, const device::Sample& seen);

}  // namespace signalbox::control
