#pragma once

#include <string>
#include <string_view>

#include "sim/storm/asked.hpp"

namespace signalbox::sim::storm {

/// A request of HTTP, as the link hands it to a session.
struct Call {
  std::string_view operation;
  std::string_view dialect;
  std::string head;  ///< with the query, and what ends it
  std::string body;  ///< empty: it has none
};

/// What is asked, by HTTP: a command, a snapshot, history, a subscription or the log.
Call call_of(const Asked& asked);

}  // namespace signalbox::sim::storm
