#include "app/text_file.hpp"

#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <string>

namespace signalbox::app {
namespace {

class TextFileTest : public ::testing::Test {
 protected:
  TextFileTest() { std::filesystem::create_directories(folder); }
  ~TextFileTest() override { std::filesystem::remove_all(folder); }

  std::string file(const std::string& content) const {
    std::ofstream{folder / "text"} << content;
    return folder / "text";
  }

  std::filesystem::path folder =
      std::filesystem::path{::testing::TempDir()} /
      ("text_file." + std::string{::testing::UnitTest::GetInstance()->current_test_info()->name()});
  TextFile text;
};

TEST_F(TextFileTest, IsReadWhole) {
  const std::string content(TextFile::kBytesMax, 'x');
  ASSERT_TRUE(text.read(file(content).c_str()));
  EXPECT_EQ(text.text(), content);
  EXPECT_EQ(text.text().data()[content.size()], '\0');
}

TEST_F(TextFileTest, OneByteMoreIsTooBig) {
  const Result<void> read = text.read(file(std::string(TextFile::kBytesMax + 1, 'x')).c_str());
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().reason, Reason::too_big);
}

TEST_F(TextFileTest, MissingFileIsNamed) {
  const Result<void> read = text.read("no/such/file");
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().reason, Reason::not_found);
  EXPECT_EQ(read.error().detail.view(), "no/such/file: No such file or directory");
}

TEST_F(TextFileTest, DirectoryIsNoText) {
  const Result<void> read = text.read(folder.c_str());
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().reason, Reason::failed);
}

}  // namespace
}  // namespace signalbox::app
