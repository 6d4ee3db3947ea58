#include "app/text_file.hpp"

#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <string>

namespace signalbox::app {
namespace {

class TextFileTest : public ::testing::Test {
 protected:
  TextFileTest() { std::filesystem::create_directories(folder_); }
  ~TextFileTest() override { std::filesystem::remove_all(folder_); }

  std::string file(const std::string& content) const {
    std::ofstream{folder_ / "text"} << content;
    return folder_ / "text";
  }

  std::filesystem::path folder_ =
      std::filesystem::path{::testing::TempDir()} /
      ("text_file." + std::string{::testing::UnitTest::GetInstance()->current_test_info()->name()});
  TextFile text_;
};

TEST_F(TextFileTest, IsReadWhole) {
  const std::string content(TextFile::kBytesMax, 'x');
  ASSERT_TRUE(text_.read(file(content).c_str()));
  EXPECT_EQ(text_.text(), content);
  EXPECT_EQ(text_.text().data()[content.size()], '\0');
}

TEST_F(TextFileTest, OneByteMoreIsTooBig) {
  const Result<void> read = text_.read(file(std::string(TextFile::kBytesMax + 1, 'x')).c_str());
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().reason, Reason::too_big);
}

TEST_F(TextFileTest, MissingFileIsNamed) {
  const Result<void> read = text_.read("no/such/file");
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().reason, Reason::not_found);
  EXPECT_EQ(read.error().detail.view(), "no/such/file: No such file or directory");
}

TEST_F(TextFileTest, DirectoryIsNoText) {
  const Result<void> read = text_.read(folder_.c_str());
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().reason, Reason::failed);
}

}  // namespace
}  // namespace signalbox::app
