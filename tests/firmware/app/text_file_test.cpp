#include "app/text_file.hpp"

#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <string>
#include <sys/stat.h>
#include <unistd.h>

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

TEST_F(TextFileTest, AKeyThatOthersMayReadIsRefused) {
  const std::string key = file("secret");
  for (const mode_t good : {0600U, 0400U, 0700U}) {
    ASSERT_EQ(::chmod(key.c_str(), good), 0);
    EXPECT_TRUE(text.read_secret(key.c_str())) << good;
  }
  for (const mode_t bad : {0640U, 0604U, 0610U, 0644U, 0602U}) {
    ASSERT_EQ(::chmod(key.c_str(), bad), 0);
    const Result<void> read = text.read_secret(key.c_str());
    ASSERT_FALSE(read) << bad;
    EXPECT_EQ(read.error().reason, Reason::forbidden);
    EXPECT_EQ(text.text(), "");
  }
  EXPECT_EQ(text.read_secret(key.c_str()).error().detail.view().substr(key.size() > 60 ? 60 : key.size()),
            ": others may use this key (its mode is 0602); expected 0600");
  EXPECT_TRUE(text.read(key.c_str()));
  if (::geteuid() != 0) return;
  ASSERT_EQ(::chown(key.c_str(), 12345, 12345), 0);
  ASSERT_EQ(::chmod(key.c_str(), 0640), 0);
  EXPECT_TRUE(text.read_secret(key.c_str())) << "whose group we are in for this";
  ASSERT_EQ(::chmod(key.c_str(), 0644), 0);
  EXPECT_FALSE(text.read_secret(key.c_str()));
}

}  // namespace
}  // namespace signalbox::app
