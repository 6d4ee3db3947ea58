#pragma once

#include <span>

#include "base/fixed_text.hpp"
#include "base/result.hpp"

namespace signalbox::hal {

/// What the process that speaks to the network still has to reach once it serves.
struct SandboxNeeds {
  const char* state = nullptr;  ///< directory that is read and written
  /// Read again, also when another took their place: so their directories are readable.
  std::span<const char* const> files{};
  bool fenced = true;  ///< false: only rights are given up, for debugging
};

/// What came of it, in words for a person.
struct SandboxState {
  FixedText<223> in_force;
  FixedText<127> lacking;  ///< what this system does not have; empty where it has all
};

/// Gives up every right that serving does not need, for good. Called once, with everything open that serving
/// needs and before the first byte from the network. What the system lacks is told; what fails is an error,
/// and the process must not serve.
using EnterSandbox = Result<SandboxState> (*)(const SandboxNeeds& needs);

}  // namespace signalbox::hal
