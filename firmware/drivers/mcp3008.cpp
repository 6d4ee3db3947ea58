#include "drivers/mcp3008.hpp"

#include "drivers/input_pairs.hpp"

namespace signalbox::drivers {
namespace {

// The places of the settings.
constexpr std::size_t kReferenceVolts = 3;
constexpr std::size_t kMcp3008Pairs = 4;
constexpr std::size_t kMcp3008Period = 5;

constexpr std::uint8_t kMode = 0;  // it takes 0,0 and 1,1 (section 6.1)

// As whole bytes have it (section 6.1, Figure 6-1): the start bit is the last of the first byte, the second
// one has SGL/DIFF and D2 to D0 at its upper end.
constexpr std::uint8_t kStart = 0x01;
constexpr unsigned kSingleEnded = 0x80;
constexpr unsigned kInputShift = 4;

/// With D2 to D0 (Table 5-2): they number the input that is IN+.
constexpr std::array kInputPairs{InputPair{"0-1", 0, 0}, InputPair{"1-0", 1, 1}, InputPair{"2-3", 2, 2},
                                 InputPair{"3-2", 3, 3}, InputPair{"4-5", 4, 4}, InputPair{"5-4", 5, 5},
                                 InputPair{"6-7", 6, 6}, InputPair{"7-6", 7, 7}};

// What it answers, as one number: a null bit, B9 to B0, and then B1 to B9 (Figure 5-2) and zeros.
constexpr unsigned kNullBit = 26;
constexpr unsigned kForwards = 16;
constexpr unsigned kBackwards = 7;
constexpr std::uint32_t kMcp3008Bits = 0x3FF;

std::uint32_t reversed(std::uint32_t code) {
  std::uint32_t made = 0;
  for (unsigned bit = 0; bit < 10; ++bit) made |= (code >> bit & 1U) << (9 - bit);
  return made;
}

}  // namespace

Mcp3008::Mcp3008(const device::PartSetup& setup)
    : SpiChip{setup, kMcp3008Ports.size(), setup.settings.period(kMcp3008Period), kMode},
      is_used_{setup.is_used},
      pairs_{setup.settings.text(kMcp3008Pairs)},
      reference_volts_{setup.settings.number(kReferenceVolts)} {}

bool Mcp3008::are_pairs(std::string_view text) { return drivers::are_pairs(text, kInputPairs); }

std::uint8_t Mcp3008::configuration(std::size_t input, std::string_view pairs) {
  const InputPair* pair = pair_of(input, pairs, kInputPairs);
  const unsigned bits = pair != nullptr ? pair->code << kInputShift
                                        : kSingleEnded | static_cast<unsigned>(input) << kInputShift;
  return static_cast<std::uint8_t>(bits);
}

int Mcp3008::code(std::span<const std::uint8_t> answer) {
  std::uint32_t bits = 0;
  for (const std::uint8_t byte : answer.last(4)) bits = bits << 8U | byte;
  const std::uint32_t code = bits >> kForwards & kMcp3008Bits;
  const std::uint32_t expected = code << kForwards | (reversed(code) & (kMcp3008Bits >> 1U)) << kBackwards;
  const std::uint32_t told = bits & ((std::uint32_t{1} << (kNullBit + 1)) - 1);
  return told == expected ? static_cast<int>(code) : -1;
}

void Mcp3008::do_begin(bool /*afresh*/) { start(0); }

void Mcp3008::start(std::size_t input) {
  input_ = input;
  while (input_ < kInputs && !is_used_[input_]) ++input_;
  if (input_ == kInputs) return;
  exchange({kStart, configuration(input_, pairs_), 0, 0, 0});
}

void Mcp3008::do_go_on(device::ReadingSink& sink) {
  const int told = code(answer());
  if (told < 0) return fail("what it tells is no conversion: see to its supply and wires, or lower clockHz");
  sink.reading(static_cast<std::uint8_t>(input_), volts(told, reference_volts_));
  start(input_ + 1);
}

}  // namespace signalbox::drivers
