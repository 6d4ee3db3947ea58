#include "app/verify_journal.hpp"

#include <algorithm>
#include <gtest/gtest.h>
#include <string>
#include <vector>

#include "firmware/app/print.hpp"
#include "firmware/journal/record.hpp"
#include "hal/linux/temporary_directory.hpp"

namespace signalbox::app {
namespace {

class VerifyJournalTest : public testing::Test {
 protected:
  VerifyJournalTest() {
    chain.add({.kind = journal::Record::Kind::started}).add(journal::heated()).add(journal::heated());
    chain.add({.kind = journal::Record::Kind::gap}).add({.kind = journal::Record::Kind::ended});
  }
  std::string path(const std::string& name) { return directory.path() / name; }
  /// The exit code and what is said.
  std::string verify(const std::vector<std::string>& names) {
    std::vector<std::string> paths(names.size());
    std::transform(names.begin(), names.end(), paths.begin(),
                   [this](const auto& name) { return path(name); });
    std::vector<const char*> files(names.size());
    std::transform(paths.begin(), paths.end(), files.begin(), [](const auto& its) { return its.c_str(); });
    Print said;
    Print complained;
    const int code = verify_journal(files, said.file(), complained.file());
    EXPECT_EQ(said.text().empty(), code != 0);
    EXPECT_EQ(complained.text().empty(), code == 0);
    return said.text() + complained.text();
  }

  hal::kernel::TemporaryDirectory directory;
  journal::Chain chain;
};

TEST_F(VerifyJournalTest, SaysHowMuchIsProven) {
  directory.put("journal", chain.text());
  const std::string said = verify({"journal"});
  EXPECT_TRUE(said.starts_with("journal: 5 records proven, 1 to 5; gaps: 1; it ends with a stop in order\n"))
      << said;
  EXPECT_NE(said.find("hash of the last: " + chain.lines.back().substr(chain.lines.back().size() - 67, 64)),
            std::string::npos);
}

TEST_F(VerifyJournalTest, TakesSeveralFilesOldestFirst) {
  directory.put("journal.1", chain.lines[0] + chain.lines[1]);
  directory.put("journal", chain.lines[2] + chain.lines[3]);
  EXPECT_TRUE(verify({"journal.1", "journal"})
                  .starts_with("journal: 4 records proven, 1 to 4; gaps: 1; it goes on, or was cut off"));
  EXPECT_EQ(verify({"journal", "journal.1"}),
            "signalbox: " + path("journal.1") +
                ":1: sequence: found 1; expected 5: removed, reordered, or files not oldest first\n"
                "signalbox: 2 records before that are proven\n");
}

TEST_F(VerifyJournalTest, SaysWhichLineIsWrong) {
  std::string changed = chain.text();
  changed.replace(changed.find("owner", chain.lines[0].size() + chain.lines[1].size()), 5, "guest");
  directory.put("journal", changed);
  const std::string said = verify({"journal"});
  EXPECT_TRUE(said.starts_with("signalbox: " + path("journal") + ":3: hash: found ")) << said;
  EXPECT_TRUE(said.ends_with("...\nsignalbox: 2 records before that are proven\n")) << said;
}

TEST_F(VerifyJournalTest, ATornLineIsNotProven) {
  directory.put("journal", chain.lines[0] + chain.lines[1].substr(0, 99));
  EXPECT_EQ(verify({"journal"}), "signalbox: " + path("journal") +
                                     ":2: line: found 99 characters and the end of the file; a power cut "
                                     "left it incomplete\n"
                                     "signalbox: 1 records before that are proven\n");
  directory.put("journal", std::string(100'000, 'x'));
  EXPECT_NE(verify({"journal"}).find(":1: line: found more than 3072 characters"), std::string::npos);
}

TEST_F(VerifyJournalTest, SaysWhatCannotBeRead) {
  directory.put("journal", chain.text());
  EXPECT_EQ(verify({"journal", "nothing"}),
            "signalbox: " + path("nothing") +
                ": No such file or directory\nsignalbox: 5 records before that are proven\n");
  EXPECT_NE(verify({""}).find("Is a directory"), std::string::npos);
}

TEST_F(VerifyJournalTest, AnEmptyJournalHasNoRecords) {
  directory.put("journal", "");
  EXPECT_EQ(verify({"journal"}), "journal: 0 records proven\n");
}

}  // namespace
}  // namespace signalbox::app
