#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "sim/storm/chronicle.hpp"

namespace signalbox::sim::storm {

/// One question about the past with all its pages, held against what the device really took.
class Inquiry {
 public:
  struct Question {
    std::string paths;  ///< as they stand in the payload
    device::ChannelSet channels;
    std::int64_t from_ms = 0;
    std::int64_t to_ms = 0;
    std::int64_t step_ms = 0;  ///< 0: samples
  };

  Inquiry(const Chronicle& chronicle, Question question)
      : chronicle_{chronicle}, question_{std::move(question)} {}

  const Question& question() const { return question_; }
  /// The first page was asked for when the device's clock had been at that at its zero.
  void begin(std::int64_t started_ms) {
    if (!started_ms_) started_ms_ = started_ms;
  }
  /// A page came; returns what is wrong with it, empty: nothing.
  std::string page(JsonView payload);
  /// Where the next page begins; empty: that was all, or nothing came yet.
  const std::string& cursor() const { return cursor_; }

 private:
  /// What steps of one length came to, over all pages.
  struct Step {
    double min = 0.0;
    double max = 0.0;
    double sum = 0.0;
    std::uint64_t count = 0;
  };
  struct Series {
    bool is_told = false;
    bool is_complete = true;  ///< nothing of it was told to be lost
    bool is_unread = true;    ///< nothing of it came since something was lost
    std::uint64_t after = 0;  ///< told up to here
    std::map<std::int64_t, Step> steps;
  };

  std::int64_t label(const Chronicle::Taken& taken) const {
    return (taken.is_past ? 0 : *started_ms_) + to_ms(taken.at.time_since_epoch());
  }
  bool is_asked(const Chronicle::Taken& taken) const {
    return label(taken) >= question_.from_ms && label(taken) < question_.to_ms;
  }
  std::string take_series(device::ChannelIndex channel, JsonView series);
  std::string take_samples(device::ChannelIndex channel, JsonView samples, bool complete);
  std::string take_steps(device::ChannelIndex channel, JsonView steps);
  /// Nothing more of that channel is to come: all of it up to that offset must have.
  std::string finish(device::ChannelIndex channel, std::uint64_t offset);
  std::string check_steps(device::ChannelIndex channel, std::uint64_t offset) const;

  const Chronicle& chronicle_;
  Question question_;
  std::optional<std::int64_t> started_ms_;
  std::array<Series, bench::kPaths.size()> series_{};
  /// The channel that the last page ended with: it may or may not go on; how far the device was then.
  std::optional<device::ChannelIndex> open_;
  std::uint64_t offset_ = 0;
  std::string cursor_;
};

}  // namespace signalbox::sim::storm
