#include "options.hpp"

#include <array>
#include <charconv>
#include <stdexcept>
#include <string_view>
#include <utility>

namespace bench {
namespace {

constexpr std::array<std::pair<std::string_view, Kind>, 4> kKinds{{{"echo", Kind::echo},
                                                                   {"listen", Kind::listen},
                                                                   {"connect", Kind::connect},
                                                                   {"handshake", Kind::handshake}}};

std::runtime_error wrong(std::string_view option, std::string_view value, std::string_view right) {
  const std::string space = value.empty() ? "" : " ";
  return std::runtime_error(std::string{option} + space + std::string{value} + ": must be " +
                            std::string{right});
}

Kind kind(std::string_view word) {
  for (const auto& [name, value] : kKinds)
    if (name == word) return value;
  throw wrong("load", word, "echo, listen, connect or handshake");
}

unsigned number(std::string_view option, std::string_view word, unsigned most) {
  unsigned value = 0;
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value);
  if (error != std::errc{} || end != word.data() + word.size() || value == 0 || value > most)
    throw wrong(option, word, "a number from 1 to " + std::to_string(most));
  return value;
}

}  // namespace

Options read_options(int count, char** words) {
  if (count < 2)
    throw wrong("load", "KIND [--OPTION VALUE]…", "given a kind: echo, listen, connect or handshake");
  Options out;
  out.kind = kind(words[1]);
  const std::array<std::pair<std::string_view, std::string*>, 6> texts{{{"--trust", &out.trust},
                                                                        {"--path", &out.path},
                                                                        {"--headers", &out.headers},
                                                                        {"--hello", &out.hello},
                                                                        {"--await", &out.awaited},
                                                                        {"--answer", &out.answer}}};
  for (int i = 2; i < count; ++i) {
    const std::string_view option{words[i]};
    if (option == "--resume") {
      out.resume = true;
      continue;
    }
    if (option == "--tls12") {
      out.tls12 = true;
      continue;
    }
    if (i + 1 == count) throw wrong(option, "", "followed by a value");
    const std::string_view value{words[++i]};
    if (option == "--port") {
      out.port = number(option, value, 65'535);
    } else if (option == "--connections") {
      out.connections = number(option, value, 20'000);
    } else if (option == "--message") {
      out.messages.emplace_back(value);
    } else {
      std::string* text = nullptr;
      for (const auto& [name, place] : texts)
        if (name == option) text = place;
      if (text == nullptr) throw std::runtime_error("there is no option " + std::string{option});
      *text = value;
    }
  }
  if (out.port == 0) throw wrong("--port", "", "given, a number from 1 to 65535");
  if (out.kind == Kind::echo && out.messages.empty()) throw wrong("--message", "", "given for an echo");
  return out;
}

}  // namespace bench
