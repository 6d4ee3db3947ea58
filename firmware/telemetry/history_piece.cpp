#include "telemetry/history_piece.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>

#include "base/digest.hpp"
#include "base/utf8.hpp"

namespace signalbox::telemetry {
namespace {

using device::Value;
using device::ValueKind;
using Entry = History::Entry;

constexpr std::size_t kHeadBytes = 32;
constexpr std::size_t kDigestBytes = 8;
constexpr std::size_t kBlockHeadBytes = 13;
constexpr std::uint8_t kEnded = 1;
constexpr std::uint8_t kLacks = 1;

/// A sample begins with a byte: how its distance to the one before differs from the distance before that, in
/// ms and zigzag, or kFarTime where that takes more; and whether value and state are others.
constexpr std::uint8_t kFarTime = 63;
constexpr std::uint8_t kOtherValue = 64;
constexpr std::uint8_t kOtherState = 128;
/// A state: its quality, and this.
constexpr std::uint8_t kWasRead = 4;
constexpr std::uint8_t kQualities = 4;

constexpr std::uint64_t zigzag(std::uint64_t difference) {
  return (difference << 1U) ^ (0U - (difference >> 63U));
}
constexpr std::uint64_t unzigzag(std::uint64_t code) { return (code >> 1U) ^ (0U - (code & 1U)); }

/// Bytes on their way into memory, or counted only where there is none.
class Bytes {
 public:
  explicit Bytes(std::span<char> into = {}) : into_{into} {}
  void put(std::uint64_t number, std::size_t bytes) {
    for (std::size_t i = 0; i < bytes; ++i, number >>= 8U) {
      if (size_ < into_.size()) into_[size_] = static_cast<char>(number & 0xFFU);
      ++size_;
    }
  }
  /// Seven bits each, the lowest first; the eighth says that more follow.
  void put_varying(std::uint64_t number) {
    for (; number >= 0x80U; number >>= 7U) put((number & 0x7FU) | 0x80U, 1);
    put(number, 1);
  }
  void put(std::string_view text) {
    for (const char c : text) put(static_cast<unsigned char>(c), 1);
  }
  std::size_t size() const { return size_; }

 private:
  std::span<char> into_;
  std::size_t size_ = 0;
};

std::uint64_t number_at(std::string_view bytes, std::size_t place, std::size_t count) {
  std::uint64_t number = 0;
  for (std::size_t i = count; i > 0; --i)
    number = (number << 8U) | static_cast<unsigned char>(bytes[place + i - 1]);
  return number;
}

/// The same of two bytes.
std::uint16_t short_at(std::string_view bytes, std::size_t place) {
  return static_cast<std::uint16_t>(number_at(bytes, place, 2));
}

std::uint64_t digest_of_piece(std::string_view bytes) { return Digest{}.add(bytes).value(); }

/// What a reader takes for the value before the first one.
Value first_value(ValueKind kind) {
  switch (kind) {
    case ValueKind::number: return 0.0;
    case ValueKind::boolean: return false;
    case ValueKind::text: return device::Text{};
    default: return device::EnumIndex{};
  }
}

bool is_same(const Value& a, const Value& b) {
  const double* number = std::get_if<double>(&a);
  if (number == nullptr) return a == b;
  return std::bit_cast<std::uint64_t>(*number) == std::bit_cast<std::uint64_t>(std::get<double>(b));
}

/// Writes the samples of a block, each by how it differs from the one before.
class SampleWriter {
 public:
  SampleWriter(Bytes& bytes, ValueKind kind) : bytes_{bytes}, value_{first_value(kind)} {}

  void put(const Entry& entry) {
    const auto at_ms = static_cast<std::uint64_t>(to_ms(entry.taken_at.time_since_epoch()));
    const std::uint64_t step_ms = at_ms - at_ms_;
    const std::uint64_t time = zigzag(step_ms - step_ms_);
    const bool was_read = entry.was_read && entry.value.index() == value_.index();
    const auto state =
        static_cast<std::uint8_t>(static_cast<unsigned>(entry.quality) | (was_read ? kWasRead : 0U));
    const bool other_value = was_read && !is_same(entry.value, value_);
    bytes_.put(std::min<std::uint64_t>(time, kFarTime) | (other_value ? kOtherValue : 0U) |
                   (state != state_ ? kOtherState : 0U),
               1);
    if (time >= kFarTime) bytes_.put_varying(time);
    if (state != state_) bytes_.put(state, 1);
    if (other_value) put_value(entry.value);
    at_ms_ = at_ms;
    step_ms_ = step_ms;
    state_ = state;
  }

 private:
  /// A boolean that is another one needs no byte.
  void put_value(const Value& value) {
    if (const double* number = std::get_if<double>(&value)) {
      put_number(std::bit_cast<std::uint64_t>(*number) ^
                 std::bit_cast<std::uint64_t>(std::get<double>(value_)));
    } else if (const device::Text* text = std::get_if<device::Text>(&value)) {
      bytes_.put(text->view().size(), 1);
      bytes_.put(text->view());
    } else if (const device::EnumIndex* label = std::get_if<device::EnumIndex>(&value)) {
      bytes_.put(label->index, 1);
    }
    value_ = value;
  }

  /// Most readings have few digits, and change in few of them: of the differing bits those bytes are left out
  /// that are zero, below and above.
  void put_number(std::uint64_t different) {
    SIGNALBOX_CHECK(different != 0);
    const auto below = static_cast<unsigned>(std::countr_zero(different)) / 8U;
    const auto above = static_cast<unsigned>(std::countl_zero(different)) / 8U;
    const unsigned count = 8U - below - above;
    bytes_.put(below << 4U | count, 1);
    bytes_.put(different >> (8U * below), count);
  }

  Bytes& bytes_;
  std::uint64_t at_ms_ = 0;
  std::uint64_t step_ms_ = 0;
  std::uint8_t state_ = 0;
  Value value_;
};

void put_samples(Bytes& bytes, const Ring<Entry>& entries, const Selection& selection, ValueKind kind) {
  SampleWriter writer{bytes, kind};
  for (std::size_t i = selection.first; i < selection.end; ++i)
    if ((selection.end - 1 - i) % selection.stride == 0) writer.put(entries[i]);
}

}  // namespace

std::uint64_t meaning_of(const device::Channel& channel) {
  Digest digest;
  digest.add(channel.path.view()).add(channel.kind).add(channel.unit.view());
  for (std::size_t i = 0; i < channel.labels_count; ++i) digest.add(channel.labels[i].view());
  return digest.value();
}

std::size_t block_bytes(const Ring<Entry>& entries, const Selection& selection, ValueKind kind) {
  Bytes bytes;
  put_samples(bytes, entries, selection, kind);
  return kBlockHeadBytes + bytes.size();
}

void PieceWriter::begin(const PieceHead& head) {
  Bytes bytes{memory_};
  bytes.put(kPieceBegin);
  bytes.put(0, 2);  // how many bytes: told by `finish`
  bytes.put(head.ended ? kEnded : 0U, 2);
  bytes.put(head.run, 4);
  bytes.put(head.number, 4);
  bytes.put(static_cast<std::uint64_t>(head.clock_ms), 8);
  bytes.put(static_cast<std::uint64_t>(head.upto_ms), 8);
  SIGNALBOX_CHECK(bytes.size() == kHeadBytes && memory_.size() >= hal::AppendLog::kPieceBytesMax);
  size_ = bytes.size();
}

std::size_t PieceWriter::room() const { return hal::AppendLog::kPieceBytesMax - kDigestBytes - size_; }

bool PieceWriter::add(const device::Channel& channel, const Ring<Entry>& entries, const Selection& selection,
                      bool lacks) {
  if (room() < kBlockHeadBytes) return false;
  const std::span<char> into = memory_.subspan(size_, room());
  Bytes samples{into.subspan(kBlockHeadBytes)};
  put_samples(samples, entries, selection, channel.kind);
  if (kBlockHeadBytes + samples.size() > into.size()) return false;
  Bytes head{into};
  head.put(meaning_of(channel), 8);
  head.put(samples.size(), 2);
  head.put((selection.end - selection.first + selection.stride - 1) / selection.stride, 2);
  head.put(lacks ? kLacks : 0U, 1);
  size_ += head.size() + samples.size();
  return true;
}

std::span<const char> PieceWriter::finish() {
  const std::size_t bytes = size_ + kDigestBytes;
  Bytes{memory_.subspan(kPieceBegin.size())}.put(bytes, 2);
  Bytes{memory_.subspan(size_)}.put(digest_of_piece({memory_.data(), size_}), kDigestBytes);
  return memory_.first(bytes);
}

std::optional<Piece> read_piece(std::string_view bytes) {
  if (bytes.size() < kHeadBytes + kDigestBytes || !bytes.starts_with(kPieceBegin)) return std::nullopt;
  const std::size_t size = short_at(bytes, 4);
  if (size < kHeadBytes + kDigestBytes || size > bytes.size()) return std::nullopt;
  const std::size_t digested = size - kDigestBytes;
  if (digest_of_piece(bytes.substr(0, digested)) != number_at(bytes, digested, kDigestBytes))
    return std::nullopt;
  return Piece{.head = {.run = static_cast<std::uint32_t>(number_at(bytes, 8, 4)),
                        .number = static_cast<std::uint32_t>(number_at(bytes, 12, 4)),
                        .clock_ms = static_cast<std::int64_t>(number_at(bytes, 16, 8)),
                        .upto_ms = static_cast<std::int64_t>(number_at(bytes, 24, 8)),
                        .ended = (short_at(bytes, 6) & kEnded) != 0},
               .blocks = bytes.substr(kHeadBytes, digested - kHeadBytes),
               .bytes = size};
}

std::optional<Block> take_block(std::string_view& blocks) {
  if (blocks.size() < kBlockHeadBytes) return std::nullopt;
  const std::size_t bytes = short_at(blocks, 8);
  if (bytes > blocks.size() - kBlockHeadBytes) return std::nullopt;
  const Block block{.meaning = number_at(blocks, 0, 8),
                    .count = short_at(blocks, 10),
                    .lacks = (number_at(blocks, 12, 1) & kLacks) != 0,
                    .samples = blocks.substr(kBlockHeadBytes, bytes)};
  blocks.remove_prefix(kBlockHeadBytes + bytes);
  return block;
}

std::optional<Entry> SampleReader::next() {
  if (rest_.empty()) return std::nullopt;
  if (is_first_) value_ = first_value(channel_.kind);
  is_first_ = false;
  const std::string_view whole = rest_;
  const auto head = static_cast<std::uint8_t>(rest_.front());
  rest_.remove_prefix(1);
  bool is_ours = read_time(head & kFarTime);
  if (is_ours && (head & kOtherState) != 0) {
    is_ours = !rest_.empty() && static_cast<unsigned char>(rest_.front()) < kWasRead + kQualities;
    if (is_ours) {
      state_ = static_cast<std::uint8_t>(rest_.front());
      rest_.remove_prefix(1);
    }
  }
  const bool was_read = (state_ & kWasRead) != 0;
  if (is_ours && (head & kOtherValue) != 0) is_ours = was_read && read_value();
  if (!is_ours) {
    rest_ = whole;
    return std::nullopt;
  }
  return Entry{.value = value_,
               .taken_at = Instant{from_ms(static_cast<std::int64_t>(at_ms_))},
               .quality = static_cast<device::Quality>(state_ % kQualities),
               .was_read = was_read};
}

/// Monotonic time never goes back, and no run lasts for 2^53 ms.
bool SampleReader::read_time(std::uint8_t code) {
  constexpr std::uint64_t kMax_ms = std::uint64_t{1} << 53U;
  std::uint64_t time = code;
  if (code == kFarTime) {
    time = 0;
    for (unsigned shift = 0;; shift += 7) {
      if (rest_.empty() || shift > 63) return false;
      const auto byte = static_cast<unsigned char>(rest_.front());
      rest_.remove_prefix(1);
      time |= std::uint64_t{byte & 0x7FU} << shift;
      if (byte < 0x80U) break;
    }
  }
  step_ms_ += unzigzag(time);
  if (step_ms_ > kMax_ms || at_ms_ + step_ms_ > kMax_ms) return false;
  at_ms_ += step_ms_;
  return true;
}

bool SampleReader::read_value() {
  if (bool* boolean = std::get_if<bool>(&value_)) {
    *boolean = !*boolean;
    return true;
  }
  if (std::holds_alternative<double>(value_)) return read_number();
  if (std::holds_alternative<device::Text>(value_)) return read_text();
  if (rest_.empty()) return false;
  const auto index = static_cast<std::uint8_t>(rest_.front());
  rest_.remove_prefix(1);
  value_ = device::EnumIndex{index};
  return index < channel_.labels_count;
}

bool SampleReader::read_number() {
  if (rest_.empty()) return false;
  const auto shape = static_cast<unsigned char>(rest_.front());
  const unsigned below = shape >> 4U;
  const unsigned count = shape & 0xFU;
  if (count == 0 || below + count > 8 || rest_.size() < 1 + count) return false;
  const std::uint64_t different = number_at(rest_, 1, count) << (8U * below);
  rest_.remove_prefix(1 + count);
  const double number =
      std::bit_cast<double>(std::bit_cast<std::uint64_t>(std::get<double>(value_)) ^ different);
  value_ = number;
  return std::isfinite(number);
}

bool SampleReader::read_text() {
  if (rest_.empty()) return false;
  const std::size_t size = static_cast<unsigned char>(rest_.front());
  device::Text text;
  if (rest_.size() < 1 + size || !text.assign(rest_.substr(1, size))) return false;
  for (std::string_view left = text.view(); !left.empty();) {
    const std::size_t character = utf8_character_bytes(left);
    if (character == 0) return false;
    left.remove_prefix(character);
  }
  rest_.remove_prefix(1 + size);
  value_ = text;
  return true;
}

}  // namespace signalbox::telemetry
