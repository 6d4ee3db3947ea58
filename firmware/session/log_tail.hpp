#pragma once

#include <string_view>

#include "base/instant.hpp"
#include "base/log.hpp"
#include "session/news.hpp"

namespace signalbox::session {

/// Makes news of the log's lines, as long as it is there. What is no UTF-8 in them, or would control a
/// reader's screen, becomes `?`.
class LogTail final : private LogListener {
 public:
  LogTail(News& news, const WallClock& clock) : news_{news}, clock_{clock} { set_log_listener(this); }
  LogTail(const LogTail&) = delete;
  LogTail& operator=(const LogTail&) = delete;
  ~LogTail() {
    if (log_listener() == this) set_log_listener(nullptr);
  }

 private:
  void do_logged(Severity severity, std::string_view line) override;

  News& news_;
  const WallClock& clock_;
};

}  // namespace signalbox::session
