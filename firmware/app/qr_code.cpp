#include "app/qr_code.hpp"

#include <algorithm>
#include <cstdlib>

#include "base/check.hpp"

namespace signalbox::app {
namespace {

constexpr unsigned kVersions = 5;
/// Codewords for data and for error correction of versions 1 to 5 at level L (table 9).
constexpr std::array<std::size_t, kVersions> kData{19, 34, 55, 80, 108};
constexpr std::array<std::size_t, kVersions> kCorrection{7, 10, 15, 20, 26};
constexpr std::size_t kCodewordsMax = 134;
constexpr unsigned kMasks = 8;
constexpr unsigned kQuiet = 4;

/// In the field of 256 elements over x^8 + x^4 + x^3 + x^2 + 1.
std::uint8_t multiply(std::uint8_t a, std::uint8_t b) {
  unsigned product = 0;
  for (unsigned i = 8; i-- > 0;) {
    product = (product << 1U) ^ ((product >> 7U) * 0x11DU);
    product ^= ((b >> i) & 1U) * a;
  }
  return static_cast<std::uint8_t>(product);
}

using Codewords = std::array<std::uint8_t, kCodewordsMax>;

/// Reed-Solomon: behind the data goes what is left of it after the division by (x - 1)(x - 2)(x - 4)…
void add_correction(Codewords& codewords, std::size_t data, std::size_t correction) {
  std::array<std::uint8_t, 27> divisor{};  // without its leading 1, highest power first
  divisor[correction - 1] = 1;
  std::uint8_t root = 1;
  for (std::size_t i = 0; i < correction; ++i) {
    for (std::size_t j = 0; j < correction; ++j)
      divisor[j] = multiply(divisor[j], root) ^ (j + 1 < correction ? divisor[j + 1] : std::uint8_t{0});
    root = multiply(root, 2);
  }
  std::uint8_t* rest = codewords.data() + data;
  std::fill_n(rest, correction, std::uint8_t{0});
  for (std::size_t i = 0; i < data; ++i) {
    const auto factor = static_cast<std::uint8_t>(codewords[i] ^ rest[0]);
    for (std::size_t j = 0; j < correction; ++j)
      rest[j] = multiply(divisor[j], factor) ^ (j + 1 < correction ? rest[j + 1] : std::uint8_t{0});
  }
}

/// Mode 4 (bytes) and the count, half a codeword out of step, then the text and the fill (section 7.4).
Codewords encode(std::string_view text, std::size_t data) {
  Codewords codewords{};
  const auto put = [&codewords](std::size_t at, unsigned byte) {
    codewords[at] = static_cast<std::uint8_t>(codewords[at] | byte >> 4U);
    codewords[at + 1] = static_cast<std::uint8_t>(byte << 4U);
  };
  codewords[0] = 0x40;
  put(0, static_cast<unsigned>(text.size()));
  for (std::size_t i = 0; i < text.size(); ++i) put(1 + i, static_cast<std::uint8_t>(text[i]));
  std::uint8_t fill = 0xEC;
  for (std::size_t i = text.size() + 2; i < data; ++i, fill ^= 0xEC ^ 0x11) codewords[i] = fill;
  return codewords;
}

bool is_masked(unsigned mask, unsigned x, unsigned y) {
  switch (mask) {
    case 0: return (x + y) % 2 == 0;
    case 1: return y % 2 == 0;
    case 2: return x % 3 == 0;
    case 3: return (x + y) % 3 == 0;
    case 4: return (x / 3 + y / 2) % 2 == 0;
    case 5: return x * y % 2 + x * y % 3 == 0;
    case 6: return (x * y % 2 + x * y % 3) % 2 == 0;
    default: return ((x + y) % 2 + x * y % 3) % 2 == 0;
  }
}

}  // namespace

std::optional<QrCode> QrCode::of(std::string_view text) {
  unsigned version = 1;
  while (version <= kVersions && kData[version - 1] < text.size() + 2) ++version;
  if (version > kVersions) return std::nullopt;
  const std::size_t data = kData[version - 1];
  const std::size_t correction = kCorrection[version - 1];
  Codewords codewords = encode(text, data);
  add_correction(codewords, data, correction);
  QrCode blank{version};
  blank.draw_patterns();
  blank.draw_format(0);  // claims its modules
  blank.draw_codewords(codewords.data(), data + correction);
  std::optional<QrCode> best;
  for (unsigned mask = 0; mask < kMasks; ++mask) {
    QrCode next = blank;
    next.apply(mask);
    next.draw_format(mask);
    if (!best || next.penalty() < best->penalty()) best = next;
  }
  return best;
}

void QrCode::set(unsigned x, unsigned y, bool dark) {
  const std::uint64_t bit = std::uint64_t{1} << x;
  dark_[y] = dark ? dark_[y] | bit : dark_[y] & ~bit;
}

void QrCode::set_function(unsigned x, unsigned y, bool dark) {
  set(x, y, dark);
  function_[y] |= std::uint64_t{1} << x;
}

/// With the light border around it, as far as that lies inside.
void QrCode::draw_finder(unsigned center_x, unsigned center_y) {
  for (int dy = -4; dy <= 4; ++dy) {
    for (int dx = -4; dx <= 4; ++dx) {
      const int x = static_cast<int>(center_x) + dx;
      const int y = static_cast<int>(center_y) + dy;
      const int ring = std::max(std::abs(dx), std::abs(dy));
      if (x < 0 || y < 0 || x >= static_cast<int>(size_) || y >= static_cast<int>(size_)) continue;
      set_function(static_cast<unsigned>(x), static_cast<unsigned>(y), ring != 2 && ring != 4);
    }
  }
}

void QrCode::draw_patterns() {
  for (unsigned i = 0; i < size_; ++i) {
    set_function(6, i, i % 2 == 0);
    set_function(i, 6, i % 2 == 0);
  }
  draw_finder(3, 3);
  draw_finder(size_ - 4, 3);
  draw_finder(3, size_ - 4);
  if (version_ == 1) return;
  const unsigned center = size_ - 7;  // of the one alignment pattern
  for (unsigned y = center - 2; y <= center + 2; ++y)
    for (unsigned x = center - 2; x <= center + 2; ++x) {
      const bool on_ring = x == center - 1 || x == center + 1 || y == center - 1 || y == center + 1;
      const bool on_edge = x == center - 2 || x == center + 2 || y == center - 2 || y == center + 2;
      set_function(x, y, on_edge || !on_ring);
    }
}

/// Level L and the mask with their own correction, twice (section 7.9).
void QrCode::draw_format(unsigned mask) {
  const unsigned data = 1U << 3U | mask;
  unsigned rest = data;
  for (int i = 0; i < 10; ++i) rest = (rest << 1U) ^ ((rest >> 9U) * 0x537U);
  const unsigned bits = (data << 10U | rest) ^ 0x5412U;
  const auto bit = [bits](unsigned i) { return ((bits >> i) & 1U) != 0; };
  for (unsigned i = 0; i <= 5; ++i) set_function(8, i, bit(i));
  set_function(8, 7, bit(6));
  set_function(8, 8, bit(7));
  set_function(7, 8, bit(8));
  for (unsigned i = 9; i < 15; ++i) set_function(14 - i, 8, bit(i));
  for (unsigned i = 0; i < 8; ++i) set_function(size_ - 1 - i, 8, bit(i));
  for (unsigned i = 8; i < 15; ++i) set_function(8, size_ - 15 + i, bit(i));
  set_function(8, size_ - 8, true);
}

/// In columns of two from the right, up and down by turns (section 7.7.3).
void QrCode::draw_codewords(const std::uint8_t* codewords, std::size_t count) {
  std::size_t at = 0;
  bool up = true;
  for (unsigned right = size_ - 1; right >= 1 && right < size_; right -= 2, up = !up) {
    if (right == 6) right = 5;  // the timing pattern's column is left out
    for (unsigned step = 0; step < size_; ++step) {
      const unsigned y = up ? size_ - 1 - step : step;
      for (const unsigned x : {right, right - 1}) {
        if (((function_[y] >> x) & 1U) != 0 || at >= 8 * count) continue;
        set(x, y, ((codewords[at / 8] >> (7 - at % 8)) & 1U) != 0);
        ++at;
      }
    }
  }
}

void QrCode::apply(unsigned mask) {
  for (unsigned y = 0; y < size_; ++y)
    for (unsigned x = 0; x < size_; ++x)
      if (((function_[y] >> x) & 1U) == 0 && is_masked(mask, x, y)) set(x, y, !is_dark(x, y));
}

/// Long runs of one colour, and what looks like a finder (section 7.8.3, features 1 and 3).
unsigned QrCode::penalty_of_lines(bool columns) const {
  constexpr unsigned kFinderThenLight = 0b10111010000;
  constexpr unsigned kLightThenFinder = 0b00001011101;
  unsigned sum = 0;
  for (unsigned line = 0; line < size_; ++line) {
    unsigned run = 0;
    unsigned last = 2;
    unsigned window = 0;
    for (unsigned i = 0; i < size_; ++i) {
      const unsigned dark = (columns ? is_dark(line, i) : is_dark(i, line)) ? 1 : 0;
      run = dark == last ? run + 1 : 1;
      last = dark;
      if (run == 5) sum += 3;
      if (run > 5) ++sum;
      window = (window << 1U | dark) & 0x7FFU;
      if (i >= 10 && (window == kFinderThenLight || window == kLightThenFinder)) sum += 40;
    }
  }
  return sum;
}

unsigned QrCode::penalty() const {
  SIGNALBOX_CHECK(size_ > 0);
  unsigned sum = penalty_of_lines(false) + penalty_of_lines(true);
  unsigned dark = 0;
  for (unsigned y = 0; y < size_; ++y) {
    for (unsigned x = 0; x < size_; ++x) {
      dark += is_dark(x, y) ? 1 : 0;
      if (x == 0 || y == 0) continue;
      const bool same = is_dark(x, y) == is_dark(x - 1, y) && is_dark(x, y) == is_dark(x, y - 1) &&
                        is_dark(x, y) == is_dark(x - 1, y - 1);
      if (same) sum += 3;  // a square of one colour
    }
  }
  const int percent = static_cast<int>(100 * dark / (size_ * size_));
  return sum + 10 * static_cast<unsigned>(std::abs(percent - 50) / 5);
}

void QrCode::print(std::FILE* to, const char* indent) const {
  const auto light = [this](unsigned x, unsigned y) {
    const bool inside = x >= kQuiet && y >= kQuiet && x < kQuiet + size_ && y < kQuiet + size_;
    return !inside || !is_dark(x - kQuiet, y - kQuiet);
  };
  const unsigned side = size_ + 2 * kQuiet;
  for (unsigned y = 0; y < side; y += 2) {
    std::fputs(indent, to);
    for (unsigned x = 0; x < side; ++x) {
      const bool upper = light(x, y);
      const bool lower = y + 1 < side && light(x, y + 1);
      std::fputs(upper ? lower ? "█" : "▀" : lower ? "▄" : " ", to);
    }
    std::fputc('\n', to);
  }
}

}  // namespace signalbox::app
