#pragma once

#include <cstdint>
#include <initializer_list>
#include <span>
#include <string_view>

#include "base/text_writer.hpp"

namespace signalbox::protocol {

/// Writes figures in Prometheus' text format, version 0.0.4, a part at a time: passes over the entries that
/// an earlier part had, and stops before the one that does not fit. So all of them are gone through for each
/// part, in the same order, and none needs memory of its own.
class MetricsWriter {
 public:
  struct Label {
    std::string_view name;
    std::string_view value;  ///< escaped here
  };
  using Labels = std::initializer_list<Label>;

  /// `first`: the entry to begin with, counted from 0. Every entry must fit an empty `into`.
  MetricsWriter(std::span<char> into, std::uint32_t first) : text_{into}, first_{first} {}

  /// What the samples behind it are: `type` is `gauge`, `counter` or `histogram`. The name stays until the
  /// next one.
  void family(std::string_view name, std::string_view type, std::string_view help);
  /// A sample of the family.
  void sample(double value, Labels labels = {}) { sample("", value, labels); }
  /// The same of its part, such as `_sum`.
  void sample(std::string_view suffix, double value, Labels labels = {});

  /// In place of an entry that is not there at the moment: those behind it keep their numbers, so that none
  /// of them is told twice, or never.
  void pass() { ++count_; }

  /// The entry that did not fit any more, to begin with the next time; or how many there are.
  std::uint32_t next() const { return is_full_ ? next_ : count_; }
  bool is_full() const { return is_full_; }
  std::string_view written() const { return text_.written(); }

 private:
  /// Whether the entry that begins is to be written here.
  bool begin();
  /// Takes it back where it did not fit.
  void end();

  TextWriter text_;
  std::string_view family_;
  std::uint32_t first_;
  std::uint32_t count_ = 0;
  std::uint32_t next_ = 0;
  std::size_t before_ = 0;
  bool is_full_ = false;
};

}  // namespace signalbox::protocol
