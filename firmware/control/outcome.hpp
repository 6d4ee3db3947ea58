#pragma once

#include <optional>

#include "base/error.hpp"
#include "control/actuation.hpp"
#include "device/actuator.hpp"
#include "device/output_rules.hpp"
#include "device/sample.hpp"

namespace signalbox::control {

/// The reason to answer where a write ended as `completion` and its output did not move. `pending`: the port
/// kept silent.
Reason reason_of(hal::Completion completion);
/// The same with words. `safety`: why the output is on its way to a demanded value, if it is. That withdraws
/// a write which has not reached the hardware; it gets the answer that a waiting command would get.
Error error_of(hal::Completion completion, std::optional<Cause> safety);

/// Whether what was seen proves that the output was driven so.
bool agrees(const device::Feedback& feedback, const device::Value& driven, const device::Sample& seen);

}  // namespace signalbox::control
