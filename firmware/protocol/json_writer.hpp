#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <utility>

namespace signalbox::protocol {

/// Writes JSON text (RFC 8259) into memory lent by the caller, commas included. Once something did not fit,
/// nothing more is written and `fits()` is false.
class JsonWriter {
 public:
  explicit JsonWriter(std::span<char> into)
      : begin_{into.data()}, next_{begin_}, end_{begin_ + into.size()} {}

  JsonWriter& begin_object();
  JsonWriter& end_object();
  /// The next `begin_object` goes on in the object that is open, whose end is then its end.
  JsonWriter& continue_object();
  JsonWriter& begin_array();
  JsonWriter& end_array();
  /// A member's name. It comes from the program or is a channel's path, so it has nothing to be escaped.
  JsonWriter& key(std::string_view name);

  /// A text that is one of the program's own words, such as a wire name: it has nothing to be escaped.
  JsonWriter& word(std::string_view value);
  /// Quotes, backslashes and control characters are escaped; what is not UTF-8 becomes U+FFFD, since one bad
  /// byte would cost the reader its connection (RFC 6455 section 8.1).
  JsonWriter& text(std::string_view value);
  /// The shortest form that reads back the same; JSON has no NaN and no infinities: null.
  JsonWriter& number(double number);
  JsonWriter& integer(std::int64_t number);
  /// Beyond 2^53 as text, since JSON readers keep numbers as doubles.
  JsonWriter& counter(std::uint64_t number);
  JsonWriter& boolean(bool state);
  JsonWriter& null();

  /// Key and value in one; nothing at all where the text is empty.
  JsonWriter& member_unless_empty(std::string_view name, std::string_view value);

  /// A place to go back to, as after something that did not fit.
  struct Mark {
    char* next;
    bool needs_comma;
  };
  Mark mark() const { return {next_, needs_comma_}; }
  void back_to(const Mark& mark) {
    next_ = mark.next;
    needs_comma_ = mark.needs_comma;
    fits_ = true;
  }

  bool fits() const { return fits_; }
  /// How many bytes may still be written.
  std::size_t room() const { return fits_ ? static_cast<std::size_t>(end_ - next_) : 0; }
  std::string_view written() const { return {begin_, static_cast<std::size_t>(next_ - begin_)}; }
  /// Ends the outermost object: the whole message, or nothing where it did not fit.
  std::string_view end_message() {
    end_object();
    return fits_ ? written() : std::string_view{};
  }

 private:
  /// Whether so many bytes fit; nothing does any more once something did not.
  bool has_room(std::size_t bytes) {
    fits_ = fits_ && bytes <= static_cast<std::size_t>(end_ - next_);
    return fits_;
  }
  /// Whether a value or a name of so many bytes, one at least, fits behind the comma that there may have to
  /// be, which is written.
  bool begin_value(std::size_t bytes) {
    const std::size_t comma = std::exchange(needs_comma_, true) ? 1 : 0;
    if (!has_room(comma + bytes)) return false;
    *next_ = ',';  // where none is needed the value goes over it
    next_ += comma;
    return true;
  }
  JsonWriter& value(std::string_view text);
  JsonWriter& begin(char bracket);
  JsonWriter& end(char bracket);
  JsonWriter& quoted(std::string_view text, bool is_name);
  void put(std::string_view text);
  void escaped(std::string_view value);
  void escape(unsigned char c);

  char* begin_;
  char* next_;
  char* end_;
  bool fits_ = true;
  bool needs_comma_ = false;
  bool continues_ = false;
};

}  // namespace signalbox::protocol
