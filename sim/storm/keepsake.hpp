#pragma once

#include <string>
#include <vector>

#include "sim/storm/asked.hpp"

namespace signalbox::sim::storm {

/// What a client keeps of a connection that was lost: with it, it comes back.
struct Keepsake {
  std::string epoch;                 ///< the life it knew; empty: it was never let in
  std::string session;               ///< as the device calls it
  std::string session_token;         ///< the secret to return with
  std::vector<Asked> subscriptions;  ///< each with what was last seen of it
  bool is_unclear = false;           ///< some were being changed when it was lost
  std::vector<Asked> unanswered;     ///< commands with a name, whose answers never came
  std::string page;                  ///< payload that asks for the next page of a history; empty: none
};

}  // namespace signalbox::sim::storm
