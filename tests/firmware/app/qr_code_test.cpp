#include "app/qr_code.hpp"

#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <random>
#include <string>

namespace signalbox::app {
namespace {

class QrCodeTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = testing::TempDir() + "qrXXXXXX";
    folder = mkdtemp(pattern.data());
  }
  void TearDown() override { std::filesystem::remove_all(folder); }

  /// What somebody else's decoder reads in the picture `file`.
  static std::string decode(const std::filesystem::path& file) {
    std::FILE* pipe = popen(
        ("zbarimg --nodbus --quiet --raw -Sdisable -Sqrcode.enable '" + file.string() + "' 2>&1").c_str(),
        "r");
    std::string text;
    for (int c = std::fgetc(pipe); c != EOF; c = std::fgetc(pipe)) text += static_cast<char>(c);
    pclose(pipe);
    if (text.ends_with('\n')) text.pop_back();
    return text;
  }

  /// The code as a picture, four points for a module.
  std::filesystem::path paint(const QrCode& code) const {
    constexpr unsigned kScale = 4;
    constexpr unsigned kQuiet = 4;
    const unsigned side = (code.size() + 2 * kQuiet) * kScale;
    std::filesystem::path file = folder / "code.pbm";
    std::ofstream out{file};
    out << "P1 " << side << ' ' << side << '\n';
    for (unsigned y = 0; y < side; ++y)
      for (unsigned x = 0; x < side; ++x) {
        const unsigned column = x / kScale - kQuiet;
        const unsigned row = y / kScale - kQuiet;
        out << (column < code.size() && row < code.size() && code.is_dark(column, row) ? "1 " : "0 ");
      }
    return file;
  }

  std::filesystem::path folder;
};

TEST_F(QrCodeTest, OthersReadWhatWeWrite) {
  std::mt19937 random{7};
  constexpr std::string_view kLetters =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.:/#=";
  // the smallest and largest text of each version
  const std::array<std::pair<std::size_t, unsigned>, 10> sizes{
      {{1, 21}, {17, 21}, {18, 25}, {32, 25}, {33, 29}, {53, 29}, {54, 33}, {78, 33}, {79, 37}, {106, 37}}};
  for (const auto& [bytes, side] : sizes) {
    std::string text;
    for (std::size_t i = 0; i < bytes; ++i) text += kLetters[random() % kLetters.size()];
    const std::optional<QrCode> code = QrCode::of(text);
    ASSERT_TRUE(code);
    EXPECT_EQ(code->size(), side);
    EXPECT_EQ(decode(paint(*code)), text);
  }
}

TEST_F(QrCodeTest, AnAddressOfADevice) {
  constexpr std::string_view kUrl =
      "https://192.168.100.200:8443/ca.crt#sha256=0fIZ2k6zYkDqYb9N0TQ2ZIW5ahKFlVwGf0UMcqTnZkk";
  EXPECT_EQ(decode(paint(*QrCode::of(kUrl))), kUrl);
}

TEST_F(QrCodeTest, ManyTextsOfOneLength) {  // so that all masks come
  for (int i = 0; i < 6; ++i) {
    const std::string text = "https://bench" + std::to_string(i) + ".local:8443/ca.crt";
    EXPECT_EQ(decode(paint(*QrCode::of(text))), text);
  }
}

TEST_F(QrCodeTest, DamageIsMended) {
  const std::string text(70, 'q');
  QrCode code = *QrCode::of(text);
  const std::filesystem::path file = paint(code);
  std::ifstream in{file};
  std::string picture{std::istreambuf_iterator<char>{in}, {}};
  // a stain of 6 × 2 modules among the data, which level L can mend
  const std::size_t start = picture.find('\n') + 1;
  const std::size_t side = (code.size() + 8) * 4;
  for (std::size_t y = 80; y < 88; ++y)
    for (std::size_t x = 80; x < 104; ++x) picture[start + 2 * (y * side + x)] = '1';
  std::ofstream{file} << picture;
  EXPECT_EQ(decode(file), text);
}

TEST_F(QrCodeTest, TooMuchIsNoCode) {
  EXPECT_TRUE(QrCode::of(std::string(QrCode::kTextBytesMax, 'x')));
  EXPECT_FALSE(QrCode::of(std::string(QrCode::kTextBytesMax + 1, 'x')));
}

TEST_F(QrCodeTest, PrintedInHalfBlocks) {
  const QrCode code = *QrCode::of("https://bench.local:8443/");
  const std::filesystem::path file = folder / "text";
  std::FILE* out = std::fopen(file.c_str(), "w");
  code.print(out, "  ");
  std::fclose(out);
  // back to a picture, as an eye sees it on a dark console
  std::ifstream in{file};
  std::vector<std::string> rows;
  std::size_t columns = 0;
  for (std::string line; std::getline(in, line);) {
    ASSERT_TRUE(line.starts_with("  "));
    std::string upper;
    std::string lower;
    for (std::size_t i = 2; i < line.size();) {
      const std::string letter = line.substr(i, line[i] == ' ' ? 1 : 3);
      upper += letter == "█" || letter == "▀" ? '0' : '1';
      lower += letter == "█" || letter == "▄" ? '0' : '1';
      i += letter.size();
    }
    columns = upper.size();
    rows.push_back(upper);
    rows.push_back(lower);
  }
  std::ofstream picture{folder / "text.pbm"};
  picture << "P1 " << 4 * columns << ' ' << 4 * rows.size() << '\n';
  for (const std::string& row : rows)
    for (int repeat = 0; repeat < 4; ++repeat)
      for (const char module : row)
        for (int i = 0; i < 4; ++i) picture << module << ' ';
  picture.close();
  EXPECT_EQ(decode(folder / "text.pbm"), "https://bench.local:8443/");
}

}  // namespace
}  // namespace signalbox::app
