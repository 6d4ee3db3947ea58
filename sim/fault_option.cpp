#include "sim/fault_option.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <string>

#include "sim/hal/platform.hpp"

namespace signalbox::sim {
namespace {

constexpr std::string_view kOption = "--fault";
constexpr std::string_view kForm = "KIND:TARGET:AFTER_MS:FOR_MS";

/// As many words as a fault has, between colons.
std::vector<std::string_view> words_of(std::string_view text) {
  std::vector<std::string_view> words;
  for (std::size_t colon = text.find(':'); colon != std::string_view::npos; colon = text.find(':')) {
    words.push_back(text.substr(0, colon));
    text.remove_prefix(colon + 1);
  }
  words.push_back(text);
  return words;
}

bool read_ms(std::string_view text, Duration& duration) {
  constexpr std::uint32_t kDayMs = 24U * 3600U * 1000U;
  std::uint32_t ms = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), ms);
  duration = from_ms(ms);
  return failure == std::errc{} && end == text.data() + text.size() && ms <= kDayMs;
}

/// All there are, such as `hung:heater`.
std::string choices() {
  std::string all;
  for (const FaultTarget& target : Platform::kFaultTargets) {
    all += all.empty() ? "" : " ";
    all += wire_name(target.kind);
    all += ":";
    all += target.name;
  }
  return all;
}

}  // namespace

Result<Fault> read_fault(std::string_view text, Instant start) {
  const std::vector<std::string_view> words = words_of(text);
  const FixedText<60> shown{text};
  if (words.size() != 4)
    return Error{Reason::malformed,
                 format_text<159>("--fault: found `%s`; expected %s", shown.c_str(), kForm.data())};
  const auto& known = Platform::kFaultTargets;
  const auto* target = std::find_if(known.begin(), known.end(), [&](const FaultTarget& each) {
    return wire_name(each.kind) == words[0] && each.name == words[1];
  });
  if (target == known.end())
    return Error{Reason::not_found,
                 format_text<159>("--fault: found `%s`; --help lists what can go wrong", shown.c_str())};
  Duration after{};
  Duration length{};
  if (!read_ms(words[2], after) || !read_ms(words[3], length))
    return Error{Reason::out_of_range,
                 format_text<159>("--fault: found `%s`; AFTER_MS and FOR_MS are whole numbers up to a day",
                                  shown.c_str())};
  return Fault{target->kind, target->name, start + after, start + after + length};
}

Result<void> take_fault_options(std::vector<const char*>& arguments, Faults& faults, Instant start) {
  for (auto it = arguments.begin(); it != arguments.end();) {
    const std::string_view word{*it};
    const bool is_joined = word.starts_with(kOption) && word.substr(kOption.size()).starts_with('=');
    if (word != kOption && !is_joined) {
      ++it;
      continue;
    }
    if (!is_joined && it + 1 == arguments.end())
      return Error{Reason::malformed, format_text<95>("--fault needs a value: --fault %s", kForm.data())};
    const Result<Fault> fault =
        read_fault(is_joined ? word.substr(kOption.size() + 1) : std::string_view{*(it + 1)}, start);
    if (!fault) return fault.error();
    if (!faults.add(*fault))
      return Error{Reason::too_big, format_text<95>("at most %zu --fault", Faults::kFaultsMax)};
    it = arguments.erase(it, it + (is_joined ? 1 : 2));
  }
  return {};
}

void print_fault_help(std::FILE* to) {
  std::fprintf(
      to, "\nand of the simulator alone:\n\n  %-18s %s\n  %-18s something goes wrong, one of\n  %-18s %s\n",
      kOption.data(), kForm.data(), "", "", choices().c_str());
}

}  // namespace signalbox::sim
