#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "control/actor.hpp"
#include "session/answer_memory.hpp"

namespace signalbox::session {

/// Holds the wish that the device file be read again, of a session or of somebody at the device. One at a
/// time: whoever reads files takes the wish, and ends it when the reload has ended.
class ReloadDesk {
 public:
  /// False where one is under way.
  bool ask(const control::Actor& by, std::string_view trace_id, const Waiter& waiter) {
    if (stage_ != Stage::idle) return false;
    stage_ = Stage::asked;
    by_ = by;
    trace_id_ = trace_id;
    waiter_ = waiter;
    return true;
  }
  /// Somebody at the device asks. While a reload is under way, another one follows it.
  void ask() {
    if (stage_ == Stage::idle) {
      stage_ = Stage::asked;
      by_ = {};
      trace_id_.clear();
      waiter_.reset();
    } else {
      again_ = again_ || stage_ == Stage::under_way;
    }
  }

  bool is_asked() const { return stage_ == Stage::asked; }
  bool is_idle() const { return stage_ == Stage::idle; }
  void take() { stage_ = Stage::under_way; }
  const control::Actor& by() const { return by_; }
  const FixedText<36>& trace_id() const { return trace_id_; }
  /// It has ended; who waits for the answer, if somebody does.
  std::optional<Waiter> end() {
    const std::optional<Waiter> waiter = waiter_;
    stage_ = Stage::idle;
    if (again_) ask();
    again_ = false;
    return waiter;
  }

 private:
  enum class Stage : std::uint8_t { idle, asked, under_way };
  Stage stage_ = Stage::idle;
  bool again_ = false;
  control::Actor by_{};  ///< nobody's: at the device
  FixedText<36> trace_id_{};
  std::optional<Waiter> waiter_{};
};

}  // namespace signalbox::session
