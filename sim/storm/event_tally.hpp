#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include "sim/storm/chronicle.hpp"

namespace signalbox::sim::storm {

/// The events told on one connection: each once, in order, and what is lost told to be. What it says is what
/// is wrong; empty: nothing.
class EventTally {
 public:
  explicit EventTally(const Chronicle& chronicle) : chronicle_{chronicle} {}

  /// That request asks for events beyond `after`; it reached the device when that was at `offset`. `resumes`:
  /// those of the time away come first.
  void asked(std::size_t request, std::uint64_t after, std::uint64_t offset, bool resumes) {
    marks_.push_back({request, after, true, resumes});
    if (resumes) away_until_ = std::max(away_until_, offset);
  }
  /// Whether events are told of a time away, from one offset up to another, is not known.
  void may_come_back(std::uint64_t after, std::uint64_t until) {
    is_tracked_ = false;
    last_ = std::min(last_, after);
    away_until_ = std::max(away_until_, until);
  }
  /// Up to there events may be of a time away: they come after what was told of later times.
  std::uint64_t away_until() const { return away_until_; }
  /// It was answered: from then on they are told, or everything stays as it was.
  void answered(std::size_t request, bool served);
  bool is_on() const { return is_on_; }
  bool is_tracked() const { return is_tracked_; }
  /// Nobody asks for them any more.
  void ended() { is_on_ = false; }
  /// Requests were answered in another order than the device took them: who is told what is not known.
  void lose_track() { is_tracked_ = false; }

  std::string event(JsonView payload);
  std::string gap(JsonView payload);
  /// Everything up to that event must have been told by now.
  std::string check_told(std::uint64_t newest) const;

 private:
  struct Mark {
    std::size_t request = 0;
    std::uint64_t offset = 0;
    bool is_open = false;  ///< not answered yet
    bool resumes = false;
  };

  bool is_awaited() const;
  /// Whether `count` events lie between what was told before, or the beginning, and that offset. Of what was
  /// lost in a time away only the most that it can have been is known.
  bool adds_up(std::size_t count, std::uint64_t before) const;
  /// Whether that is beyond all that was told; or of a time away that is being told.
  bool rises(std::uint64_t offset) const;

  const Chronicle& chronicle_;
  std::vector<Mark> marks_;
  std::uint64_t away_until_ = 0;
  std::uint64_t last_ = 0;  ///< told, or told to be lost
  bool is_on_ = false;
  bool is_tracked_ = true;
};

}  // namespace signalbox::sim::storm
